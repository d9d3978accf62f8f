"""Instant runoff: whoever has the fewest votes goes out and their ballots move on, until one has more than half.

One option goes out a round (no elimination in bulk), so that a count can be repeated by hand. In each round a ballot
counts for the option that it ranks first among those left; when it ranks several equally there, it is shared between
them in equal parts. A ballot that ranks none of those left is exhausted: it counts for nobody, and "more than half" is
of the ballots that still count. When two are left, the one with fewer votes goes out.

When several have the fewest votes, the one goes out that had fewest in the round before, and so on back to the first;
when they were equal all along, the one that is last in the lot. (So breaks Scottish law ties too: The Scottish Local
Government Elections Order 2011, schedule 1, rule 52; its lot is drawn by the returning officer.)
"""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from bot.db.schema import CountingMethod
from bot.polls.tallies.pairs import condorcet
from bot.polls.tallies.profile import UNRANKED, Profile
from bot.polls.tallies.ties import BY_LOT
from bot.polls.tallies.types import Round, Tally, TieBreak

BY_EARLIER_ROUNDS = "by the votes in earlier rounds"


def runoff(profile: Profile, lot: Sequence[int]) -> Tally:
    """Count ranked ballots."""
    left = list(range(profile.options))
    rounds: list[Round] = []
    ties: list[TieBreak] = []
    out: list[int] = []
    while True:
        found, exhausted = first_choices(profile, left)
        votes = tuple(found.get(option) for option in range(profile.options))
        rounds.append(Round(votes, exhausted, ()))
        if len(left) == 1 or 2 * max(found.values()) > profile.weight - exhausted:
            break
        loser = _last(left, rounds, lot, ties)
        rounds[-1] = Round(votes, exhausted, (loser,))
        left.remove(loser)
        out.append(loser)
        if len(left) == 1:
            break
    order = [*_ranked(left, rounds, lot), *reversed(out)]
    return Tally(
        CountingMethod.RUNOFF,
        order[0],
        tuple(order),
        rounds=tuple(rounds),
        pairwise=profile.pairwise,
        tie_breaks=tuple(ties),
        condorcet=condorcet(profile.pairwise),
    )


def first_choices(profile: Profile, left: Sequence[int]) -> tuple[dict[int, Fraction], Fraction]:
    """Count for whom each ballot stands among those left; also weigh the exhausted ones."""
    marks = profile.marks[list(left)]
    best = marks.min(axis=0)
    is_first = (marks == best) & (best != UNRANKED)
    sharing = is_first.sum(axis=0, dtype=np.uint8)
    found = dict.fromkeys(left, Fraction(0))
    for size in np.flatnonzero(np.bincount(sharing)):
        if size:
            of_size = sharing == size
            for option, row in zip(left, is_first, strict=True):
                found[option] += Fraction(profile.weigh(row & of_size), int(size))
    return found, Fraction(profile.weigh(sharing == 0))


def _standing(option: int, rounds: Sequence[Round]) -> list[Fraction]:
    """Return the votes of an option that is left, from the last round to the first."""
    return [round_.votes[option] or Fraction(0) for round_ in reversed(rounds)]


def _last(left: Sequence[int], rounds: Sequence[Round], lot: Sequence[int], ties: list[TieBreak]) -> int:
    """Choose who goes out, and note a tie if there was one."""
    standings = {option: _standing(option, rounds) for option in left}
    fewest = min(standing[0] for standing in standings.values())
    tied = [option for option in left if standings[option][0] == fewest]
    lowest = min(standings.values())
    equal = [option for option in tied if standings[option] == lowest]
    loser = max(equal, key=lot.index)
    if len(tied) > 1:
        ties.append(TieBreak(tuple(tied), loser, BY_LOT if len(equal) > 1 else BY_EARLIER_ROUNDS))
    return loser


def _ranked(left: Sequence[int], rounds: Sequence[Round], lot: Sequence[int]) -> list[int]:
    """Order those left when somebody has won: by votes in the last round, then in earlier ones, then by lot."""
    inverse = [[-votes for votes in _standing(option, rounds)] for option in range(len(lot))]
    return sorted(left, key=lambda option: (inverse[option], lot.index(option)))
