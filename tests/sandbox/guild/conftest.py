"""What the bot may do, changed at will, and the events that the world tells of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.permissions import P
from sandbox.seed import BOT_PERMISSIONS
from tests.support.guild import role_of_bot

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.server import Server
    from sandbox.world import Event
    from tests.support.stand_in import Place


@pytest.fixture
def may(place: Place) -> Callable[..., None]:
    """`may(P.MANAGE_ROLES)` gives the bot these rights besides its usual ones, or `only=True` instead of them."""

    def give(*rights: P, only: bool = False) -> None:
        bits = 0 if only else BOT_PERMISSIONS
        for right in rights:
            bits |= right
        role_of_bot(place).permissions = int(bits)

    return give


@pytest.fixture
def told(server: Server) -> list[Event]:
    """Every event since the test began."""
    events: list[Event] = []
    server.world.subscribe(events.append)
    return events
