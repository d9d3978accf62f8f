"""The rules of polls: what may be asked, who may vote when, and how votes are counted. Pure."""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from bot.errors import ClosedError, InvalidInputError, NotFoundError, UserError
from bot.polls.types import Ballot, Poll, PollDraft, PollPhase, PollResult

QUESTION_LENGTH = 300
OPTION_LENGTH = 80
"""What fits on one of Discord's buttons."""
FEWEST_OPTIONS = 2
MOST_OPTIONS = 10
SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(days=180)
UNRANKED = 255
UNSEEN = frozenset(
    "\u00ad\u200b\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\u061c"
)
"""Zero-width spaces, soft hyphens and direction marks; not joiners, which scripts and emoji need."""
BLANKS = frozenset("\u2800\u3164\u115f\u1160\uffa0")
"""Letters and signs that look like a space."""


def check_draft(draft: PollDraft, now: datetime) -> PollDraft:
    """Return the draft with its text tidied.

    Raises:
        InvalidInputError: a part does not fit; names the field as question, options or closes.
    """
    question = tidy(draft.question)
    if not question:
        raise InvalidInputError("question", "Please write a question.")
    if len(question) > QUESTION_LENGTH:
        raise InvalidInputError("question", f"The question has {len(question)} characters; {QUESTION_LENGTH} fit.")
    options = tuple(text for option in draft.options if (text := tidy(option)))
    if not FEWEST_OPTIONS <= len(options) <= MOST_OPTIONS:
        amount = "is 1 option" if len(options) == 1 else f"are {len(options)} options"
        raise InvalidInputError(
            "options", f"There {amount}; a poll has {FEWEST_OPTIONS} to {MOST_OPTIONS}, one on each line."
        )
    seen: set[str] = set()
    for option in options:
        if len(option) > OPTION_LENGTH:
            raise InvalidInputError(
                "options", f"“{option[:30]}…” has {len(option)} characters; {OPTION_LENGTH} fit on its button."
            )
        if alike(option) in seen:
            raise InvalidInputError("options", f"“{option}” is there twice; options must differ.")
        seen.add(alike(option))
    check_deadline(draft.closes_at, now)
    return PollDraft(draft.guild_id, draft.channel_id, draft.creator_id, question, options, draft.closes_at)


def tidy(text: str) -> str:
    """Return `text` on one line without what is unseen or turns its surroundings around; empty if nothing is left."""
    seen = "".join(" " if char.isspace() else char for char in text if char.isspace() or not _is_unseen(char))
    # joiners and signs that sit on other characters show nothing by themselves
    shows = any(unicodedata.category(char) not in {"Cf", "Mn", "Me", "Zs"} and char not in BLANKS for char in seen)
    return " ".join(seen.split()) if shows else ""


def alike(text: str) -> str:
    """Return what two texts share that people cannot tell apart, such as by letter case or how an accent is stored."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(char for char in folded if unicodedata.category(char) != "Cf")


def _is_unseen(char: str) -> bool:
    return char in UNSEEN or unicodedata.category(char) in {"Cc", "Cs"}


def check_deadline(closes_at: datetime, now: datetime) -> None:
    """Raise InvalidInputError for a closing time that has passed, is too soon or too far."""
    if closes_at <= now:
        raise InvalidInputError("closes", "The closing time has already passed.")
    # typed times have whole minutes: "in 1 minute" must not fail for the second it took to arrive
    if closes_at < now + SHORTEST - timedelta(seconds=5):
        raise InvalidInputError("closes", "A poll stays open for at least one minute.")
    if closes_at > now + LONGEST:
        raise InvalidInputError("closes", f"A poll closes within {LONGEST.days} days.")


def refuse_ballot(poll: Poll | None, ballot: Ballot) -> UserError | None:
    """Return why a ballot is not taken, or None when it is."""
    if poll is None or poll.guild_id != ballot.guild_id or poll.phase is PollPhase.DRAFT:
        return NotFoundError("This poll no longer exists.")
    if poll.phase is not PollPhase.OPEN or ballot.cast_at >= poll.closes_at:
        return ClosedError("This poll is closed and takes no more votes. A vote you cast before that counts.")
    if not 0 <= ballot.position < len(poll.options):
        return NotFoundError("This poll has no such option.")
    return None


def ranks_of(position: int, options: int) -> bytes:
    """Pack a single choice: rank 0 for it, unranked for the rest."""
    return bytes(0 if place == position else UNRANKED for place in range(options))


def choice_of(ranks: bytes) -> int:
    """Return the position that a packed single choice names."""
    return ranks.index(0)


def tally(poll: Poll, ballots: Iterable[tuple[bytes, int]]) -> PollResult:
    """Count single choices, given as (packed ranks, how many of them)."""
    votes = [0] * len(poll.options)
    for ranks, amount in ballots:
        votes[choice_of(ranks)] += amount
    most = max(votes)
    return PollResult(
        poll=poll,
        turnout=sum(votes),
        votes=tuple(votes),
        percents=whole_percents(votes),
        leading=tuple(most > 0 and amount == most for amount in votes),
    )


def whole_percents(votes: Sequence[int]) -> tuple[int, ...]:
    """Round shares to whole percents that sum to 100, by largest remainder; equal remainders go by position.

    All zero when there are no votes.
    """
    total = sum(votes)
    if not total:
        return (0,) * len(votes)
    floors = [amount * 100 // total for amount in votes]
    by_remainder = sorted(range(len(votes)), key=lambda place: (-(votes[place] * 100 % total), place))
    for place in by_remainder[: 100 - sum(floors)]:
        floors[place] += 1
    return tuple(floors)
