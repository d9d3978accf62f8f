"""Channel bodies: read onto a channel entity, so that making and changing share every rule."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.errors import ApiError
from sandbox.model import ForumTag, Overwrite
from sandbox.payloads.channels import ANNOUNCEMENT, CATEGORY, FORUM, MEDIA, STAGE, TEXT, VOICE
from sandbox.permissions import ALL

if TYPE_CHECKING:
    from sandbox.model import Channel, Json
    from sandbox.validate.form import Form
    from sandbox.world import World

FORUMS = (FORUM, MEDIA)
ARCHIVE_DURATIONS = (60, 1440, 4320, 10080)
MAX_SLOWMODE = 21_600
MAX_TAGS = 20
MAX_OVERWRITES = 100
MAX_IN_CATEGORY = 50
REQUIRE_TAG, HIDE_DOWNLOADS = 1 << 4, 1 << 15


def normal_name(name: str, kind: int) -> str:
    """Return a channel name as Discord keeps it: text-like channels in lower case, with dashes for spaces."""
    name = name.strip()
    if kind in {VOICE, CATEGORY, STAGE}:
        return name
    name = re.sub(r"[!\"#$%&'()*+,./:;<=>?@\[\\\]^`{|}~]", "", name.lower())
    return re.sub(r"-{2,}", "-", re.sub(r"\s+", "-", name)).strip("-")


def read_channel(world: World, form: Form, channel: Channel) -> None:
    """Read every field that a channel of this type may have; others are ignored as Discord ignores them."""
    if form.has("name"):
        _read_name(form, channel)
    channel.position = _kept(form.integer("position", 0, 1 << 31), channel.position)
    if channel.type != CATEGORY:
        if form.has("topic"):
            most = 4096 if channel.type in FORUMS else 1024
            channel.topic = form.text("topic", 0, most) or None
        channel.nsfw = bool(form.flag("nsfw")) if form.has("nsfw") else channel.nsfw
        slow = form.integer("rate_limit_per_user", 0, MAX_SLOWMODE)
        channel.rate_limit_per_user = _kept(slow, channel.rate_limit_per_user)
        if form.has("parent_id"):
            channel.parent_id = _read_parent(world, form, channel)
    if channel.type in {TEXT, ANNOUNCEMENT, *FORUMS}:
        if form.has("default_auto_archive_duration"):
            channel.default_auto_archive_duration = form.choice("default_auto_archive_duration", ARCHIVE_DURATIONS)
        slow = form.integer("default_thread_rate_limit_per_user", 0, MAX_SLOWMODE)
        channel.default_thread_rate_limit_per_user = _kept(slow, channel.default_thread_rate_limit_per_user)
    if channel.type in {VOICE, STAGE}:
        channel.bitrate = _kept(form.integer("bitrate", 8_000, 96_000), channel.bitrate)
        channel.user_limit = _kept(form.integer("user_limit", 0, 99), channel.user_limit)
    if channel.type in FORUMS:
        _read_forum(world, form, channel)


def read_overwrites(world: World, form: Form, channel: Channel) -> list[Overwrite] | None:
    """Return the overwrites of a body, or None when they are absent; unknown roles and members are wrong."""
    parts = form.parts("permission_overwrites", MAX_OVERWRITES)
    if parts is None:
        return None
    found: dict[int, Overwrite] = {}
    for index, part in enumerate(parts):
        overwrite = read_overwrite(world, part, channel, part.snowflake("id", required=True))
        if overwrite is None:
            continue
        if overwrite.id in found:
            form.wrong("permission_overwrites", index, code="BASE_TYPE_DUPLICATE", message="Overwrites must be unique.")
        found[overwrite.id] = overwrite
    return list(found.values())


def read_overwrite(world: World, form: Form, channel: Channel, target: int | None) -> Overwrite | None:
    """Return one overwrite for a role or a member of the channel's guild."""
    guild_id = channel.guild_id or 0
    kind = form.choice("type", (0, 1))
    allow, deny = form.bits("allow") or 0, form.bits("deny") or 0
    if target is None:
        return None
    role = target in world.guild_roles[guild_id]
    if kind is None:
        kind = 0 if role else 1
    if (kind == 0 and not role) or (kind == 1 and target not in world.users):
        form.wrong("id", code="CHANNEL_OVERWRITE_TARGET_UNKNOWN", message="Unknown overwrite target")
        return None
    return Overwrite(id=target, type=kind, allow=allow & ALL & ~deny, deny=deny & ALL)


def _kept(new: int | None, old: int) -> int:
    return old if new is None else new


def _read_name(form: Form, channel: Channel) -> None:
    name = form.text("name", 1, 100, required=True)
    if name is None:
        return
    name = normal_name(name, channel.type)
    if not name:
        form.wrong("name", code="BASE_TYPE_BAD_LENGTH", message="Must be between 1 and 100 in length.")
    channel.name = name


def _read_parent(world: World, form: Form, channel: Channel) -> int | None:
    parent_id = form.snowflake("parent_id")
    if parent_id is None:
        return None
    parent = world.channels.get(parent_id)
    if parent is None or parent.guild_id != channel.guild_id:
        form.wrong("parent_id", code="CHANNEL_PARENT_INVALID", message="Category does not exist")
    elif parent.type != CATEGORY:
        form.wrong("parent_id", code="CHANNEL_PARENT_INVALID_TYPE", message="Not a category")
    elif sum(
        other.parent_id == parent_id and other.id != channel.id
        for other in world.guild_channels[parent.guild_id or 0].values()
    ) >= MAX_IN_CATEGORY:  # fmt: skip
        form.wrong(
            "parent_id",
            code="CHANNEL_PARENT_MAX_CHANNELS",
            message=f"Maximum number of channels in category reached ({MAX_IN_CATEGORY})",
        )
    return parent_id


def _read_forum(world: World, form: Form, channel: Channel) -> None:
    if form.has("default_reaction_emoji"):
        part = form.part("default_reaction_emoji")
        channel.default_reaction_emoji = None if part is None else _read_emoji(part)
    if form.has("default_sort_order"):
        channel.default_sort_order = form.choice("default_sort_order", (0, 1))
    if form.has("default_forum_layout"):
        channel.default_forum_layout = form.choice("default_forum_layout", (0, 1, 2)) or 0
    if form.has("default_tag_setting"):
        channel.default_tag_setting = form.choice("default_tag_setting", ("match_all", "match_some"))
    flags = form.integer("flags", 0, 1 << 31)
    if flags is not None:
        own = REQUIRE_TAG | HIDE_DOWNLOADS
        channel.flags = (channel.flags & ~own) | (flags & own)
    parts = form.parts("available_tags", MAX_TAGS)
    if parts is not None:
        channel.available_tags = _read_tags(world, parts, channel.available_tags)


def _read_emoji(form: Form) -> Json:
    emoji_id, emoji_name = form.snowflake("emoji_id"), form.text("emoji_name", 0, 100)
    if emoji_id is not None and emoji_name:
        form.wrong(code="BASE_TYPE_CHOICES", message="Only one of emoji_id and emoji_name may be set.")
    return {"emoji_id": None if emoji_id is None else str(emoji_id), "emoji_name": emoji_name or None}


def _read_tags(world: World, parts: list[Form], old: list[ForumTag]) -> list[ForumTag]:
    known = {tag.id: tag for tag in old}
    tags: list[ForumTag] = []
    for part in parts:
        name = part.text("name", 1, 20, required=True) or ""
        tag_id = part.snowflake("id")
        if tag_id is not None and tag_id not in known:
            part.wrong("id", code="BASE_TYPE_CHOICES", message="Unknown tag")
        emoji = _read_emoji(part)
        tags.append(
            ForumTag(
                id=tag_id or world.next_id(),
                name=name,
                moderated=bool(part.flag("moderated")),
                emoji_id=int(emoji["emoji_id"]) if emoji["emoji_id"] else None,
                emoji_name=emoji["emoji_name"],
            )
        )
    names = [tag.name.casefold() for tag in tags if tag.name]
    if len(set(names)) != len(names):
        raise ApiError(400, 40061, "Tag names must be unique")
    return tags
