/** A forum channel: its posts as cards, and a form for a new one. */

import { askDialog } from "./dialog.js";
import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { isThread } from "./permissions.js";
import { timeElement } from "./times.js";

const EPOCH = 1_420_070_400_000n;

/** @param {string} id @returns {number} when an id was made, in seconds since 1970 */
export function madeAt(id) {
  try {
    return Number((BigInt(id) >> 22n) + EPOCH) / 1000;
  } catch {
    return Number.NaN;
  }
}

export class Forum {
  /** @param {{open: (id: string) => void, post: (channel: import("./types.js").Channel, name: string, content: string, tags: string[]) => Promise<void>}} hooks */
  constructor(hooks) {
    this.hooks = hooks;
    this.element = h("div", { class: "forum" });
  }

  /** @param {import("./state.js").World} world @param {import("./types.js").Channel} channel @param {boolean} mayPost */
  draw(world, channel, mayPost) {
    const posts = world.channelsOf(channel.guild_id).filter((one) => isThread(one) && one.parent_id === channel.id)
      .sort((a, b) => (b.last_message_id ?? b.id).padStart(20, "0").localeCompare((a.last_message_id ?? a.id).padStart(20, "0")));
    const tags = new Map((channel.available_tags ?? []).map((tag) => [tag.id, tag]));
    fill(this.element,
      h("div", { class: "forum-head" }, h("p", {}, channel.topic || "Posts of this forum"), mayPost && h("button", { type: "button", class: "button primary", on: { click: () => this.compose(channel) } }, icon("plus", 16), "New post")),
      posts.length ? h("ul", { class: "forum-posts", role: "list" }, posts.map((post) => this.card(world, post, tags))) : h("p", { class: "empty-note" }, "No posts yet."));
  }

  /** @param {import("./state.js").World} world @param {import("./types.js").Channel} post @param {Map<string, {name: string}>} tags */
  card(world, post, tags) {
    const author = world.nameOf(post.owner_id ?? "", world.guildOf(post.id));
    return h("li", {}, h("button", { type: "button", class: "forum-card", on: { click: () => this.hooks.open(post.id) } },
      h("span", { class: "forum-tags" }, (post.applied_tags ?? []).map((id) => h("span", { class: "tag" }, tags.get(id)?.name ?? "tag")), post.thread_metadata?.locked && h("span", { class: "tag" }, "locked"), post.thread_metadata?.archived && h("span", { class: "tag" }, "archived")),
      h("bdi", { class: "forum-title" }, post.name),
      h("span", { class: "forum-meta" }, h("bdi", {}, author), ` · ${post.message_count ?? 0} ${post.message_count === 1 ? "message" : "messages"} · `, timeElement(madeAt(post.last_message_id ?? post.id), "R"))));
  }

  /** @param {import("./types.js").Channel} channel */
  compose(channel) {
    const tags = (channel.available_tags ?? []).slice(0, 20);
    const boxes = tags.map((tag) => h("label", { class: "option inline" }, h("input", { type: "checkbox", value: tag.id }), h("bdi", {}, tag.name)));
    askDialog({
      title: `New post in ${channel.name}`,
      action: "Post",
      fields: [{ name: "name", label: "Title", max: 100, required: true }, { name: "content", label: "Text", max: 2000, required: true, long: true }],
      extra: tags.length ? h("fieldset", { class: "field" }, h("legend", { class: "field-label" }, "Tags"), h("div", { class: "options-inline" }, boxes)) : null,
      run: ({ name, content }) => this.hooks.post(channel, name, content, boxes.map((box) => box.querySelector("input")).filter((input) => input.checked).map((input) => input.value)),
    });
  }
}
