/** One person's connection: the world, the live events, the pages of messages; keeps them in step through losses. */

import { ApiError, PersonApi, people } from "./api.js";
import { applyEvent } from "./events.js";
import { LiveEvents } from "./live.js";
import { World } from "./state.js";
import { PAGE, compareIds } from "./windows.js";

/** Events that count: applied on top of a page that may hold them already, they would count twice. */
const COUNTING = new Set(["MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE", "MESSAGE_POLL_VOTE_ADD", "MESSAGE_POLL_VOTE_REMOVE"]);

export class Session {
  /**
   * @param {import("./types.js").User} me
   * @param {{ready: (again: boolean) => void, refused: () => void, gone: () => void}} hooks refused: the cookie no longer counts. gone: this person is not there any more.
   */
  constructor(me, hooks) {
    this.hooks = hooks;
    this.api = new PersonApi(me.id);
    this.world = new World(me);
    this.closed = false;
    this.loads = 0;
    /** @type {[string, any][]} events that came while something was being fetched */
    this.queue = [];
    this.live = new LiveEvents(me.id, {
      event: (name, data) => this.receive(name, data),
      opened: (again) => this.sync(again),
      lost: () => this.lost(),
    });
  }

  /** @param {string} name @param {any} data */
  receive(name, data) {
    if (this.closed) return;
    if (this.loads && name !== "INTERACTION_STATE" && name !== "TYPING_START") this.queue.push([name, data]);
    else applyEvent(this.world, name, data);
  }

  /**
   * Fetches, with events held back until what was fetched is in place.
   * @template T @param {() => Promise<T>} fetch @returns {Promise<{result: T, counted: boolean}>} counted: something was counted meanwhile, fetch again
   */
  async hold(fetch) {
    this.loads += 1;
    let done = false;
    try {
      const result = await fetch();
      done = true;
      return { result, counted: this.queue.some(([name]) => COUNTING.has(name)) };
    } finally {
      this.loads -= 1;
      if (!this.loads) {
        const queue = this.queue;
        this.queue = [];
        for (const [name, data] of queue) if (!done || !COUNTING.has(name)) applyEvent(this.world, name, data);
      }
    }
  }

  /** @param {boolean} again after a loss */
  async sync(again) {
    try {
      await this.hold(async () => {
        const [everyone, world] = await Promise.all([people(), this.api.world()]);
        this.world.applications = new Map(everyone.applications.map((one) => [one.id, one]));
        for (const user of everyone.people) this.world.rememberUser(user);
        for (const one of everyone.applications) this.world.rememberUser(one.user);
        this.world.load(world);
      });
    } catch (error) {
      return this.failed(error);
    }
    this.world.connected = true;
    if (again) this.world.windows.byChannel.forEach((held) => (held.stale = true));
    this.world.emit("connection");
    this.world.emit("bots");
    if (!this.closed) this.hooks.ready(again);
  }

  /** @param {unknown} error */
  failed(error) {
    if (this.closed) return;
    if (error instanceof ApiError && error.status === 401) this.hooks.refused();
    else if (error instanceof ApiError && error.status === 404) this.hooks.gone();
    else this.live.socket?.close();
  }

  async lost() {
    if (this.closed) return;
    this.world.connected = false;
    this.world.emit("connection");
    try {
      await people();
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) this.hooks.refused();
    }
  }

  /** @param {string} cid Loads the channel's end, unless it is there already. */
  async openChannel(cid) {
    const held = this.world.windows.of(cid);
    if (held.loaded && held.atEnd && !held.stale) return;
    await this.latest(cid);
  }

  /** @param {string} cid @param {number} [tries] */
  async latest(cid, tries = 3) {
    const { counted } = await this.hold(async () => this.world.windows.reset(cid, this.remember(await this.api.messages(cid, { limit: PAGE }))));
    if (counted && tries > 1) await this.latest(cid, tries - 1);
  }

  /** @param {string} cid @param {"older" | "newer"} side */
  async page(cid, side) {
    const held = this.world.windows.of(cid);
    const edge = side === "older" ? held.list[0] : held.list[held.list.length - 1];
    if (!edge) return this.latest(cid);
    await this.hold(async () => {
      const page = this.remember(await this.api.messages(cid, { [side === "older" ? "before" : "after"]: edge.id, limit: PAGE }));
      this.world.windows[side](cid, page);
    });
  }

  /** @param {string} cid @param {string} messageId Loads the stretch around one message. */
  async around(cid, messageId) {
    await this.hold(async () => {
      const next = String(BigInt(messageId) + 1n);
      const [before, after] = await Promise.all([this.api.messages(cid, { before: next, limit: PAGE }), this.api.messages(cid, { after: messageId, limit: PAGE })]);
      this.world.windows.resetAround(cid, this.remember(before), this.remember(after.sort((a, b) => compareIds(b.id, a.id))));
    });
  }

  /** @param {import("./types.js").Message[]} messages */
  remember(messages) {
    for (const message of messages) this.world.rememberUser(message.author);
    return messages;
  }

  close() {
    this.closed = true;
    this.live.close();
  }
}
