"""Embeds: the limits of Discord's documentation, "Embed Limits", and the shape in which Discord gives them back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.payloads.base import iso
from sandbox.validate.urls import MEDIA, WEB, read_url

if TYPE_CHECKING:
    from sandbox.model import Json
    from sandbox.validate.form import Form

MAX_EMBEDS, MAX_FIELDS, MAX_TOTAL = 10, 25, 6_000
MAX_TITLE = MAX_NAME = MAX_AUTHOR = 256
MAX_DESCRIPTION, MAX_VALUE, MAX_FOOTER, MAX_COLOR = 4_096, 1_024, 2_048, 0xFFFFFF


def check_embeds(form: Form) -> list[Json]:
    """Return the embeds of a message body as Discord shows them; embeds with nothing to see are left out."""
    found: list[Json] = []
    total = 0
    for part in form.parts("embeds", MAX_EMBEDS) or ():
        embed = _embed(part)
        total += embed_size(embed)
        if embed.keys() - {"type", "color", "timestamp"}:
            found.append(embed)
    if total > MAX_TOTAL:
        message = f"Embed size exceeds maximum size of {MAX_TOTAL}"
        form.wrong("embeds", code="MAX_EMBED_SIZE_EXCEEDED", message=message)
    return found


def embed_size(embed: Json) -> int:
    """Return the characters that count towards the 6,000 of a message."""
    texts = [embed.get("title"), embed.get("description")]
    texts += [embed.get("footer", {}).get("text"), embed.get("author", {}).get("name")]
    for field in embed.get("fields", ()):
        texts += [field["name"], field["value"]]
    return sum(len(text) for text in texts if text)


def _embed(form: Form) -> Json:
    embed: Json = {"type": "rich"}
    moment = form.moment("timestamp")
    fields = [_field(part) for part in form.parts("fields", MAX_FIELDS) or ()]
    for name, value in (
        ("title", _trimmed(form, "title", MAX_TITLE)),
        ("description", _trimmed(form, "description", MAX_DESCRIPTION)),
        ("url", read_url(form, "url", WEB)),
        ("color", form.integer("color", 0, MAX_COLOR)),
        ("timestamp", iso(moment)),
        ("footer", _captioned(form, "footer", "text", MAX_FOOTER)),
        ("author", _captioned(form, "author", "name", MAX_AUTHOR)),
        ("image", _image(form, "image")),
        ("thumbnail", _image(form, "thumbnail")),
        ("fields", fields or None),
    ):
        if value is not None:
            embed[name] = value
    return embed


def _trimmed(form: Form, name: str, high: int, *, required: bool = False) -> str | None:
    value = form.text(name, 0, high, required=required)
    value = value.strip() if value else None
    if required and not value and isinstance(form.body.get(name), str) and len(form.body[name]) <= high:
        form.wrong(name, code="BASE_TYPE_REQUIRED", message="This field is required")
    return value or None


def _field(form: Form) -> Json:
    return {
        "name": _trimmed(form, "name", MAX_NAME, required=True) or "",
        "value": _trimmed(form, "value", MAX_VALUE, required=True) or "",
        "inline": bool(form.flag("inline")),
    }


def _captioned(form: Form, name: str, caption: str, high: int) -> Json | None:
    """Footer and author: a caption with an icon, the author's with an address too."""
    part = form.part(name)
    if part is None:
        return None
    text, icon = _trimmed(part, caption, high), read_url(part, "icon_url", MEDIA)
    address = read_url(part, "url", WEB) if name == "author" else None
    if text is None:
        return None
    found: Json = {caption: text}
    if address:
        found["url"] = address
    if icon:
        found |= {"icon_url": icon, "proxy_icon_url": icon}
    return found


def _image(form: Form, name: str) -> Json | None:
    part = form.part(name)
    address = read_url(part, "url", MEDIA) if part is not None else None
    return None if address is None else {"url": address, "proxy_url": address}
