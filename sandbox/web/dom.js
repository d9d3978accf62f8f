/** Builds and patches DOM trees without ever parsing a string as markup. */

const HANDLERS = Symbol("handlers");
const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Node | string | number | null | undefined | false | Child[]} Child */
/** @typedef {Record<string, any>} Props `on`, `style`, `prop` and `data` are objects; everything else is an attribute */

/** @param {Event} event */
function dispatch(event) {
  const target = /** @type {any} */ (event.currentTarget);
  target[HANDLERS]?.[event.type]?.call(target, event);
}

/** @param {any} node @param {Record<string, (event: any) => void>} handlers */
function listen(node, handlers) {
  const known = (node[HANDLERS] ??= {});
  for (const [type, handler] of Object.entries(handlers)) {
    if (!(type in known)) node.addEventListener(type, dispatch);
    known[type] = handler;
  }
}

/** @param {Element} node @param {Props} props */
function apply(node, props) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") listen(node, value);
    else if (name === "style") for (const [key, text] of Object.entries(value)) /** @type {any} */ (node).style.setProperty(key, text);
    else if (name === "prop") Object.assign(node, value);
    else if (name === "data") for (const [key, text] of Object.entries(value)) text !== undefined && (/** @type {any} */ (node).dataset[key] = String(text));
    else node.setAttribute(name, value === true ? "" : String(value));
  }
}

/** @param {Node} node @param {Child} child */
function add(node, child) {
  if (child === null || child === undefined || child === false) return;
  if (Array.isArray(child)) for (const one of child) add(node, one);
  else node.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
}

/**
 * One HTML element.
 * @param {string} tag @param {Props | null} [props] @param {...Child} children
 * @returns {any}
 */
export function h(tag, props, ...children) {
  const node = document.createElement(tag);
  if (props) apply(node, props);
  add(node, children);
  return node;
}

/**
 * One SVG element.
 * @param {string} tag @param {Record<string, string | number>} attributes @param {...Element} children
 * @returns {SVGElement}
 */
export function svg(tag, attributes, ...children) {
  const node = /** @type {SVGElement} */ (document.createElementNS(SVG, tag));
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

/** @param {Node} node @param {...Child} children Replaces what the node holds. */
export function fill(node, ...children) {
  node.textContent = "";
  add(node, children);
}

/** @param {Node} node @returns {string} */
function keyOf(node) {
  return node instanceof HTMLElement ? (node.dataset.key ?? "") : "";
}

/** @param {Node} a @param {Node} b */
function alike(a, b) {
  return a.nodeName === b.nodeName && keyOf(a) === keyOf(b);
}

/** @param {Element} from @param {Element} to */
function patchAttributes(from, to) {
  if (from.hasAttribute("data-local")) return;
  for (const { name } of [...from.attributes]) if (name !== "style" && !to.hasAttribute(name)) from.removeAttribute(name);
  for (const { name, value } of [...to.attributes]) {
    if (name !== "style" && from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
  const [left, right] = /** @type {any[]} */ ([from, to]);
  if (left.style && left.style.cssText !== right.style.cssText) left.style.cssText = right.style.cssText;
}

/**
 * Makes `from` look and behave like `to` while keeping its nodes, so that focus, selection, loaded images and an element's
 * own state (marked `data-local`) outlive an edit. Children are matched by `data-key`, else by place.
 * @param {Node} from @param {Node} to @returns {Node} the node that is now in the document
 */
export function morph(from, to) {
  if (!alike(from, to)) {
    from.parentNode?.replaceChild(to, from);
    return to;
  }
  if (from.nodeType === Node.TEXT_NODE) {
    if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
    return from;
  }
  patchAttributes(/** @type {Element} */ (from), /** @type {Element} */ (to));
  const handlers = /** @type {any} */ (to)[HANDLERS];
  if (/** @type {any} */ (from)[HANDLERS]) /** @type {any} */ (from)[HANDLERS] = Object.fromEntries(Object.keys(/** @type {any} */ (from)[HANDLERS]).map((type) => [type, undefined]));
  if (handlers) listen(from, handlers);
  morphChildren(from, [...to.childNodes]);
  return from;
}

/** @param {Node} parent @param {Node[]} wanted */
function morphChildren(parent, wanted) {
  /** @type {Map<string, Node>} */
  const keyed = new Map();
  for (const child of parent.childNodes) if (keyOf(child)) keyed.set(keyOf(child), child);
  let place = parent.firstChild;
  for (const want of wanted) {
    const key = keyOf(want);
    const match = key ? (keyed.get(key) ?? null) : place && !keyOf(place) ? place : null;
    if (match && alike(match, want)) {
      if (match === place) place = place.nextSibling;
      else parent.insertBefore(match, place);
      morph(match, want);
    } else parent.insertBefore(want, place);
  }
  while (place) {
    const next = place.nextSibling;
    parent.removeChild(place);
    place = next;
  }
}

let serial = 0;

/** @param {string} prefix @returns {string} an id that no other element has */
export function freshId(prefix) {
  serial += 1;
  return `${prefix}-${serial}`;
}

/** @param {() => void} run @returns {() => void} runs once for many calls in one turn */
export function coalesce(run) {
  let due = false;
  return () => {
    if (due) return;
    due = true;
    setTimeout(() => {
      due = false;
      run();
    }, 0);
  };
}
