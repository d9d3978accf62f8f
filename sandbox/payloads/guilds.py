"""Guilds as Discord's JSON: as REST returns them and as GUILD_CREATE carries them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.payloads.base import iso, sid
from sandbox.payloads.channels import channel_payload
from sandbox.payloads.people import member_payload, role_payload, user_payload

if TYPE_CHECKING:
    from sandbox.model import Emoji, Guild, Json, ScheduledEvent
    from sandbox.world import World


def guild_payload(world: World, guild: Guild) -> Json:
    """Return a guild object as GET /guilds/{id} does."""
    return {
        "id": str(guild.id),
        "name": guild.name,
        "icon": guild.icon,
        "description": guild.description,
        "home_header": None,
        "splash": None,
        "discovery_splash": None,
        "features": guild.features,
        "banner": None,
        "owner_id": str(guild.owner_id),
        "application_id": None,
        "region": "deprecated",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": sid(guild.system_channel_id),
        "system_channel_flags": 0,
        "widget_enabled": False,
        "widget_channel_id": None,
        "verification_level": guild.verification_level,
        "roles": [role_payload(role) for role in world.guild_roles[guild.id].values()],
        "default_message_notifications": 1,
        "mfa_level": 0,
        "explicit_content_filter": 2,
        "max_presences": None,
        "max_members": guild.max_members,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "vanity_url_code": None,
        "premium_tier": guild.premium_tier,
        "premium_subscription_count": 0,
        "preferred_locale": guild.preferred_locale,
        "rules_channel_id": sid(guild.rules_channel_id),
        "safety_alerts_channel_id": None,
        "public_updates_channel_id": None,
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "nsfw_level": guild.nsfw_level,
        "emojis": [emoji_payload(world, emoji) for emoji in world.emojis[guild.id].values()],
        "stickers": [],
        "incidents_data": None,
        "inventory_settings": None,
        "embed_enabled": False,
        "embed_channel_id": None,
    }


def guild_create(world: World, guild: Guild, viewer: int, *, all_members: bool) -> Json:
    """Return GUILD_CREATE for the bot `viewer`; without the members intent only its own member is in it."""
    members = world.members[guild.id]
    chosen = members.values() if all_members else [members[viewer]]
    channels = world.guild_channels[guild.id].values()
    return {
        **guild_payload(world, guild),
        "joined_at": iso(members[viewer].joined_at),
        "large": len(members) > 250,  # noqa: PLR2004 - Discord's large_threshold at its most
        "unavailable": False,
        "member_count": len(members),
        "voice_states": [],
        "members": [member_payload(world, member) for member in chosen],
        "channels": [channel_payload(world, channel) for channel in channels if channel.thread is None],
        "threads": [
            channel_payload(world, channel, viewer=viewer)
            for channel in channels
            if channel.thread is not None and not channel.thread.archived
        ],
        "presences": [],
        "stage_instances": [],
        "soundboard_sounds": [],
        "guild_scheduled_events": [
            event_payload(world, event) for event in world.events.values() if event.guild_id == guild.id
        ],
    }


def emoji_payload(world: World, emoji: Emoji) -> Json:
    """Return a custom emoji object."""
    payload: Json = {
        "id": str(emoji.id),
        "name": emoji.name,
        "roles": [],
        "require_colons": True,
        "managed": False,
        "animated": emoji.animated,
        "available": True,
    }
    if emoji.user_id is not None:
        payload["user"] = user_payload(world.users[emoji.user_id])
    return payload


def event_payload(world: World, event: ScheduledEvent, *, with_count: bool = False) -> Json:
    """Return a guild scheduled event object."""
    payload: Json = {
        "id": str(event.id),
        "guild_id": str(event.guild_id),
        "channel_id": sid(event.channel_id),
        "creator_id": str(event.creator_id),
        "name": event.name,
        "description": event.description,
        "scheduled_start_time": iso(event.starts_at),
        "scheduled_end_time": iso(event.ends_at),
        "privacy_level": 2,
        "status": event.status,
        "entity_type": event.entity_type,
        "entity_id": None,
        "entity_metadata": {"location": event.location} if event.location is not None else None,
        "image": event.image,
        "recurrence_rule": None,
        "guild_scheduled_event_exceptions": [],
        "creator": user_payload(world.users[event.creator_id]),
    }
    if with_count:
        payload["user_count"] = len(event.users)
    return payload
