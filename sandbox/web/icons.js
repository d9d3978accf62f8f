/** The page's own line icons, drawn on a 20 by 20 grid. */

import { svg } from "./dom.js";

const PATHS = {
  hash: "M7.5 3.5 6 16.5M14 3.5l-1.5 13M3.5 7.5h13M3 12.5h13",
  thread: "M4 5h12M4 9h8M4 13h5M13 12v4l3-2.4",
  forum: "M3.5 4.5h9v7h-5l-2.5 2v-2h-1.5zM12.5 8h4v6.5H15v2l-2.5-2H9",
  megaphone: "M4 8.5v3l9 3.5V5zM13 8c2 0 3.5.8 3.5 2S15 12 13 12M6 12.5V16h2.5v-2.6",
  voice: "M10 3.5v8M7.5 6v3a2.5 2.5 0 0 0 5 0V6a2.5 2.5 0 0 0-5 0M5 9.5a5 5 0 0 0 10 0M10 14.5v2",
  lock: "M5.5 9h9v7h-9zM7.2 9V6.6a2.8 2.8 0 0 1 5.6 0V9",
  person: "M10 10a3 3 0 1 0 0-6 3 3 0 0 0 0 6M4 16.5c.6-3 3-4.5 6-4.5s5.4 1.5 6 4.5",
  people: "M7.5 9.5a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4M2.5 16c.5-2.7 2.5-4 5-4s4.5 1.3 5 4M13 4.5a2.5 2.5 0 0 1 0 4.8M14.5 12.2c1.7.5 2.7 1.8 3 3.8",
  dots: "M4.5 10h.01M10 10h.01M15.5 10h.01",
  close: "M5 5l10 10M15 5 5 15",
  check: "M4 10.5l4 4 8-9",
  down: "M5 8l5 5 5-5",
  right: "M8 5l5 5-5 5",
  left: "M12 5l-5 5 5 5",
  up: "M5 12l5-5 5 5",
  plus: "M10 4v12M4 10h12",
  smile: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14M7.5 8.2h.01M12.5 8.2h.01M7 11.5c.8 1.5 1.8 2.1 3 2.1s2.2-.6 3-2.1",
  send: "M3.5 10 16.5 4l-4 12.5-3-5zM9.5 11.5l7-7.5",
  reply: "M8 5 3.5 9.5 8 14M4 9.5h7c3 0 5 1.5 5.5 5.5",
  copy: "M7 7h9v9H7zM13 7V4H4v9h3",
  pin: "M7.5 3.5h5l-.5 5 2.5 3h-9l2.5-3zM10 11.5v5",
  trash: "M4 5.5h12M8 5.5v-2h4v2M5.5 5.5l.7 11h7.6l.7-11",
  edit: "M4 16l.8-3.5L13.5 4l2.5 2.5-8.6 8.6z",
  sun: "M10 13a3 3 0 1 0 0-6 3 3 0 0 0 0 6M10 2.5v2M10 15.5v2M2.5 10h2M15.5 10h2M4.7 4.7l1.4 1.4M13.9 13.9l1.4 1.4M4.7 15.3l1.4-1.4M13.9 6.1l1.4-1.4",
  moon: "M15.5 12.5A6.5 6.5 0 0 1 7.5 4.5a6.5 6.5 0 1 0 8 8",
  menu: "M3.5 5.5h13M3.5 10h13M3.5 14.5h13",
  file: "M5 3h7l3.5 3.5V17H5zM12 3v3.5h3.5",
  clip: "M14.5 9.5l-5 5a3 3 0 0 1-4.3-4.3l6-6a2 2 0 0 1 2.9 2.9l-5.8 5.8a1 1 0 0 1-1.4-1.4l5-5",
  external: "M8 5H4.5v10.5H15V12M11 4.5h4.5V9M15.5 4.5 9 11",
  slash: "M13 3.5 7 16.5",
  warn: "M10 3.5 17.5 16.5h-15zM10 8.5v4M10 14.6h.01",
  eye: "M2.5 10c2-3.5 4.5-5 7.5-5s5.5 1.5 7.5 5c-2 3.5-4.5 5-7.5 5s-5.5-1.5-7.5-5M10 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4",
  search: "M9 14a5 5 0 1 0 0-10 5 5 0 0 0 0 10M13 13l3.5 3.5",
  spark: "M10 3l1.7 5.3L17 10l-5.3 1.7L10 17l-1.7-5.3L3 10l5.3-1.7z",
  at: "M10 13a3 3 0 1 0 0-6 3 3 0 0 0 0 6M13 7v4.5c0 2 3.5 2 3.5-1.5a6.5 6.5 0 1 0-2.5 5",
  clock: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14M10 6v4.2l2.7 1.8",
  poll: "M4 16V9M10 16V4M16 16v-4.5",
};

/** @typedef {keyof typeof PATHS} IconName */

/**
 * A decorative icon (hidden from screen readers: its button carries the name).
 * @param {IconName} name @param {number} [size] @returns {SVGElement}
 */
export function icon(name, size = 18) {
  const shape = svg("path", { d: PATHS[name], fill: "none", stroke: "currentColor", "stroke-width": name === "dots" ? 2.4 : 1.5, "stroke-linecap": "round", "stroke-linejoin": "round" });
  return svg("svg", { viewBox: "0 0 20 20", width: size, height: size, class: "icon", "aria-hidden": "true", focusable: "false" }, shape);
}

/** Rostrum's mark: a lectern under a lamp. @param {number} [size] @returns {SVGElement} */
export function mark(size = 28) {
  return svg("svg", { viewBox: "0 0 32 32", width: size, height: size, class: "mark", "aria-hidden": "true", focusable: "false" },
    svg("rect", { width: 32, height: 32, rx: 8, fill: "var(--brand)" }),
    svg("path", { d: "M8 11h16l-2.2 4.4H10.2z", fill: "var(--brand-ink)" }),
    svg("path", { d: "M12 17.4h8l-1.4 6.6h-5.2z", fill: "var(--brand-ink)", opacity: 0.82 }),
    svg("circle", { cx: 16, cy: 7.2, r: 2, fill: "var(--lamp)" }));
}
