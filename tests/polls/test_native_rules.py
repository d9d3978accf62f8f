"""Discord's own polls: which polls can be one, for how long, and what their counts say."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import ClosedError, NotFoundError
from bot.polls import native, rules
from bot.polls.counting import tally
from bot.polls.native import Counts
from bot.polls.types import Poll, PollKind, PollPhase, PollReveal, PollRules
from tests.support.polls import GUILD, START, voter

POLL = Poll(
    1, GUILD, 1, None, 1, "Q", ("a", "b", "c"), PollPhase.DRAFT, START, START + timedelta(hours=1), None,
    is_public=True, rules=PollRules(1, 1),
)  # fmt: skip
OPEN = replace(POLL, phase=PollPhase.OPEN, is_native=True, reveal=PollReveal.ALWAYS)


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"kind": PollKind.RANKED}, "only single and multiple"),
        ({"is_public": False}, "never secret"),
        ({"options": tuple("abcdefghijk")}, "at most 10 options"),
        ({"options": ("a", "x" * 56)}, "at most 55 characters"),
        ({"options": ("a", "😀" * 28)}, "at most 55 characters"),
        ({"question": "😀" * 151}, "at most 300 characters"),
        ({"closes_at": START + timedelta(hours=768, minutes=2)}, "at most 32 days"),
        ({"rules": PollRules(1, 1, role_ids=(3,))}, "no roles"),
        ({"rules": PollRules(1, 1, quorum=3)}, "no roles, quorum"),
        ({"rules": PollRules(1, 1, days_in_server=3)}, "days in the server"),
        ({"rules": PollRules(1, 1, weights=((3, 2),))}, "weights"),
        ({"kind": PollKind.MULTIPLE, "rules": PollRules(1, 2)}, "how many options to choose"),
        ({"takes_proposals": True}, "propose"),
        ({"remind_at": START}, "reminder"),
    ],
)
def test_which_polls_discord_cannot_take(parts: dict[str, Any], says: str) -> None:
    reason = native.why_not(replace(POLL, **parts), START)
    assert reason is not None
    assert says in reason


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"kind": PollKind.MULTIPLE, "rules": PollRules(1, 3)},
        {"options": tuple("abcdefghij")},
        {"options": ("a", "x" * 55), "question": "q" * 300, "closes_at": START + timedelta(hours=768)},
    ],
)
def test_which_it_can(parts: dict[str, Any]) -> None:
    assert native.why_not(replace(POLL, **parts), START) is None


@pytest.mark.parametrize(
    ("minutes", "hours"), [(1, 1), (59, 1), (60, 1), (60.5, 1), (62, 2), (119.5, 2), (90, 2), (24 * 60, 24)]
)
def test_it_runs_whole_hours(minutes: float, hours: int) -> None:
    assert native.hours_of(replace(POLL, closes_at=START + timedelta(minutes=minutes)), START) == hours


def test_nothing_of_it_can_be_changed_here() -> None:
    assert native.refuse_native(POLL) is None
    assert native.refuse_native(replace(POLL, is_native=True)) is None, "a draft again, since Discord did not take it"
    assert isinstance(native.refuse_native(OPEN), ClosedError)
    for refusal in (
        rules.refuse_voter(OPEN, voter(5), START),
        rules.refuse_phase(OPEN, START),
        rules.refuse_reopening(replace(OPEN, phase=PollPhase.DONE)),
    ):
        assert isinstance(refusal, ClosedError)
        assert "Discord's own" in str(refusal)


def test_its_count_is_told_once_it_is_there() -> None:
    open_, counting = native.refuse_count(OPEN), native.refuse_count(replace(OPEN, phase=PollPhase.CLOSED))
    lost = native.refuse_count(replace(OPEN, phase=PollPhase.DONE))
    assert "stand on it" in str(open_)
    assert "still counting" in str(counting)
    assert isinstance(lost, NotFoundError)
    there = replace(OPEN, phase=PollPhase.DONE, imported=(2, 1, 0))
    assert native.refuse_count(there) is None
    assert rules.refuse_results(there, has_voted=False) is None
    assert rules.refuse_results(OPEN, has_voted=False) is not None
    assert native.refuse_count(replace(POLL, phase=PollPhase.OPEN)) is None


def test_only_what_fits_the_poll_is_taken() -> None:
    assert native.fitting(OPEN, None) == ()
    assert native.fitting(OPEN, Counts((1, 2, 3), True, START)) == (1, 2, 3)
    assert native.fitting(OPEN, Counts((1, 2), True, START)) == ()
    assert native.fitting(OPEN, Counts((1, 2, -1), True, START)) == ()


def test_it_is_looked_at_later_and_later() -> None:
    waits = [0, 1, 10, 60, 3600, 86_399]
    looks = [native.next_look(START, START + timedelta(seconds=wait)) for wait in waits]
    assert [look and (look - START).total_seconds() - wait for look, wait in zip(looks, waits, strict=True)] == [
        3,
        3,
        10,
        60,
        600,
        600,
    ]
    assert native.next_look(START, START + timedelta(days=1)) is None


def test_what_discord_counted_is_the_result() -> None:
    single = tally(replace(OPEN, imported=(3, 1, 0)), [])
    assert (single.turnout, single.votes, single.percents, single.leading) == (
        4,
        (3, 1, 0),
        (75, 25, 0),
        (True, False, False),
    )
    assert single.estimates[0].low is not None
    several = tally(replace(OPEN, kind=PollKind.MULTIPLE, rules=PollRules(1, 3), imported=(2, 2, 0)), [])
    assert several.leading == (True, True, False)
    assert [(one.amount, one.value, one.low) for one in several.estimates] == [
        (2, 0.5, None),
        (2, 0.5, None),
        (0, 0.0, None),
    ]
    nobody = tally(replace(OPEN, kind=PollKind.MULTIPLE, imported=(0, 0, 0)), [])
    assert (nobody.turnout, nobody.leading, nobody.estimates[0].value) == (0, (False, False, False), None)
    assert tally(OPEN, []).votes == (0, 0, 0)
