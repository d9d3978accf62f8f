"""Counting a poll again from its file, and holding the count against what the file says was published. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

from bot.errors import InvalidInputError, UserError
from bot.polls import rules
from bot.polls.abif import MOST_CANDIDATES, Abif
from bot.polls.counting import HIGHEST_SCORE, UNRANKED, Group, tally
from bot.polls.exporting import FORMAT, VERSION, poll_content
from bot.polls.tallies.lots import lots
from bot.polls.types import CountingMethod, Poll, PollKind, PollPhase, PollResult, PollReveal, PollRules
from bot.reading import Reader, differences

CLOSE = Decimal("0.000002")
"""How far estimates may be apart, where another machine's arithmetic rounds differently."""
MOST_WEIGHT = 1_000
_SHOWN = 20
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_KINDS = {
    CountingMethod.PLURALITY: PollKind.SINGLE,
    CountingMethod.APPROVAL: PollKind.APPROVAL,
    CountingMethod.SCORE: PollKind.SCORE,
    CountingMethod.STAR: PollKind.SCORE,
}


class Outcome(StrEnum):
    """What came of counting again."""

    RIGHT = "right"
    WRONG = "wrong"
    NOT_REPEATABLE = "not repeatable"
    """The file holds totals only."""
    COUNTED = "counted"
    """The file says nothing to compare with."""


@dataclass(frozen=True, slots=True)
class Recount:
    """A poll counted again; `result` is None where that cannot be done. `differences` has one line a place."""

    poll: Poll
    outcome: Outcome
    result: PollResult | None
    differences: tuple[str, ...] = ()
    left_out: int = 0
    """How many more differences there are."""
    groups: tuple[Group, ...] = ()


def recount(content: object) -> Recount:
    """Count again what a poll's file lists, and compare each figure with the published one.

    Raises:
        InvalidInputError: it is no such file, or cannot be read (file).
    """
    whole = Reader(content)
    _check_format(whole)
    poll = _poll(whole)
    if whole.member("only_totals").flag():
        found = list[str]() if poll.phase is PollPhase.OPEN else _other_lot(whole, poll)
        return Recount(poll, Outcome.WRONG if found else Outcome.NOT_REPEATABLE, None, tuple(found[:_SHOWN]))
    listed = _listed(whole, poll)
    found = [*_unfit_ballots(poll, listed)]
    groups = _groups(listed)
    result = tally(poll, groups)
    counted = poll_content(result, listed)
    found += [
        line
        for name in sorted({*whole.mapping(), *counted} - {"ballots"})
        for line in differences(whole.mapping().get(name), counted.get(name), name, CLOSE)
    ]
    outcome = Outcome.WRONG if found else Outcome.RIGHT
    return Recount(poll, outcome, result, tuple(found[:_SHOWN]), max(0, len(found) - _SHOWN), groups)


def _other_lot(whole: Reader, poll: Poll) -> list[str]:
    """Say where the order of the lot does not follow from its seed."""
    published = whole.member("ties").mapping().get("order")
    return differences(published, list(lots(poll.tie_seed, poll.options)), "ties.order")


def count_by(poll: Poll, groups: Sequence[Group], method: CountingMethod) -> PollResult:
    """Count the ballots of a poll by a method that fits their kind.

    Raises:
        InvalidInputError: it does not (method).
    """
    fitting = rules.METHODS[poll.kind]
    if method not in fitting:
        names = ", ".join(fitting)
        raise InvalidInputError("method", f"Ballots of this kind ({poll.kind}) can be counted by: {names}.")
    return tally(replace(poll, method=method), groups)


def _check_format(whole: Reader) -> None:
    if not whole.member("format").is_there() and whole.member("question").is_there():
        raise InvalidInputError("file", "This file was made before polls could be counted again. Export the poll anew.")
    if whole.member("format").text() != FORMAT:
        raise InvalidInputError("file", "This is no file of a poll.")
    version = whole.member("version").number(1, 1_000_000)
    if version != VERSION:
        age = "a newer Rostrum. Count it with that one" if version > VERSION else "an older Rostrum. Export it anew"
        raise InvalidInputError("file", f"This file (version {version}) was made by {age}.")


def _poll(whole: Reader) -> Poll:
    """Read what a poll was, without who it was made by and where."""
    settings = whole.member("settings")
    options = tuple(option.text() for option in whole.member("options").items(1, MOST_CANDIDATES))
    kind = whole.member("kind").one_of(PollKind)
    method = whole.member("method").one_of(CountingMethod)
    if not _fits(kind, method):
        raise whole.member("method").unfit(f"does not fit the kind {kind}")
    phase = whole.member("phase").one_of(PollPhase)
    return Poll(
        poll_id=0,
        guild_id=0,
        channel_id=0,
        message_id=None,
        creator_id=None,
        question=whole.member("question").text(),
        options=options,
        phase=phase,
        created_at=_moment(whole.member("created_at")),
        closes_at=_moment(whole.member("closes_at")),
        closed_at=_moment(whole.member("closed_at")) if whole.member("closed_at").is_there() else None,
        kind=kind,
        is_public=settings.member("public").flag(),
        reveal=settings.member("reveal").one_of(PollReveal),
        rules=_rules(settings),
        method=method,
        # the files of open polls do not tell it
        tie_seed=b"" if phase is PollPhase.OPEN else _seed(whole.member("ties").member("seed")),
        is_native=whole.member("native").flag(),
    )


def _fits(kind: PollKind, method: CountingMethod) -> bool:
    # polls from before there were methods were counted by their votes
    return method is CountingMethod.PLURALITY or method in rules.METHODS[kind]


def _rules(settings: Reader) -> PollRules:
    return PollRules(
        fewest=settings.member("fewest").number(0, MOST_CANDIDATES),
        most=settings.member("most").number(0, MOST_CANDIDATES),
        role_ids=tuple(_id(role) for role in settings.member("roles").items()),
        days_in_server=_perhaps(settings.member("days_in_server")),
        quorum=_perhaps(settings.member("quorum")),
        weights=tuple(
            (_id(one.member("role")), one.member("weight").number(1, MOST_WEIGHT))
            for one in settings.member("weights").items()
        ),
    )


def _perhaps(number: Reader) -> int | None:
    return number.number(0) if number.is_there() else None


def _id(role: Reader) -> int:
    text = role.text(20)
    if not (text.isascii() and text.isdecimal()):
        raise role.unfit("is no id as text")
    return int(text)


def _moment(at: Reader) -> datetime:
    try:
        return datetime.fromisoformat(at.text(40))
    except ValueError:
        raise at.unfit("is no moment as ISO 8601 has it") from None


def _seed(seed: Reader) -> bytes:
    try:
        return bytes.fromhex(seed.text(128))
    except ValueError:
        raise seed.unfit("is not hexadecimal") from None


def _listed(whole: Reader, poll: Poll) -> list[tuple[bytes, int]]:
    """Read ballots as (ranks, weight)."""
    ballots = [_ranks(ballot, poll) for ballot in whole.member("ballots").items(1)]
    given = whole.member("weights")
    weights = (
        [weight.number(1, MOST_WEIGHT) for weight in given.items(len(ballots), len(ballots))]
        if given.is_there()
        else [1] * len(ballots)
    )
    return list(zip(ballots, weights, strict=True))


def _ranks(ballot: Reader, poll: Poll) -> bytes:
    """Read a ballot's marks: as they are written, one an option."""
    least, most = (0, HIGHEST_SCORE) if poll.kind is PollKind.SCORE else (1, MOST_CANDIDATES)
    marks = ballot.values()
    if len(marks) != len(poll.options):
        raise ballot.unfit(f"has {len(marks)} marks for {len(poll.options)} options")
    packed = bytearray()
    for mark in marks:
        if mark is None:
            packed.append(UNRANKED)
        elif isinstance(mark, int) and not isinstance(mark, bool) and least <= mark <= most:
            packed.append(mark - least)
        else:
            raise ballot.unfit("has a mark that is none")
    return bytes(packed)


def _unfit_ballots(poll: Poll, listed: Sequence[tuple[bytes, int]]) -> list[str]:
    """Name the ballots that could not have been cast, and the weights that no role gives."""
    unfit = set[bytes]()
    for ranks in {ranks for ranks, _ in listed}:
        try:
            rules.check_ranks(poll, ranks)
        except UserError:
            unfit.add(ranks)
    given = {1, *(weight for _, weight in poll.rules.weights)}
    return [
        *(f"ballots[{place}]: could not have been cast" for place, (ranks, _) in enumerate(listed) if ranks in unfit),
        *(
            f"weights[{place}]: no role gives {weight}"
            for place, (_, weight) in enumerate(listed)
            if weight not in given
        ),
    ]


def _groups(listed: Sequence[tuple[bytes, int]]) -> tuple[Group, ...]:
    counts = Counter(listed)
    return tuple((ranks, amount, amount * weight) for (ranks, weight), amount in counts.items())


def recount_abif(abif: Abif, method: CountingMethod | None = None) -> Recount:
    """Count ballots of ABIF by a method; without one by that which the file names, or that its ballots suggest.

    Raises:
        InvalidInputError: the ballots cannot be counted so (method); says by what they can.
    """
    method = method or _suggested(abif)
    kind = _KINDS.get(method, PollKind.RANKED)
    groups = _groups_of(abif, method)
    if kind is PollKind.SINGLE and any(ranks.count(0) > 1 for ranks, _, _ in groups):
        kind = PollKind.MULTIPLE
    poll = Poll(
        poll_id=0,
        guild_id=0,
        channel_id=0,
        message_id=None,
        creator_id=None,
        question=abif.about.get("title", ""),
        options=abif.names,
        phase=PollPhase.DONE,
        created_at=_LONG_AGO,
        closes_at=_LONG_AGO,
        closed_at=None,
        kind=kind,
        rules=rules.kind_rules(kind, len(abif.names)),
        method=method,
        tie_seed=_abif_seed(abif),
    )
    return Recount(poll, Outcome.COUNTED, tally(poll, groups), groups=groups)


def _abif_seed(abif: Abif) -> bytes:
    try:
        return bytes.fromhex(abif.about.get("ties", ""))
    except ValueError:
        raise InvalidInputError("file", 'The file\'s {"ties": ...} is not hexadecimal.') from None


def _suggested(abif: Abif) -> CountingMethod:
    named = abif.about.get("method", "")
    if named in set(CountingMethod):
        return CountingMethod(named)
    if abif.is_ranked:
        return CountingMethod.RUNOFF
    if abif.highest is not None:
        return CountingMethod.SCORE if 1 < abif.highest <= HIGHEST_SCORE else CountingMethod.APPROVAL
    most = max((sum(mark != UNRANKED for mark in ranks) for ranks, _ in abif.ballots), default=0)
    return CountingMethod.PLURALITY if most <= 1 else CountingMethod.APPROVAL


def _groups_of(abif: Abif, method: CountingMethod) -> tuple[Group, ...]:
    counts = Counter[bytes]()
    for (ranks, scores), amount in abif.ballots.items():
        counts[_marks(ranks, scores, method)] += amount
    return tuple((ranks, amount, amount) for ranks, amount in counts.items())


def _marks(ranks: bytes, scores: Sequence[int | None] | None, method: CountingMethod) -> bytes:
    """Return a ballot as the method reads it."""
    if method in {CountingMethod.SCORE, CountingMethod.STAR}:
        return _scores(ranks, scores)
    if method is CountingMethod.APPROVAL:
        return _approved(ranks, scores)
    if method is CountingMethod.PLURALITY:
        first = min(ranks)
        return bytes(0 if mark == first != UNRANKED else UNRANKED for mark in ranks)
    return ranks


def _scores(ranks: bytes, scores: Sequence[int | None] | None) -> bytes:
    if scores is None:
        if ranks.count(UNRANKED) == len(ranks):
            return ranks
        raise InvalidInputError("method", "Not all ballots have scores (A/5). Count their order by another method.")
    highest = max(score for score in scores if score is not None)
    if highest > HIGHEST_SCORE:
        raise InvalidInputError(
            "method",
            f"Scores are counted from 0 to {HIGHEST_SCORE}; one is {highest}. Count their order by another method.",
        )
    return bytes(UNRANKED if score is None else score for score in scores)


def _approved(ranks: bytes, scores: Sequence[int | None] | None) -> bytes:
    """Approve of all that are named; where there are scores, of those above 0."""
    if scores is not None:
        return bytes(0 if score else UNRANKED for score in scores)
    if any(0 < mark < UNRANKED for mark in ranks):
        raise InvalidInputError("method", "Ballots that rank do not say what they approve of. Choose another method.")
    return ranks
