"""The flows that store most, once more with the data in PostgreSQL."""

import pytest

from tests.polls.test_flow import (
    test_a_deleted_card_stops_nothing,
    test_a_poll_from_the_command_to_the_result,
    test_many_presses_at_once,
    test_votes_survive_a_restart_and_so_do_the_buttons,
    test_what_fell_due_while_the_bot_was_away_closes_at_start,
)
from tests.polls.test_flow_counted import test_votes_of_a_role_count_more

__all__ = [
    "test_a_deleted_card_stops_nothing",
    "test_a_poll_from_the_command_to_the_result",
    "test_many_presses_at_once",
    "test_votes_of_a_role_count_more",
    "test_votes_survive_a_restart_and_so_do_the_buttons",
    "test_what_fell_due_while_the_bot_was_away_closes_at_start",
]


@pytest.fixture
def sqlite_url(postgres_url: str) -> str:
    """Where `rostrum` keeps its data, here in PostgreSQL."""
    return postgres_url
