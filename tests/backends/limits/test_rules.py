"""The rules of limits: pauses, words, moments."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.backends.limits import Limits, limits_for, rules
from bot.catalog import Where
from bot.errors import Trouble

LIMITS = Limits()
NOW = datetime(2026, 11, 28, 14, 2, tzinfo=UTC)


def test_what_runs_on_this_machine_gets_more_time_for_its_first_word() -> None:
    assert limits_for(Where.ELSEWHERE) == Limits()
    for where in (Where.WORKER, Where.MACHINE):
        assert limits_for(where).first_seconds > Limits().first_seconds
    # one processor serves all of them
    assert limits_for(Where.WORKER).places < limits_for(Where.MACHINE).places


def test_every_trouble_that_opens_the_breaker_has_words() -> None:
    for trouble in rules.UNWELL | rules.HOPELESS:
        assert rules.in_words(trouble) != trouble.value
    assert rules.in_words(Trouble.UNFIT) == "unfit"
    assert not rules.UNWELL & rules.HOPELESS
    assert not (rules.UNWELL | rules.HOPELESS) & rules.WELL


def test_pauses_double_and_are_spread() -> None:
    assert [rules.pause_before(1, None, dice, LIMITS) for dice in (0, 1)] == [0.25, 0.75]
    assert [rules.pause_before(2, None, dice, LIMITS) for dice in (0, 1)] == [0.5, 1.5]
    assert rules.pause_before(3, None, 0, LIMITS) is None


def test_what_the_other_side_asks_for_is_waited_for_up_to_a_bound() -> None:
    assert rules.pause_before(1, 4, 0, LIMITS) == 4
    assert rules.pause_before(1, 4, 1, LIMITS) == 4.5
    assert rules.pause_before(1, 10, 0, LIMITS) == 10
    assert rules.pause_before(1, 10.1, 0, LIMITS) is None
    assert rules.pause_before(1, 0, 1, LIMITS) == 0.75


@pytest.mark.parametrize(
    ("ahead", "says"),
    [(0, "you are next"), (1, "1 question is before yours"), (7, "7 questions are before yours")],
)
def test_the_place_in_line_is_told(ahead: int, says: str) -> None:
    assert rules.waiting("Ada", ahead) == f"Ada is busy; {says}."


def test_another_try_is_told() -> None:
    assert rules.trying_again("Ada", Trouble.BUSY, 0.4) == "Ada is busy; trying again now."
    assert rules.trying_again("Ada", Trouble.UNREACHABLE, 4.2) == "Ada could not be reached; trying again in 4 s."
    for trouble in rules.PASSING:
        assert "failed" not in rules.trying_again("Ada", trouble, 1)
    assert "failed" in rules.trying_again("Ada", Trouble.KEY, 1)


def test_moments_are_told_with_their_day_unless_it_is_today() -> None:
    assert rules.at(NOW, NOW) == "14:02 UTC"
    assert rules.at(NOW - timedelta(days=1), NOW) == "27 Nov 14:02 UTC"
