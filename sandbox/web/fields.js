/** The fields of a modal: each draws itself and can tell its value, or what is wrong with it. */

import { freshId, h } from "./dom.js";
import { SELECT_HINTS, preset, selectChoices } from "./entities.js";
import { icon } from "./icons.js";
import { emojiElement } from "./markdown_view.js";
import { selectButton } from "./picker.js";
import { fileSize } from "./times.js";

/** @typedef {import("./types.js").Component} Component */
/**
 * @typedef {{element: HTMLElement, customId: string, read: () => any, problem: () => string, focus: () => void, files?: () => File[]}} Field
 * @typedef {{label: string, description?: string, required: boolean}} Heading
 * @typedef {{world: import("./state.js").World, guild?: import("./types.js").Guild}} FieldContext
 */

export const LARGEST_FILE = 10 * 1024 * 1024;

/** @param {Component} component @param {Heading} heading @param {FieldContext} context @returns {Field | null} null for a type this page does not know */
export function drawField(component, heading, context) {
  const build = BUILD[component?.type];
  return build ? build(component, heading, context) : null;
}

/** @type {Record<number, (component: Component, heading: Heading, context: FieldContext) => Field>} */
const BUILD = { 3: select, 4: textInput, 5: select, 6: select, 7: select, 8: select, 19: fileUpload, 21: radioGroup, 22: checkboxGroup, 23: checkbox };

/** @param {Component} component @returns {boolean} text, choices and uploads are required unless they say otherwise */
export const isRequired = (component) => component?.type !== 23 && component?.required !== false && component?.required !== null;

/**
 * @param {Heading} heading @param {HTMLElement} control @param {{forId?: string, labelId: string, noteId: string, group?: boolean, extra?: Node | null}} ids
 */
function frame(heading, control, ids) {
  const caption = [h("bdi", {}, heading.label), heading.required ? h("span", { class: "field-required", "aria-hidden": "true" }, " required") : h("span", { class: "field-optional" }, " optional")];
  const label = ids.forId ? h("label", { class: "field-label", id: ids.labelId, for: ids.forId }, caption) : h("span", { class: "field-label", id: ids.labelId }, caption);
  return h("div", { class: "field", role: ids.group ? "group" : null, "aria-labelledby": ids.group ? ids.labelId : null },
    label, heading.description && h("p", { class: "field-note", dir: "auto" }, heading.description), control,
    h("div", { class: "field-under" }, h("p", { class: "field-problem", id: ids.noteId, role: "alert" }), ids.extra));
}

/** @param {Component} component @param {Heading} heading @returns {Field} */
function textInput(component, heading) {
  const ids = { forId: freshId("input"), labelId: freshId("label"), noteId: freshId("note") };
  const [least, most] = [component.min_length ?? 0, component.max_length ?? 4000];
  const shared = { id: ids.forId, class: "input", placeholder: component.placeholder ?? null, maxlength: most, dir: "auto", "aria-describedby": ids.noteId, "aria-required": String(heading.required), prop: { value: component.value ?? "" }, data: { field: component.custom_id } };
  const input = component.style === 2 ? h("textarea", { ...shared, rows: 5 }) : h("input", { ...shared, type: "text", autocomplete: "off" });
  const counter = h("span", { class: "field-count", "aria-hidden": "true" });
  const count = () => (counter.textContent = component.max_length || least ? `${[...input.value].length} / ${most}${least ? ` (at least ${least})` : ""}` : "");
  input.addEventListener("input", count);
  count();
  return {
    element: frame(heading, input, { ...ids, extra: counter }),
    customId: component.custom_id,
    read: () => input.value,
    problem: () => {
      const length = [...input.value].length;
      if (heading.required && !input.value.trim()) return "Please write something here.";
      if (input.value && length < least) return `Please write at least ${least} characters (now ${length}).`;
      return length > most ? `At most ${most} characters (now ${length}).` : "";
    },
    focus: () => input.focus(),
  };
}

/** @param {number} count @param {number} least @param {number} most @param {boolean} required @returns {string} */
function countProblem(count, least, most, required) {
  if (!required && count === 0) return "";
  const needed = required ? Math.max(1, least) : least;
  if (count < needed) return needed === 1 ? "Please choose." : `Please choose at least ${needed}.`;
  return count > most ? `Please choose at most ${most}.` : "";
}

/** @param {Component} component @param {Heading} heading @param {FieldContext} context @returns {Field} */
function select(component, heading, context) {
  const ids = { labelId: freshId("label"), noteId: freshId("note") };
  const choices = selectChoices(component, context.world, context.guild, emojiElement);
  const [least, most] = [component.min_values ?? (heading.required ? 1 : 0), Math.min(component.max_values ?? 1, Math.max(1, choices.length))];
  let chosen = preset(component);
  const holder = h("div", { class: "select-holder" });
  const valueId = freshId("value");
  const draw = () => {
    const placeholder = component.placeholder || SELECT_HINTS[component.type];
    const button = selectButton({ label: heading.label, placeholder, choices, chosen, min: heading.required ? least : 0, max: most, disabled: !!component.disabled, labelledBy: `${ids.labelId} ${valueId}`, describedBy: ids.noteId, done: (values) => {
      chosen = values;
      draw();
      holder.querySelector("button")?.focus();
    } });
    button.firstElementChild.id = valueId;
    button.dataset.field = component.custom_id;
    holder.replaceChildren(button);
  };
  draw();
  return {
    element: frame(heading, holder, ids),
    customId: component.custom_id,
    read: () => chosen,
    problem: () => countProblem(chosen.length, least, most, heading.required),
    focus: () => holder.querySelector("button")?.focus(),
  };
}

/** @param {any} option @param {string} kind @param {string} name @param {boolean} on */
function optionRow(option, kind, name, on) {
  const input = h("input", { type: kind, name, value: String(option?.value ?? ""), prop: { checked: on }, data: { field: name } });
  return h("label", { class: "option" }, input, h("span", { class: "option-text" }, h("bdi", {}, option?.label ?? ""), option?.description && h("bdi", { class: "option-note" }, option.description)));
}

/** @param {Component} component @param {Heading} heading @param {"radio" | "checkbox"} kind @returns {{field: HTMLElement, values: () => string[], focus: () => void}} */
function optionGroup(component, heading, kind) {
  const ids = { labelId: freshId("label"), noteId: freshId("note") };
  const rows = (component.options ?? []).slice(0, 25).map((/** @type {any} */ option) => optionRow(option, kind, `${ids.labelId}-${component.custom_id}`, !!option?.default));
  for (const row of rows) row.querySelector("input").dataset.field = component.custom_id;
  const group = h("div", { class: "options", role: kind === "radio" ? "radiogroup" : "group", "aria-labelledby": ids.labelId, "aria-describedby": ids.noteId, "aria-required": kind === "radio" ? String(heading.required) : null }, rows);
  const values = () => [...group.querySelectorAll("input:checked")].map((input) => /** @type {HTMLInputElement} */ (input).value);
  let clear = null;
  if (kind === "radio" && !heading.required) {
    clear = h("button", { type: "button", class: "text-button", on: { click: () => group.querySelectorAll("input").forEach((/** @type {any} */ input) => (input.checked = false)) } }, "Clear the choice");
  }
  const first = () => /** @type {HTMLElement | null} */ (group.querySelector("input:checked") ?? group.querySelector("input"));
  return { field: frame(heading, group, { ...ids, extra: clear }), values, focus: () => first()?.focus() };
}

/** @param {Component} component @param {Heading} heading @returns {Field} */
function radioGroup(component, heading) {
  const { field, values, focus } = optionGroup(component, heading, "radio");
  return { element: field, customId: component.custom_id, read: () => values()[0] ?? null, problem: () => (heading.required && !values().length ? "Please choose one." : ""), focus };
}

/** @param {Component} component @param {Heading} heading @returns {Field} */
function checkboxGroup(component, heading) {
  const { field, values, focus } = optionGroup(component, heading, "checkbox");
  const [least, most] = [component.min_values ?? (heading.required ? 1 : 0), component.max_values ?? (component.options ?? []).length];
  return { element: field, customId: component.custom_id, read: values, problem: () => countProblem(values().length, least, most, heading.required), focus };
}

/** @param {Component} component @param {Heading} heading @returns {Field} */
function checkbox(component, heading) {
  const input = h("input", { type: "checkbox", prop: { checked: !!component.default }, data: { field: component.custom_id } });
  const element = h("div", { class: "field" }, h("label", { class: "option" }, input, h("span", { class: "option-text" }, h("bdi", {}, heading.label), heading.description && h("bdi", { class: "option-note" }, heading.description))), h("div", { class: "field-under" }, h("p", { class: "field-problem", role: "alert" })));
  return { element, customId: component.custom_id, read: () => input.checked, problem: () => "", focus: () => input.focus() };
}

/** @param {Component} component @param {Heading} heading @returns {Field} */
function fileUpload(component, heading) {
  const ids = { forId: freshId("input"), labelId: freshId("label"), noteId: freshId("note") };
  const [least, most] = [component.min_values ?? (heading.required ? 1 : 0), component.max_values ?? 1];
  /** @type {File[]} */
  let files = [];
  const input = h("input", { type: "file", id: ids.forId, class: "sr-only", multiple: most > 1, "aria-describedby": ids.noteId, data: { field: component.custom_id } });
  const list = h("ul", { class: "upload-list", role: "list" });
  const draw = () => list.replaceChildren(...files.map((file, index) => h("li", {}, icon("file", 16), h("bdi", {}, file.name), h("span", { class: "file-size" }, fileSize(file.size)), h("button", { type: "button", class: "icon-button small", "aria-label": `Remove ${file.name}`, on: { click: () => {
    files = files.filter((_, at) => at !== index);
    draw();
    input.focus();
  } } }, icon("close", 14)))));
  /** @param {Iterable<File>} added */
  const take = (added) => {
    files = most > 1 ? [...files, ...added] : [...added].slice(0, 1);
    input.value = "";
    draw();
  };
  input.addEventListener("change", () => take(input.files ?? []));
  const drop = h("label", { class: "drop", for: ids.forId }, icon("clip", 18), h("span", {}, most > 1 ? `Choose up to ${most} files` : "Choose a file", h("small", {}, "or drop it here; at most 10 MB")));
  drop.addEventListener("dragover", (/** @type {DragEvent} */ event) => event.preventDefault());
  drop.addEventListener("drop", (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    take(event.dataTransfer?.files ?? []);
  });
  return {
    element: frame(heading, h("div", { class: "upload" }, input, drop, list), { labelId: ids.labelId, noteId: ids.noteId }),
    customId: component.custom_id,
    read: () => files,
    files: () => files,
    problem: () => {
      const large = files.find((file) => file.size > LARGEST_FILE);
      return large ? `${large.name} is larger than 10 MB.` : countProblem(files.length, least, most, heading.required);
    },
    focus: () => input.focus(),
  };
}
