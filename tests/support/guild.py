"""Short ways to read what happened in a guild."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.model import Role
    from sandbox.world import Event
    from tests.support.stand_in import Place


def names(told: list[Event]) -> list[str]:
    """Return the names of events, the audit log's left out."""
    return [event.name for event in told if event.name != "GUILD_AUDIT_LOG_ENTRY_CREATE"]


def role_of_bot(place: Place) -> Role:
    """Return the role that came with the seeded bot."""
    return next(role for role in place.world.roles.values() if role.managed)
