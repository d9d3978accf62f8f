"""Names as people say them, turned into ids: channels, members, roles; the ambiguous and the missing are errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.driver.errors import NotFound, listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.driver.transport import Json

_SHORTEST_ID = 15


@dataclass(frozen=True, slots=True)
class Place:
    """A channel, thread, forum post or direct message: its id, name and server (None for a direct message)."""

    id: str
    name: str
    guild: str | None
    guild_id: str | None
    raw: Json


class Places:
    """What one person can name, from what the stage says they see."""

    def __init__(self, world: Json) -> None:
        self.world = world
        self._places: list[Place] = []
        for guild in world["guilds"]:
            for one in [*guild["channels"], *guild["threads"]]:
                self._places.append(Place(one["id"], one["name"], guild["name"], guild["id"], one))
        for one in world["private_channels"]:
            name = ", ".join(_names(user)[0] for user in one["recipients"])
            self._places.append(Place(one["id"], name, None, None, one))
        self._by_name: dict[str, Place] = {}

    def place(self, wanted: object) -> Place:
        """Return the one place meant by an id, "#name", "Server/#name" or, for a direct message, "@name"."""
        text = _text(wanted)
        known = self._by_name.get(text)
        if known is None:
            known = self._by_name[text] = self._find(text)
        return known

    def user(self, wanted: object) -> str:
        """Return the id of a member (or partner of a direct message) meant by an id or name."""
        text = _text(wanted)
        users = {one["id"]: one for one in self._users()}
        if text in users or _is_id(text):
            return text
        name = text.removeprefix("@").casefold()
        found = [number for number, one in users.items() if name in {known.casefold() for known in _names(one)}]
        if len(found) == 1:
            return found[0]
        what = "is more than one person" if found else "is nobody here"
        raise NotFound(f"{text!r} {what}; here are {listed(_names(one)[0] for one in users.values())}")

    def role(self, wanted: object, guild_id: str | None) -> str:
        """Return the id of a role of a server meant by an id or name."""
        text = _text(wanted)
        roles = {one["id"]: one["name"] for one in self._guild_roles(guild_id)}
        if text in roles or _is_id(text):
            return text
        found = [number for number, name in roles.items() if text.removeprefix("@") == name.removeprefix("@")]
        if len(found) == 1:
            return found[0]
        what = "is more than one role" if found else "is no role here"
        raise NotFound(f"{text!r} {what}; there are {listed(roles.values())}")

    def names(self) -> list[str]:
        """Return every place's name with its server."""
        return [f"{one.guild}/#{one.name}" if one.guild is not None else f"@{one.name}" for one in self._places]

    def _find(self, text: str) -> Place:
        by_id = next((one for one in self._places if one.id == text), None)
        if by_id is not None:
            return by_id
        if text.startswith("@"):
            found = [one for one in self._places if one.guild is None and one.name == text[1:]]
        else:
            guild, slash, name = text.rpartition("/#")
            name = name if slash else text.removeprefix("#")
            found = [one for one in self._places if one.guild is not None and one.name == name]
            found = [one for one in found if not slash or one.guild == guild]
        if len(found) == 1:
            return found[0]
        if found:
            where = listed(f"{one.guild}/#{one.name} ({one.id})" for one in found)
            raise NotFound(f"{text!r} is more than one place: {where}")
        raise NotFound(f"{self.world['user']['username']} sees no {text!r}; there are {listed(self.names())}")

    def _users(self) -> Iterable[Json]:
        for guild in self.world["guilds"]:
            for member in guild["members"]:
                yield member["user"] | ({"nick": member["nick"]} if member.get("nick") else {})
        for channel in self.world["private_channels"]:
            yield from channel["recipients"]
        yield self.world["user"]

    def _guild_roles(self, guild_id: str | None) -> Iterable[Json]:
        for guild in self.world["guilds"]:
            if guild["id"] == guild_id:
                yield from guild["roles"]


def matches(user: Json, wanted: str) -> bool:
    """Tell whether a user is meant by an id or name."""
    return wanted == user["id"] or wanted.casefold() in {name.casefold() for name in _names(user)}


def _names(user: Json) -> list[str]:
    return [name for name in (user.get("nick"), user.get("global_name"), user["username"]) if name]


def _text(wanted: object) -> str:
    if isinstance(wanted, str):
        return wanted
    if isinstance(wanted, int):
        return str(wanted)
    number = wanted.get("id") if isinstance(wanted, dict) else getattr(wanted, "id", None)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if isinstance(number, str):
        return number
    raise NotFound(f"{wanted!r} names nothing; give an id, a name or what the driver returned")


def _is_id(text: str) -> bool:
    return text.isdigit() and len(text) >= _SHORTEST_ID
