/** The way in: the capability becomes a cookie, then the stage is drawn; otherwise it is said what to do. */

import { ApiError, OfflineError, enter, people } from "./api.js";
import { showGate } from "./gate.js";

const RETRY_MS = 2000;

/** @param {string} capability empty where the cookie should be enough */
export async function comeIn(capability) {
  const root = /** @type {HTMLElement} */ (document.getElementById("root"));
  try {
    if (capability) {
      if (!(await enter(capability))) return showGate(root, "address");
      // a document remembers the address it was opened with (performance entries), so the stage gets a new one
      return location.replace(location.pathname + location.search);
    }
    const everyone = await people();
    if (!everyone.people.length) return showGate(root, "empty");
    const { App } = await import("./app.js");
    new App(root, everyone);
  } catch (error) {
    if (error instanceof ApiError) return showGate(root, "address");
    showGate(root, "offline");
    if (error instanceof OfflineError) setTimeout(() => comeIn(capability), RETRY_MS);
    else console.error(error);
  }
}
