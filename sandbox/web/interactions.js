/** Follows each interaction this tab began, from the press to the answer, and says so where it fails. */

/** @typedef {import("./types.js").InteractionState} InteractionState */
/**
 * @typedef {{app: string, place: string | null, messageId?: string, quiet?: boolean, values?: string[],
 *   settled?: (state: "done" | "thinking" | "modal" | "failed", detail: InteractionState | null, error: string) => void}} Origin
 *   place: the control's key, if a control began it
 */

const SILENCE_MS = 8000;

/** @param {string} app @param {string} [why] @returns {string} */
export function failureText(app, why) {
  const what = (why || `${app} did not answer in time`).replace(/[.\s]+$/, "");
  return `${what}. Try again; if it keeps happening, check that the bot is running.`;
}

export class Interactions {
  /**
   * @param {{api: () => import("./api.js").PersonApi, changed: (messageId: string | undefined) => void, modal: (state: InteractionState, origin: Origin) => void,
   *   problem: (text: string) => void, progress: (count: number) => void}} hooks
   */
  constructor(hooks) {
    this.hooks = hooks;
    /** @type {Map<string, {busy: boolean, error: string, values?: string[]}>} */
    this.controls = new Map();
    /** @type {Map<string, Origin>} */
    this.ours = new Map();
    /** @type {Map<string, InteractionState[]>} states that came before the request's own answer */
    this.early = new Map();
    /** @type {Map<string, number>} */
    this.timers = new Map();
    this.waiting = 0;
  }

  /** @param {string | undefined} messageId @param {string} key */
  state(messageId, key) {
    return this.controls.get(`${messageId} ${key}`) ?? { busy: false, error: "" };
  }

  /** @param {Origin} origin @param {{busy: boolean, error: string, values?: string[]}} state */
  mark(origin, state) {
    if (!origin.messageId || !origin.place) return;
    const key = `${origin.messageId} ${origin.place}`;
    if (state.busy || state.error) this.controls.set(key, state);
    else this.controls.delete(key);
    this.hooks.changed(origin.messageId);
  }

  /**
   * @param {string} act @param {any} body @param {Origin} origin @param {File[]} [files]
   * @returns {Promise<boolean>} whether the server took it
   */
  async begin(act, body, origin, files) {
    if (origin.messageId && origin.place && this.state(origin.messageId, origin.place).busy) return false;
    this.mark(origin, { busy: true, error: "", values: origin.values });
    this.hooks.progress((this.waiting += 1));
    try {
      const answer = await this.hooks.api().act(act, body, files);
      const id = String(answer?.interaction_id ?? "");
      this.ours.set(id, origin);
      this.timers.set(id, window.setTimeout(() => this.finish(id, "failed", null, failureText(origin.app)), SILENCE_MS));
      for (const state of this.early.get(id) ?? []) this.receive(state);
      this.early.delete(id);
      return true;
    } catch (error) {
      this.settle(origin, "failed", null, error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  /** @param {InteractionState} state */
  receive(state) {
    const origin = this.ours.get(state.id);
    if (!origin) {
      if (!this.early.has(state.id)) setTimeout(() => this.early.delete(state.id), 10_000);
      this.early.set(state.id, [...(this.early.get(state.id) ?? []), state]);
      return;
    }
    if (state.state === "sent") return;
    if (state.state === "failed") this.finish(state.id, "failed", state, failureText(origin.app, state.error));
    else this.finish(state.id, state.state, state, "");
  }

  /** @param {string} id @param {"done" | "thinking" | "modal" | "failed"} how @param {InteractionState | null} detail @param {string} error */
  finish(id, how, detail, error) {
    const origin = this.ours.get(id);
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
    if (!origin) return;
    if (how !== "thinking") this.ours.delete(id);
    if (/** @type {any} */ (origin).over && how !== "failed") return;
    this.settle(origin, how, detail, error);
  }

  /** @param {Origin} origin @param {"done" | "thinking" | "modal" | "failed"} how @param {InteractionState | null} detail @param {string} error */
  settle(origin, how, detail, error) {
    if (!(/** @type {any} */ (origin).over)) this.hooks.progress((this.waiting = Math.max(0, this.waiting - 1)));
    /** @type {any} */ (origin).over = true;
    this.mark(origin, { busy: false, error });
    if (how === "modal" && detail?.modal) this.hooks.modal(detail, origin);
    if (how === "failed" && !origin.quiet) this.hooks.problem(error);
    origin.settled?.(how, detail, error);
  }

  /** Forgets everything, when the person changes. */
  clear() {
    for (const timer of this.timers.values()) clearTimeout(timer);
    for (const map of [this.controls, this.ours, this.early, this.timers]) map.clear();
    this.waiting = 0;
  }
}
