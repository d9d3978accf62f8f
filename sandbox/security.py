"""Who may talk to the stand-in: loopback only, its own Host and Origin, and for people the capability or its cookie."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import hdrs, web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self'; "
        "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_ENTER = "/people/enter"
_MISDIRECTED = 421


def cookie_name(port: int) -> str:
    """Return the name of the cookie: cookies know no ports, and two stages must not undo each other's."""
    return f"rostrum_stage_{port}"


def require_loopback(host: str) -> None:
    """Raise ValueError unless `host` is an address of this machine only."""
    if host == "localhost":
        return
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        message = f"the stand-in Discord listens on loopback only, not on {host!r}"
        raise ValueError(message)


class Gatekeeper:
    """Checks every request; `allow` is told the port once it is known."""

    def __init__(self, capability: str | None) -> None:
        self.capability = capability or secrets.token_urlsafe(32)
        self._hosts: frozenset[str] = frozenset()
        self._name = cookie_name(0)
        self._cookie = hmac.new(self.capability.encode(), b"rostrum stage", hashlib.sha256).hexdigest()

    def allow(self, host: str, port: int) -> None:
        """Accept requests for this address."""
        self._name = cookie_name(port)
        own = f"[{host}]" if ":" in host else host
        self._hosts = frozenset(f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]", own))

    def middleware(self) -> Callable[..., Awaitable[web.StreamResponse]]:
        """Return aiohttp's middleware."""

        @web.middleware
        async def guard(
            request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
        ) -> web.StreamResponse:
            refusal = self._refusal(request)
            return await handler(request) if refusal is None else refusal

        return guard

    async def enter(self, request: web.Request) -> web.Response:
        """Exchange the capability for the cookie: POST /people/enter {"token": ...}."""
        try:
            body = await request.json()
            token = body["token"]
        except (ValueError, KeyError, TypeError):
            token = None
        if not isinstance(token, str) or not _same(token, self.capability):
            return _refuse(401, "401: Unauthorized")
        response = web.Response(status=204)
        response.set_cookie(self._name, self._cookie, httponly=True, samesite="Strict", path="/")
        return response

    def _refusal(self, request: web.Request) -> web.Response | None:
        headers = request.headers
        if headers.get(hdrs.HOST, "").lower() not in self._hosts:
            return _refuse(_MISDIRECTED, "421: Misdirected Request")
        origin = headers.get(hdrs.ORIGIN)
        # any page of the same browser can reach loopback, and the default bot token is no secret
        if origin is not None and not self._own(origin, headers[hdrs.HOST]):
            return _refuse(403, "403: Forbidden")
        path = request.path
        if (path == "/people" or path.startswith("/people/")) and path != _ENTER and not self._known(request):
            return _refuse(401, "401: Unauthorized")
        return None

    def _known(self, request: web.Request) -> bool:
        scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        if scheme.lower() == "bearer":
            return _same(token, self.capability)
        return _same(request.cookies.get(self._name, ""), self._cookie)

    @staticmethod
    def _own(origin: str, host: str) -> bool:
        parts = urlsplit(origin)
        return parts.scheme == "http" and parts.netloc.lower() == host.lower()


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())


def _refuse(status: int, message: str) -> web.Response:
    return web.json_response({"code": 0, "message": message}, status=status)
