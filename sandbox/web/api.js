/** Speaks the people protocol: JSON (or multipart with files) over HTTP to the server this page came from. */

/** What the server refused, in words for people. */
export class ApiError extends Error {
  /** @param {number} status @param {any} body */
  constructor(status, body) {
    super(readable(status, body));
    this.status = status;
    this.code = body?.code ?? 0;
    /** @type {Record<string, string>} path of a field (dots) to what is wrong with it */
    this.fields = flatten(body?.errors);
  }
}

/** The server could not be reached at all. */
export class OfflineError extends Error {
  constructor() {
    super("The stage could not be reached. Check that it is still running, then try again.");
  }
}

/** @param {any} errors @param {string} [path] @param {Record<string, string>} [found] @returns {Record<string, string>} */
function flatten(errors, path = "", found = {}) {
  if (!errors || typeof errors !== "object") return found;
  if (Array.isArray(errors._errors)) found[path] = errors._errors.map((/** @type {any} */ one) => String(one?.message ?? one)).join(" ");
  for (const [key, value] of Object.entries(errors)) if (key !== "_errors") flatten(value, path ? `${path}.${key}` : key, found);
  return found;
}

/** @param {number} status @param {any} body @returns {string} */
function readable(status, body) {
  const details = Object.entries(flatten(body?.errors)).map(([path, text]) => (path ? `${path}: ${text}` : text));
  const head = typeof body?.message === "string" ? body.message : `The stage answered ${status}.`;
  return details.length ? `${head} ${details.slice(0, 5).join("; ")}` : head;
}

/**
 * @param {string} method @param {string} path @param {any} [body] @param {File[]} [files] @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function request(method, path, body, files, signal) {
  /** @type {RequestInit} */
  const init = { method, credentials: "same-origin", signal, cache: "no-store" };
  if (files?.length) {
    const form = new FormData();
    form.append("payload_json", JSON.stringify(body ?? {}));
    files.forEach((file, index) => form.append(`files[${index}]`, file, file.name));
    init.body = form;
  } else if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { "Content-Type": "application/json" };
  }
  let answer;
  try {
    answer = await fetch(path, init);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new OfflineError();
  }
  const text = await answer.text();
  let parsed = null;
  try {
    parsed = text ? JSON.parse(text) : null;
  } catch {
    parsed = { message: text.slice(0, 200) };
  }
  if (!answer.ok) throw new ApiError(answer.status, parsed);
  return parsed;
}

/** @param {string} capability Exchanges the capability for the cookie. @returns {Promise<boolean>} */
export async function enter(capability) {
  try {
    await request("POST", "/people/enter", { token: capability });
    return true;
  } catch (error) {
    if (error instanceof ApiError) return false;
    throw error;
  }
}

/** @returns {Promise<{people: import("./types.js").User[], applications: import("./types.js").Application[]}>} */
export const people = () => request("GET", "/people");

/** What one person can ask and do. */
export class PersonApi {
  /** @param {string} uid */
  constructor(uid) {
    this.uid = uid;
    this.base = `/people/${encodeURIComponent(uid)}`;
  }

  world() {
    return request("GET", `${this.base}/world`);
  }

  /** @param {string} cid @param {{before?: string, after?: string, limit?: number}} [page] newest first @returns {Promise<import("./types.js").Message[]>} */
  messages(cid, page = {}) {
    const query = new URLSearchParams({ limit: String(page.limit ?? 50) });
    if (page.before) query.set("before", page.before);
    if (page.after) query.set("after", page.after);
    return request("GET", `${this.base}/channels/${cid}/messages?${query}`);
  }

  /** @param {string} cid @returns {Promise<import("./types.js").Message[]>} */
  pins(cid) {
    return request("GET", `${this.base}/channels/${cid}/pins`);
  }

  /** @param {string} cid @returns {Promise<import("./types.js").Command[]>} */
  commands(cid) {
    return request("GET", `${this.base}/channels/${cid}/commands`);
  }

  /** @param {string} name @param {any} body @param {File[]} [files] @param {AbortSignal} [signal] */
  act(name, body, files, signal) {
    return request("POST", `${this.base}/acts/${name}`, body, files, signal);
  }
}
