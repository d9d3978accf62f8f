// What the tests ask the page about itself; evaluated as one expression.
({
  /** Things that can be worked but have no name for a screen reader. */
  nameless() {
    const workable =
      "button, a[href], input, textarea, select, dialog, [role=option], [role=combobox], [role=listbox], [role=menu]";
    const named = (e) =>
      e.getAttribute("aria-label") || e.textContent.trim() || e.labels?.length || e.getAttribute("aria-labelledby") || e.placeholder;
    return [...document.querySelectorAll(workable)]
      .filter((e) => e.checkVisibility() && e.type !== "hidden" && !named(e))
      .map((e) => e.outerHTML.slice(0, 120));
  },

  /** Texts whose contrast with their ground is below WCAG AA. */
  poor() {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgba = (colour) => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
      return [r, g, b, a / 255];
    };
    const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a)];
    const linear = (c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
    const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    const ground = (e) => {
      const chain = [];
      for (let one = e; one; one = one.parentElement) chain.unshift(one);
      return chain.reduce((under, one) => over(rgba(getComputedStyle(one).backgroundColor), under), [255, 255, 255]);
    };
    const exempt = ".sr-only, [aria-hidden=true], [aria-disabled=true], :disabled, .face";
    const seen = (e) => e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !e.closest(exempt);
    const found = [];
    for (const e of document.querySelectorAll("body *")) {
      if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || !seen(e)) continue;
      const style = getComputedStyle(e);
      const under = ground(e);
      const [high, low] = [light(over(rgba(style.color), under)), light(under)].sort((x, y) => y - x);
      const ratio = (high + 0.05) / (low + 0.05);
      const size = parseFloat(style.fontSize);
      const large = size >= 24 || (size >= 18.6 && style.fontWeight >= 600);
      if (ratio < (large ? 3 : 4.5)) found.push(`${ratio.toFixed(2)} ${e.className || e.tagName}: ${e.textContent.trim().slice(0, 30)}`);
    }
    return found;
  },

  /** Where the focus is: inside a dialog or the browser's own parts, visibly marked, and on what. */
  focus() {
    const e = document.activeElement;
    if (e === document.body) return [true, true, "browser"];
    const outlined = (one) => one && getComputedStyle(one).outlineStyle !== "none";
    const marked = outlined(e) || getComputedStyle(e).boxShadow !== "none" || outlined(e.nextElementSibling) || outlined(e.closest("label"));
    return [!!e.closest("dialog"), marked, e.getAttribute("aria-label") || e.id || e.textContent];
  },

  /** The first message below the top edge of the view, and its distance from the window's top. */
  reading() {
    const edge = document.querySelector(".feed").getBoundingClientRect().top + 40;
    const first = [...document.querySelectorAll(".message")].find((e) => e.getBoundingClientRect().top > edge);
    return [first.id, first.getBoundingClientRect().top];
  },

  /** Notes from now on by how much a timer of 20 ms comes late: so long the page is deaf to a key. */
  watchDelays() {
    window.lateness = [];
    const step = (due) => {
      window.lateness.push(performance.now() - due);
      setTimeout(step, 20, performance.now() + 20);
    };
    setTimeout(step, 20, performance.now() + 20);
  },

  /** What was noted, in ms. */
  delays() {
    const sorted = window.lateness.toSorted((a, b) => a - b);
    return { p50: sorted[Math.floor(sorted.length * 0.5)], p95: sorted[Math.floor(sorted.length * 0.95)], most: sorted.at(-1), count: sorted.length };
  },

  /** The numbers in messages of the form "number 7", in order. */
  numbers() {
    const texts = [...document.querySelectorAll(".message .rich")].map((e) => e.textContent);
    return texts.filter((text) => text.startsWith("number ")).map((text) => Number(text.split(/\s/)[1]));
  },

  /** What sticks out of the reading column sideways. */
  wide() {
    const edge = document.querySelector(".feed").getBoundingClientRect().right + 1;
    const sticks = (e) =>
      e.getBoundingClientRect().right > edge && !e.closest("pre, .sr-only") && getComputedStyle(e).position !== "absolute";
    return [...document.querySelectorAll(".message *")].filter(sticks).map((e) => e.className || e.tagName);
  },

  /** Waits until the pictures in view are there. */
  async pictures() {
    // what the feed has scrolled out of sight is not loaded, even where the bars above and below it are
    const feed = document.querySelector(".feed")?.getBoundingClientRect() ?? { top: 0, bottom: innerHeight };
    const inView = ({ top, bottom }) => bottom > feed.top && top < feed.bottom;
    await Promise.all([...document.images].filter((image) => inView(image.getBoundingClientRect())).map((image) => image.decode()));
  },

  /** Everything that a secret could have leaked into. */
  traces() {
    const loaded = performance.getEntries().map((one) => one.name);
    const kept = [{ ...localStorage }, { ...sessionStorage }, document.cookie, history.state];
    return JSON.stringify([location.href, document.title, document.documentElement.outerHTML, kept, loaded]);
  },

  /** A text drawn as a message's text, in a small world of one person, one role and one channel. */
  async draw(text) {
    const { richText } = await import("/static/markdown_view.js");
    const { World } = await import("/static/state.js");
    const world = new World({ id: "1", username: "ada", global_name: "Ada" });
    const guild = {
      id: "9",
      name: "G",
      channels: [{ id: "5", type: 0, name: "polls" }],
      roles: [{ id: "7", name: "Judges", position: 1, color: 0 }],
      members: [{ user: world.me, roles: [] }],
    };
    world.load({ user: world.me, guilds: [guild], private_channels: [] });
    const node = richText(text, { world, guild: world.guilds.get("9") });
    document.body.replaceChildren(node);
    return node.outerHTML;
  },
})
