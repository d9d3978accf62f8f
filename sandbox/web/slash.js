/** What slash commands there are, how well they fit what was typed, and what their options may hold. No document here. */

/** @typedef {import("./types.js").Command} Command */
/**
 * One thing that can be run: a command, or one of its subcommands.
 * @typedef {{key: string, commandId: string, applicationId: string, app: string, path: string[], name: string, description: string, options: any[]}} Entry
 */

export const OPTION = { string: 3, integer: 4, boolean: 5, user: 6, channel: 7, role: 8, mentionable: 9, number: 10, attachment: 11 };
const KIND = /** @type {Record<number, string>} */ ({ 3: "text", 4: "whole number", 5: "yes or no", 6: "person", 7: "channel", 8: "role", 9: "person or role", 10: "number", 11: "file" });

/** @param {Command[]} commands @param {Map<string, {name: string}>} applications @returns {Entry[]} in the order of apps, then names */
export function flatten(commands, applications) {
  /** @type {Entry[]} */
  const out = [];
  for (const command of commands) {
    if ((command.type ?? 1) !== 1) continue;
    const base = { commandId: command.id, applicationId: command.application_id, app: applications.get(command.application_id)?.name ?? "App" };
    /** @param {string[]} path @param {any} node */
    const visit = (path, node) => {
      const subs = (node.options ?? []).filter((/** @type {any} */ one) => one.type === 1 || one.type === 2);
      if (subs.length) for (const sub of subs) visit([...path, sub.name], sub);
      else out.push({ ...base, key: `${command.id}:${path.join(" ")}`, path, name: `/${path.join(" ")}`, description: node.description ?? "", options: node.options ?? [] });
    };
    visit([command.name], command);
  }
  return out.sort((a, b) => a.app.localeCompare(b.app) || a.name.localeCompare(b.name));
}

/**
 * How well a name fits what was typed: prefixes before word beginnings before letters in order.
 * @param {string} query @param {string} name @returns {number} 0 for no fit
 */
export function fit(query, name) {
  if (!query) return 1;
  if (name.startsWith(query)) return 100 - name.length / 100;
  if (name.split(/[ _-]/).some((word) => word.startsWith(query))) return 80 - name.length / 100;
  if (name.includes(query)) return 60 - name.length / 100;
  let at = 0;
  let gaps = 0;
  for (const char of query) {
    const next = name.indexOf(char, at);
    if (next < 0) return 0;
    gaps += next - at;
    at = next + 1;
  }
  return Math.max(1, 40 - gaps);
}

/** @param {Entry[]} entries @param {string} typed without the slash @returns {Entry[]} best first; by app while nothing was typed */
export function rank(entries, typed) {
  const query = typed.trim().toLowerCase().replace(/\s+/g, " ");
  if (!query) return entries;
  return entries.map((entry) => {
    const name = entry.path.join(" ").toLowerCase();
    const score = Math.max(fit(query, name), query.length > 2 && entry.description.toLowerCase().includes(query) ? 20 : 0);
    return { entry, score };
  }).filter((one) => one.score > 0).sort((a, b) => b.score - a.score || a.entry.name.localeCompare(b.entry.name)).map((one) => one.entry);
}

/** @param {Entry[]} entries @param {string} text @returns {Entry | undefined} the entry whose whole name was typed */
export function exact(entries, text) {
  const typed = text.trim().toLowerCase().replace(/\s+/g, " ");
  return entries.find((entry) => entry.name.toLowerCase() === typed);
}

/** @param {any} option @returns {string} "whole number, 1 to 10" */
export function describe(option) {
  const parts = [KIND[option.type] ?? "value"];
  if (option.choices?.length) parts[0] = "one of the list";
  const range = (/** @type {any} */ low, /** @type {any} */ high, /** @type {string} */ unit) => {
    if (low !== undefined && low !== null && high !== undefined && high !== null) parts.push(`${low} to ${high}${unit}`);
    else if (low !== undefined && low !== null) parts.push(`at least ${low}${unit}`);
    else if (high !== undefined && high !== null) parts.push(`at most ${high}${unit}`);
  };
  range(option.min_value, option.max_value, "");
  range(option.min_length, option.max_length, " characters");
  return parts.join(", ");
}

/**
 * What a typed text means for an option.
 * @param {any} option @param {string} text @returns {{value?: any, problem?: string}} neither: left empty
 */
export function readOption(option, text) {
  const typed = text.trim();
  if (!typed) return option.required ? { problem: "This one is needed." } : {};
  if (option.choices?.length) {
    const choice = option.choices.find((/** @type {any} */ one) => one.name.toLowerCase() === typed.toLowerCase() || String(one.value).toLowerCase() === typed.toLowerCase());
    return choice ? { value: choice.value } : { problem: "Choose one from the list." };
  }
  if (option.type === OPTION.integer || option.type === OPTION.number) return readNumber(option, typed);
  if (option.type === OPTION.boolean) {
    if (/^(true|yes|on|y)$/i.test(typed)) return { value: true };
    return /^(false|no|off|n)$/i.test(typed) ? { value: false } : { problem: "Write yes or no." };
  }
  if (option.type !== OPTION.string) return { problem: "Choose one from the list." };
  const length = [...text].length;
  if (option.min_length && length < option.min_length) return { problem: `At least ${option.min_length} characters.` };
  if (length > (option.max_length ?? 6000)) return { problem: `At most ${option.max_length ?? 6000} characters.` };
  return { value: text };
}

/** @param {any} option @param {string} typed */
function readNumber(option, typed) {
  const whole = option.type === OPTION.integer;
  if (!(whole ? /^[+-]?\d{1,16}$/ : /^[+-]?(\d{1,16}\.?\d{0,15}|\.\d{1,15})$/).test(typed)) return { problem: whole ? "Write a whole number." : "Write a number." };
  const value = Number(typed);
  if (whole && !Number.isSafeInteger(value)) return { problem: "That number is too large." };
  if (option.min_value !== undefined && option.min_value !== null && value < option.min_value) return { problem: `At least ${option.min_value}.` };
  if (option.max_value !== undefined && option.max_value !== null && value > option.max_value) return { problem: `At most ${option.max_value}.` };
  return { value };
}

/** @param {Entry} entry @param {any[]} filled @returns {any[]} options nested under their subcommands, as the protocol wants them */
export function nest(entry, filled) {
  const [, ...subs] = entry.path;
  let options = filled;
  subs.reverse().forEach((name, index) => {
    options = [{ name, type: index === 0 ? 1 : 2, options }];
  });
  return options;
}
