"""Who is in a thread: joining, adding others, leaving, being removed; and what wakes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.errors import ApiError, missing_access, missing_permissions, unknown
from sandbox.payloads.channels import PRIVATE_THREAD, channel_payload, thread_member_payload
from sandbox.payloads.people import member_payload
from sandbox.permissions import P, can_view, require_channel
from sandbox.thread_rules import state

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.audit import Actor
    from sandbox.model import Channel, Json
    from sandbox.world import World

MAX_MEMBERS = 1_000


def join(world: World, channel: Channel, user_id: int) -> None:
    """Let an account join a thread that it can see and that is not archived."""
    require_channel(world, channel, user_id)
    _require_open(channel)
    enrol(world, channel, [user_id])


def add(world: World, channel: Channel, user_id: int, actor: Actor) -> None:
    """Add another member; into a private thread that is not invitable only its starter and moderators can."""
    thread = state(channel)
    held = require_channel(world, channel, actor.user_id, P.SEND_MESSAGES_IN_THREADS)
    _require_open(channel)
    if user_id not in world.members[channel.guild_id or 0]:
        raise unknown("member" if user_id in world.users else "user")
    closed = channel.type == PRIVATE_THREAD and not thread.invitable
    if closed and thread.owner_id != actor.user_id and not held & P.MANAGE_THREADS:
        raise missing_permissions()
    parent = world.channels[channel.parent_id or 0]
    if not can_view(world, parent, user_id):
        raise missing_access()
    enrol(world, channel, [user_id])


def enrol(world: World, channel: Channel, user_ids: Iterable[int]) -> None:
    """Make members of a guild members of a thread and tell of it; who may is checked elsewhere."""
    thread, members = state(channel), world.members[channel.guild_id or 0]
    new = [user_id for user_id in dict.fromkeys(user_ids) if user_id in members and user_id not in thread.members]
    if not new:
        return
    if len(thread.members) + len(new) > MAX_MEMBERS:
        raise ApiError(400, 30033, f"Maximum number of thread participants has been reached ({MAX_MEMBERS})")
    thread.members |= dict.fromkeys(new, world.now())
    world.save(channel)
    if channel.type == PRIVATE_THREAD:
        for user_id in new:
            created = channel_payload(world, channel, viewer=user_id)
            world.emit("THREAD_CREATE", created, guild_id=channel.guild_id, users=frozenset({user_id}))
    added: list[Json] = [
        {
            **thread_member_payload(channel, user_id),
            "member": member_payload(world, members[user_id]),
            "presence": None,
        }
        for user_id in new
    ]
    _tell_members(world, channel, added=added)


def wake(world: World, channel: Channel) -> None:
    """Bring an archived thread back, as a message in it does."""
    thread = state(channel)
    if thread.archived:
        thread.archived, thread.archive_timestamp = False, world.now()
        world.save(channel)
        tell(world, channel)


def tell(world: World, channel: Channel) -> None:
    """Send THREAD_UPDATE."""
    world.emit("THREAD_UPDATE", channel_payload(world, channel), guild_id=channel.guild_id, channel_id=channel.id)


def leave(world: World, channel: Channel, user_id: int) -> None:
    """Let a member leave a thread that is not archived."""
    require_channel(world, channel, user_id)
    _require_open(channel)
    _drop(world, channel, user_id)


def remove(world: World, channel: Channel, user_id: int, actor: Actor) -> None:
    """Remove a member: for Manage Threads, and for the starter of a private thread."""
    thread = state(channel)
    held = require_channel(world, channel, actor.user_id)
    _require_open(channel)
    own = channel.type == PRIVATE_THREAD and thread.owner_id == actor.user_id
    if not own and not held & P.MANAGE_THREADS:
        raise missing_permissions()
    _drop(world, channel, user_id)


def _require_open(channel: Channel) -> None:
    if state(channel).archived:
        raise ApiError(400, 50083, "Thread is archived")


def _drop(world: World, channel: Channel, user_id: int) -> None:
    if state(channel).members.pop(user_id, None) is None:
        return
    world.save(channel)
    _tell_members(world, channel, removed=[user_id])
    if not can_view(world, channel, user_id):
        # whoever is taken out of a private thread does not see it any more, but learns that
        event = _update(channel, [], [user_id])
        world.emit("THREAD_MEMBERS_UPDATE", event, guild_id=channel.guild_id, users=frozenset({user_id}))


def _tell_members(
    world: World, channel: Channel, *, added: list[Json] | None = None, removed: list[int] | None = None
) -> None:
    event = _update(channel, added or [], removed or [])
    world.emit("THREAD_MEMBERS_UPDATE", event, guild_id=channel.guild_id, channel_id=channel.id)


def _update(channel: Channel, added: list[Json], removed: list[int]) -> Json:
    event: Json = {
        "id": str(channel.id),
        "guild_id": str(channel.guild_id),
        "member_count": min(len(state(channel).members), 50),
    }
    if added:
        event["added_members"] = added
    if removed:
        event["removed_member_ids"] = [str(user_id) for user_id in removed]
    return event
