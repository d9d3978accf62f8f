"""Paths of the seeded application's commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.stand_in import Place


@pytest.fixture
def everywhere(place: Place) -> str:
    """The path of its global commands."""
    return f"/applications/{place.app.id}/commands"


@pytest.fixture
def here(place: Place) -> str:
    """The path of its commands in the seeded guild."""
    return f"/applications/{place.app.id}/guilds/{place.guild.id}/commands"
