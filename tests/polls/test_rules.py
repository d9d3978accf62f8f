"""The rules of polls, by example and by property."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import InvalidInputError
from bot.polls import rules
from bot.polls.types import Poll, PollDraft, PollPhase
from tests.support.polls import START, draft_of

POLL = Poll(1, 1, 1, None, 1, "Q", ("a", "b", "c"), PollPhase.OPEN, START, START + timedelta(hours=1), None)


def test_text_is_tidied() -> None:
    draft = replace(draft_of(), question="  Which\n models? ", options=(" a  b ", "", "   ", "c"))
    checked = rules.check_draft(draft, START)
    assert (checked.question, checked.options) == ("Which models?", ("a b", "c"))


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"question": " \n "}, "question", "write a question"),
        ({"question": "q" * 301}, "question", "301 characters; 300 fit"),
        ({"options": ()}, "options", "are 0 options"),
        ({"options": ("one", " ")}, "options", "is 1 option;"),
        ({"options": tuple("abcdefghijk")}, "options", "are 11 options"),
        ({"options": ("a", "x" * 81)}, "options", "81 characters; 80 fit"),
        ({"options": ("Open", "open ")}, "options", "twice"),
        ({"closes_at": START}, "closes", "already passed"),
        ({"closes_at": START + timedelta(seconds=30)}, "closes", "at least one minute"),
        ({"closes_at": START + timedelta(days=181)}, "closes", "within 180 days"),
    ],
)
def test_what_does_not_fit_names_its_field(change: dict[str, object], field: str, says: str) -> None:
    with pytest.raises(InvalidInputError, match=says) as caught:
        rules.check_draft(replace(draft_of(), **change), START)
    assert caught.value.field == field


@pytest.mark.parametrize(
    "fits",
    [
        {"question": "q" * 300},
        {"options": ("a", "b")},
        {"options": tuple("abcdefghij")},
        {"options": ("a", "x" * 80)},
        {"closes_at": START + timedelta(minutes=1)},
        {"closes_at": START + timedelta(days=180)},
    ],
)
def test_what_just_fits_is_taken(fits: dict[str, object]) -> None:
    assert isinstance(rules.check_draft(replace(draft_of(), **fits), START), PollDraft)


@pytest.mark.parametrize(
    ("written", "tidy"),
    [
        ("  two\tlines\r\nof  text ", "two lines of text"),
        ("gnp.\u202eexe", "gnp.exe"),
        ("\u2066left\u2069 \u200fright", "left right"),
        ("\u200b\u2060\ufeff", ""),
        ("\u200d\u200c", ""),
        ("\u2800 \u3164", ""),
        ("nul\x00 and \x1b[31mred", "nul and [31mred"),
        ("lone \ud800", "lone"),
        ("👩\u200d🚀 می\u200cخواهم", "👩\u200d🚀 می\u200cخواهم"),
    ],
)
def test_what_cannot_be_seen_is_dropped(written: str, tidy: str) -> None:
    assert rules.tidy(written) == tidy


@pytest.mark.parametrize(
    "options", [("A", "a"), ("A", "A\u200b"), ("A", "A\u200d"), ("caf\u00e9", "cafe\u0301"), ("Straße", "STRASSE")]
)
def test_options_that_look_alike_are_one_too_many(options: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInputError, match="is there twice"):
        rules.check_draft(replace(draft_of(), options=options), START)


def test_no_votes_make_no_winner() -> None:
    result = rules.tally(POLL, [])
    assert (result.turnout, result.votes, result.percents, result.leading) == (0, (0, 0, 0), (0, 0, 0), (False,) * 3)


def test_ties_lead_together() -> None:
    result = rules.tally(POLL, [(rules.ranks_of(0, 3), 2), (rules.ranks_of(2, 3), 2), (rules.ranks_of(1, 3), 1)])
    assert (result.votes, result.leading, result.percents) == ((2, 1, 2), (True, False, True), (40, 20, 40))


@given(st.integers(2, 10).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n - 1))))
def test_packed_choices_come_back(case: tuple[int, int]) -> None:
    options, position = case
    packed = rules.ranks_of(position, options)
    assert len(packed) == options
    assert Counter(packed) == {0: 1, rules.UNRANKED: options - 1}
    assert rules.choice_of(packed) == position


@given(st.lists(st.integers(0, 10_000), min_size=2, max_size=10))
def test_percents_sum_to_100_and_stay_within_one(votes: list[int]) -> None:
    percents = rules.whole_percents(votes)
    if not sum(votes):
        assert set(percents) == {0}
        return
    assert sum(percents) == 100
    for amount, percent in zip(votes, percents, strict=True):
        assert abs(percent - amount * 100 / sum(votes)) < 1
    for more, less in zip(sorted(votes, reverse=True), sorted(votes, reverse=True)[1:], strict=False):
        assert percents[votes.index(more)] >= percents[votes.index(less)]
