/** Pictures, sound, film and files; pictures open large. */

import { openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { hostOf, ownUrl, safeUrl } from "./links.js";
import { spoiler } from "./markdown_view.js";
import { fileSize } from "./times.js";

/** @typedef {{url?: string, proxy_url?: string, width?: number, height?: number, content_type?: string}} Media */
/** @typedef {{src: string, alt: string}} Picture */

const PICTURE = /\.(png|jpe?g|gif|webp|avif)$/i;

/** @param {Media | undefined} media @param {import("./types.js").Message} [message] @returns {string | null} an address of our own, `attachment://` resolved */
export function mediaUrl(media, message) {
  const raw = media?.url ?? "";
  if (raw.startsWith("attachment://")) {
    const name = raw.slice("attachment://".length);
    return ownUrl(message?.attachments?.find((one) => one.filename === name)?.url);
  }
  return ownUrl(media?.proxy_url) ?? ownUrl(raw);
}

/** @param {{content_type?: string, filename?: string, url?: string}} file @param {string} kind @returns {boolean} */
function isKind(file, kind) {
  if (file.content_type) return file.content_type.startsWith(`${kind}/`) && file.content_type !== "image/svg+xml";
  return kind === "image" && PICTURE.test(file.filename ?? "");
}

/**
 * A picture as a button that opens it large. Where the picture is not ours it is named, not loaded.
 * @param {{media?: Media, alt?: string | null, hidden?: boolean, message?: import("./types.js").Message, group?: () => Picture[], index?: number, small?: boolean}} options
 */
export function picture(options) {
  const { media, alt, message } = options;
  const src = mediaUrl(media, message);
  if (!src) return foreign(media, alt ?? "");
  const size = media?.width && media?.height ? { width: media.width, height: media.height } : {};
  const label = alt || "Picture without a description";
  const image = h("img", { src, alt: alt ?? "", loading: "lazy", decoding: "async", ...size, on: { error: brokenPicture } });
  /** @param {Event} event */
  const open = (event) => lightbox(options.group?.() ?? [{ src, alt: alt ?? "" }], options.index ?? 0, event);
  const button = h("button", { type: "button", class: "picture", "aria-label": `${label}. Open large.`, on: { click: open } }, image);
  return options.hidden ? h("span", { class: "hidden-media" }, spoiler([button])) : button;
}

/** @param {Event} event */
function brokenPicture(event) {
  const image = /** @type {HTMLElement} */ (event.currentTarget);
  image.closest(".picture")?.classList.add("broken");
}

/** @param {Media | undefined} media @param {string} alt */
function foreign(media, alt) {
  const url = safeUrl(media?.url);
  const text = alt || "Picture";
  if (!url) return h("span", { class: "media-missing" }, icon("file", 16), `${text}: not available`);
  return h("a", { class: "media-missing", href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, icon("external", 16), h("span", {}, text, h("small", {}, `kept at ${hostOf(url)}, not loaded here`)));
}

/** @param {Picture[]} pictures @param {number} start @param {Event} [_event] */
export function lightbox(pictures, start, _event) {
  let at = start;
  const image = h("img", { class: "lightbox-image" });
  const caption = h("figcaption", { dir: "auto" });
  const show = () => {
    image.src = pictures[at].src;
    image.alt = pictures[at].alt;
    caption.textContent = pictures[at].alt || "No description was given.";
    count.textContent = pictures.length > 1 ? `${at + 1} of ${pictures.length}` : "";
  };
  /** @param {number} step */
  const move = (step) => {
    at = (at + step + pictures.length) % pictures.length;
    show();
  };
  const count = h("span", { class: "lightbox-count", role: "status" });
  /** @param {number} step @param {"left" | "right"} name @param {string} label */
  const arrow = (step, name, label) => pictures.length > 1 && h("button", { type: "button", class: "icon-button", "aria-label": label, on: { click: () => move(step) } }, icon(name));
  const dialog = openDialog({ title: "Picture", kind: "lightbox", body: [h("figure", {}, image, caption)], foot: [arrow(-1, "left", "Previous picture") || null, count, arrow(1, "right", "Next picture") || null] });
  dialog.element.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "ArrowRight") move(1);
    if (event.key === "ArrowLeft") move(-1);
  });
  show();
}

/** @param {import("./types.js").Component} component @param {import("./types.js").Message} message */
export function gallery(component, message) {
  const items = (component.items ?? []).slice(0, 10);
  const group = () => items.map((/** @type {any} */ item) => ({ src: mediaUrl(item?.media, message), alt: item?.description ?? "" })).filter((/** @type {any} */ one) => one.src);
  const drawn = items.map((/** @type {any} */ item, /** @type {number} */ index) => h("li", {}, picture({ media: item?.media, alt: item?.description, hidden: item?.spoiler, message, group, index })));
  return h("ul", { class: `gallery gallery-${Math.min(items.length, 4)}`, role: "list", "aria-label": "Pictures" }, drawn);
}

/** @param {{name: string, size?: number, url: string | null, hidden?: boolean}} file */
export function fileCard(file) {
  const inner = [icon("file", 22), h("span", { class: "file-text" }, h("bdi", { class: "file-name" }, file.name), h("span", { class: "file-size" }, fileSize(file.size)))];
  const card = file.url ? h("a", { class: "file", href: file.url, download: file.name, target: "_blank", rel: "noopener" }, inner) : h("span", { class: "file" }, inner);
  return file.hidden ? h("span", { class: "hidden-media" }, spoiler([card])) : card;
}

/** @param {import("./types.js").Message} message @param {Set<string>} used names already shown inside components @returns {HTMLElement | null} */
export function attachments(message, used) {
  const files = (message.attachments ?? []).filter((file) => file && !used.has(file.filename));
  if (!files.length) return null;
  const pictures = files.filter((file) => isKind(file, "image"));
  const group = () => pictures.map((file) => ({ src: ownUrl(file.url) ?? "", alt: file.description ?? file.filename }));
  return h("div", { class: "attachments" }, files.slice(0, 20).map((file) => {
    const hidden = String(file.filename).startsWith("SPOILER_");
    if (isKind(file, "image")) return picture({ media: file, alt: file.description ?? file.filename, hidden, group, index: pictures.indexOf(file) });
    const url = ownUrl(file.url);
    if (url && isKind(file, "audio")) return h("audio", { controls: true, preload: "none", src: url, "aria-label": file.filename });
    if (url && isKind(file, "video")) return h("video", { controls: true, preload: "metadata", src: url, "aria-label": file.filename });
    return fileCard({ name: file.filename ?? "file", size: file.size, url, hidden });
  }));
}
