/** One message as an element, drawn whole each time; the feed patches it into place. */

import { drawComponents, usedFiles } from "./components.js";
import { h } from "./dom.js";
import { drawEmbeds } from "./embeds.js";
import { cssColour, face } from "./entities.js";
import { icon } from "./icons.js";
import { emojiElement, plainText, richText } from "./markdown_view.js";
import { attachments } from "./media.js";
import { drawPoll } from "./poll.js";
import { formatTime, messageTime } from "./times.js";

/** @typedef {import("./types.js").Message} Message */
/**
 * What a message needs from the page around it.
 * @typedef {{text: import("./markdown_view.js").TextContext, channel?: import("./types.js").Channel, readOnly?: boolean,
 *   control: (message: Message, key: string) => {busy: boolean, error: string, values?: string[]},
 *   press: (message: Message, component: any) => void, choose: (message: Message, component: any, values: string[]) => void,
 *   react: (message: Message, emoji: import("./types.js").Emoji, on: boolean) => void, pickEmoji: (message: Message, anchor: Element) => void,
 *   vote: (message: Message, ids: number[]) => void, endPoll: (message: Message) => void, pollVoters: (message: Message) => void, isMine: (message: Message) => boolean, peeks: Set<string>, redraw: (message: Message) => void, jumpTo: (id: string) => void,
 *   dismiss: (message: Message) => void, openMenu: (message: Message, place: import("./popup.js").Place) => void,
 *   openUserMenu: (userId: string, place: import("./popup.js").Place) => void, reply: (message: Message) => void, openChannel: (id: string) => void,
 *   canReact: boolean, canReply: boolean}} ViewContext
 */

export const FLAG = { suppressEmbeds: 1 << 2, ephemeral: 1 << 6, loading: 1 << 7, silent: 1 << 12, componentsV2: 1 << 15 };
const GROUP_MS = 7 * 60_000;
const SYSTEM = /** @type {Record<number, string>} */ ({ 1: "added somebody", 2: "removed somebody", 4: "changed the channel's name", 6: "pinned a message", 7: "joined the server. Welcome!", 12: "followed an announcement channel", 18: "started a thread", 46: "closed a poll" });

/** @param {Message} message @param {number} flag */
export const has = (message, flag) => ((message.flags ?? 0) & flag) !== 0;

/** @param {Message | undefined} before @param {Message} message @returns {boolean} whether the author need not be named again */
export function groups(before, message) {
  if (!before || before.author?.id !== message.author?.id || message.type in SYSTEM || before.type in SYSTEM) return false;
  if (message.referenced_message !== undefined && message.type === 19) return false;
  if (message.interaction_metadata || message.interaction || has(message, FLAG.ephemeral) !== has(before, FLAG.ephemeral)) return false;
  const apart = Date.parse(message.timestamp) - Date.parse(before.timestamp);
  return apart < GROUP_MS && new Date(message.timestamp).toDateString() === new Date(before.timestamp).toDateString();
}

/** @param {Message} message @param {boolean} grouped @param {ViewContext} context @returns {HTMLElement} */
export function drawMessage(message, grouped, context) {
  try {
    return message.type in SYSTEM ? systemMessage(message, context) : wholeMessage(message, grouped, context);
  } catch {
    return shell(message, "message broken", context, h("p", { class: "unsupported" }, icon("warn", 16), "This message could not be drawn."));
  }
}

/** @param {Message} message @param {string} kind @param {ViewContext} context @param {...import("./dom.js").Child} children */
function shell(message, kind, context, ...children) {
  const name = authorName(message, context);
  /** @param {MouseEvent} event */
  const contextmenu = (event) => {
    const target = /** @type {Element} */ (event.target);
    if (context.readOnly || target.closest("a, input, textarea") || (getSelection()?.toString() ?? "")) return;
    event.preventDefault();
    const person = target.closest("[data-person]");
    const place = event.clientX || event.clientY ? { x: event.clientX, y: event.clientY } : target;
    if (person) context.openUserMenu(/** @type {HTMLElement} */ (person).dataset.person ?? "", place);
    else context.openMenu(message, place);
  };
  return h("article", {
    class: kind, tabindex: "-1", id: context.readOnly ? null : `m-${message.id}`, data: { key: message.id }, "aria-label": `${name}, ${messageTime(message.timestamp)}${message.edited_timestamp ? ", edited" : ""}${has(message, FLAG.ephemeral) ? ", only you can see this" : ""}`,
    on: { contextmenu },
  }, children);
}

/** @param {Message} message @param {ViewContext} context */
function authorName(message, context) {
  const { author } = message;
  return message.webhook_id && !author?.id ? (author?.username ?? "Webhook") : author ? (context.text.world.users.has(author.id) ? context.text.world.nameOf(author.id, context.text.guild) : author.global_name || author.username || "Unknown") : "Unknown";
}

/** @param {Message} message @param {ViewContext} context */
function systemMessage(message, context) {
  return shell(message, "message system", context, h("span", { class: "gutter" }, icon(message.type === 6 ? "pin" : message.type === 18 ? "thread" : message.type === 46 ? "poll" : "right", 18)),
    h("div", { class: "message-body" }, h("p", { class: "system-line" }, h("bdi", { class: "author" }, authorName(message, context)), ` ${SYSTEM[message.type]} `, message.type === 18 && h("bdi", {}, message.content), h("span", { class: "when" }, messageTime(message.timestamp))),
      message.type === 46 && drawEmbeds(message, context.text)));
}

/** @param {Message} message @param {boolean} grouped @param {ViewContext} context */
function wholeMessage(message, grouped, context) {
  const { world, guild } = context.text;
  const ephemeral = has(message, FLAG.ephemeral);
  const mentioned = (message.mentions ?? []).some((user) => user?.id === world.me.id);
  const kind = `message${grouped ? " grouped" : ""}${ephemeral ? " ephemeral" : ""}${mentioned ? " mentions-me" : ""}${has(message, FLAG.loading) ? " loading" : ""}`;
  const name = authorName(message, context);
  /** @param {Event} event */
  const openAuthor = (event) => message.author?.id && context.openUserMenu(message.author.id, /** @type {Element} */ (event.currentTarget));
  const colour = cssColour(world.colourOf(message.author?.id ?? "", guild));
  const exact = formatTime(Date.parse(message.timestamp) / 1000, "F");
  const head = !grouped && h("p", { class: "message-head" },
    h("button", { type: "button", class: "author", data: { person: message.author?.id }, tabindex: "-1", style: colour ? { "--name": colour } : {}, on: { click: openAuthor } }, h("bdi", {}, name)),
    message.author?.bot && h("span", { class: "badge" }, message.webhook_id && !message.application_id ? "Webhook" : "App"),
    h("time", { class: "when", datetime: message.timestamp, title: exact }, messageTime(message.timestamp)), editedMark(message));
  return shell(message, kind, context,
    leadLine(message, context),
    h("span", { class: "gutter" }, grouped ? h("time", { class: "when-side", datetime: message.timestamp, title: exact }, formatTime(Date.parse(message.timestamp) / 1000, "t")) : face(message.author, 40, name)),
    h("div", { class: "message-body" }, head, content(message, grouped, context), reactions(message, context), threadLink(message, context), ephemeral && ephemeralNote(message, context)),
    !context.readOnly && toolbar(message, context));
}

/** @param {Message} message */
function editedMark(message) {
  return message.edited_timestamp && h("span", { class: "edited", title: `Edited ${messageTime(message.edited_timestamp)}` }, "edited");
}

/** @param {Message} message @param {boolean} grouped @param {ViewContext} context */
function content(message, grouped, context) {
  if (has(message, FLAG.loading)) return h("p", { class: "thinking" }, h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), h("bdi", {}, authorName(message, context)), " is thinking…");
  const state = context.control(message, "poll");
  const edited = grouped && editedMark(message);
  const onlyEmoji = /^(?:\p{Extended_Pictographic}(?:\uFE0F|\u200D\p{Extended_Pictographic}|\p{Emoji_Modifier})*\s*){1,6}$/u.test((message.content ?? "").slice(0, 60));
  const text = message.content ? richText(message.content, context.text) : null;
  if (text && onlyEmoji && message.content.length <= 60) text.classList.add("jumbo");
  if (text && edited) (text.lastElementChild?.tagName === "P" ? text.lastElementChild : text).append(" ", edited);
  const setPeek = (/** @type {boolean} */ on) => {
    if (on) context.peeks.add(message.id);
    else context.peeks.delete(message.id);
    context.redraw(message);
  };
  const components = drawComponents(message, context);
  return [
    text,
    attachments(message, usedFiles(message.components ?? [], message)),
    has(message, FLAG.suppressEmbeds) ? null : drawEmbeds(message, context.text),
    components,
    message.poll && drawPoll(message, { vote: (ids) => context.vote(message, ids), end: context.isMine(message) && !context.readOnly ? () => context.endPoll(message) : null, voters: () => context.pollVoters(message), busy: state.busy, error: state.error, peek: context.peeks.has(message.id), setPeek }),
    stickers(message),
    !text && edited,
  ];
}

/** @param {Message} message */
function stickers(message) {
  const list = /** @type {any} */ (message).sticker_items;
  return Array.isArray(list) ? list.slice(0, 3).map((one) => h("span", { class: "media-missing" }, icon("smile", 16), `Sticker: ${one?.name ?? "?"}`)) : null;
}

/** @param {Message} message @param {ViewContext} context The line above: what is answered, or which command was used. */
function leadLine(message, context) {
  const { world, guild } = context.text;
  const told = message.interaction_metadata ?? message.interaction;
  const used = told?.triggering_interaction_metadata ?? told;
  if (used && (used.type ?? 2) === 2 && message.type !== 19) {
    const command = message.interaction?.name ?? used.name;
    const user = used.user ?? {};
    const name = world.users.has(user.id) ? world.nameOf(user.id, guild) : (user.global_name ?? user.username ?? "Somebody");
    const menu = message.type === 23 || used.target_user || used.target_message_id;
    return h("p", { class: "lead" }, face(user, 16, name), h("bdi", {}, name), " used ", command ? h("b", { class: "lead-command" }, menu ? "" : "/", h("bdi", {}, command)) : "a command");
  }
  if (message.type !== 19) return null;
  const target = message.referenced_message;
  if (!target) return h("p", { class: "lead" }, icon("reply", 15), target === null ? "The original message was deleted." : "In answer to an earlier message");
  const author = world.users.has(target.author?.id) ? world.nameOf(target.author.id, guild) : (target.author?.username ?? "Unknown");
  return h("button", { type: "button", class: "lead", "aria-label": `In answer to ${author}. Go to that message.`, on: { click: () => context.jumpTo(target.id) } }, icon("reply", 15), face(target.author, 16, author), h("bdi", { class: "lead-name" }, author), h("bdi", { class: "lead-text" }, preview(target, context)));
}

/** @param {Message} message @param {ViewContext} context @returns {string} one line that stands for the message */
export function preview(message, context) {
  if (has(message, FLAG.loading)) return "thinking…";
  const text = plainText((message.content ?? "").slice(0, 300), context.text) || plainText(componentText(message.components).slice(0, 300), context.text);
  if (text) return text.slice(0, 160);
  if (message.poll) return `Poll: ${message.poll.question?.text ?? ""}`;
  const embed = message.embeds?.[0];
  if (embed) return plainText(String(embed.title ?? embed.description ?? "Card").slice(0, 300), context.text).slice(0, 160);
  return message.attachments?.length ? `File: ${message.attachments[0].filename}` : "Message";
}

/** @param {any} components @param {number} [depth] @returns {string} */
function componentText(components, depth = 0) {
  if (!Array.isArray(components) || depth > 5) return "";
  return components.map((one) => (typeof one?.content === "string" ? one.content : componentText(one?.components, depth + 1))).filter(Boolean).join("\n");
}

/** @param {Message} message @param {ViewContext} context */
function reactions(message, context) {
  const list = (message.reactions ?? []).slice(0, 40);
  if (!list.length) return null;
  return h("ul", { class: "reactions", role: "list", "aria-label": "Reactions" }, list.map((one) => h("li", { data: { key: `r-${one.emoji.id ?? one.emoji.name}` } },
    h("button", { type: "button", class: "reaction", "aria-pressed": String(!!one.me), "aria-label": `${one.emoji.name ?? "emoji"}, ${one.count} ${one.count === 1 ? "person" : "people"}`, disabled: context.readOnly, on: { click: () => context.react(message, one.emoji, !one.me) } }, emojiElement(one.emoji), h("span", { class: "reaction-count" }, String(one.count))))));
}

/** @param {Message} message @param {ViewContext} context */
function threadLink(message, context) {
  const thread = context.text.world.channel(message.thread?.id) ?? message.thread;
  if (!thread || message.type === 21) return null;
  return h("button", { type: "button", class: "thread-link", on: { click: () => context.openChannel(thread.id) } }, icon("thread", 16), h("bdi", {}, thread.name ?? "Thread"), h("span", { class: "thread-count" }, `${thread.message_count ?? 0} messages`), icon("right", 15));
}

/** @param {Message} message @param {ViewContext} context */
function ephemeralNote(message, context) {
  return h("p", { class: "only-you" }, icon("eye", 15), "Only you can see this", h("span", { "aria-hidden": "true" }, "·"), h("button", { type: "button", class: "text-button", on: { click: () => context.dismiss(message) } }, "Dismiss"));
}

/** @param {Message} message @param {ViewContext} context */
function toolbar(message, context) {
  const ephemeral = has(message, FLAG.ephemeral);
  /** @param {import("./icons.js").IconName} name @param {string} label @param {(anchor: Element) => void} run */
  const tool = (name, label, run) => h("button", { type: "button", class: "tool", "aria-label": label, title: label, on: { click: (/** @type {Event} */ event) => run(/** @type {Element} */ (event.currentTarget)) } }, icon(name));
  return h("div", { class: "toolbar", role: "toolbar", "aria-label": "Message" },
    !ephemeral && context.canReact && tool("smile", "React", (anchor) => context.pickEmoji(message, anchor)),
    !ephemeral && context.canReply && tool("reply", "Reply", () => context.reply(message)),
    tool("dots", "More", (anchor) => context.openMenu(message, anchor)));
}
