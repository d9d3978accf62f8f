"""Discord's own polls: which polls can be one, how long they run, and when their counts are looked for. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import ClosedError, NotFoundError, UserError
from bot.polls.types import Poll, PollKind, PollPhase

MOST_ANSWERS = 10
ANSWER_LENGTH = 55
QUESTION_LENGTH = 300
MOST_HOURS = 768
HOUR = timedelta(hours=1)
LEEWAY = timedelta(minutes=1)
"""What was typed as "in 2 hours" a moment ago is two hours still."""
FIRST_LOOK = timedelta(seconds=3)
"""Discord counts a poll once more when it is over, which takes it some seconds."""
LAST_LOOK = timedelta(minutes=10)
GIVEN_UP = timedelta(days=1)
"""A poll whose final count has not come by then is taken as it stands, and one that cannot be reached is lost."""
LOST = "Discord's poll was gone before its votes were counted, so there is no result."
OWN = "This is one of Discord's own polls, which cannot be changed. Vote and look at it where it stands."


@dataclass(frozen=True, slots=True)
class Counts:
    """What Discord says of a poll: votes by option, whether they are final, and when it is or was over."""

    votes: tuple[int, ...]
    is_final: bool
    ends_at: datetime


def why_not(poll: Poll, now: datetime) -> str | None:
    """Return why a draft cannot be one of Discord's own polls, as half a sentence; None when it can."""
    own = poll.rules
    reasons = {
        "only single and multiple choices can": poll.kind not in {PollKind.SINGLE, PollKind.MULTIPLE},
        "votes in them are never secret; choose “Show names” in its form": not poll.is_public,
        f"they have at most {MOST_ANSWERS} options": len(poll.options) > MOST_ANSWERS,
        f"their options have at most {ANSWER_LENGTH} characters": any(
            _size(text) > ANSWER_LENGTH for text in poll.options
        ),
        f"their question has at most {QUESTION_LENGTH} characters": _size(poll.question) > QUESTION_LENGTH,
        f"they run for at most {MOST_HOURS // 24} days": hours_of(poll, now) > MOST_HOURS,
        "they know no roles, quorum, weights or days in the server": bool(
            own.role_ids or own.days_in_server or own.quorum or own.weights
        ),
        "they do not say how many options to choose": poll.kind is PollKind.MULTIPLE
        and (own.fewest, own.most) != (1, len(poll.options)),
        "nobody can propose options in them": poll.takes_proposals,
        "they send no reminder": poll.remind_at is not None,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def hours_of(poll: Poll, now: datetime) -> int:
    """Return for how many whole hours a poll would run, at least until its time."""
    return max(1, -(-(poll.closes_at - now - LEEWAY) // HOUR))


def refuse_native(poll: Poll) -> UserError | None:
    """Return why a posted poll of Discord's own cannot be voted in or changed here; None for all others."""
    return ClosedError(OWN) if poll.is_native and poll.phase is not PollPhase.DRAFT else None


def refuse_count(poll: Poll) -> UserError | None:
    """Return why there is no count of a poll of Discord's own (yet); None for all others."""
    if not poll.is_native or poll.imported:
        return None
    if poll.phase is PollPhase.DONE:
        return NotFoundError(LOST)
    if poll.phase is PollPhase.CLOSED:
        return ClosedError("Discord is still counting this poll. Please look again in a minute.")
    return ClosedError("This is one of Discord's own polls: its votes stand on it. The result is kept here at its end.")


def fitting(poll: Poll, counts: Counts | None) -> tuple[int, ...]:
    """Return the votes by option, or none when what Discord says is not about this poll."""
    votes = counts.votes if counts else ()
    return votes if len(votes) == len(poll.options) and min(votes) >= 0 else ()


def next_look(ended_at: datetime, now: datetime) -> datetime | None:
    """Return when to look again for the final count of a poll that is over: later and later; None to give up."""
    waited = now - ended_at
    return None if waited >= GIVEN_UP else now + max(FIRST_LOOK, min(LAST_LOOK, waited))


def _size(text: str) -> int:
    """Return a text's length in UTF-16, as the strictest of counts has it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
