"""Pinned messages: up to 250 a channel, told by a message of the server's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.errors import ApiError, missing_access, missing_permissions
from sandbox.messages import announce, post
from sandbox.model import Message
from sandbox.payloads.base import iso
from sandbox.permissions import P, channel_permissions
from sandbox.sending import WRITTEN, require_awake

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.model import Channel, Json
    from sandbox.server import Server
    from sandbox.world import World

MAX_PINS = 250
PIN_NOTE, POLL_RESULT = 6, 46


def pin(server: Server, channel: Channel, message: Message, user_id: int) -> None:
    """Pin a message (needs Pin Messages); one that is pinned stays so."""
    world = server.world
    _require(world, channel, user_id)
    if message.type not in (*WRITTEN, POLL_RESULT):
        raise ApiError(403, 50021, "Cannot execute action on a system message")
    if message.pinned_at is not None:
        return
    if len(pinned(world, channel.id)) >= MAX_PINS:
        raise ApiError(400, 30003, f"Maximum number of pins reached for the channel ({MAX_PINS})")
    message.pinned_at = channel.last_pin_at = world.now()
    announce(server, message)
    _tell(world, channel)
    reference: Json = {"type": 0, "channel_id": str(channel.id), "message_id": str(message.id)}
    if channel.guild_id is not None:
        reference["guild_id"] = str(channel.guild_id)
    note = Message(
        id=world.next_id(),
        channel_id=channel.id,
        guild_id=channel.guild_id,
        author_id=user_id,
        type=PIN_NOTE,
        reference=reference,
    )
    post(server, channel, note)


def unpin(server: Server, channel: Channel, message: Message, user_id: int) -> None:
    """Unpin a message (needs Pin Messages)."""
    _require(server.world, channel, user_id)
    if message.pinned_at is None:
        return
    message.pinned_at = None
    announce(server, message)
    _tell(server.world, channel)


def pinned(world: World, channel_id: int, *, before: datetime | None = None) -> list[Message]:
    """Return the pinned messages of a channel, those pinned last first, those pinned before a moment only."""
    found = [
        (message.pinned_at, message)
        for message in world.messages.get(channel_id, {}).values()
        if message.pinned_at is not None and message.ephemeral_to is None
    ]
    found.sort(key=lambda pair: (pair[0], pair[1].id), reverse=True)
    return [message for at, message in found if before is None or at < before]


def _require(world: World, channel: Channel, user_id: int) -> None:
    bits = channel_permissions(world, channel, user_id)
    if not bits & P.VIEW_CHANNEL:
        raise missing_access()
    if not bits & P.PIN_MESSAGES:
        raise missing_permissions()
    require_awake(channel)


def _tell(world: World, channel: Channel) -> None:
    world.save(channel)
    data: Json = {"channel_id": str(channel.id), "last_pin_timestamp": iso(channel.last_pin_at)}
    if channel.guild_id is not None:
        data["guild_id"] = str(channel.guild_id)
    world.emit("CHANNEL_PINS_UPDATE", data, guild_id=channel.guild_id, channel_id=channel.id)
