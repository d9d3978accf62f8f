"""The buttons of polls and what their keys say; who takes them is in the cogs."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from discord import ButtonStyle

from bot.errors import ClosedError, NotFoundError
from bot.polls.rules import FEWEST_OPTIONS, GONE, METHODS, OTHER_OPTIONS
from bot.polls.types import CountingMethod, Poll, PollKind, PollLists
from cogs.polls.cards.words import METHOD_WORDS, ordinal
from cogs.polls.ranking import Ranking, letter_of
from cogs.ui.controls import Control, Menu, control_id
from cogs.ui.forms import Choice

FEATURE = "polls"
ALL_RULES = "all"
MOST_BUTTONS = 5
"""Options up to which a single choice is one press on the card."""


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


def tag_of(poll: Poll, options: int | None = None) -> str:
    """Return what changes when the kind of a poll does, or its options (the first so many): four characters."""
    return f"{zlib.crc32(chr(10).join((poll.kind, *poll.options[:options])).encode()) & 0xFFFF:04x}"


@dataclass(frozen=True, slots=True)
class RankKey:
    """Which ranking, not sent yet, a control is about: the poll, its options then, the order, and the option to move.

    `order` and `moving` are letters as `cogs.polls.ranking` has them.
    """

    poll_id: int
    tag: str
    order: str = ""
    moving: str = ""

    def __str__(self) -> str:
        return f"{self.poll_id}-{self.tag}-{self.order}-{self.moving}"


def require_same(poll: Poll, tag: str) -> int:
    """See that a control shows what the poll has now; return how many of its options: others may have been added.

    Raises:
        ClosedError: its options were changed meanwhile.
    """
    fewest = FEWEST_OPTIONS if poll.takes_proposals else len(poll.options)
    for amount in range(len(poll.options), fewest - 1, -1):
        if tag == tag_of(poll, amount):
            return amount
    raise ClosedError(OTHER_OPTIONS)


def number_of(key: str) -> int:
    """Return the poll id in a key.

    Raises:
        NotFoundError: it is none.
    """
    if not key.isascii() or not key.isdecimal() or len(key) > 18:  # noqa: PLR2004 - what fits in 63 bits
        raise NotFoundError(GONE)
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


def rank_of(key: str) -> RankKey:
    """Return what the key of a ranking's control says.

    Raises:
        NotFoundError: it is no such key.
    """
    poll_id, _, rest = key.partition("-")
    tag, _, rest = rest.partition("-")
    order, _, moving = rest.partition("-")
    return RankKey(number_of(poll_id), tag, order, moving)


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


def rules_of_count_button(poll_id: int) -> Control:
    """Show how votes will be counted, and who wins ties, before anybody has voted."""
    return Control.button(control_id(FEATURE, "explain", str(poll_id)), "How it counts")


def counted_button(poll_id: int, label: str = "How counted") -> Control:
    """Show how votes were counted."""
    return Control.button(control_id(FEATURE, "counted", str(poll_id)), label)


def rules_menu(poll: Poll, compared: Sequence[CountingMethod], shown: CountingMethod | None) -> Menu:
    """Offer to count the same ballots by other rules, or by all at once."""
    choices = [Choice(ALL_RULES, "All rules at once", "Who would win by which rule")]
    choices += [
        Choice(method.value, f"Count by {METHOD_WORDS[method].name}", METHOD_WORDS[method].hint) for method in compared
    ]
    return Menu.of(
        control_id(FEATURE, "compare", str(poll.poll_id)),
        choices,
        placeholder="Count by another rule",
        chosen=[] if shown in {None, poll.method} else [str(shown)],
    )


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


# on the private card of a ranking


def adding_menu(poll: Poll, ranking: Ranking) -> Menu | None:
    """Offer the options that are not ranked yet; None when all are."""
    ranked = ranking.places
    left = [place for place in range(len(poll.options)) if place not in ranked]
    if not left:
        return None
    return Menu.of(
        control_id(FEATURE, "rank", str(_rank_key(poll, ranking))),
        [Choice(str(place), f"{place + 1}. {poll.options[place]}") for place in left],
        placeholder=f"Add your {ordinal(len(ranking.groups) + 1)} choice",
    )


def moving_menu(poll: Poll, ranking: Ranking, moving: int | None) -> Menu | None:
    """Offer what is ranked, to be moved or taken out; None when nothing is."""
    if not ranking.groups:
        return None
    return Menu.of(
        control_id(FEATURE, "rankpick", str(_rank_key(poll, ranking))),
        [Choice(str(place), f"{ordinal(ranking.rank_of(place))}: {poll.options[place]}") for place in ranking.places],
        placeholder="Move one, or take it out",
        chosen=[] if moving is None else [str(moving)],
    )


def moving_buttons(poll: Poll, ranking: Ranking, moving: int) -> list[Control]:
    """Return what can be done with the option that was picked."""
    key = str(_rank_key(poll, ranking, moving))
    return [
        Control.button(control_id(FEATURE, "rankup", key), "Up", disabled=ranking.raised(moving) == ranking),
        Control.button(control_id(FEATURE, "rankdown", key), "Down", disabled=ranking.lowered(moving) == ranking),
        Control.button(control_id(FEATURE, "rankout", key), "Take out"),
    ]


def ranking_buttons(poll: Poll, ranking: Ranking, before: Ranking, *, counted: bool) -> list[Control]:
    """Return what can be done with the order; `before` is what Undo goes back to, `counted` says that it stands."""
    key = str(_rank_key(poll, ranking))
    tie = "Untie the last" if ranking.is_tied else "Equal to the one before"
    return [
        Control.button(
            control_id(FEATURE, "rankcast", key),
            "Submit",
            style=ButtonStyle.primary,
            disabled=counted or not ranking.groups,
        ),
        Control.button(
            control_id(FEATURE, "rankundo", str(_rank_key(poll, before))), "Undo", disabled=before == ranking
        ),
        Control.button(control_id(FEATURE, "ranktie", key), tie, disabled=not ranking.can_tie),
        Control.button(control_id(FEATURE, "rankclear", key), "Clear", disabled=not ranking.groups),
    ]


def _rank_key(poll: Poll, ranking: Ranking, moving: int | None = None) -> RankKey:
    letter = "" if moving is None else letter_of(moving)
    return RankKey(poll.poll_id, tag_of(poll), str(ranking), letter)


# on private cards


def method_menu(poll: Poll) -> Menu | None:
    """Offer what a poll can be counted by; None where there is one way only."""
    fitting = METHODS[poll.kind]
    if len(fitting) == 1:
        return None
    return Menu.of(
        control_id(FEATURE, "method", str(poll.poll_id)),
        [
            Choice(method.value, f"Counted by {METHOD_WORDS[method].name}", METHOD_WORDS[method].hint)
            for method in fitting
        ],
        placeholder="Counted by",
        chosen=[poll.method.value],
    )


def recount_button(poll_id: int) -> Control:
    """Hand out the signed file with which anybody can count again."""
    return Control.button(control_id(FEATURE, "recount", str(poll_id)), "Recount file")


def weights_button(poll_id: int, label: str = "Weights", *, disabled: bool = False) -> Control:
    """Open the form that says whose votes count more."""
    return Control.button(control_id(FEATURE, "weights", str(poll_id)), label, disabled=disabled)


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
        weights_button(poll_id),
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
        weights_button(poll_id, disabled="Weights" not in possible),
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
