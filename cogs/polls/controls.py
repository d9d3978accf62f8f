"""The buttons of polls and what their keys say; who takes them is in the cogs."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from discord import ButtonStyle

from bot.errors import ClosedError, NotFoundError
from bot.polls.types import Poll, PollKind, PollLists
from cogs.ui.controls import Control, control_id

FEATURE = "polls"
MOST_BUTTONS = 5
"""Options up to which a single choice is one press on the card."""
_GONE = "This poll no longer exists."


@dataclass(frozen=True, slots=True)
class BallotKey:
    """Which ballot a control or form is about: `carried` is what earlier pages said, one character an option.

    `tag` stands for the options as they were when the ballot was opened; both are empty where none is open.
    """

    poll_id: int
    tag: str = ""
    carried: str = ""

    def __str__(self) -> str:
        return f"{self.poll_id}-{self.tag}-{self.carried}"


def tag_of(poll: Poll) -> str:
    """Return what changes when the options or the kind of a poll do: four characters."""
    return f"{zlib.crc32(chr(10).join((poll.kind, *poll.options)).encode()) & 0xFFFF:04x}"


def require_same(poll: Poll, tag: str) -> None:
    """See that a control shows what the poll has now.

    Raises:
        ClosedError: its options were changed meanwhile.
    """
    if tag != tag_of(poll):
        raise ClosedError(
            "The options of this poll were changed a moment ago, so nothing was counted. Please look again."
        )


def number_of(key: str) -> int:
    """Return the poll id in a key.

    Raises:
        NotFoundError: it is none.
    """
    if not key.isascii() or not key.isdecimal() or len(key) > 18:  # noqa: PLR2004 - what fits in 63 bits
        raise NotFoundError(_GONE)
    return int(key)


def vote_of(key: str) -> tuple[int, str, int]:
    """Return poll id, tag and position from a vote button's key.

    Raises:
        NotFoundError: it is no such key.
    """
    poll_id, tag, position = _parts(key)
    return number_of(poll_id), tag, number_of(position)


def ballot_of(key: str) -> BallotKey:
    """Return what a ballot's key says.

    Raises:
        NotFoundError: it is no such key.
    """
    poll_id, tag, carried = _parts(key)
    return BallotKey(number_of(poll_id), tag, carried)


def list_of(key: str) -> tuple[PollLists, int]:
    """Return which list and page a key names; the first page of the open ones when it names none."""
    name, _, page = key.partition("-")
    known = {one.value: one for one in PollLists}
    return known.get(name, PollLists.OPEN), number_of(page) if page.isdecimal() else 0


def _parts(key: str) -> tuple[str, str, str]:
    poll_id, _, rest = key.partition("-")
    tag, _, last = rest.partition("-")
    return poll_id, tag, last


# on the card in the channel


def voting_buttons(poll: Poll) -> list[Control]:
    """Return a button for each option where a press is a vote, else the one that opens the ballot."""
    if poll.kind is PollKind.SINGLE and len(poll.options) <= MOST_BUTTONS:
        tag = tag_of(poll)
        return [
            Control.button(control_id(FEATURE, "vote", f"{poll.poll_id}-{tag}-{place}"), option)
            for place, option in enumerate(poll.options)
        ]
    return [ballot_button(poll.poll_id, "Vote", ButtonStyle.primary)]


def ballot_button(poll_id: int, label: str, style: ButtonStyle = ButtonStyle.secondary) -> Control:
    """Open the private ballot."""
    return Control.button(control_id(FEATURE, "ballot", str(BallotKey(poll_id))), label, style=style)


def results_button(poll_id: int, label: str = "Results") -> Control:
    """Show the count privately, so far or at the end."""
    return Control.button(control_id(FEATURE, "results", str(poll_id)), label)


def voters_button(poll_id: int) -> Control:
    """Show who voted for what in a public poll."""
    return Control.button(control_id(FEATURE, "voters", str(poll_id)), "Voters")


def manage_button(poll_id: int, label: str = "Manage") -> Control:
    """Open what creator and moderators can do."""
    return Control.button(manage_id(poll_id), label)


def manage_id(poll_id: int) -> str:
    """Return the id by which a poll's card is known."""
    return control_id(FEATURE, "manage", str(poll_id))


# on private cards


def continue_button(key: BallotKey) -> Control:
    """Open the next page of a ballot."""
    return Control.button(control_id(FEATURE, "ballot", str(key)), "Continue", style=ButtonStyle.primary)


def bell_button(poll_id: int, on: bool) -> Control:
    """Ask for a reminder, or take that back."""
    if on:
        return Control.button(control_id(FEATURE, "silence", str(poll_id)), "Don't remind me")
    return Control.button(control_id(FEATURE, "bell", str(poll_id)), "Remind me")


def draft_buttons(poll_id: int) -> list[Control]:
    """Return what can be done with a draft."""
    key = str(poll_id)
    return [
        Control.button(control_id(FEATURE, "post", key), "Post", style=ButtonStyle.primary),
        edit_button(poll_id),
        rules_button(poll_id),
        Control.button(control_id(FEATURE, "discard", key), "Discard"),
    ]


def edit_button(poll_id: int, label: str = "Edit") -> Control:
    """Open the form of a draft."""
    return Control.button(control_id(FEATURE, "edit", str(poll_id)), label)


def rules_button(poll_id: int, label: str = "Rules", *, disabled: bool = False) -> Control:
    """Open the form of the finer settings."""
    return Control.button(control_id(FEATURE, "rules", str(poll_id)), label, disabled=disabled)


def retry_button(key: str) -> Control:
    """Open a form again with what was typed, which its card says; the rest is in the key."""
    return Control.button(control_id(FEATURE, "retry", key), "Try again", style=ButtonStyle.primary)


def change_button(poll_id: int, voted: bool, *, disabled: bool = False) -> Control:
    """Open the form of an open poll; without options and kind once somebody has voted."""
    key = f"{poll_id}-{'voted' if voted else 'fresh'}"
    return Control.button(control_id(FEATURE, "change", key), "Edit", disabled=disabled)


def panel_buttons(poll_id: int, voted: bool, possible: Sequence[str]) -> list[Control]:
    """Return all that can be done with a posted poll; what is not `possible` now, by its label, is disabled."""
    key = str(poll_id)
    danger = ButtonStyle.danger
    return [
        change_button(poll_id, voted, disabled="Edit" not in possible),
        rules_button(poll_id, disabled="Rules" not in possible),
        Control.button(control_id(FEATURE, "close", key), "Close now", style=danger, disabled="Close" not in possible),
        Control.button(control_id(FEATURE, "reopen", key), "Reopen", disabled="Reopen" not in possible),
        Control.button(control_id(FEATURE, "remind", key), "Remind", disabled="Remind" not in possible),
        Control.button(control_id(FEATURE, "clone", key), "Clone"),
        Control.button(control_id(FEATURE, "export", key), "Export", disabled="Export" not in possible),
        Control.button(control_id(FEATURE, "delete", key), "Delete", style=danger),
    ]


def deletion_buttons(poll_id: int) -> list[Control]:
    """Ask once more before a poll is gone."""
    key = control_id(FEATURE, "erase", str(poll_id))
    return [Control.button(key, "Delete for good", style=ButtonStyle.danger), manage_button(poll_id, "Keep it")]


def list_buttons(which: PollLists, page: int, pages: int) -> list[Control]:
    """Return the way to the other lists and pages."""
    return [
        *(
            Control.button(
                control_id(FEATURE, "list", f"{one}-0"),
                one.value.capitalize(),
                style=ButtonStyle.primary if one is which else ButtonStyle.secondary,
                disabled=one is which and page == 0,
            )
            for one in PollLists
        ),
        # turned into ids of their own: two controls of a message must not share one
        Control.button(control_id(FEATURE, "earlier", f"{which}-{max(page - 1, 0)}"), "Previous", disabled=page == 0),
        Control.button(control_id(FEATURE, "later", f"{which}-{page + 1}"), "Next", disabled=page + 1 >= pages),
    ]
