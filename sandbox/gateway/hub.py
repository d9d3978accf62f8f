"""All sessions of all bots, and the delivery of the world's events to them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from sandbox.gateway.intents import Intent, known, needed, reduced, without_content
from sandbox.gateway.presence import go_offline
from sandbox.payloads.guilds import guild_create
from sandbox.permissions import can_view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.gateway.connection import Connection
    from sandbox.gateway.session import Session
    from sandbox.model import Application, Guild, Json
    from sandbox.server import Server
    from sandbox.world import Event

_SEEN_BY_ALL = frozenset({"CHANNEL_CREATE", "CHANNEL_UPDATE", "CHANNEL_DELETE"})
_RECONNECT_GRACE = 5.0


@dataclass(slots=True)
class Tuning:
    """Discord's figures; tests change them to reach a border sooner."""

    heartbeat_ms: int = 41_250
    heartbeat_grace: float = 1.5
    # an answer that is back sooner than any network brings it overtakes the client's own note of when it asked
    heartbeat_ack_seconds: float = 0.05
    resume_seconds: float = 180.0
    sends: int = 120
    send_seconds: float = 60.0
    guilds_per_shard: int = 2_500
    max_concurrency: int = 1
    identify_seconds: float = 5.0
    session_starts: int = 1_000
    session_start_seconds: float = 86_400.0


class Gateway:
    """The sessions; subscribed to the world, it delivers every event that a session may hear."""

    def __init__(self, server: Server, identify_seconds: float) -> None:
        self.tuning = Tuning(identify_seconds=identify_seconds)
        self.sessions: dict[str, Session] = {}
        self.connections: set[Connection] = set()
        self._server = server
        self._world = server.world
        self._starts: dict[int, tuple[float, int]] = {}
        self._identified: dict[tuple[int, int], float] = {}
        self.unknown_events: set[str] = set()
        self._told_online: dict[int, bool] = {}

    def online(self, user_id: int, guild_id: int | None = None) -> bool:
        """Tell whether a bot has a connected session for a guild's shard (None: the shard of direct messages)."""
        return any(
            session.user_id == user_id and session.connection is not None and session.covers(guild_id)
            for session in self.sessions.values()
        )

    # delivery

    def deliver(self, event: Event) -> None:
        """Queue an event for every session that may hear it; encoded once for all who get it whole."""
        if not self.sessions:
            return
        bits = needed(event.name, in_guild=event.guild_id is not None)
        if bits is None:
            if not known(event.name):
                self.unknown_events.add(event.name)
            return
        whole: bytes | None = None
        for session in tuple(self.sessions.values()):
            if not self._reaches(session, event):
                continue
            if event.name == "GUILD_CREATE":
                session.guilds.add(event.guild_id or 0)
            elif event.name == "GUILD_DELETE" and not event.data.get("unavailable"):
                session.guilds.discard(event.guild_id or 0)
            data = self._shown(session, event, bits)
            if data is event.data:
                whole = whole or orjson.dumps(data)
                session.push(event.name, whole)
            elif data is not None:
                session.push(event.name, orjson.dumps(data))

    def _shown(self, session: Session, event: Event, bits: int) -> Json | None:
        if bits and not session.intents & bits:
            return reduced(event.name, event.data, session.intents, session.user_id)
        match event.name:
            case "THREAD_MEMBERS_UPDATE" if not session.intents & Intent.GUILD_MEMBERS:
                return reduced(event.name, event.data, session.intents, session.user_id)
            case "GUILD_CREATE":
                return self._joined(session, event)
            case "MESSAGE_CREATE" | "MESSAGE_UPDATE" if event.guild_id is not None:
                if not session.intents & Intent.MESSAGE_CONTENT:
                    return without_content(event.data, session.user_id, session.application_id)
                return event.data
            case _:
                return event.data

    def _reaches(self, session: Session, event: Event) -> bool:
        if event.users is not None and session.user_id not in event.users:
            return False
        if event.name == "INTERACTION_CREATE":
            return session.covers(event.guild_id)
        if event.guild_id is not None:
            if event.guild_id not in session.guilds and not (
                event.name == "GUILD_CREATE" and self._joins(session, event)
            ):
                return False
        elif not session.covers(None) or (event.users is None and event.channel_id is None):
            return False
        if event.channel_id is None or event.name in _SEEN_BY_ALL:
            return True
        channel = self._world.channels.get(event.channel_id)
        if channel is None:
            # deleted just now: what is left to judge by is its parent
            channel = self._world.channels.get(int(event.data.get("parent_id") or 0))
        return channel is None or can_view(self._world, channel, session.user_id)

    def _joins(self, session: Session, event: Event) -> bool:
        guild_id = event.guild_id or 0
        return session.covers(guild_id) and session.user_id in self._world.members[guild_id]

    def _joined(self, session: Session, event: Event) -> Json | None:
        guild = self._world.guilds.get(event.guild_id or 0)
        if guild is None:
            return None
        # by the absence of this key clients tell a guild that is new to them from one that has come back
        return {key: value for key, value in self.guild_payload(session, guild).items() if key != "unavailable"}

    def guild_payload(self, session: Session, guild: Guild) -> Json:
        """Return GUILD_CREATE: with other members only for the presence intent and in a guild that is not large."""
        small = len(self._world.members[guild.id]) <= session.large_threshold
        every = bool(session.intents & Intent.GUILD_PRESENCES) and small
        return guild_create(self._world, guild, session.user_id, all_members=every)

    # sessions

    def attach(self, session: Session, connection: Connection) -> None:
        """Let a session speak over this connection; an older one is closed."""
        if session.connection is not None:
            session.connection.session = None
            session.connection.close(4000, "Resumed elsewhere.")
        session.connection, session.detached_at = connection, None
        connection.session = session
        self._tell(session.application_id)

    def detach(self, session: Session) -> None:
        """Note that a session has lost its connection; it may come back for a while."""
        session.connection, session.detached_at = None, asyncio.get_running_loop().time()
        self._tell(session.application_id)

    def end(self, session: Session) -> None:
        """Forget a session: it cannot be resumed."""
        self.sessions.pop(session.id, None)
        if all(other.user_id != session.user_id for other in self.sessions.values()):
            go_offline(self._server, session)
        if session.connection is not None:
            session.connection.session = None
            session.connection = None
        self._tell(session.application_id)

    def expire(self) -> None:
        """Forget sessions that were not resumed in time."""
        now = asyncio.get_running_loop().time()
        for session in tuple(self.sessions.values()):
            if session.detached_at is not None and now - session.detached_at > self.tuning.resume_seconds:
                self.end(session)

    def _tell(self, application_id: int) -> None:
        app = self._world.applications.get(application_id)
        online = any(s.application_id == application_id and s.connection is not None for s in self.sessions.values())
        if app is not None and self._told_online.get(application_id, False) != online:
            self._told_online[application_id] = online
            self._world.emit("BOT_STATE", {"application_id": str(application_id), "online": online})

    # identify limits

    def starts_left(self, user_id: int) -> tuple[int, float]:
        """Return how many IDENTIFYs a bot has left and the seconds until all are back."""
        now = asyncio.get_running_loop().time()
        ends, used = self._starts.get(user_id, (0.0, 0))
        if ends <= now:
            return self.tuning.session_starts, 0.0
        return max(0, self.tuning.session_starts - used), ends - now

    def count_start(self, app: Application) -> bool:
        """Count an IDENTIFY; False ends all sessions of an application that has used up its starts."""
        left, resets = self.starts_left(app.user_id)
        now = asyncio.get_running_loop().time()
        ends = now + (resets or self.tuning.session_start_seconds)
        self._starts[app.user_id] = (ends, self.tuning.session_starts - left + 1)
        if left > 0:
            return True
        for session in [s for s in self.sessions.values() if s.application_id == app.id]:
            if session.connection is not None:
                session.connection.close(4004, "Authentication failed.")
            self.end(session)
        return False

    def too_soon(self, app: Application, shard: int) -> bool:
        """Count an IDENTIFY against its concurrency bucket; True when it comes within five seconds of another."""
        now = asyncio.get_running_loop().time()
        bucket = (app.id, shard % self.tuning.max_concurrency)
        if now < self._identified.get(bucket, 0.0):
            return True
        self._identified[bucket] = now + self.tuning.identify_seconds
        return False

    # faults

    def drop_sockets(self, application_id: int | None) -> int:
        """Cut connections; returns how many."""
        return len([connection.abort() for connection in self._of(application_id)])

    def ask_reconnect(self, application_id: int | None) -> int:
        """Send op 7 and close a few seconds later what is still open; returns how many were asked."""
        asked = list(self._of(application_id))
        for connection in asked:
            connection.send(b'{"op":7,"d":null,"s":null,"t":null}')
            asyncio.get_running_loop().call_later(_RECONNECT_GRACE, connection.close, 4000, "Reconnect.")
        return len(asked)

    def ask_heartbeat(self, application_id: int | None = None) -> int:
        """Send op 1, which asks for a heartbeat at once; returns how many were asked."""
        asked = list(self._of(application_id))
        for connection in asked:
            connection.send(b'{"op":1,"d":null,"s":null,"t":null}')
        return len(asked)

    def invalidate(self, application_id: int | None, *, resumable: bool) -> int:
        """Send op 9; a session that may not be resumed ends. Returns how many were told."""
        told = [connection for connection in self._of(application_id) if connection.session is not None]
        for connection in told:
            connection.send(b'{"op":9,"d":%s,"s":null,"t":null}' % (b"true" if resumable else b"false"))
            if connection.session is not None and not resumable:
                self.end(connection.session)
        return len(told)

    def _of(self, application_id: int | None) -> Iterator[Connection]:
        for connection in tuple(self.connections):
            session = connection.session
            if application_id is None or (session is not None and session.application_id == application_id):
                yield connection
