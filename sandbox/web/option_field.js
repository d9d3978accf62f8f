/** One option of a slash command: a labelled field that knows its type, its list and its limits. */

import { freshId, h } from "./dom.js";
import { channelChoices, peopleChoices, roleChoices } from "./entities.js";
import { LARGEST_FILE } from "./fields.js";
import { icon } from "./icons.js";
import { OPTION, describe, readOption } from "./slash.js";
import { Suggestions } from "./suggest.js";
import { fileSize } from "./times.js";

const PAUSE_MS = 220;
/** Texts that may be longer than this have a line of their own. */
const LONG = 200;

/**
 * @typedef {{world: import("./state.js").World, guild?: import("./types.js").Guild, hintId: string, focused: () => void, remove: (() => void) | null,
 *   complete: (signal: AbortSignal) => Promise<{name: string, value: any}[]>, next: () => void, taken: () => void}} FieldHooks
 */

export class OptionField {
  /** @param {any} option @param {FieldHooks} hooks */
  constructor(option, hooks) {
    this.option = option;
    this.hooks = hooks;
    /** @type {{label: string, value: any} | null} what was taken from a list */
    this.taken = null;
    /** @type {File | null} */
    this.file = null;
    /** @type {AbortController | null} */
    this.asking = null;
    this.timer = 0;
    const id = freshId("option");
    this.problem = h("span", { class: "option-problem" });
    this.fileName = h("bdi", { class: "option-file-name" }, "Choose or drop a file");
    this.input = option.type === OPTION.attachment ? this.fileInput(id) : h("input", { type: "text", id, class: "option-input", role: "combobox", autocomplete: "off", spellcheck: option.type === OPTION.string ? null : "false", dir: "auto", "aria-describedby": hooks.hintId, "aria-required": String(!!option.required), maxlength: option.type === OPTION.string ? (option.max_length ?? 6000) : 120, inputmode: option.type === OPTION.integer ? "numeric" : option.type === OPTION.number ? "decimal" : null, placeholder: option.type === OPTION.boolean ? "yes or no" : null });
    const remove = hooks.remove && h("button", { type: "button", class: "option-remove", "aria-label": `Leave out ${option.name}`, on: { click: hooks.remove } }, icon("close", 13));
    const holder = option.type === OPTION.attachment ? h("span", { class: "option-file" }, icon("clip", 16), this.fileName, this.input) : this.input;
    const isLong = option.type === OPTION.string && !option.choices?.length && !option.autocomplete && (option.max_length ?? 6000) > LONG;
    this.element = h("div", { class: isLong ? "option-field long" : "option-field" }, h("label", { for: id }, h("bdi", {}, option.name), option.required && h("span", { class: "sr-only" }, ", required")), holder, remove, this.problem);
    this.suggestions = option.type === OPTION.attachment ? null : new Suggestions(this.input, { label: `Choices for ${option.name}`, anchor: () => this.element, choose: (choice) => this.take(choice) });
    this.input.addEventListener("focus", () => this.focused());
    this.input.addEventListener("blur", () => this.suggestions?.hide());
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.key(event));
  }

  /** @param {string} id */
  fileInput(id) {
    const input = h("input", { type: "file", id, "aria-describedby": this.hooks.hintId });
    input.addEventListener("change", () => {
      this.file = input.files?.[0] ?? null;
      this.fileName.textContent = this.file ? `${this.file.name} (${fileSize(this.file.size)})` : "Choose or drop a file";
      this.element.classList.toggle("filled", !!this.file);
      this.show("");
    });
    return input;
  }

  hint() {
    return `${this.option.name}: ${this.option.description ?? ""} (${describe(this.option)}${this.option.required ? "" : ", optional"})`;
  }

  focus() {
    this.input.focus();
  }

  focused() {
    this.hooks.focused();
    this.offer();
  }

  typed() {
    this.taken = null;
    this.show("");
    this.offer();
  }

  /** @returns {string} */
  text() {
    return this.input.type === "file" ? "" : this.input.value;
  }

  empty() {
    return this.input.type === "file" ? !this.file : !this.input.value.trim();
  }

  /** @param {string} problem */
  show(problem) {
    this.problem.textContent = problem;
    this.element.classList.toggle("wrong", !!problem);
    this.input.setAttribute("aria-invalid", String(!!problem));
  }

  /** @param {{label: string, value: any}} choice */
  take(choice) {
    this.input.value = choice.label;
    this.taken = choice;
    this.suggestions?.hide();
    this.show("");
    this.hooks.taken();
  }

  /** @returns {import("./picker.js").Choice[] | null} the fixed list of this option's type, null where anything may be typed */
  fixed() {
    const { option, hooks } = this;
    if (option.choices?.length) return option.choices.map((/** @type {any} */ one) => ({ value: one.value, label: String(one.name) }));
    if (option.type === OPTION.boolean) return /** @type {any} */ ([{ value: true, label: "Yes" }, { value: false, label: "No" }]);
    if (option.type === OPTION.user) return peopleChoices(hooks.world, hooks.guild);
    if (option.type === OPTION.role) return roleChoices(hooks.guild);
    if (option.type === OPTION.mentionable) return [...peopleChoices(hooks.world, hooks.guild), ...roleChoices(hooks.guild)];
    return option.type === OPTION.channel ? channelChoices(hooks.world, hooks.guild, option.channel_types) : null;
  }

  offer() {
    if (!this.suggestions || this.taken) return;
    if (this.option.autocomplete) {
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.ask(), PAUSE_MS);
      return;
    }
    const fixed = this.fixed();
    if (!fixed) return;
    const query = this.input.value.trim().toLowerCase().replace(/^[@#]/, "");
    const found = fixed.filter((choice) => `${choice.label} ${choice.description ?? ""}`.toLowerCase().includes(query));
    this.list(found, "Nothing on the list matches.");
  }

  /** @param {any[]} choices @param {string} empty */
  list(choices, empty) {
    if (document.activeElement !== this.input) return;
    this.suggestions?.show(choices.slice(0, 50).map((choice) => ({ label: choice.label, note: choice.description, leading: choice.leading?.cloneNode(true), value: choice })), empty);
  }

  async ask() {
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    this.element.classList.add("asking");
    try {
      const found = await this.hooks.complete(asking.signal);
      if (!asking.signal.aborted) this.list(found.map((one) => ({ label: String(one.name), value: one.value })), "The bot suggests nothing for this.");
    } catch (error) {
      if (!asking.signal.aborted) this.list([], error instanceof Error ? `No suggestions: ${error.message}` : "No suggestions came.");
    } finally {
      if (this.asking === asking) this.element.classList.remove("asking");
    }
  }

  /** @param {File[]} files collects what is uploaded @returns {{value?: any, problem?: string}} */
  result(files) {
    if (this.option.type === OPTION.attachment) {
      if (!this.file) return this.option.required ? { problem: "A file is needed." } : {};
      if (this.file.size > LARGEST_FILE) return { problem: "At most 10 MB." };
      return { value: files.push(this.file) - 1 };
    }
    if (this.taken) return { value: this.taken.value };
    const typed = this.input.value.trim().toLowerCase().replace(/^[@#]/, "");
    const match = typed && this.fixed()?.find((choice) => choice.label.toLowerCase() === typed || String(choice.value).toLowerCase() === typed);
    return match ? { value: match.value } : readOption(this.option, this.input.value);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (this.suggestions?.key(event) || event.isComposing) return;
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.hooks.next();
    } else if (event.key === "Backspace" && this.hooks.remove && this.empty()) {
      event.preventDefault();
      this.hooks.remove();
    } else if (event.key === "ArrowDown") this.offer();
  }

  close() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.suggestions?.hide();
  }
}
