"""Audit log lines, bans and invites as Discord's JSON."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.payloads.base import iso, sid
from sandbox.payloads.people import user_payload

if TYPE_CHECKING:
    from sandbox.model import AuditEntry, Ban, Invite, Json
    from sandbox.world import World


def audit_entry_payload(entry: AuditEntry) -> Json:
    """Return an audit log entry object."""
    payload: Json = {
        "id": str(entry.id),
        "user_id": str(entry.user_id),
        "target_id": sid(entry.target_id),
        "action_type": entry.action,
        "changes": entry.changes,
    }
    if entry.options is not None:
        payload["options"] = entry.options
    if entry.reason is not None:
        payload["reason"] = entry.reason
    return payload


def ban_payload(world: World, ban: Ban) -> Json:
    """Return a ban object."""
    return {"user": user_payload(world.users[ban.user_id]), "reason": ban.reason}


def invite_payload(world: World, invite: Invite, *, with_use: bool = True) -> Json:
    """Return an invite object; who may manage invites also sees how often it was used."""
    guild, channel = world.guilds[invite.guild_id], world.channels[invite.channel_id]
    expires = invite.created_at + timedelta(seconds=invite.max_age) if invite.max_age else None
    payload: Json = {
        "type": 0,
        "code": invite.code,
        "inviter": user_payload(world.users[invite.inviter_id]),
        "expires_at": iso(expires),
        "flags": 0,
        "guild_id": str(guild.id),
        "guild": {
            "id": str(guild.id),
            "name": guild.name,
            "splash": None,
            "banner": None,
            "description": guild.description,
            "icon": guild.icon,
            "features": guild.features,
            "verification_level": guild.verification_level,
            "vanity_url_code": None,
            "nsfw_level": guild.nsfw_level,
            "nsfw": False,
            "premium_subscription_count": 0,
            "premium_tier": guild.premium_tier,
        },
        "channel": {"id": str(channel.id), "name": channel.name, "type": channel.type},
    }
    if with_use:
        payload |= {
            "uses": invite.uses,
            "max_uses": invite.max_uses,
            "max_age": invite.max_age,
            "temporary": invite.temporary,
            "created_at": iso(invite.created_at),
        }
    return payload
