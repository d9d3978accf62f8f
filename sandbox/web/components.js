/** Components of messages: layout (version 2) and controls. */

import { drawButton, drawSelect } from "./controls.js";
import { h } from "./dom.js";
import { cssColour } from "./entities.js";
import { icon } from "./icons.js";
import { ownUrl } from "./links.js";
import { richText, spoiler } from "./markdown_view.js";
import { fileCard, gallery, mediaUrl, picture } from "./media.js";

/** @typedef {import("./types.js").Component} Component */
/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./message.js").ViewContext} ViewContext */
/** @typedef {(component: Component, message: Message, context: ViewContext, path: string) => Node | null} Draw */

const DEEPEST = 5;
const MOST = 100;

/** @type {Record<number, Draw>} */
const DRAW = {
  1: actionRow,
  2: (component, message, context, path) => h("div", { class: "row" }, drawButton(component, message, context, path)),
  3: drawSelect,
  5: drawSelect,
  6: drawSelect,
  7: drawSelect,
  8: drawSelect,
  9: section,
  10: (component, _message, context) => richText(component.content, context.text),
  11: (component, message) => h("div", { class: "thumb" }, picture({ media: component.media, alt: component.description, hidden: component.spoiler, message, small: true })),
  12: (component, message) => gallery(component, message),
  13: file,
  14: (component) => h("hr", { class: `separator${component.divider === false ? " blank" : ""}${component.spacing === 2 ? " wide" : ""}` }),
  17: container,
};

/** @param {Message} message @param {ViewContext} context @returns {HTMLElement | null} */
export function drawComponents(message, context) {
  const list = message.components ?? [];
  return list.length ? h("div", { class: "components" }, drawList(list, message, context, "c")) : null;
}

/** @param {Component[]} list @param {Message} message @param {ViewContext} context @param {string} path */
function drawList(list, message, context, path) {
  if (!Array.isArray(list)) return [];
  return list.slice(0, MOST).map((component, index) => drawOne(component, message, context, `${path}-${index}`));
}

/** @type {Draw} */
function drawOne(component, message, context, path) {
  const draw = DRAW[component?.type];
  if (!draw || path.split("-").length - 1 > DEEPEST) return unsupported(component?.type);
  try {
    return draw(component, message, context, path);
  } catch {
    return h("p", { class: "unsupported" }, icon("warn", 16), `This part could not be drawn (component ${component.type}).`);
  }
}

/** @param {unknown} type */
function unsupported(type) {
  return h("p", { class: "unsupported" }, icon("warn", 16), `Unsupported component ${typeof type === "number" ? type : "without a type"}`);
}

/** @type {Draw} */
function actionRow(component, message, context, path) {
  const children = Array.isArray(component.components) ? component.components.slice(0, 10) : [];
  const drawn = children.map((child, index) => {
    if (child?.type === 2) return drawButton(child, message, context, `${path}-${index}`);
    return drawOne(child, message, context, `${path}-${index}`);
  });
  const errors = children.map((child) => child?.custom_id && context.control(message, child.custom_id).error).filter(Boolean);
  return h("div", { class: "row-block" }, h("div", { class: "row" }, drawn), errors.map((text) => controlError(text)));
}

/** @param {string} text @returns {HTMLElement} the notice beside a control that did not work */
export function controlError(text) {
  return h("p", { class: "control-error", dir: "auto" }, icon("warn", 16), h("span", {}, text));
}

/** @type {Draw} */
function section(component, message, context, path) {
  const { accessory } = component;
  const side = accessory?.type === 2 ? drawButton(accessory, message, context, `${path}-a`) : accessory ? drawOne(accessory, message, context, `${path}-a`) : null;
  const error = accessory?.custom_id && context.control(message, accessory.custom_id).error;
  return h("div", { class: "row-block" }, h("div", { class: "section" }, h("div", { class: "section-text" }, drawList(component.components, message, context, path)), side && h("div", { class: "section-side" }, side)), error && controlError(error));
}

/** @type {Draw} */
function file(component, message) {
  const url = mediaUrl(component.file, message);
  const raw = String(component.file?.url ?? "");
  const attached = (message.attachments ?? []).find((one) => raw === `attachment://${one.filename}` || (url && ownUrl(one.url) === url));
  return fileCard({ name: component.name ?? attached?.filename ?? "file", size: component.size ?? attached?.size, url, hidden: component.spoiler });
}

/** @type {Draw} */
function container(component, message, context, path) {
  const colour = cssColour(component.accent_color);
  const inner = drawList(component.components, message, context, path);
  return h("section", { class: colour ? "container accented" : "container", "aria-label": "Card", style: colour ? { "--accent-edge": colour } : {} }, component.spoiler ? spoiler([h("span", { class: "container-inner" }, inner)]) : inner);
}

/** @param {Component[]} list @param {Message} message @returns {Set<string>} names of attachments that components show already */
export function usedFiles(list, message) {
  /** @type {Set<string>} */
  const used = new Set();
  /** @param {any} value @param {number} depth */
  const visit = (value, depth) => {
    if (!value || typeof value !== "object" || depth > 8) return;
    const url = value.url;
    if (typeof url === "string") for (const one of message.attachments ?? []) if (url === `attachment://${one.filename}` || url === one.url) used.add(one.filename);
    for (const inner of Object.values(value)) if (typeof inner === "object") visit(inner, depth + 1);
  };
  visit(list, 0);
  return used;
}
