/** Which addresses may be followed, and which may be drawn. */

/** @param {string | null | undefined} text @returns {string | null} a normalised http(s) address, or null */
export function safeUrl(text) {
  if (typeof text !== "string" || text.length > 2048) return null;
  try {
    const url = new URL(text);
    return (url.protocol === "http:" || url.protocol === "https:") && url.hostname ? url.href : null;
  } catch {
    return null;
  }
}

const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])$/;

/**
 * An address on this stage, for pictures and downloads; anything else is not loaded (the page's policy forbids it anyway).
 * @param {string | null | undefined} text @returns {string | null}
 */
export function ownUrl(text) {
  if (typeof text !== "string") return null;
  try {
    const url = new URL(text, location.origin);
    if (url.protocol === "blob:" && url.origin === location.origin) return url.href;
    if (url.protocol !== "http:" && url.protocol !== "https:") return null;
    const ours = url.origin === location.origin || LOOPBACK.test(url.hostname);
    return ours && url.pathname.startsWith("/cdn/") ? location.origin + url.pathname + url.search : null;
  } catch {
    return null;
  }
}

/**
 * A link to a channel or message, as clients copy it.
 * @param {string} url @returns {{channel: string, message?: string} | null}
 */
export function placeOf(url) {
  const match = /^https:\/\/(?:(?:ptb|canary)\.)?discord(?:app)?\.com\/channels\/(?:@me|\d{1,20})\/(\d{1,20})(?:\/(\d{1,20}))?\/?$/.exec(url);
  return match ? { channel: match[1], message: match[2] } : null;
}

/** @param {string} text @returns {string} the host of an address, for people */
export function hostOf(text) {
  try {
    return new URL(text).host;
  } catch {
    return "an unknown place";
  }
}

/** @param {{id?: string|null, animated?: boolean}} emoji @returns {string | null} where a custom emoji's picture is */
export function emojiUrl(emoji) {
  return emoji.id && /^\d+$/.test(emoji.id) ? `${location.origin}/cdn/emojis/${emoji.id}.${emoji.animated ? "gif" : "png"}` : null;
}

/** @param {{id: string, avatar?: string|null}} user @returns {string | null} */
export function avatarUrl(user) {
  return user.avatar && /^\w+$/.test(user.avatar) ? `${location.origin}/cdn/avatars/${user.id}/${user.avatar}.png?size=80` : null;
}
