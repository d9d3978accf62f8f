"""Stored votes become tables by model, class, task and language; and points of a history."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arena import tables
from bot.arena.ratings.types import Outcome, VoteTable
from bot.arena.tables import CastVote, LeftOut, Met, Votes
from bot.arena.types import BoardBy, Doubt, Line, Pairing, Verdict
from bot.catalog import Openness, Task
from tests.support.polls import START

LINES = (
    Line(11, "a", "1", "A", Openness.OPEN),
    Line(12, "b", "1", "B", Openness.OPEN),
    Line(13, "x", "1", "X", Openness.CLOSED),
)


def met(battle: int, first: int, second: int, task: Task = Task.ANSWER, language: str = "en", hours: float = 0) -> Met:
    return Met(battle, (first, second), task, language, Pairing.ANY, False, START + timedelta(hours=hours))


VOTES = Votes(
    LINES,
    (met(1, 11, 13), met(2, 12, 11, Task.CODE, ""), met(3, 13, 12, language="de", hours=1)),
    (
        CastVote(1, 5, Verdict.A),
        CastVote(1, 6, Verdict.BAD, doubt=Doubt.RUSHED),
        CastVote(2, 5, Verdict.TIE),
        CastVote(3, 7, Verdict.B),
    ),
    (
        LeftOut(1, 7, "", 1, START, None),
        LeftOut(2, 5, "", 2, START, None, START),
    ),
)


def test_doubtful_votes_and_excluded_voters_are_left_out_at_first() -> None:
    assert VOTES.excluded == {7}
    assert [vote.battle_id for vote in tables.counted(VOTES, everything=False)] == [1, 2]
    assert tables.counted(VOTES, everything=True) == list(VOTES.votes)


def test_by_model_and_by_class() -> None:
    by_model = tables.parts_of(VOTES, VOTES.votes, BoardBy.MODEL)
    assert by_model == {
        "": VoteTable(
            3,
            (0, 0, 1, 2),
            (2, 2, 0, 1),
            (Outcome.LEFT, Outcome.BAD, Outcome.TIE, Outcome.RIGHT),
            (5, 6, 5, 7),
        )
    }
    by_class = tables.parts_of(VOTES, VOTES.votes, BoardBy.OPENNESS)
    assert by_class == {"": VoteTable(2, (0, 0, 1), (1, 1, 0), (Outcome.LEFT, Outcome.BAD, Outcome.RIGHT), (5, 6, 7))}


def test_by_task_and_language_the_largest_part_first() -> None:
    by_task = tables.parts_of(VOTES, VOTES.votes, BoardBy.TASK)
    assert {name: len(table.left) for name, table in by_task.items()} == {"answer": 3, "code": 1}
    assert list(by_task) == ["answer", "code"]
    by_language = tables.parts_of(VOTES, VOTES.votes, BoardBy.LANGUAGE)
    assert {name: len(table.left) for name, table in by_language.items()} == {"en": 2, "de": 1, tables.UNSURE: 1}


@pytest.mark.parametrize(("by", "parts"), [(BoardBy.MODEL, 1), (BoardBy.OPENNESS, 1), (BoardBy.TASK, 0)])
def test_without_votes_there_is_a_board_of_zeros_where_somebody_met(by: BoardBy, parts: int) -> None:
    assert len(tables.parts_of(VOTES, [], by)) == parts
    assert tables.parts_of(Votes(), [], by) == {}


def test_exposure_by_line_and_class() -> None:
    assert [(one.label, one.shown) for one in tables.exposure_of(VOTES)] == [("A", 2), ("B", 2), ("X", 2)]
    assert sum(one.share for one in tables.exposure_of(VOTES)) == pytest.approx(1)
    assert [(one.openness, one.shown) for one in tables.classes_of(VOTES)] == [
        (Openness.OPEN, 4),
        (Openness.CLOSED, 2),
    ]
    assert tables.exposure_of(Votes()) == tables.classes_of(Votes()) == ()
    assert tables.exposure_of(Votes(LINES))[0].share == 0


def test_points_of_a_history() -> None:
    assert tables.weeks(Votes()) == []
    assert tables.weeks(VOTES) == [START + timedelta(hours=1)]
    weeks = tables.weeks(Votes(LINES, tuple(met(n, 11, 13, hours=24 * n) for n in range(22))))
    assert weeks == [START + timedelta(days=21 - 7 * back) for back in (2, 1, 0)]
    assert tables.until(VOTES, VOTES.votes, START) == list(VOTES.votes[:3])


@given(st.integers(1, 3_000))
def test_a_history_has_few_points_and_ends_with_all(days: int) -> None:
    found = tables.weeks(Votes(LINES, (met(1, 11, 13), met(2, 11, 13, hours=24 * days))))
    assert 1 <= len(found) <= tables.MOST_POINTS
    assert found == sorted(set(found))
    assert found[-1] == START + timedelta(days=days)


def test_numbers_stand_for_voters() -> None:
    assert tables.number_of(123_456_789_012) == 6_789_012
    assert tables.voters_numbered(VOTES, 5) == [5]
    assert tables.voters_numbered(VOTES, 8) == []
