/** The frame: regions, drawers on narrow screens, banners, and the keys that move between regions. */

import { fill, h, morph } from "./dom.js";
import { channelIcon } from "./entities.js";
import { icon } from "./icons.js";
import { CHANNEL, PERMISSION, allowed, isForum, isThread } from "./permissions.js";

const NARROW = "(max-width: 820px)";
const NO_MEMBERS = "(max-width: 1180px)";

export class Layout {
  /**
   * @param {{topbar: {element: HTMLElement, drawerButton: HTMLElement}, sidebar: HTMLElement, members: HTMLElement, composer: HTMLElement, notices: HTMLElement,
   *   pins: () => void, thread: () => void, retry: () => void}} parts
   */
  constructor(parts) {
    this.parts = parts;
    this.banners = h("div", { class: "banners", role: "status" });
    this.head = h("header", { class: "channel-head" });
    this.stage = h("div", { class: "stage" });
    this.typing = h("p", { class: "typing", "aria-live": "off" });
    this.main = h("main", { class: "main", id: "main" }, this.head, this.stage, h("div", { class: "foot" }, parts.composer, this.typing));
    this.shade = h("div", { class: "shade", on: { click: () => this.drawer(null) } });
    const skip = h("a", { class: "skip", href: "#main", on: { click: (/** @type {Event} */ event) => {
      event.preventDefault();
      /** @type {HTMLElement | null} */ (this.main.querySelector(".composer-input, .composer-holder input"))?.focus();
    } } }, "Skip to the message field");
    this.element = h("div", { class: "app" }, skip, parts.topbar.element, this.banners, h("div", { class: "columns" }, parts.sidebar, this.main, parts.members, this.shade), parts.notices);
    this.membersOpen = localStorage.getItem("members") !== "closed";
    matchMedia(NARROW).addEventListener("change", () => this.drawer(null));
    matchMedia(NO_MEMBERS).addEventListener("change", () => this.drawer(null));
    document.addEventListener("keydown", (event) => this.key(event));
    this.drawer(null);
  }

  /** @param {"sidebar" | "members" | null} which Opens one drawer; null closes both. */
  drawer(which) {
    const { sidebar, members, topbar } = this.parts;
    const narrow = matchMedia(NARROW).matches;
    const tight = matchMedia(NO_MEMBERS).matches;
    const wasOpen = sidebar.classList.contains("open") ? sidebar : members.classList.contains("open") ? members : null;
    sidebar.classList.toggle("open", which === "sidebar");
    members.classList.toggle("open", which === "members");
    members.classList.toggle("folded", !tight && !this.membersOpen);
    sidebar.inert = narrow && which !== "sidebar";
    members.inert = tight ? which !== "members" : !this.membersOpen;
    this.main.inert = which !== null;
    this.shade.classList.toggle("on", which !== null);
    topbar.drawerButton.setAttribute("aria-expanded", String(which === "sidebar"));
    this.head.querySelector(".members-button")?.setAttribute("aria-expanded", String(tight ? which === "members" : this.membersOpen));
    if (which) /** @type {HTMLElement | null} */ ((which === "sidebar" ? sidebar : members).querySelector('[tabindex="0"], button'))?.focus();
    else if (wasOpen === sidebar && wasOpen.contains(document.activeElement)) topbar.drawerButton.focus();
  }

  toggleMembers() {
    if (matchMedia(NO_MEMBERS).matches) return this.drawer(this.parts.members.classList.contains("open") ? null : "members");
    this.membersOpen = !this.membersOpen;
    localStorage.setItem("members", this.membersOpen ? "open" : "closed");
    this.drawer(null);
  }

  /** @param {"sidebar" | "members"} which */
  toggle(which) {
    this.drawer(this.parts[which].classList.contains("open") ? null : which);
  }

  /** @param {import("./state.js").World} world @param {import("./types.js").Channel | undefined} channel */
  drawHead(world, channel) {
    if (!channel) return fill(this.head);
    const parent = isThread(channel) ? world.channel(channel.parent_id ?? undefined) : undefined;
    /** @param {import("./icons.js").IconName} name @param {string} label @param {() => void} click @param {string} [kind] */
    const tool = (name, label, click, kind = "") => h("button", { type: "button", class: `icon-button ${kind}`, "aria-label": label, title: label, on: { click } }, icon(name));
    const focused = this.head.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement).getAttribute("aria-label") : null;
    fill(this.head,
      h("div", { class: "channel-title" }, icon(channelIcon(channel), 20), h("h1", {}, parent && h("span", { class: "channel-parent" }, h("bdi", {}, world.titleOf(parent)), " / "), h("bdi", {}, world.titleOf(channel))), channel.topic && !isForum(channel) && h("p", { class: "channel-topic", dir: "auto", title: channel.topic }, channel.topic)),
      h("div", { class: "channel-tools" },
        !isForum(channel) && tool("pin", "Pinned messages", this.parts.pins),
        !isThread(channel) && !isForum(channel) && channel.type !== CHANNEL.dm && allowed(channel, PERMISSION.publicThreads) && tool("thread", "Start a thread", this.parts.thread),
        tool("people", "Members", () => this.toggleMembers(), "members-button")));
    const button = this.head.querySelector(".members-button");
    button?.setAttribute("aria-controls", "members");
    button?.setAttribute("aria-expanded", String(!this.parts.members.inert));
    if (focused) /** @type {HTMLElement | null} */ (this.head.querySelector(`[aria-label="${CSS.escape(focused)}"]`))?.focus();
  }

  /** @param {import("./state.js").World} world */
  drawBanners(world) {
    const offline = [...world.applications.values()].filter((one) => !one.online).map((one) => one.name);
    const list = [];
    if (!world.connected) list.push(h("div", { class: "banner problem" }, h("span", { class: "spinner", "aria-hidden": "true" }), h("p", {}, "The connection to the stage is lost. Trying again by itself; what you are writing is kept."), h("button", { type: "button", class: "button small secondary", on: { click: this.parts.retry } }, "Try now")));
    if (offline.length) list.push(h("div", { class: "banner" }, icon("warn", 18), h("p", {}, h("bdi", {}, offline.join(", ")), offline.length > 1 ? " are offline." : " is offline.", " Commands and buttons get no answer until the bot is started again.")));
    const held = this.banners.contains(document.activeElement);
    morph(this.banners, h("div", { class: "banners", role: "status" }, list));
    if (held && !this.banners.contains(document.activeElement)) /** @type {HTMLElement | null} */ (this.parts.composer.querySelector(".composer-input"))?.focus();
  }

  /** @param {string[]} names */
  drawTyping(names) {
    const [first, second] = names;
    const text = !names.length ? "" : names.length === 1 ? `${first} is typing…` : names.length === 2 ? `${first} and ${second} are typing…` : "Several people are typing…";
    fill(this.typing, text && [h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), h("bdi", {}, text)]);
  }

  /** @param {KeyboardEvent} event F6 walks through the regions; Esc closes a drawer. */
  key(event) {
    if (event.key === "Escape" && this.shade.classList.contains("on")) return this.drawer(null);
    if (event.key !== "F6" || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    const { sidebar, members, composer, topbar } = this.parts;
    const regions = [topbar.element, sidebar, this.stage, composer, members].filter((region) => !region.inert && region.offsetParent !== null);
    const at = regions.findIndex((region) => region.contains(document.activeElement));
    const next = regions[(at + (event.shiftKey ? -1 : 1) + regions.length) % regions.length];
    const wanted = next === composer ? "textarea, .command-form input, .command-form button" : next === this.stage ? '.message[tabindex="0"], .forum button' : '[tabindex="0"], button:not([tabindex="-1"])';
    const target = [...next.querySelectorAll(wanted)].find((one) => one.checkVisibility());
    /** @type {HTMLElement | undefined} */ (target)?.focus();
  }
}
