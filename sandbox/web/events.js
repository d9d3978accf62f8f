/** Turns each gateway event into a change of the world. */

/** @typedef {import("./state.js").World} World */

const TYPING_MS = 10_000;

/** @param {import("./types.js").Emoji} a @param {import("./types.js").Emoji} b */
const sameEmoji = (a, b) => (a.id ? a.id === b.id : a.name === b.name && !b.id);

/** @type {Record<string, (world: World, data: any) => void>} */
const HANDLERS = {
  GUILD_CREATE: (world, data) => world.putGuild(data),
  GUILD_UPDATE: (world, data) => world.putGuild(data),
  GUILD_DELETE(world, data) {
    world.guilds.delete(data.id);
    for (const channel of world.channelsOf(data.id)) world.channels.delete(channel.id);
  },
  GUILD_EMOJIS_UPDATE: (world, data) => setEmojis(world, data.guild_id, data.emojis ?? []),
  GUILD_ROLE_CREATE: (world, data) => upsert(world, data.guild_id, "roles", data.role, (role) => role.id),
  GUILD_ROLE_UPDATE: (world, data) => upsert(world, data.guild_id, "roles", data.role, (role) => role.id),
  GUILD_ROLE_DELETE(world, data) {
    const guild = world.guilds.get(data.guild_id);
    if (guild) guild.roles = guild.roles.filter((role) => role.id !== data.role_id);
  },
  GUILD_MEMBER_ADD: (world, data) => putMember(world, data),
  GUILD_MEMBER_UPDATE: (world, data) => putMember(world, data),
  GUILD_MEMBER_REMOVE(world, data) {
    const guild = world.guilds.get(data.guild_id);
    if (guild) guild.members = guild.members.filter((member) => member.user?.id !== data.user?.id);
  },
  CHANNEL_CREATE: (world, data) => world.putChannel(data),
  CHANNEL_UPDATE: (world, data) => world.putChannel(data),
  CHANNEL_DELETE: (world, data) => world.dropChannel(data.id),
  THREAD_CREATE: (world, data) => world.putChannel(data),
  THREAD_UPDATE: (world, data) => world.putChannel(data),
  THREAD_DELETE: (world, data) => world.dropChannel(data.id),
  GUILD_SCHEDULED_EVENT_CREATE: (world, data) => upsert(world, data.guild_id, "guild_scheduled_events", data, (event) => event.id),
  GUILD_SCHEDULED_EVENT_UPDATE: (world, data) => upsert(world, data.guild_id, "guild_scheduled_events", data, (event) => event.id),
  GUILD_SCHEDULED_EVENT_DELETE(world, data) {
    const guild = world.guilds.get(data.guild_id);
    if (guild) guild.guild_scheduled_events = guild.guild_scheduled_events.filter((event) => event.id !== data.id);
  },
  THREAD_LIST_SYNC(world, data) {
    for (const thread of data.threads ?? []) world.putChannel(thread);
  },
};

/** @type {Record<string, (world: World, data: any) => void>} */
const MESSAGE_HANDLERS = {
  MESSAGE_CREATE(world, data) {
    world.rememberUser(data.author);
    world.typing.get(data.channel_id)?.delete(data.author?.id);
    const channel = world.channel(data.channel_id);
    if (channel) channel.last_message_id = data.id;
    const shown = world.windows.put(data);
    world.emit("messages", { kind: "create", channel_id: data.channel_id, message: data, shown });
  },
  MESSAGE_UPDATE(world, data) {
    const held = world.windows.find(data.channel_id, data.id);
    if (held) world.windows.put({ ...held, ...data });
    world.emit("messages", { kind: "update", channel_id: data.channel_id, message: data, before: held });
  },
  MESSAGE_DELETE(world, data) {
    world.windows.remove(data.channel_id, data.id);
    world.emit("messages", { kind: "delete", channel_id: data.channel_id, message: data });
  },
  MESSAGE_DELETE_BULK(world, data) {
    for (const id of data.ids ?? []) world.windows.remove(data.channel_id, id);
    world.emit("messages", { kind: "delete", channel_id: data.channel_id, message: data });
  },
  MESSAGE_REACTION_ADD: (world, data) => react(world, data, 1),
  MESSAGE_REACTION_REMOVE: (world, data) => react(world, data, -1),
  MESSAGE_REACTION_REMOVE_ALL: (world, data) => edit(world, data, (message) => ({ ...message, reactions: [] })),
  MESSAGE_REACTION_REMOVE_EMOJI: (world, data) => edit(world, data, (message) => ({ ...message, reactions: (message.reactions ?? []).filter((one) => !sameEmoji(one.emoji, data.emoji)) })),
  MESSAGE_POLL_VOTE_ADD: (world, data) => vote(world, data, 1),
  MESSAGE_POLL_VOTE_REMOVE: (world, data) => vote(world, data, -1),
};

/**
 * @param {World} world @param {string} name @param {any} data
 * @returns {boolean} whether the event was known
 */
export function applyEvent(world, name, data) {
  if (!data || typeof data !== "object") return false;
  if (HANDLERS[name]) {
    HANDLERS[name](world, data);
    world.emit("world");
  } else if (MESSAGE_HANDLERS[name]) MESSAGE_HANDLERS[name](world, data);
  else if (name === "TYPING_START") {
    if (!world.typing.has(data.channel_id)) world.typing.set(data.channel_id, new Map());
    world.typing.get(data.channel_id)?.set(data.user_id, Date.now() + TYPING_MS);
    world.emit("typing", data.channel_id);
  } else if (name === "INTERACTION_STATE") world.emit("interaction", data);
  else if (name === "BOT_STATE") {
    const application = world.applications.get(data.application_id);
    if (application) application.online = !!data.online;
    world.emit("bots", data);
  } else return false;
  return true;
}

/** @param {World} world @param {string} guildId @param {any[]} emojis */
function setEmojis(world, guildId, emojis) {
  const guild = world.guilds.get(guildId);
  if (guild) guild.emojis = emojis;
}

/** @param {World} world @param {string} guildId @param {"roles" | "guild_scheduled_events"} list @param {any} item @param {(item: any) => string} id */
function upsert(world, guildId, list, item, id) {
  const guild = world.guilds.get(guildId);
  if (guild) guild[list] = [...guild[list].filter((/** @type {any} */ one) => id(one) !== id(item)), item];
}

/** @param {World} world @param {any} data */
function putMember(world, data) {
  const guild = world.guilds.get(data.guild_id);
  world.rememberUser(data.user);
  if (guild && data.user) guild.members = [...guild.members.filter((member) => member.user?.id !== data.user.id), data];
}

/** @param {World} world @param {any} data @param {(message: import("./types.js").Message) => import("./types.js").Message} change */
function edit(world, data, change) {
  const held = world.windows.find(data.channel_id, data.message_id);
  if (!held) return;
  const next = change(held);
  world.windows.put(next);
  world.emit("messages", { kind: "update", channel_id: data.channel_id, message: next, before: held, quiet: true });
}

/** @param {World} world @param {any} data @param {1 | -1} step */
function react(world, data, step) {
  edit(world, data, (message) => {
    const mine = data.user_id === world.me.id;
    const reactions = (message.reactions ?? []).map((one) => ({ ...one }));
    const found = reactions.find((one) => sameEmoji(one.emoji, data.emoji));
    if (found) {
      found.count += step;
      if (mine) found.me = step > 0;
    } else if (step > 0) reactions.push({ emoji: data.emoji, count: 1, me: mine });
    return { ...message, reactions: reactions.filter((one) => one.count > 0) };
  });
}

/** @param {World} world @param {any} data @param {1 | -1} step */
function vote(world, data, step) {
  edit(world, data, (message) => {
    if (!message.poll) return message;
    const results = message.poll.results ?? { answer_counts: [], is_finalized: false };
    const counts = (results.answer_counts ?? []).map((/** @type {any} */ one) => ({ ...one }));
    let found = counts.find((/** @type {any} */ one) => one.id === data.answer_id);
    if (!found) counts.push((found = { id: data.answer_id, count: 0, me_voted: false }));
    found.count = Math.max(0, found.count + step);
    if (data.user_id === world.me.id) found.me_voted = step > 0;
    return { ...message, poll: { ...message.poll, results: { ...results, answer_counts: counts } } };
  });
}

