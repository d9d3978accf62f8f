"""What changes when people gain sight of a channel: its active threads are told to them (THREAD_LIST_SYNC)."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sandbox.payloads.channels import PRIVATE_THREAD, channel_payload, thread_member_payload
from sandbox.permissions import can_view

if TYPE_CHECKING:
    from collections.abc import Generator

    from sandbox.model import Channel, Json
    from sandbox.world import World


@contextmanager
def watch_access(world: World, guild_id: int, *, changed: bool = True, only: int | None = None) -> Generator[None]:
    """Tell those who can see more channels after the block than before it which threads are active there.

    Nobody's sight is compared unless the block has `changed` something, and with `only` just that member's.
    """
    parents = _parents(world, guild_id) if changed else {}
    before = {channel_id: _viewers(world, channel_id, only) for channel_id in parents}
    yield
    gained: dict[int, list[int]] = {}
    for channel_id, seen in before.items():
        for user_id in _viewers(world, channel_id, only) - seen:
            gained.setdefault(user_id, []).append(channel_id)
    for user_id, channel_ids in gained.items():
        threads = [thread for channel_id in channel_ids for thread in parents[channel_id]]
        sync = _sync(world, guild_id, user_id, threads, channel_ids)
        world.emit("THREAD_LIST_SYNC", sync, guild_id=guild_id, users=frozenset({user_id}))


def _parents(world: World, guild_id: int) -> dict[int, list[Channel]]:
    """Return the active threads of a guild by their channel."""
    parents: dict[int, list[Channel]] = {}
    for channel in world.guild_channels[guild_id].values():
        if channel.thread is not None and not channel.thread.archived and channel.parent_id in world.channels:
            parents.setdefault(channel.parent_id, []).append(channel)
    return parents


def _viewers(world: World, channel_id: int, only: int | None) -> set[int]:
    channel = world.channels.get(channel_id)
    if channel is None:
        return set()
    people = world.members[channel.guild_id or 0] if only is None else (only,)
    return {user_id for user_id in people if can_view(world, channel, user_id)}


def _sync(world: World, guild_id: int, user_id: int, threads: list[Channel], channel_ids: list[int]) -> Json:
    visible = [thread for thread in threads if thread.type != PRIVATE_THREAD or can_view(world, thread, user_id)]
    return {
        "guild_id": str(guild_id),
        "channel_ids": [str(channel_id) for channel_id in channel_ids],
        "threads": [channel_payload(world, thread, viewer=user_id) for thread in visible],
        "members": [
            thread_member_payload(thread, user_id)
            for thread in visible
            if thread.thread is not None and user_id in thread.thread.members
        ],
    }
