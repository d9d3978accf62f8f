"""Counts against libraries that count the same: pyrankvote, pref_voting and votelib.

What is compared, and under which conventions, each test says. Our lot never takes part: where a library breaks ties by
itself, elections with ties are left out or our winner has to be among those that it allows.
"""

import math
import warnings
from collections import Counter
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from bot.db.schema import CountingMethod
from tests.support.elections import NO, RANKED, Election, elections, is_silent

RUNOFF, BORDA, SCHULZE, PAIRS = RANKED
often = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def peers() -> Any:
    """The libraries; what they warn of when they are imported is theirs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names = {
            "pyrankvote": "pyrankvote",
            "convert": "votelib.convert",
            "condorcet": "votelib.evaluate.condorcet",
            "grades": "pref_voting.grade_methods",
            "iterative": "pref_voting.iterative_methods",
            "margins": "pref_voting.margin_based_methods",
            "points": "pref_voting.scoring_methods",
            "graded": "pref_voting.grade_profiles",
            "tied": "pref_voting.profiles_with_ties",
        }
        return SimpleNamespace(**{short: import_module(name) for short, name in names.items()})


def in_order(marks: bytes) -> list[int]:
    """Return what a ballot ranks, the best first."""
    return sorted((place for place, mark in enumerate(marks) if mark != NO), key=marks.__getitem__)


def with_ties(peers: Any, election: Election) -> Any:
    """Unranked options are below the ranked ones, as pref_voting has it when asked."""
    profile = peers.tied.ProfileWithTies(
        [{place: marks[place] + 1 for place in in_order(marks)} for marks, _ in election.groups],
        rcounts=[weight for _, weight in election.groups],
        candidates=list(range(election.options)),
    )
    profile.use_extended_strict_preference()
    return profile


@often
@given(election=elections(strict=True))
def test_runoffs_by_pyrankvote(peers: Any, election: Election) -> None:
    """Truncated ballots; pyrankvote breaks ties by second choices, so only elections without ties."""
    tally = election.count(RUNOFF)
    if is_silent(election) or tally.tie_breaks:
        return
    candidates = [peers.pyrankvote.Candidate(str(place)) for place in range(election.options)]
    ballots = [
        peers.pyrankvote.Ballot([candidates[place] for place in in_order(marks)])
        for marks, weight in election.groups
        for _ in range(weight)
    ]
    result = peers.pyrankvote.instant_runoff_voting(candidates, ballots)
    assert [winner.name for winner in result.get_winners()] == [str(tally.winner)]
    theirs = {one.candidate.name: one.number_of_votes for one in result.rounds[0].candidate_results}
    assert theirs == {str(place): float(votes or 0) for place, votes in enumerate(tally.rounds[0].votes)}


@often
@given(election=elections())
def test_runoffs_by_every_way_to_break_ties(peers: Any, election: Election) -> None:
    """Equal ranks share a ballot; pref_voting follows all eliminations that ties allow ("parallel universe")."""
    if is_silent(election):
        return
    tally = election.count(RUNOFF)
    allowed = peers.iterative.instant_runoff_put(with_ties(peers, election), score_method="split")
    assert tally.winner in allowed
    if not tally.tie_breaks:
        assert allowed == [tally.winner]


@often
@given(election=elections())
def test_borda_by_pref_voting(peers: Any, election: Election) -> None:
    """Its symmetric scores are those ranked below less those ranked above: so twice ours less the mean."""
    tally = election.count(BORDA)
    if not is_silent(election):
        theirs = peers.points.symmetric_borda_scores(with_ties(peers, election))
        zero = election.profile.weight * (election.options - 1)
        assert [2 * points - zero for points in tally.scores] == [theirs[place] for place in range(election.options)]


@often
@given(election=elections())
def test_condorcet_rules_by_pref_voting(peers: Any, election: Election) -> None:
    """By margins, with unranked below ranked; Schulze is its "beat path", ranked pairs under every order of equals."""
    if is_silent(election):
        return
    profile = with_ties(peers, election)
    tally = election.count(SCHULZE)
    best = peers.margins.beat_path(profile)
    assert tally.winner in best
    assert [tie.between for tie in tally.tie_breaks] == ([tuple(best)] if len(best) > 1 else [])
    assert tally.condorcet == profile.condorcet_winner()
    for one in range(election.options):
        for other in range(election.options):
            assert tally.pairwise[one][other] == profile.support(one, other)

    tally = election.count(PAIRS)
    equals = Counter(size for _, _, size in (*tally.locked, *tally.skipped))
    without = election.options * (election.options - 1) // 2 - equals.total()
    # it tries every order of equal margins, and both directions of pairs without one
    if math.prod(map(math.factorial, (*equals.values(), 2 * without))) <= 24:
        allowed = peers.margins.ranked_pairs(profile)
        assert tally.winner in allowed
        if not tally.tie_breaks:
            assert allowed == [tally.winner]


@often
@given(election=elections(strict=True, complete=True))
def test_condorcet_rules_by_votelib(peers: Any, election: Election) -> None:
    """Complete ballots, where margins and the winning votes that its Schulze goes by are in the same order."""
    votes: dict[tuple[int, ...], int] = {}
    for marks, weight in election.groups:
        votes[tuple(in_order(marks))] = votes.get(tuple(in_order(marks)), 0) + weight
    pairs = peers.convert.RankedToCondorcetVotes().convert(votes)
    tally = election.count(PAIRS)
    sizes = [size for _, _, size in (*tally.locked, *tally.skipped)]
    options = election.options
    if len(set(sizes)) == len(sizes) == options * (options - 1) // 2:
        assert peers.condorcet.RankedPairs("margins").evaluate(pairs) == [tally.winner]
    tally = election.count(SCHULZE)
    if not tally.tie_breaks:
        assert peers.condorcet.Schulze().evaluate(pairs) == [tally.winner]


@often
@given(election=elections(scored=True))
def test_star_and_scores_by_pref_voting(peers: Any, election: Election) -> None:
    """STAR with no score as 0 points, under every way to break ties; the mean is of the scores that were given."""
    options, grades = range(election.options), list(range(6))
    counts = [weight for _, weight in election.groups]

    def graded(unscored: dict[int, int]) -> Any:
        maps = [
            unscored | {place: mark for place, mark in enumerate(marks) if mark != NO} for marks, _ in election.groups
        ]
        return peers.graded.GradeProfile(maps, grades, gcounts=counts, candidates=list(options))

    tally = election.count(CountingMethod.STAR)
    if tally.winner is None:
        return
    profile = graded(dict.fromkeys(options, 0))
    assert tally.winner in peers.grades.star(profile)
    assert [profile.sum(place) for place in options] == list(tally.scores)
    tally = election.count(CountingMethod.SCORE)
    profile = graded({})
    for place in options:
        if profile.has_grade(place):
            assert float(tally.scores[place]) == pytest.approx(profile.avg(place))
