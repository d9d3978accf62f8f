/** Buttons and selects of messages. */

import { h } from "./dom.js";
import { SELECT_HINTS, preset, selectChoices } from "./entities.js";
import { icon } from "./icons.js";
import { hostOf, safeUrl } from "./links.js";
import { emojiElement } from "./markdown_view.js";
import { selectButton } from "./picker.js";

/** @typedef {import("./types.js").Component} Component */
/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./message.js").ViewContext} ViewContext */

const STYLES = /** @type {Record<number, string>} */ ({ 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link", 6: "premium" });

/** @param {Component} component @param {Message} message @param {ViewContext} context @param {string} path */
export function drawButton(component, message, context, path) {
  const style = STYLES[component.style] ?? "secondary";
  const label = [component.emoji && emojiElement(component.emoji), component.label && h("bdi", {}, String(component.label))];
  const name = component.label ? null : component.emoji?.name || "Button without a name";
  if (style === "link") {
    const url = safeUrl(component.url);
    if (!url || component.disabled) return h("span", { class: "button link", role: "link", "aria-disabled": "true", "aria-label": name }, label, icon("external", 15));
    return h("a", { class: "button link", href: url, target: "_blank", rel: "noopener noreferrer nofollow", title: `Opens ${hostOf(url)}`, "aria-label": name }, label, icon("external", 15));
  }
  if (style === "premium") return h("button", { type: "button", class: "button premium", "aria-disabled": "true", title: "Nothing is sold on this stage" }, icon("spark", 16), label[1] || "Premium");
  const state = context.control(message, component.custom_id);
  const off = !!component.disabled;
  const press = () => !off && !state.busy && context.press(message, component);
  return h("button", {
    type: "button", class: `button ${style}`, "aria-label": name, "aria-disabled": off ? "true" : null, tabindex: off ? "-1" : null,
    "aria-busy": state.busy ? "true" : null, data: { key: `${path}-${component.custom_id ?? ""}` }, on: { click: press },
  }, label, state.busy && h("span", { class: "spinner", "aria-hidden": "true" }));
}

/** @param {Component} component @param {Message} message @param {ViewContext} context @param {string} path */
export function drawSelect(component, message, context, path) {
  const state = context.control(message, component.custom_id);
  const placeholder = component.placeholder || SELECT_HINTS[component.type];
  const choices = selectChoices(component, context.text.world, context.text.guild, emojiElement);
  return selectButton({
    label: placeholder, placeholder, choices, chosen: state.values ?? preset(component),
    min: component.min_values ?? 1, max: Math.min(component.max_values ?? 1, Math.max(1, choices.length)), disabled: !!component.disabled, busy: state.busy,
    key: `${path}-${component.custom_id ?? ""}`, done: (values) => context.choose(message, component, values),
  });
}
