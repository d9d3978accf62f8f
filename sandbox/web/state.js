/** What one person can see of the world, kept in step with the events that arrive. */

import { isThread } from "./permissions.js";
import { MessageWindows } from "./windows.js";

/** @typedef {import("./types.js").Guild} Guild */
/** @typedef {import("./types.js").Channel} Channel */
/** @typedef {import("./types.js").Message} Message */
/** @typedef {"world"|"messages"|"typing"|"interaction"|"bots"|"connection"} Topic */

export class World {
  /** @param {import("./types.js").User} me */
  constructor(me) {
    this.me = me;
    /** @type {Map<string, Guild>} */
    this.guilds = new Map();
    /** @type {Map<string, Channel>} */
    this.channels = new Map();
    /** @type {Map<string, import("./types.js").User>} */
    this.users = new Map();
    /** @type {Map<string, import("./types.js").Application>} */
    this.applications = new Map();
    this.windows = new MessageWindows();
    /** @type {Map<string, Map<string, number>>} channel to user to when the typing ends (ms) */
    this.typing = new Map();
    /** @type {Set<string>} channels with something unread */
    this.unread = new Set();
    this.connected = true;
    /** @type {Map<Topic, Set<(detail: any) => void>>} */
    this.listeners = new Map();
  }

  /** @param {Topic} topic @param {(detail: any) => void} listener */
  on(topic, listener) {
    if (!this.listeners.has(topic)) this.listeners.set(topic, new Set());
    this.listeners.get(topic)?.add(listener);
  }

  /** @param {Topic} topic @param {any} [detail] */
  emit(topic, detail) {
    for (const listener of this.listeners.get(topic) ?? []) listener(detail);
  }

  /** @param {{user: import("./types.js").User, guilds: Guild[], private_channels: Channel[]}} payload */
  load(payload) {
    this.me = payload.user ?? this.me;
    this.guilds.clear();
    this.channels.clear();
    this.rememberUser(this.me);
    for (const guild of payload.guilds ?? []) this.putGuild(guild);
    for (const channel of payload.private_channels ?? []) this.putChannel(channel);
    this.emit("world");
  }

  /** @param {Guild} guild */
  putGuild(guild) {
    const before = this.guilds.get(guild.id);
    const whole = { ...before, ...guild };
    for (const list of /** @type {const} */ (["channels", "threads", "roles", "members", "emojis", "guild_scheduled_events"])) /** @type {any} */ (whole)[list] = guild[list] ?? before?.[list] ?? [];
    this.guilds.set(guild.id, whole);
    for (const member of whole.members) this.rememberUser(member.user);
    for (const channel of [...whole.channels, ...whole.threads]) this.channels.set(channel.id, { ...channel, guild_id: guild.id });
  }

  /** @param {Channel} channel */
  putChannel(channel) {
    this.channels.set(channel.id, { ...this.channels.get(channel.id), ...channel });
    for (const user of channel.recipients ?? []) this.rememberUser(user);
  }

  /** @param {import("./types.js").User | undefined} user */
  rememberUser(user) {
    if (user?.id) this.users.set(user.id, { ...this.users.get(user.id), ...user });
  }

  /** @param {string} [id] @returns {Channel | undefined} */
  channel(id) {
    return id ? this.channels.get(id) : undefined;
  }

  /** @param {string | undefined} guildId @returns {Channel[]} channels and threads of one server, or direct messages for undefined */
  channelsOf(guildId) {
    return [...this.channels.values()].filter((channel) => channel.guild_id === guildId);
  }

  /** @param {string | undefined} channelId @returns {Guild | undefined} */
  guildOf(channelId) {
    return this.guilds.get(this.channel(channelId)?.guild_id ?? "");
  }

  /** @param {Guild | undefined} guild @param {string} userId */
  member(guild, userId) {
    return guild?.members.find((member) => member.user?.id === userId);
  }

  /** @param {string} userId @param {Guild} [guild] @returns {string} the name shown for a person here */
  nameOf(userId, guild) {
    const nick = this.member(guild, userId)?.nick;
    const user = this.users.get(userId);
    return nick || user?.global_name || user?.username || "Unknown person";
  }

  /** @param {string} userId @param {Guild} [guild] @returns {number} colour of the person's highest coloured role, 0 for none */
  colourOf(userId, guild) {
    const roles = new Set(this.member(guild, userId)?.roles ?? []);
    const best = (guild?.roles ?? []).filter((role) => roles.has(role.id) && role.color).sort((a, b) => b.position - a.position)[0];
    return best?.color ?? 0;
  }

  /** @param {Channel} [channel] @returns {string} */
  titleOf(channel) {
    if (!channel) return "";
    if (channel.name) return channel.name;
    const others = (channel.recipients ?? []).filter((user) => user.id !== this.me.id).map((user) => this.nameOf(user.id));
    return others.join(", ") || "Direct message";
  }

  /** @param {string} emojiId */
  emoji(emojiId) {
    for (const guild of this.guilds.values()) for (const one of guild.emojis) if (one.id === emojiId) return one;
    return undefined;
  }

  /** @param {string} channelId @returns {string[]} names of who is typing there now, without oneself */
  typists(channelId) {
    const now = Date.now();
    const entries = [...(this.typing.get(channelId) ?? [])].filter(([id, until]) => until > now && id !== this.me.id);
    return entries.map(([id]) => this.nameOf(id, this.guildOf(channelId)));
  }

  /** @param {string} id Removes a channel and the threads under it. */
  dropChannel(id) {
    this.channels.delete(id);
    for (const channel of [...this.channels.values()]) if (isThread(channel) && channel.parent_id === id) this.channels.delete(channel.id);
  }
}
