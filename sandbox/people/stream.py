"""Events as people receive them: only what each can see, and a channel appears or goes when a right changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.payloads.messages import message_payload
from sandbox.people.views import person_channel, person_guild
from sandbox.permissions import P, channel_permissions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.model import Json
    from sandbox.world import Event, World

_CHANNEL = frozenset({"CHANNEL_CREATE", "CHANNEL_UPDATE", "CHANNEL_DELETE"})
_THREAD = frozenset({"THREAD_CREATE", "THREAD_UPDATE", "THREAD_DELETE"})
_RIGHTS = frozenset(
    {
        "GUILD_UPDATE",
        "GUILD_ROLE_CREATE",
        "GUILD_ROLE_UPDATE",
        "GUILD_ROLE_DELETE",
        "GUILD_MEMBER_UPDATE",
        "THREAD_MEMBER_UPDATE",
        "THREAD_MEMBERS_UPDATE",
    }
)


class Stream:
    """The events of one person from now on; each goes to `push(name, data)`, which must not block."""

    def __init__(self, world: World, user_id: int, push: Callable[[str, Json], None]) -> None:
        self.user_id = user_id
        self.push = push
        self._world = world
        self._guilds: set[int] = set()
        self._bits: dict[int, int] = {}
        for guild in world.guilds_of(user_id):
            self._guilds.add(guild.id)
            self._bits |= dict(self._channels(guild.id))
        for channel in world.channels.values():
            if channel.guild_id is None and user_id in channel.recipients:
                self._bits[channel.id] = channel_permissions(world, channel, user_id)

    def take(self, event: Event) -> None:
        """Pass an event on as far as this person can see it."""
        name = event.name
        if name in _CHANNEL or name in _THREAD:
            self._channel_event(event)
        elif name == "GUILD_DELETE":
            if event.guild_id in self._guilds and (event.users is None or self.user_id in event.users):
                self._leave(event.guild_id)
        elif event.users is not None:
            if self.user_id in event.users:
                self.push(name, self._own(name, event.data))
        elif event.channel_id is not None:
            if event.channel_id in self._bits:
                self.push(name, self._own(name, event.data))
        elif event.guild_id is not None:
            self._guild_event(event, event.guild_id)
        else:
            self.push(name, event.data)
        if name in _RIGHTS and event.guild_id in self._guilds:
            self._refresh(event.guild_id)

    def _guild_event(self, event: Event, guild_id: int) -> None:
        mine = event.data.get("user", {}).get("id") == str(self.user_id)
        if event.name == "GUILD_MEMBER_ADD" and mine:
            self._join(guild_id)
        elif guild_id in self._guilds:
            if event.name == "GUILD_MEMBER_REMOVE" and mine:
                self._leave(guild_id)
            else:
                self.push(event.name, event.data)

    def _channel_event(self, event: Event) -> None:
        number = int(event.data["id"])
        channel = self._world.channels.get(number)
        if event.users is not None and self.user_id not in event.users:
            return
        bits = channel_permissions(self._world, channel, self.user_id) if channel is not None else 0
        seen, sees = number in self._bits, bool(bits & P.VIEW_CHANNEL)
        family = "THREAD" if event.name in _THREAD else "CHANNEL"
        if sees and not event.name.endswith("DELETE") and channel is not None:
            self._bits[number] = bits
            self.push(event.name, {**event.data, **person_channel(self._world, channel, self.user_id, bits)})
        elif seen:
            del self._bits[number]
            self.push(f"{family}_DELETE", _gone(event.data, event.guild_id))
        if event.guild_id in self._guilds and family == "CHANNEL":
            self._refresh(event.guild_id)

    def _refresh(self, guild_id: int) -> None:
        now = dict(self._channels(guild_id))
        for number, bits in now.items():
            before = self._bits.get(number)
            if before == bits:
                continue
            channel = self._world.channels[number]
            family = "CHANNEL" if channel.thread is None else "THREAD"
            self._bits[number] = bits
            change = "CREATE" if before is None else "UPDATE"
            self.push(f"{family}_{change}", person_channel(self._world, channel, self.user_id, bits))
        for number in [number for number in self._bits if number not in now]:
            channel = self._world.channels.get(number)
            if channel is not None and channel.guild_id == guild_id:
                del self._bits[number]
                family = "CHANNEL" if channel.thread is None else "THREAD"
                self.push(f"{family}_DELETE", _gone({"id": str(number), "type": channel.type}, guild_id))

    def _join(self, guild_id: int) -> None:
        self._guilds.add(guild_id)
        self._bits |= dict(self._channels(guild_id))
        self.push("GUILD_CREATE", person_guild(self._world, self._world.guilds[guild_id], self.user_id))

    def _leave(self, guild_id: int) -> None:
        self._guilds.discard(guild_id)
        kept = (self._world.channels.get(number) for number in self._bits)
        self._bits = {one.id: self._bits[one.id] for one in kept if one is not None and one.guild_id != guild_id}
        self.push("GUILD_DELETE", {"id": str(guild_id)})

    def _channels(self, guild_id: int) -> Iterator[tuple[int, int]]:
        for channel in self._world.guild_channels[guild_id].values():
            bits = channel_permissions(self._world, channel, self.user_id)
            if bits & P.VIEW_CHANNEL:
                yield channel.id, bits

    def _own(self, name: str, data: Json) -> Json:
        """Say `me` and `me_voted` as this person's, which the event in full leaves open."""
        if name not in {"MESSAGE_CREATE", "MESSAGE_UPDATE"} or not ("reactions" in data or "poll" in data):
            return data
        message = self._world.messages[int(data["channel_id"])].get(int(data["id"]))
        if message is None:
            return data
        return {**data, **message_payload(self._world, message, viewer=self.user_id)}


def _gone(data: Json, guild_id: int | None) -> Json:
    payload: Json = {"id": data["id"], "type": data.get("type", 0), "parent_id": data.get("parent_id")}
    if guild_id is not None:
        payload["guild_id"] = str(guild_id)
    return payload
