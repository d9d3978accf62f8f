"""How polls may be counted, what votes may weigh, and ballots that were made before options were added."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ClosedError, InvalidInputError
from bot.polls import rules
from bot.polls.types import CountingMethod, Poll, PollEdit, PollKind, PollPhase, PollRules
from tests.support.polls import GUILD, START, draft_of, voter

POLL = Poll(
    1, GUILD, 1, None, 1, "Q", ("a", "b", "c"), PollPhase.OPEN, START, START + timedelta(hours=1), None,
    kind=PollKind.RANKED, rules=PollRules(1, 3), method=CountingMethod.RUNOFF,
)  # fmt: skip


@pytest.mark.parametrize("kind", list(PollKind))
def test_each_kind_is_counted_by_its_first_method_where_nothing_is_chosen(kind: PollKind) -> None:
    checked = rules.check_draft(replace(draft_of(), kind=kind), START)
    assert checked.method is rules.METHODS[kind][0]
    for method in CountingMethod:
        draft = replace(draft_of(), kind=kind, method=method)
        if method in rules.METHODS[kind]:
            assert rules.check_draft(draft, START).method is method
        else:
            with pytest.raises(InvalidInputError, match="cannot be counted that way") as caught:
                rules.check_draft(draft, START)
            assert caught.value.field == "method"


def test_a_draft_that_is_written_anew_keeps_its_method_while_that_fits() -> None:
    old = replace(POLL, method=CountingMethod.SCHULZE)
    for kind, method in (
        (PollKind.RANKED, CountingMethod.SCHULZE),
        (PollKind.SCORE, CountingMethod.SCORE),
        (PollKind.SINGLE, CountingMethod.PLURALITY),
    ):
        assert rules.recheck_draft(old, replace(draft_of(), kind=kind), START).method is method
    chosen = replace(draft_of(), kind=PollKind.RANKED, method=CountingMethod.BORDA)
    assert rules.recheck_draft(old, chosen, START).method is CountingMethod.BORDA


def test_a_method_changes_only_before_the_first_vote() -> None:
    assert rules.change_method(POLL, CountingMethod.RUNOFF) == (POLL, None)
    changed, needs = rules.change_method(POLL, CountingMethod.BORDA)
    assert changed == replace(POLL, method=CountingMethod.BORDA)
    assert needs is not None
    assert "only while nobody has voted" in needs
    with pytest.raises(InvalidInputError):
        rules.change_method(POLL, CountingMethod.STAR)


def test_another_kind_brings_another_method_and_proposals_come_and_go() -> None:
    changed, needs = rules.change(POLL, PollEdit(kind=PollKind.SCORE), START)
    assert (changed.method, needs is None) == (CountingMethod.SCORE, False)
    for takes in (True, False):
        changed, needs = rules.change(POLL, PollEdit(takes_proposals=takes), START)
        assert (changed.takes_proposals, needs) == (takes, None)


@pytest.mark.parametrize(
    ("weights", "stored"),
    [
        ((), ()),
        (((7, 3),), ((7, 3),)),
        (((9, 2), (7, 3), (9, 3)), ((7, 3), (9, 3))),
        (tuple((role, 10) for role in range(5)), tuple((role, 10) for role in range(5))),
    ],
)
def test_weights_that_fit(weights: tuple[tuple[int, int], ...], stored: tuple[tuple[int, int], ...]) -> None:
    assert rules.check_rules(PollRules(weights=weights), PollKind.SINGLE, 3).weights == stored


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        (((7, 1),), "from 2 to 10"),
        (((7, 11),), "from 2 to 10"),
        (tuple((role, 2) for role in range(6)), "6 roles would count more; 5 may"),
        (((1, 2), (2, 3), (3, 4)), "2 different weights"),
    ],
)
def test_weights_that_do_not_fit(weights: tuple[tuple[int, int], ...], says: str) -> None:
    with pytest.raises(InvalidInputError, match=says) as caught:
        rules.check_rules(PollRules(weights=weights), PollKind.SINGLE, 3)
    assert caught.value.field == "weights"


def test_weights_change_only_before_the_first_vote() -> None:
    changed, needs = rules.change_rules(POLL, replace(POLL.rules, weights=((7, 3),)))
    assert changed.rules.weights == ((7, 3),)
    assert needs == "How much votes count can change only while nobody has voted."
    assert rules.change_rules(POLL, replace(POLL.rules, quorum=3))[1] is None


def test_the_heaviest_role_holds() -> None:
    weights = PollRules(weights=((7, 3), (8, 5)))
    assert [rules.weight_of(weights, voter(1, *roles)) for roles in ((), (9,), (7,), (8, 7))] == [1, 1, 3, 5]


@given(st.lists(st.integers(0, 255), min_size=2, max_size=3), st.integers(0, 20))
def test_a_ballot_leaves_out_what_was_added_after_it(marks: list[int], more: int) -> None:
    ranks = bytes(marks)
    seen = replace(POLL, options=POLL.options[: len(ranks)])
    now = replace(seen, options=(*seen.options, *(f"new {number}" for number in range(more))))
    fitted = rules.fit_ballot(seen, now, ranks)
    assert fitted == ranks + b"\xff" * more
    assert len(fitted) == len(now.options)


@pytest.mark.parametrize(
    "now",
    [
        replace(POLL, options=("a", "c", "b")),
        replace(POLL, options=("a", "b")),
        replace(POLL, options=("new", "a", "b", "c")),
        replace(POLL, kind=PollKind.SCORE),
    ],
)
def test_a_ballot_for_other_options_is_refused(now: Poll) -> None:
    with pytest.raises(ClosedError, match="nothing was counted"):
        rules.fit_ballot(POLL, now, b"\x00\x01\x02")
