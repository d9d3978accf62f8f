/** Who is here, at the right: by role, apps with their state. */

import { fill, h } from "./dom.js";
import { cssColour, face } from "./entities.js";
import { roving } from "./menu.js";

const MOST = 200;

export class Members {
  /** @param {{menu: (userId: string, place: import("./popup.js").Place) => void}} hooks */
  constructor(hooks) {
    this.hooks = hooks;
    this.list = h("div", { class: "members-list" });
    this.element = h("aside", { class: "members", "aria-label": "Members", id: "members" }, h("h2", { class: "members-title" }, "Members"), this.list);
    this.settle = roving(this.list, ".member");
  }

  /** @param {import("./state.js").World} world @param {import("./types.js").Channel | undefined} channel */
  draw(world, channel) {
    const guild = world.guilds.get(channel?.guild_id ?? "");
    const users = guild ? guild.members.map((member) => member.user).filter(Boolean) : [world.me, ...(channel?.recipients ?? [])];
    const hoisted = (guild?.roles ?? []).filter((role) => role.hoist).sort((a, b) => b.position - a.position);
    const online = new Map([...world.applications.values()].map((one) => [one.user?.id, one.online]));
    /** @type {Map<string, any[]>} */
    const groups = new Map();
    for (const user of users.slice(0, MOST)) {
      const roles = world.member(guild, user.id)?.roles ?? [];
      const title = user.bot ? "Apps" : (hoisted.find((role) => roles.includes(role.id))?.name ?? "Members");
      groups.set(title, [...(groups.get(title) ?? []), user]);
    }
    const order = [...hoisted.map((role) => role.name), "Members", "Apps"];
    const titles = [...groups.keys()].sort((a, b) => order.indexOf(a) - order.indexOf(b));
    fill(this.list, titles.map((title) => h("section", {}, h("h3", {}, h("bdi", {}, title), h("span", {}, ` ${groups.get(title)?.length}`)),
      h("ul", { role: "list" }, groups.get(title)?.sort((a, b) => world.nameOf(a.id, guild).localeCompare(world.nameOf(b.id, guild))).map((user) => this.row(world, guild, user, online.get(user.id)))))),
    users.length > MOST && h("p", { class: "more-note" }, `and ${users.length - MOST} more`));
    this.settle();
  }

  /** @param {import("./state.js").World} world @param {import("./types.js").Guild | undefined} guild @param {import("./types.js").User} user @param {boolean | undefined} online only known for apps */
  row(world, guild, user, online) {
    const name = world.nameOf(user.id, guild);
    const colour = cssColour(world.colourOf(user.id, guild));
    /** @param {MouseEvent} event */
    const open = (event) => {
      event.preventDefault();
      const anchor = /** @type {Element} */ (event.currentTarget);
      this.hooks.menu(user.id, event.type === "contextmenu" && event.clientX ? { x: event.clientX, y: event.clientY } : anchor);
    };
    return h("li", {}, h("button", { type: "button", class: `member${online === false ? " offline" : ""}`, tabindex: "-1", "aria-haspopup": "menu", style: colour ? { "--name": colour } : {}, on: { click: open, contextmenu: open } },
      face(user, 28, name), h("bdi", { class: "member-name" }, name), user.id === world.me.id && h("span", { class: "member-note" }, "you"), online === false && h("span", { class: "member-note" }, "offline")));
  }
}
