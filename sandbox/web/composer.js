/** Where people write: text, commands, files, answers and edits; a draft a channel that outlives reloads and lost connections. */

import { CommandForm } from "./command_form.js";
import { fill, h } from "./dom.js";
import { channelIcon, face } from "./entities.js";
import { LARGEST_FILE } from "./fields.js";
import { icon } from "./icons.js";
import { PERMISSION, allowed, whyNotWrite } from "./permissions.js";
import { exact, flatten, rank } from "./slash.js";
import { Suggestions } from "./suggest.js";
import { fileSize } from "./times.js";

/** @typedef {import("./types.js").Message} Message */
/** @typedef {import("./types.js").Channel} Channel */
/** @typedef {{post: (body: any, files: File[]) => Promise<void>, edit: (message: Message, content: string) => Promise<void>}} Sender bound to who and where one was */
/**
 * @typedef {{world: () => import("./state.js").World, commands: () => Promise<import("./types.js").Command[]>, sender: () => Sender, run: (entry: import("./slash.js").Entry, options: any[], files: File[]) => Promise<boolean>,
 *   autocomplete: (entry: import("./slash.js").Entry, options: any[], signal: AbortSignal) => Promise<any[]>, typing: () => void, problem: (text: string) => void,
 *   say: (text: string) => void, editLast: () => void, pickEmoji: (anchor: Element, choose: (text: string) => void) => void, plus: (anchor: Element) => void}} ComposerHooks
 */

const TYPING_MS = 8000;
const LONGEST = 2000;
const MOST_FILES = 10;

export class Composer {
  /** @param {ComposerHooks} hooks */
  constructor(hooks) {
    this.hooks = hooks;
    /** @type {Channel | undefined} */
    this.channel = undefined;
    /** @type {File[]} */
    this.files = [];
    /** @type {{reply?: Message, edit?: Message}} */
    this.mode = {};
    /** @type {CommandForm | null} */
    this.form = null;
    /** @type {import("./slash.js").Entry[]} */
    this.entries = [];
    /** @type {Map<string, string>} what was completed, as written, to what is sent for it */
    this.references = new Map();
    this.typedAt = 0;
    this.sending = Promise.resolve();
    this.build();
  }

  build() {
    this.status = h("p", { class: "composer-status", role: "status" });
    this.bar = h("div", { class: "composer-bar", hidden: true });
    this.fileList = h("ul", { class: "upload-list", role: "list", "aria-label": "Files to send" });
    this.input = h("textarea", { class: "composer-input", rows: 1, role: "combobox", "aria-label": "Message", "aria-multiline": "true", dir: "auto", placeholder: "Message", autocomplete: "off" });
    this.fileInput = h("input", { type: "file", multiple: true, hidden: true, tabindex: "-1", "aria-hidden": "true", on: { change: () => this.take([...(this.fileInput.files ?? [])]) } });
    /** @param {import("./icons.js").IconName} name @param {string} label @param {(event: any) => void} click */
    const tool = (name, label, click) => h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, on: { click } }, icon(name));
    this.plus = tool("plus", "Attach a file and more", (event) => this.hooks.plus(event.currentTarget));
    this.smile = tool("smile", "Insert an emoji", (event) => this.hooks.pickEmoji(event.currentTarget, (text) => this.insert(text)));
    this.send = tool("send", "Send", () => this.submit());
    this.send.classList.add("send");
    this.counter = h("span", { class: "composer-count", "aria-hidden": "true" });
    this.box = h("div", { class: "composer-box" }, this.plus, this.input, this.counter, this.smile, this.send, this.fileInput);
    this.holder = h("div", { class: "composer-holder" }, this.box);
    this.closedNote = h("p", { class: "composer-closed", hidden: true });
    this.element = h("section", { class: "composer", "aria-label": "Write a message" }, this.bar, this.fileList, this.holder, this.closedNote, this.status);
    this.suggestions = new Suggestions(this.input, { label: "Suggestions", anchor: () => this.box, choose: (value) => value.take() });
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.key(event));
    this.input.addEventListener("blur", () => this.suggestions.hide());
    this.input.addEventListener("paste", (/** @type {ClipboardEvent} */ event) => {
      if (event.clipboardData?.files.length) {
        event.preventDefault();
        this.take([...event.clipboardData.files]);
      }
    });
    this.element.addEventListener("dragover", (/** @type {Event} */ event) => event.preventDefault());
    this.element.addEventListener("drop", (/** @type {DragEvent} */ event) => {
      event.preventDefault();
      this.take([...(event.dataTransfer?.files ?? [])]);
    });
  }

  /** @param {Channel | undefined} channel Goes to another channel, with its own draft. */
  show(channel) {
    const same = this.channel?.id === channel?.id;
    this.channel = channel;
    const why = whyNotWrite(channel);
    const commands = allowed(channel, PERMISSION.useCommands);
    this.holder.hidden = !!why && !commands;
    this.closedNote.hidden = !why;
    this.closedNote.textContent = why;
    this.plus.hidden = !!why || !allowed(channel, PERMISSION.attachFiles);
    this.input.placeholder = why ? "Type / for commands" : `Message ${channel?.name ? `#${channel.name}` : this.hooks.world().titleOf(channel)}`;
    this.input.setAttribute("aria-label", this.input.placeholder);
    if (same) return;
    this.leaveForm(false);
    this.setMode({});
    this.files = [];
    this.drawFiles();
    this.input.value = sessionStorage.getItem(this.draftKey()) ?? "";
    this.resize();
    this.entries = [];
    this.loadCommands();
  }

  draftKey() {
    return `draft ${this.hooks.world().me.id} ${this.channel?.id}`;
  }

  async loadCommands() {
    const { channel } = this;
    try {
      const commands = await this.hooks.commands();
      if (channel?.id === this.channel?.id) this.entries = flatten(commands, this.hooks.world().applications);
    } catch {
      if (channel?.id === this.channel?.id) this.entries = [];
    }
  }

  focus() {
    if (this.form) this.form.focus();
    else if (!this.holder.hidden) this.input.focus();
  }

  typed() {
    if (this.mode.edit === undefined) {
      if (this.input.value) sessionStorage.setItem(this.draftKey(), this.input.value);
      else sessionStorage.removeItem(this.draftKey());
    }
    this.resize();
    this.suggest();
    const now = Date.now();
    if (this.input.value.trim() && !this.input.value.startsWith("/") && now - this.typedAt > TYPING_MS) {
      this.typedAt = now;
      this.hooks.typing();
    }
  }

  resize() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, Math.round(window.innerHeight * 0.4))}px`;
    const left = LONGEST - [...this.input.value].length;
    this.counter.textContent = left < 200 ? String(left) : "";
    this.counter.classList.toggle("over", left < 0);
  }

  async suggest() {
    const { value, selectionStart } = this.input;
    if (value.startsWith("/") && !value.includes("\n") && !this.mode.edit) {
      if (!this.entries.length) await this.loadCommands();
      if (!this.input.value.startsWith("/")) return;
      const found = rank(this.entries, this.input.value.slice(1)).slice(0, 50);
      this.suggestions.show(found.map((entry) => ({ label: entry.name, note: entry.description, side: optionNames(entry), group: entry.app, value: { take: () => this.enterForm(entry) } })), this.entries.length ? "No command fits." : "No app offers commands here. It may be offline.");
      return;
    }
    const before = value.slice(Math.max(0, selectionStart - 40), selectionStart);
    const match = /(?:^|\s)([@#])([^\s@#]{0,32})$/.exec(before);
    if (match) this.suggestReferences(match[1], match[2].toLowerCase());
    else this.suggestions.hide();
  }

  /** @param {string} sign `@` or `#` @param {string} query */
  suggestReferences(sign, query) {
    const world = this.hooks.world();
    const guild = world.guildOf(this.channel?.id);
    const people = (guild?.members ?? []).map((member) => member.user).filter(Boolean).map((user) => ({ label: `@${world.nameOf(user.id, guild)}`, note: "", side: user.username, leading: face(user, 24), sent: `<@${user.id}>` }));
    const places = world.channelsOf(guild?.id).filter((channel) => channel.type !== 4).map((channel) => ({ label: `#${world.titleOf(channel)}`, note: "", side: "", leading: icon(channelIcon(channel), 16), sent: `<#${channel.id}>` }));
    const found = (sign === "@" ? people : places).filter((one) => `${one.label} ${one.side}`.toLowerCase().includes(query)).slice(0, 8);
    this.suggestions.show(found.map((one) => ({ ...one, value: { take: () => this.complete(sign.length + query.length, one.label, one.sent) } })));
  }

  /** @param {number} width how much was typed of it @param {string} label @param {string} sent */
  complete(width, label, sent) {
    this.references.set(label, sent);
    const at = this.input.selectionStart;
    this.input.setRangeText(`${label} `, at - width, at, "end");
    this.suggestions.hide();
    this.typed();
  }

  /** @param {string} text */
  insert(text) {
    this.input.setRangeText(text, this.input.selectionStart, this.input.selectionEnd, "end");
    this.input.focus();
    this.typed();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (this.suggestions.key(event) || event.isComposing) return;
    if (event.key === " " && this.input.value.startsWith("/")) {
      const entry = exact(this.entries, this.input.value);
      const longer = this.entries.some((one) => one !== entry && one.name.startsWith(`${this.input.value.trim().toLowerCase()} `));
      if (entry && !longer) {
        event.preventDefault();
        this.enterForm(entry);
      }
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape" && (this.mode.reply || this.mode.edit)) {
      event.preventDefault();
      this.setMode({});
    } else if (event.key === "ArrowUp" && !this.input.value) {
      event.preventDefault();
      this.hooks.editLast();
    }
  }

  /** @param {import("./slash.js").Entry} entry */
  enterForm(entry) {
    this.suggestions.hide();
    this.input.value = "";
    this.typed();
    const world = this.hooks.world();
    this.form = new CommandForm(entry, {
      world, guild: world.guildOf(this.channel?.id), autocomplete: this.hooks.autocomplete, say: this.hooks.say, leave: () => this.leaveForm(true),
      run: async (chosen, options, files) => {
        const form = this.form;
        if (form) form.element.inert = true;
        const taken = await this.hooks.run(chosen, options, files);
        if (form) form.element.inert = false;
        if (taken && this.form === form) this.leaveForm(true);
        else form?.focus();
      },
    });
    this.holder.replaceChildren(this.form.element);
    this.form.focus();
    this.hooks.say(`${entry.name}: ${entry.description}`);
  }

  /** @param {boolean} refocus */
  leaveForm(refocus) {
    if (!this.form) return;
    this.form.close();
    this.form = null;
    this.holder.replaceChildren(this.box);
    if (refocus && !document.querySelector("dialog[open]")) this.input.focus();
  }

  /** @param {string} name Starts a command by its name, from a mention in a message. */
  useCommand(name) {
    const entry = exact(this.entries, `/${name}`);
    if (entry) this.enterForm(entry);
    else this.insert(`/${name}`);
  }

  /** @param {{reply?: Message, edit?: Message}} mode */
  setMode(mode) {
    const wasEdit = this.mode.edit;
    this.mode = mode;
    const target = mode.reply ?? mode.edit;
    this.bar.hidden = !target;
    fill(this.bar);
    if (target) {
      const name = this.hooks.world().nameOf(target.author.id, this.hooks.world().guildOf(this.channel?.id));
      const text = mode.edit ? "Editing your message" : ["Answering ", h("bdi", {}, name)];
      fill(this.bar, icon(mode.edit ? "edit" : "reply", 16), h("span", {}, text), h("button", { type: "button", class: "icon-button small", "aria-label": mode.edit ? "Stop editing" : "Do not answer", on: { click: () => this.setMode({}) } }, icon("close", 15)));
    }
    if (mode.edit) this.input.value = mode.edit.content;
    else if (wasEdit) this.input.value = sessionStorage.getItem(this.draftKey()) ?? "";
    this.resize();
    if (target) this.focus();
  }

  /** @param {File[]} files */
  take(files) {
    for (const file of files) {
      if (file.size > LARGEST_FILE) this.hooks.problem(`${file.name} is larger than 10 MB and was left out.`);
      else if (this.files.length >= MOST_FILES) return this.hooks.problem(`At most ${MOST_FILES} files in one message.`);
      else this.files.push(file);
    }
    this.fileInput.value = "";
    this.drawFiles();
    this.focus();
  }

  drawFiles() {
    this.fileList.replaceChildren(...this.files.map((file, index) => h("li", {}, icon("file", 16), h("bdi", {}, file.name), h("span", { class: "file-size" }, fileSize(file.size)), h("button", { type: "button", class: "icon-button small", "aria-label": `Remove ${file.name}`, on: { click: () => {
      this.files.splice(index, 1);
      this.drawFiles();
      this.focus();
    } } }, icon("close", 14)))));
  }

  async submit() {
    const written = this.input.value.trim();
    if (written.startsWith("/") && !this.mode.edit && this.entries.length) {
      const entry = exact(this.entries, written) ?? (/^\/[\w -]+$/.test(written) ? rank(this.entries, written.slice(1))[0] : undefined);
      if (entry) return this.enterForm(entry);
    }
    if (!written && !this.files.length) return;
    if ([...written].length > LONGEST) return this.hooks.problem(`A message holds at most ${LONGEST} characters. This one has ${[...written].length}.`);
    const { files, mode } = this;
    const sender = this.hooks.sender();
    const key = this.draftKey();
    const text = this.resolve(written);
    this.clear();
    // one after the other, so that quick lines keep their order
    this.sending = this.sending.then(async () => {
      try {
        if (mode.edit) await sender.edit(mode.edit, text);
        else await sender.post({ content: text, ...(mode.reply ? { reply_to: mode.reply.id } : {}) }, files);
      } catch (error) {
        this.hooks.problem(error instanceof Error ? error.message : String(error));
        this.restore(key, written, files, mode);
      }
    });
  }

  clear() {
    this.suggestions.hide();
    this.files = [];
    this.drawFiles();
    this.input.value = "";
    sessionStorage.removeItem(this.draftKey());
    this.setMode({});
    this.typedAt = 0;
  }

  /** @param {string} key @param {string} written @param {File[]} files @param {{reply?: Message, edit?: Message}} mode Gives back what could not be sent, unless something else was begun. */
  restore(key, written, files, mode) {
    if (key !== this.draftKey()) return sessionStorage.setItem(key, written);
    if (this.input.value || this.files.length) return;
    this.files = files;
    this.drawFiles();
    this.setMode(mode);
    this.input.value = written;
    this.typed();
  }

  /** @param {string} text @returns {string} with completed names as the references they stand for */
  resolve(text) {
    for (const [label, sent] of [...this.references].sort((a, b) => b[0].length - a[0].length)) text = text.split(label).join(sent);
    return text;
  }
}

/** @param {import("./slash.js").Entry} entry */
function optionNames(entry) {
  return entry.options.filter((option) => option.required).map((option) => option.name).join("  ");
}
