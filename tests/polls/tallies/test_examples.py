"""Elections from the literature and the bad days: nobody, one, all tied, many options."""

import itertools
from fractions import Fraction

import pytest

from bot.db.schema import CountingMethod, PollKind
from bot.polls.rules import METHODS
from bot.polls.tallies.compare import compare
from bot.polls.tallies.count import count
from bot.polls.tallies.profile import Profile
from bot.polls.tallies.ranked_pairs import BY_EQUAL_MARGINS
from bot.polls.tallies.runoff import BY_EARLIER_ROUNDS
from bot.polls.tallies.ties import BY_LOT
from bot.polls.tallies.types import Round, Tally, TieBreak
from tests.support.elections import NO, RANKED, SCORED, Election, letters, ranked_by

RUNOFF, BORDA, SCHULZE, PAIRS = RANKED
# Tennessee chooses its capital, the usual example: m(emphis), n(ashville), c(hattanooga), k(noxville)
TENNESSEE = ranked_by("42 m>n>c>k", "26 n>c>k>m", "15 c>k>n>m", "17 k>c>n>m")
# Schulze (2011), example 1, section 3.1
SCHULZE_2011 = ranked_by(
    "5 a>c>b>e>d",
    "5 a>d>e>c>b",
    "8 b>e>d>a>c",
    "3 c>a>b>e>d",
    "7 c>a>e>b>d",
    "2 c>b>a>d>e",
    "7 d>c>e>b>a",
    "8 e>b>a>d>c",
)


def names(election: Election, tally: Tally) -> str:
    letters_of = "ckmn" if election is TENNESSEE else "abcdefghijklmnopqrstuvwxy"
    return "".join(letters_of[place] for place in tally.order)


def test_tennessee_by_every_rule() -> None:
    by = {method: TENNESSEE.count(method) for method in (*RANKED, CountingMethod.PLURALITY)}
    assert {method: names(TENNESSEE, tally) for method, tally in by.items()} == {
        RUNOFF: "kmnc",
        BORDA: "ncmk",
        SCHULZE: "nckm",
        PAIRS: "nckm",
        CountingMethod.PLURALITY: "mnkc",
    }
    assert {tally.condorcet for tally in by.values()} == {3}
    assert by[BORDA].scores == (173, 107, 126, 194)
    assert by[RUNOFF].rounds == (
        Round((Fraction(15), Fraction(17), Fraction(42), Fraction(26)), Fraction(0), (0,)),
        Round((None, Fraction(32), Fraction(42), Fraction(26)), Fraction(0), (3,)),
        Round((None, Fraction(58), Fraction(42), None), Fraction(0), ()),
    )
    assert [tally.tie_breaks for tally in by.values()] == [()] * 5


def test_the_example_that_schulze_gives() -> None:
    tally = SCHULZE_2011.count(SCHULZE)
    assert letters(tally.order) == "eacbd"
    assert tally.condorcet is None
    # the article has the same paths in winning votes; a victory of v votes of 45 has the margin 2 v - 45
    votes = {"ab": 28, "ac": 28, "ad": 30, "ae": 24, "ba": 25, "cb": 29, "db": 28, "eb": 28, "de": 24, "ed": 31}
    for pair, number in votes.items():
        one, other = (ord(letter) - 97 for letter in pair)
        assert tally.paths[one][other] == 2 * number - 45
    assert names(SCHULZE_2011, SCHULZE_2011.count(PAIRS)) == "acebd"


def test_ranked_pairs_tell_what_they_kept() -> None:
    cycle = ranked_by("4 a>b>c", "3 b>c>a", "2 c>a>b")
    tally = cycle.count(PAIRS)
    assert (letters(tally.order), tally.winner) == ("abc", 0)
    assert tally.locked == ((1, 2, 5), (0, 1, 3))
    assert tally.skipped == ((2, 0, 1),), "it would make a circle"
    assert tally.tie_breaks == (), "no margins are equal"


def test_equal_margins_follow_the_lot() -> None:
    for lot, order in (("abc", "abc"), ("bca", "bca"), ("cab", "cab"), ("acb", "abc"), ("bac", "bca"), ("cba", "cab")):
        # who is first in the lot loses last
        cycle = ranked_by("1 a>b>c", "1 b>c>a", "1 c>a>b", lot=lot)
        tally = cycle.count(PAIRS)
        assert letters(tally.order) == order
        assert [tie.by for tie in tally.tie_breaks] == [BY_EQUAL_MARGINS]
        (tie,) = tally.tie_breaks
        assert tie == TieBreak(tuple(sorted((cycle.lot[0], tally.order[2]))), cycle.lot[0], BY_EQUAL_MARGINS)
        assert cycle.count(SCHULZE).tie_breaks == (TieBreak((0, 1, 2), cycle.lot[0], BY_LOT),)


def test_a_tie_for_elimination_looks_back_and_then_at_the_lot() -> None:
    back = ranked_by("5 a>b", "4 b>a", "3 c>a", "2 d>c", lot="cdba")
    tally = back.count(RUNOFF)
    # d goes out and c has five then; a, b and c: 5, 4, 5; b goes out; a has nine
    assert [letters(round_.eliminated) for round_ in tally.rounds] == ["d", "b", ""]
    assert tally.tie_breaks == ()

    earlier = ranked_by("6 a", "4 b", "3 c", "1 d>c", lot="bcad")
    tally = earlier.count(RUNOFF)
    assert [letters(round_.eliminated) for round_ in tally.rounds] == ["d", "c", ""]
    assert tally.tie_breaks == (TieBreak((1, 2), 2, BY_EARLIER_ROUNDS),)

    never = ranked_by("3 a", "2 b>a", "2 c>a", lot="cba")
    tally = never.count(RUNOFF)
    assert tally.tie_breaks == (TieBreak((1, 2), 1, BY_LOT),), "b is later in the lot"
    assert letters(tally.order) == "acb"


def test_ballots_run_out_and_half_of_the_rest_wins() -> None:
    tally = ranked_by("4 a", "3 b", "2 c", "2 d").count(RUNOFF)
    assert [(letters(round_.eliminated), round_.exhausted) for round_ in tally.rounds] == [("d", 0), ("c", 2), ("", 4)]
    assert tally.rounds[-1].votes == (4, 3, None, None), "four of the seven that still count"
    assert tally.tie_breaks == (TieBreak((2, 3), 3, BY_LOT),)


def test_equal_ranks_share_a_ballot() -> None:
    tally = ranked_by("1 a=b=c>d", "1 a=d", "1 d").count(RUNOFF)
    third, half = Fraction(1, 3), Fraction(1, 2)
    assert tally.rounds[0] == Round((third + half, third, third, 1 + half), Fraction(0), (2,))
    assert tally.rounds[1].votes == (1, half, None, 1 + half), "what c had is shared by the other two"
    assert letters(tally.order) == "dabc"


def test_a_tie_between_the_last_two() -> None:
    for lot in ("ab", "ba"):
        tally = ranked_by("2 a>b", "2 b>a", lot=lot).count(RUNOFF)
        assert (letters(tally.order), len(tally.rounds)) == (lot, 1)
        loser = 1 - (tally.winner or 0)
        assert tally.tie_breaks == (TieBreak((0, 1), loser, BY_LOT),), "who goes out"


@pytest.mark.parametrize("method", CountingMethod)
def test_nobody_wins_when_nobody_says_anything(method: CountingMethod) -> None:
    for groups in ([], [(bytes([NO] * 3), 5)], [(b"", 2)], [(bytes(3), 2)] if method in SCORED else []):
        assert count(method, Profile.of(groups, 3), (0, 1, 2)) == Tally(method, None, ())


@pytest.mark.parametrize("method", CountingMethod)
def test_one_ballot_and_all_tied(method: CountingMethod) -> None:
    scored = method in SCORED
    one = Election([(bytes((1, 2, 5) if scored else (2, 1, 0) if method in RANKED else (NO, NO, 0)), 1)], (0, 1, 2))
    tally = one.count(method)
    assert tally.winner == 2
    if method in (*RANKED, *SCORED):
        # a runoff ends with the first majority, and the others have no votes then
        assert tally.order == ((2, 0, 1) if method is RUNOFF else (2, 1, 0))
    for lot in itertools.permutations(range(3)):
        tied = Election([(bytes([3 if scored else 0] * 3), 7)], lot).count(method)
        assert (tied.order, tied.winner) == (lot, lot[0])
        assert tied.tie_breaks
        assert tied.condorcet is None


@pytest.mark.parametrize("method", [*RANKED, CountingMethod.STAR])
def test_five_and_twenty_options(method: CountingMethod) -> None:
    lot = tuple(range(24, -1, -1))
    marks = [bytes((place * step + shift) % 25 for place in range(25)) for step in (1, 2, 3, 7) for shift in range(25)]
    if method is CountingMethod.STAR:
        marks = [bytes(mark % 6 for mark in one) for one in marks]
    tally = Election([(one, 1 + number % 3) for number, one in enumerate(marks)], lot).count(method)
    assert sorted(tally.order) == list(range(25))
    assert tally.winner == tally.order[0]
    assert len(tally.pairwise) == 25
    assert len(tally.locked) + len(tally.skipped) <= 300


def test_one_option_wins() -> None:
    for method in CountingMethod:
        assert Election([(bytes([1 if method in SCORED else 0]), 1)], (0,)).count(method).order == (0,)


def test_comparing_rules() -> None:
    ranked = compare(PollKind.RANKED, TENNESSEE.profile, TENNESSEE.lot)
    assert [tally.method for tally in ranked.tallies] == [*METHODS[PollKind.RANKED], CountingMethod.PLURALITY]
    assert ranked.differs
    assert not compare(PollKind.RANKED, ranked_by("3 a>b", "2 b>a").profile, (0, 1)).differs
    for kind in (PollKind.SINGLE, PollKind.MULTIPLE, PollKind.APPROVAL):
        assert compare(kind, ranked_by("3 a").profile, (0,)).tallies == ()
    scored = Election([(bytes((5, 4, 0)), 3), (bytes((0, 4, 5)), 2), (bytes((NO, 5, NO)), 1)], (0, 1, 2))
    by = compare(PollKind.SCORE, scored.profile, scored.lot)
    assert [(tally.method, tally.winner) for tally in by.tallies] == [
        (CountingMethod.SCORE, 1), (CountingMethod.STAR, 1), (SCHULZE, 0), (RUNOFF, 0),
    ]  # fmt: skip
    assert by.differs


def test_a_mean_is_of_the_scores_that_were_given() -> None:
    election = Election([(bytes((5, 4, NO)), 2), (bytes((NO, 3, 0)), 1)], (0, 1, 2))
    assert election.count(CountingMethod.SCORE).scores == (5, Fraction(11, 3), 0)
    assert election.count(CountingMethod.STAR).scores == (10, 11, 0), "STAR adds up"
