"""What a bot may say over the gateway, and the close codes for what it may not ("Gateway Close Event Codes")."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, cast

import orjson
from aiohttp import web

from sandbox.gateway.compression import Plain, packer
from sandbox.gateway.connection import Connection
from sandbox.gateway.intents import KNOWN, PRIVILEGED
from sandbox.gateway.members import request_members
from sandbox.gateway.presence import update_presence
from sandbox.gateway.session import Session
from sandbox.payloads.people import own_user_payload

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.gateway.hub import Gateway
    from sandbox.model import Application, Json
    from sandbox.server import Server

logger = logging.getLogger(__name__)

LARGEST_PAYLOAD = 4096
_ACK = b'{"op":11,"d":null,"s":null,"t":null}'
_NORMAL_CLOSES = (1000, 1001)


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


def _tolerated(server: Server, session: Session, body: Json) -> bool:
    """Voice and soundboards are understood but not played."""
    del server, session
    return "guild_id" in body or "guild_ids" in body


_ASKED: dict[int, Callable[[Server, Session, Json], bool]] = {
    3: update_presence,
    4: _tolerated,
    8: request_members,
    31: _tolerated,
}


class ClosedError(Exception):
    """The bot did what ends its connection."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


async def serve(server: Server, request: web.Request) -> web.StreamResponse:
    """Speak the gateway protocol over one WebSocket."""
    if server.faults.strike("refuse_connections", "GATEWAY") is not None:
        return web.Response(status=503)
    socket = web.WebSocketResponse(compress=False, max_msg_size=1 << 20, timeout=2.0)
    if not socket.can_prepare(request):
        return web.Response(status=426, text="This is a WebSocket.")
    await socket.prepare(request)
    query = request.query
    packing = packer(query.get("compress"))
    connection = Connection(socket, partial(_abort, request), packing or Plain())
    if packing is None or query.get("encoding", "json") != "json":
        connection.close(4002, "Only JSON, alone or as zlib-stream or zstd-stream, is spoken here.")
    elif query.get("v", "10") != "10":
        connection.close(4012, "Invalid API version.")
    await _Line(server, connection).run()
    return socket


class _Line:
    """The dialogue over one connection."""

    def __init__(self, server: Server, connection: Connection) -> None:
        self._server = server
        self._gateway: Gateway = server.gateway
        self._connection = connection
        self._loop = asyncio.get_running_loop()

    async def run(self) -> None:
        """Talk until either side ends it; the session stays resumable unless the bot said goodbye."""
        gateway, connection = self._gateway, self._connection
        interval = gateway.tuning.heartbeat_ms
        gateway.connections.add(connection)
        if connection.closed_by_us is None:
            connection.send(_frame(10, {"heartbeat_interval": interval, "_trace": []}))
        connection.heartbeat_at = self._loop.time()
        writer = asyncio.create_task(connection.write())
        watch = asyncio.create_task(self._watch_heartbeats(interval / 1000 * gateway.tuning.heartbeat_grace))
        try:
            while (data := await connection.receive()) is not None:
                if connection.closed_by_us is None:
                    self._hear(data)
        finally:
            gateway.connections.discard(connection)
            watch.cancel()
            session = connection.session
            if session is not None:
                if connection.closed_by_us is None and connection.peer_code in _NORMAL_CLOSES:
                    gateway.end(session)
                else:
                    gateway.detach(session)
                    connection.session = None
            if connection.closed_by_us is None:
                writer.cancel()
            await asyncio.gather(writer, watch, return_exceptions=True)

    async def _watch_heartbeats(self, allowed: float) -> None:
        while True:
            missing = self._connection.heartbeat_at + allowed - self._loop.time()
            if missing <= 0:
                self._connection.close(4009, "Session timed out.")
                return
            await asyncio.sleep(missing)

    def _hear(self, data: str | bytes) -> None:
        try:
            self._act(data)
        except ClosedError as closed:
            self._connection.close(closed.code, closed.reason)
        except Exception:
            logger.exception("the gateway failed on %r", data[:200])
            self._connection.close(4000, "Unknown error.")

    def _act(self, data: str | bytes) -> None:
        tuning = self._gateway.tuning
        if not self._connection.may_receive(self._loop.time(), tuning.sends, tuning.send_seconds):
            raise ClosedError(4008, "You are being rate limited.")
        raw = data.encode() if isinstance(data, str) else data
        if len(raw) > LARGEST_PAYLOAD:
            raise ClosedError(4002, "Payload is larger than 4096 bytes.")
        try:
            payload = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise ClosedError(4002, "Error while decoding payload.") from error
        if not isinstance(payload, dict):
            raise ClosedError(4002, "Error while decoding payload.")
        told = cast("Json", payload)
        self._dispatch(told.get("op"), told.get("d"))

    def _dispatch(self, op: object, body: object) -> None:
        session = self._connection.session
        match op:
            case 1:
                self._heartbeat(body)
            case 2 | 6 if session is not None:
                raise ClosedError(4005, "Already authenticated.")
            case 2:
                self._identify(_object(body))
            case 6:
                self._resume(_object(body))
            case 3 | 4 | 8 | 31 if session is None:
                raise ClosedError(4003, "Not authenticated.")
            case (3 | 4 | 8 | 31) as asked if session is not None:
                if not _ASKED[cast("int", asked)](self._server, session, _object(body)):
                    raise ClosedError(4002, "Error while decoding payload.")
            case _:
                raise ClosedError(4001, "Unknown opcode.")

    def _heartbeat(self, seq: object) -> None:
        if seq is not None and (not isinstance(seq, int) or isinstance(seq, bool)):
            raise ClosedError(4002, "Error while decoding payload.")
        self._connection.heartbeat_at = self._loop.time()
        if self._server.faults.strike("drop_heartbeat_acks") is None:
            # to a connection that is closed by then it does nothing
            self._loop.call_later(self._gateway.tuning.heartbeat_ack_seconds, self._connection.send, _ACK)

    def _application(self, token: object) -> Application:
        if isinstance(token, str):
            for app in self._server.world.applications.values():
                if app.token == token.removeprefix("Bot "):
                    return app
        raise ClosedError(4004, "Authentication failed.")

    def _identify(self, body: Json) -> None:
        gateway, world = self._gateway, self._server.world
        app = self._application(body.get("token"))
        if not isinstance(body.get("properties"), dict):
            raise ClosedError(4002, "Error while decoding payload.")
        shard = _shard(body.get("shard", [0, 1]))
        guilds = [g for g in world.guilds_of(app.user_id) if (g.id >> 22) % shard[1] == shard[0]]
        if len(guilds) > gateway.tuning.guilds_per_shard:
            raise ClosedError(4011, "Sharding required.")
        intents = _intents(body.get("intents"), app.flags)
        if not gateway.count_start(app):
            raise ClosedError(4004, "Authentication failed.")
        if gateway.too_soon(app, shard[0]):
            self._connection.send(_frame(9, False))
            return
        session = Session(app.id, app.user_id, shard, intents)
        threshold = body.get("large_threshold", 50)
        session.large_threshold = min(250, max(50, threshold)) if isinstance(threshold, int) else 50
        session.guilds = {guild.id for guild in guilds}
        if body.get("compress") is True:
            self._connection.compress_payloads()
        gateway.sessions[session.id] = session
        gateway.attach(session, self._connection)
        session.push("READY", orjson.dumps(self._ready(session, app, "shard" in body)))
        if intents & 1:
            for guild in guilds:
                session.push("GUILD_CREATE", orjson.dumps(gateway.guild_payload(session, guild)))
        update_presence(self._server, session, cast("Json", body.get("presence")) or {"status": "online"})

    def _ready(self, session: Session, app: Application, with_shard: bool) -> Json:
        body: Json = {
            "v": 10,
            "user_settings": {},
            "user": own_user_payload(self._server.world.users[app.user_id]),
            "session_type": "normal",
            "session_id": session.id,
            "resume_gateway_url": self._server.gateway_url,
            "relationships": [],
            "private_channels": [],
            "presences": [],
            "guilds": [{"id": str(guild), "unavailable": True} for guild in sorted(session.guilds)],
            "guild_join_requests": [],
            "geo_ordered_rtc_regions": [],
            "game_relationships": [],
            "auth": {},
            "application": {"id": str(app.id), "flags": app.flags},
            "_trace": ["stand-in"],
        }
        if with_shard:
            body["shard"] = list(session.shard)
        return body

    def _resume(self, body: Json) -> None:
        app = self._application(body.get("token"))
        session = self._gateway.sessions.get(str(body.get("session_id")))
        seq = body.get("seq")
        if not isinstance(seq, int) or isinstance(seq, bool):
            raise ClosedError(4002, "Error while decoding payload.")
        if session is None or session.application_id != app.id:
            self._connection.send(_frame(9, False))
            return
        if seq > session.seq or seq < 0:
            raise ClosedError(4007, "Invalid seq.")
        missed = session.since(seq)
        if missed is None:
            self._gateway.end(session)
            self._connection.send(_frame(9, False))
            return
        self._gateway.attach(session, self._connection)
        for frame in missed:
            self._connection.send(frame)
        session.push("RESUMED", b'{"_trace":["stand-in"]}')


def _frame(op: int, body: object) -> bytes:
    return orjson.dumps({"t": None, "s": None, "op": op, "d": body})


def _object(body: object) -> Json:
    if not isinstance(body, dict):
        raise ClosedError(4002, "Error while decoding payload.")
    return cast("Json", body)


def _shard(given: object) -> tuple[int, int]:
    match given:
        case [int(number), int(of)] if 0 <= number < of and not isinstance(number, bool):
            return number, of
        case _:
            raise ClosedError(4010, "Invalid shard.")


def _intents(given: object, flags: int) -> int:
    if not isinstance(given, int) or isinstance(given, bool) or given < 0 or given & ~KNOWN:
        raise ClosedError(4013, "Invalid intent(s).")
    if any(given & intent and not flags & approved for intent, approved in PRIVILEGED.items()):
        raise ClosedError(4014, "Disallowed intent(s).")
    return given
