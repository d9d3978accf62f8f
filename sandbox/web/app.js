/** Puts the page together: becomes a person, opens a channel, and passes news to the views. */

import { ChannelView } from "./channel_view.js";
import { Composer } from "./composer.js";
import { coalesce, fill, h } from "./dom.js";
import { openEmojiPicker } from "./emoji.js";
import { Interactions, failureText } from "./interactions.js";
import { Layout } from "./layout.js";
import { Members } from "./members.js";
import { openMenu } from "./menu.js";
import { askThread, channelMenu, messageMenu, showPins, userMenu } from "./menus.js";
import { openModal } from "./modal.js";
import { PERMISSION, allowed, isForum } from "./permissions.js";
import { askPoll } from "./poll_dialog.js";
import { showGate } from "./gate.js";
import { showEvents } from "./scheduled.js";
import { Session } from "./session.js";
import { Sidebar } from "./sidebar.js";
import { startTicking } from "./times.js";
import { Notices } from "./toast.js";
import { Topbar, addressFor } from "./topbar.js";

export class App {
  /** @param {HTMLElement} root @param {Awaited<ReturnType<typeof import("./api.js").people>>} everyone */
  constructor(root, everyone) {
    this.root = root;
    this.everyone = everyone.people;
    /** @type {string | undefined} */
    this.channelId = undefined;
    /** @type {Map<string, import("./types.js").Command[]>} */
    this.commandCache = new Map();
    this.notices = new Notices();
    this.topbar = new Topbar({ become: (uid) => this.become(uid), drawer: (which) => this.layout.toggle(which) });
    this.sidebar = new Sidebar({ open: (id) => this.openChannel(id), menu: (channel, place) => channelMenu(this, channel, place), events: (guild) => showEvents(this.view.text, guild) });
    this.members = new Members({ menu: (userId, place) => userMenu(this, userId, place) });
    this.composer = new Composer(this.composerHooks());
    this.layout = new Layout({ topbar: this.topbar, sidebar: this.sidebar.element, members: this.members.element, composer: this.composer.element, notices: this.notices.element, pins: () => showPins(this), thread: () => askThread(this), retry: () => this.session.live.retryNow() });
    this.interactions = new Interactions({
      api: () => this.session.api,
      changed: (id) => id && this.channelView.feed.redraw(id),
      modal: (state) => this.showModal(state),
      problem: (text) => this.notices.show(text, "problem"),
      progress: (count) => this.showProgress(count),
    });
    this.channelView = new ChannelView(this);
    this.view = this.channelView.context;
    fill(root, this.layout.element);
    startTicking();
    setInterval(() => this.layout.drawTyping(this.channelId ? this.session.world.typists(this.channelId) : []), 1000);
    window.addEventListener("popstate", () => this.goBack());
    this.become(this.whoAmI(), true);
  }

  whoAmI() {
    const asked = new URL(location.href).searchParams.get("as") ?? sessionStorage.getItem("as");
    return this.everyone.find((user) => user.id === asked)?.id ?? this.everyone[0].id;
  }

  /** @param {string} uid @param {boolean} [first] */
  become(uid, first = false) {
    if (!first && uid === this.session?.world.me.id) return;
    const me = this.everyone.find((user) => user.id === uid);
    if (!me) return;
    this.session?.close();
    this.interactions.clear();
    this.commandCache.clear();
    sessionStorage.setItem("as", uid);
    this.note(addressFor(uid), first);
    this.session = new Session(me, {
      ready: (again) => this.ready(again),
      refused: () => this.leave("address"),
      gone: () => this.leave("address"),
    });
    const { world } = this.session;
    const redraw = coalesce(() => this.drawWorld());
    world.on("world", redraw);
    world.on("bots", () => this.drawBots());
    world.on("connection", () => this.layout.drawBanners(world));
    world.on("interaction", (state) => this.interactions.receive(state));
    world.on("typing", (id) => id === this.channelId && this.layout.drawTyping(world.typists(id)));
    world.on("messages", (change) => this.channelView.changed(change));
    this.topbar.draw(this.everyone, uid);
    if (!first) this.notices.say(`You are now ${me.global_name || me.username}.`);
  }

  /** @param {string} address Where one is now; Back leads to where one was. @param {boolean} quiet without a step of its own */
  note(address, quiet) {
    if (address === location.pathname + location.search) return;
    if (quiet) history.replaceState(null, "", address);
    else history.pushState(null, "", address);
  }

  /** Shows whom and what the address names now. */
  goBack() {
    const asked = new URL(location.href).searchParams;
    const channel = asked.get("c");
    const { world } = this.session;
    const stranger = asked.get("as") !== world.me.id;
    if (channel && (stranger || !world.channels.size)) this.channelId = channel;
    if (stranger) this.become(this.whoAmI());
    else if (channel && world.channels.size) this.openChannel(world.channel(channel) ? channel : (this.firstChannel() ?? ""));
  }

  /** @param {"address"} why */
  leave(why) {
    this.session.close();
    showGate(this.root, why);
  }

  /** @param {boolean} again */
  async ready(again) {
    this.commandCache.clear();
    const { world } = this.session;
    const asked = this.channelId ?? new URL(location.href).searchParams.get("c") ?? undefined;
    const target = world.channel(asked) ? asked : this.firstChannel();
    this.layout.drawBanners(world);
    if (again) {
      this.composer.loadCommands();
      this.notices.say("The connection is back.");
    }
    if (target) await this.openChannel(target, true);
    else this.channelView.showNothing();
  }

  firstChannel() {
    const { world } = this.session;
    const readable = [...world.channels.values()].filter((channel) => channel.type === 0 || channel.type === 5).sort((a, b) => (a.position ?? 0) - (b.position ?? 0));
    return (readable[0] ?? [...world.channels.values()].find((channel) => channel.type !== 4))?.id;
  }

  drawWorld() {
    const { world } = this.session;
    const channel = world.channel(this.channelId);
    if (this.channelId && !channel && world.channels.size) return this.openChannel(this.firstChannel() ?? "");
    this.sidebar.draw(world, this.channelId);
    this.members.draw(world, channel);
    this.layout.drawHead(world, channel);
    this.layout.drawBanners(world);
    this.composer.show(channel);
    if (channel) this.channelView.worldChanged(channel);
  }

  drawBots() {
    const { world } = this.session;
    this.commandCache.clear();
    this.composer.loadCommands();
    this.layout.drawBanners(world);
    this.members.draw(world, world.channel(this.channelId));
  }

  /** @param {string} id @param {boolean} [force] */
  async openChannel(id, force = false) {
    const { world } = this.session;
    const channel = world.channel(id);
    if (!channel || channel.type === 4) return;
    if (id === this.channelId && !force) return this.layout.drawer(null);
    const moved = this.channelId !== id;
    this.channelId = id;
    world.unread.delete(id);
    const url = new URL(location.href);
    url.searchParams.set("c", id);
    this.note(url.pathname + url.search, force || !moved);
    document.title = `${world.titleOf(channel)} · Rostrum stage`;
    this.layout.drawer(null);
    this.drawWorld();
    this.layout.drawTyping(world.typists(id));
    this.composer.element.hidden = isForum(channel);
    await this.channelView.show(channel);
    if (moved && matchMedia("(min-width: 821px)").matches && !document.querySelector("dialog[open]")) this.composer.focus();
  }

  /** @param {import("./types.js").Channel} thread One that was just made, whose event may not have come yet. */
  openNewThread(thread) {
    this.session.world.putChannel({ ...thread, guild_id: thread.guild_id ?? this.session.world.channel(this.channelId)?.guild_id });
    this.openChannel(thread.id);
  }

  /** @param {string} userId */
  async openDirect(userId) {
    const channel = await this.act("open_dm", { user_id: userId });
    if (!channel) return;
    this.session.world.putChannel(channel);
    this.openChannel(channel.id);
  }

  /** @param {string} channelId @param {string} [messageId] */
  async openPlace(channelId, messageId) {
    await this.openChannel(channelId);
    if (messageId) await this.jumpTo(messageId);
  }

  /** @param {string} id */
  jumpTo(id) {
    return this.channelView.jumpTo(id);
  }

  /** @returns {Promise<import("./types.js").Command[]>} what may be used in the open channel */
  async commands() {
    if (!this.channelId) return [];
    const id = this.channelId ?? "";
    const cached = this.commandCache.get(id);
    if (cached) return cached;
    const list = await this.session.api.commands(id);
    this.commandCache.set(id, list);
    setTimeout(() => this.commandCache.delete(id), 15_000);
    return list;
  }

  /** @param {string} name @param {any} body @returns {Promise<any>} null where it failed (and the person was told) */
  async act(name, body) {
    try {
      return (await this.session.api.act(name, body)) ?? {};
    } catch (error) {
      this.notices.show(error instanceof Error ? error.message : String(error), "problem");
      return null;
    }
  }

  /** @param {string | undefined} applicationId @returns {string} */
  appName(applicationId) {
    const { applications } = this.session.world;
    return applications.get(applicationId ?? "")?.name ?? (applications.size === 1 ? [...applications.values()][0].name : "The app");
  }

  /** @param {import("./types.js").Command} command @param {string} target */
  runContext(command, target) {
    this.interactions.begin("context", { channel_id: this.channelId, command_id: command.id, target_id: target }, { app: this.appName(command.application_id), place: null });
  }

  /** @param {import("./types.js").InteractionState} state */
  showModal(state) {
    const app = this.appName(/** @type {any} */ (state).application_id);
    openModal(state, this.view.text, {
      app,
      submit: (values, files, settled) => {
        this.interactions.begin("modal", { interaction_id: state.id, values }, { app, place: null, quiet: true, settled: (how, _detail, error) => settled(how === "failed" ? error || failureText(app) : "") }, files);
      },
      dismiss: () => this.session.api.act("dismiss_modal", { interaction_id: state.id }).catch(() => undefined),
    });
  }

  /** @param {number} count interactions that wait for an answer */
  showProgress(count) {
    fill(this.composer.status, count > 0 && [h("span", { class: "spinner", "aria-hidden": "true" }), "Waiting for an answer…"]);
  }

  /** @returns {import("./composer.js").ComposerHooks} */
  composerHooks() {
    return {
      world: () => this.session.world,
      commands: () => this.commands(),
      sender: () => {
        const { api } = this.session;
        const channel_id = this.channelId;
        return {
          post: (body, files) => api.act("post", { channel_id, ...body }, files),
          edit: (message, content) => api.act("edit", { channel_id: message.channel_id, message_id: message.id, content }),
        };
      },
      run: (entry, options, files) => {
        // what one asks for is answered below
        void this.channelView.feed.toLatest();
        return this.interactions.begin("slash", { channel_id: this.channelId, command_id: entry.commandId, options }, { app: entry.app, place: null }, files);
      },
      autocomplete: async (entry, options, signal) => (await this.session.api.act("autocomplete", { channel_id: this.channelId, command_id: entry.commandId, options }, undefined, signal))?.choices ?? [],
      typing: () => void this.session.api.act("typing", { channel_id: this.channelId }).catch(() => undefined),
      problem: (text) => this.notices.show(text, "problem"),
      say: (text) => this.notices.say(text),
      editLast: () => this.channelView.editLast(),
      pickEmoji: (anchor, choose) => openEmojiPicker(anchor, this.session.world.guildOf(this.channelId)?.emojis ?? [], (emoji) => choose(emoji.id ? `<${emoji.animated ? "a" : ""}:${emoji.name}:${emoji.id}>` : (emoji.name ?? ""))),
      plus: (anchor) => this.plusMenu(anchor),
    };
  }

  /** @param {Element} anchor */
  plusMenu(anchor) {
    const channel = this.session.world.channel(this.channelId);
    /** @type {import("./menu.js").MenuItem[]} */
    const items = [{ label: "Attach files", icon: "clip", run: () => this.composer.fileInput.click() }];
    if (allowed(channel, PERMISSION.sendPolls)) items.push({ label: "New poll", icon: "poll", run: () => askPoll(async (poll) => void (await this.session.api.act("post", { channel_id: this.channelId, content: "", poll }))) });
    openMenu(anchor, "Add", [{ items }], { above: true });
  }

  /** @param {import("./types.js").Message} message @param {import("./popup.js").Place} place */
  openMessageMenu(message, place) {
    messageMenu(this, message, place);
  }

  /** @param {string} userId @param {import("./popup.js").Place} place */
  openUserMenu(userId, place) {
    userMenu(this, userId, place);
  }
}
