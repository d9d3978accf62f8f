"""From an HTTP request to a handler and back: token, limits, faults, body, checks, answer."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

import orjson
from aiohttp import web

from sandbox.errors import ApiError, FormError, RateLimited, unauthorized
from sandbox.limits import BannedError, refusal_headers
from sandbox.rest import (
    applications,
    audit_logs,
    bans,
    channels,
    commands,
    emojis,
    events,
    gateway,
    guilds,
    interactions,
    invites,
    members,
    messages,
    pins,
    polls,
    reactions,
    roles,
    threads,
    users,
    webhooks,
)
from sandbox.rest.body import read_body, read_reason
from sandbox.rest.call import Call, Reply
from sandbox.rest.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.model import Application
    from sandbox.rest.call import Route
    from sandbox.rest.table import Entry
    from sandbox.server import Server

logger = logging.getLogger(__name__)


class _Answer(NamedTuple):
    status: int
    body: Any
    headers: dict[str, str]


PREFIX = "/api/v10/"
JSON_TYPE = {"Content-Type": "application/json"}
_BANNED = "<html><title>Error 1015</title><body>You are being rate limited</body></html>"
_MOST_NOTED = 1_000
_COUNTED = (401, 403, 429)
_WITHOUT_BODY = frozenset({"GET", "HEAD"})
_RESOURCES = (
    applications,
    audit_logs,
    bans,
    channels,
    commands,
    emojis,
    events,
    gateway,
    guilds,
    interactions,
    invites,
    members,
    messages,
    pins,
    polls,
    reactions,
    roles,
    threads,
    users,
    webhooks,
)


def all_routes() -> list[Route]:
    """Collect the routes of every resource."""
    return [route for resource in _RESOURCES for route in resource.routes()]


class Router:
    """Answers everything below /api/."""

    def __init__(self, server: Server, routes: Sequence[Route]) -> None:
        self._server = server
        self._table = Table(routes)
        self._tokens: dict[str, int] = {}

    def serve(self, routes: Sequence[Route]) -> None:
        """Serve these routes instead; for tests of the transport itself."""
        self._table = Table(routes)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        raw = request.rel_url.raw_path
        if not raw.startswith(PREFIX):
            return self._other_version(request)
        path = raw[len(PREFIX) - 1 :]
        app = self._application(request.headers.get("Authorization"))
        answer = await self._answer(request, path, app)
        if self._server.faults.present() and self._server.faults.strike("lose_ack", request.method, path) is not None:
            return _cut(request)
        if answer.status in _COUNTED and answer.headers.get("X-RateLimit-Scope") != "shared":
            self._server.limits.count_invalid(app.id if app else None)
        if answer.body is None:
            return web.Response(status=answer.status, headers=answer.headers)
        if answer.body is _BANNED:
            return web.Response(status=answer.status, text=_BANNED, content_type="text/html", headers=answer.headers)
        return web.Response(
            status=answer.status, body=orjson.dumps(answer.body), headers={**JSON_TYPE, **answer.headers}
        )

    async def _answer(self, request: web.Request, path: str, app: Application | None) -> _Answer:
        headers: dict[str, str] = {}
        try:
            self._server.limits.check_ban(app.id if app else None)
            await self._faults(request.method, path)
            entry, values = self._find(request.method, path)
            headers = self._limit(entry, values, app)
            status, body = await self._perform(request, entry, values, app)
        except BannedError as error:
            return _Answer(429, _BANNED, refusal_headers(error))
        except RateLimited as error:
            return _Answer(429, error.body(), refusal_headers(error))
        except ApiError as error:
            return _Answer(error.status, error.body(), headers)
        except ConnectionError:
            raise
        except Exception as error:
            if isinstance(error, web.HTTPException):
                raise
            logger.exception("the stand-in failed on %s %s", request.method, path)
            return _Answer(500, {"message": "500: Internal Server Error", "code": 0}, headers)
        return _Answer(status, body, headers)

    def _find(self, method: str, path: str) -> tuple[Entry, list[str]]:
        steps = path[1:].split("/")
        found = self._table.find(method, steps)
        if found is not None:
            return found
        self._note_unknown(f"{method} {path}")
        spec = self._server.spec
        known = self._table.methods(steps)
        if known and not (spec is not None and spec.description.knows(method, path)):
            logger.error("no %s on %s (it has %s)", method, path, ", ".join(sorted(known)))
            raise ApiError(405, 0, "405: Method Not Allowed")
        logger.error("THE STAND-IN DOES NOT HAVE THIS ROUTE: %s %s", method, path)
        raise ApiError(501, 0, f"501: the stand-in does not have {method} {path}")

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
        wrong = spec.check(entry.route, body, files, call.query) if spec is not None else ()
        result = await entry.route.handler(call)
        status, answer = (204 if result is None else 200), result
        if isinstance(result, Reply):
            status, answer = result.status, result.body
        if spec is not None:
            if wrong:
                # our own checks let it pass: the description is stricter than they are
                spec.report(entry.route, wrong)
                raise FormError(wrong)
            if spec.check_replies:
                spec.check_reply(entry.route, status, answer)
        return status, answer

    def _limit(self, entry: Entry, values: list[str], app: Application | None) -> dict[str, str]:
        limits, app_id = self._server.limits, app.id if app else None
        if entry.route.auth and app is None:
            raise unauthorized()
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

    async def _faults(self, method: str, path: str) -> None:
        faults = self._server.faults
        if not faults.present():
            return
        if faults.strike("refuse_connections", "REST") is not None:
            raise ApiError(503, 0, "503: Service Unavailable")
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

    def _note_unknown(self, route: str) -> None:
        if len(self._server.unknown_routes) < _MOST_NOTED:
            self._server.unknown_routes.append(route)

    def _other_version(self, request: web.Request) -> web.Response:
        self._note_unknown(f"{request.method} {request.path}")
        logger.error("only %s is served, not %s", PREFIX, request.path)
        return web.Response(
            status=400, body=orjson.dumps({"message": "Invalid API version provided", "code": 50041}), headers=JSON_TYPE
        )


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=499)
