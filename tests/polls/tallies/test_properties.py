"""What must hold for every election: the rules against themselves said plainly, and what each promises to voters."""

import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.db.schema import CountingMethod
from bot.polls.tallies.types import Tally
from tests.support.elections import (
    NO,
    RANKED,
    SCORED,
    Election,
    elections,
    is_silent,
    letters,
    plain_borda,
    plain_pairwise,
    plain_paths,
    plain_ranked_pairs,
    plain_runoff,
    ranked_by,
)

RUNOFF, BORDA, SCHULZE, PAIRS = RANKED
CONDORCET = (SCHULZE, PAIRS)
often = settings(max_examples=50)
RNG = st.randoms(use_true_random=False)
of_ranked = pytest.mark.parametrize("method", RANKED)


def unbeaten(tally: Tally) -> set[int]:
    """Who wins by Schulze before the lot."""
    options = range(len(tally.paths))
    return {one for one in options if all(tally.paths[one][other] >= tally.paths[other][one] for other in options)}


@often
@given(elections(most=6))
def test_runoffs_by_hand(election: Election) -> None:
    tally = election.count(RUNOFF)
    if is_silent(election):
        assert tally == Tally(RUNOFF, None, ())
        return
    assert list(tally.order) == plain_runoff(election)[::-1]
    gone: set[int] = set()
    for round_ in tally.rounds:
        assert {place for place, votes in enumerate(round_.votes) if votes is None} == gone
        assert sum(votes or 0 for votes in round_.votes) + round_.exhausted == election.profile.weight
        gone |= set(round_.eliminated)
    assert list(tally.order[len(tally.order) - len(gone) :]) == [
        place for round_ in reversed(tally.rounds) for place in round_.eliminated
    ]
    assert all(len(round_.eliminated) == 1 for round_ in tally.rounds[:-1])


@often
@given(elections(most=6))
def test_borda_by_hand(election: Election) -> None:
    tally = election.count(BORDA)
    if not is_silent(election):
        assert list(tally.scores) == plain_borda(election)
        assert sum(tally.scores) == election.profile.weight * Fraction(election.options * (election.options - 1), 2)
        assert [tally.scores[place] for place in tally.order] == sorted(tally.scores, reverse=True)


@often
@given(elections())
def test_schulze_by_every_path(election: Election) -> None:
    tally = election.count(SCHULZE)
    if not is_silent(election):
        assert [list(row) for row in tally.paths] == plain_paths(plain_pairwise(election))
        best = unbeaten(tally)
        assert tally.winner == next(place for place in election.lot if place in best)
        assert bool(tally.tie_breaks) == (len(best) > 1)
        places = {place: number for number, place in enumerate(tally.order)}
        for one, other in pairwise(tally.order):
            assert tally.paths[one][other] >= tally.paths[other][one], "nobody stands below whom they beat"
        assert sorted(places) == list(range(election.options))


@often
@given(elections())
def test_ranked_pairs_by_every_order(election: Election) -> None:
    tally = election.count(PAIRS)
    if is_silent(election):
        return
    assert tally.order == plain_ranked_pairs(election)
    assert all(tally.order.index(one) < tally.order.index(other) for one, other, _ in tally.locked)
    assert all(tally.order.index(one) > tally.order.index(other) for one, other, _ in tally.skipped)
    table = plain_pairwise(election)
    for one, other, size in (*tally.locked, *tally.skipped):
        assert size == table[one][other] - table[other][one] > 0
    assert [size for _, _, size in tally.locked] == sorted((size for _, _, size in tally.locked), reverse=True)


@pytest.mark.parametrize("scored", [False, True])
@often
@given(st.data(), RNG)
def test_the_order_of_ballots_does_not_matter(scored: bool, data: st.DataObject, rng: random.Random) -> None:
    election = data.draw(elections(scored=scored))
    singly = [(marks, 1) for marks, weight in election.groups for _ in range(weight)]
    rng.shuffle(singly)
    for method in SCORED if scored else RANKED:
        assert election.with_ballots(singly).count(method) == election.count(method)


@pytest.mark.parametrize("scored", [False, True])
@often
@given(st.data())
def test_moving_options_and_their_lot_moves_the_result(scored: bool, data: st.DataObject) -> None:
    election = data.draw(elections(scored=scored))
    order = data.draw(st.permutations(range(election.options)))
    moved = election.moved(order)
    for method in SCORED if scored else RANKED:
        before, after = election.count(method), moved.count(method)
        assert tuple(order[place] for place in after.order) == before.order
        assert [order[tie.chosen] for tie in after.tie_breaks] == [tie.chosen for tie in before.tie_breaks]


@pytest.mark.parametrize("scored", [False, True])
@often
@given(st.data(), st.integers(2, 1000))
def test_only_proportions_matter(scored: bool, data: st.DataObject, times: int) -> None:
    election = data.draw(elections(scored=scored))
    heavier = election.with_ballots([(marks, weight * times) for marks, weight in election.groups])
    for method in SCORED if scored else RANKED:
        assert heavier.count(method).order == election.count(method).order


@often
@given(elections(), st.integers(0, 9), RNG)
def test_what_marks_are_used_for_ranks_does_not_matter(election: Election, shift: int, rng: random.Random) -> None:
    marks = sorted(rng.sample(range(200), election.options))
    spread = [
        (bytes(NO if mark == NO else marks[mark] + shift for mark in ballot), weight)
        for ballot, weight in election.groups
    ]
    for method in RANKED:
        assert election.with_ballots(spread).count(method) == election.count(method)


def lifted(ballot: bytes, option: int) -> bytes:
    """The same order of the others, with one option above everything."""
    return bytes(0 if place == option else mark if mark == NO else mark + 1 for place, mark in enumerate(ballot))


@pytest.mark.parametrize("method", [BORDA, SCHULZE, PAIRS])
@often
@given(elections(), RNG)
def test_support_never_hurts(method: CountingMethod, election: Election, rng: random.Random) -> None:
    winner = election.count(method).winner
    if winner is not None:
        better = [
            (lifted(ballot, winner) if rng.random() < 0.5 else ballot, weight) for ballot, weight in election.groups
        ]
        assert election.with_ballots(better).count(method).winner == winner


@often
@given(elections(scored=True), RNG)
def test_points_never_hurt(election: Election, rng: random.Random) -> None:
    for method in SCORED:
        winner = election.count(method).winner
        better = [
            (bytes(5 if place == winner and rng.random() < 0.5 else mark for place, mark in enumerate(ballot)), weight)
            for ballot, weight in election.groups
        ]
        if winner is not None:
            assert election.with_ballots(better).count(method).winner == winner


def test_support_can_hurt_in_a_runoff() -> None:
    """The known failing of instant runoff: two voters who raise the winner to the top make it lose."""
    before = ranked_by("39 a>b>c", "35 b>c>a", "26 c>a>b")
    after = ranked_by("49 a>b>c", "25 b>c>a", "26 c>a>b")
    assert letters(before.count(RUNOFF).winner) == "a"
    assert letters(after.count(RUNOFF).winner) == "c", "ten of b's voters moved a up"


@of_ranked
@often
@given(elections())
def test_a_majority_of_first_choices_wins(method: CountingMethod, election: Election) -> None:
    """Borda does not promise it; all others do, also when ballots rank others equally or not at all."""
    total = election.profile.weight
    for option in range(election.options):
        alone = sum(
            weight
            for marks, weight in election.groups
            if all(marks[option] < mark for place, mark in enumerate(marks) if place != option)
        )
        if 2 * alone > total and method is not BORDA:
            assert election.count(method).winner == option


def test_borda_may_pass_over_a_majority() -> None:
    assert letters(ranked_by("3 a>b>c", "2 b>c>a").count(BORDA).winner) == "b"


@often
@given(elections())
def test_who_beats_all_others_wins_by_condorcet(election: Election) -> None:
    table, options = plain_pairwise(election), range(election.options)
    best = [one for one in options if all(table[one][other] > table[other][one] for other in options if other != one)]
    worst = [one for one in options if all(table[one][other] < table[other][one] for other in options if other != one)]
    for method in RANKED:
        tally = election.count(method)
        if is_silent(election):
            continue
        assert ([] if tally.condorcet is None else [tally.condorcet]) == best
        assert [list(row) for row in tally.pairwise] == table
        if best and method in CONDORCET:
            assert tally.winner == best[0]
        if worst:
            assert tally.winner != worst[0] or (method is RUNOFF and len(tally.order) > 2)
            assert tally.order[-1] == worst[0] or method not in CONDORCET


def cloned(ballot: Sequence[int], option: int, below: bool) -> bytes:
    """Add an option at the end that every ballot ranks beside this one."""
    mark = ballot[option]
    if mark == NO:
        return bytes((*ballot, NO))
    moved = [one + 1 if one != NO and one > mark else one for one in ballot]
    return bytes((*moved, mark + 1)) if below else bytes((*moved[:option], mark + 1, *moved[option + 1 :], mark))


@often
@given(elections(most=4, strict=True), st.data())
def test_clones_change_nothing_for_schulze(election: Election, data: st.DataObject) -> None:
    if is_silent(election):
        return
    before = unbeaten(election.count(SCHULZE))
    option = data.draw(st.integers(0, election.options - 1))
    more = [(cloned(ballot, option, data.draw(st.booleans())), weight) for ballot, weight in election.groups]
    after = unbeaten(Election(more, (*election.lot, election.options)).count(SCHULZE))
    assert {option if place == election.options else place for place in after} == before


@pytest.mark.parametrize("method", [BORDA, SCHULZE, PAIRS])
@often
@given(elections(complete=True))
def test_turned_ballots_do_not_keep_the_winner(method: CountingMethod, election: Election) -> None:
    """Reversal symmetry, where one option wins without a tie (ranked pairs: where no margins are equal)."""
    tally = election.count(method)
    turned = election.with_ballots([(bytes(24 - mark for mark in marks), weight) for marks, weight in election.groups])
    sizes = [size for _, _, size in (*tally.locked, *tally.skipped)]
    if not tally.tie_breaks and len(set(sizes)) == len(sizes):
        assert turned.count(method).winner != tally.winner
    if method is BORDA:
        assert [one + other for one, other in zip(tally.scores, turned.count(BORDA).scores, strict=True)] == [
            election.profile.weight * (election.options - 1)
        ] * election.options


@often
@given(elections())
def test_ties_are_between_several_and_name_who_came_out(election: Election) -> None:
    for method in RANKED:
        for tie in election.count(method).tie_breaks:
            assert tie.chosen in tie.between
            assert len(tie.between) > 1
            assert list(tie.between) == sorted(set(tie.between))
