"""The rules of threads: where they may begin, who may change what, which tags a post may carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.errors import ApiError, missing_permissions
from sandbox.payloads.channels import (
    ANNOUNCEMENT,
    ANNOUNCEMENT_THREAD,
    FORUM,
    MEDIA,
    PRIVATE_THREAD,
    PUBLIC_THREAD,
    TEXT,
)
from sandbox.permissions import P, channel_permissions, require_channel
from sandbox.validate.channels import REQUIRE_TAG
from sandbox.validate.form import Form

if TYPE_CHECKING:
    from sandbox.audit import Actor
    from sandbox.model import Channel, Json, Message, Thread
    from sandbox.world import World

MAX_ACTIVE = 1_000
MAX_APPLIED_TAGS = 5
HAS_THREAD = 1 << 5
MAY_START = frozenset({0, 19, 20, 23, 46})


def state(channel: Channel) -> Thread:
    """Return what only a thread has, or raise 50024 for a channel that is none."""
    if channel.thread is None:
        raise ApiError(400, 50024, "Cannot execute action on this channel type")
    return channel.thread


def kind_of(world: World, channel: Channel, owner_id: int, body: Json, message: Message | None) -> int:
    """Return the type of the new thread, after checking place and permission."""
    if channel.guild_id is None or channel.type not in {TEXT, ANNOUNCEMENT, FORUM, MEDIA}:
        raise ApiError(400, 50024, "Cannot execute action on this channel type")
    require_channel(world, channel, owner_id)
    if channel.type in {FORUM, MEDIA}:
        if message is not None:
            raise ApiError(400, 50024, "Cannot execute action on this channel type")
        require_channel(world, channel, owner_id, P.SEND_MESSAGES)
        return PUBLIC_THREAD
    public = ANNOUNCEMENT_THREAD if channel.type == ANNOUNCEMENT else PUBLIC_THREAD
    if message is not None:
        require_channel(world, channel, owner_id, P.CREATE_PUBLIC_THREADS)
        if message.flags & HAS_THREAD or message.thread_id is not None:
            raise ApiError(400, 160_004, "A thread has already been created for this message")
        if message.type not in MAY_START:
            raise ApiError(403, 50021, "Cannot execute action on a system message")
        return public
    allowed = (ANNOUNCEMENT_THREAD,) if channel.type == ANNOUNCEMENT else (PUBLIC_THREAD, PRIVATE_THREAD)
    form = Form(body)
    kind = form.choice("type", allowed) or (public if channel.type == ANNOUNCEMENT else PRIVATE_THREAD)
    form.done()
    needed = P.CREATE_PRIVATE_THREADS if kind == PRIVATE_THREAD else P.CREATE_PUBLIC_THREADS
    require_channel(world, channel, owner_id, needed)
    return kind


def require_room(world: World, channel: Channel) -> None:
    """Raise 160006 (160007 for announcements) when a guild has as many active threads as it may."""
    siblings = world.guild_channels[channel.guild_id or 0].values()
    kinds = {ANNOUNCEMENT_THREAD} if channel.type == ANNOUNCEMENT else {PUBLIC_THREAD, PRIVATE_THREAD}
    open_now = sum(1 for other in siblings if other.thread and not other.thread.archived and other.type in kinds)
    if open_now >= MAX_ACTIVE:
        if channel.type == ANNOUNCEMENT:
            raise ApiError(400, 160_007, "Maximum number of active announcement threads reached")
        raise ApiError(400, 160_006, "Maximum number of active threads reached")


def read_tags(world: World, form: Form, parent: Channel, user_id: int, old: list[int]) -> list[int]:
    """Read the tags of a post: known ones, moderated ones only from those who manage threads."""
    tags = form.snowflakes("applied_tags", MAX_APPLIED_TAGS) or []
    known = {tag.id: tag for tag in parent.available_tags}
    manages = channel_permissions(world, parent, user_id) & P.MANAGE_THREADS
    for index, tag in enumerate(tags):
        if tag not in known:
            form.wrong("applied_tags", index, code="BASE_TYPE_CHOICES", message="Unknown tag")
        elif known[tag].moderated and tag not in old and not manages:
            raise missing_permissions()
    if parent.flags & REQUIRE_TAG and not tags:
        if not manages and known and all(tag.moderated for tag in known.values()):
            raise ApiError(400, 40066, "There are no tags available that can be set by non-moderators")
        raise ApiError(400, 40067, "A tag is required to create a forum post in this channel")
    return list(dict.fromkeys(tags))


def require_changeable(channel: Channel, held: int, actor: Actor, body: Json) -> None:
    """Raise unless the actor may make this change: see "Modify Channel" of Discord's documentation."""
    thread = state(channel)
    manages = bool(held & P.MANAGE_THREADS)
    opens = body.get("archived") is False
    if thread.archived and not opens:
        raise ApiError(400, 50083, "Thread is archived")
    if manages:
        return
    if thread.locked:
        raise ApiError(403, 160_005, "Thread is locked")
    sent = {name for name, value in body.items() if value is not None}
    if sent == {"archived"} and opens:
        if not held & P.SEND_MESSAGES_IN_THREADS:
            raise missing_permissions()
        return
    own = {"name", "archived", "auto_archive_duration", "applied_tags"}
    if channel.type == PRIVATE_THREAD:
        own |= {"invitable"}
    if thread.owner_id != actor.user_id or not sent <= own:
        raise missing_permissions()
