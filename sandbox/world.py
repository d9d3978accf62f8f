"""The state of the stand-in and the events that tell of its changes.

Everything that exists is an entity of model.py. `save` puts one in its place (and in the state file, if there is one),
`discard` takes it out, `emit` tells the subscribers. What may be done, and by whom, the modules around it decide.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sandbox.model import (
    Application,
    AuditEntry,
    Ban,
    Channel,
    Command,
    Emoji,
    Entity,
    Guild,
    Interaction,
    Invite,
    Member,
    Message,
    Role,
    ScheduledEvent,
    User,
    Webhook,
)
from sandbox.snowflake import Snowflakes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.statefile import StateFile


@dataclass(frozen=True, slots=True)
class Event:
    """A change, as a gateway event in full; whoever delivers it cuts it to what the receiver may see.

    `channel_id` limits it to those who can view that channel, `users` to exactly these accounts.
    """

    name: str
    data: dict[str, Any]
    guild_id: int | None = None
    channel_id: int | None = None
    users: frozenset[int] | None = None


class World:
    """All entities by id, with the indexes that the routes need."""

    def __init__(self, state: StateFile | None = None, clock: Callable[[], datetime] | None = None) -> None:
        self._state = state
        self._clock = clock
        self._snowflakes = Snowflakes()
        self._subscribers: list[Callable[[Event], None]] = []
        self._files: dict[int, bytes] = {}
        self.base_url = "http://127.0.0.1:8420"
        self.users: dict[int, User] = {}
        self.applications: dict[int, Application] = {}
        self.guilds: dict[int, Guild] = {}
        self.roles: dict[int, Role] = {}
        self.members: defaultdict[int, dict[int, Member]] = defaultdict(dict)
        self.channels: dict[int, Channel] = {}
        self.guild_channels: defaultdict[int, dict[int, Channel]] = defaultdict(dict)
        self.guild_roles: defaultdict[int, dict[int, Role]] = defaultdict(dict)
        self.messages: defaultdict[int, dict[int, Message]] = defaultdict(dict)
        self.open_polls: dict[int, Message] = {}
        self.webhooks: dict[int, Webhook] = {}
        self.commands: dict[int, Command] = {}
        self.interactions: dict[int, Interaction] = {}
        self.interaction_tokens: dict[str, Interaction] = {}
        self.events: dict[int, ScheduledEvent] = {}
        self.bans: defaultdict[int, dict[int, Ban]] = defaultdict(dict)
        self.emojis: defaultdict[int, dict[int, Emoji]] = defaultdict(dict)
        self.invites: dict[str, Invite] = {}
        self.audit: defaultdict[int, dict[int, AuditEntry]] = defaultdict(dict)
        if state is not None:
            for entity in state.load():
                self._place(entity)
            self._snowflakes.last = state.last_id

    def now(self) -> datetime:
        """Return the present moment, UTC."""
        return self._clock() if self._clock else datetime.now(UTC)

    def next_id(self) -> int:
        """Return a new snowflake."""
        return self._snowflakes.next(self.now())

    def save(self, *entities: Entity) -> None:
        """Put new or changed entities in their place."""
        for entity in entities:
            self._place(entity)
            if self._state is not None:
                self._state.put(entity)

    def discard(self, *entities: Entity) -> None:
        """Take entities out of the world."""
        for entity in entities:
            self._displace(entity)
            if self._state is not None:
                self._state.drop(entity)

    def put_file(self, file_id: int, content: bytes) -> None:
        """Keep the bytes of an upload."""
        if self._state is not None:
            self._state.put_file(file_id, content)
        else:
            self._files[file_id] = content

    def file(self, file_id: int) -> bytes | None:
        """Return the bytes of an upload, or None."""
        return self._files.get(file_id) if self._state is None else self._state.file(file_id)

    def drop_file(self, file_id: int) -> None:
        """Forget the bytes of an upload; its address leads nowhere from now on."""
        if self._state is not None:
            self._state.drop_file(file_id)
        else:
            self._files.pop(file_id, None)

    def flush(self) -> None:
        """Write what has changed to the state file; called before an answer leaves."""
        if self._state is not None:
            self._state.flush(self._snowflakes.last)

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Call `listener` with every event from now on; returns what ends that."""
        self._subscribers.append(listener)
        return lambda: self._subscribers.remove(listener)

    def emit(
        self,
        name: str,
        data: dict[str, Any],
        *,
        guild_id: int | None = None,
        channel_id: int | None = None,
        users: frozenset[int] | None = None,
    ) -> None:
        """Tell every subscriber of a change."""
        event = Event(name, data, guild_id, channel_id, users)
        for listener in tuple(self._subscribers):
            listener(event)

    def guilds_of(self, user_id: int) -> Iterator[Guild]:
        """Yield the guilds that a user is a member of."""
        return (guild for guild in self.guilds.values() if user_id in self.members[guild.id])

    def threads_of(self, channel_id: int) -> list[Channel]:
        """Return the threads (archived ones too) under a channel."""
        parent = self.channels[channel_id]
        siblings = self.guild_channels[parent.guild_id or 0].values()
        return [channel for channel in siblings if channel.parent_id == channel_id and channel.thread is not None]

    def application_of(self, user_id: int) -> Application | None:
        """Return the application whose bot this user is."""
        return next((app for app in self.applications.values() if app.user_id == user_id), None)

    def _place(self, entity: Entity) -> None:  # noqa: C901, PLR0912 - one short case a kind
        match entity:
            case User():
                self.users[entity.id] = entity
            case Application():
                self.applications[entity.id] = entity
            case Guild():
                self.guilds[entity.id] = entity
            case Role():
                self.roles[entity.id] = self.guild_roles[entity.guild_id][entity.id] = entity
            case Member():
                self.members[entity.guild_id][entity.user_id] = entity
            case Channel():
                self.channels[entity.id] = entity
                if entity.guild_id is not None:
                    self.guild_channels[entity.guild_id][entity.id] = entity
            case Message():
                self.messages[entity.channel_id][entity.id] = entity
                if entity.poll is not None:
                    self._place_poll(entity, finalized=entity.poll.finalized)
            case Webhook():
                self.webhooks[entity.id] = entity
            case Command():
                self.commands[entity.id] = entity
            case Interaction():
                self.interactions[entity.id] = self.interaction_tokens[entity.token] = entity
            case ScheduledEvent():
                self.events[entity.id] = entity
            case Ban():
                self.bans[entity.guild_id][entity.user_id] = entity
            case Emoji():
                self.emojis[entity.guild_id][entity.id] = entity
            case Invite():
                self.invites[entity.code] = entity
            case AuditEntry():
                self.audit[entity.guild_id][entity.id] = entity

    def _place_poll(self, message: Message, *, finalized: bool) -> None:
        if finalized:
            self.open_polls.pop(message.id, None)
        else:
            self.open_polls[message.id] = message

    def _displace(self, entity: Entity) -> None:  # noqa: C901, PLR0912 - one short case a kind
        match entity:
            case User():
                self.users.pop(entity.id, None)
            case Application():
                self.applications.pop(entity.id, None)
            case Guild():
                self.guilds.pop(entity.id, None)
            case Role():
                self.roles.pop(entity.id, None)
                self.guild_roles[entity.guild_id].pop(entity.id, None)
            case Member():
                self.members[entity.guild_id].pop(entity.user_id, None)
            case Channel():
                self.channels.pop(entity.id, None)
                self.messages.pop(entity.id, None)
                if entity.guild_id is not None:
                    self.guild_channels[entity.guild_id].pop(entity.id, None)
            case Message():
                self.messages[entity.channel_id].pop(entity.id, None)
                self.open_polls.pop(entity.id, None)
            case Webhook():
                self.webhooks.pop(entity.id, None)
            case Command():
                self.commands.pop(entity.id, None)
            case Interaction():
                self.interactions.pop(entity.id, None)
                self.interaction_tokens.pop(entity.token, None)
            case ScheduledEvent():
                self.events.pop(entity.id, None)
            case Ban():
                self.bans[entity.guild_id].pop(entity.user_id, None)
            case Emoji():
                self.emojis[entity.guild_id].pop(entity.id, None)
            case Invite():
                self.invites.pop(entity.code, None)
            case AuditEntry():
                self.audit[entity.guild_id].pop(entity.id, None)
