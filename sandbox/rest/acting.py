"""Who acts in a REST call, and for what reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.audit import Actor
from sandbox.errors import missing_access

if TYPE_CHECKING:
    from sandbox.rest.call import Call

# an application that may use the members intent, in full or in few guilds
MEMBERS_APPROVED = 1 << 14 | 1 << 15


def actor(call: Call) -> Actor:
    """Return the bot and the reason that it gives for the audit log."""
    return Actor(call.bot.id, call.reason)


def require_members_intent(call: Call) -> None:
    """Raise 50001 unless the application's members intent is approved: lists of members need it."""
    if call.app is None or not call.app.flags & MEMBERS_APPROVED:
        raise missing_access()


def wants(call: Call, name: str) -> bool:
    """Return a boolean of the query."""
    return call.flag(name)
