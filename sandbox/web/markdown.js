/**
 * Blocks of Markdown as chat messages write it: one pass over the lines into a small tree. Nothing here touches the document.
 *
 * A node is a string (text) or an object with `t`: blocks para, heading, subtext, quote, list, fence; marks b, i, u, s, spoiler, code, link;
 * references user, role, channel, emoji, time, slash, everyone.
 */

import { inline } from "./markdown_inline.js";

/** @typedef {import("./markdown_inline.js").Inline} Inline */
/** @typedef {{t: string, [field: string]: any}} Block */

const LIST_LINE = /^( {0,12})([-*]|\d{1,9}\.) +(\S.*)$/;

/** @param {string} text @returns {Block[]} */
export function parse(text) {
  return blocks(String(text ?? ""), true);
}

/** @param {string} text @param {boolean} quotes whether a quote may begin here (they do not nest) @returns {Block[]} */
function blocks(text, quotes) {
  /** @type {Block[]} */
  const out = [];
  /** @type {string[]} */
  let lines = [];
  const flush = () => {
    if (lines.length) out.push(...paragraphs(lines));
    lines = [];
  };
  let at = 0;
  let fence = text.indexOf("```");
  while (at < text.length) {
    if (quotes && text.startsWith(">>> ", at)) {
      flush();
      out.push({ t: "quote", c: blocks(text.slice(at + 4), false) });
      return out;
    }
    if (quotes && text.startsWith("> ", at)) {
      flush();
      const quoted = [];
      while (text.startsWith("> ", at) || (text[at] === ">" && text[at + 1] === "\n")) {
        const end = lineEnd(text, at);
        quoted.push(text.slice(at + 2, end));
        at = end + 1;
      }
      out.push({ t: "quote", c: blocks(quoted.join("\n"), false) });
      continue;
    }
    const end = lineEnd(text, at);
    while (fence !== -1 && (fence < at || text[fence - 1] === "\\")) fence = text.indexOf("```", fence + 1);
    const close = fence !== -1 && fence < end ? text.indexOf("```", fence + 3) : -1;
    if (close !== -1) {
      if (fence > at) lines.push(text.slice(at, fence));
      flush();
      out.push(fenced(text.slice(fence + 3, close)));
      at = close + 3;
      if (text[at] === "\n") at += 1;
      fence = text.indexOf("```", at);
      continue;
    }
    if (fence !== -1 && fence < end) fence = -1;
    lines.push(text.slice(at, end));
    at = end + 1;
  }
  flush();
  return out;
}

/** @param {string} text @param {number} at @returns {number} */
function lineEnd(text, at) {
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end;
}

/** @param {string} body @returns {Block} */
function fenced(body) {
  const lang = /^([\w+#.-]{1,20})\n/.exec(body);
  const text = (lang ? body.slice(lang[0].length) : body).replace(/^\n/, "");
  return { t: "fence", lang: lang ? lang[1] : "", text: text.endsWith("\n") ? text.slice(0, -1) : text };
}

/** @param {string[]} lines @returns {Block[]} */
function paragraphs(lines) {
  /** @type {Block[]} */
  const out = [];
  /** @type {string[]} */
  let plain = [];
  const flush = () => {
    const text = plain.join("\n");
    if (text.trim()) out.push({ t: "para", c: inline(text.replace(/^\n|\n$/g, "")) });
    plain = [];
  };
  for (const line of lines) {
    const heading = /^(#{1,3}) +(\S.*)$/.exec(line);
    const item = LIST_LINE.exec(line);
    if (heading) {
      flush();
      out.push({ t: "heading", level: heading[1].length, c: inline(heading[2].trimEnd()) });
    } else if (line.startsWith("-# ") && line.slice(3).trim()) {
      flush();
      out.push({ t: "subtext", c: inline(line.slice(3)) });
    } else if (item) {
      flush();
      const ordered = item[2].length > 1;
      const last = out[out.length - 1];
      const depth = Math.min(3, Math.floor(item[1].length / 2));
      const entry = { depth, c: inline(item[3]) };
      if (last?.t === "list" && (depth > 0 || last.ordered === ordered)) last.items.push({ ...entry, marker: ordered ? item[2] : "•" });
      else out.push({ t: "list", ordered, start: ordered ? Number.parseInt(item[2], 10) : 1, items: [{ ...entry, marker: ordered ? item[2] : "•" }] });
    } else plain.push(line);
  }
  flush();
  return out;
}
