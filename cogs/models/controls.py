"""The buttons and the menu of the models' cards, and what their keys say; who takes them is in the cog."""

from collections.abc import Sequence

import discord

from bot.backends.listing import STATES, Line
from bot.errors import NotFoundError
from cogs.ui.controls import Control, Menu, control_id
from cogs.ui.forms import Choice

FEATURE = "models"
# ids of controls carry letters, digits and dashes only; the keys of models have no capitals
_TO_ID = str.maketrans({".": "D", "_": "U"})
_FROM_ID = str.maketrans({"D": ".", "U": "_"})


def key_of(key: str) -> str:
    """Return the key of a model from that of a control."""
    return key.translate(_FROM_ID)


def page_of(key: str) -> int:
    """Return the page that a control asks for.

    Raises:
        NotFoundError: it names none.
    """
    if not (key.isascii() and key.isdecimal() and len(key) < 4):  # noqa: PLR2004 - no list is that long
        raise NotFoundError("This list has changed. Use /models again.")
    return int(key)


def page_buttons(page: int, pages: int) -> list[Control]:
    """Turn the pages of the list, and look again."""
    last = pages - 1
    return [
        Control.button(control_id(FEATURE, "page", str(max(page - 1, 0))), "Back", disabled=page == 0),
        # one id cannot stand on two buttons: at an end the ways back and on would lead to the same page
        Control.button(control_id(FEATURE, "next", str(min(page + 1, last))), "Next", disabled=page >= last),
        Control.button(control_id(FEATURE, "again", str(page)), "Check again"),
    ]


def model_menu(lines: Sequence[Line]) -> discord.ui.Item[discord.ui.LayoutView]:
    """Open one model's card."""
    choices = [
        Choice(line.card.key, line.card.name, f"{line.card.openness.value} · {STATES[line.health.state]}")
        for line in lines
    ]
    return discord.ui.ActionRow(Menu.of(control_id(FEATURE, "show"), choices, placeholder="Look at a model"))


def model_buttons(key: str, page: int) -> list[Control]:
    """Go back to the list, and look again."""
    return [
        Control.button(control_id(FEATURE, "page", str(page)), "All models"),
        Control.button(control_id(FEATURE, "look", key.translate(_TO_ID)), "Check again"),
    ]
