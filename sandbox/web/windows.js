/** Contiguous stretches of messages, one a channel, never longer than a screenful needs. */

/** @typedef {import("./types.js").Message} Message */
/** @typedef {{list: Message[], atStart: boolean, atEnd: boolean, loaded: boolean, stale?: boolean}} Window oldest first */

export const PAGE = 50;
export const MOST = 200;

/** @param {string} a @param {string} b @returns {number} order of two ids, which are numbers too large for a double */
export function compareIds(a, b) {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

export class MessageWindows {
  constructor() {
    /** @type {Map<string, Window>} */
    this.byChannel = new Map();
  }

  /** @param {string} channelId @returns {Window} */
  of(channelId) {
    let found = this.byChannel.get(channelId);
    if (!found) this.byChannel.set(channelId, (found = { list: [], atStart: false, atEnd: false, loaded: false }));
    return found;
  }

  /** @param {string} channelId @param {string} messageId */
  find(channelId, messageId) {
    return this.byChannel.get(channelId)?.list.find((message) => message.id === messageId);
  }

  /** @param {string} channelId @param {Message[]} page newest first, the channel's latest */
  reset(channelId, page) {
    const list = sorted(page);
    this.byChannel.set(channelId, { list, atStart: page.length < PAGE, atEnd: true, loaded: true });
  }

  /** @param {string} channelId @param {Message[]} before @param {Message[]} after Both newest first, around one message. */
  resetAround(channelId, before, after) {
    const list = sorted([...before, ...after]);
    this.byChannel.set(channelId, { list, atStart: before.length < PAGE, atEnd: after.length < PAGE, loaded: true });
  }

  /** @param {string} channelId @param {Message[]} page newest first, all older than what is held */
  older(channelId, page) {
    const held = this.of(channelId);
    held.list = unique([...sorted(page), ...held.list]);
    held.atStart = page.length < PAGE;
    if (held.list.length > MOST) {
      held.list.length = MOST;
      held.atEnd = false;
    }
  }

  /** @param {string} channelId @param {Message[]} page newest first, all newer than what is held */
  newer(channelId, page) {
    const held = this.of(channelId);
    held.list = unique([...held.list, ...sorted(page)]);
    held.atEnd = page.length < PAGE;
    this.trimStart(held);
  }

  /** @param {Message} message @returns {boolean} whether it is in the window now */
  put(message) {
    const held = this.byChannel.get(message.channel_id);
    if (!held?.loaded) return false;
    const index = held.list.findIndex((one) => one.id === message.id);
    if (index >= 0) {
      held.list[index] = { ...held.list[index], ...message };
      return true;
    }
    if (!held.atEnd) return false;
    held.list.push(message);
    if (held.list.length > 1 && compareIds(held.list[held.list.length - 2].id, message.id) > 0) held.list = sorted(held.list);
    this.trimStart(held);
    return true;
  }

  /** @param {string} channelId @param {string} messageId */
  remove(channelId, messageId) {
    const held = this.byChannel.get(channelId);
    if (held) held.list = held.list.filter((message) => message.id !== messageId);
  }

  /** @param {Window} held */
  trimStart(held) {
    if (held.list.length <= MOST) return;
    held.list = held.list.slice(-MOST + PAGE);
    held.atStart = false;
  }
}

/** @param {Message[]} messages @returns {Message[]} oldest first, each once */
function sorted(messages) {
  return unique([...messages].sort((a, b) => compareIds(a.id, b.id)));
}

/** @param {Message[]} messages */
function unique(messages) {
  const seen = new Set();
  return messages.filter((message) => !seen.has(message.id) && seen.add(message.id));
}
