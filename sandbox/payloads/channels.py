"""Channels, threads and forum tags as Discord's JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.payloads.base import iso, sid
from sandbox.payloads.people import user_payload

if TYPE_CHECKING:
    from sandbox.model import Channel, ForumTag, Json, Thread
    from sandbox.world import World

TEXT, DM, VOICE, CATEGORY, ANNOUNCEMENT = 0, 1, 2, 4, 5
ANNOUNCEMENT_THREAD, PUBLIC_THREAD, PRIVATE_THREAD = 10, 11, 12
STAGE, FORUM, MEDIA = 13, 15, 16
THREADS = (ANNOUNCEMENT_THREAD, PUBLIC_THREAD, PRIVATE_THREAD)


def channel_payload(world: World, channel: Channel, *, viewer: int | None = None) -> Json:
    """Return a channel object of any type; a thread's `member` is the viewer's, if the viewer joined."""
    if channel.guild_id is None:
        return {
            "id": str(channel.id),
            "type": channel.type,
            "last_message_id": sid(channel.last_message_id),
            "last_pin_timestamp": iso(channel.last_pin_at),
            "flags": channel.flags,
            "recipients": [user_payload(world.users[user]) for user in channel.recipients if user != viewer],
        }
    if channel.thread is not None:
        return _thread(channel, channel.thread, viewer)
    payload: Json = {
        "id": str(channel.id),
        "type": channel.type,
        "guild_id": str(channel.guild_id),
        "name": channel.name,
        "position": channel.position,
        "parent_id": sid(channel.parent_id),
        "permission_overwrites": [
            {"id": str(o.id), "type": o.type, "allow": str(o.allow), "deny": str(o.deny)} for o in channel.overwrites
        ],
        "nsfw": channel.nsfw,
        "flags": channel.flags,
    }
    if channel.type in (TEXT, ANNOUNCEMENT, FORUM, MEDIA, VOICE, STAGE):
        payload |= {
            "topic": channel.topic,
            "last_message_id": sid(channel.last_message_id),
            "last_pin_timestamp": iso(channel.last_pin_at),
            "rate_limit_per_user": channel.rate_limit_per_user,
        }
        if channel.default_auto_archive_duration is not None:
            payload["default_auto_archive_duration"] = channel.default_auto_archive_duration
        payload["default_thread_rate_limit_per_user"] = channel.default_thread_rate_limit_per_user
    if channel.type in (VOICE, STAGE):
        payload |= {"bitrate": channel.bitrate, "user_limit": channel.user_limit, "rtc_region": None}
    if channel.type in (FORUM, MEDIA):
        payload |= {
            "available_tags": [tag_payload(tag) for tag in channel.available_tags],
            "default_reaction_emoji": channel.default_reaction_emoji,
            "default_sort_order": channel.default_sort_order,
            "default_forum_layout": channel.default_forum_layout,
            "default_tag_setting": channel.default_tag_setting,
        }
    return payload


def tag_payload(tag: ForumTag) -> Json:
    """Return a forum tag object."""
    return {
        "id": str(tag.id),
        "name": tag.name,
        "moderated": tag.moderated,
        "emoji_id": sid(tag.emoji_id),
        "emoji_name": tag.emoji_name,
    }


def thread_member_payload(channel: Channel, user_id: int) -> Json:
    """Return the thread member object of one who has joined."""
    joined_at = channel.thread.members[user_id] if channel.thread is not None else None
    return {
        "id": str(channel.id),
        "user_id": str(user_id),
        "join_timestamp": iso(joined_at),
        "flags": 0,
    }


def _thread(channel: Channel, thread: Thread, viewer: int | None) -> Json:
    metadata: Json = {
        "archived": thread.archived,
        "auto_archive_duration": thread.auto_archive_duration,
        "archive_timestamp": iso(thread.archive_timestamp),
        "locked": thread.locked,
        "create_timestamp": iso(thread.created_at),
    }
    if channel.type == PRIVATE_THREAD:
        metadata["invitable"] = thread.invitable
    payload: Json = {
        "id": str(channel.id),
        "type": channel.type,
        "guild_id": sid(channel.guild_id),
        "parent_id": sid(channel.parent_id),
        "owner_id": str(thread.owner_id),
        "name": channel.name,
        "last_message_id": sid(channel.last_message_id),
        "last_pin_timestamp": iso(channel.last_pin_at),
        "message_count": thread.message_count,
        "member_count": min(len(thread.members), 50),
        "total_message_sent": thread.total_message_sent,
        "rate_limit_per_user": channel.rate_limit_per_user,
        "flags": channel.flags,
        "thread_metadata": metadata,
        "applied_tags": [str(tag) for tag in thread.applied_tags],
    }
    if viewer is not None and viewer in thread.members:
        payload["member"] = thread_member_payload(channel, viewer)
    return payload
