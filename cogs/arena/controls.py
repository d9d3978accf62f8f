"""The buttons and menus of the arena and what their keys say; who takes them is in the cogs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from discord import ButtonStyle

from bot.arena.rules import MOST_REASONS
from bot.arena.types import BoardBy, Exclusion, Fairness, Reason, Verdict
from bot.errors import NotFoundError
from cogs.ui.controls import Control, Menu, control_id
from cogs.ui.forms import Choice
from cogs.ui.text import count

FEATURE = "arena"
MOST_CHOICES = 25
_LARGEST_ID = 2**63 - 1
_LONGEST_ID = 19
_PRIMARY, _DANGER = ButtonStyle.primary, ButtonStyle.danger

VERDICT_LABELS = {Verdict.A: "A is better", Verdict.B: "B is better", Verdict.TIE: "Tie", Verdict.BAD: "Both bad"}
BOARD_LABELS = {
    BoardBy.MODEL: "Models",
    BoardBy.OPENNESS: "Classes",
    BoardBy.TASK: "Tasks",
    BoardBy.LANGUAGE: "Languages",
}


@dataclass(frozen=True, slots=True)
class BoardKey:
    """Which board a control is about: what it tells apart, whether everything counts, which part, which page.

    A part is named, since its place changes with the votes; without a name, or one that is not there, it is the first.
    """

    by: BoardBy = BoardBy.MODEL
    everything: bool = False
    part: str = ""
    page: int = 0

    def __str__(self) -> str:
        return f"{self.by}-{int(self.everything)}-{self.part}-{self.page}"


def number_of(key: str) -> int:
    """Read an id out of a control's key.

    Raises:
        NotFoundError: it is none.
    """
    if not (key.isascii() and key.isdecimal()) or len(key) > _LONGEST_ID or int(key) > _LARGEST_ID:
        raise NotFoundError("This control cannot be read. Please use the command again.")
    return int(key)


def vote_of(key: str) -> tuple[int, Verdict]:
    """Read battle and verdict out of a vote button's key.

    Raises:
        NotFoundError: it is no such key.
    """
    number, _, verdict = key.partition("-")
    found = {one.value: one for one in Verdict}.get(verdict)
    if found is None:
        raise NotFoundError("This control cannot be read. Please use the command again.")
    return number_of(number), found


def board_of(key: str) -> BoardKey:
    """Read which board a key names; the usual one where it names none."""
    name, _, rest = key.partition("-")
    everything, _, rest = rest.partition("-")
    part, dash, page = rest.rpartition("-")
    by = {one.value: one for one in BoardBy}.get(name)
    if by is None or not dash:
        return BoardKey()
    return BoardKey(by, everything == "1", part, number_of(page))


def reasons_of(values: Sequence[str]) -> tuple[Reason, ...]:
    """Read chosen reasons; what is none is left out."""
    known = {one.value: one for one in Reason}
    return tuple(known[value] for value in values if value in known)


# on battles


def vote_buttons(battle_id: int) -> list[Control]:
    """Return a button for each verdict."""
    return [
        Control.button(
            control_id(FEATURE, "vote", f"{battle_id}-{verdict}"),
            label,
            style=_PRIMARY if verdict in (Verdict.A, Verdict.B) else ButtonStyle.secondary,
        )
        for verdict, label in VERDICT_LABELS.items()
    ]


def vote_id(battle_id: int) -> str:
    """Return an id by which the card of an open battle is known."""
    return control_id(FEATURE, "vote", f"{battle_id}-{Verdict.A}")


def stop_button(battle_id: int) -> Control:
    """End a battle whose answers are being made."""
    return Control.button(stop_id(battle_id), "Stop", style=_DANGER)


def stop_id(battle_id: int) -> str:
    """Return the id by which the card of a battle is known whose answers are being made."""
    return control_id(FEATURE, "stop", str(battle_id))


def reasons_menu(battle_id: int, chosen: Sequence[Reason] = ()) -> Menu:
    """Say why one voted so."""
    choices = [Choice(reason.value, reason.value.capitalize()) for reason in Reason]
    return Menu.of(
        control_id(FEATURE, "why", str(battle_id)),
        choices,
        placeholder=f"Why? (optional, up to {MOST_REASONS})",
        chosen=[reason.value for reason in chosen],
        most=MOST_REASONS,
    )


def manage_button(battle_id: int, label: str = "Manage") -> Control:
    """Open what the asker and moderators can do."""
    return Control.button(manage_id(battle_id), label)


def manage_id(battle_id: int) -> str:
    """Return the id by which the card of a battle with a result is known."""
    return control_id(FEATURE, "manage", str(battle_id))


def close_button(battle_id: int, *, disabled: bool = False) -> Control:
    """Close a shared battle now."""
    return Control.button(control_id(FEATURE, "close", str(battle_id)), "Close now", style=_PRIMARY, disabled=disabled)


def delete_button(battle_id: int) -> Control:
    """Delete a battle: asks first."""
    return Control.button(control_id(FEATURE, "delete", str(battle_id)), "Delete", style=_DANGER)


def erase_button(battle_id: int) -> Control:
    """Delete it now."""
    return Control.button(control_id(FEATURE, "erase", str(battle_id)), "Delete for good", style=_DANGER)


def details_button(battle_id: int) -> Control:
    """Show all there is to know of the two models."""
    return Control.button(control_id(FEATURE, "details", str(battle_id)), "About the models")


def show_button(label: str = "Board") -> Control:
    """Show the board to whoever presses, beside what is there."""
    return Control.button(control_id(FEATURE, "show"), label)


# on boards


def by_buttons(key: BoardKey, *, is_first: bool = True) -> list[Control]:
    """Return the way to the other boards, and to the first part of this one unless that is shown."""
    return [
        Control.button(
            control_id(FEATURE, "board", str(BoardKey(by, key.everything))),
            label,
            style=_PRIMARY if by is key.by else ButtonStyle.secondary,
            disabled=by is key.by and is_first and key.page == 0,
        )
        for by, label in BOARD_LABELS.items()
    ]


def view_buttons(key: BoardKey) -> list[Control]:
    """Return what else there is to a board."""
    label = "Leave out doubts" if key.everything else "Count everything"
    # a page belongs to the list alone
    here, other = replace(key, page=0), replace(key, everything=not key.everything, page=0)
    return [
        Control.button(control_id(FEATURE, "pairs", str(here)), "Pairs"),
        Control.button(control_id(FEATURE, "history", str(here)), "History"),
        Control.button(control_id(FEATURE, "fair", str(here)), "Fair play"),
        Control.button(control_id(FEATURE, "count", str(other)), label),
        Control.button(control_id(FEATURE, "file"), "Vote file"),
    ]


def part_menu(key: BoardKey, labels: Mapping[str, str]) -> Menu:
    """Choose a task or a language by its name; `labels` are their words."""
    choices = [Choice(part, label) for part, label in islice(labels.items(), MOST_CHOICES)]
    return Menu.of(control_id(FEATURE, "part", str(replace(key, page=0))), choices, chosen=[key.part])


def page_buttons(key: BoardKey, pages: int) -> list[Control]:
    """Return the way to the other pages; none where there is one."""
    if pages <= 1:
        return []
    before, after = replace(key, page=max(key.page - 1, 0)), replace(key, page=key.page + 1)
    return [
        # ids of their own: two controls of a message must not share one
        Control.button(control_id(FEATURE, "earlier", str(before)), "Previous", disabled=key.page == 0),
        Control.button(control_id(FEATURE, "later", str(after)), "Next", disabled=key.page + 1 >= pages),
    ]


def back_button(key: BoardKey) -> Control:
    """Return to the board."""
    return Control.button(control_id(FEATURE, "board", str(key)), "Back to the board", style=_PRIMARY)


def post_button(key: BoardKey) -> Control:
    """Post the board in the channel."""
    return Control.button(control_id(FEATURE, "post", str(replace(key, page=0))), "Post here")


def exclude_menu(key: BoardKey, suspects: Sequence[Fairness]) -> Menu:
    """Leave a voter's votes out."""
    choices = [
        Choice(str(one.voter), f"Voter {one.voter}", f"{count(one.votes, 'vote')}, evidence {one.evidence:,.0f}")
        for one in suspects[:MOST_CHOICES]
    ]
    return Menu.of(control_id(FEATURE, "exclude", str(key)), choices, placeholder="Leave a voter's votes out")


def lift_menu(key: BoardKey, log: Sequence[Exclusion]) -> Menu:
    """Count a voter's votes again."""
    choices = [
        Choice(str(one.exclusion_id), f"Voter {one.number}", count(one.votes, "vote")) for one in log[:MOST_CHOICES]
    ]
    return Menu.of(control_id(FEATURE, "lift", str(key)), choices, placeholder="Count a voter's votes again")
