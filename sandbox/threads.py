"""Threads and forum posts: begun, changed, archived by hand or by the clock, deleted."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox import audit
from sandbox.audit import Action, Actor
from sandbox.errors import ApiError, form_error
from sandbox.messages import Sender, announce, create_message, empty_message, post
from sandbox.model import Channel, Message, Thread
from sandbox.payloads.channels import (
    FORUM,
    MEDIA,
    PRIVATE_THREAD,
    channel_payload,
    thread_member_payload,
)
from sandbox.permissions import P, channel_permissions, require_channel
from sandbox.snowflake import created_at
from sandbox.thread_members import tell
from sandbox.thread_rules import HAS_THREAD, kind_of, read_tags, require_changeable, require_room, state
from sandbox.validate.channels import ARCHIVE_DURATIONS, MAX_SLOWMODE
from sandbox.validate.form import Form
from sandbox.validate.message import check_create

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.model import Json
    from sandbox.rest.call import Upload
    from sandbox.server import Server
    from sandbox.world import World

PINNED = 1 << 1
RENAMED, THREAD_CREATED, THREAD_STARTER = 4, 18, 21
DEFAULT_DURATION = 4320


def create_thread(
    server: Server,
    channel: Channel,
    owner_id: int,
    body: Json,
    *,
    message: Message | None = None,
    first_message_body: Json | None = None,
    files: Sequence[Upload] = (),
    writer: Sender | None = None,
) -> Channel:
    """Begin a thread from a message, a thread without one, or (with `first_message_body`) a post of a forum.

    `body` is Discord's (name, type, auto_archive_duration, rate_limit_per_user, invitable, applied_tags). Raises 50024
    where channels have no threads, 50013 without the permission, 160004 where the message already has one.
    A webhook's post is written by `writer` with the rights of the owner, who made the webhook.
    """
    world = server.world
    kind = kind_of(world, channel, owner_id, body, message)
    form = Form(body)
    name = form.text("name", 1, 100, required=True) or ""
    thread = _new_thread(world, form, channel, owner_id, kind)
    forum = channel.type in {FORUM, MEDIA}
    if forum:
        thread.thread.applied_tags = read_tags(world, form, channel, owner_id, [])  # pyright: ignore[reportOptionalMemberAccess]
        if first_message_body is None:
            form.wrong("message", code="BASE_TYPE_REQUIRED", message="This field is required")
    form.done()
    require_room(world, channel)
    if first_message_body is not None and check_create(world, first_message_body, files).empty:
        raise empty_message()
    thread.name = name
    if message is not None:
        thread.id = message.id
    world.save(thread)
    try:
        _tell_created(world, thread, owner_id)
        _first_message(server, channel, thread, message, first_message_body, files, writer)
    except ApiError:
        world.emit("THREAD_DELETE", _stub(thread), guild_id=thread.guild_id, channel_id=thread.id)
        world.discard(thread)
        raise
    audit.record(
        world, channel.guild_id or 0, Actor(owner_id), Action.THREAD_CREATE, thread.id, changes=_audited({}, thread)
    )
    return thread


def modify_thread(server: Server, channel: Channel, actor: Actor, body: Json) -> Channel:
    """Change a thread: its starter may rename, archive and tag it, the rest is for Manage Threads."""
    world, thread = server.world, state(channel)
    held = require_channel(world, channel, actor.user_id)
    form = Form(body)
    name = form.text("name", 1, 100)
    archived, locked, invitable = form.flag("archived"), form.flag("locked"), form.flag("invitable")
    duration = form.choice("auto_archive_duration", ARCHIVE_DURATIONS)
    slow = form.integer("rate_limit_per_user", 0, MAX_SLOWMODE)
    flags = form.integer("flags", 0, 1 << 31)
    parent = world.channels[channel.parent_id or 0]
    tags = read_tags(world, form, parent, actor.user_id, thread.applied_tags) if form.has("applied_tags") else None
    form.done()
    require_changeable(channel, held, actor, body)
    before = channel_payload(world, channel)
    old_name = channel.name
    if name is not None:
        channel.name = name
    channel.rate_limit_per_user = channel.rate_limit_per_user if slow is None else slow
    if flags is not None and parent.type in {FORUM, MEDIA}:
        _pin(world, channel, pinned=bool(flags & PINNED))
    thread.auto_archive_duration = duration or thread.auto_archive_duration
    thread.invitable = thread.invitable if invitable is None else invitable
    thread.locked = thread.locked if locked is None else locked
    thread.applied_tags = thread.applied_tags if tags is None else tags
    if archived is not None and archived != thread.archived:
        if not archived:
            require_room(world, parent)
        thread.archived, thread.archive_timestamp = archived, world.now()
    changes = _audited(before, channel)
    world.save(channel)
    if channel_payload(world, channel) != before:
        tell(world, channel)
    if changes:
        audit.record(world, channel.guild_id or 0, actor, Action.THREAD_UPDATE, channel.id, changes=changes)
    if channel.name != old_name and parent.type not in {FORUM, MEDIA}:
        _system_message(server, channel, actor.user_id, RENAMED, content=channel.name or "")
    return channel


def delete_thread(world: World, channel: Channel, actor: Actor) -> None:
    """Delete a thread; its starter message stays."""
    require_channel(world, channel, actor.user_id, P.MANAGE_THREADS)
    before = channel_payload(world, channel)
    world.emit("THREAD_DELETE", _stub(channel), guild_id=channel.guild_id, channel_id=channel.id)
    world.discard(channel)
    changes = audit.differences({"name": before["name"], "type": before["type"]}, {})
    audit.record(world, channel.guild_id or 0, actor, Action.THREAD_DELETE, channel.id, changes=changes)


def due(server: Server) -> None:
    """Archive the threads in which nobody has written for their time; pinned posts stay."""
    world, now = server.world, server.world.now()
    for channel in tuple(world.channels.values()):
        thread = channel.thread
        if thread is None or thread.archived or channel.flags & PINNED:
            continue
        last = max(thread.archive_timestamp, created_at(channel.last_message_id or channel.id))
        if now - last >= timedelta(minutes=thread.auto_archive_duration):
            thread.archived, thread.archive_timestamp = True, now
            world.save(channel)
            tell(world, channel)


def active(world: World, guild_id: int, user_id: int) -> list[Channel]:
    """Return the threads of a guild that are not archived and that a user can see, newest first."""
    found = [channel for channel in world.guild_channels[guild_id].values() if channel.thread]
    seen = [channel for channel in found if channel_permissions(world, channel, user_id) & P.VIEW_CHANNEL]
    return sorted((c for c in seen if c.thread and not c.thread.archived), key=lambda channel: -channel.id)


def _new_thread(world: World, form: Form, channel: Channel, owner_id: int, kind: int) -> Channel:
    now = world.now()
    default = channel.default_auto_archive_duration or DEFAULT_DURATION
    slow = form.integer("rate_limit_per_user", 0, MAX_SLOWMODE)
    invitable = form.flag("invitable")
    return Channel(
        id=world.next_id(),
        type=kind,
        guild_id=channel.guild_id,
        parent_id=channel.id,
        rate_limit_per_user=channel.default_thread_rate_limit_per_user if slow is None else slow,
        thread=Thread(
            owner_id=owner_id,
            created_at=now,
            archive_timestamp=now,
            auto_archive_duration=form.choice("auto_archive_duration", ARCHIVE_DURATIONS) or default,
            invitable=kind != PRIVATE_THREAD or invitable is not False,
            members={owner_id: now},
        ),
    )


def _tell_created(world: World, thread: Channel, owner_id: int) -> None:
    payload = {**channel_payload(world, thread), "newly_created": True}
    seen_by_owner = {**payload, "member": thread_member_payload(thread, owner_id)}
    viewers = frozenset(
        user_id
        for user_id in world.members[thread.guild_id or 0]
        if user_id != owner_id and channel_permissions(world, thread, user_id) & P.VIEW_CHANNEL
    )
    world.emit("THREAD_CREATE", payload, guild_id=thread.guild_id, users=viewers)
    world.emit("THREAD_CREATE", seen_by_owner, guild_id=thread.guild_id, users=frozenset({owner_id}))


def _first_message(
    server: Server,
    channel: Channel,
    thread: Channel,
    message: Message | None,
    first_message_body: Json | None,
    files: Sequence[Upload],
    writer: Sender | None,
) -> None:
    """Write what a new thread begins with: a post's own message, a pointer to the starter, or a note in the channel."""
    owner_id = state(thread).owner_id
    if message is not None:
        message.flags |= HAS_THREAD
        message.thread_id = thread.id
        announce(server, message)
        _system_message(server, thread, owner_id, THREAD_STARTER, reference=_reference(channel, message.id))
    elif first_message_body is not None:
        channel.last_message_id = thread.id
        server.world.save(channel)
        app = server.world.application_of(owner_id)
        bits = channel_permissions(server.world, thread, owner_id) | P.SEND_MESSAGES_IN_THREADS
        sender = Sender(owner_id, application_id=app.id if app else None, bits=bits)
        create_message(server, thread, writer or sender, first_message_body, files, message_id=thread.id)
    elif thread.type != PRIVATE_THREAD:
        name = thread.name or ""
        _system_message(server, channel, owner_id, THREAD_CREATED, content=name, reference=_reference(thread, None))


def _reference(channel: Channel, message_id: int | None) -> Json:
    reference: Json = {"type": 0, "channel_id": str(channel.id), "guild_id": str(channel.guild_id)}
    if message_id is not None:
        reference["message_id"] = str(message_id)
    return reference


def _system_message(
    server: Server, channel: Channel, author_id: int, kind: int, *, content: str = "", reference: Json | None = None
) -> None:
    message = Message(
        id=server.world.next_id(),
        channel_id=channel.id,
        guild_id=channel.guild_id,
        author_id=author_id,
        type=kind,
        content=content,
        reference=reference,
    )
    post(server, channel, message)


def _pin(world: World, channel: Channel, *, pinned: bool) -> None:
    siblings = world.threads_of(channel.parent_id or 0)
    if pinned and any(other.flags & PINNED for other in siblings if other.id != channel.id):
        raise form_error("flags", code="CHANNEL_PINNED_THREAD_LIMIT", message="Only one post can be pinned.")
    channel.flags = channel.flags | PINNED if pinned else channel.flags & ~PINNED


def _stub(channel: Channel) -> Json:
    return {
        "id": str(channel.id),
        "guild_id": str(channel.guild_id),
        "parent_id": str(channel.parent_id),
        "type": channel.type,
    }


def _audited(before: Json, channel: Channel) -> list[Json]:
    thread = state(channel)
    old: Json = {**before, **before.get("thread_metadata", {})}
    after: Json = {
        "name": channel.name,
        "type": channel.type,
        "archived": thread.archived,
        "locked": thread.locked,
        "auto_archive_duration": thread.auto_archive_duration,
        "rate_limit_per_user": channel.rate_limit_per_user,
        "flags": channel.flags,
        "applied_tags": [str(tag) for tag in thread.applied_tags],
    }
    return audit.differences({name: old[name] for name in after if name in old}, after)
