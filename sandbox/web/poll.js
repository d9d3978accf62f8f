/** Native polls: choose, vote, take back, and the result drawn and written. */

import { freshId, h } from "./dom.js";
import { icon } from "./icons.js";
import { emojiElement } from "./markdown_view.js";
import { timeElement } from "./times.js";

/**
 * @param {import("./types.js").Message} message
 * @param {{vote: (ids: number[]) => void, end: (() => void) | null, voters: () => void, busy: boolean, error: string, peek: boolean, setPeek: (on: boolean) => void}} control
 * @returns {HTMLElement}
 */
export function drawPoll(message, control) {
  const { poll } = message;
  const answers = (poll.answers ?? []).slice(0, 20);
  const counts = new Map((poll.results?.answer_counts ?? []).map((/** @type {any} */ one) => [one.id, one]));
  const expiry = poll.expiry ? Date.parse(poll.expiry) : Number.NaN;
  const closed = !!poll.results?.is_finalized || expiry <= Date.now();
  const voted = answers.some((/** @type {any} */ one) => counts.get(one.answer_id)?.me_voted);
  const total = [...counts.values()].reduce((sum, one) => sum + (Number(one.count) || 0), 0);
  const showResult = closed || voted || control.peek;
  const groupName = `poll-${message.id}`;
  const questionId = freshId("poll-question");
  const rows = answers.map((/** @type {any} */ answer) => showResult ? resultRow(answer, counts.get(answer.answer_id), total, closed ? Math.max(...[...counts.values()].map((one) => one.count), 1) : 0) : choiceRow(answer, groupName, poll.allow_multiselect));

  /** @param {Event} event */
  const send = (event) => {
    const form = /** @type {Element} */ (event.currentTarget).closest(".poll");
    const ids = [...(form?.querySelectorAll("input:checked") ?? [])].map((input) => Number(/** @type {HTMLInputElement} */ (input).value));
    if (ids.length) control.vote(ids);
    else /** @type {HTMLElement | null | undefined} */ (form?.querySelector("input"))?.focus();
  };
  /** @param {string} label @param {string} kind @param {any} click */
  const button = (label, kind, click) => h("button", { type: "button", class: `button small ${kind}`, "aria-busy": control.busy ? "true" : null, data: { key: `poll-${label}` }, on: { click } }, label);
  const foot = [];
  if (!showResult) foot.push(button("Vote", "primary", send), button("Show results", "quiet", () => control.setPeek(true)));
  else if (!closed && voted) foot.push(button("Take back my vote", "quiet", () => control.vote([])));
  else if (!closed) foot.push(button("Back to voting", "quiet", () => control.setPeek(false)));
  if (showResult && total > 0) foot.push(button("Who voted", "quiet", () => control.voters()));
  if (!closed && control.end) foot.push(button("End the poll", "quiet", control.end));
  const until = Number.isNaN(expiry) ? "" : h("span", {}, "closes ", timeElement(expiry / 1000, "R"));
  return h("section", { class: "poll", role: showResult ? "group" : poll.allow_multiselect ? "group" : "radiogroup", "aria-labelledby": questionId },
    h("p", { class: "poll-question", id: questionId, dir: "auto" }, icon("poll", 18), h("span", {}, poll.question?.text ?? "Poll")),
    h("p", { class: "poll-hint" }, closed ? "This poll is closed." : poll.allow_multiselect ? "Choose one or more" : "Choose one"),
    h("div", { class: "poll-rows" }, rows),
    control.error && h("p", { class: "control-error", role: "alert" }, icon("warn", 16), control.error),
    h("div", { class: "poll-foot" }, foot, h("span", { class: "poll-total" }, `${total} ${total === 1 ? "vote" : "votes"}`, " · ", closed ? "final result" : until)));
}

/** @param {any} answer */
function answerText(answer) {
  const media = answer.poll_media ?? {};
  return [media.emoji && emojiElement(media.emoji), h("bdi", { class: "poll-text" }, media.text ?? "")];
}

/** @param {any} answer @param {string} name @param {boolean} many */
function choiceRow(answer, name, many) {
  return h("label", { class: "poll-row choice", data: { key: `choice-${answer.answer_id}` } }, h("input", { type: many ? "checkbox" : "radio", name, value: answer.answer_id }), answerText(answer));
}

/** @param {any} answer @param {any} count @param {number} total @param {number} best the winning number, 0 while the poll runs */
function resultRow(answer, count, total, best) {
  const votes = Number(count?.count) || 0;
  const share = total ? Math.round((votes / total) * 100) : 0;
  const won = best > 0 && votes === best && votes > 0;
  return h("div", { class: `poll-row result${count?.me_voted ? " mine" : ""}${won ? " won" : ""}`, data: { key: `result-${answer.answer_id}` } },
    h("span", { class: "poll-bar", "aria-hidden": "true", style: { "inline-size": `${share}%` } }),
    answerText(answer), count?.me_voted && h("span", { class: "poll-mine" }, icon("check", 15), "your vote"), won && h("span", { class: "poll-mine" }, "winner"),
    h("span", { class: "poll-share" }, `${share} % · ${votes}`));
}
