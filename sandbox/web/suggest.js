/** Suggestions under a text field: the field keeps the focus and the keys move the mark (the combobox pattern). */

import { freshId, h } from "./dom.js";
import { Popup } from "./popup.js";

/** @typedef {{label: string, note?: string, side?: string, leading?: Node | null, group?: string, value: any}} Suggestion */

export class Suggestions {
  /** @param {HTMLElement} field @param {{label: string, choose: (value: any) => void, anchor?: () => HTMLElement}} options */
  constructor(field, options) {
    this.field = field;
    this.options = options;
    this.id = freshId("suggest");
    /** @type {Suggestion[]} */
    this.items = [];
    this.active = 0;
    /** @type {Popup | null} */
    this.popup = null;
    this.list = h("div", { role: "listbox", id: this.id, "aria-label": options.label, class: "suggest-list" });
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", this.id);
    field.setAttribute("aria-expanded", "false");
    field.setAttribute("aria-haspopup", "listbox");
  }

  get open() {
    return this.popup !== null;
  }

  /** @param {Suggestion[]} items @param {string} [empty] what to say where there are none; without it the list closes */
  show(items, empty = "") {
    this.items = items;
    this.active = 0;
    if (!items.length && !empty) return this.hide();
    let group = "";
    const rows = [];
    for (const [index, item] of items.entries()) {
      if (item.group && item.group !== group) rows.push(h("div", { class: "suggest-group", role: "presentation" }, h("bdi", {}, (group = item.group))));
      rows.push(this.row(item, index));
    }
    this.list.replaceChildren(...(rows.length ? rows : [h("div", { class: "suggest-empty", role: "presentation" }, empty)]));
    if (!this.popup) {
      const panel = h("div", { class: "suggest" }, this.list);
      panel.addEventListener("pointerdown", (/** @type {Event} */ event) => event.preventDefault());
      this.popup = new Popup(panel, this.options.anchor?.() ?? this.field, { keep: true, above: true, matchWidth: true, onClose: () => this.closed() });
    }
    this.field.setAttribute("aria-expanded", "true");
    this.point();
    this.popup.refit();
  }

  closed() {
    this.popup = null;
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
  }

  hide() {
    this.popup?.close();
  }

  /** @param {Suggestion} item @param {number} index */
  row(item, index) {
    return h("div", { role: "option", id: `${this.id}-${index}`, class: "suggest-row", "aria-selected": "false", on: {
      click: () => this.options.choose(item.value),
      pointermove: () => this.active !== index && ((this.active = index), this.point()),
    } }, item.leading, h("span", { class: "suggest-text" }, h("bdi", { class: "suggest-label" }, item.label), item.note && h("bdi", { class: "suggest-note" }, item.note)), item.side && h("span", { class: "suggest-side" }, item.side));
  }

  point() {
    for (const row of this.list.querySelectorAll('[role="option"]')) {
      const on = row.id === `${this.id}-${this.active}`;
      row.classList.toggle("active", on);
      row.setAttribute("aria-selected", String(on));
      if (on) {
        this.field.setAttribute("aria-activedescendant", row.id);
        row.scrollIntoView({ block: "nearest" });
      }
    }
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether the key was for the list */
  key(event) {
    if (!this.popup || event.isComposing) return false;
    const count = this.items.length;
    if (event.key === "Escape") this.hide();
    else if (!count) return false;
    else if (event.key === "ArrowDown") this.active = (this.active + 1) % count;
    else if (event.key === "ArrowUp") this.active = (this.active - 1 + count) % count;
    else if ((event.key === "Enter" && !event.shiftKey) || (event.key === "Tab" && !event.shiftKey)) this.options.choose(this.items[this.active].value);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    if (this.popup) this.point();
    return true;
  }
}
