/** What is shown instead of the stage when one may not, or cannot, come in. */

import { fill, h } from "./dom.js";
import { mark } from "./icons.js";

/** @param {HTMLElement} root @param {"address" | "offline" | "empty"} why */
export function showGate(root, why) {
  const text = {
    address: ["This address is not complete", "The stage only opens with the whole address that was printed where it was started. It ends in # and a long secret, and it changes each time the stage starts.", "Go to the terminal where the stage runs, and open the address printed there. If you cannot find it, stop the stage and start it again: it prints a new one."],
    offline: ["The stage does not answer", "It may have been stopped, or is just starting.", "Start it again in the terminal, then open the address it prints. This page tries again by itself."],
    empty: ["Nobody is on this stage yet", "There is no person to act as.", "Start the stage with its seed, or add people with the driver."],
  }[why];
  document.title = "Rostrum stage";
  fill(root, h("main", { class: "gate" }, mark(52), h("h1", {}, text[0]), h("p", {}, text[1]), h("p", { class: "gate-next" }, text[2]), h("button", { type: "button", class: "button secondary", on: { click: () => location.reload() } }, "Try again")));
}
