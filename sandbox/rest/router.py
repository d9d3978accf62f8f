"""From an HTTP request to a handler and back: token, limits, faults, body, checks, answer."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import orjson
from aiohttp import web

from sandbox.errors import ApiError, FieldError, FormError, RateLimited, unauthorized
from sandbox.limits import CloudflareBan, refusal_headers
from sandbox.rest.body import read_body, read_reason
from sandbox.rest.call import Call, Reply
from sandbox.rest.gateway import until_users_land
from sandbox.rest.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.faults import Fault
    from sandbox.model import Application
    from sandbox.rest.call import Route
    from sandbox.rest.table import Entry
    from sandbox.server import Server

_log = logging.getLogger(__name__)

PREFIX = "/api/v10/"
JSON_TYPE = {"Content-Type": "application/json"}
_COUNTED = (401, 403, 429)
_WITHOUT_BODY = frozenset({"GET", "HEAD"})
MODULES = (
    "gateway",
    "applications",
    "bans",
    "channels",
    "commands",
    "emojis",
    "events",
    "guilds",
    "interactions",
    "invites",
    "audit_logs",
    "members",
    "messages",
    "pins",
    "polls",
    "reactions",
    "roles",
    "threads",
    "users",
    "webhooks",
)


def all_routes() -> list[Route]:
    """Collect the routes of every module."""
    names = [name for name in MODULES if importlib.util.find_spec(f"sandbox.rest.{name}") is not None]
    found = [route for name in names for route in _routes_of(name)]
    known = {(route.method, route.path) for route in found}
    return found + [route for route in until_users_land() if (route.method, route.path) not in known]


def _routes_of(name: str) -> list[Route]:
    module = importlib.import_module(f"sandbox.rest.{name}")
    return module.routes() if hasattr(module, "routes") else []


class Router:
    """Answers everything below /api/."""

    def __init__(self, server: Server, routes: Sequence[Route]) -> None:
        self._server = server
        self._table = Table(routes)
        self._tokens: dict[str, int] = {}

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        raw = request.rel_url.raw_path
        if not raw.startswith(PREFIX):
            return self._other_version(request)
        path = raw[len(PREFIX) - 1 :]
        steps = path[1:].split("/")
        app = self._application(request.headers.get("Authorization"))
        headers: dict[str, str] = {}
        lost: Fault | None = None
        try:
            self._server.limits.check_ban(app.id if app else None)
            found = self._table.find(request.method, steps)
            if found is None:
                return self._unknown(request.method, path, steps)
            entry, values = found
            fault = await self._faults(request.method, path)
            if fault is not None:
                return fault
            if entry.route.auth and app is None:
                raise unauthorized()
            headers = self._limit(entry, values, app)
            status, body = await self._perform(request, entry, values, app)
            lost = self._server.faults.strike("lose_ack", request.method, path)
        except CloudflareBan as ban:
            return _banned(ban)
        except RateLimited as error:
            status, body = 429, error.body()
            headers = refusal_headers(error)
        except ApiError as error:
            status, body = error.status, error.body()
        except (ConnectionError, asyncio.CancelledError):
            raise
        except Exception:
            _log.exception("the stand-in failed on %s %s", request.method, path)
            status, body = 500, {"message": "500: Internal Server Error", "code": 0}
        self._server.world.flush()
        if lost is not None:
            return _cut(request)
        if status in _COUNTED and headers.get("X-RateLimit-Scope") != "shared":
            self._server.limits.count_invalid(app.id if app else None)
        if body is None:
            return web.Response(status=status, headers=headers)
        return web.Response(status=status, body=orjson.dumps(body), headers=JSON_TYPE | headers)

    async def _perform(
        self, request: web.Request, entry: Entry, values: list[str], app: Application | None
    ) -> tuple[int, Any]:
        body, files = (None, []) if request.method in _WITHOUT_BODY else await read_body(request)
        call = Call(
            server=self._server,
            app=app if entry.route.auth else None,
            path=dict(zip(entry.names, map(unquote, values), strict=True)),
            query=request.query if request.query_string else {},
            body=body,
            files=files,
            reason=read_reason(request),
        )
        spec = self._server.spec
        wrong = (
            spec.check(entry.route, body, files) if spec is not None and request.method not in _WITHOUT_BODY else None
        )
        result = await entry.route.handler(call)
        if wrong:
            # our own checks let it pass: the description is stricter than they are
            assert spec is not None
            spec.report(entry.route, wrong)
            raise FormError(wrong)
        if isinstance(result, Reply):
            return result.status, result.body
        return (204, None) if result is None else (200, result)

    def _limit(self, entry: Entry, values: list[str], app: Application | None) -> dict[str, str]:
        limits, app_id = self._server.limits, app.id if app else None
        if app_id is not None and entry.route.auth and not entry.route.unglobal:
            limits.take_global(app_id)
        return limits.take(entry.route, entry.bucket, entry.major(values), app_id)

    def _application(self, authorization: str | None) -> Application | None:
        if authorization is None or not authorization.startswith("Bot "):
            return None
        token = authorization[4:]
        apps = self._server.world.applications
        known = apps.get(self._tokens.get(token, 0))
        if known is not None and known.token == token:
            return known
        for app in apps.values():
            if app.token == token:
                self._tokens[token] = app.id
                return app
        return None

    async def _faults(self, method: str, path: str) -> web.StreamResponse | None:
        faults = self._server.faults
        if not faults.present():
            return None
        refuse = faults.strike("refuse_connections") if faults.refuses_rest() else None
        if refuse is not None:
            return web.Response(status=503)
        slow = faults.strike("slow_rest", method, path)
        if slow is not None:
            await asyncio.sleep(slow.options["delay"])
        storm = faults.strike("rate_limit_storm", method, path)
        if storm is not None:
            raise RateLimited(storm.options["retry_after"], scope=storm.options["scope"])
        failing = faults.strike("fail_rest", method, path)
        if failing is not None:
            status = failing.options["status"]
            raise ApiError(status, 0, f"{status}: the stand-in was asked to fail")
        return None

    def _unknown(self, method: str, path: str, steps: Sequence[str]) -> web.Response:
        self._server.unknown_routes.append(f"{method} {path}")
        spec = self._server.spec
        known = self._table.methods(steps)
        if known and not (spec is not None and spec.knows(method, path)):
            _log.error("no %s on %s (it has %s)", method, path, ", ".join(sorted(known)))
            return _plain(405, "405: Method Not Allowed")
        _log.error("THE STAND-IN DOES NOT HAVE THIS ROUTE: %s %s", method, path)
        return _plain(501, f"501: the stand-in does not have {method} {path}")

    def _other_version(self, request: web.Request) -> web.Response:
        self._server.unknown_routes.append(f"{request.method} {request.path}")
        _log.error("only %s is served, not %s", PREFIX, request.path)
        return web.Response(
            status=400, body=orjson.dumps({"message": "Invalid API version provided", "code": 50041}), headers=JSON_TYPE
        )


def field_errors(wrong: Sequence[FieldError]) -> str:
    """Return wrong fields as one line for a log."""
    return "; ".join(f"{'.'.join(map(str, error.path)) or 'body'}: {error.message}" for error in wrong)


def _plain(status: int, message: str) -> web.Response:
    return web.Response(status=status, body=orjson.dumps({"message": message, "code": 0}), headers=JSON_TYPE)


def _banned(ban: CloudflareBan) -> web.Response:
    headers = {"Retry-After": str(int(ban.retry_after) + 1)}
    text = "<html><title>Error 1015</title><body>You are being rate limited</body></html>"
    return web.Response(status=429, text=text, content_type="text/html", headers=headers)


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=499)
