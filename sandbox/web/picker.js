/** The list that opens from a select: search, one or several choices, limits; a listbox worked from its search field. */

import { freshId, h } from "./dom.js";
import { icon } from "./icons.js";
import { Popup } from "./popup.js";

/**
 * @typedef {{value: string, label: string, description?: string, leading?: Node | null, search?: string}} Choice
 * @typedef {{label: string, choices: Choice[], chosen: string[], min: number, max: number, done: (values: string[]) => void, closed?: () => void}} PickerOptions
 */

/** @param {HTMLElement} anchor @param {PickerOptions} options @returns {Popup} */
export function openPicker(anchor, options) {
  return new Picker(anchor, options).popup;
}

class Picker {
  /** @param {HTMLElement} anchor @param {PickerOptions} options */
  constructor(anchor, options) {
    this.options = options;
    this.chosen = new Set(options.chosen);
    this.single = options.max <= 1;
    this.active = 0;
    this.id = freshId("picker");
    /** @type {Choice[]} */
    this.visible = options.choices;
    this.list = h("div", { role: "listbox", id: this.id, class: "picker-list", "aria-label": options.label, "aria-multiselectable": this.single ? null : "true" });
    this.search = h("input", { type: "text", class: "picker-search", placeholder: "Search", role: "combobox", "aria-expanded": "true", "aria-controls": this.id, "aria-autocomplete": "list", "aria-label": `Search: ${options.label}`, autocomplete: "off", spellcheck: "false" });
    this.search.addEventListener("input", () => this.filter());
    this.count = h("span", { class: "picker-count", role: "status" });
    this.accept = h("button", { type: "button", class: "button primary small", on: { click: () => this.finish() } }, "Choose");
    const few = options.choices.length <= 7;
    const panel = h("div", { class: few ? "picker few" : "picker", role: "group", "aria-label": options.label },
      h("div", { class: "picker-top" }, icon("search", 16), this.search), this.list, !this.single && h("div", { class: "picker-foot" }, this.count, this.accept));
    panel.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.key(event));
    this.popup = new Popup(panel, anchor, { matchWidth: true, returnTo: anchor, onClose: options.closed, onOutside: () => this.keep() });
    const first = options.choices.findIndex((choice) => this.chosen.has(choice.value));
    this.active = Math.max(0, first);
    this.draw();
    this.popup.refit();
    this.search.focus();
  }

  filter() {
    const query = this.search.value.trim().toLowerCase();
    this.visible = this.options.choices.filter((choice) => `${choice.label} ${choice.description ?? ""} ${choice.search ?? ""}`.toLowerCase().includes(query));
    this.active = 0;
    this.draw();
  }

  draw() {
    const rows = this.visible.slice(0, 200).map((choice, index) => this.row(choice, index));
    this.list.replaceChildren(...(rows.length ? rows : [h("div", { class: "picker-empty" }, "Nothing matches.")]));
    this.point();
    const { min, max } = this.options;
    if (!this.single) {
      this.count.textContent = `${this.chosen.size} chosen; ${max === min ? `${max} needed` : min === 0 ? `up to ${max}` : `${min} to ${max}`}`;
      this.accept.disabled = this.chosen.size < min || this.chosen.size > max;
    }
  }

  /** @param {Choice} choice @param {number} index */
  row(choice, index) {
    const chosen = this.chosen.has(choice.value);
    const full = !chosen && !this.single && this.chosen.size >= this.options.max;
    return h("div", {
      role: "option", id: `${this.id}-${index}`, class: "picker-row", "aria-selected": String(chosen), "aria-disabled": full ? "true" : null,
      on: { click: () => this.toggle(choice), pointermove: () => this.active !== index && ((this.active = index), this.point()) },
    }, !this.single && h("span", { class: "tick-box", "aria-hidden": "true" }, chosen && icon("check", 14)), choice.leading?.cloneNode(true),
    h("span", { class: "picker-text" }, h("bdi", { class: "picker-label" }, choice.label), choice.description && h("bdi", { class: "picker-note" }, choice.description)),
    this.single && chosen && icon("check", 16));
  }

  point() {
    for (const [index, row] of [...this.list.children].entries()) row.classList.toggle("active", index === this.active && this.visible.length > 0);
    const row = this.list.children[this.active];
    if (row?.id) this.search.setAttribute("aria-activedescendant", row.id);
    else this.search.removeAttribute("aria-activedescendant");
    row?.scrollIntoView({ block: "nearest" });
  }

  /** @param {Choice} choice */
  toggle(choice) {
    if (this.single) {
      const off = this.chosen.has(choice.value) && this.options.min === 0;
      this.chosen = new Set(off ? [] : [choice.value]);
      return this.finish();
    }
    if (this.chosen.has(choice.value)) this.chosen.delete(choice.value);
    else if (this.chosen.size < this.options.max) this.chosen.add(choice.value);
    this.draw();
    this.search.focus();
  }

  /** What is ticked stays when somebody presses beside the list, as on Discord; Esc takes it back. */
  keep() {
    const same = this.chosen.size === this.options.chosen.length && this.options.chosen.every((value) => this.chosen.has(value));
    if (!this.single && !same) this.finish();
  }

  finish() {
    if (this.chosen.size < (this.single ? 0 : this.options.min) || this.chosen.size > this.options.max) return;
    const order = this.options.choices.map((choice) => choice.value).filter((value) => this.chosen.has(value));
    this.popup.close(true);
    this.options.done(order);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.target === this.accept) return;
    const last = Math.min(this.visible.length, 200) - 1;
    if (event.key === "ArrowDown") this.active = this.active >= last ? 0 : this.active + 1;
    else if (event.key === "ArrowUp") this.active = this.active <= 0 ? last : this.active - 1;
    else if (event.key === "PageDown") this.active = Math.min(last, this.active + 8);
    else if (event.key === "PageUp") this.active = Math.max(0, this.active - 8);
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.finish();
    else if (event.key === "Enter" || (event.key === " " && !this.search.value)) {
      if (this.visible[this.active]) this.toggle(this.visible[this.active]);
    } else if (event.key === "Tab" && this.single) this.popup.close(true);
    else if (event.key === "Tab" && !this.accept.disabled) this.accept.focus();
    else if (event.key !== "Tab") return;
    event.preventDefault();
    event.stopPropagation();
    this.point();
  }
}

/**
 * The closed select: a button that shows what is chosen.
 * @param {{label: string, placeholder: string, choices: Choice[], chosen: string[], min: number, max: number, disabled?: boolean, busy?: boolean, key?: string,
 *   labelledBy?: string, describedBy?: string, id?: string, done: (values: string[]) => void}} options
 * @returns {HTMLButtonElement}
 */
export function selectButton(options) {
  const named = options.chosen.map((value) => options.choices.find((choice) => choice.value === value) ?? { value, label: value });
  const shown = named.length ? named.map((choice) => h("span", { class: "select-chip" }, choice.leading?.cloneNode(true), h("bdi", {}, choice.label))) : h("span", { class: "select-placeholder" }, options.placeholder);
  /** @param {HTMLElement} button */
  const open = (button) => {
    if (options.disabled || options.busy || button.getAttribute("aria-expanded") === "true") return;
    openPicker(button, { ...options, closed: () => button.setAttribute("aria-expanded", "false") });
    button.setAttribute("aria-expanded", "true");
  };
  /** @param {KeyboardEvent} event */
  const keydown = (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    event.stopPropagation();
    open(/** @type {HTMLElement} */ (event.currentTarget));
  };
  return h("button", {
    type: "button", class: "select", id: options.id ?? null, role: "combobox", "aria-haspopup": "listbox", "aria-expanded": "false", "aria-disabled": options.disabled ? "true" : null, tabindex: options.disabled ? "-1" : null,
    "aria-label": options.labelledBy ? null : `${options.label}${named.length ? `: ${named.map((one) => one.label).join(", ")}` : ""}`, "aria-labelledby": options.labelledBy ?? null,
    "aria-describedby": options.describedBy ?? null, "aria-busy": options.busy ? "true" : null, data: options.key ? { key: options.key } : {},
    on: { click: (/** @type {any} */ event) => open(event.currentTarget), keydown },
  }, h("span", { class: "select-value" }, shown), options.busy ? h("span", { class: "spinner", "aria-hidden": "true" }) : icon("down", 16));
}
