"""The rules of limits: how long one waits, what is tried again, which troubles mean that a side is unwell. Pure."""

from dataclasses import dataclass
from datetime import datetime

from bot.catalog import Where
from bot.errors import Trouble

PASSING = frozenset({Trouble.BUSY, Trouble.OVERLOADED, Trouble.UNREACHABLE, Trouble.SILENT, Trouble.WORKER_DIED})
"""What may go better at once, so that it is tried again where nothing was shown yet."""
UNWELL = frozenset(
    {
        Trouble.OVERLOADED,
        Trouble.UNREACHABLE,
        Trouble.SILENT,
        Trouble.CUT_OFF,
        Trouble.MALFORMED,
        Trouble.WORKER_DIED,
        Trouble.NO_SUCH_MODEL,
        Trouble.NO_MEMORY,
        Trouble.NO_DISK,
        Trouble.WEIGHTS,
    }
)
"""What says that the other side is unwell; several in a row open the breaker."""
HOPELESS = frozenset({Trouble.KEY, Trouble.CREDIT})
"""What only the operator can mend: it opens the breaker at once."""
WELL = frozenset({Trouble.REFUSED, Trouble.FILTERED, Trouble.TOO_LONG, Trouble.EMPTY, Trouble.FORBIDDEN})
"""Answers of a side that is well, though they are of no use to whoever asked."""

_WORDS = {
    Trouble.KEY: "its key is not accepted",
    Trouble.CREDIT: "its account has no credit left",
    Trouble.OVERLOADED: "it is overloaded or fails",
    Trouble.UNREACHABLE: "it cannot be reached",
    Trouble.SILENT: "it does not answer in time",
    Trouble.CUT_OFF: "its answers break off",
    Trouble.MALFORMED: "its answers cannot be read",
    Trouble.WORKER_DIED: "its process keeps dying",
    Trouble.NO_SUCH_MODEL: "no model of this name is there",
    Trouble.NO_MEMORY: "it needs more memory than there is",
    Trouble.NO_DISK: "the disk is full",
    Trouble.WEIGHTS: "its weights cannot be used",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How a backend is held in bounds; times are in seconds.

    `places` requests run at once and `longest_line` more wait, each for `line_seconds` at most. `first_seconds` is the
    patience with a first token, counted anew at each notice that says something new (loading goes on);
    `silence_seconds` that between two chunks; `total_seconds` that with a whole answer, second tries included. A
    `retry_after` over `longest_pause` is not waited for. `row` troubles in a row open the breaker for
    `cool_seconds`, twice as long after each trial that fails, `longest_cool` at most. What
    is missing is looked for again after about `missing_seconds`.
    """

    places: int = 64
    longest_line: int = 200
    line_seconds: float = 120
    first_seconds: float = 60
    silence_seconds: float = 30
    total_seconds: float = 600
    retries: int = 2
    first_pause: float = 0.5
    longest_pause: float = 10
    probe_seconds: float = 10
    row: int = 5
    cool_seconds: float = 30
    longest_cool: float = 600
    missing_seconds: float = 60


def limits_for(where: Where) -> Limits:
    """Return the limits that fit where a model runs: what runs on this machine loads first, and shares a processor."""
    if where is Where.ELSEWHERE:
        return Limits()
    return Limits(first_seconds=180) if where is Where.MACHINE else Limits(first_seconds=180, places=32)


def pause_before(retry: int, retry_after: float | None, dice: float, limits: Limits) -> float | None:
    """Return how long to wait before the `retry`th try (from 1); None when another try makes no sense.

    `dice` is from 0 to 1. What the other side asked for is never cut short: others would learn to ask for more.
    """
    if retry > limits.retries or (retry_after is not None and retry_after > limits.longest_pause):
        return None
    pause = limits.first_pause * 2 ** (retry - 1)
    return max(pause * (0.5 + dice), (retry_after or 0) + limits.first_pause * dice)


def waiting(name: str, ahead: int) -> str:
    """Say where somebody stands in the line."""
    if not ahead:
        return f"{name} is busy; you are next."
    return f"{name} is busy; {ahead} {'question is' if ahead == 1 else 'questions are'} before yours."


def trying_again(name: str, trouble: Trouble, pause: float) -> str:
    """Say that another try follows."""
    what = {
        Trouble.BUSY: "is busy",
        Trouble.OVERLOADED: "is overloaded",
        Trouble.UNREACHABLE: "could not be reached",
        Trouble.SILENT: "did not answer",
        Trouble.WORKER_DIED: "has to be started again",
    }.get(trouble, "failed")
    soon = "now" if pause < 1 else f"in {pause:.0f} s"
    return f"{name} {what}; trying again {soon}."


def in_words(trouble: Trouble) -> str:
    """Say what a trouble is, in a few words that go on after a colon."""
    return _WORDS.get(trouble, trouble.value)


def at(moment: datetime, now: datetime) -> str:
    """Write a moment as people of all zones can read it, without the day where that is today."""
    return f"{moment:%H:%M} UTC" if moment.date() == now.date() else f"{moment:%d %b %H:%M} UTC"
