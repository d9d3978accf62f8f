"""Guilds: their own settings, and their invites."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox import audit
from sandbox.audit import Action
from sandbox.errors import ApiError, unknown
from sandbox.model import Invite
from sandbox.payloads.audit import invite_payload
from sandbox.payloads.base import iso
from sandbox.payloads.channels import CATEGORY, TEXT
from sandbox.payloads.guilds import guild_payload
from sandbox.payloads.people import user_payload
from sandbox.permissions import P, channel_permissions, require_channel, require_guild
from sandbox.validate.commands import LOCALES
from sandbox.validate.form import Form

if TYPE_CHECKING:
    from sandbox.audit import Actor
    from sandbox.model import Channel, Guild, Json
    from sandbox.world import World

MAX_INVITES = 1_000
WEEK = 7 * 24 * 3600


def modify_guild(world: World, guild: Guild, actor: Actor, body: Json) -> Guild:
    """Change a guild's settings; paid and verified-only ones are left as they are."""
    require_guild(world, guild.id, actor.user_id, P.MANAGE_GUILD)
    form = Form(body)
    before = guild_payload(world, guild)
    name = form.text("name", 2, 100)
    description = form.text("description", 0, 300)
    level = form.choice("verification_level", (0, 1, 2, 3, 4))
    locale = form.choice("preferred_locale", tuple(sorted(LOCALES)))
    places = {field: _text_channel(world, form, guild, field) for field in ("system_channel_id", "rules_channel_id")}
    owner_id = form.snowflake("owner_id")
    form.done()
    if owner_id is not None and owner_id != guild.owner_id:
        if guild.owner_id != actor.user_id:
            raise ApiError(403, 50013, "Missing Permissions")
        guild.owner_id = owner_id
    guild.name = name or guild.name
    guild.verification_level = guild.verification_level if level is None else level
    guild.preferred_locale = locale or guild.preferred_locale
    if form.has("description"):
        guild.description = description or None
    for field, channel_id in places.items():
        if form.has(field):
            setattr(guild, field, channel_id)
    world.save(guild)
    after = guild_payload(world, guild)
    changes = audit.differences(before, after)
    if changes:
        world.emit("GUILD_UPDATE", after, guild_id=guild.id)
        audit.record(world, guild.id, actor, Action.GUILD_UPDATE, guild.id, changes=changes)
    return guild


def create_invite(world: World, channel: Channel, actor: Actor, body: Json) -> Invite:
    """Make an invitation to a channel, or return an equal one unless it is asked to be `unique`."""
    if channel.guild_id is None or channel.thread is not None or channel.type == CATEGORY:
        raise ApiError(400, 50024, "Cannot execute action on this channel type")
    require_channel(world, channel, actor.user_id, P.CREATE_INSTANT_INVITE)
    form = Form(body)
    max_age, max_uses = form.integer("max_age", 0, WEEK), form.integer("max_uses", 0, 100)
    temporary, unique = bool(form.flag("temporary")), bool(form.flag("unique"))
    form.done()
    mine = [invite for invite in world.invites.values() if invite.guild_id == channel.guild_id]
    age, uses = 86_400 if max_age is None else max_age, max_uses or 0
    for invite in mine if not unique else ():
        wanted = (channel.id, actor.user_id, age, uses, temporary)
        if wanted == (invite.channel_id, invite.inviter_id, invite.max_age, invite.max_uses, invite.temporary):
            return invite
    if len(mine) >= MAX_INVITES:
        raise ApiError(400, 30016, f"Maximum number of invites reached ({MAX_INVITES})")
    invite = Invite(
        id=world.next_id(),
        code=secrets.token_urlsafe(6),
        guild_id=channel.guild_id,
        channel_id=channel.id,
        inviter_id=actor.user_id,
        created_at=world.now(),
        max_age=age,
        max_uses=uses,
        temporary=temporary,
    )
    world.save(invite)
    event: Json = {
        "channel_id": str(channel.id),
        "guild_id": str(channel.guild_id),
        "code": invite.code,
        "created_at": iso(invite.created_at),
        "inviter": user_payload(world.users[actor.user_id]),
        "max_age": age,
        "max_uses": uses,
        "temporary": temporary,
        "uses": 0,
        "expires_at": iso(invite.created_at + timedelta(seconds=age)) if age else None,
    }
    world.emit("INVITE_CREATE", event, guild_id=channel.guild_id, channel_id=channel.id)
    audit.record(
        world, channel.guild_id, actor, Action.INVITE_CREATE, None, changes=[{"key": "code", "new_value": invite.code}]
    )
    return invite


def find_invite(world: World, code: str) -> Invite:
    """Return an invite that still holds, or raise 10006."""
    invite = world.invites.get(code)
    if invite is not None and invite.max_age and world.now() >= invite.created_at + timedelta(seconds=invite.max_age):
        world.discard(invite)
        invite = None
    if invite is None:
        raise unknown("invite")
    return invite


def delete_invite(world: World, invite: Invite, actor: Actor) -> Json:
    """Revoke an invitation: for those who manage its channel or the guild. Returns what it was."""
    channel = world.channels[invite.channel_id]
    if not channel_permissions(world, channel, actor.user_id) & P.MANAGE_CHANNELS:
        require_guild(world, invite.guild_id, actor.user_id, P.MANAGE_GUILD)
    payload = invite_payload(world, invite)
    world.discard(invite)
    event = {"channel_id": str(channel.id), "guild_id": str(invite.guild_id), "code": invite.code}
    world.emit("INVITE_DELETE", event, guild_id=invite.guild_id, channel_id=channel.id)
    audit.record(
        world, invite.guild_id, actor, Action.INVITE_DELETE, None, changes=[{"key": "code", "old_value": invite.code}]
    )
    return payload


def no_welcome_screen() -> ApiError:
    """Return 10069."""
    return ApiError(404, 10069, "Unknown Guild Welcome Screen")


def _text_channel(world: World, form: Form, guild: Guild, field: str) -> int | None:
    channel_id = form.snowflake(field)
    if channel_id is None:
        return None
    channel = world.channels.get(channel_id)
    if channel is None or channel.guild_id != guild.id or channel.type != TEXT:
        form.wrong(field, code="CHANNEL_INVALID", message="Must be a text channel of this server")
    return channel_id
