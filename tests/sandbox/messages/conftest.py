"""The channel that most tests of messages write in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from sandbox.model import Channel, Message
    from tests.support.stand_in import Place


@pytest.fixture
def general(place: Place) -> Channel:
    """#general."""
    return place.channel("general")


@pytest.fixture
def path(general: Channel) -> str:
    """The route of its messages."""
    return f"/channels/{general.id}/messages"


@pytest.fixture
def theirs(place: Place, general: Channel) -> Message:
    """A message of somebody else there."""
    return place.build.message(general, place.user("Chika"), "hers", embeds=[{"type": "rich", "title": "t"}])
