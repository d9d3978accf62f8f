/** The top: name, who one is, look, and the switch between people. */

import { fill, h } from "./dom.js";
import { face } from "./entities.js";
import { icon, mark } from "./icons.js";
import { openMenu, roving } from "./menu.js";

/** @typedef {import("./types.js").User} User */

const SHOWN = 6;

/** @param {string} uid @returns {string} the address of the page as that person */
export function addressFor(uid) {
  const url = new URL(location.href);
  url.searchParams.set("as", uid);
  return url.pathname + url.search;
}

export class Topbar {
  /** @param {{become: (uid: string) => void, drawer: (which: "sidebar" | "members") => void}} hooks */
  constructor(hooks) {
    this.hooks = hooks;
    this.drawerButton = h("button", { type: "button", class: "icon-button drawer-button", "aria-label": "Channels", "aria-controls": "sidebar", "aria-expanded": "false", on: { click: () => hooks.drawer("sidebar") } }, icon("menu", 20));
    this.people = h("div", { class: "people", role: "toolbar", "aria-label": "Act as" });
    this.settle = roving(this.people, ".person", true);
    this.theme = h("button", { type: "button", class: "icon-button", on: { click: () => this.toggleTheme() } });
    this.element = h("header", { class: "topbar" }, this.drawerButton, h("div", { class: "brand" }, mark(26), h("span", { class: "brand-name" }, "Rostrum"), h("span", { class: "brand-place" }, "stage")), h("span", { class: "spacer" }), this.people, this.theme);
    const saved = localStorage.getItem("look");
    if (saved === "light" || saved === "dark") document.documentElement.dataset.look = saved;
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.drawTheme());
    this.drawTheme();
  }

  /** @returns {boolean} */
  isDark() {
    return (document.documentElement.dataset.look ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  }

  drawTheme() {
    const dark = this.isDark();
    this.theme.replaceChildren(icon(dark ? "sun" : "moon"));
    this.theme.setAttribute("aria-label", dark ? "Use the light look" : "Use the dark look");
    this.theme.title = dark ? "Light look" : "Dark look";
  }

  toggleTheme() {
    const look = this.isDark() ? "light" : "dark";
    document.documentElement.dataset.look = look;
    localStorage.setItem("look", look);
    this.drawTheme();
  }

  /** @param {User[]} everyone @param {string} me */
  draw(everyone, me) {
    const hadFocus = this.people.contains(document.activeElement);
    const shown = everyone.slice(0, SHOWN);
    const mine = everyone.find((user) => user.id === me);
    if (mine && !shown.includes(mine)) shown[SHOWN - 1] = mine;
    fill(this.people, h("span", { class: "people-title", "aria-hidden": "true" }, "You are"), shown.map((user) => this.person(user, user.id === me)),
      h("button", { type: "button", class: "person more", tabindex: "-1", "aria-label": "All people, and open in a new tab", title: "All people", "aria-haspopup": "menu", on: { click: (/** @type {Event} */ event) => this.all(everyone, me, /** @type {Element} */ (event.currentTarget)) } }, icon("down", 16)));
    const current = /** @type {HTMLElement | null} */ (this.people.querySelector('[aria-pressed="true"]'));
    if (current) current.tabIndex = 0;
    this.settle();
    if (hadFocus) current?.focus();
  }

  /** @param {User} user @param {boolean} on */
  person(user, on) {
    const name = user.global_name || user.username;
    /** @param {MouseEvent} event */
    const click = (event) => (event.ctrlKey || event.metaKey || event.shiftKey ? window.open(addressFor(user.id), "_blank", "noopener") : this.hooks.become(user.id));
    /** @param {MouseEvent} event */
    const contextmenu = (event) => {
      event.preventDefault();
      openMenu(/** @type {Element} */ (event.currentTarget), name, [{ items: [{ label: `Open a tab as ${name}`, icon: "external", href: addressFor(user.id), run: () => undefined }] }], { end: true });
    };
    return h("button", { type: "button", class: "person", tabindex: "-1", "aria-pressed": String(on), "aria-label": on ? `${name}, that is you now` : `Act as ${name}`, title: on ? `You are ${name}` : `Act as ${name} (Ctrl: in a new tab)`, data: { uid: user.id }, on: { click, contextmenu } }, face(user, 28, name), h("bdi", { class: "person-name" }, name));
  }

  /** @param {User[]} everyone @param {string} me @param {Element} anchor */
  all(everyone, me, anchor) {
    const named = everyone.map((user) => ({ user, name: user.global_name || user.username }));
    openMenu(anchor, "People", [
      { title: "Act as", items: named.map(({ user, name }) => ({ label: name, leading: face(user, 22, name), checked: user.id === me, run: () => this.hooks.become(user.id) })) },
      { title: "In a new tab", items: named.filter(({ user }) => user.id !== me).map(({ user, name }) => ({ label: name, icon: "external", href: addressFor(user.id), run: () => undefined })) },
    ], { end: true });
  }
}
