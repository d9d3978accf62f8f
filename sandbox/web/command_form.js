/** A slash command being filled in: one field an option, hints, lists, checks. */

import { freshId, h } from "./dom.js";
import { icon } from "./icons.js";
import { OptionField } from "./option_field.js";
import { nest } from "./slash.js";

/** @typedef {import("./slash.js").Entry} Entry */
/**
 * @typedef {{world: import("./state.js").World, guild?: import("./types.js").Guild,
 *   autocomplete: (entry: Entry, options: any[], signal: AbortSignal) => Promise<{name: string, value: any}[]>,
 *   run: (entry: Entry, options: any[], files: File[]) => void, leave: () => void, say: (text: string) => void}} FormHooks
 */

export class CommandForm {
  /** @param {Entry} entry @param {FormHooks} hooks */
  constructor(entry, hooks) {
    this.entry = entry;
    this.hooks = hooks;
    this.hintId = freshId("hint");
    /** @type {OptionField[]} */
    this.fields = [];
    this.row = h("div", { class: "option-fields" });
    this.more = h("div", { class: "option-more" });
    this.hint = h("p", { class: "command-hint", id: this.hintId, role: "status" });
    this.runButton = h("button", { type: "submit", class: "button primary small" }, "Run");
    const leave = h("button", { type: "button", class: "icon-button small", "aria-label": `Leave ${entry.name}`, title: "Leave (Esc)", on: { click: hooks.leave } }, icon("close", 16));
    this.element = h("form", { class: "command-form", "aria-label": `Command ${entry.name}`, novalidate: true },
      h("div", { class: "command-head" }, h("span", { class: "command-name" }, entry.name), h("span", { class: "command-about" }, h("bdi", {}, entry.description), h("small", {}, h("bdi", {}, entry.app))), leave),
      this.row, h("div", { class: "command-foot" }, h("div", { class: "command-foot-text" }, this.hint, this.more), this.runButton));
    this.element.addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      this.submit();
    });
    this.element.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.key(event));
    for (const option of entry.options) if (option.required) this.add(option);
    this.drawMore();
    this.tell(null);
  }

  /** @param {any} option @returns {OptionField} */
  add(option) {
    const field = new OptionField(option, {
      world: this.hooks.world,
      guild: this.hooks.guild,
      hintId: this.hintId,
      focused: () => this.tell(field),
      remove: option.required ? null : () => this.remove(field),
      complete: (signal) => this.hooks.autocomplete(this.entry, nest(this.entry, this.partial(field)), signal),
      next: () => this.forward(field),
      taken: () => this.goOn(field),
    });
    this.fields.push(field);
    this.row.append(field.element);
    return field;
  }

  /** @param {OptionField} field */
  remove(field) {
    const at = this.fields.indexOf(field);
    field.close();
    field.element.remove();
    this.fields.splice(at, 1);
    this.drawMore();
    const neighbour = this.fields[Math.min(at, this.fields.length - 1)];
    if (neighbour) neighbour.focus();
    else this.runButton.focus();
  }

  drawMore() {
    const shown = new Set(this.fields.map((field) => field.option.name));
    const left = this.entry.options.filter((option) => !shown.has(option.name));
    this.more.replaceChildren(...left.map((option) => h("button", { type: "button", class: "chip", title: option.description ?? "", on: { click: () => {
      const field = this.add(option);
      this.drawMore();
      field.focus();
    } } }, icon("plus", 13), h("bdi", {}, option.name))));
    if (left.length) this.more.prepend(h("span", { class: "option-more-title" }, "Optional:"));
  }

  /** @param {OptionField | null} field Says what the field is for. */
  tell(field) {
    const text = field ? field.hint() : this.fields.length ? "Fill in the options, then press Enter." : "Press Enter to run it.";
    if (this.hint.textContent !== text) this.hint.textContent = text;
  }

  focus() {
    if (this.fields[0]) this.fields[0].focus();
    else this.runButton.focus();
  }

  /** @param {OptionField} from Goes on to the next empty field, or runs. */
  forward(from) {
    const next = this.emptyAfter(from);
    if (next) next.focus();
    else this.submit();
  }

  /** @param {OptionField} from Something was taken from its list: what else one may want to fill in is not known, so nothing runs yet. */
  goOn(from) {
    const next = this.emptyAfter(from);
    if (next) return next.focus();
    from.focus();
    this.hint.textContent = "Press Enter to run it, or add an option.";
  }

  /** @param {OptionField} from @returns {OptionField | undefined} */
  emptyAfter(from) {
    const at = this.fields.indexOf(from);
    const next = this.fields.slice(at + 1).find((field) => field.empty()) ?? this.fields.find((field) => field.empty() && field.option.required);
    return next === from ? undefined : next;
  }

  /** @param {OptionField} focused @returns {any[]} what is filled in so far, for autocompletion */
  partial(focused) {
    return this.fields.filter((field) => field === focused || !field.empty()).map((field) => {
      const { name, type } = field.option;
      return field === focused ? { name, type, value: field.text(), focused: true } : { name, type, value: field.result([]).value ?? field.text() };
    });
  }

  submit() {
    /** @type {File[]} */
    const files = [];
    const options = [];
    for (const field of this.fields) {
      const { value, problem } = field.result(files);
      field.show(problem ?? "");
      if (problem) {
        field.focus();
        this.hint.textContent = `${field.option.name}: ${problem}`;
        return;
      }
      if (value !== undefined) options.push({ name: field.option.name, type: field.option.type, value });
    }
    for (const field of this.fields) field.close();
    this.hooks.run(this.entry, nest(this.entry, options), files);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.hooks.leave();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.submit();
    }
  }

  close() {
    for (const field of this.fields) field.close();
  }
}
