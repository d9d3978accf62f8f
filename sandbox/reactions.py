"""Reactions: added, taken back, cleared, and who gave them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.emoji import parse_emoji
from sandbox.errors import ApiError, missing_access, missing_permissions, unknown
from sandbox.messages import emit
from sandbox.model import Reaction
from sandbox.payloads.people import member_payload
from sandbox.permissions import P, channel_permissions, require_channel
from sandbox.sending import require_awake, require_history

if TYPE_CHECKING:
    from sandbox.model import Channel, Json, Message
    from sandbox.server import Server

MAX_KINDS = 20


def react(server: Server, message: Message, user_id: int, emoji: str) -> None:
    """Add someone's reaction (`👍` or `name:id`); one that is there already stays as it is.

    Only an emoji that nobody has used yet needs Add Reactions.
    """
    world = server.world
    channel, bits = _place(server, message, user_id)
    require_history(bits)
    partial = parse_emoji(world, emoji)
    reaction = find(message, partial)
    if reaction is None:
        if not bits & P.ADD_REACTIONS:
            raise missing_permissions()
        _require_usable(server, channel, partial, user_id, bits)
        if len(message.reactions) >= MAX_KINDS:
            raise ApiError(400, 30010, f"Maximum number of reactions reached ({MAX_KINDS})")
        reaction = Reaction(emoji_name=partial["name"], emoji_id=int(partial["id"]) if partial["id"] else None)
        message.reactions.append(reaction)
    if user_id in reaction.users:
        return
    reaction.users.append(user_id)
    world.save(message)
    data = _event(message, partial) | {
        "user_id": str(user_id),
        "burst": False,
        "type": 0,
        "message_author_id": str(message.author_id),
    }
    if message.guild_id is not None and user_id in world.members[message.guild_id]:
        data["member"] = member_payload(world, world.members[message.guild_id][user_id])
    emit(server, message, "MESSAGE_REACTION_ADD", data)


def unreact(server: Server, message: Message, user_id: int, emoji: str, *, by: int | None = None) -> None:
    """Take a reaction back; `by` someone else needs Manage Messages. 10014 where nobody reacted so."""
    world = server.world
    _, bits = _place(server, message, user_id if by is None else by)
    if by is not None and by != user_id and not bits & P.MANAGE_MESSAGES:
        raise missing_permissions()
    partial = parse_emoji(world, emoji)
    reaction = find(message, partial)
    if reaction is None:
        raise unknown("emoji")
    if user_id not in reaction.users:
        return
    reaction.users.remove(user_id)
    if not reaction.users:
        message.reactions.remove(reaction)
    world.save(message)
    data = _event(message, partial) | {"user_id": str(user_id), "burst": False, "type": 0}
    emit(server, message, "MESSAGE_REACTION_REMOVE", data)


def clear(server: Server, message: Message, by: int, emoji: str | None = None) -> None:
    """Remove all reactions, or all of one emoji; needs Manage Messages."""
    world = server.world
    channel, bits = _place(server, message, by)
    if channel.guild_id is None:
        raise ApiError(403, 50003, "Cannot execute action on a DM channel")
    if not bits & P.MANAGE_MESSAGES:
        raise missing_permissions()
    if emoji is None:
        message.reactions.clear()
        world.save(message)
        emit(server, message, "MESSAGE_REACTION_REMOVE_ALL", _event(message, None))
        return
    partial = parse_emoji(world, emoji)
    reaction = find(message, partial)
    if reaction is None:
        raise unknown("emoji")
    message.reactions.remove(reaction)
    world.save(message)
    emit(server, message, "MESSAGE_REACTION_REMOVE_EMOJI", _event(message, partial))


def find(message: Message, partial: Json) -> Reaction | None:
    """Return the reaction with an emoji: by id for custom ones, by name for the others."""
    wanted = int(partial["id"]) if partial["id"] else None
    for reaction in message.reactions:
        if reaction.emoji_id == wanted and (wanted is not None or reaction.emoji_name == partial["name"]):
            return reaction
    return None


def _place(server: Server, message: Message, user_id: int) -> tuple[Channel, int]:
    channel = server.world.channels[message.channel_id]
    bits = channel_permissions(server.world, channel, user_id)
    if not bits & P.VIEW_CHANNEL:
        raise missing_access()
    require_awake(channel)
    return channel, bits


def _require_usable(server: Server, channel: Channel, partial: Json, user_id: int, bits: int) -> None:
    if partial["id"] is None or bits & P.USE_EXTERNAL_EMOJIS:
        return
    if channel.guild_id is None or int(partial["id"]) not in server.world.emojis[channel.guild_id]:
        require_channel(server.world, channel, user_id, P.USE_EXTERNAL_EMOJIS)


def _event(message: Message, emoji: Json | None) -> Json:
    data: Json = {"channel_id": str(message.channel_id), "message_id": str(message.id)}
    if emoji is not None:
        data["emoji"] = emoji
    if message.guild_id is not None:
        data["guild_id"] = str(message.guild_id)
    return data
