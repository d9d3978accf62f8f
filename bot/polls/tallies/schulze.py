"""Schulze's method: the strongest paths of victories decide, by margins.

M. Schulze, "A new monotonic, clone-independent, reversal symmetric, and Condorcet-consistent single-winner election
method", Social Choice and Welfare 36 (2011). A victory is as strong as its margin: the weight of the ballots that rank
one above the other, less that of those that rank it below. Unranked options are below all ranked ones and equal among
themselves. When several options are unbeaten, the first of them in the lot wins; the order goes on in the same way
among those that are left.
"""

from collections.abc import Sequence

from bot.db.schema import CountingMethod
from bot.polls.tallies.pairs import Matrix, condorcet, margin
from bot.polls.tallies.profile import Profile
from bot.polls.tallies.ties import unbeaten_first
from bot.polls.tallies.types import Tally


def schulze(profile: Profile, lot: Sequence[int]) -> Tally:
    """Count ranked ballots."""
    paths = strongest_paths(profile.pairwise)
    order, ties = unbeaten_first(lambda one, other: margin(paths, one, other) > 0, lot)
    return Tally(
        CountingMethod.SCHULZE,
        order[0],
        order,
        pairwise=profile.pairwise,
        paths=tuple(tuple(row) for row in paths),
        tie_breaks=ties,
        condorcet=condorcet(profile.pairwise),
    )


def strongest_paths(pairwise: Matrix) -> list[list[int]]:
    """Return for each pair how strong the weakest victory is on the best path; 0 without a path."""
    options = range(len(pairwise))
    paths = [[max(0, margin(pairwise, one, other)) for other in options] for one in options]
    for middle in options:
        for start in options:
            first = paths[start][middle]
            if first and start != middle:
                row, after = paths[start], paths[middle]
                for end in options:
                    through = min(first, after[end])
                    if through > row[end] and end != start:
                        row[end] = through
    return paths
