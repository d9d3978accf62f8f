"""What follows from comparing options two by two."""

from collections.abc import Sequence

Matrix = Sequence[Sequence[int]]


def margin(pairwise: Matrix, one: int, other: int) -> int:
    """Return by how much the ballots for one option outweigh those for the other; negative when they do not."""
    return pairwise[one][other] - pairwise[other][one]


def condorcet(pairwise: Matrix) -> int | None:
    """Return the option that beats every other one by one, if there is one."""
    options = range(len(pairwise))
    for one in options:
        if all(margin(pairwise, one, other) > 0 for other in options if other != one):
            return one
    return None
