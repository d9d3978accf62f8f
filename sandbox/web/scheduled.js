/** The scheduled events of a server: a row in the sidebar while there are any, and the list behind it. */

import { openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { richText } from "./markdown_view.js";
import { timeElement } from "./times.js";

/** @typedef {import("./types.js").ScheduledEvent} ScheduledEvent */
/** @typedef {import("./types.js").Guild} Guild */

const PLANNED = 1;
const RUNNING = 2;

/** @param {Guild} guild @returns {ScheduledEvent[]} those that are on or still to come, soonest first */
export function openEvents(guild) {
  const start = (/** @type {ScheduledEvent} */ one) => Date.parse(one.scheduled_start_time);
  return guild.guild_scheduled_events.filter((one) => one.status === PLANNED || one.status === RUNNING).sort((a, b) => start(a) - start(b));
}

/** @param {import("./markdown_view.js").TextContext} context @param {Guild} guild */
export function showEvents(context, guild) {
  const list = openEvents(guild);
  openDialog({ title: "Events", subtitle: guild.name, kind: "side", body: [list.length ? h("ul", { class: "events", role: "list" }, list.map((one) => h("li", { class: "event" }, drawEvent(one, context)))) : h("p", { class: "empty-note" }, "Nothing is planned.")] });
}

/** @param {ScheduledEvent} event @param {import("./markdown_view.js").TextContext} context */
function drawEvent(event, context) {
  const channel = context.world.channel(event.channel_id ?? undefined);
  const place = event.entity_metadata?.location ?? (channel ? context.world.titleOf(channel) : "");
  const time = (/** @type {string | null | undefined} */ iso, /** @type {string} */ style) => timeElement(Date.parse(iso ?? "") / 1000, style);
  return [
    h("p", { class: "event-when" }, event.status === RUNNING ? h("span", { class: "tag" }, "Now") : time(event.scheduled_start_time, "R"), " ", time(event.scheduled_start_time, "f"), event.scheduled_end_time && [" to ", time(event.scheduled_end_time, "f")]),
    h("h3", {}, h("bdi", {}, event.name)),
    place && h("p", { class: "event-place" }, icon("pin", 15), h("bdi", {}, place)),
    event.description && richText(event.description, context),
  ];
}
