"""What ratings are made of and what they say. Plain tuples, so that cards need no numpy."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What a vote said about the pair (left, right)."""

    LEFT = "left"
    RIGHT = "right"
    TIE = "tie"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class VoteTable:
    """Votes in columns, one entry a vote.

    `rows` is how many things are rated; `left` and `right` are places among them, from 0. `voter` is any whole number
    that stands for a person.
    """

    rows: int
    left: tuple[int, ...]
    right: tuple[int, ...]
    outcome: tuple[Outcome, ...]
    voter: tuple[int, ...]


class Lack(StrEnum):
    """Why a rating is preliminary."""

    BATTLES = "battles"
    VOTERS = "voters"
    UNCONNECTED = "unconnected"


@dataclass(frozen=True, slots=True)
class Rating:
    """One row: its rating (scale 400/ln 10, centre 1000), its 95 % interval by voter, and the ranks that fit it.

    `low` and `high` are None where there are too few voters for any interval; `lacks` says why it is preliminary, empty
    when it is not. `votes` are decided ones and ties, `bad` those that called both bad.
    """

    row: int
    rating: float
    low: float | None
    high: float | None
    best_rank: int
    worst_rank: int
    votes: int
    voters: int
    wins: int
    ties: int
    losses: int
    bad: int
    lacks: tuple[Lack, ...]
    group: int
    """Rows in one connected group can be compared with each other, and with no other."""


@dataclass(frozen=True, slots=True)
class Pair:
    """How two rows met: what the first of them won, lost, tied, and how often both were bad."""

    first: int
    second: int
    wins: int
    losses: int
    ties: int
    bad: int


@dataclass(frozen=True, slots=True)
class Fragility:
    """How many votes would change the first place.

    `leader` and `runner_up` are rows. `votes` is how few changed votes do it when each may be turned round or dropped,
    `share` the same as a part of all votes that count; `dropped` is how few do it when votes are only dropped, None
    where that cannot do it.
    """

    leader: int
    runner_up: int
    votes: int
    share: float
    dropped: int | None = None


@dataclass(frozen=True, slots=True)
class Fairness:
    """A voter whose votes do not look like the others': how many votes, and how unlikely that is.

    `evidence` is an e-value: under the hypothesis that the voter votes like the rest it exceeds x with a probability
    of at most 1/x, however often one looks (Ville 1939).
    """

    voter: int
    votes: int
    evidence: float


@dataclass(frozen=True, slots=True)
class Ratings:
    """A whole board: ratings sorted from the best, pairs, groups, fragility, and with what it was made.

    `prior` is the pseudo-votes (half won, half lost) against a player of the centre; `seed` and `rounds` are of the
    resampling. `connected` says whether everything can be compared.
    """

    ratings: tuple[Rating, ...]
    pairs: tuple[Pair, ...]
    votes: int
    voters: int
    bad: int
    connected: bool
    fragility: Fragility | None
    prior: float
    seed: int
    rounds: int
    method: str
    """How intervals were made, in words."""
