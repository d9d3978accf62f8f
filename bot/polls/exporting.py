"""A poll as files: CSV for a spreadsheet, JSON for programs. Pure."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.polls.counting import UNRANKED, choices_of
from bot.polls.types import Poll, PollExport, PollKind, PollPhase, PollResult

VERSION = 1
"""Of the JSON file's layout."""
FEWEST_LISTED = 5
"""With fewer ballots a list of them would tell who chose what."""
FORMULAS = tuple("=+-@\t\r＝＋－＠")
"""What a cell must not begin with, or a spreadsheet runs it; the wide ones count in East Asian settings."""

Listed = tuple[bytes, bytes]
"""(pseudonym, ranks)"""


def export_files(result: PollResult, ballots: Sequence[Listed]) -> PollExport:
    """Return a poll as files; its ballots are listed when it has ended and there are enough of them."""
    poll = result.poll
    has_ended = poll.phase in {PollPhase.CLOSED, PollPhase.DONE}
    listed = sorted(ballots) if has_ended and len(ballots) >= FEWEST_LISTED else []
    table = _ballot_table(poll, listed) if listed else _totals_table(result)
    content = _content(result, listed)
    return PollExport(
        poll=poll,
        csv=_csv(table),
        json=json.dumps(content, ensure_ascii=False, indent=2).encode(),
        only_totals=not listed,
    )


def described(poll: Poll, ranks: bytes) -> dict[str, Any]:
    """Return what a ballot says, for its owner: the options it names with score or rank, ready for JSON."""
    chosen = choices_of(ranks)
    if poll.kind is PollKind.SCORE:
        return {"scores": {poll.options[place]: ranks[place] for place in chosen}}
    if poll.kind is PollKind.RANKED:
        return {"ranks": {poll.options[place]: ranks[place] + 1 for place in chosen}}
    return {"choices": [poll.options[place] for place in chosen]}


def _marks(kind: PollKind, ranks: bytes) -> list[int | None]:
    """Return one mark an option: 1 for ticked, the score, or the rank from 1; None where there is none."""
    more = 0 if kind is PollKind.SCORE else 1
    return [None if mark == UNRANKED else mark + more for mark in ranks]


def _content(result: PollResult, listed: Sequence[Listed]) -> dict[str, Any]:
    poll = result.poll
    content: dict[str, Any] = {
        "version": VERSION,
        "question": poll.question,
        "kind": poll.kind.value,
        "phase": poll.phase.value,
        "created_at": poll.created_at.isoformat(),
        "closes_at": poll.closes_at.isoformat(),
        "closed_at": _moment(poll.closed_at),
        "settings": {
            "public": poll.is_public,
            "reveal": poll.reveal.value,
            "fewest": poll.rules.fewest,
            "most": poll.rules.most,
            # as text: programs that read numbers as floating point would change them
            "roles": [str(role_id) for role_id in poll.rules.role_ids],
            "days_in_server": poll.rules.days_in_server,
            "quorum": poll.rules.quorum,
        },
        "turnout": result.turnout,
        "missed_quorum": result.missed_quorum,
        "only_totals": not listed,
        "options": [
            {
                "text": text,
                "votes": result.votes[place],
                "percent": result.percents[place],
                "leading": result.leading[place],
                "ballots": result.estimates[place].amount,
                "value": result.estimates[place].value,
                "low": result.estimates[place].low,
                "high": result.estimates[place].high,
            }
            for place, text in enumerate(poll.options)
        ],
    }
    if listed:
        content["ballots"] = [
            {"voter": pseudonym.hex(), "marks": _marks(poll.kind, ranks)} for pseudonym, ranks in listed
        ]
    return content


def _ballot_table(poll: Poll, listed: Sequence[Listed]) -> Sequence[Sequence[object]]:
    rows = [[pseudonym.hex(), *_marks(poll.kind, ranks)] for pseudonym, ranks in listed]
    return [["voter", *poll.options], *rows]


def _totals_table(result: PollResult) -> Sequence[Sequence[object]]:
    rows = [
        [text, votes, percent, estimate.low, estimate.high]
        for text, votes, percent, estimate in zip(
            result.poll.options, result.votes, result.percents, result.estimates, strict=True
        )
    ]
    return [["option", "votes", "percent", "low", "high"], *rows]


def _csv(table: Sequence[Sequence[object]]) -> bytes:
    """Write a table as Excel reads it without asking: with a byte order mark, and no cell that it would run."""
    written = io.StringIO()
    csv.writer(written).writerows([[_harmless(cell) for cell in row] for row in table])
    return written.getvalue().encode("utf-8-sig")


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULAS) else cell


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
