/** Embeds: the older kind of card. */

import { h } from "./dom.js";
import { cssColour } from "./entities.js";
import { ownUrl, safeUrl } from "./links.js";
import { richLine, richText } from "./markdown_view.js";
import { picture } from "./media.js";
import { messageTime } from "./times.js";

/** @typedef {import("./markdown_view.js").TextContext} TextContext */

const MOST = 10;

/** @param {import("./types.js").Message} message @param {TextContext} context @returns {HTMLElement[]} */
export function drawEmbeds(message, context) {
  const list = (message.embeds ?? []).filter((embed) => embed && typeof embed === "object");
  const drawn = list.slice(0, MOST).map((embed) => (embed.type === "poll_result" ? pollResult(embed, context) : drawEmbed(embed, message, context)));
  if (list.length > MOST) drawn.push(h("p", { class: "more-note" }, `${list.length - MOST} more cards are not shown.`));
  return drawn;
}

/** @param {string | undefined} url @param {Node | string} label @returns {Node | string} */
function maybeLink(url, label) {
  const safe = safeUrl(url);
  return safe ? h("a", { href: safe, target: "_blank", rel: "noopener noreferrer nofollow" }, label) : label;
}

/** @param {any} embed @param {import("./types.js").Message} message @param {TextContext} context */
function drawEmbed(embed, message, context) {
  const { author, footer } = embed;
  const fields = Array.isArray(embed.fields) ? embed.fields.slice(0, 25) : [];
  const at = embed.timestamp ? messageTime(embed.timestamp) : "";
  const small = (/** @type {string | undefined} */ url) => ownUrl(url) && h("img", { class: "embed-icon", src: ownUrl(url), alt: "", width: 20, height: 20 });
  return h("section", { class: "embed", "aria-label": "Card", style: cssColour(embed.color) ? { "--accent-edge": cssColour(embed.color) } : {} },
    h("div", { class: "embed-main" },
      embed.provider?.name && h("p", { class: "embed-provider" }, h("bdi", {}, embed.provider.name)),
      author?.name && h("p", { class: "embed-author" }, small(author.icon_url), maybeLink(author.url, h("bdi", {}, author.name))),
      embed.title && h("p", { class: "embed-title" }, maybeLink(embed.url, richLine(embed.title, context))),
      embed.description && richText(embed.description, context),
      fields.length > 0 && h("dl", { class: "embed-fields" }, fields.map((/** @type {any} */ field) => h("div", { class: field?.inline ? "embed-field inline" : "embed-field" }, h("dt", {}, richLine(field?.name, context)), h("dd", {}, richText(field?.value, context))))),
      embed.image && picture({ media: embed.image, alt: embed.image.description ?? embed.title ?? "", message }),
      (footer?.text || at) && h("p", { class: "embed-foot" }, small(footer?.icon_url), h("bdi", {}, [footer?.text, at].filter(Boolean).join(" · ")))),
    embed.thumbnail && h("div", { class: "embed-thumb" }, picture({ media: embed.thumbnail, alt: embed.thumbnail.description ?? "", message, small: true })));
}

/** @param {any} embed @param {TextContext} context The closing note of a native poll. */
function pollResult(embed, context) {
  const values = Object.fromEntries((embed.fields ?? []).map((/** @type {any} */ field) => [field?.name, String(field?.value ?? "")]));
  const winner = values.victor_answer_text;
  const votes = Number(values.victor_answer_votes ?? 0);
  const total = Number(values.total_votes ?? 0);
  return h("section", { class: "embed", "aria-label": "Poll result" }, h("div", { class: "embed-main" },
    h("p", { class: "embed-title" }, richLine(values.poll_question_text ?? "Poll", context)),
    h("p", {}, winner ? `${winner} won with ${votes} of ${total} ${total === 1 ? "vote" : "votes"}.` : "No winner: a tie, or nobody voted.")));
}
