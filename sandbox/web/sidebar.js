/** Servers, channels, threads, posts and direct messages, at the left. */

import { fill, h } from "./dom.js";
import { channelIcon, face } from "./entities.js";
import { icon } from "./icons.js";
import { roving } from "./menu.js";
import { CHANNEL, isForum, isThread } from "./permissions.js";
import { openEvents } from "./scheduled.js";

/** @typedef {import("./types.js").Channel} Channel */
/** @typedef {import("./state.js").World} World */

const SHOWN_THREADS = 12;

export class Sidebar {
  /** @param {{open: (id: string) => void, menu: (channel: Channel, place: import("./popup.js").Place) => void, events: (guild: import("./types.js").Guild) => void}} hooks */
  constructor(hooks) {
    this.hooks = hooks;
    this.list = h("div", { class: "sidebar-list" });
    this.element = h("nav", { class: "sidebar", "aria-label": "Channels", id: "sidebar" }, this.list);
    this.settle = roving(this.list, ".channel");
  }

  /** @param {World} world @param {string | undefined} current */
  draw(world, current) {
    const focused = /** @type {HTMLElement | null} */ (this.list.contains(document.activeElement) ? document.activeElement : null)?.dataset.id;
    const guilds = [...world.guilds.values()].sort((a, b) => a.name.localeCompare(b.name));
    const direct = world.channelsOf(undefined).filter((channel) => channel.type === CHANNEL.dm || channel.type === CHANNEL.groupDm);
    fill(this.list,
      guilds.map((guild) => h("section", { class: "guild", "aria-label": guild.name }, h("h2", { class: "guild-name" }, h("span", { class: "guild-mark", "aria-hidden": "true" }, [...guild.name][0] ?? "?"), h("bdi", {}, guild.name)), this.eventsRow(guild), this.guildRows(world, guild.id, current))),
      direct.length > 0 && h("section", { class: "guild", "aria-label": "Direct messages" }, h("h2", { class: "guild-name quiet" }, "Direct messages"), h("ul", { role: "list" }, direct.map((channel) => this.row(world, channel, current, 0)))),
      !guilds.length && !direct.length && h("p", { class: "sidebar-empty" }, "This person is not in any server."));
    const open = this.list.querySelector('[aria-current="page"]');
    if (open) /** @type {HTMLElement} */ (open).tabIndex = 0;
    this.settle();
    if (focused) /** @type {HTMLElement | null} */ (this.list.querySelector(`[data-id="${CSS.escape(focused)}"]`))?.focus();
  }

  /** @param {import("./types.js").Guild} guild */
  eventsRow(guild) {
    const count = openEvents(guild).length;
    return count > 0 && h("ul", { role: "list" }, h("li", {}, h("button", { type: "button", class: "channel events-row", tabindex: "-1", data: { id: `events-${guild.id}` }, on: { click: () => this.hooks.events(guild) } }, icon("clock"), h("span", { class: "channel-name" }, "Events"), h("span", { class: "channel-count" }, String(count)))));
  }

  /** @param {World} world @param {string} guildId @param {string | undefined} current */
  guildRows(world, guildId, current) {
    const all = world.channelsOf(guildId);
    const channels = all.filter((channel) => !isThread(channel));
    const order = (/** @type {Channel} */ a, /** @type {Channel} */ b) => (a.position ?? 0) - (b.position ?? 0) || a.id.length - b.id.length || (a.id < b.id ? -1 : 1);
    const categories = channels.filter((channel) => channel.type === CHANNEL.category).sort(order);
    const loose = channels.filter((channel) => channel.type !== CHANNEL.category && !channels.some((one) => one.id === channel.parent_id)).sort(order);
    const rows = (/** @type {Channel[]} */ list) => list.flatMap((channel) => [this.row(world, channel, current, 0), ...this.threadRows(world, all, channel, current)]);
    const groups = categories.map((category) => {
      const inside = channels.filter((channel) => channel.parent_id === category.id).sort(order);
      return inside.length > 0 && h("div", { class: "category", role: "group", "aria-label": category.name }, h("h3", {}, h("bdi", {}, category.name)), h("ul", { role: "list" }, rows(inside)));
    });
    return [loose.length > 0 && h("ul", { role: "list" }, rows(loose)), groups];
  }

  /** @param {World} world @param {Channel[]} all @param {Channel} parent @param {string | undefined} current */
  threadRows(world, all, parent, current) {
    const threads = all.filter((channel) => isThread(channel) && channel.parent_id === parent.id);
    const live = threads.filter((thread) => !thread.thread_metadata?.archived || thread.id === current);
    const recent = live.sort((a, b) => newest(b).localeCompare(newest(a))).slice(0, SHOWN_THREADS);
    const rows = recent.map((thread) => this.row(world, thread, current, 1));
    if (live.length > recent.length) rows.push(h("li", { class: "channel-more" }, `${live.length - recent.length} more${isForum(parent) ? " in the forum" : ""}`));
    return rows;
  }

  /** @param {World} world @param {Channel} channel @param {string | undefined} current @param {number} depth */
  row(world, channel, current, depth) {
    const here = channel.id === current;
    const unread = world.unread.has(channel.id) && !here;
    const other = channel.recipients?.find((user) => user.id !== world.me.id);
    const locked = channel.thread_metadata?.locked;
    /** @param {MouseEvent} event */
    const contextmenu = (event) => {
      event.preventDefault();
      this.hooks.menu(channel, event.clientX ? { x: event.clientX, y: event.clientY } : /** @type {Element} */ (event.currentTarget));
    };
    return h("li", {}, h("button", {
      type: "button", class: `channel depth-${depth}${unread ? " unread" : ""}`, tabindex: "-1", "aria-current": here ? "page" : null, data: { id: channel.id },
      on: { click: () => this.hooks.open(channel.id), contextmenu },
    }, other ? face(other, 22) : icon(locked ? "lock" : channelIcon(channel), 17), h("bdi", { class: "channel-name" }, world.titleOf(channel)), other?.bot && h("span", { class: "badge" }, "App"), unread && h("span", { class: "sr-only" }, ", unread")));
  }
}

/** @param {Channel} thread @returns {string} sortable by age */
function newest(thread) {
  return (thread.last_message_id ?? thread.id).padStart(20, "0");
}
