/** The permission bits this page asks about. */

export const PERMISSION = {
  addReactions: 1n << 6n,
  viewChannel: 1n << 10n,
  sendMessages: 1n << 11n,
  manageMessages: 1n << 13n,
  attachFiles: 1n << 15n,
  useCommands: 1n << 31n,
  publicThreads: 1n << 35n,
  sendInThreads: 1n << 38n,
  sendPolls: 1n << 49n,
  pinMessages: 1n << 51n,
};

export const CHANNEL = { text: 0, dm: 1, voice: 2, groupDm: 3, category: 4, announcement: 5, announcementThread: 10, publicThread: 11, privateThread: 12, stage: 13, forum: 15, media: 16 };

/** @param {import("./types.js").Channel | undefined} channel @param {bigint} bit @returns {boolean} direct messages allow everything */
export function allowed(channel, bit) {
  if (!channel) return false;
  if (channel.my_permissions === undefined) return true;
  try {
    return (BigInt(channel.my_permissions) & bit) === bit;
  } catch {
    return false;
  }
}

/** @param {import("./types.js").Channel | undefined} channel */
export const isThread = (channel) => !!channel && channel.type >= 10 && channel.type <= 12;

/** @param {import("./types.js").Channel | undefined} channel */
export const isForum = (channel) => channel?.type === CHANNEL.forum || channel?.type === CHANNEL.media;

/** @param {import("./types.js").Channel | undefined} channel @returns {string} why this person may not write there; empty if they may */
export function whyNotWrite(channel) {
  if (!channel) return "Choose a channel first.";
  if (isThread(channel)) {
    if (channel.thread_metadata?.locked && !allowed(channel, PERMISSION.manageMessages)) return "This thread is locked. You can read it, but not write in it.";
    return allowed(channel, PERMISSION.sendInThreads) ? "" : "You can read this thread, but not write in it.";
  }
  return allowed(channel, PERMISSION.sendMessages) ? "" : "You can read this channel, but not write in it.";
}
