"""The buttons and the form of polls; who takes them is in the cog."""

from collections.abc import Mapping

from discord import ButtonStyle, ui

from bot.errors import NotFoundError
from bot.polls.rules import MOST_OPTIONS, OPTION_LENGTH, QUESTION_LENGTH
from bot.polls.types import Poll
from cogs.ui.controls import Control, control_id
from cogs.ui.forms import Text, form

FEATURE = "polls"
NEW = "new"

QUESTIONS = (
    Text("question", "Question", "What do you want to know?", QUESTION_LENGTH, "Which model should we use?"),
    Text(
        "options",
        "Options",
        f"One on each line, two to {MOST_OPTIONS}",
        MOST_OPTIONS * (OPTION_LENGTH + 1),
        "An open one\nA closed one\nBoth",
        long=True,
    ),
    Text("closes", "Closes", "Such as: in 3 days · 20 minutes · Fri 18:00", 60, "in 1 day"),
)


def poll_form(key: str, typed: Mapping[str, str]) -> ui.Modal:
    """Ask for a poll; `key` is `NEW` or the id of the draft that it replaces."""
    return form("Write a poll", control_id(FEATURE, "write", key), QUESTIONS, typed)


def vote_buttons(poll: Poll) -> list[Control]:
    """One button for each option: a press is a vote."""
    return [
        Control.button(control_id(FEATURE, "vote", f"{poll.poll_id}-{place}"), option)
        for place, option in enumerate(poll.options)
    ]


def vote_of(key: str) -> tuple[int, int]:
    """Return poll id and position from a vote button's key.

    Raises:
        NotFoundError: it is no such key.
    """
    poll_id, _, position = key.partition("-")
    return number_of(poll_id), number_of(position)


def number_of(key: str) -> int:
    """Return the poll id in a key.

    Raises:
        NotFoundError: it is none.
    """
    if not key.isascii() or not key.isdecimal() or len(key) > 18:  # noqa: PLR2004 - what fits in 63 bits
        raise NotFoundError("This poll no longer exists.")
    return int(key)


def manage_button(poll_id: int) -> Control:
    """Open what creator and moderators can do."""
    return Control.button(control_id(FEATURE, "manage", str(poll_id)), "Manage")


def close_button(poll_id: int) -> Control:
    """End a poll before its time."""
    return Control.button(control_id(FEATURE, "close", str(poll_id)), "Close now", style=ButtonStyle.danger)


def draft_buttons(poll_id: int) -> list[Control]:
    """What can be done with a draft."""
    key = str(poll_id)
    return [
        Control.button(control_id(FEATURE, "post", key), "Post", style=ButtonStyle.primary),
        Control.button(control_id(FEATURE, "edit", key), "Edit"),
        Control.button(control_id(FEATURE, "discard", key), "Discard"),
    ]


def retry_button(key: str) -> Control:
    """Open the form again with what was typed."""
    return Control.button(control_id(FEATURE, "retry", key), "Try again", style=ButtonStyle.primary)
