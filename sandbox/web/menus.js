/** What can be done with a message, a person and a channel, commands of apps included. */

import { askDialog, openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { QUICK, openEmojiPicker } from "./emoji.js";
import { face } from "./entities.js";
import { icon } from "./icons.js";
import { openMenu } from "./menu.js";
import { FLAG, drawMessage, has } from "./message.js";
import { PERMISSION, allowed, isThread } from "./permissions.js";

/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./popup.js").Place} Place */
/** @typedef {import("./app.js").App} App */

/** Types of message that people or apps wrote. */
const PINNABLE = { 0: 1, 19: 1, 20: 1, 23: 1 };

/** @param {App} app @param {string} text @param {string} what */
async function copy(app, text, what) {
  try {
    await navigator.clipboard.writeText(text);
    app.notices.show(`${what} copied.`);
  } catch {
    app.notices.show("The browser did not allow copying.", "problem");
  }
}

/** @param {App} app @param {number} type 2 for people, 3 for messages @param {string} target @returns {Promise<import("./menu.js").MenuGroup[]>} one group an app */
async function appCommands(app, type, target) {
  /** @type {import("./types.js").Command[]} */
  let commands = [];
  try {
    commands = await app.commands();
  } catch {
    return [];
  }
  /** @type {Map<string, import("./menu.js").MenuItem[]>} */
  const groups = new Map();
  for (const command of commands.filter((one) => one.type === type)) {
    const name = app.session.world.applications.get(command.application_id)?.name ?? "App";
    groups.set(name, [...(groups.get(name) ?? []), { label: command.name, icon: "spark", run: () => app.runContext(command, target) }]);
  }
  return [...groups].map(([title, items]) => ({ title, items }));
}

/** @param {App} app @param {Message} message @param {Place} place */
export async function messageMenu(app, message, place) {
  const { world } = app.session;
  const returnTo = place instanceof Element ? place : document.activeElement;
  const ephemeral = has(message, FLAG.ephemeral);
  const mine = message.author?.id === world.me.id;
  const channel = world.channel(message.channel_id);
  const groups = ephemeral ? [] : await appCommands(app, 3, message.id);
  const mayDelete = !ephemeral && (mine || allowed(channel, PERMISSION.manageMessages));
  /** @type {import("./menu.js").MenuItem[]} */
  const items = [];
  if (!ephemeral && app.view.canReply) items.push({ label: "Reply", icon: "reply", run: () => app.composer.setMode({ reply: message }) });
  if (mine && !message.poll && message.type in { 0: 1, 19: 1 }) items.push({ label: "Edit", icon: "edit", run: () => app.composer.setMode({ edit: message }) });
  if (!ephemeral && !isThread(channel) && !message.thread && channel?.guild_id && allowed(channel, PERMISSION.publicThreads)) items.push({ label: "Start a thread", icon: "thread", run: () => askThread(app, message) });
  if (message.content) items.push({ label: "Copy text", icon: "copy", run: () => copy(app, message.content, "Text") });
  items.push({ label: "Copy id", icon: "hash", run: () => copy(app, message.id, "Id") });
  const named = { channel_id: message.channel_id, message_id: message.id };
  if (!ephemeral && message.type in PINNABLE && allowed(channel, PERMISSION.pinMessages)) items.push(message.pinned ? { label: "Unpin", icon: "pin", run: () => app.act("unpin", named) } : { label: "Pin", icon: "pin", run: () => app.act("pin", named) });
  const danger = [];
  if (ephemeral) danger.push({ label: "Dismiss", icon: /** @type {const} */ ("close"), run: () => app.view.dismiss(message) });
  if (mayDelete) danger.push({ label: "Delete", icon: /** @type {const} */ ("trash"), danger: true, run: () => app.act("delete", named) });
  const quick = !ephemeral && app.view.canReact ? quickReactions(app, message) : undefined;
  const popup = openMenu(place, "Message", [{ items }, ...groups, { items: danger }], { header: quick, returnTo });
  quick?.addEventListener("click", () => popup.close(true));
}

/** @param {App} app @param {Message} message */
function quickReactions(app, message) {
  const mine = new Set((message.reactions ?? []).filter((one) => one.me && !one.emoji.id).map((one) => one.emoji.name));
  const buttons = QUICK.map((char) => h("button", { type: "button", class: "quick", "aria-label": `React with ${char}`, "aria-pressed": String(mine.has(char)), on: { click: () => app.view.react(message, { id: null, name: char }, !mine.has(char)) } }, char));
  return h("div", { class: "quick-row", role: "group", "aria-label": "React" }, buttons);
}

/** @param {App} app @param {Message} message @param {Element} anchor */
export function pickReaction(app, message, anchor) {
  const guild = app.session.world.guildOf(message.channel_id);
  openEmojiPicker(anchor, guild?.emojis ?? [], (emoji) => app.view.react(message, emoji, true));
}

/** @param {App} app @param {string} userId @param {Place} place */
export async function userMenu(app, userId, place) {
  const { world } = app.session;
  const returnTo = place instanceof Element ? place : document.activeElement;
  const user = world.users.get(userId);
  const guild = world.guildOf(app.channelId);
  const name = world.nameOf(userId, guild);
  const groups = guild ? await appCommands(app, 2, userId) : [];
  const roles = (guild?.roles ?? []).filter((role) => world.member(guild, userId)?.roles.includes(role.id)).map((role) => role.name);
  const header = h("div", { class: "person-card" }, face(user, 44, name), h("div", {}, h("bdi", { class: "person-card-name" }, name), h("bdi", { class: "person-card-note" }, `@${user?.username ?? "unknown"}${user?.bot ? " · app" : ""}`), roles.length > 0 && h("span", { class: "person-card-roles" }, roles.slice(0, 6).map((role) => h("span", { class: "tag" }, role)))));
  /** @type {import("./menu.js").MenuItem[]} */
  const items = [];
  if (userId !== world.me.id) items.push({ label: "Message", icon: "person", run: () => app.openDirect(userId) });
  items.push({ label: "Mention", icon: "at", run: () => app.composer.insert(`<@${userId}> `) }, { label: "Copy id", icon: "hash", run: () => copy(app, userId, "Id") });
  openMenu(place, name, [{ items }, ...groups], { header, returnTo });
}

/** @param {App} app @param {import("./types.js").Channel} channel @param {Place} place */
export function channelMenu(app, channel, place) {
  const thread = isThread(channel);
  openMenu(place, app.session.world.titleOf(channel), [{ items: [
    { label: "Open", icon: "right", run: () => app.openChannel(channel.id) },
    ...(thread ? [{ label: "Join the thread", icon: /** @type {const} */ ("plus"), run: () => app.act("join_thread", { channel_id: channel.id }) }, { label: "Leave the thread", icon: /** @type {const} */ ("close"), run: () => app.act("leave_thread", { channel_id: channel.id }) }] : []),
    { label: "Copy id", icon: "hash", run: () => copy(app, channel.id, "Id") },
  ] }]);
}

/** @param {App} app @param {Message} [message] the message it grows from */
export function askThread(app, message) {
  askDialog({
    title: "Start a thread",
    action: "Start",
    fields: [{ name: "name", label: "Name", max: 100, required: true, value: (message?.content ?? "").slice(0, 60).replace(/\s+/g, " ").trim() }],
    run: async ({ name }) => {
      const thread = await app.session.api.act("thread", { channel_id: app.channelId, name, ...(message ? { message_id: message.id } : {}) });
      if (thread?.id) app.openNewThread(thread);
    },
  });
}

/** @param {App} app */
export async function showPins(app) {
  const list = h("div", { class: "pins", role: "feed", "aria-label": "Pinned messages" }, h("p", { class: "loading-note" }, h("span", { class: "spinner" }), "Loading"));
  const dialog = openDialog({ title: "Pinned messages", kind: "side", body: [list] });
  const mayUnpin = allowed(app.session.world.channel(app.channelId), PERMISSION.pinMessages);
  const context = { ...app.view, readOnly: true };
  const nothing = () => h("p", { class: "empty-note" }, "Nothing is pinned here.");
  /** @param {Message} message @param {HTMLElement} card */
  const unpin = async (message, card) => {
    if (!(await app.act("unpin", { channel_id: message.channel_id, message_id: message.id }))) return;
    card.remove();
    if (!list.children.length) list.append(nothing());
    dialog.element.querySelector("button")?.focus();
  };
  /** @param {Message} message */
  const draw = (message) => {
    const go = () => {
      dialog.close();
      app.jumpTo(message.id);
    };
    const card = h("div", { class: "pin" }, drawMessage(message, false, context),
      h("button", { type: "button", class: "button quiet small", on: { click: go } }, "Go to it", icon("right", 15)),
      mayUnpin && h("button", { type: "button", class: "button quiet small", on: { click: () => unpin(message, card) } }, "Unpin"));
    return card;
  };
  try {
    const pins = await app.session.api.pins(app.channelId ?? "");
    list.replaceChildren(...(pins.length ? pins.map(draw) : [nothing()]));
  } catch (error) {
    list.replaceChildren(h("p", { class: "form-problem" }, error instanceof Error ? error.message : String(error)));
  }
}
