"""The flows that store most, once more with the data in PostgreSQL."""

import pytest

from tests.arena.flows.test_flow_battle import (
    test_three_people_vote_and_all_see_the_names_at_the_end,
    test_two_people_press_at_the_same_instant,
)
from tests.arena.flows.test_flow_restarts import test_votes_receipts_and_panels_survive_a_restart

__all__ = [
    "test_three_people_vote_and_all_see_the_names_at_the_end",
    "test_two_people_press_at_the_same_instant",
    "test_votes_receipts_and_panels_survive_a_restart",
]


@pytest.fixture
def sqlite_url(postgres_url: str) -> str:
    """Where `rostrum` keeps its data, here in PostgreSQL."""
    return postgres_url
