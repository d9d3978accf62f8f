/** Faces, names and choices for people, roles and channels. */

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { avatarUrl } from "./links.js";
import { CHANNEL, isForum, isThread } from "./permissions.js";

/** @typedef {import("./types.js").User} User */
/** @typedef {import("./picker.js").Choice} Choice */

/** @param {string} id @returns {number} a hue that stays with the id; neighbouring ids get far apart hues (golden angle) */
function hueOf(id) {
  const number = /^\d+$/.test(id) ? Number(id.slice(-6)) : [...id].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 9973, 7);
  return Math.round((number * 137.508) % 360);
}

/**
 * A decorative face: the picture if there is one, else the first letter on a colour of its own.
 * @param {Partial<User> | undefined} user @param {number} [size] @param {string} [name] @returns {HTMLElement}
 */
export function face(user, size = 40, name) {
  const url = user?.id ? avatarUrl(/** @type {User} */ (user)) : null;
  const label = name ?? user?.global_name ?? user?.username ?? "?";
  const letter = [...label.trim()][0]?.toUpperCase() ?? "?";
  const style = { "--hue": String(hueOf(String(user?.id ?? label))), "--size": `${size}px` };
  const initial = h("span", { class: user?.bot ? "face bot" : "face", "aria-hidden": "true", style }, letter);
  if (!url) return initial;
  /** @param {Event} event A picture that does not come leaves the letter. */
  const failed = (event) => /** @type {Element} */ (event.currentTarget).remove();
  initial.append(h("img", { src: url, alt: "", loading: "lazy", width: size, height: size, on: { error: failed } }));
  return initial;
}

/** @param {number} colour 24-bit, 0 for none @returns {string} */
export function cssColour(colour) {
  const value = Number(colour);
  return Number.isInteger(value) && value > 0 && value <= 0xffffff ? `#${value.toString(16).padStart(6, "0")}` : "";
}

/** @param {import("./types.js").Channel | undefined} channel @returns {import("./icons.js").IconName} */
export function channelIcon(channel) {
  if (isForum(channel)) return "forum";
  if (isThread(channel)) return "thread";
  if (channel?.type === CHANNEL.announcement) return "megaphone";
  if (channel?.type === CHANNEL.voice || channel?.type === CHANNEL.stage) return "voice";
  if (channel?.type === CHANNEL.dm || channel?.type === CHANNEL.groupDm) return "person";
  return "hash";
}

/** @param {import("./types.js").Role} role @returns {HTMLElement} */
function roleDot(role) {
  return h("span", { class: "role-dot", "aria-hidden": "true", style: cssColour(role.color) ? { background: cssColour(role.color) } : {} });
}

/** @param {import("./state.js").World} world @param {import("./types.js").Guild} [guild] @returns {Choice[]} */
export function peopleChoices(world, guild) {
  const users = guild ? guild.members.map((member) => member.user).filter(Boolean) : [...world.users.values()];
  return users.map((user) => ({ value: user.id, label: world.nameOf(user.id, guild), description: `@${user.username ?? "unknown"}${user.bot ? " · app" : ""}`, leading: face(user, 24) }))
    .sort((a, b) => a.label.localeCompare(b.label));
}

/** @param {import("./types.js").Guild} [guild] @returns {Choice[]} */
export function roleChoices(guild) {
  return (guild?.roles ?? []).filter((role) => role.id !== guild?.id).sort((a, b) => b.position - a.position).map((role) => ({ value: role.id, label: role.name, description: "Role", leading: roleDot(role) }));
}

/** @param {import("./state.js").World} world @param {import("./types.js").Guild} [guild] @param {number[]} [types] @returns {Choice[]} */
export function channelChoices(world, guild, types) {
  return world.channelsOf(guild?.id).filter((channel) => (types?.length ? types.includes(channel.type) : true))
    .map((channel) => ({ value: channel.id, label: world.titleOf(channel), description: parentName(world, channel), leading: h("span", { class: "choice-icon" }, icon(channelIcon(channel), 16)) }));
}

/** @param {import("./state.js").World} world @param {import("./types.js").Channel} channel @returns {string} */
function parentName(world, channel) {
  const parent = world.channel(channel.parent_id ?? undefined);
  return parent ? `in ${world.titleOf(parent)}` : "";
}

/**
 * What a select of any kind offers here.
 * @param {import("./types.js").Component} component @param {import("./state.js").World} world @param {import("./types.js").Guild} [guild]
 * @param {(emoji: any) => Node} [drawEmoji] @returns {Choice[]}
 */
export function selectChoices(component, world, guild, drawEmoji) {
  if (component.type === 5) return peopleChoices(world, guild);
  if (component.type === 6) return roleChoices(guild);
  if (component.type === 7) return [...peopleChoices(world, guild), ...roleChoices(guild)];
  if (component.type === 8) return channelChoices(world, guild, component.channel_types);
  return (component.options ?? []).slice(0, 100).map((/** @type {any} */ option) => ({
    value: String(option?.value ?? ""), label: String(option?.label ?? ""), description: option?.description ?? "", leading: option?.emoji && drawEmoji ? drawEmoji(option.emoji) : null,
  }));
}

/** @param {import("./types.js").Component} component @returns {string[]} what is chosen before anybody chose */
export function preset(component) {
  if (component.type === 3) return (component.options ?? []).filter((/** @type {any} */ one) => one?.default).map((/** @type {any} */ one) => String(one.value));
  return (component.default_values ?? []).map((/** @type {any} */ one) => String(one?.id));
}

export const SELECT_HINTS = /** @type {Record<number, string>} */ ({ 3: "Choose", 5: "Choose people", 6: "Choose roles", 7: "Choose people or roles", 8: "Choose channels" });
