"""What one person can see: servers, channels, messages, commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.commands import visible
from sandbox.errors import missing_access, unknown
from sandbox.events import can_see
from sandbox.history import history
from sandbox.payloads.channels import channel_payload
from sandbox.payloads.commands import command_payload
from sandbox.payloads.guilds import event_payload, guild_payload
from sandbox.payloads.messages import message_payload
from sandbox.payloads.people import member_payload, user_payload
from sandbox.permissions import P, channel_permissions, guild_permissions
from sandbox.pins import pinned as pins

if TYPE_CHECKING:
    from sandbox.model import Channel, Guild, Json, Message
    from sandbox.server import Server
    from sandbox.world import World


def everybody(server: Server) -> Json:
    """Return all people with their servers, and all applications with whether their bot is online."""
    world = server.world
    return {
        "people": [
            user_payload(user) | {"guild_ids": [str(guild.id) for guild in world.guilds_of(user.id)]}
            for user in world.users.values()
            if not user.bot
        ],
        "applications": [
            {
                "id": str(app.id),
                "name": app.name,
                "user": user_payload(world.users[app.user_id]),
                "online": server.gateway.online(app.user_id),
            }
            for app in world.applications.values()
        ],
    }


def person_world(world: World, user_id: int) -> Json:
    """Return the servers and direct messages of a person."""
    return {
        "user": user_payload(world.users[user_id]),
        "guilds": [person_guild(world, guild, user_id) for guild in world.guilds_of(user_id)],
        "private_channels": [
            person_channel(world, channel, user_id)
            for channel in world.channels.values()
            if channel.guild_id is None and user_id in channel.recipients
        ],
    }


def person_guild(world: World, guild: Guild, user_id: int) -> Json:
    """Return a server cut to what a person sees of it."""
    shown = [
        (channel, bits)
        for channel in world.guild_channels[guild.id].values()
        if (bits := channel_permissions(world, channel, user_id)) & P.VIEW_CHANNEL
    ]
    return {
        **guild_payload(world, guild),
        "member_count": len(world.members[guild.id]),
        "my_permissions": str(guild_permissions(world, guild.id, user_id)),
        "members": [member_payload(world, member) for member in world.members[guild.id].values()],
        "channels": [person_channel(world, one, user_id, bits) for one, bits in shown if one.thread is None],
        "threads": [person_channel(world, one, user_id, bits) for one, bits in shown if one.thread is not None],
        "guild_scheduled_events": [
            event_payload(world, event)
            for event in world.events.values()
            if event.guild_id == guild.id and can_see(world, event, user_id)
        ],
    }


def person_channel(world: World, channel: Channel, user_id: int, bits: int | None = None) -> Json:
    """Return a channel with what the person may do there."""
    if bits is None:
        bits = channel_permissions(world, channel, user_id)
    return channel_payload(world, channel, viewer=user_id) | {"my_permissions": str(bits)}


def seen_channel(world: World, channel_id: int, user_id: int) -> tuple[Channel, int]:
    """Return a channel and the person's bits there: 10003 when there is none, 50001 when it is out of sight."""
    channel = world.channels.get(channel_id)
    if channel is None:
        raise unknown("channel")
    bits = channel_permissions(world, channel, user_id)
    if not bits & P.VIEW_CHANNEL:
        raise missing_access()
    return channel, bits


def messages(
    world: World, channel_id: int, user_id: int, *, limit: int = 50, before: int | None = None, after: int | None = None
) -> list[Json]:
    """Return messages newest first, the person's own ephemeral ones among them."""
    _, bits = seen_channel(world, channel_id, user_id)
    if not bits & P.READ_MESSAGE_HISTORY:
        return []
    found = history(world, channel_id, limit=limit, before=before, after=after, viewer=user_id)
    return [person_message(world, message, user_id) for message in found]


def pinned(world: World, channel_id: int, user_id: int) -> list[Json]:
    """Return the pinned messages of a channel, last pinned first."""
    _, bits = seen_channel(world, channel_id, user_id)
    if not bits & P.READ_MESSAGE_HISTORY:
        return []
    return [person_message(world, message, user_id) for message in pins(world, channel_id)]


def usable_commands(server: Server, channel_id: int, user_id: int) -> list[Json]:
    """Return the commands of every kind that a person may use in a channel."""
    channel, bits = seen_channel(server.world, channel_id, user_id)
    if not bits & P.USE_APPLICATION_COMMANDS:
        return []
    return [command_payload(command) for command in visible(server, channel, user_id)]


def person_message(world: World, message: Message, user_id: int) -> Json:
    """Return a message as a person sees it, with guild_id as events have it."""
    payload = message_payload(world, message, viewer=user_id)
    if message.guild_id is not None:
        payload["guild_id"] = str(message.guild_id)
    return payload
