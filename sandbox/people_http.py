"""People over HTTP and a WebSocket: the protocol of the page and of the driver in another process.

Capability, Host and Origin are the gatekeeper's (security.py); faults have their own routes (control.py).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, cast

import orjson
from aiohttp import WSMsgType, web

from sandbox.errors import ApiError, form_error, unknown
from sandbox.rest.body import read_body
from sandbox.snowflake import whole

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.model import Json
    from sandbox.people import People
    from sandbox.server import Server

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_log = logging.getLogger(__name__)
MOST_WAITING = 2_000
MOST_MESSAGES = 100


def routes(server: Server) -> list[web.RouteDef]:
    """List the routes below /people."""
    stage = _Stage(server)
    return [
        web.get("/people", stage.answer(stage.everybody)),
        web.get("/people/{uid}/world", stage.answer(stage.world)),
        web.get("/people/{uid}/channels/{cid}/messages", stage.answer(stage.messages)),
        web.get("/people/{uid}/channels/{cid}/pins", stage.answer(stage.pins)),
        web.get("/people/{uid}/channels/{cid}/commands", stage.answer(stage.commands)),
        web.post("/people/{uid}/acts/{act}", stage.answer(stage.act)),
        web.get("/people/{uid}/events", stage.events),
    ]


class _Stage:
    def __init__(self, server: Server) -> None:
        self._server = server

    @property
    def _people(self) -> People:
        return self._server.people

    def answer(self, ask: Callable[[web.Request], Awaitable[object]]) -> Handler:
        """Return a handler that answers with JSON, or with Discord's refusal."""

        async def handler(request: web.Request) -> web.StreamResponse:
            try:
                status, body = 200, await ask(request)
            except ApiError as error:
                status, body = error.status, error.body()
            except Exception:  # noqa: BLE001 - logged, and the page is told
                _log.exception("the stage failed on %s %s", request.method, request.path)
                status, body = 500, {"message": "500: Internal Server Error", "code": 0}
            return web.Response(
                status=status,
                body=orjson.dumps(body if body is not None else {}),
                content_type="application/json",
                headers={"Cache-Control": "no-store"},
            )

        return handler

    async def everybody(self, _: web.Request) -> object:
        return self._people.everybody()

    async def world(self, request: web.Request) -> object:
        return self._people.world(_id(request, "uid"))

    async def messages(self, request: web.Request) -> object:
        limit = _query(request, "limit")
        if limit is not None and not 1 <= limit <= MOST_MESSAGES:
            message = f"int value should be between 1 and {MOST_MESSAGES}."
            raise form_error("limit", code="NUMBER_TYPE_MAX", message=message)
        return self._people.messages(
            _id(request, "uid"),
            _id(request, "cid"),
            limit=limit or 50,
            before=_query(request, "before"),
            after=_query(request, "after"),
        )

    async def pins(self, request: web.Request) -> object:
        return self._people.pins(_id(request, "uid"), _id(request, "cid"))

    async def commands(self, request: web.Request) -> object:
        return self._people.commands(_id(request, "uid"), _id(request, "cid"))

    async def act(self, request: web.Request) -> object:
        body, files = await read_body(request)
        if body is not None and not isinstance(body, dict):
            raise form_error(code="DICT_TYPE_CONVERT", message="Only dictionaries may be used in a DictType")
        sent = cast("Json", body or {})
        return await self._people.act(_id(request, "uid"), request.match_info["act"], sent, files)

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Send a person's events until the socket closes; one that does not keep up is closed (1013) and may return."""
        socket = web.WebSocketResponse(heartbeat=30, max_msg_size=4096)
        queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        number = 0

        def push(name: str, data: Json) -> None:
            nonlocal number
            if queue.qsize() >= MOST_WAITING:
                if queue.qsize() == MOST_WAITING:
                    queue.put_nowait(None)
                return
            number += 1
            queue.put_nowait(orjson.dumps({"t": name, "d": data, "s": number}))

        push("HELLO", {})
        try:
            end = self._people.listen(_id(request, "uid"), push)
        except ApiError as error:
            return web.json_response(error.body(), status=error.status)
        await socket.prepare(request)
        sending = asyncio.create_task(_send(socket, queue))
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await socket.close(code=1003, message=b"This socket only listens.")
        finally:
            end()
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await sending
        return socket


async def _send(socket: web.WebSocketResponse, queue: asyncio.Queue[bytes | None]) -> None:
    while (frame := await queue.get()) is not None:
        await socket.send_str(frame.decode())
    await socket.close(code=1013, message=b"Too slow; come back and look again.")


def _id(request: web.Request, name: str) -> int:
    number = whole(request.match_info[name])
    if number is None or number >= 1 << 63:
        raise unknown("user" if name == "uid" else "channel")
    return number


def _query(request: web.Request, name: str) -> int | None:
    text = request.query.get(name)
    if text is None:
        return None
    number = whole(text)
    if number is None:
        raise form_error(name, code="NUMBER_TYPE_COERCE", message=f'Value "{text}" is not snowflake.')
    return number
