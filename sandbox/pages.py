"""What is served beside the protocols: the page's own files, uploads and faces."""

from __future__ import annotations

import io
import mimetypes
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from aiohttp import web

from sandbox.security import PAGE_HEADERS
from sandbox.snowflake import whole

if TYPE_CHECKING:
    from sandbox.server import Server

_WEB = Path(__file__).parent / "web"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".json": "application/json",
}
# what a browser may show in place; everything else is saved, so that an upload never runs here
_SHOWN = frozenset(
    {
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "image/avif",
        "audio/mpeg",
        "audio/ogg",
        "audio/wav",
        "video/mp4",
        "video/webm",
        "text/plain",
    }
)
_UPLOAD_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, max-age=3600",
}
_FACE = 128


class Pages:
    """The handlers; faces are drawn once."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._faces: dict[str, bytes] = {}

    def routes(self) -> list[web.RouteDef]:
        """List the routes."""
        return [
            web.get("/", self.index),
            web.get("/static/{name:.+}", self.static),
            web.get("/cdn/attachments/{channel_id}/{attachment_id}/{filename}", self.attachment),
            web.get("/cdn/embed/avatars/{name}", self.face),
            web.get("/cdn/{kind:avatars|icons|emojis|app-icons|banners|role-icons}/{name:.+}", self.face),
        ]

    async def index(self, request: web.Request) -> web.StreamResponse:
        """Serve the page."""
        del request
        return _own_file("index.html")

    async def static(self, request: web.Request) -> web.StreamResponse:
        """Serve a module, style or picture of the page."""
        return _own_file(request.match_info["name"])

    async def attachment(self, request: web.Request) -> web.StreamResponse:
        """Serve an upload as inert bytes."""
        info = request.match_info
        number = info["attachment_id"]
        content = self._file(number)
        if content is None:
            raise web.HTTPNotFound
        filename = info["filename"]
        kind = mimetypes.guess_type(filename)[0] or "application/octet-stream"
        manner = "inline" if kind in _SHOWN else "attachment"
        headers = _UPLOAD_HEADERS | {
            "Content-Type": "text/plain; charset=utf-8" if kind == "text/plain" else kind,
            "Content-Disposition": f"{manner}; filename*=UTF-8''{quote(filename)}",
        }
        return web.Response(body=content, headers=headers)

    def _file(self, number: str) -> bytes | None:
        wanted = whole(number)
        return self._server.world.file(wanted) if wanted is not None and wanted < 1 << 63 else None

    async def face(self, request: web.Request) -> web.StreamResponse:
        """Serve a picture for an account, server or emoji: the one that came with it, or a pattern drawn instead."""
        name = request.match_info["name"].rsplit(".", 1)[0]
        if request.match_info.get("kind") == "emojis":
            content = self._file(name)
            if content is not None:
                kind = mimetypes.guess_type(request.path)[0]
                kind = kind if kind in _SHOWN else "image/png"
                return web.Response(body=content, headers=_UPLOAD_HEADERS | {"Content-Type": kind})
        if name not in self._faces:
            if len(self._faces) > 1_000:  # noqa: PLR2004 - bounded, and cheap to draw again
                self._faces.clear()
            self._faces[name] = _draw_face(name)
        return web.Response(body=self._faces[name], headers=_UPLOAD_HEADERS | {"Content-Type": "image/png"})


def _own_file(name: str) -> web.Response:
    path = (_WEB / name).resolve()
    if not path.is_relative_to(_WEB) or path.suffix not in _TYPES or not path.is_file():
        raise web.HTTPNotFound(headers=PAGE_HEADERS)
    headers = PAGE_HEADERS | {"Content-Type": _TYPES[path.suffix], "Cache-Control": "no-cache"}
    return web.Response(body=path.read_bytes(), headers=headers)


def _draw_face(name: str) -> bytes:
    import hashlib  # noqa: PLC0415 - with Pillow: only who looks at faces pays for them

    from PIL import Image, ImageDraw  # noqa: PLC0415

    seed = hashlib.sha256(name.encode()).digest()
    image = Image.new("RGB", (_FACE, _FACE), f"hsl({seed[0] * 360 // 256}, 38%, 42%)")
    draw = ImageDraw.Draw(image)
    cell = _FACE // 8
    for index in range(12):
        if seed[1 + index] & 1:
            column, row = index % 3, index // 3
            for x in (column, 5 - column):
                left, top = cell + x * cell, 2 * cell + row * cell
                draw.rectangle(
                    (left, top, left + cell - 1, top + cell - 1), fill=f"hsl({seed[0] * 360 // 256}, 45%, 82%)"
                )
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
