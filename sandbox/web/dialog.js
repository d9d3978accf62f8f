/** Dialogs on the native element, which traps the focus and gives it back. */

import { freshId, h } from "./dom.js";
import { icon } from "./icons.js";
import { closePopup } from "./popup.js";

/** @typedef {{element: HTMLDialogElement, body: HTMLElement, foot: HTMLElement, close: () => void, finished: Promise<void>}} Dialog */

/**
 * @param {{title: string, kind?: string, body?: (Node | string | null | false)[], foot?: (Node | null)[], canClose?: () => boolean, onClose?: () => void, subtitle?: string}} options
 *   canClose: asked before the person closes it by Esc, the cross or a press outside
 * @returns {Dialog}
 */
export function openDialog(options) {
  closePopup();
  const titleId = freshId("dialog");
  const opener = /** @type {HTMLElement | null} */ (document.activeElement);
  const body = h("div", { class: "dialog-body" }, options.body ?? []);
  const foot = h("div", { class: "dialog-foot" }, options.foot ?? []);
  const tryClose = () => (options.canClose?.() ?? true) && element.close();
  const cross = h("button", { type: "button", class: "icon-button", "aria-label": "Close", on: { click: tryClose } }, icon("close"));
  const element = h("dialog", { class: `dialog ${options.kind ?? ""}`, "aria-labelledby": titleId },
    h("div", { class: "dialog-head" }, h("div", {}, h("h2", { id: titleId }, h("bdi", {}, options.title)), options.subtitle && h("p", { class: "dialog-subtitle" }, h("bdi", {}, options.subtitle))), cross), body, options.foot && foot);
  let pressedOutside = false;
  element.addEventListener("pointerdown", (/** @type {PointerEvent} */ event) => (pressedOutside = event.target === element && outside(element, event)));
  element.addEventListener("click", (/** @type {PointerEvent} */ event) => pressedOutside && event.target === element && outside(element, event) && tryClose());
  element.addEventListener("cancel", (/** @type {Event} */ event) => {
    event.preventDefault();
    tryClose();
  });
  element.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => event.stopPropagation());
  const finished = new Promise((/** @type {(value: void) => void} */ resolve) => {
    element.addEventListener("close", () => {
      closePopup();
      document.body.append(...element.querySelectorAll(":scope > .notices"));
      element.remove();
      const home = opener?.isConnected && opener !== document.body ? opener : /** @type {HTMLElement | null} */ (document.querySelector(".composer-input"));
      // the browser has focused it while the page was still inert, which leaves a text field without its caret
      if (document.activeElement === home) home?.blur();
      if (document.activeElement === document.body) home?.focus();
      options.onClose?.();
      resolve();
    });
  });
  document.body.append(element);
  element.showModal();
  return { element, body, foot, close: () => element.close(), finished };
}

/** @param {HTMLElement} element @param {PointerEvent} event */
function outside(element, event) {
  const box = element.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}

/**
 * A short form.
 * @param {{title: string, action: string, fields: {name: string, label: string, long?: boolean, max: number, required?: boolean, value?: string}[], extra?: Node | null,
 *   run: (values: Record<string, string>) => Promise<void>}} options
 */
export function askDialog(options) {
  const problem = h("p", { class: "form-problem", role: "alert" });
  const inputs = options.fields.map((field) => {
    const id = freshId("field");
    const shared = { id, class: "input", maxlength: field.max, required: field.required, dir: "auto", prop: { value: field.value ?? "" } };
    const input = field.long ? h("textarea", { ...shared, rows: 4 }) : h("input", { ...shared, type: "text" });
    return { field, input, row: h("div", { class: "field" }, h("label", { for: id, class: "field-label" }, field.label, !field.required && h("span", { class: "field-optional" }, " (optional)")), input) };
  });
  const submit = h("button", { type: "submit", class: "button primary" }, options.action);
  const form = h("form", { class: "form", novalidate: true }, inputs.map((one) => one.row), options.extra, problem, h("div", { class: "dialog-foot" }, submit));
  const dialog = openDialog({ title: options.title, body: [form] });
  form.addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    const missing = inputs.find((one) => one.field.required && !one.input.value.trim());
    if (missing) {
      problem.textContent = `Please fill in "${missing.field.label}".`;
      missing.input.focus();
      return;
    }
    submit.disabled = true;
    try {
      await options.run(Object.fromEntries(inputs.map((one) => [one.field.name, one.input.value.trim()])));
      dialog.close();
    } catch (error) {
      problem.textContent = error instanceof Error ? error.message : String(error);
      submit.disabled = false;
    }
  });
  inputs[0]?.input.focus();
  return dialog;
}
