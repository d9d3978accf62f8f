/** A bot's modal: drawn from its components, checked here first, kept open until the bot has taken it. */

import { openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { drawField, isRequired } from "./fields.js";
import { icon } from "./icons.js";
import { richText } from "./markdown_view.js";

/** @typedef {import("./types.js").InteractionState} InteractionState */
/** @typedef {import("./fields.js").Field} Field */

/**
 * @param {InteractionState} state @param {import("./markdown_view.js").TextContext} context
 * @param {{app: string, submit: (values: Record<string, any>, files: File[], settled: (error: string) => void) => void, dismiss: () => void}} hooks
 */
export function openModal(state, context, hooks) {
  const modal = state.modal ?? { title: "Form", custom_id: "", components: [] };
  /** @type {Field[]} */
  const fields = [];
  const parts = (modal.components ?? []).slice(0, 10).flatMap((component) => drawPart(component, context, fields));
  const problem = h("p", { class: "form-problem", role: "alert" });
  const submit = h("button", { type: "submit", class: "button primary" }, "Submit");
  const keep = h("button", { type: "button", class: "button secondary" }, "Keep writing");
  const discard = h("button", { type: "button", class: "button danger" }, "Discard");
  const question = h("div", { class: "discard", role: "alertdialog", "aria-label": "Discard what you wrote?", hidden: true }, h("p", {}, "Discard what you wrote?"), h("div", { class: "row" }, keep, discard));
  const cancel = h("button", { type: "button", class: "button quiet" }, "Cancel");
  const form = h("form", { class: "form modal-form", novalidate: true }, parts, problem, question, h("div", { class: "dialog-foot" }, cancel, submit));
  const before = snapshot(fields);
  let sent = false;
  const canClose = () => {
    if (sent || snapshot(fields) === before || !question.hidden) return true;
    question.hidden = false;
    keep.focus();
    return false;
  };
  const dialog = openDialog({ title: modal.title ?? "Form", subtitle: `A form from ${hooks.app}`, kind: "modal", body: [form], canClose, onClose: () => !sent && hooks.dismiss() });
  cancel.addEventListener("click", () => canClose() && dialog.close());
  discard.addEventListener("click", () => dialog.close());
  keep.addEventListener("click", () => {
    question.hidden = true;
    fields[0]?.focus();
  });

  /** @param {boolean} busy */
  const setBusy = (busy) => {
    submit.setAttribute("aria-busy", String(busy));
    submit.disabled = busy;
    submit.replaceChildren(busy ? "Sending…" : "Submit");
  };
  form.addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    question.hidden = true;
    if (!check(fields) || submit.disabled) return;
    const { values, files } = collect(fields);
    problem.textContent = "";
    setBusy(true);
    hooks.submit(values, files, (error) => {
      setBusy(false);
      if (!error) {
        sent = true;
        dialog.close();
        return;
      }
      problem.replaceChildren(icon("warn", 16), h("span", {}, `${error} What you wrote is still here.`));
      submit.focus();
    });
  });
  form.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && form.requestSubmit());
  fields[0]?.focus();
  return dialog;
}

/** @param {any} component @param {import("./markdown_view.js").TextContext} context @param {Field[]} fields collects what was drawn @returns {HTMLElement[]} */
function drawPart(component, context, fields) {
  if (component?.type === 10) return [richText(component.content, context)];
  const inner = component?.type === 18 ? [component.component] : component?.type === 1 ? (component.components ?? []) : [component];
  return inner.map((/** @type {any} */ one) => {
    const label = component?.type === 18 ? component.label : (one?.label ?? "");
    const field = drawField(one, { label: label || "Answer", description: component?.type === 18 ? component.description : undefined, required: isRequired(one) }, context);
    if (!field) return h("p", { class: "unsupported" }, icon("warn", 16), `Unsupported component ${one?.type ?? "without a type"}`);
    fields.push(field);
    return field.element;
  });
}

/** @param {Field[]} fields @returns {string} what is filled in now, to tell whether anything was changed */
function snapshot(fields) {
  return JSON.stringify(fields.map((field) => (field.files ? field.files().map((file) => file.name) : field.read())));
}

/** @param {Field[]} fields @returns {boolean} Shows what is wrong beside each field and goes to the first. */
function check(fields) {
  /** @type {Field | null} */
  let first = null;
  for (const field of fields) {
    const text = field.problem();
    const note = field.element.querySelector(".field-problem");
    if (note) note.textContent = text;
    field.element.classList.toggle("wrong", !!text);
    field.element.querySelector("input, textarea, .select, .options")?.setAttribute("aria-invalid", String(!!text));
    if (text && !first) first = field;
  }
  first?.focus();
  return !first;
}

/** @param {Field[]} fields @returns {{values: Record<string, any>, files: File[]}} files are named by their place in the request */
function collect(fields) {
  /** @type {Record<string, any>} */
  const values = {};
  /** @type {File[]} */
  const files = [];
  for (const field of fields) {
    if (field.files) {
      values[field.customId] = field.files().map((file) => files.push(file) - 1);
    } else values[field.customId] = field.read();
  }
  return { values, files };
}
