"""Discord's permission bits and how they combine (developer documentation, "Permissions")."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from sandbox.errors import missing_access, missing_permissions

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.model import Channel
    from sandbox.world import World


class P(IntEnum):
    """Permission bits by Discord's names."""

    CREATE_INSTANT_INVITE = 1 << 0
    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_AUDIT_LOG = 1 << 7
    PRIORITY_SPEAKER = 1 << 8
    STREAM = 1 << 9
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS_MESSAGES = 1 << 12
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    VIEW_GUILD_INSIGHTS = 1 << 19
    CONNECT = 1 << 20
    SPEAK = 1 << 21
    MUTE_MEMBERS = 1 << 22
    DEAFEN_MEMBERS = 1 << 23
    MOVE_MEMBERS = 1 << 24
    USE_VAD = 1 << 25
    CHANGE_NICKNAME = 1 << 26
    MANAGE_NICKNAMES = 1 << 27
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    MANAGE_GUILD_EXPRESSIONS = 1 << 30
    USE_APPLICATION_COMMANDS = 1 << 31
    REQUEST_TO_SPEAK = 1 << 32
    MANAGE_EVENTS = 1 << 33
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    USE_EXTERNAL_STICKERS = 1 << 37
    SEND_MESSAGES_IN_THREADS = 1 << 38
    USE_EMBEDDED_ACTIVITIES = 1 << 39
    MODERATE_MEMBERS = 1 << 40
    VIEW_CREATOR_MONETIZATION_ANALYTICS = 1 << 41
    USE_SOUNDBOARD = 1 << 42
    CREATE_GUILD_EXPRESSIONS = 1 << 43
    CREATE_EVENTS = 1 << 44
    USE_EXTERNAL_SOUNDS = 1 << 45
    SEND_VOICE_MESSAGES = 1 << 46
    SET_VOICE_CHANNEL_STATUS = 1 << 48
    SEND_POLLS = 1 << 49
    USE_EXTERNAL_APPS = 1 << 50
    PIN_MESSAGES = 1 << 51
    BYPASS_SLOWMODE = 1 << 52


ALL = sum(bit.value for bit in P)
DEFAULT_EVERYONE = int(
    P.CREATE_INSTANT_INVITE
    | P.ADD_REACTIONS
    | P.STREAM
    | P.VIEW_CHANNEL
    | P.SEND_MESSAGES
    | P.EMBED_LINKS
    | P.ATTACH_FILES
    | P.READ_MESSAGE_HISTORY
    | P.USE_EXTERNAL_EMOJIS
    | P.CONNECT
    | P.SPEAK
    | P.USE_VAD
    | P.CHANGE_NICKNAME
    | P.USE_APPLICATION_COMMANDS
    | P.CREATE_PUBLIC_THREADS
    | P.CREATE_PRIVATE_THREADS
    | P.SEND_MESSAGES_IN_THREADS
    | P.SEND_POLLS
    | P.USE_EXTERNAL_STICKERS
    | P.SEND_VOICE_MESSAGES
)
_DM = int(
    P.VIEW_CHANNEL
    | P.SEND_MESSAGES
    | P.READ_MESSAGE_HISTORY
    | P.ADD_REACTIONS
    | P.EMBED_LINKS
    | P.ATTACH_FILES
    | P.USE_EXTERNAL_EMOJIS
    | P.USE_APPLICATION_COMMANDS
    | P.SEND_POLLS
    | P.PIN_MESSAGES
)
_TIMED_OUT = int(P.VIEW_CHANNEL | P.READ_MESSAGE_HISTORY)
# what falls with Send Messages, and in a voice or stage channel with Connect
_OF_SENDING = int(P.MENTION_EVERYONE | P.SEND_TTS_MESSAGES | P.ATTACH_FILES | P.EMBED_LINKS)
_VOICE = (2, 13)
PRIVATE_THREAD = 12
_OF_CONNECTING = int(
    P.MANAGE_CHANNELS
    | P.MANAGE_ROLES
    | P.PRIORITY_SPEAKER
    | P.STREAM
    | P.SPEAK
    | P.MUTE_MEMBERS
    | P.DEAFEN_MEMBERS
    | P.MOVE_MEMBERS
    | P.USE_VAD
    | P.USE_EMBEDDED_ACTIVITIES
    | P.USE_SOUNDBOARD
    | P.USE_EXTERNAL_SOUNDS
    | P.SET_VOICE_CHANNEL_STATUS
)


def guild_permissions(world: World, guild_id: int, user_id: int, now: datetime | None = None) -> int:
    """Return a member's bits in a guild before any channel's overwrites; 0 for a stranger."""
    guild, member = world.guilds[guild_id], world.members[guild_id].get(user_id)
    if member is None:
        return 0
    if guild.owner_id == user_id:
        return ALL
    bits = world.roles[guild_id].permissions
    for role_id in member.roles:
        role = world.roles.get(role_id)
        bits |= role.permissions if role else 0
    if bits & P.ADMINISTRATOR:
        return ALL
    if member.timed_out_until and member.timed_out_until > (now or world.now()):
        bits &= _TIMED_OUT
    return bits


def channel_permissions(world: World, channel: Channel, user_id: int) -> int:
    """Return a user's bits in a channel: roles, then overwrites of @everyone, roles and the member.

    A thread uses its parent's overwrites, and a private thread is seen by its members and by Manage Threads only.
    """
    if channel.guild_id is None:
        return _DM if user_id in channel.recipients else 0
    member = world.members[channel.guild_id].get(user_id)
    if member is None:
        return 0
    bits = guild_permissions(world, channel.guild_id, user_id)
    if bits == ALL:
        return ALL
    place = channel
    if channel.thread is not None and channel.parent_id is not None:
        place = world.channels.get(channel.parent_id, channel)
    bits = _overwritten(bits, place, channel.guild_id, member.roles, user_id)
    if member.timed_out_until and member.timed_out_until > world.now():
        bits &= _TIMED_OUT
    hidden = channel.type == PRIVATE_THREAD and channel.thread is not None and user_id not in channel.thread.members
    if not bits & P.VIEW_CHANNEL or (hidden and not bits & P.MANAGE_THREADS):
        return 0
    if not bits & (P.SEND_MESSAGES if channel.thread is None else P.SEND_MESSAGES_IN_THREADS):
        bits &= ~_OF_SENDING
    if channel.type in _VOICE and not bits & P.CONNECT:
        bits &= ~_OF_CONNECTING
    return bits


def _overwritten(bits: int, place: Channel, everyone_id: int, roles: list[int], user_id: int) -> int:
    allow = deny = 0
    own = None
    for overwrite in place.overwrites:
        if overwrite.id == everyone_id:
            bits = (bits & ~overwrite.deny) | overwrite.allow
        elif overwrite.type == 0 and overwrite.id in roles:
            allow |= overwrite.allow
            deny |= overwrite.deny
        elif overwrite.type == 1 and overwrite.id == user_id:
            own = overwrite
    bits = (bits & ~deny) | allow
    return bits if own is None else (bits & ~own.deny) | own.allow


def can_view(world: World, channel: Channel, user_id: int) -> bool:
    """Tell whether a user sees a channel at all."""
    return bool(channel_permissions(world, channel, user_id) & P.VIEW_CHANNEL)


def require_channel(world: World, channel: Channel, user_id: int, *needed: P) -> int:
    """Return the user's bits in a channel, or raise 50001 (out of sight) or 50013 (a bit is missing)."""
    bits = channel_permissions(world, channel, user_id)
    if not bits & P.VIEW_CHANNEL:
        raise missing_access()
    if any(not bits & bit for bit in needed):
        raise missing_permissions()
    return bits


def require_guild(world: World, guild_id: int, user_id: int, *needed: P) -> int:
    """Return the user's bits in a guild, or raise 50001 (not a member) or 50013 (a bit is missing)."""
    if user_id not in world.members.get(guild_id, {}):
        raise missing_access()
    bits = guild_permissions(world, guild_id, user_id)
    if any(not bits & bit for bit in needed):
        raise missing_permissions()
    return bits


def top_role_position(world: World, guild_id: int, user_id: int) -> int:
    """Return the place of a member's highest role, for the rules of hierarchy; the owner stands above all."""
    if world.guilds[guild_id].owner_id == user_id:
        return 1 << 31
    member = world.members[guild_id].get(user_id)
    return max((world.roles[r].position for r in member.roles if r in world.roles), default=0) if member else 0
