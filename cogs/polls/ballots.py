"""Private ballots that are forms: of each kind but ranked ones, with pages, and the packed marks that come back."""

from discord import ui

from bot.errors import InvalidInputError, NotFoundError
from bot.polls.counting import HIGHEST_SCORE, UNRANKED, choices_of, pack_choices
from bot.polls.proposals import added_since
from bot.polls.types import Poll, PollKind
from cogs.polls.cards.words import how
from cogs.polls.controls import FEATURE, BallotKey, tag_of
from cogs.ui.controls import control_id
from cogs.ui.forms import Checks, Choice, Choices, Note, Question, Radio, form
from cogs.ui.submitted import Submitted
from cogs.ui.text import plain

A_PAGE = 5
"""Options that a page of a score ballot asks about: Discord's forms have five parts."""
_MOST_GROUPED = 10
_CHARS = "012345"
"""One character for each score; `_NONE` where there is none."""
_NONE = "-"
_CHOICE = "choice"
_SHORT = 45
"""What a label in a form takes."""


def is_paged(poll: Poll) -> bool:
    """Say whether each option is asked about by itself."""
    return poll.kind is PollKind.SCORE


def pages_of(poll: Poll) -> int:
    """Return how many pages its ballot has."""
    return -(-len(poll.options) // A_PAGE) if is_paged(poll) else 1


def ballot_form(poll: Poll, ranks: bytes | None, carried: str = "") -> ui.Modal:
    """Build the ballot, or its page after what was `carried`; `ranks` is the ballot that stands now."""
    key = control_id(FEATURE, "cast", str(BallotKey(poll.poll_id, tag_of(poll), carried)))
    if not is_paged(poll):
        chosen = [str(place) for place in choices_of(ranks or b"")]
        added = len(added_since(poll, ranks))
        last = "The last option was" if added == 1 else f"The last {added} options were"
        since = f"\n-# {last} added after you voted."
        note = Note(f"**{plain(poll.question)}**{since if added else ''}")
        return form("Your vote", key, [note, _choice(poll)], {_CHOICE: chosen})
    start = len(carried)
    known = len(poll.options) - len(added_since(poll, ranks))
    questions = [_mark(poll, place, known) for place in range(start, min(start + A_PAGE, len(poll.options)))]
    # a ballot from before options were added says nothing of these
    marks = _unpacked(ranks or b"")[: len(poll.options)]
    filled = {_field(place): mark for place, mark in enumerate(marks) if mark != _NONE}
    pages = pages_of(poll)
    title = f"{start // A_PAGE + 1} of {pages}: {poll.question}" if pages > 1 else poll.question
    return form(title, key, questions, filled)


def chosen_ranks(poll: Poll, submitted: Submitted) -> bytes:
    """Read a ballot that names options.

    Raises:
        InvalidInputError: nothing was chosen in a single choice.
    """
    places = [str(place) for place in range(len(poll.options))]
    chosen = submitted.chosen(_CHOICE, places)
    if poll.kind is PollKind.SINGLE and len(chosen) != 1:
        raise InvalidInputError(_CHOICE, "Please choose one option.")
    return pack_choices([int(place) for place in chosen], len(places))


def read_page(poll: Poll, submitted: Submitted, carried: str) -> str:
    """Return what was carried and, after it, what this page says."""
    known = _NONE + _CHARS
    start = len(carried)
    marks = [
        (submitted.chosen(_field(place), known) or (_NONE,))[0]
        for place in range(start, min(start + A_PAGE, len(poll.options)))
    ]
    return carried + "".join(marks)


def require_fitting(poll: Poll, carried: str) -> None:
    """See that what a key carries can be the beginning of a ballot.

    Raises:
        NotFoundError: it cannot.
    """
    known = _NONE + _CHARS
    fits = is_paged(poll) and len(carried) < len(poll.options) and len(carried) % A_PAGE == 0
    if carried and not (fits and all(mark in known for mark in carried)):
        raise NotFoundError("This ballot cannot be read. Please start again from the poll's card.")


def packed(marks: str) -> bytes:
    """Turn marks, one character an option, into scores."""
    return bytes(UNRANKED if mark == _NONE else _CHARS.index(mark) for mark in marks)


def ranks_of(poll: Poll, position: int) -> bytes:
    """Pack a single choice.

    Raises:
        NotFoundError: there is no such option.
    """
    if not 0 <= position < len(poll.options):
        raise NotFoundError("This poll has no such option.")
    return pack_choices((position,), len(poll.options))


def _unpacked(ranks: bytes) -> str:
    return "".join(_CHARS[rank] if rank < len(_CHARS) else _NONE for rank in ranks)


def _field(place: int) -> str:
    return f"option{place}"


def _choice(poll: Poll) -> Question:
    choices = [Choice(str(place), option) for place, option in enumerate(poll.options)]
    few = len(choices) <= _MOST_GROUPED
    label = how(poll)
    if poll.kind is PollKind.SINGLE:
        hint = "Sending this form is voting."
        return Radio(_CHOICE, label, hint, choices) if few else Choices(_CHOICE, label, hint, choices)
    if poll.kind is PollKind.APPROVAL:
        fewest, most = 0, len(choices)
        hint = "Choose all that you could live with; sending none is a vote against all."
    else:
        fewest, most = poll.rules.fewest, min(poll.rules.most, len(choices))
        hint = "Sending this form is voting."
    if few:
        return Checks(_CHOICE, label, hint, choices, fewest, most)
    return Choices(_CHOICE, label, hint, choices, fewest, most)


def _mark(poll: Poll, place: int, known: int) -> Question:
    option = poll.options[place]
    label = f"{place + 1}. {option}"
    hint = option if len(label) > _SHORT else ""
    if place >= known:
        hint = f"{hint} (added after you voted)" if hint else "Added after you voted"
    words = {HIGHEST_SCORE: "best", 0: "worst"}
    choices = [
        Choice(_CHARS[score], f"{score} ({words[score]})" if score in words else str(score))
        for score in range(HIGHEST_SCORE, -1, -1)
    ]
    choices.append(Choice(_NONE, "No score"))
    return Choices(_field(place), label, hint, choices, 0, 1, "No score · 0 is worst, 5 is best")
