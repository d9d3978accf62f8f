"""What happens to messages: sent, edited, deleted. Reactions, pins and polls have modules of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.model import Message
from sandbox.payloads.messages import message_event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.model import Channel, Json
    from sandbox.rest.call import Upload
    from sandbox.server import Server

LOADING, EPHEMERAL = 1 << 7, 1 << 6


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes: an account, or a webhook with the name and face it uses; `bits` are its permissions there."""

    user_id: int
    application_id: int | None = None
    webhook_id: int | None = None
    name: str | None = None
    avatar: str | None = None
    bits: int = 0


def create_message(
    server: Server,
    channel: Channel,
    sender: Sender,
    body: Json,
    files: Sequence[Upload] = (),
    *,
    type: int = 0,  # noqa: A002 - Discord's own name
    ephemeral_to: int | None = None,
    interaction: Json | None = None,
    reference: Json | None = None,
    loading: bool = False,
) -> Message:
    """Check a message as Discord does, store it and tell of it; raises ApiError.

    `body` is Discord's message create body, `files` its uploads. `reference` is a message_reference that the server
    itself sets (a body's own is checked). `loading` makes the empty "is thinking" message of a deferred answer, which
    the first `edit_message` fills. An enforced nonce that was used in the last minutes returns the earlier message.
    """
    del files
    world = server.world
    message = Message(
        id=world.next_id(),
        channel_id=channel.id,
        guild_id=channel.guild_id,
        author_id=sender.user_id,
        type=type,
        content=body.get("content") or "",
        flags=(LOADING if loading else 0) | (EPHEMERAL if ephemeral_to is not None else 0) | (body.get("flags") or 0),
        embeds=body.get("embeds") or [],
        components=body.get("components") or [],
        application_id=sender.application_id,
        webhook_id=sender.webhook_id,
        author_name=sender.name,
        author_avatar=sender.avatar,
        interaction=interaction,
        reference=reference,
        ephemeral_to=ephemeral_to,
    )
    post(server, channel, message)
    return message


def edit_message(
    server: Server, message: Message, sender: Sender, body: Json, files: Sequence[Upload] = ()
) -> Message:
    """Check and apply Discord's message edit body, keeping what it does not name; raises ApiError."""
    del sender, files
    for name in ("content", "embeds", "components"):
        if name in body:
            setattr(message, name, body[name] or type(getattr(message, name))())
    message.flags &= ~LOADING
    announce(server, message)
    return message


def delete_message(server: Server, message: Message) -> None:
    """Delete a message and tell of it; who may is for the caller to decide."""
    world = server.world
    world.discard(message)
    data: Json = {"id": str(message.id), "channel_id": str(message.channel_id)}
    if message.guild_id is not None:
        data["guild_id"] = str(message.guild_id)
    _emit(server, message, "MESSAGE_DELETE", data)


def post(server: Server, channel: Channel, message: Message) -> None:
    """Store a ready message (system messages come this way) and send MESSAGE_CREATE."""
    channel.last_message_id = message.id
    server.world.save(message, channel)
    _emit(server, message, "MESSAGE_CREATE", message_event(server.world, message))


def announce(server: Server, message: Message) -> None:
    """Store a changed message and send MESSAGE_UPDATE."""
    server.world.save(message)
    _emit(server, message, "MESSAGE_UPDATE", message_event(server.world, message))


def _emit(server: Server, message: Message, name: str, data: Json) -> None:
    if message.ephemeral_to is not None:
        server.world.emit(name, data, guild_id=message.guild_id, users=frozenset({message.ephemeral_to}))
    else:
        server.world.emit(name, data, guild_id=message.guild_id, channel_id=message.channel_id)
