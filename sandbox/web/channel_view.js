/** The open channel: its feed or its forum, what its messages can do, and what is said aloud when they change. */

import { coalesce, h } from "./dom.js";
import { channelIcon } from "./entities.js";
import { Feed } from "./feed.js";
import { Forum } from "./forum.js";
import { icon } from "./icons.js";
import { pickReaction } from "./menus.js";
import { FLAG, has, preview } from "./message.js";
import { showVoters } from "./poll_dialog.js";
import { PERMISSION, allowed, isForum, isThread, whyNotWrite } from "./permissions.js";

/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Channel} Channel */

export class ChannelView {
  /** @param {import("./app.js").App} app */
  constructor(app) {
    this.app = app;
    this.feed = new Feed({
      load: (side) => this.load(side),
      latest: () => this.latest(),
      seen: () => this.markRead(),
    });
    this.forum = new Forum({ open: (id) => app.openChannel(id), post: (channel, name, content, tags) => this.newPost(channel, name, content, tags) });
    this.context = this.makeContext();
    /** @type {Set<string>} */
    this.dirty = new Set();
    this.redrawAll = false;
    this.grown = false;
    this.flush = coalesce(() => this.draw());
  }

  /** @returns {import("./message.js").ViewContext} */
  makeContext() {
    const { app } = this;
    const view = this;
    return {
      text: {
        get world() {
          return app.session.world;
        },
        get guild() {
          return app.session.world.guildOf(app.channelId);
        },
        openChannel: (id) => app.openChannel(id),
        openPlace: (channel, message) => app.openPlace(channel, message),
        openPerson: (id, anchor) => app.openUserMenu(id, anchor),
        useCommand: (name) => app.composer.useCommand(name),
      },
      peeks: new Set(),
      get canReact() {
        return allowed(app.session.world.channel(app.channelId), PERMISSION.addReactions);
      },
      get canReply() {
        return !whyNotWrite(app.session.world.channel(app.channelId));
      },
      control: (message, key) => app.interactions.state(message.id, key),
      press: (message, component) => this.begin(message, component),
      choose: (message, component, values) => this.begin(message, component, values),
      react: (message, emoji, on) => app.act(on ? "react" : "unreact", { channel_id: message.channel_id, message_id: message.id, emoji: emoji.id ? `${emoji.name}:${emoji.id}` : emoji.name }),
      pickEmoji: (message, anchor) => pickReaction(app, message, anchor),
      vote: (message, ids) => this.vote(message, ids),
      endPoll: (message) => app.act("poll_end", { channel_id: message.channel_id, message_id: message.id }),
      pollVoters: (message) => this.pollVoters(message),
      isMine: (message) => message.author?.id === app.session.world.me.id,
      redraw: (message) => this.feed.redraw(message.id),
      jumpTo: (id) => this.jumpTo(id),
      dismiss: (message) => app.act("dismiss", { channel_id: message.channel_id, message_id: message.id }),
      openMenu: (message, place) => app.openMessageMenu(message, place),
      openUserMenu: (userId, place) => app.openUserMenu(userId, place),
      reply: (message) => app.composer.setMode({ reply: message }),
      openChannel: (id) => view.app.openChannel(id),
    };
  }

  /** @param {Message} message @param {any} component @param {string[]} [values] */
  begin(message, component, values) {
    const name = message.author?.bot ? this.app.session.world.nameOf(message.author.id) : this.app.appName(message.application_id);
    this.app.interactions.begin("component", { channel_id: message.channel_id, message_id: message.id, custom_id: component.custom_id, ...(values ? { values } : {}) }, { app: name, place: component.custom_id, messageId: message.id, values });
  }

  /** @param {Message} message @param {number[]} ids */
  async vote(message, ids) {
    const { interactions } = this.app;
    const origin = { app: "", place: "poll", messageId: message.id };
    interactions.mark(origin, { busy: true, error: "" });
    try {
      await this.app.session.api.act("poll_vote", { channel_id: message.channel_id, message_id: message.id, answer_ids: ids });
      if (!ids.length) this.context.peeks.delete(message.id);
      interactions.mark(origin, { busy: false, error: "" });
      this.app.notices.say(ids.length ? "Your vote is counted." : "Your vote is taken back.");
    } catch (error) {
      interactions.mark(origin, { busy: false, error: error instanceof Error ? error.message : String(error) });
    }
  }

  /** @param {Message} message */
  async pollVoters(message) {
    const { world } = this.app.session;
    /** @type {{answers: {answer_id: number, user_ids: string[]}[]} | null} */
    const found = await this.app.act("poll_voters", { channel_id: message.channel_id, message_id: message.id });
    if (found) showVoters(message, found.answers, (id) => world.nameOf(id, world.guildOf(message.channel_id)));
  }

  /** @param {Channel} channel */
  async show(channel) {
    const { app } = this;
    const { session, layout } = app;
    if (isForum(channel)) {
      this.forum.draw(session.world, channel, allowed(channel, PERMISSION.sendMessages));
      layout.stage.replaceChildren(this.forum.element);
      return;
    }
    layout.stage.replaceChildren(this.feed.element);
    this.feed.show(session.world.windows.of(channel.id), this.context, this.intro(channel));
    try {
      await session.openChannel(channel.id);
    } catch (error) {
      return app.notices.show(error instanceof Error ? error.message : String(error), "problem");
    }
    if (app.channelId === channel.id && app.session === session) this.feed.show(session.world.windows.of(channel.id), this.context, this.intro(channel));
  }

  showNothing() {
    this.app.layout.stage.replaceChildren(h("p", { class: "empty-note" }, "There is no channel here that you can see."));
  }

  /** @param {Channel} channel */
  intro(channel) {
    const { world } = this.app.session;
    return h("div", { class: "intro-card" }, h("span", { class: "intro-icon" }, icon(channelIcon(channel), 24)), h("h2", {}, h("bdi", {}, world.titleOf(channel))), h("p", {}, isThread(channel) ? "The beginning of this thread." : channel.guild_id ? "The beginning of this channel." : "The beginning of your messages with each other.", channel.topic ? ` ${channel.topic}` : ""));
  }

  /** @param {Channel} channel */
  worldChanged(channel) {
    if (isForum(channel)) this.forum.draw(this.app.session.world, channel, allowed(channel, PERMISSION.sendMessages));
    else if (this.feed.element.isConnected && this.feed.held?.loaded) {
      this.redrawAll = true;
      this.flush();
    }
  }

  /** @param {Channel} channel @param {string} name @param {string} content @param {string[]} tags */
  async newPost(channel, name, content, tags) {
    const thread = await this.app.session.api.act("thread", { channel_id: channel.id, name, content, applied_tags: tags });
    if (thread?.id) this.app.openNewThread(thread);
  }

  /** @param {"older" | "newer"} side */
  async load(side) {
    const id = this.app.channelId ?? "";
    try {
      await this.app.session.page(id, side);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 1500));
    }
    if (id === this.app.channelId) this.feed.update(this.app.session.world.windows.of(id));
  }

  async latest() {
    const id = this.app.channelId ?? "";
    await this.app.session.latest(id);
    if (id === this.app.channelId) this.feed.update(this.app.session.world.windows.of(id));
  }

  markRead() {
    if (this.app.channelId) this.app.session.world.unread.delete(this.app.channelId);
  }

  /** @param {string} messageId */
  async jumpTo(messageId) {
    const id = this.app.channelId ?? "";
    if (this.feed.reveal(messageId)) return;
    try {
      await this.app.session.around(id, messageId);
    } catch (error) {
      return this.app.notices.show(error instanceof Error ? error.message : String(error), "problem");
    }
    this.feed.stick = false;
    this.feed.update(this.app.session.world.windows.of(id));
    if (!this.feed.reveal(messageId)) this.app.notices.show("That message is not there any more.", "problem");
  }

  editLast() {
    const { world } = this.app.session;
    const mine = [...world.windows.of(this.app.channelId ?? "").list].reverse().find((message) => message.author?.id === world.me.id && (message.type === 0 || message.type === 19) && !message.poll);
    if (mine) this.app.composer.setMode({ edit: mine });
  }

  /** @param {{kind: string, channel_id: string, message: Message, before?: Message, shown?: boolean, quiet?: boolean}} change */
  changed(change) {
    const { world } = this.app.session;
    const here = change.channel_id === this.app.channelId;
    if (change.kind === "create" && !here && change.message.author?.id !== world.me.id) {
      world.unread.add(change.channel_id);
      this.app.sidebar.draw(world, this.app.channelId);
    }
    if (!here || !this.feed.element.isConnected) return;
    this.speak(change);
    if (change.kind === "create") {
      if (change.message.author?.id === world.me.id && change.shown) this.feed.stick = true;
      else this.feed.arrived(1);
      this.grown = true;
      this.layoutTyping();
    } else if (change.kind === "delete") this.redrawAll = true;
    else this.dirty.add(change.message.id);
    this.flush();
  }

  layoutTyping() {
    const { world } = this.app.session;
    if (this.app.channelId) this.app.layout.drawTyping(world.typists(this.app.channelId));
  }

  draw() {
    const { world } = this.app.session;
    const held = world.windows.of(this.app.channelId ?? "");
    if (this.redrawAll) this.feed.update(held);
    else {
      this.feed.held = held;
      if (this.grown) this.feed.append(held);
      for (const id of this.dirty) this.feed.redraw(id);
    }
    this.redrawAll = false;
    this.grown = false;
    this.dirty.clear();
  }

  /** @param {{kind: string, message: Message, before?: Message}} change New messages and finished thoughts are said; streamed edits are not. */
  speak(change) {
    const { world } = this.app.session;
    const { message, before } = change;
    const fresh = change.kind === "create" && message.author?.id !== world.me.id && !has(message, FLAG.loading);
    const answered = change.kind === "update" && before && has(before, FLAG.loading) && !has({ ...before, ...message }, FLAG.loading);
    if (!fresh && !answered) return;
    const whole = { ...before, ...message };
    const name = world.nameOf(whole.author?.id ?? "", world.guildOf(whole.channel_id));
    this.app.notices.say(`${name}${has(whole, FLAG.ephemeral) ? ", only to you" : ""}: ${preview(whole, this.context)}`);
  }
}
