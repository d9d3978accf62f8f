/** Menus: a list of things to do, worked with arrows, letters, Home, End, Enter and Esc. */

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { Popup, groupTitle } from "./popup.js";

/**
 * @typedef {{label: string, icon?: import("./icons.js").IconName, hint?: string, danger?: boolean, disabled?: boolean, checked?: boolean,
 *   leading?: Node, run: () => void, href?: string}} MenuItem
 * @typedef {{title?: string, items: MenuItem[]}} MenuGroup
 */

/**
 * @param {import("./popup.js").Place} place @param {string} label @param {MenuGroup[]} groups
 * @param {{end?: boolean, above?: boolean, header?: HTMLElement, returnTo?: Element | null, onClose?: () => void}} [options]
 * @returns {Popup}
 */
export function openMenu(place, label, groups, options = {}) {
  /** @type {HTMLElement[]} */
  const buttons = [];
  const body = groups.filter((group) => group.items.length).map((group) => h("div", { role: "group", "aria-label": group.title ?? null, class: "menu-group" },
    group.title && groupTitle("menu-title", group.title),
    group.items.map((item) => {
      const button = menuItem(item, () => popup.close(true));
      buttons.push(button);
      return button;
    })));
  const list = h("div", { role: "menu", "aria-label": label, class: "menu-list" }, body);
  const panel = h("div", { class: "menu" }, options.header, list);
  /** @param {KeyboardEvent} event */
  panel.onkeydown = (event) => moveInList(event, buttons);
  const popup = new Popup(panel, place, options);
  buttons.find((button) => button.getAttribute("aria-disabled") !== "true")?.focus();
  return popup;
}

/** @param {MenuItem} item @param {() => void} close */
function menuItem(item, close) {
  const radio = item.checked !== undefined;
  const attributes = { role: radio ? "menuitemradio" : "menuitem", tabindex: "-1", class: item.danger ? "menu-item danger" : "menu-item", "aria-checked": radio ? String(item.checked) : null, "aria-disabled": item.disabled ? "true" : null };
  const content = [item.leading ?? (item.icon ? icon(item.icon) : null), h("span", { class: "menu-label" }, h("bdi", {}, item.label)), item.hint && h("span", { class: "menu-hint" }, item.hint), radio && item.checked && icon("check", 16)];
  const run = () => {
    if (item.disabled) return;
    close();
    item.run();
  };
  if (item.href) return h("a", { ...attributes, href: item.href, target: "_blank", rel: "noopener", on: { click: close } }, content);
  return h("button", { ...attributes, type: "button", on: { click: run } }, content);
}

/** Arrow keys, Home, End and first letters among elements. @param {KeyboardEvent} event @param {HTMLElement[]} items */
export function moveInList(event, items) {
  const usable = items.filter((item) => item.isConnected && item.getAttribute("aria-disabled") !== "true");
  if (!usable.length) return;
  const at = usable.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  let next = -1;
  if (event.key === "ArrowDown") next = (at + 1) % usable.length;
  else if (event.key === "ArrowUp") next = (at - 1 + usable.length) % usable.length;
  else if (event.key === "Home") next = 0;
  else if (event.key === "End") next = usable.length - 1;
  else if (event.key === "Tab") return event.preventDefault();
  else if (event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const letter = event.key.toLowerCase();
    const order = [...usable.slice(at + 1), ...usable.slice(0, at + 1)];
    next = usable.indexOf(order.find((item) => item.textContent?.trim().toLowerCase().startsWith(letter)) ?? usable[Math.max(at, 0)]);
  } else return;
  event.preventDefault();
  usable[next]?.focus();
}

/**
 * One stop for the Tab key in a group; arrows move inside it.
 * @param {HTMLElement} group @param {string} selector @param {boolean} [sideways]
 */
export function roving(group, selector, sideways = false) {
  const all = () => /** @type {HTMLElement[]} */ ([...group.querySelectorAll(selector)]);
  const settle = () => {
    const items = all();
    if (!items.some((item) => item.tabIndex === 0)) items.forEach((item, index) => (item.tabIndex = index === 0 ? 0 : -1));
  };
  group.addEventListener("focusin", (event) => {
    const target = /** @type {Element} */ (event.target).closest(selector);
    if (target) for (const item of all()) item.tabIndex = item === target ? 0 : -1;
  });
  group.addEventListener("keydown", (event) => {
    const back = sideways ? "ArrowLeft" : "ArrowUp";
    const forth = sideways ? "ArrowRight" : "ArrowDown";
    if (![back, forth, "Home", "End"].includes(event.key)) return;
    const items = all();
    const at = items.indexOf(/** @type {HTMLElement} */ (/** @type {Element} */ (event.target).closest(selector)));
    if (at < 0) return;
    event.preventDefault();
    const next = event.key === back ? at - 1 : event.key === forth ? at + 1 : event.key === "Home" ? 0 : items.length - 1;
    items[Math.max(0, Math.min(items.length - 1, next))]?.focus();
  });
  return settle;
}
