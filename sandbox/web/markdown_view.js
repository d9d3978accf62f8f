/** Draws the tree that `markdown.js` parsed. Every text goes in as a text node. */

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { emojiUrl, hostOf, placeOf } from "./links.js";
import { parse } from "./markdown.js";
import { inline } from "./markdown_inline.js";
import { formatTime, timeElement } from "./times.js";

/** @typedef {import("./markdown_inline.js").Inline} Inline */
/** @typedef {import("./markdown.js").Block} Block */
/**
 * What references need to become names and doors.
 * @typedef {{world: import("./state.js").World, guild?: import("./types.js").Guild, openChannel?: (id: string) => void, openPlace?: (channel: string, message?: string) => void,
 *   openPerson?: (id: string, anchor: HTMLElement) => void, useCommand?: (name: string) => void}} TextContext
 */

const ISOLATED = /[\u2066-\u2068][^\u2069]*\u2069?/g;
const RIGHT_TO_LEFT = /\p{Script=Hebrew}|\p{Script=Arabic}|\p{Script=Syriac}|\p{Script=Thaana}|\p{Script=Nko}|\p{Script=Adlam}/u;
const TAGS = { b: "strong", i: "em", u: "u", s: "s" };

/** @param {string} text @returns {string} the way a text runs; what it isolates does not decide that, which "auto" would not know */
function wayOf(text) {
  if (!text.includes("\u2068")) return "auto";
  const first = text.replace(ISOLATED, "").match(/\p{L}/u);
  return first && RIGHT_TO_LEFT.test(first[0]) ? "rtl" : "ltr";
}

/** @param {string} text @param {TextContext} context @returns {HTMLElement} */
export function richText(text, context) {
  return h("div", { class: "rich", dir: wayOf(String(text ?? "")) }, parse(text).map((block) => drawBlock(block, context)));
}

/** @param {string} text @param {TextContext} context @returns {HTMLElement} marks and references only, no blocks */
export function richLine(text, context) {
  return h("span", { class: "rich-line", dir: wayOf(String(text ?? "")) }, inline(String(text ?? "")).map((node) => drawInline(node, context)));
}

/** @param {Block} block @param {TextContext} context @returns {HTMLElement} */
function drawBlock(block, context) {
  const children = () => block.c.map((/** @type {Inline} */ node) => drawInline(node, context));
  if (block.t === "heading") return h("p", { class: `heading heading-${block.level}`, role: "heading", "aria-level": block.level + 3 }, children());
  if (block.t === "subtext") return h("p", { class: "subtext" }, children());
  if (block.t === "quote") return h("blockquote", {}, block.c.map((/** @type {Block} */ inner) => drawBlock(inner, context)));
  if (block.t === "fence") return drawFence(block);
  if (block.t === "list") return drawList(block, context);
  return h("p", {}, children());
}

/** @param {Block} block @param {TextContext} context */
function drawList(block, context) {
  const items = block.items.map((/** @type {any} */ item) => h("li", { class: `depth-${item.depth}`, data: { marker: item.marker } }, item.c.map((/** @type {Inline} */ node) => drawInline(node, context))));
  return h(block.ordered ? "ol" : "ul", { role: "list" }, items);
}

/** @param {Block} block */
function drawFence(block) {
  const copy = h("button", { type: "button", class: "fence-copy", "aria-label": "Copy this code", on: { click: () => navigator.clipboard?.writeText(block.text) } }, icon("copy", 15), "Copy");
  return h("figure", { class: block.lang ? "fence" : "fence bare" }, h("figcaption", {}, block.lang && h("span", {}, block.lang), copy), h("pre", { tabindex: "0", "aria-label": "Code" }, h("code", { dir: "ltr" }, block.text)));
}

/** @param {Inline} node @param {TextContext} context @returns {Node | string} */
function drawInline(node, context) {
  if (typeof node === "string") return node;
  const children = () => (node.c ?? []).map((one) => drawInline(one, context));
  if (node.t in TAGS) return h(/** @type {any} */ (TAGS)[node.t], {}, children());
  if (node.t === "code") return h("code", { dir: "ltr" }, node.text);
  if (node.t === "spoiler") return spoiler(children());
  if (node.t === "link") return drawLink(node, children(), context);
  if (node.t === "time") return timeElement(node.at, node.style);
  if (node.t === "emoji") return emojiElement(node);
  return drawReference(node, context);
}

/** @param {any} node @param {(Node | string)[]} children @param {TextContext} context */
function drawLink(node, children, context) {
  const place = placeOf(node.url);
  if (place && context.openPlace && context.world.channel(place.channel)) {
    const bare = node.c.length === 1 && node.c[0] === node.url;
    const label = bare ? [`#${context.world.titleOf(context.world.channel(place.channel))}`, place.message ? " › message" : ""] : children;
    /** @param {Event} event */
    const go = (event) => {
      event.preventDefault();
      context.openPlace?.(place.channel, place.message);
    };
    // a link, not a button, so that a long one breaks into lines within its sentence
    return h("a", { href: node.url, rel: "noopener noreferrer nofollow", class: "inner-link", on: { click: go } }, h("bdi", {}, label));
  }
  return h("a", { href: node.url, target: "_blank", rel: "noopener noreferrer nofollow", title: `Opens ${hostOf(node.url)}` }, h("bdi", {}, children));
}

/** @param {any} node @param {TextContext} context */
function drawReference(node, context) {
  const { world, guild } = context;
  if (node.t === "everyone") return h("span", { class: "mention" }, node.name);
  if (node.t === "user") {
    const mine = node.id === world.me.id;
    /** @param {Event} event */
    const open = (event) => context.openPerson?.(node.id, /** @type {HTMLElement} */ (event.currentTarget));
    return h("button", { type: "button", class: mine ? "mention mention-me" : "mention", on: { click: open } }, "@", h("bdi", {}, world.nameOf(node.id, guild)));
  }
  if (node.t === "role") {
    const role = guild?.roles.find((one) => one.id === node.id);
    return h("span", { class: "mention" }, "@", h("bdi", {}, role?.name?.replace(/^@/, "") ?? "unknown role"));
  }
  if (node.t === "channel") {
    const channel = world.channel(node.id);
    if (!channel) return h("span", { class: "mention mention-lost" }, "a channel you cannot see");
    return h("button", { type: "button", class: "mention", on: { click: () => context.openChannel?.(node.id) } }, "#", h("bdi", {}, world.titleOf(channel)));
  }
  if (node.t === "slash") return h("button", { type: "button", class: "mention", on: { click: () => context.useCommand?.(node.name) } }, `/${node.name}`);
  return "";
}

/** @param {(Node | string)[]} children @returns {HTMLElement} text that shows when asked */
export function spoiler(children) {
  const inner = h("span", { class: "spoiler-text", "aria-hidden": "true" }, children);
  /** @param {Event} event */
  const reveal = (event) => {
    const node = /** @type {HTMLElement} */ (event.currentTarget);
    if (node.hasAttribute("data-local")) return;
    event.preventDefault();
    event.stopPropagation();
    for (const name of ["role", "tabindex", "aria-label", "title"]) node.removeAttribute(name);
    node.setAttribute("data-local", "shown");
    const text = node.firstElementChild;
    text?.removeAttribute("aria-hidden");
    text?.setAttribute("data-local", "shown");
  };
  /** @param {KeyboardEvent} event */
  const keydown = (event) => (event.key === "Enter" || event.key === " ") && reveal(event);
  return h("span", { class: "spoiler", role: "button", tabindex: "0", title: "Show the hidden text", "aria-label": "Hidden text. Press to show it.", on: { click: reveal, keydown } }, inner);
}

/** @param {import("./types.js").Emoji} emoji @returns {Node} a custom emoji's picture, or the character itself */
export function emojiElement(emoji) {
  const url = emojiUrl(emoji);
  if (!url) return h("span", { class: "emoji-char" }, emoji.name || "□");
  const label = `:${emoji.name ?? "emoji"}:`;
  return h("img", { class: "emoji", src: url, alt: label, title: label, loading: "lazy", draggable: "false", width: 22, height: 22 });
}

/** @param {string} text @param {TextContext} context @returns {string} one line of plain text, for previews and announcements */
export function plainText(text, context) {
  /** @param {any} node @returns {string} */
  const flat = (node) => {
    if (typeof node === "string") return node;
    if (node.t === "spoiler") return "[hidden text]";
    if (node.t === "code" || node.t === "fence") return node.text;
    if (node.t === "user") return `@${context.world.nameOf(node.id, context.guild)}`;
    if (node.t === "channel") return `#${context.world.titleOf(context.world.channel(node.id)) || "channel"}`;
    if (node.t === "role") return `@${context.guild?.roles.find((role) => role.id === node.id)?.name ?? "role"}`;
    if (node.t === "emoji") return `:${node.name}:`;
    if (node.t === "slash") return `/${node.name}`;
    if (node.t === "everyone") return node.name;
    if (node.t === "time") return formatTime(node.at, node.style);
    if (node.t === "list") return node.items.map((/** @type {any} */ item) => item.c.map(flat).join("")).join(", ");
    return (node.c ?? []).map(flat).join("");
  };
  return parse(text).map(flat).join(" ").replace(/\s+/g, " ").trim();
}
