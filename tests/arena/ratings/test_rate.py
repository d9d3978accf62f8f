"""Boards: good days, bad days, and that the same votes give the same board."""

import random

import pytest

from bot.arena.ratings.rate import PRIOR, rate
from bot.arena.ratings.types import Lack, Outcome, Rating, Ratings, VoteTable
from tests.arena.ratings.tables import BAD, LEFT, RIGHT, TIE, Vote, some, table, votes_of

ALL = {Lack.BATTLES, Lack.VOTERS, Lack.UNCONNECTED}


def by_row(board: Ratings) -> list[Rating]:
    return sorted(board.ratings, key=lambda one: one.row)


def each(voters: int, said: dict[tuple[int, int], Outcome]) -> list[Vote]:
    """Each voter votes once on each pair that is named."""
    return [(left, right, outcome, voter) for voter in range(voters) for (left, right), outcome in said.items()]


def test_no_rows() -> None:
    board = rate(VoteTable(0, (), (), (), ()), seed=1)

    assert board == Ratings((), (), 0, 0, 0, True, None, PRIOR, 1, 1000, "")


def test_no_votes() -> None:
    board = rate(table([], 3), seed=1)

    assert [one.row for one in board.ratings] == [0, 1, 2]
    for one in board.ratings:
        assert (one.rating, one.low, one.high, one.best_rank, one.worst_rank) == (1000, None, None, 1, 3)
        assert {Lack.BATTLES, Lack.VOTERS} <= set(one.lacks) <= ALL
    assert (board.votes, board.voters, board.pairs, board.fragility, board.method) == (0, 0, (), None, "")
    assert board.connected


def test_one_vote() -> None:
    board = rate(table([(2, 0, LEFT, 9)], 3), seed=1)
    first, last, unseen = board.ratings

    assert (first.row, last.row, unseen.row) == (2, 0, 1)
    assert first.rating - 1000 == pytest.approx(1000 - last.rating)
    assert 1100 < first.rating < 1150
    assert (first.wins, first.losses, last.wins, last.losses) == (1, 0, 0, 1)
    assert first.low is None
    assert (first.best_rank, first.worst_rank) == (1, 2)
    assert unseen.votes == 0
    assert board.connected
    assert board.fragility is not None
    assert (board.fragility.votes, board.fragility.dropped, board.fragility.share) == (1, None, 1)


def test_all_tied() -> None:
    board = rate(table(each(40, {(0, 1): TIE, (1, 2): TIE, (0, 2): TIE}), 3), seed=1)

    for one in board.ratings:
        assert (one.rating, one.ties, one.best_rank, one.worst_rank, one.lacks) == (1000, 80, 1, 3, ())
        assert one.low is not None
        assert 950 < one.low < 1000
    assert board.fragility is None


def test_a_model_that_wins_all_and_one_that_loses_all_stay_finite_and_uncertain() -> None:
    board = rate(table(each(40, {(0, 1): LEFT, (1, 2): LEFT, (0, 2): LEFT}), 3), seed=1)
    best, middle, worst = board.ratings

    assert [one.row for one in board.ratings] == [0, 1, 2]
    assert 1300 < best.rating < 2500
    assert middle.rating == pytest.approx(1000)
    # everybody agrees, so resampling voters shows no spread; votes still leave some
    assert best.low is not None
    assert best.high is not None
    assert best.high - best.low > 150
    assert (best.best_rank, best.worst_rank, worst.best_rank, worst.worst_rank) == (1, 1, 3, 3)


def test_a_graph_in_two_parts() -> None:
    votes = each(40, {(0, 1): LEFT, (1, 2): LEFT, (0, 2): RIGHT, (3, 4): LEFT})
    board = rate(table(votes, 6), seed=1)
    rows = by_row(board)

    assert not board.connected
    assert [one.group for one in rows[:5]] == [0, 0, 0, 1, 1]
    assert [one.lacks for one in rows[:5]] == [(), (), (), (Lack.UNCONNECTED,), (Lack.UNCONNECTED,)]
    assert {one.row for one in board.ratings[:3]} == {0, 1, 2}
    assert [one.row for one in board.ratings[3:]] == [3, 4, 5]
    assert (rows[3].best_rank, rows[3].worst_rank, rows[4].best_rank, rows[4].worst_rank) == (1, 1, 2, 2)
    assert sum(one.rating for one in rows[3:5]) == pytest.approx(2000)
    assert rows[5].lacks == (Lack.BATTLES, Lack.VOTERS, Lack.UNCONNECTED)


def test_calling_both_bad_connects_nothing_and_is_no_tie() -> None:
    votes = each(10, {(0, 1): LEFT, (1, 2): BAD, (2, 3): LEFT, (0, 2): BAD})
    with_bad = rate(table(votes, 4), seed=1)
    without = rate(table([vote for vote in votes if vote[2] != BAD], 4), seed=1)

    assert [(one.row, one.rating, one.low, one.high) for one in with_bad.ratings] == [
        (one.row, one.rating, one.low, one.high) for one in without.ratings
    ]
    assert not with_bad.connected
    assert (with_bad.votes, with_bad.bad, without.bad) == (20, 20, 0)
    assert [one.bad for one in by_row(with_bad)] == [10, 10, 20, 0]
    assert [one.ties for one in with_bad.ratings] == [0] * 4


def test_only_bad_votes() -> None:
    board = rate(table([(0, 1, BAD, 1), (0, 1, BAD, 2)], 2), seed=1)

    assert (board.votes, board.bad, board.voters, board.fragility) == (0, 2, 2, None)
    assert [(one.rating, one.low, one.voters) for one in board.ratings] == [(1000, None, 0)] * 2
    assert board.connected


def test_one_voter_gives_ratings_but_no_interval() -> None:
    board = rate(table([(0, 1, LEFT, 5)] * 30 + [(0, 1, RIGHT, 5)] * 10, 2), seed=1)

    assert [(one.low, one.high, one.voters) for one in board.ratings] == [(None, None, 1)] * 2
    assert [(one.best_rank, one.worst_rank) for one in board.ratings] == [(1, 2)] * 2
    assert [one.lacks for one in board.ratings] == [(Lack.VOTERS,)] * 2
    assert board.method == ""


def test_a_row_that_few_judged_has_no_interval_and_is_surely_ahead_of_nobody() -> None:
    votes = [*each(40, {(0, 1): LEFT}), *((2, 1, LEFT, voter) for voter in range(4) for _ in range(10))]
    first, second, third = by_row(rate(table(votes, 3), seed=1))

    assert first.low is not None
    assert (third.low, third.votes, third.lacks) == (None, 40, (Lack.VOTERS,))
    assert (third.best_rank, third.worst_rank) == (1, 3)
    assert (second.best_rank, second.worst_rank) == (2, 3)


def test_thousands_of_voters() -> None:
    board = rate(some(1, 12_000, 10, 4_000), seed=1)

    assert board.connected
    assert board.voters > 3_500
    assert all(not one.lacks and one.low is not None for one in board.ratings)
    assert [one.rating for one in board.ratings] == sorted((one.rating for one in board.ratings), reverse=True)
    for one in board.ratings:
        assert one.low is not None
        assert one.high is not None
        assert one.low < one.rating < one.high
        assert one.high - one.low < 60


def test_what_is_counted() -> None:
    votes = [(0, 1, LEFT, 1), (1, 0, LEFT, 2), (1, 0, TIE, 1), (0, 1, BAD, 3), (2, 0, RIGHT, 3)]
    board = rate(table(votes, 3), seed=1)
    first, second, third = by_row(board)

    assert [(pair.first, pair.second, pair.wins, pair.losses, pair.ties, pair.bad) for pair in board.pairs] == [
        (0, 1, 1, 1, 1, 1),
        (0, 2, 1, 0, 0, 0),
    ]
    assert (first.votes, first.wins, first.ties, first.losses, first.bad, first.voters) == (4, 2, 1, 1, 1, 3)
    assert (second.votes, second.wins, second.ties, second.losses, second.bad, second.voters) == (3, 1, 1, 1, 1, 2)
    assert (third.votes, third.losses, third.voters) == (1, 1, 1)
    assert (board.votes, board.voters, board.bad) == (4, 3, 1)


@pytest.mark.parametrize(
    ("votes", "voters", "lacks"), [(29, 8, {Lack.BATTLES}), (30, 7, {Lack.VOTERS}), (30, 8, set())]
)
def test_preliminary(votes: int, voters: int, lacks: set[Lack]) -> None:
    made = [(0, 1, LEFT if number % 3 else RIGHT, number % voters) for number in range(votes)]

    assert [set(one.lacks) for one in rate(table(made, 2), seed=1).ratings] == [lacks] * 2


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_votes_and_the_numbers_of_voters_make_no_difference(seed: int) -> None:
    rng = random.Random(seed)
    votes = votes_of(some(seed, 400, 5, 40))
    numbers = dict(zip(range(40), rng.sample(range(1 << 62), 40), strict=True))
    other = [(left, right, said, numbers[voter]) for left, right, said, voter in votes]
    rng.shuffle(other)

    assert rate(table(other, 5), seed=seed) == rate(table(votes, 5), seed=seed)


def test_the_seed_makes_a_difference_to_intervals_alone() -> None:
    votes = some(1, 400, 5, 40)
    one, two = rate(votes, seed=1), rate(votes, seed=2)

    assert [rating.rating for rating in one.ratings] == [rating.rating for rating in two.ratings]
    assert [rating.low for rating in one.ratings] != [rating.low for rating in two.ratings]
    assert (one.seed, two.seed) == (1, 2)
    assert "1000 resamples of voters" in one.method


def test_the_names_of_rows_make_no_difference() -> None:
    votes = votes_of(some(4, 600, 5, 40))
    place = [3, 0, 4, 2, 1]
    moved = [(place[left], place[right], said, voter) for left, right, said, voter in votes]
    one, other = by_row(rate(table(votes, 5), seed=1)), by_row(rate(table(moved, 5), seed=1))

    assert [rating.rating for rating in one] == [other[place[row]].rating for row in range(5)]


def test_a_history_needs_no_intervals() -> None:
    votes = some(2, 500, 5, 40)
    board = rate(votes, seed=1, rounds=0)

    assert [one.rating for one in board.ratings] == [one.rating for one in rate(votes, seed=1).ratings]
    assert all(one.low is None and (one.best_rank, one.worst_rank) == (1, 5) for one in board.ratings)
    assert (board.fragility, board.method) == (None, "")


def test_ranks_are_what_differences_leave_open() -> None:
    board = rate(some(7, 3000, 6, 150), seed=1)

    for place, one in enumerate(board.ratings, 1):
        assert 1 <= one.best_rank <= place <= one.worst_rank <= 6
    assert board.ratings[0].worst_rank < 6
    assert board.ratings[-1].best_rank > 1
