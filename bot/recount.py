"""What `rostrum recount` and `rostrum ratings` do: count again what a file lists, and say what its signature is worth.

The exit status tells both apart. Its last digit is for the count: 0 right (or nothing to compare with), 3 wrong, 4 not
repeatable. The digit before it is for the signature: 0 right, by the key that was named or, where none was, by the one
that the file names (also for a file that has none by its nature); 1 wrong, 2 by another key than the one that was
named, 3 not there. 2 alone: the file cannot be used.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

from bot.arena import votefile
from bot.errors import InvalidInputError, StartError
from bot.polls import abif, exporting, recounting
from bot.polls.recounting import Outcome, Recount
from bot.polls.tallies.types import Tally
from bot.polls.types import CountingMethod, PollPhase, PollResult
from bot.reading import LARGEST_FILE, differences, read_document
from bot.signing import Verdict, Verified, check_public_key, key_id, verify

COUNT_WRONG, NOT_REPEATABLE = 3, 4
SIGNATURE_WRONG, SIGNATURE_OF_ANOTHER, SIGNATURE_MISSING = 10, 20, 30
METHODS = {
    CountingMethod.PLURALITY: "most votes",
    CountingMethod.APPROVAL: "most approvals",
    CountingMethod.SCORE: "highest mean score",
    CountingMethod.STAR: "STAR",
    CountingMethod.RUNOFF: "instant runoff",
    CountingMethod.BORDA: "Borda",
    CountingMethod.SCHULZE: "Schulze",
    CountingMethod.RANKED_PAIRS: "ranked pairs",
}
HONESTY = (
    "A right signature proves where the file comes from and that nobody changed it since, "
    "not that whoever runs the bot was honest."
)
_MOST_DIFFERENCES = 20
_TOTALS_ONLY = "not repeatable: the file holds totals only, since a list of so few would say who chose what"
_WIDTH = 11


@dataclass(frozen=True, slots=True)
class Report:
    """What to print, and the exit status."""

    lines: tuple[str, ...]
    status: int


def recount(path: Path, key: str | None = None, method: str | None = None) -> Report:
    """Count a poll's file again, or ballots of ABIF.

    Raises:
        StartError: the file, the key or the method cannot be used.
    """
    try:
        public_key = check_public_key(key) if key else None
        chosen = _method(method) if method else None
        data = _read(path)
        if path.suffix.lower() == ".abif":
            return _abif_report(recounting.recount_abif(abif.read_abif(data), chosen), chosen, key)
        document = read_document(data)
        content = _content(document, exporting.FORMAT)
        counted = recounting.recount(content)
        lines = _poll_lines(counted)
        if chosen and counted.result:
            lines += ["", *_result_lines(recounting.count_by(counted.poll, counted.groups, chosen))]
    except InvalidInputError as error:
        raise _unusable(path, error) from error
    verified = verify(document, public_key)
    return _report(lines, _count_lines(counted), counted.outcome, verified, public_key)


def ratings(path: Path, key: str | None = None) -> Report:
    """Make the board of an arena's vote file again.

    Raises:
        StartError: the file or the key cannot be used.
    """
    try:
        public_key = check_public_key(key) if key else None
        document = read_document(_read(path))
        votes = votefile.read_votes(_content(document, votefile.FORMAT))
    except InvalidInputError as error:
        raise _unusable(path, error) from error
    lines = [f"{votes.battles} battles, {votes.votes} votes by {votes.voters} voters; seed {votes.seed}"]
    outcome, told = _rate_again(votes, lines)
    return _report(lines, told, outcome, verify(document, public_key), public_key)


def _method(text: str) -> CountingMethod:
    if text not in set(CountingMethod):
        raise InvalidInputError("method", f"{text!r} is no method; there are {', '.join(CountingMethod)}")
    return CountingMethod(text)


def _rate_again(votes: votefile.Votes, lines: list[str]) -> tuple[Outcome, list[str]]:
    if votes.table is None:
        return Outcome.NOT_REPEATABLE, [_TOTALS_ONLY]
    # numpy comes with it
    from bot.arena.ratings.rate import rate  # noqa: PLC0415

    board = votefile.board_content(rate(votes.table, seed=votes.seed, prior=votes.prior, rounds=votes.rounds))
    lines += ["", *_board_lines(votes.lines, board)]
    found = differences(votes.published, board, "board", votefile.CLOSE)
    if not found:
        return Outcome.RIGHT, ["right: the board that follows from the votes is the published one"]
    return Outcome.WRONG, ["wrong: the board that follows from the votes is not the published one", *_shortened(found)]


def _board_lines(names: Sequence[str], board: dict[str, Any]) -> list[str]:
    rows = cast("list[dict[str, Any]]", board["ratings"])
    width = max((len(_plain(name)) for name in names), default=0)
    told = list[str]()
    for row in sorted(rows, key=lambda row: (not _votes(row), row["group"], -Decimal(row["rating"]))):
        name = _plain(names[int(row["line"])]).ljust(width)
        if not _votes(row):
            told.append(f"    -  {name}  no votes")
            continue
        ranks = "-".join(str(rank) for rank in dict.fromkeys(row["ranks"]))
        interval = f"{row['low']} to {row['high']}" if row["low"] is not None else "no interval"
        lacks = f"  preliminary ({', '.join(row['lacks'])})" if row["lacks"] else ""
        told.append(f"{ranks:>5}  {name}  {row['rating']:>8}  {interval:>18}  {_votes(row)} votes{lacks}")
    return told


def _votes(row: dict[str, Any]) -> int:
    return int(row["wins"] + row["ties"] + row["losses"])


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            # what never ends, such as a device, is cut off
            return file.read(LARGEST_FILE + 1)
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror}"
        raise StartError(msg) from error


def _content(document: object, wanted: str) -> object:
    """Return the content of a file of ours; the other kind is told which command reads it."""
    content: object = _member(document, "content", document)
    found = _member(content, "format")
    commands = {exporting.FORMAT: "recount", votefile.FORMAT: "ratings"}
    if found != wanted and isinstance(found, str) and found in commands:
        raise InvalidInputError("file", f"This file is for `rostrum {commands[found]}`.")
    return content


def _member(value: object, name: str, default: object = None) -> object:
    return cast("dict[str, Any]", value).get(name, default) if isinstance(value, dict) else default


def _unusable(path: Path, error: InvalidInputError) -> StartError:
    where = f"{path}" if error.field == "file" else f"--{error.field}"
    return StartError(f"{where}: {_plain(str(error))}")


def _poll_lines(counted: Recount) -> list[str]:
    poll = counted.poll
    lines = [_plain(poll.question)]
    return lines + _result_lines(counted.result) if counted.result else lines


def _result_lines(result: PollResult) -> list[str]:
    """Say who won, and what everybody got."""
    options = [_plain(text) for text in result.poll.options]
    width = max(len(text) for text in options)
    weighed = f", which weigh {result.weight}" if result.weight != result.turnout else ""
    ballots = f"{result.turnout} {'ballot' if result.turnout == 1 else 'ballots'}"
    winners = [text for text, leads in zip(options, result.leading, strict=True) if leads]
    lines = [
        f"counted by {METHODS[result.poll.method]}: {ballots}{weighed}",
        f"{'winner' if len(winners) < 2 else 'tied'}: {', '.join(winners) or 'nobody'}",  # noqa: PLR2004
    ]
    tally = result.tally
    figures = [_figure(score) for score in tally.scores] if tally and tally.scores else None
    places = tally.order if tally else sorted(range(len(options)), key=lambda place: -result.votes[place])
    for place in places:
        figure = figures[place] if figures else "" if tally else f"{result.votes[place]} ({result.percents[place]} %)"
        lines.append(f"  {options[place].ljust(width)}  {figure}".rstrip())
    return lines + _step_lines(tally, options) if tally else lines


def _step_lines(tally: Tally, options: Sequence[str]) -> list[str]:
    lines = list[str]()
    for number, one in enumerate(tally.rounds, 1):
        votes = ", ".join(f"{options[place]} {_figure(got)}" for place, got in enumerate(one.votes) if got is not None)
        out = f"; out: {', '.join(options[place] for place in one.eliminated)}" if one.eliminated else ""
        lines.append(f"round {number}: {votes}{out}")
    for one in tally.tie_breaks:
        between = ", ".join(options[place] for place in one.between)
        lines.append(f"tie between {between}, broken {_plain(one.by)}: {options[one.chosen]}")
    return lines


def _figure(number: Fraction) -> str:
    return str(number) if number.denominator == 1 else f"{float(number):.2f}"


def _count_lines(counted: Recount) -> list[str]:
    if counted.outcome is Outcome.NOT_REPEATABLE:
        if counted.poll.is_native:
            return ["not repeatable: Discord counted this poll of its own; the file holds totals only"]
        if counted.poll.phase is PollPhase.OPEN:
            return ["not repeatable: the poll was still open; the file holds totals only"]
        return [_TOTALS_ONLY]
    if counted.outcome is Outcome.RIGHT:
        return ["right: the ballots in the file, counted again, give what it says"]
    more = [f"and {counted.left_out} more"] if counted.left_out else []
    return ["wrong: what the file says does not follow from its ballots", *map(_plain, counted.differences), *more]


def _shortened(found: Sequence[str]) -> list[str]:
    more = len(found) - _MOST_DIFFERENCES
    return [*map(_plain, found[:_MOST_DIFFERENCES]), *([f"and {more} more"] if more > 0 else [])]


def _abif_report(counted: Recount, chosen: CountingMethod | None, key: str | None) -> Report:
    lines = _poll_lines(counted) if counted.poll.question else _result_lines(cast("PollResult", counted.result))
    if chosen is None:
        lines.append(f"The method is what the file suggests; --method takes {', '.join(CountingMethod)}.")
    lines += ["", f"{'count':{_WIDTH}}done: a file of ABIF says nothing to compare with"]
    if key:
        lines.append(f"{'signature':{_WIDTH}}not there: files of ABIF have none")
    return Report(tuple(lines), SIGNATURE_MISSING if key else 0)


def _report(
    lines: list[str], told: list[str], outcome: Outcome, verified: Verified, public_key: bytes | None
) -> Report:
    signature, status = _signature(verified, public_key)
    both = [("count", told), ("signature", [signature])]
    for name, texts in both:
        lines += ["", f"{name:{_WIDTH}}{texts[0]}", *(f"{'':{_WIDTH}}{text}" for text in texts[1:])]
    status += {Outcome.WRONG: COUNT_WRONG, Outcome.NOT_REPEATABLE: NOT_REPEATABLE}.get(outcome, 0)
    return Report((*lines, "", HONESTY), status)


def _signature(verified: Verified, public_key: bytes | None) -> tuple[str, int]:
    named = _plain(verified.key_id)[:16]
    match verified.verdict:
        case Verdict.RIGHT:
            return f"right: made with the key that you named (id {named})", 0
        case Verdict.WRONG:
            return "wrong: the file was changed after it was signed, or the signature is damaged", SIGNATURE_WRONG
        case Verdict.MISSING:
            return "not there: nothing says where this file comes from", SIGNATURE_MISSING
        case Verdict.UNKNOWN if public_key is not None:
            other = f"(id {named}), not the one that you named (id {key_id(public_key)})"
            return f"by another key: it fits the file, but was made with a key {other}", SIGNATURE_OF_ANOTHER
        case _:
            how = "whose key that is, --key tells, with the public key that the bot shows in /help"
            return f"right: it fits the file, made with the key that the file names (id {named}); {how}", 0


def _plain(text: str) -> str:
    """Return a text of a file without what would steer a terminal."""
    return "".join(mark if mark.isprintable() else "\N{REPLACEMENT CHARACTER}" for mark in text)
