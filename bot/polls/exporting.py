"""A poll as files: CSV for a spreadsheet, JSON to count it again, ABIF for other tools that count. Pure."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from bot.polls.abif import write_abif
from bot.polls.counting import UNRANKED, choices_of
from bot.polls.tallies.lots import lots
from bot.polls.tallies.types import Tally
from bot.polls.types import Poll, PollExport, PollKind, PollPhase, PollResult
from bot.reading import MOST_WHOLE
from bot.signing import unsigned

FORMAT = "rostrum-poll"
VERSION = 2
"""Of the JSON file's layout."""
FEWEST_LISTED = 5
"""With fewer ballots, of one weight, a list of them would tell who chose what."""
FORMULAS = tuple("=+-@\t\r＝＋－＠")
"""What a cell must not begin with, or a spreadsheet runs it; the wide ones count in East Asian settings."""

Listed = tuple[bytes, bytes, int]
"""(pseudonym, ranks, weight)"""
Sign = Callable[[object], bytes]
"""Makes a file of content."""


def export_files(result: PollResult, ballots: Sequence[Listed], sign: Sign = unsigned) -> PollExport:
    """Return a poll as files; its ballots are listed when it has ended and there are enough of them."""
    poll = result.poll
    listed = sorted(ballots) if may_list(poll, [weight for _, _, weight in ballots]) else []
    padded = [(name, padded_ranks(poll, ranks), weight) for name, ranks, weight in listed]
    table = _ballot_table(poll, padded) if padded else _totals_table(result)
    content = poll_content(result, [(ranks, weight) for _, ranks, weight in padded])
    return PollExport(
        poll=poll,
        csv=_csv(table),
        json=sign(content),
        only_totals=not listed,
        abif=write_abif(poll, [(ranks, weight) for _, ranks, weight in padded]).encode() if padded else b"",
    )


def may_list(poll: Poll, weights: Sequence[int]) -> bool:
    """Tell whether a list of the ballots gives nobody away: the poll has ended, and none weighs what few others do."""
    return _has_ended(poll) and bool(weights) and min(Counter(weights).values()) >= FEWEST_LISTED


def _has_ended(poll: Poll) -> bool:
    return poll.phase in {PollPhase.CLOSED, PollPhase.DONE}


def padded_ranks(poll: Poll, ranks: bytes) -> bytes:
    """Return a ballot with a mark for each option, also for those that were added after it was cast."""
    return ranks.ljust(len(poll.options), bytes([UNRANKED]))


def described(poll: Poll, ranks: bytes) -> dict[str, Any]:
    """Return what a ballot says, for its owner: the options it names with score or rank, ready for JSON."""
    chosen = choices_of(ranks)
    if poll.kind is PollKind.SCORE:
        return {"scores": {poll.options[place]: ranks[place] for place in chosen}}
    if poll.kind is PollKind.RANKED:
        return {"ranks": {poll.options[place]: ranks[place] + 1 for place in chosen}}
    return {"choices": [poll.options[place] for place in chosen]}


def marks_of(kind: PollKind, ranks: bytes) -> tuple[int | None, ...]:
    """Return one mark an option: 1 for ticked, the score, or the rank from 1; None where there is none."""
    more = 0 if kind is PollKind.SCORE else 1
    # a tuple, which the search for garbage leaves alone: a hundred thousand lists would make it long
    return tuple([None if mark == UNRANKED else mark + more for mark in ranks])


def poll_content(result: PollResult, listed: Sequence[tuple[bytes, int]]) -> dict[str, Any]:
    """Return what a poll's JSON file says; options are named by their place in `options`, from 0.

    Fractions are text such as "7/2", estimates are text with six decimals: so the file can be signed in one way only.
    `listed` are (ranks, weight), in an order that says nothing; none for totals only. Those do not say how many people
    named an option where votes weigh differently: beside its weight that would tell whom the few heavy votes went to.
    An open poll's seed stays out: whoever knew it could propose an option whose text wins ties.
    """
    poll = result.poll
    weighs = result.weight != result.turnout
    seed = poll.tie_seed.hex() if _has_ended(poll) else None
    content: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "question": poll.question,
        "options": list(poll.options),
        "kind": poll.kind.value,
        "method": poll.method.value,
        "phase": poll.phase.value,
        "native": poll.is_native,
        "created_at": poll.created_at.isoformat(),
        "closes_at": poll.closes_at.isoformat(),
        "closed_at": _moment(poll.closed_at),
        "settings": _settings(poll),
        "ties": {"seed": seed, "order": list(lots(poll.tie_seed, poll.options))},
        "only_totals": not listed,
        "result": {
            "turnout": result.turnout,
            "weight": result.weight,
            "missed_quorum": result.missed_quorum,
            "options": [
                _option(result, place, people=bool(listed) or not weighs) for place in range(len(poll.options))
            ],
            "tally": _tally(result.tally) if result.tally else None,
        },
    }
    if listed:
        content["ballots"] = [marks_of(poll.kind, ranks) for ranks, _ in listed]
        content["weights"] = [weight for _, weight in listed] if weighs else None
    return content


def _settings(poll: Poll) -> dict[str, Any]:
    return {
        "public": poll.is_public,
        "reveal": poll.reveal.value,
        "fewest": poll.rules.fewest,
        "most": poll.rules.most,
        # as text: programs that read numbers as floating point would change them
        "roles": [str(role_id) for role_id in poll.rules.role_ids],
        "days_in_server": poll.rules.days_in_server,
        "quorum": poll.rules.quorum,
        "weights": [{"role": str(role_id), "weight": weight} for role_id, weight in poll.rules.weights],
    }


def _option(result: PollResult, place: int, *, people: bool) -> dict[str, Any]:
    estimate = result.estimates[place]
    return {
        "votes": result.votes[place],
        "percent": result.percents[place],
        "leading": result.leading[place],
        "ballots": estimate.amount if people else None,
        "value": _estimated(estimate.value),
        "low": _estimated(estimate.low),
        "high": _estimated(estimate.high),
    }


def _tally(tally: Tally) -> dict[str, Any]:
    """Return how a count went, as it is in `Tally`."""
    return {
        "winner": tally.winner,
        "order": list(tally.order),
        "scores": [_figure(score) for score in tally.scores],
        "rounds": [
            {
                "votes": [_figure(votes) for votes in one.votes],
                "exhausted": _figure(one.exhausted),
                "eliminated": list(one.eliminated),
            }
            for one in tally.rounds
        ],
        "pairwise": [list(row) for row in tally.pairwise],
        "locked": [list(pair) for pair in tally.locked],
        "skipped": [list(pair) for pair in tally.skipped],
        "paths": [list(row) for row in tally.paths],
        "tie_breaks": [{"between": list(one.between), "chosen": one.chosen, "by": one.by} for one in tally.tie_breaks],
        "condorcet": tally.condorcet,
    }


def _figure(number: Fraction | None) -> int | str | None:
    """Write a fraction: a whole number as it is, others as text."""
    if number is None:
        return None
    is_plain = number.denominator == 1 and abs(number.numerator) <= MOST_WHOLE
    return number.numerator if is_plain else f"{number.numerator}/{number.denominator}"


def _estimated(value: float | None) -> str | None:
    return None if value is None else f"{value:.6f}"


def _ballot_table(poll: Poll, listed: Sequence[Listed]) -> Iterator[Sequence[object]]:
    weigh = any(weight != 1 for _, _, weight in listed)
    yield ["voter", *poll.options, *(["weight"] if weigh else [])]
    for pseudonym, ranks, weight in listed:
        yield [pseudonym.hex(), *marks_of(poll.kind, ranks), *([weight] if weigh else [])]


def _totals_table(result: PollResult) -> Sequence[Sequence[object]]:
    rows = [
        [text, votes, percent, estimate.low, estimate.high]
        for text, votes, percent, estimate in zip(
            result.poll.options, result.votes, result.percents, result.estimates, strict=True
        )
    ]
    return [["option", "votes", "percent", "low", "high"], *rows]


def _csv(table: Iterable[Sequence[object]]) -> bytes:
    """Write a table as Excel reads it without asking: with a byte order mark, and no cell that it would run."""
    written = io.StringIO()
    writer = csv.writer(written)
    for row in table:
        # one by one: many rows in one call would keep the event loop from running
        writer.writerow([_harmless(cell) for cell in row])
    return written.getvalue().encode("utf-8-sig")


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULAS) else cell


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
