"""One authenticated REST call as the handlers see it, and the routes they are listed in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.errors import form_error, missing_access, unknown
from sandbox.snowflake import whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.model import Application, Channel, Guild, Message, User
    from sandbox.server import Server
    from sandbox.world import World


@dataclass(frozen=True, slots=True)
class Upload:
    """A file part of a multipart body; `key` is its part name, such as files[0]."""

    key: str
    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with a status other than 200 (JSON body) or 204 (None)."""

    status: int
    body: Any = None


@dataclass(slots=True)
class Call:
    """A call: who asks (`app` is None on routes whose token is in the path), for what, with which body."""

    server: Server
    app: Application | None
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any = None
    files: list[Upload] = field(default_factory=list[Upload])
    reason: str | None = None

    @property
    def world(self) -> World:
        """The state."""
        return self.server.world

    @property
    def bot(self) -> User:
        """The bot's account; only on routes that require a token."""
        if self.app is None:
            raise unknown("application")
        return self.world.users[self.app.user_id]

    @property
    def json(self) -> dict[str, Any]:
        """The body as an object; 50035 when it is something else. An absent body is an empty object."""
        if self.body is None:
            return {}
        is_object = isinstance(self.body, dict)
        if not is_object:
            raise form_error(code="DICT_TYPE_CONVERT", message="Only dictionaries may be used in a DictType")
        return self.body

    def id(self, name: str) -> int:
        """Return a snowflake of the path, or raise 50035 as Discord does for one that is none."""
        text = self.path[name]
        value = whole(text)
        if value is None or value >= 1 << 63:
            raise form_error(name, code="NUMBER_TYPE_COERCE", message=f'Value "{text}" is not snowflake.')
        return value

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """Return an integer of the query within its bounds, or raise 50035."""
        text = self.query.get(name)
        if text is None:
            return default
        value = whole(text.removeprefix("-"))
        if value is None:
            raise form_error(name, code="NUMBER_TYPE_COERCE", message=f'Value "{text}" is not int.')
        value = -value if text.startswith("-") else value
        if value < low:
            raise form_error(
                name, code="NUMBER_TYPE_MIN", message=f"int value should be greater than or equal to {low}."
            )
        if value > high:
            raise form_error(name, code="NUMBER_TYPE_MAX", message=f"int value should be less than or equal to {high}.")
        return value

    def snowflake(self, name: str) -> int | None:
        """Return an optional snowflake of the query, or raise 50035."""
        text = self.query.get(name)
        if text is None:
            return None
        value = whole(text)
        if value is None:
            raise form_error(name, code="NUMBER_TYPE_COERCE", message=f'Value "{text}" is not snowflake.')
        return value

    def flag(self, name: str) -> bool:
        """Return a truth value of the query, false when it is absent, or raise 50035."""
        text = self.query.get(name, "false").lower()
        if text not in {"true", "1", "false", "0"}:
            raise form_error(name, code="BOOLEAN_TYPE_CONVERT", message="Must be either true or false.")
        return text in {"true", "1"}

    def channel(self, name: str = "channel_id") -> Channel:
        """Return the channel of the path: 10003 when there is none. Permissions are the handler's to check."""
        channel = self.world.channels.get(self.id(name))
        if channel is None:
            raise unknown("channel")
        return channel

    def guild(self, name: str = "guild_id") -> Guild:
        """Return the guild of the path: 10004 when there is none, 50001 when the bot is not in it."""
        guild = self.world.guilds.get(self.id(name))
        if guild is None:
            raise unknown("guild")
        if self.app is not None and self.bot.id not in self.world.members[guild.id]:
            raise missing_access()
        return guild

    def message(self, channel: Channel, name: str = "message_id") -> Message:
        """Return the message of the path as the bot sees it (an ephemeral one is no message here): else 10008."""
        message = self.world.messages[channel.id].get(self.id(name))
        if message is None or message.ephemeral_to is not None:
            raise unknown("message")
        return message


Handler = Callable[[Call], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Route:
    """A method and path below /api/v10 with its handler.

    `auth` is False where the path itself holds the token (interaction callbacks, webhooks).
    `limit` is (calls, seconds) of its rate-limit bucket; None leaves it out of buckets.
    `unglobal` routes do not count against the global 50 a second.
    """

    method: str
    path: str
    handler: Handler
    auth: bool = True
    limit: tuple[int, float] | None = (50, 1.0)
    unglobal: bool = False
