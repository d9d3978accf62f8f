"""The circuit breaker by itself: when it opens, whom it lets try, what it says."""

from datetime import timedelta

import pytest

from bot.backends.limits import Limits
from bot.backends.limits.breaker import Breaker
from bot.backends.limits.rules import HOPELESS, UNWELL, WELL
from bot.errors import Trouble
from tests.support.polls import SetClock

LIMITS = Limits(row=3, cool_seconds=60, longest_cool=150)


def opened(clock: SetClock, trouble: Trouble = Trouble.UNREACHABLE) -> Breaker:
    breaker = Breaker(LIMITS)
    for _ in range(LIMITS.row):
        breaker.failed(trouble, clock.now)
    assert breaker.opened is not None
    return breaker


@pytest.mark.parametrize("trouble", sorted(UNWELL))
def test_a_row_of_troubles_opens_it(clock: SetClock, trouble: Trouble) -> None:
    breaker = Breaker(LIMITS)
    for _ in range(LIMITS.row - 1):
        breaker.failed(trouble, clock.now)
        assert breaker.refuses(clock.now) is None
    breaker.failed(trouble, clock.now, "detail")
    assert breaker.refuses(clock.now) is not None
    assert breaker.opened is not None
    assert (breaker.opened.trouble, breaker.opened.detail) == (trouble, "detail")


@pytest.mark.parametrize("trouble", sorted(HOPELESS))
def test_what_only_the_operator_can_mend_opens_it_at_once(clock: SetClock, trouble: Trouble) -> None:
    breaker = Breaker(LIMITS)
    breaker.failed(trouble, clock.now)
    assert breaker.opened is not None
    assert breaker.opened.until == clock.now + timedelta(seconds=LIMITS.longest_cool)


@pytest.mark.parametrize("trouble", sorted(WELL))
def test_answers_that_are_of_no_use_break_the_row(clock: SetClock, trouble: Trouble) -> None:
    breaker = Breaker(LIMITS)
    for _ in range(2):
        for _ in range(LIMITS.row - 1):
            breaker.failed(Trouble.SILENT, clock.now)
        breaker.failed(trouble, clock.now)
    assert breaker.opened is None


def test_what_says_nothing_about_the_other_side_changes_nothing(clock: SetClock) -> None:
    breaker = Breaker(LIMITS)
    for _ in range(LIMITS.row - 1):
        breaker.failed(Trouble.SILENT, clock.now)
    for trouble in set(Trouble) - UNWELL - HOPELESS - WELL:
        breaker.failed(trouble, clock.now)
    assert breaker.opened is None
    breaker.failed(Trouble.SILENT, clock.now)
    assert breaker.opened is not None


def test_one_at_a_time_tries_it_after_a_while(clock: SetClock) -> None:
    breaker = opened(clock)
    assert breaker.refuses(clock.now) == (
        "in trouble since 12:00 UTC: it cannot be reached; it is tried again at 12:01 UTC"
    )
    assert not breaker.is_due(clock.now)
    clock.now += timedelta(seconds=60)
    assert breaker.refuses(clock.now) is None
    assert breaker.enter(clock.now)
    assert breaker.refuses(clock.now) == (
        "in trouble since 12:00 UTC: it cannot be reached; it is being tried again now"
    )
    assert not breaker.enter(clock.now)
    # the trial was broken off: another one may
    breaker.leave()
    assert breaker.enter(clock.now)
    breaker.succeeded()
    breaker.leave()
    assert breaker.opened is None
    assert not breaker.enter(clock.now)


def test_each_trial_that_fails_doubles_the_wait_up_to_a_bound(clock: SetClock) -> None:
    breaker = opened(clock)
    since = clock.now
    for wait in (60, 120, 150, 150):
        clock.now += timedelta(seconds=wait - 1)
        assert breaker.refuses(clock.now) is not None
        clock.now += timedelta(seconds=1)
        assert breaker.enter(clock.now)
        breaker.failed(Trouble.OVERLOADED, clock.now)
        breaker.leave()
    assert breaker.opened is not None
    assert (breaker.opened.since, breaker.opened.trouble) == (since, Trouble.OVERLOADED)
    breaker.succeeded()
    # the next time it begins with a short wait again
    for _ in range(LIMITS.row):
        breaker.failed(Trouble.SILENT, clock.now)
    assert breaker.opened.until == clock.now + timedelta(seconds=60)


def test_those_that_were_under_way_when_it_opened_do_not_prolong_it(clock: SetClock) -> None:
    breaker = opened(clock)
    before = breaker.opened
    clock.now += timedelta(seconds=30)
    breaker.failed(Trouble.SILENT, clock.now)
    assert breaker.opened == before


def test_a_probe_shortens_the_wait_or_prolongs_it(clock: SetClock) -> None:
    breaker = opened(clock)
    breaker.may_try(clock.now)
    assert breaker.is_due(clock.now)
    breaker.postpone(clock.now)
    assert breaker.opened is not None
    assert breaker.opened.until == clock.now + timedelta(seconds=120)
    well = Breaker(LIMITS)
    well.may_try(clock.now)
    well.postpone(clock.now)
    assert well.opened is None
