/** Marks, links and references within a paragraph, parsed in one pass with an explicit stack: linear in the text, whatever the text. */

import { safeUrl } from "./links.js";

/** @typedef {string | {t: string, c?: Inline[], [field: string]: any}} Inline */

const DEEPEST = 24;
const MARKS = { "**": "b", "*": "i", __: "u", _: "i", "~~": "s", "||": "spoiler" };
const ESCAPABLE = /[\\`*_~|>#[\]()<:@!\-.+{}"'/]/;
const WORD = /\w/;
const TOKENS = /** @type {[RegExp, (m: RegExpExecArray) => Inline | null][]} */ ([
  [/<@!?(\d{1,20})>/y, (m) => ({ t: "user", id: m[1] })],
  [/<@&(\d{1,20})>/y, (m) => ({ t: "role", id: m[1] })],
  [/<#(\d{1,20})>/y, (m) => ({ t: "channel", id: m[1] })],
  [/<(a?):(\w{1,32}):(\d{1,20})>/y, (m) => ({ t: "emoji", animated: m[1] === "a", name: m[2], id: m[3] })],
  [/<t:(-?\d{1,16})(?::([tTdDfFRsS]))?>/y, (m) => ({ t: "time", at: Number(m[1]), style: m[2] ?? "f" })],
  [/<\/([\w -]{1,100}):(\d{1,20})>/y, (m) => ({ t: "slash", name: m[1], id: m[2] })],
  [/<(https?:\/\/[^\s<>]{1,2048})>/y, (m) => linked(m[1], [m[1]])],
]);

/** @param {string} address @param {Inline[]} label @returns {Inline | null} */
function linked(address, label) {
  const url = safeUrl(address);
  return url ? { t: "link", url, c: label } : null;
}

/** One pass over a run of text: an explicit stack of what is open, capped in depth. */
class InlineParser {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    this.at = 0;
    this.pending = "";
    /** @type {{mark: string, nodes: Inline[]}[]} */
    this.stack = [{ mark: "", nodes: [] }];
    /** @type {Map<number, number[]> | null} run length of backticks to where such runs begin, last first */
    this.ticks = null;
  }

  /** @returns {Inline[]} */
  run() {
    while (this.at < this.text.length) this.step();
    this.settle();
    while (this.stack.length > 1) this.collapse();
    return this.stack[0].nodes;
  }

  step() {
    const { text, at } = this;
    const char = text[at];
    if (char === "\\" && at + 1 < text.length && ESCAPABLE.test(text[at + 1])) this.literal(text[at + 1], 2);
    else if (char === "`") this.code();
    else if (char === "<") this.token();
    else if (char === "*" || char === "_") this.emphasis(char);
    else if ((char === "~" || char === "|") && text[at + 1] === char) this.pair(char + char);
    else if (char === "[" && this.stack.length < DEEPEST) this.open("[", 1);
    else if (char === "]") this.closeLink();
    else if (char === "h" && /^https?:\/\//.test(text.slice(at, at + 8)) && !WORD.test(text[at - 1] ?? " ")) this.bareUrl();
    else if (char === "@" && (text.startsWith("@everyone", at) || text.startsWith("@here", at))) {
      const name = text.startsWith("@here", at) ? "@here" : "@everyone";
      this.push({ t: "everyone", name }, name.length);
    } else this.literal(char, 1);
  }

  /** @param {string} chars @param {number} width */
  literal(chars, width) {
    this.pending += chars;
    this.at += width;
  }

  settle() {
    const { nodes } = this.stack[this.stack.length - 1];
    if (this.pending && typeof nodes[nodes.length - 1] === "string") nodes[nodes.length - 1] += this.pending;
    else if (this.pending) nodes.push(this.pending);
    this.pending = "";
  }

  /** @param {Inline} node @param {number} width */
  push(node, width) {
    this.settle();
    this.stack[this.stack.length - 1].nodes.push(node);
    this.at += width;
  }

  /** @param {string} mark @param {number} width */
  open(mark, width) {
    this.settle();
    this.stack.push({ mark, nodes: [] });
    this.at += width;
  }

  /** Turns the innermost open mark back into the characters it was written with. */
  collapse() {
    this.settle();
    const frame = /** @type {{mark: string, nodes: Inline[]}} */ (this.stack.pop());
    const below = this.stack[this.stack.length - 1].nodes;
    for (const node of [frame.mark, ...frame.nodes]) {
      if (typeof node === "string" && typeof below[below.length - 1] === "string") below[below.length - 1] += node;
      else below.push(node);
    }
  }

  /** @param {string} mark @returns {number} index of the nearest open one, -1 for none */
  find(mark) {
    for (let index = this.stack.length - 1; index > 0; index -= 1) if (this.stack[index].mark === mark) return index;
    return -1;
  }

  /** @param {number} index @param {number} width @returns {boolean} false where there would be nothing inside */
  close(index, width) {
    this.settle();
    if (!this.stack[index].nodes.length && index === this.stack.length - 1) return false;
    while (this.stack.length - 1 > index) this.collapse();
    const frame = /** @type {{mark: string, nodes: Inline[]}} */ (this.stack.pop());
    this.push({ t: /** @type {any} */ (MARKS)[frame.mark], c: frame.nodes }, width);
    return true;
  }

  /** @param {"*" | "_"} char */
  emphasis(char) {
    const { text } = this;
    let size = 1;
    while (text[this.at + size] === char) size += 1;
    const before = text[this.at - 1] ?? " ";
    const after = text[this.at + size] ?? " ";
    const inWord = char === "_" && WORD.test(before) && WORD.test(after);
    let left = size;
    if (!/\s/.test(before) && !inWord) {
      while (left > 0) {
        const found = this.closable(char, left);
        if (found < 1) break;
        const width = this.stack[found].mark.length;
        if (!this.close(found, width)) break;
        left -= width;
      }
    }
    const opens = !/\s/.test(after) && !inWord && left <= 3 && this.stack.length + 1 < DEEPEST;
    while (opens && left > 0) {
      const width = Math.min(left, 2);
      this.open(char.repeat(width), width);
      left -= width;
    }
    if (left > 0) this.literal(char.repeat(left), left);
  }

  /** @param {string} char @param {number} left how many of the run are still free @returns {number} */
  closable(char, left) {
    const top = this.stack[this.stack.length - 1].mark;
    if (left >= 3 && (top === char || top === char + char)) return this.stack.length - 1;
    const double = left >= 2 ? this.find(char + char) : -1;
    return double > 0 ? double : this.find(char);
  }

  /** @param {string} mark */
  pair(mark) {
    const open = this.find(mark);
    if (open > 0 && this.close(open, 2)) return;
    if (this.stack.length < DEEPEST && this.text.length > this.at + 2) this.open(mark, 2);
    else this.literal(mark, 2);
  }

  code() {
    const { text, at } = this;
    let size = 1;
    while (text[at + size] === "`") size += 1;
    if (!this.ticks) this.ticks = tickRuns(text);
    const starts = this.ticks.get(size) ?? [];
    while (starts.length && starts[starts.length - 1] <= at) starts.pop();
    const end = starts[starts.length - 1];
    if (end === undefined) return this.literal("`".repeat(size), size);
    const inner = text.slice(at + size, end);
    this.push({ t: "code", text: /^ .*\S.* $/s.test(inner) ? inner.slice(1, -1) : inner }, end + size - at);
  }

  token() {
    for (const [pattern, build] of TOKENS) {
      pattern.lastIndex = this.at;
      const match = pattern.exec(this.text);
      const node = match && build(match);
      if (match && node) return this.push(node, match[0].length);
    }
    this.literal("<", 1);
  }

  bareUrl() {
    const pattern = /https?:\/\/[^\s<]{1,2048}/y;
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (!found) return this.literal("h", 1);
    let address = found[0].replace(/[.,:;!?'"*_~|\]]{1,40}$/, "");
    if (address.endsWith(")") && !address.includes("(")) address = address.slice(0, -1);
    const node = linked(address, [address]);
    if (node) this.push(node, address.length);
    else this.literal(found[0], found[0].length);
  }

  closeLink() {
    const open = this.find("[");
    const target = open > 0 && this.text[this.at + 1] === "(" ? this.destination(this.at + 2) : null;
    if (!target) {
      if (open > 0 && open === this.stack.length - 1) this.collapse();
      return this.literal("]", 1);
    }
    while (this.stack.length - 1 > open) this.collapse();
    this.settle();
    const frame = /** @type {{mark: string, nodes: Inline[]}} */ (this.stack.pop());
    const label = withoutLinks(frame.nodes);
    const node = label.length ? linked(target.address, label) : null;
    if (node) return this.push(node, target.end - this.at);
    this.stack.push(frame);
    this.collapse();
    this.literal("]", 1);
  }

  /** @param {number} from just after `](` @returns {{address: string, end: number} | null} */
  destination(from) {
    const { text } = this;
    let depth = 0;
    let at = text[from] === "<" ? from + 1 : from;
    const start = at;
    for (; at < text.length && at - start <= 2048; at += 1) {
      const char = text[at];
      if (char === "(") depth += 1;
      else if (char === ")" && depth > 0) depth -= 1;
      else if (char === ")" || char === ">" || char === "[" || char === "<" || char <= " ") break;
    }
    const address = text.slice(start, at);
    if (text[at] === ">") at += 1;
    const title = /^ "[^"\n]{0,200}"/.exec(text.slice(at, at + 204));
    if (title) at += title[0].length;
    return address && text[at] === ")" ? { address, end: at + 1 } : null;
  }
}

/** @param {string} text @returns {Map<number, number[]>} */
function tickRuns(text) {
  /** @type {Map<number, number[]>} */
  const runs = new Map();
  for (const match of text.matchAll(/`+/g)) {
    const size = match[0].length;
    if (!runs.has(size)) runs.set(size, []);
    runs.get(size)?.push(match.index);
  }
  for (const starts of runs.values()) starts.reverse();
  return runs;
}

/** @param {Inline[]} nodes @returns {Inline[]} links may not hold links */
function withoutLinks(nodes) {
  return nodes.flatMap((node) => (typeof node === "object" && node.t === "link" ? (node.c ?? []) : typeof node === "object" && node.c ? [{ ...node, c: withoutLinks(node.c) }] : [node]));
}

/** @param {string} text @returns {Inline[]} marks and references within one paragraph */
export function inline(text) {
  return new InlineParser(text).run();
}
