/** Short notices in a corner, and the polite voice that tells screen readers what changed. */

import { h } from "./dom.js";
import { icon } from "./icons.js";

const STAY_MS = { info: 5000, problem: 12_000 };

export class Notices {
  constructor() {
    this.stack = h("div", { class: "toasts", role: "region", "aria-label": "Notices" });
    this.voice = h("div", { class: "sr-only", role: "status", "aria-live": "polite", id: "voice" });
    this.element = h("div", { class: "notices" }, this.stack, this.voice);
    /** @type {string[]} */
    this.queue = [];
    this.unsaid = 0;
    this.speaking = 0;
  }

  /** @param {string} text @param {"info" | "problem"} [kind] */
  show(text, kind = "info") {
    const home = document.querySelector("dialog[open]:last-of-type") ?? document.body;
    if (this.element.parentNode !== home) home.append(this.element);
    for (const old of [...this.stack.children]) if (old.textContent === text) old.remove();
    const close = () => toast.remove();
    const toast = h("div", { class: `toast ${kind}`, role: kind === "problem" ? "alert" : "status" }, icon(kind === "problem" ? "warn" : "check"), h("p", { dir: "auto" }, text),
      h("button", { type: "button", class: "icon-button small", "aria-label": "Close this notice", on: { click: close } }, icon("close", 15)));
    this.stack.append(toast);
    while (this.stack.children.length > 4) this.stack.firstElementChild?.remove();
    this.expire(toast, STAY_MS[kind]);
  }

  /** @param {HTMLElement} toast @param {number} ms A notice that is being read stays. */
  expire(toast, ms) {
    setTimeout(() => (toast.matches(":hover, :focus-within") ? this.expire(toast, 2000) : toast.remove()), ms);
  }

  /** @param {string} text Said once, politely, never faster than a reader can follow. */
  say(text) {
    if (this.queue.length >= 3) this.unsaid += 1;
    else this.queue.push(text.slice(0, 240));
    if (!this.speaking) this.next();
  }

  next() {
    const rest = this.queue.length || !this.unsaid ? undefined : `And ${this.unsaid} more.`;
    if (rest) this.unsaid = 0;
    const text = this.queue.shift() ?? rest;
    if (text === undefined) {
      this.speaking = 0;
      return;
    }
    this.voice.textContent = text;
    this.speaking = window.setTimeout(() => this.next(), 700);
  }
}
