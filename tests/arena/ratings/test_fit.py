"""The fit, held against others' and against what it must solve."""

import warnings

import choix
import numpy as np
import pytest

from bot.arena.ratings.counts import count
from bot.arena.ratings.design import Design, design_of, groups, logistic
from bot.arena.ratings.fit import fit
from bot.arena.ratings.rate import SCALE, rate
from bot.arena.ratings.types import Outcome, VoteTable
from tests.arena.ratings.tables import BAD, LEFT, RIGHT, TIE, some, table, votes_of

VOTES = some(3, 1500, 8, 60, bad=0)


def ratings(votes: VoteTable, prior: float) -> list[float]:
    """Ratings by row."""
    found = rate(votes, seed=1, prior=prior, rounds=0).ratings
    return [one.rating for one in sorted(found, key=lambda one: one.row)]


def doubled(votes: VoteTable) -> list[tuple[int, int]]:
    """Winner and loser of each vote, twice; a tie is won once by each."""
    won = {LEFT: lambda a, b: [(a, b)] * 2, RIGHT: lambda a, b: [(b, a)] * 2, TIE: lambda a, b: [(a, b), (b, a)]}
    return [pair for left, right, said, _ in votes_of(votes) for pair in won[said](left, right)]


def test_choix_finds_the_same_strengths() -> None:
    theirs = choix.ilsr_pairwise(VOTES.rows, doubled(VOTES))

    assert np.allclose(ratings(VOTES, 0), 1000 + SCALE * (theirs - theirs.mean()), atol=0.02)


def test_choix_finds_the_same_with_pseudo_votes_as_votes_against_one_more_player() -> None:
    centre = VOTES.rows
    pseudo = [pair for row in range(VOTES.rows) for pair in ((row, centre), (centre, row))] * 5
    theirs = choix.opt_pairwise(VOTES.rows + 1, doubled(VOTES) + pseudo, alpha=0)[:centre]

    assert np.allclose(ratings(VOTES, 5), 1000 + SCALE * (theirs - theirs.mean()), atol=0.05)


@pytest.mark.filterwarnings("ignore")
def test_arena_rank_gives_the_same_ratings() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandas as pd  # noqa: PLC0415
        from arena_rank.models.bradley_terry import BradleyTerry  # noqa: PLC0415
        from arena_rank.utils.data_utils import PairDataset  # noqa: PLC0415

        words = {LEFT: "model_a", RIGHT: "model_b", TIE: "tie"}
        frame = pd.DataFrame(
            {
                "model_a": [f"{left:02}" for left in VOTES.left],
                "model_b": [f"{right:02}" for right in VOTES.right],
                "winner": [words[said] for said in VOTES.outcome],
            }
        )
        theirs = BradleyTerry(VOTES.rows).compute_ratings_and_cis(PairDataset.from_pandas(frame))

    assert np.allclose(ratings(VOTES, 0), np.asarray(theirs["ratings"]), atol=0.5)


def test_a_single_win_is_worth_what_the_equation_says() -> None:
    counts = count(table([(0, 1, LEFT, 1)], 2))
    found = fit(design_of(counts, 1.0), counts.total, counts.won)

    # 1 - p = logistic(s) - 1/2 with p = logistic(2 s), and the mirror image
    assert found[0] == pytest.approx(-found[1])
    assert 1 - logistic(2 * found[:1]) == pytest.approx(logistic(found[:1]) - 0.5)


def test_pseudo_votes_are_ten_times_weaker_beside_ten_times_the_votes() -> None:
    votes = votes_of(VOTES)
    free = np.array(ratings(VOTES, 0))
    once = np.abs(ratings(VOTES, 10) - free).max()
    many = np.abs(ratings(table(votes * 10, 8), 10) - free).max()

    assert many == pytest.approx(once / 10, rel=0.15)


def test_the_sides_make_no_difference() -> None:
    turned = {LEFT: RIGHT, RIGHT: LEFT, TIE: TIE, BAD: BAD}
    mirrored = table([(right, left, turned[said], who) for left, right, said, who in votes_of(VOTES)], 8)

    assert ratings(mirrored, 1) == ratings(VOTES, 1)


def test_many_fits_at_once_are_the_single_ones() -> None:
    counts = count(VOTES)
    design = design_of(counts, 1.0)
    weights = np.random.default_rng(1).integers(0, 3, size=(5, len(counts.votes))).astype(float)
    votes, wins = weights @ counts.votes, weights @ counts.wins

    together = fit(design, votes, wins)
    assert np.allclose(together, [fit(design, *one) for one in zip(votes, wins, strict=True)])


def test_without_pseudo_votes_a_model_that_always_wins_ends_somewhere_high() -> None:
    found = ratings(table([(0, 1, LEFT, 1), (1, 2, LEFT, 1)], 3), 0)

    assert found[0] > found[1] > found[2]
    assert np.isfinite(found).all()


def test_a_design_adds_up_and_spreads_pairs() -> None:
    design = Design(3, np.array([0, 1]), np.array([1, 2]), 1.0, np.zeros(3, dtype=np.intp))

    assert design.spread(np.array([5.0, 2.0])).tolist() == [5, -3, -2]
    assert design.centred(np.array([1.0, 2.0, 6.0])) == pytest.approx([-2, -1, 3])


def test_groups_hang_together_by_pairs() -> None:
    found = groups(7, np.array([5, 1, 2]), np.array([6, 5, 3]))

    assert found.tolist() == [0, 1, 2, 2, 4, 1, 1]


@pytest.mark.parametrize(
    ("votes", "reason"),
    [
        (VoteTable(2, (0,), (1,), (Outcome.LEFT,), ()), "differ in length"),
        (VoteTable(2, (0,), (2,), (Outcome.LEFT,), (1,)), "not there"),
        (VoteTable(2, (0,), (-1,), (Outcome.LEFT,), (1,)), "not there"),
        (VoteTable(2, (1,), (1,), (Outcome.LEFT,), (1,)), "with itself"),
    ],
)
def test_a_table_that_cannot_be_is_refused(votes: VoteTable, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        count(votes)
