"""Channels of a guild: made, changed, ordered, deleted, and their permission overwrites."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from sandbox import audit
from sandbox.access import watch_access
from sandbox.audit import Action
from sandbox.errors import ApiError, missing_permissions, unknown
from sandbox.model import Channel, Overwrite
from sandbox.payloads.channels import ANNOUNCEMENT, CATEGORY, FORUM, MEDIA, STAGE, TEXT, VOICE, channel_payload
from sandbox.permissions import P, channel_permissions, guild_permissions, require_channel, require_guild
from sandbox.validate.channels import FORUMS, read_channel, read_overwrite, read_overwrites
from sandbox.validate.form import Form, forms

if TYPE_CHECKING:
    from sandbox.audit import Actor
    from sandbox.model import Guild, Json
    from sandbox.world import World

MAX_CHANNELS = 500
CONVERSIONS = ({TEXT, ANNOUNCEMENT},)


def create_channel(world: World, guild: Guild, actor: Actor, body: Json) -> Channel:
    """Make a channel; without overwrites of its own it takes those of its category."""
    require_guild(world, guild.id, actor.user_id, P.MANAGE_CHANNELS)
    if sum(channel.thread is None for channel in world.guild_channels[guild.id].values()) >= MAX_CHANNELS:
        raise ApiError(400, 30013, f"Maximum number of guild channels reached ({MAX_CHANNELS})")
    form = Form(body)
    form.raw("name", required=True)
    kind = form.choice("type", _kinds(guild)) or TEXT
    channel = Channel(id=world.next_id(), type=kind, guild_id=guild.id, position=_last_position(world, guild, kind))
    read_channel(world, form, channel)
    overwrites = read_overwrites(world, form, channel)
    form.done()
    if overwrites is not None:
        _require_grantable(guild_permissions(world, guild.id, actor.user_id), [], overwrites)
        channel.overwrites = overwrites
    elif channel.parent_id is not None:
        channel.overwrites = copy.deepcopy(world.channels[channel.parent_id].overwrites)
    world.save(channel)
    payload = channel_payload(world, channel)
    world.emit("CHANNEL_CREATE", payload, guild_id=guild.id)
    audit.record(
        world, guild.id, actor, Action.CHANNEL_CREATE, channel.id, changes=audit.differences({}, _for_audit(payload))
    )
    return channel


def modify_channel(world: World, channel: Channel, actor: Actor, body: Json) -> Channel:
    """Change a channel that is no thread; overwrites need Manage Roles besides Manage Channels."""
    guild = world.guilds[channel.guild_id or 0]
    held = require_channel(world, channel, actor.user_id, P.MANAGE_CHANNELS)
    before = channel_payload(world, channel)
    form = Form(body)
    draft = copy.deepcopy(channel)
    if form.has("type"):
        kind = form.choice("type", _kinds(guild)) or channel.type
        if kind != channel.type and not any({kind, channel.type} <= group for group in CONVERSIONS):
            form.wrong("type", code="CHANNEL_TYPE_INVALID", message="Channels of this type cannot be converted so")
        draft.type = kind
    read_channel(world, form, draft)
    overwrites = read_overwrites(world, form, draft)
    form.done()
    if overwrites is not None and overwrites != channel.overwrites:
        if not held & P.MANAGE_ROLES:
            raise missing_permissions()
        _require_grantable(_grantable(world, channel, actor), channel.overwrites, overwrites)
        draft.overwrites = overwrites
    with watch_access(world, guild.id, changed=draft.overwrites != channel.overwrites):
        _take_over(channel, draft)
        world.save(channel)
        tell_channel(world, channel)
    after = channel_payload(world, channel)
    changes = audit.differences(_for_audit(before), _for_audit(after))
    if changes:
        audit.record(world, guild.id, actor, Action.CHANNEL_UPDATE, channel.id, changes=changes)
    return channel


def delete_channel(world: World, channel: Channel, actor: Actor) -> None:
    """Delete a channel with its threads and webhooks; a deleted category leaves its channels behind without one."""
    guild = world.guilds[channel.guild_id or 0]
    require_channel(world, channel, actor.user_id, P.MANAGE_CHANNELS)
    if "COMMUNITY" in guild.features and channel.id == guild.rules_channel_id:
        raise ApiError(400, 50074, "Cannot delete a channel required for Community guilds")
    children = [other for other in world.guild_channels[guild.id].values() if other.parent_id == channel.id]
    for child in children:
        if child.thread is not None:
            world.discard(child)
        else:
            child.parent_id = None
            world.save(child)
            tell_channel(world, child)
    for webhook in [webhook for webhook in world.webhooks.values() if webhook.channel_id == channel.id]:
        world.discard(webhook)
    for invite in [invite for invite in world.invites.values() if invite.channel_id == channel.id]:
        world.discard(invite)
    if guild.system_channel_id == channel.id:
        guild.system_channel_id = None
        world.save(guild)
    payload = channel_payload(world, channel)
    world.emit("CHANNEL_DELETE", payload, guild_id=guild.id)
    world.discard(channel)
    audit.record(
        world, guild.id, actor, Action.CHANNEL_DELETE, channel.id, changes=audit.differences(_for_audit(payload), {})
    )


def move_channels(world: World, guild: Guild, actor: Actor, body: object) -> None:
    """Give channels new positions and categories."""
    require_guild(world, guild.id, actor.user_id, P.MANAGE_CHANNELS)
    root, parts = forms(body, MAX_CHANNELS)
    drafts: list[tuple[Channel, Channel]] = []
    for part in parts:
        channel_id = part.snowflake("id", required=True)
        if channel_id is None:
            continue
        channel = world.guild_channels[guild.id].get(channel_id)
        if channel is None or channel.thread is not None:
            raise unknown("channel")
        draft = copy.deepcopy(channel)
        moved = {name: value for name, value in part.body.items() if name in {"position", "parent_id"}}
        read_channel(world, Form(moved, *part.path, errors=part.errors), draft)
        if part.flag("lock_permissions") and draft.parent_id is not None:
            draft.overwrites = copy.deepcopy(world.channels[draft.parent_id].overwrites)
        drafts.append((channel, draft))
    root.done()
    with watch_access(world, guild.id, changed=any(draft.overwrites != old.overwrites for old, draft in drafts)):
        for channel, draft in drafts:
            if channel_payload(world, draft) != channel_payload(world, channel):
                _take_over(channel, draft)
                world.save(channel)
                tell_channel(world, channel)


def set_overwrite(world: World, channel: Channel, target: int, actor: Actor, body: Json) -> None:
    """Set a channel's overwrite for a role or member; only bits that the actor has there can be allowed or denied."""
    held = _require_overwriting(world, channel, actor)
    form = Form(body)
    wanted = read_overwrite(world, form, channel, target)
    if form.errors or wanted is None:
        if any(error.path == ("id",) for error in form.errors):
            raise unknown("overwrite")
        form.done()
        return
    old = next((one for one in channel.overwrites if one.id == target), None)
    _require_grantable(held, channel.overwrites, [*(one for one in channel.overwrites if one.id != target), wanted])
    with watch_access(world, channel.guild_id or 0):
        channel.overwrites = [one for one in channel.overwrites if one.id != target] + [wanted]
        world.save(channel)
        tell_channel(world, channel)
    action = Action.CHANNEL_OVERWRITE_CREATE if old is None else Action.CHANNEL_OVERWRITE_UPDATE
    _audit_overwrite(world, channel, actor, action, (old, wanted))


def delete_overwrite(world: World, channel: Channel, target: int, actor: Actor) -> None:
    """Take a channel's overwrite away (10009 when there is none)."""
    held = _require_overwriting(world, channel, actor)
    old = next((one for one in channel.overwrites if one.id == target), None)
    if old is None:
        raise unknown("overwrite")
    rest = [one for one in channel.overwrites if one.id != target]
    _require_grantable(held, channel.overwrites, rest)
    with watch_access(world, channel.guild_id or 0):
        channel.overwrites = rest
        world.save(channel)
        tell_channel(world, channel)
    _audit_overwrite(world, channel, actor, Action.CHANNEL_OVERWRITE_DELETE, (old, None))


def tell_channel(world: World, channel: Channel) -> None:
    """Send CHANNEL_UPDATE."""
    world.emit("CHANNEL_UPDATE", channel_payload(world, channel), guild_id=channel.guild_id)


def wrong_type() -> ApiError:
    """Return 50024: channels of this type cannot do that."""
    return ApiError(400, 50024, "Cannot execute action on this channel type")


def _kinds(guild: Guild) -> tuple[int, ...]:
    kinds = [TEXT, VOICE, CATEGORY, FORUM, MEDIA]
    if "COMMUNITY" in guild.features or "NEWS" in guild.features:
        kinds += [ANNOUNCEMENT, STAGE]
    return tuple(sorted(kinds))


def _last_position(world: World, guild: Guild, kind: int) -> int:
    group = (
        {CATEGORY} if kind == CATEGORY else {VOICE, STAGE} if kind in {VOICE, STAGE} else {TEXT, ANNOUNCEMENT, *FORUMS}
    )
    places = [channel.position for channel in world.guild_channels[guild.id].values() if channel.type in group]
    return max(places, default=-1) + 1


def _take_over(channel: Channel, draft: Channel) -> None:
    for field in channel.__struct_fields__:
        setattr(channel, field, getattr(draft, field))


def _require_overwriting(world: World, channel: Channel, actor: Actor) -> int:
    if channel.guild_id is None or channel.thread is not None:
        raise wrong_type()
    require_channel(world, channel, actor.user_id, P.MANAGE_ROLES)
    return _grantable(world, channel, actor)


def _grantable(world: World, channel: Channel, actor: Actor) -> int:
    """Return what overwrites may give or take: what is held in the category or guild, whatever the channel itself says.

    So a channel that a bot has locked for everybody, itself included, can be opened by it again.
    """
    parent = world.channels.get(channel.parent_id or 0)
    if parent is None:
        return guild_permissions(world, channel.guild_id or 0, actor.user_id)
    return channel_permissions(world, parent, actor.user_id)


def _require_grantable(held: int, old: list[Overwrite], new: list[Overwrite]) -> None:
    """Raise 50013 when overwrites change a bit that the actor lacks; Manage Roles itself is for administrators."""
    if held & P.ADMINISTRATOR:
        return
    before = {one.id: one for one in old}
    for one in new:
        same = before.pop(one.id, Overwrite(id=one.id, type=one.type))
        touched = (one.allow ^ same.allow) | (one.deny ^ same.deny)
        if touched & ~held or touched & P.MANAGE_ROLES:
            raise missing_permissions()
    for gone in before.values():
        if (gone.allow | gone.deny) & ~held:
            raise missing_permissions()


def _for_audit(payload: Json) -> Json:
    names = (
        "name", "type", "topic", "nsfw", "rate_limit_per_user", "permission_overwrites", "bitrate", "user_limit",
        "default_auto_archive_duration", "flags",
    )  # fmt: skip
    return {name: payload[name] for name in names if name in payload}


def _audit_overwrite(
    world: World, channel: Channel, actor: Actor, action: Action, change: tuple[Overwrite | None, Overwrite | None]
) -> None:
    before, after = change
    target = after or before
    if target is None:
        return
    options: Json = {"id": str(target.id), "type": str(target.type)}
    if target.type == 0:
        options["role_name"] = world.roles[target.id].name if target.id in world.roles else ""
    spelled = [{"allow": str(one.allow), "deny": str(one.deny)} if one is not None else {} for one in (before, after)]
    changes = audit.differences(spelled[0], spelled[1])
    audit.record(world, channel.guild_id or 0, actor, action, channel.id, changes=changes, options=options)


def visible_channels(world: World, guild: Guild, user_id: int) -> list[Channel]:
    """Return the channels of a guild, threads left out, that a member can see, in order."""
    found = [channel for channel in world.guild_channels[guild.id].values() if channel.thread is None]
    found = [channel for channel in found if channel_permissions(world, channel, user_id) & P.VIEW_CHANNEL]
    return sorted(found, key=lambda channel: (channel.position, channel.id))
