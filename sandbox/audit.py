"""Who did what in a guild: its audit log, and the event that tells moderating bots of each line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from sandbox.model import AuditEntry
from sandbox.payloads.audit import audit_entry_payload
from sandbox.permissions import P, guild_permissions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.model import Json
    from sandbox.world import World

KEPT = 1_000


class Action(IntEnum):
    """Kinds of lines by Discord's names."""

    GUILD_UPDATE = 1
    CHANNEL_CREATE = 10
    CHANNEL_UPDATE = 11
    CHANNEL_DELETE = 12
    CHANNEL_OVERWRITE_CREATE = 13
    CHANNEL_OVERWRITE_UPDATE = 14
    CHANNEL_OVERWRITE_DELETE = 15
    MEMBER_KICK = 20
    MEMBER_BAN_ADD = 22
    MEMBER_BAN_REMOVE = 23
    MEMBER_UPDATE = 24
    MEMBER_ROLE_UPDATE = 25
    BOT_ADD = 28
    ROLE_CREATE = 30
    ROLE_UPDATE = 31
    ROLE_DELETE = 32
    INVITE_CREATE = 40
    INVITE_DELETE = 42
    GUILD_SCHEDULED_EVENT_CREATE = 100
    GUILD_SCHEDULED_EVENT_UPDATE = 101
    GUILD_SCHEDULED_EVENT_DELETE = 102
    THREAD_CREATE = 110
    THREAD_UPDATE = 111
    THREAD_DELETE = 112
    APPLICATION_COMMAND_PERMISSION_UPDATE = 121


@dataclass(frozen=True, slots=True)
class Actor:
    """The account that acts, and the reason it gives for the audit log."""

    user_id: int
    reason: str | None = None


def record(
    world: World,
    guild_id: int,
    actor: Actor,
    action: Action,
    target_id: int | None,
    *,
    changes: Sequence[Json] = (),
    options: Json | None = None,
) -> None:
    """Write a line and tell the bots that may read the log; the oldest lines beyond a thousand are forgotten."""
    entry = AuditEntry(
        id=world.next_id(),
        guild_id=guild_id,
        user_id=actor.user_id,
        action=action,
        target_id=target_id,
        changes=list(changes),
        options=options,
        reason=actor.reason,
    )
    world.save(entry)
    lines = world.audit[guild_id]
    if len(lines) > KEPT:
        world.discard(next(iter(lines.values())))
    readers = frozenset(
        user_id
        for user_id in world.members[guild_id]
        if world.users[user_id].bot and guild_permissions(world, guild_id, user_id) & P.VIEW_AUDIT_LOG
    )
    data = {**audit_entry_payload(entry), "guild_id": str(guild_id)}
    world.emit("GUILD_AUDIT_LOG_ENTRY_CREATE", data, guild_id=guild_id, users=readers)


def differences(before: Json, after: Json) -> list[Json]:
    """Return the audit log's changes between two payloads of one thing; values that are absent or null are left out."""
    changes: list[Json] = []
    for key in {**before, **after}:
        old, new = before.get(key), after.get(key)
        if old == new or key in {"id", "guild_id"}:
            continue
        change: Json = {"key": key}
        if old is not None:
            change["old_value"] = old
        if new is not None:
            change["new_value"] = new
        changes.append(change)
    return changes
