/** Floating panels: placed beside an anchor, closed by Esc, a press outside or a new panel, focus given back. */

import { h } from "./dom.js";

const EDGE = 8;

/** @typedef {{x: number, y: number} | Element} Place */

/**
 * @param {HTMLElement} panel @param {Place} place
 * @param {{above?: boolean, matchWidth?: boolean, end?: boolean}} [wish]
 */
export function position(panel, place, wish = {}) {
  const box = place instanceof Element ? place.getBoundingClientRect() : new DOMRect(place.x, place.y, 0, 0);
  const { innerWidth: width, innerHeight: height } = window;
  if (wish.matchWidth) panel.style.minWidth = `${Math.min(box.width, width - 2 * EDGE)}px`;
  panel.style.maxWidth = `${width - 2 * EDGE}px`;
  const below = height - box.bottom - EDGE - 4;
  const over = box.top - EDGE - 4;
  panel.style.maxHeight = "";
  const natural = panel.offsetHeight;
  const up = wish.above ? over > 160 || over > below : natural > below && over > below;
  panel.style.maxHeight = `${Math.max(120, Math.min(natural + 2, up ? over : below, 560))}px`;
  const tall = Math.min(natural, Number.parseFloat(panel.style.maxHeight));
  const left = wish.end ? box.right - panel.offsetWidth : box.left;
  panel.style.left = `${Math.max(EDGE, Math.min(left, width - panel.offsetWidth - EDGE))}px`;
  panel.style.top = `${Math.max(EDGE, up ? box.top - tall - 4 : Math.min(box.bottom + 4, height - tall - EDGE))}px`;
}

/** @type {Popup | null} */
let open = null;

/** Closes whatever panel is open. @param {boolean} [refocus] */
export function closePopup(refocus = false) {
  open?.close(refocus);
}

/** @returns {boolean} */
export const popupOpen = () => open !== null;

export class Popup {
  /**
   * @param {HTMLElement} panel @param {Place} place
   * @param {{above?: boolean, matchWidth?: boolean, end?: boolean, onClose?: () => void, onOutside?: () => void, returnTo?: Element | null, keep?: boolean}} [options]
   *   onOutside: before a press beside the panel closes it; keep: the anchor keeps the focus, as with suggestions under an input
   */
  constructor(panel, place, options = {}) {
    if (!options.keep) closePopup();
    this.panel = panel;
    this.place = place;
    this.options = options;
    this.returnTo = options.returnTo ?? (options.keep ? null : document.activeElement);
    this.closed = false;
    const home = (place instanceof Element && place.closest("dialog[open]")) || document.querySelector("dialog[open]:last-of-type") || document.body;
    panel.classList.add("popup");
    panel.setAttribute("popover", "manual");
    home.append(panel);
    panel.showPopover?.();
    this.refit();
    this.outside = (/** @type {Event} */ event) => {
      const target = /** @type {Node} */ (event.target);
      if (this.panel.contains(target)) return;
      if (this.place instanceof Element && this.place.contains(target)) return;
      this.options.onOutside?.();
      this.close(false);
    };
    this.resized = () => this.refit();
    document.addEventListener("pointerdown", this.outside, true);
    window.addEventListener("resize", this.resized);
    if (!options.keep) {
      panel.addEventListener("keydown", (event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        this.close(true);
      });
      open = this;
    }
  }

  refit() {
    position(this.panel, this.place, this.options);
  }

  /** @param {boolean} [refocus] */
  close(refocus = false) {
    if (this.closed) return;
    this.closed = true;
    if (open === this) open = null;
    document.removeEventListener("pointerdown", this.outside, true);
    window.removeEventListener("resize", this.resized);
    const held = this.panel.contains(document.activeElement);
    this.panel.remove();
    if ((refocus || held) && this.returnTo instanceof HTMLElement && this.returnTo.isConnected) this.returnTo.focus();
    this.options.onClose?.();
  }
}

/** @param {string} name @param {string} label @returns {HTMLElement} a titled group inside a panel */
export function groupTitle(name, label) {
  return h("div", { class: name, role: "presentation" }, h("bdi", {}, label));
}
