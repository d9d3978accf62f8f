"""The votes of an arena as a file from which anybody can make its board again. Pure.

Nothing that a member wrote is in it: neither prompts nor answers, nor when anything was. Voters are numbers that are
drawn anew for each file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from random import Random
from typing import Any

from bot.arena.ratings.types import Outcome, Rating, Ratings, VoteTable
from bot.arena.tables import OUTCOMES, CastVote, LeftOut, Met
from bot.arena.types import Board, Doubt, Openness, Verdict
from bot.errors import InvalidInputError
from bot.reading import Reader

FORMAT = "rostrum-arena-votes"
VERSION = 1
FEWEST_VOTERS = 5
"""With fewer of them a list of their votes would tell who voted for what."""
MOST_LINES = 200
MOST_ROUNDS = 2_000
CLOSE = Decimal("0.02")
"""How far ratings may be apart, in points, where another machine's arithmetic rounds differently."""


@dataclass(frozen=True, slots=True)
class Votes:
    """What a file says: the names of the lines, the votes that its board counts, and the board as it was published.

    `table` is None where the file holds totals only.
    """

    lines: tuple[str, ...]
    table: VoteTable | None
    voters: int
    votes: int
    battles: int
    seed: int
    rounds: int
    prior: float
    published: Mapping[str, Any]


def vote_content(
    board: Board,
    battles: Sequence[Met],
    votes: Sequence[CastVote],
    exclusions: Sequence[LeftOut],
    made_at: datetime,
    rng: Random,
) -> dict[str, Any]:
    """Return what is to be signed.

    `board` is the board of models with votes in doubt and excluded voters left out; `battles` are closed, with or
    without votes; `votes` are all votes in them, also those that the board leaves out; `rng` shuffles.
    """
    voters = list({vote.voter_id for vote in votes})
    only_totals = len(voters) < FEWEST_VOTERS
    rng.shuffle(voters)
    number = {voter_id: place for place, voter_id in enumerate(voters)}
    shuffled = list(battles)
    rng.shuffle(shuffled)
    place_of = {battle.battle_id: place for place, battle in enumerate(shuffled)}
    line_of = {line.line_id: place for place, line in enumerate(board.lines)}
    ratings = board.parts[0][1] if board.parts else None
    content: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "made_at": made_at.isoformat(),
        "lines": [
            {"key": line.key, "version": line.version, "name": line.name, "openness": line.openness.value}
            for line in board.lines
        ],
        "totals": {"battles": len(battles), "votes": len(votes), "voters": len(voters)},
        "only_totals": only_totals,
        "seed": str(board.seed),
        "rounds": ratings.rounds if ratings else 0,
        "prior": repr(float(ratings.prior if ratings else 0)),
        "board": board_content(ratings) if ratings else {},
    }
    if only_totals:
        return content
    content["battles"] = [
        {
            "lines": [line_of[line_id] for line_id in battle.lines],
            "task": battle.task.value,
            "language": battle.language,
            "pairing": battle.pairing.value,
            "private": battle.is_private,
        }
        for battle in shuffled
    ]
    listed = list(votes)
    rng.shuffle(listed)
    content["votes"] = [
        {
            "battle": place_of[vote.battle_id],
            "voter": number[vote.voter_id],
            "verdict": vote.verdict.value,
            "reasons": [reason.value for reason in vote.reasons],
            "doubt": vote.doubt.value if vote.doubt else None,
        }
        for vote in listed
    ]
    content["exclusions"] = [
        {
            "voter": number[one.voter_id],
            "evidence": one.evidence,
            "lifted": one.lifted_at is not None,
        }
        for one in exclusions
        if one.voter_id in number
    ]
    return content


def board_content(ratings: Ratings) -> dict[str, Any]:
    """Return a board as it is published in a file: fractions as text, to the hundredth of a point."""
    fragile = ratings.fragility
    return {
        "votes": ratings.votes,
        "voters": ratings.voters,
        "bad": ratings.bad,
        "connected": ratings.connected,
        "fragility": {"leader": fragile.leader, "runner_up": fragile.runner_up, "votes": fragile.votes}
        if fragile
        else None,
        "ratings": [_rating(rating) for rating in sorted(ratings.ratings, key=lambda one: one.row)],
    }


def _rating(rating: Rating) -> dict[str, Any]:
    return {
        "line": rating.row,
        "rating": _points(rating.rating),
        "low": _points(rating.low),
        "high": _points(rating.high),
        "ranks": [rating.best_rank, rating.worst_rank],
        "wins": rating.wins,
        "ties": rating.ties,
        "losses": rating.losses,
        "bad": rating.bad,
        "voters": rating.voters,
        "lacks": [lack.value for lack in rating.lacks],
        "group": rating.group,
    }


def _points(value: float | None) -> str | None:
    return None if value is None else f"{value:.2f}"


def read_votes(content: object) -> Votes:
    """Read the content of a vote file.

    Raises:
        InvalidInputError: it is none, or does not fit together (file).
    """
    whole = Reader(content)
    if whole.member("format").text() != FORMAT:
        raise InvalidInputError("file", "This is no vote file of an arena.")
    version = whole.member("version").number(1, 1_000_000)
    if version != VERSION:
        age = "newer" if version > VERSION else "older"
        raise InvalidInputError("file", f"This file is of an {age} version ({version}) than this Rostrum reads.")
    lines = tuple(_line(one) for one in whole.member("lines").items(0, MOST_LINES))
    totals = whole.member("totals")
    only_totals = whole.member("only_totals").flag()
    prior = whole.member("prior")
    table = None if only_totals else _table(whole, len(lines))
    return Votes(
        lines=lines,
        table=table,
        voters=totals.member("voters").number(0),
        votes=totals.member("votes").number(0),
        battles=totals.member("battles").number(0),
        seed=_seed(whole.member("seed")),
        rounds=whole.member("rounds").number(0, MOST_ROUNDS),
        prior=float(_decimal(prior, Decimal(0), Decimal(1_000_000))),
        published=whole.member("board").mapping(),
    )


def _line(line: Reader) -> str:
    name, version = line.member("name").text(), line.member("version").text()
    line.member("key").text()
    line.member("openness").one_of(Openness)
    return f"{name} ({version})" if version and version != name else name


def _seed(seed: Reader) -> int:
    text = seed.text(most=40)
    if not (text.isascii() and text.isdecimal()):
        raise seed.unfit("is no whole number as text")
    return int(text)


def _decimal(at: Reader, low: Decimal, high: Decimal) -> Decimal:
    try:
        number = Decimal(at.text(most=40))
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite() or not low <= number <= high:
        raise at.unfit(f"is no number from {low} to {high} as text")
    return number


def _met(pair: Reader, lines: int) -> tuple[int, int]:
    first, second = (line.number(0, lines - 1) for line in pair.items(2, 2))
    if first == second:
        raise pair.unfit("names one line twice")
    return first, second


def _table(whole: Reader, lines: int) -> VoteTable:
    """Return the votes that the board counts: without doubt, by voters that are not excluded."""
    battles = [_met(battle.member("lines"), lines) for battle in whole.member("battles").items()]
    votes = list(whole.member("votes").items())
    barred = {
        one.member("voter").number(0) for one in whole.member("exclusions").items() if not one.member("lifted").flag()
    }
    cast: set[tuple[int, int]] = set()
    left, right, outcome, voters = list[int](), list[int](), list[Outcome](), list[int]()
    for vote in votes:
        battle, voter = vote.member("battle").number(0, len(battles) - 1), vote.member("voter").number(0)
        if (battle, voter) in cast:
            raise vote.unfit("is a second vote of one voter in one battle")
        cast.add((battle, voter))
        verdict = vote.member("verdict").one_of(Verdict)
        doubt = vote.member("doubt")
        if doubt.is_there():
            doubt.one_of(Doubt)
        elif voter not in barred:
            left.append(battles[battle][0])
            right.append(battles[battle][1])
            outcome.append(OUTCOMES[verdict])
            voters.append(voter)
    return VoteTable(lines, tuple(left), tuple(right), tuple(outcome), tuple(voters))
