"""Addresses in embeds, buttons and media: the schemes and shapes that Discord accepts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from sandbox.validate.form import Form

WEB = ("http", "https")
BUTTON = ("http", "https", "discord")
MEDIA = ("http", "https", "attachment")
FILE_ONLY = ("attachment",)
ATTACHMENT = "attachment://"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")


def read_url(
    form: Form, name: str, schemes: tuple[str, ...], high: int = 2048, *, required: bool = False
) -> str | None:
    """Return the address in a field, noting a wrong scheme or a form that Discord's check does not take.

    Hosts without a dot (localhost) are not well formed to Discord, so a bot that links to one would fail there.
    """
    value = form.text(name, 0, high, required=required)
    if value is None:
        return None
    value = value.strip()
    if not value:
        if required:
            form.wrong(name, code="BASE_TYPE_REQUIRED", message="This field is required")
        return None
    match = _SCHEME.match(value)
    if match is None or re.search(r"\s", value):
        form.wrong(name, code="URL_TYPE_INVALID_URL", message="Not a well formed URL.")
        return None
    if match[1].lower() not in schemes:
        listed = ", ".join(f"'{scheme}'" for scheme in schemes)
        message = f'Scheme "{match[1].lower()}" is not supported. Scheme must be one of ({listed}).'
        form.wrong(name, code="URL_TYPE_INVALID_SCHEME", message=message)
        return None
    if not _well_formed(value):
        form.wrong(name, code="URL_TYPE_INVALID_URL", message="Not a well formed URL.")
        return None
    return value


def _well_formed(value: str) -> bool:
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if parts.scheme not in WEB:
        return bool(parts.netloc)
    return bool(host) and ("." in str(host) or ":" in str(host))
