/** The messages of one channel: pages that load while scrolling, a bounded number of elements, a place that holds still. */

import { h, morph } from "./dom.js";
import { icon } from "./icons.js";
import { drawMessage, groups } from "./message.js";
import { dayTitle } from "./times.js";

/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./message.js").ViewContext} ViewContext */

const NEAR = 600;
const AT_BOTTOM = 48;

export class Feed {
  /**
   * @param {{load: (side: "older" | "newer") => Promise<void>, latest: () => Promise<void>, seen: () => void}} hooks
   */
  constructor(hooks) {
    this.hooks = hooks;
    /** @type {ViewContext | null} */
    this.context = null;
    /** @type {import("./windows.js").Window | null} */
    this.held = null;
    this.loading = false;
    this.stick = true;
    this.newSince = 0;
    this.placedAt = 0;
    /** @type {{node: Element, top: number} | null} */
    this.anchor = null;
    this.list = h("div", { class: "feed-list", role: "feed", "aria-label": "Messages", "aria-busy": "false" });
    this.intro = h("div", { class: "feed-intro" });
    this.inner = h("div", { class: "feed-inner" }, this.intro, this.list);
    this.scroller = h("div", { class: "feed", tabindex: "-1" }, this.inner);
    this.jump = h("button", { type: "button", class: "jump", hidden: true, on: { click: () => this.toLatest() } }, icon("down", 16), h("span", {}, "Latest messages"));
    this.element = h("div", { class: "feed-frame" }, this.scroller, this.jump);
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.list.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.key(event));
    this.list.addEventListener("focusin", (/** @type {FocusEvent} */ event) => this.makeStop(/** @type {Element} */ (event.target).closest(".message")));
    new ResizeObserver(() => this.settle()).observe(this.inner);
    new ResizeObserver(() => this.settle()).observe(this.scroller);
  }

  /** @param {import("./windows.js").Window} held @param {ViewContext} context @param {Node | null} intro Shows another channel, from its end. */
  show(held, context, intro) {
    this.held = held;
    this.context = context;
    this.stick = true;
    this.newSince = 0;
    this.anchor = null;
    this.introNode = intro;
    this.list.textContent = "";
    this.draw();
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  /** @param {import("./windows.js").Window} held Draws what changed and keeps everything else where it was. */
  update(held) {
    this.held = held;
    this.draw();
  }

  draw() {
    const { held, context } = this;
    if (!held || !context) return;
    this.remember();
    const focused = this.list.contains(document.activeElement) ? document.activeElement : null;
    const next = h("div", { class: "feed-list" }, this.drawFrom(0));
    for (const name of ["role", "aria-label", "aria-busy"]) next.setAttribute(name, this.list.getAttribute(name) ?? "");
    morph(this.list, next);
    this.intro.replaceChildren(...(held.atStart && this.introNode ? [this.introNode] : held.loaded && !held.atStart ? [h("p", { class: "loading-note" }, h("span", { class: "spinner", "aria-hidden": "true" }), "Earlier messages")] : []));
    if (focused && !focused.isConnected) /** @type {HTMLElement | null} */ (this.list.lastElementChild)?.focus();
    this.makeStop(this.list.querySelector('.message[tabindex="0"]') ?? this.list.lastElementChild);
    this.settle();
  }

  /** @param {import("./windows.js").Window} held Draws only what came at the end, if nothing else changed; a flood then costs little. */
  append(held) {
    const drawn = this.list.querySelectorAll(":scope > .message");
    const last = /** @type {HTMLElement | undefined} */ (drawn[drawn.length - 1]);
    const known = last ? held.list.findIndex((message) => message.id === last.dataset.key) + 1 : 0;
    if (!known || known !== drawn.length || /** @type {HTMLElement} */ (drawn[0]).dataset.key !== held.list[0].id) return this.update(held);
    this.held = held;
    this.remember();
    this.list.append(...this.drawFrom(known));
    this.settle();
  }

  /** @param {number} start @returns {HTMLElement[]} the messages from that place on, with the days between them */
  drawFrom(start) {
    const list = this.held?.list ?? [];
    return list.slice(start).flatMap((message, index) => {
      const before = list[start + index - 1];
      const at = new Date(message.timestamp);
      const sameDay = before && new Date(before.timestamp).toDateString() === at.toDateString();
      const day = !sameDay && h("div", { class: "day", role: "separator", data: { key: `day-${message.id}` } }, h("span", {}, dayTitle(at)));
      const drawn = this.drawOne(message, groups(before, message));
      return day ? [day, drawn] : [drawn];
    });
  }

  /** @param {Message} message @param {boolean} grouped */
  drawOne(message, grouped) {
    const drawn = drawMessage(message, grouped, /** @type {ViewContext} */ (this.context));
    const old = this.find(message.id);
    if (old?.classList.contains("flash")) drawn.classList.add("flash");
    if (old?.tabIndex === 0) drawn.tabIndex = 0;
    return drawn;
  }

  /** @param {string} id Redraws one message in place. */
  redraw(id) {
    const old = this.find(id);
    const index = this.held?.list.findIndex((message) => message.id === id) ?? -1;
    if (!old || !this.held || index < 0) return;
    this.remember();
    const drawn = this.drawOne(this.held.list[index], groups(this.held.list[index - 1], this.held.list[index]));
    morph(old, drawn);
    this.settle();
  }

  /** @param {string} id @returns {HTMLElement | null} */
  find(id) {
    return this.list.querySelector(`:scope > [data-key="${CSS.escape(id)}"]`);
  }

  /** The browser tells of scrolling a frame later, and what comes before that must not pull the reader back. */
  noticeLeaving() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    if (scrollTop < this.placedAt - 1 && scrollHeight - scrollTop - clientHeight >= AT_BOTTOM) this.stick = false;
  }

  /** Notes which message is at the top of the view, and where. */
  remember() {
    this.noticeLeaving();
    const top = this.scroller.getBoundingClientRect().top;
    for (const node of this.list.children) {
      const box = node.getBoundingClientRect();
      if (box.bottom > top + 1) {
        this.anchor = { node, top: box.top - top };
        return;
      }
    }
    this.anchor = null;
  }

  /** Puts the view back: at the end if it was there, else with the noted message where it stood. */
  settle() {
    if (this.stick && this.held?.atEnd) this.scroller.scrollTop = this.scroller.scrollHeight;
    else if (this.anchor?.node.isConnected) {
      const moved = this.anchor.node.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top - this.anchor.top;
      if (Math.abs(moved) > 0.5) this.scroller.scrollTop += moved;
    }
    this.placedAt = this.scroller.scrollTop;
    this.showJump();
    this.fillScreen();
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.stick = scrollHeight - scrollTop - clientHeight < AT_BOTTOM;
    if (this.stick && this.held?.atEnd) {
      if (this.newSince) this.hooks.seen();
      this.newSince = 0;
    }
    this.remember();
    this.showJump();
    this.fillScreen();
  }

  /** Asks for the next page where the view comes near an end of what is held. */
  async fillScreen() {
    const { held } = this;
    if (!held?.loaded || this.loading || !this.element.isConnected) return;
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const side = scrollTop < NEAR && !held.atStart ? "older" : scrollHeight - scrollTop - clientHeight < NEAR && !held.atEnd ? "newer" : null;
    if (!side) return;
    this.loading = true;
    this.list.setAttribute("aria-busy", "true");
    try {
      await this.hooks.load(side);
    } finally {
      this.list.setAttribute("aria-busy", "false");
      setTimeout(() => {
        this.loading = false;
        if (this.held === held || this.held?.loaded) this.fillScreen();
      }, 60);
    }
  }

  /** @param {number} count messages that came while the reader was elsewhere */
  arrived(count) {
    this.noticeLeaving();
    if (!this.stick || !this.held?.atEnd) this.newSince += count;
    this.showJump();
  }

  showJump() {
    const away = !this.stick || (this.held?.loaded && !this.held.atEnd);
    this.jump.hidden = !away;
    this.jump.lastElementChild.textContent = this.newSince ? `${this.newSince} new ${this.newSince === 1 ? "message" : "messages"}` : "Latest messages";
    this.jump.classList.toggle("has-new", this.newSince > 0);
  }

  async toLatest() {
    if (!this.held?.atEnd) await this.hooks.latest();
    this.stick = true;
    this.newSince = 0;
    this.settle();
    this.hooks.seen();
    if (document.activeElement === document.body || document.activeElement === this.jump) /** @type {HTMLElement | null} */ (this.list.lastElementChild)?.focus({ preventScroll: true });
  }

  /** @param {string} id Brings a message that is held into view and lights it up. */
  reveal(id) {
    const node = this.find(id);
    if (!node) return false;
    this.stick = false;
    node.scrollIntoView({ block: "center" });
    node.classList.add("flash");
    node.focus({ preventScroll: true });
    setTimeout(() => node.classList.remove("flash"), 1600);
    this.scrolled();
    return true;
  }

  /** @param {Element | null} message The one message that Tab reaches. */
  makeStop(message) {
    for (const node of this.list.querySelectorAll('.message[tabindex="0"]')) if (node !== message) node.setAttribute("tabindex", "-1");
    if (message?.classList.contains("message")) message.setAttribute("tabindex", "0");
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const message = target.closest(".message");
    if (!message) return;
    if (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) {
      event.preventDefault();
      target.dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true }));
      return;
    }
    if (event.key === "Escape" && target !== message) {
      /** @type {HTMLElement} */ (message).focus();
      return;
    }
    if (target !== message || !["ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) return;
    event.preventDefault();
    const all = [...this.list.querySelectorAll(":scope > .message")];
    const at = all.indexOf(message);
    const next = event.key === "ArrowUp" ? all[at - 1] : event.key === "ArrowDown" ? all[at + 1] : event.key === "Home" ? all[0] : all[all.length - 1];
    if (!next) return;
    /** @type {HTMLElement} */ (next).focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }
}
