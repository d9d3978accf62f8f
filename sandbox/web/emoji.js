/** A small set of emoji for reacting, found by name. */

import { h } from "./dom.js";
import { emojiElement } from "./markdown_view.js";
import { Popup } from "./popup.js";

const SET = `👍 thumbs up yes agree|👎 thumbs down no disagree|❤️ heart love|😂 laugh tears joy|🎉 party tada celebrate|🤔 thinking hmm|👀 eyes look|🙏 thanks please|🔥 fire|✅ check done yes|❌ cross no|💯 hundred
😀 grin happy|😄 smile happy|😅 sweat smile|😊 blush|🙂 slight smile|🙃 upside down|😉 wink|😍 heart eyes|😎 cool sunglasses|🥳 party face|😢 cry sad|😭 sob|😮 surprised wow|😱 scream|😡 angry|😴 sleep|🤯 mind blown|🤝 handshake deal
👏 clap applause|🙌 raised hands|✋ hand stop|👋 wave hello|💪 strong|☝️ point up|👉 point right|🤷 shrug|🗳️ ballot vote|📊 chart poll|📣 megaphone debate|🏛️ institution rostrum|⚖️ scales law justice|📰 news digest|🧠 brain|🤖 robot bot
🔓 open unlocked|🔒 closed locked|🧪 experiment test|📚 books|✏️ pencil|💡 idea|❓ question|❗ exclamation|⭐ star|🌱 seed grow|🌍 earth world|☀️ sun|🌙 moon|☕ coffee|🍰 cake|🏆 trophy win|🥇 gold first|🥈 silver second|🥉 bronze third|⏰ clock time|🚀 rocket|🐛 bug|🕊️ dove peace`;

/** @returns {{char: string, names: string}[]} */
function all() {
  return SET.split(/[|\n]/).map((entry) => ({ char: entry.slice(0, entry.indexOf(" ")), names: entry.slice(entry.indexOf(" ") + 1) }));
}

export const QUICK = ["👍", "❤️", "😂", "🎉", "🤔", "👀"];

/**
 * @param {Element} anchor @param {import("./types.js").GuildEmoji[]} custom
 * @param {(emoji: import("./types.js").Emoji) => void} choose
 */
export function openEmojiPicker(anchor, custom, choose) {
  const entries = [...custom.map((emoji) => ({ emoji, names: emoji.name })), ...all().map((one) => ({ emoji: { id: null, name: one.char }, names: one.names }))];
  const search = h("input", { type: "text", class: "picker-search", placeholder: "Search emoji", "aria-label": "Search emoji", autocomplete: "off" });
  const grid = h("div", { class: "emoji-grid", role: "group", "aria-label": "Emoji" });
  const draw = () => {
    const query = search.value.trim().toLowerCase();
    const found = entries.filter((entry) => entry.names.toLowerCase().includes(query));
    grid.replaceChildren(...found.map((entry, index) => h("button", { type: "button", class: "emoji-choice", tabindex: index ? "-1" : "0", title: entry.names, "aria-label": entry.names, on: { click: () => {
      popup.close(true);
      choose(entry.emoji);
    } } }, emojiElement(entry.emoji))));
  };
  search.addEventListener("input", draw);
  const panel = h("div", { class: "emoji-picker", role: "dialog", "aria-label": "Choose an emoji" }, search, grid);
  panel.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => arrows(event, search, grid));
  draw();
  const popup = new Popup(panel, anchor, { above: true, end: true, returnTo: anchor });
  search.focus();
}

/** @param {KeyboardEvent} event @param {HTMLElement} search @param {HTMLElement} grid Arrow keys over the grid, row by row. */
function arrows(event, search, grid) {
  const cells = /** @type {HTMLElement[]} */ ([...grid.children]);
  const at = cells.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const columns = Math.max(1, cells.filter((cell) => cell.offsetTop === cells[0]?.offsetTop).length);
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
  if (event.key === "Enter" && document.activeElement === search) cells[0]?.click();
  else if (document.activeElement === search && event.key === "ArrowDown") cells[0]?.focus();
  else if (at >= 0 && step !== undefined) (cells[at + step] ?? (step < 0 ? search : cells[at])).focus();
  else return;
  event.preventDefault();
}
