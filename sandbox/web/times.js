/** Dates as people read them, in the reader's zone, and relative ones that keep moving. */

import { h } from "./dom.js";

/** @type {Record<string, Intl.DateTimeFormatOptions>} */
const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
  s: { dateStyle: "short", timeStyle: "short" },
  S: { dateStyle: "short", timeStyle: "medium" },
};

const UNITS = /** @type {[Intl.RelativeTimeFormatUnit, number][]} */ ([["year", 31_557_600], ["month", 2_629_800], ["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]]);
const LATEST = 8_640_000_000_000;
const LOCALE = undefined;

/** @param {number} seconds since the epoch @param {string} style @param {number} [now] in ms @returns {string} */
export function formatTime(seconds, style, now = Date.now()) {
  if (!Number.isFinite(seconds) || Math.abs(seconds) > LATEST) return "Invalid date";
  if (style === "R") return relative(seconds - now / 1000);
  return new Intl.DateTimeFormat(LOCALE, STYLES[style] ?? STYLES.f).format(new Date(seconds * 1000));
}

/** @param {number} away seconds from now, negative for the past @returns {string} */
function relative(away) {
  const [unit, size] = UNITS.find(([, size]) => Math.abs(away) >= size) ?? UNITS[UNITS.length - 1];
  return new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" }).format(Math.round(away / size), unit);
}

/** @param {number} seconds @param {string} style @returns {HTMLElement} */
export function timeElement(seconds, style) {
  const valid = Number.isFinite(seconds) && Math.abs(seconds) <= LATEST;
  return h("time", {
    class: "stamp",
    datetime: valid ? new Date(seconds * 1000).toISOString() : null,
    title: formatTime(seconds, "F"),
    data: style === "R" ? { ticks: String(seconds) } : {},
  }, formatTime(seconds, style));
}

/** @param {string} iso @returns {string} "Today at 14:05", or the date for older days */
export function messageTime(iso) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  const clock = formatTime(at.getTime() / 1000, "t");
  const days = Math.round((startOfDay(new Date()) - startOfDay(at)) / 86_400_000);
  if (days === 0) return clock;
  if (days === 1) return `Yesterday, ${clock}`;
  return formatTime(at.getTime() / 1000, "s");
}

/** @param {Date} date @returns {number} */
export function startOfDay(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** @param {Date} date @returns {string} "Tuesday, 24 November" */
export function dayTitle(date) {
  const days = Math.round((startOfDay(new Date()) - startOfDay(date)) / 86_400_000);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return new Intl.DateTimeFormat(LOCALE, { dateStyle: "full" }).format(date);
}

/** Keeps every relative time on the page true. @returns {() => void} stops it */
export function startTicking() {
  const timer = setInterval(() => {
    for (const node of document.querySelectorAll("time[data-ticks]")) {
      const text = formatTime(Number(/** @type {HTMLElement} */ (node).dataset.ticks), "R");
      if (node.textContent !== text) node.textContent = text;
    }
  }, 1000);
  return () => clearInterval(timer);
}

/** @param {number} [bytes] @returns {string} */
export function fileSize(bytes) {
  if (!bytes || bytes < 0) return bytes === 0 ? "0 bytes" : "";
  if (bytes < 1024) return `${bytes} bytes`;
  const kib = bytes / 1024;
  return kib < 1024 ? `${kib.toFixed(kib < 10 ? 1 : 0)} KB` : `${(kib / 1024).toFixed(1)} MB`;
}
