/** A form for a native poll by a person, and who voted in one. */

import { askDialog, openDialog } from "./dialog.js";
import { h } from "./dom.js";

/** @param {(poll: any) => Promise<void>} post */
export function askPoll(post) {
  const hours = h("select", { class: "input", id: "poll-hours" }, [[1, "1 hour"], [4, "4 hours"], [8, "8 hours"], [24, "1 day"], [72, "3 days"], [168, "1 week"], [336, "2 weeks"]].map(([value, text]) => h("option", { value, selected: value === 24 }, text)));
  const many = h("input", { type: "checkbox" });
  askDialog({
    title: "New poll",
    action: "Start the poll",
    fields: [{ name: "question", label: "Question", max: 300, required: true }, { name: "answers", label: "Answers, one a line (2 to 10)", max: 600, required: true, long: true }],
    extra: h("div", { class: "field" }, h("label", { class: "field-label", for: "poll-hours" }, "Runs for"), hours, h("label", { class: "option" }, many, h("span", {}, "Several answers may be chosen"))),
    run: async ({ question, answers }) => {
      const list = answers.split("\n").map((line) => line.trim()).filter(Boolean);
      if (list.length < 2 || list.length > 10) throw new Error("Please give 2 to 10 answers, one a line.");
      const long = list.find((text) => [...text].length > 55);
      if (long) throw new Error(`An answer may have at most 55 characters: "${long.slice(0, 30)}…"`);
      await post({ question: { text: question }, answers: list.map((text) => ({ poll_media: { text } })), duration: Number(hours.value), allow_multiselect: many.checked, layout_type: 1 });
    },
  });
}

/** @param {import("./types.js").Message} message @param {{answer_id: number, user_ids: string[]}[]} found @param {(id: string) => string} nameOf */
export function showVoters(message, found, nameOf) {
  const texts = new Map((message.poll?.answers ?? []).map((/** @type {any} */ answer) => [answer.answer_id, answer.poll_media?.text ?? ""]));
  openDialog({
    title: "Who voted",
    subtitle: message.poll?.question?.text ?? "",
    body: found.map((one) => h("section", { class: "field" }, h("h3", { class: "field-label" }, h("bdi", {}, texts.get(one.answer_id) ?? "")), h("p", {}, one.user_ids.length ? one.user_ids.flatMap((id, place) => [place ? ", " : "", h("bdi", {}, nameOf(id))]) : "Nobody"))),
  });
}
