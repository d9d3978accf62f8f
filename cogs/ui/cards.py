"""The one look of everything Rostrum shows: a container with a coloured edge, a title, text, rows and a footer."""

from collections.abc import Sequence
from enum import Enum
from typing import Any, TypeAlias

import discord
from discord import ui

Part: TypeAlias = "str | ui.Item[Any]"

MOST_TEXT = 4000
"""Characters of text in one message, all parts together."""
BUTTONS_IN_A_ROW = 5


class Tone(Enum):
    """The colour of a card's edge; the words say the same, since colour alone tells some people nothing."""

    NEUTRAL = 0x167A73
    GOOD = 0x2E9E6B
    DRAFT = 0x8A8F98
    TROUBLE = 0xC8553D


class Card(ui.LayoutView):
    """A card as it is sent, as often as wanted: it does not change any more."""

    def __init__(self, container: ui.Container[Any]) -> None:
        super().__init__(timeout=None)
        self.add_item(container)
        self._written: list[dict[str, Any]] | None = None
        # finished from the start: its controls are found by their ids, so the library need not remember the card (it
        # would hold every private one for 15 minutes, 4 KB a vote)
        self.stop()

    def to_components(self) -> list[dict[str, Any]]:
        """Return Discord's payload, written once."""
        if self._written is None:
            self._written = super().to_components()
        return self._written


def card(title: str, *parts: Part, tone: Tone = Tone.NEUTRAL, footer: str | None = None) -> ui.LayoutView:
    """Build a card; text is Markdown, so what people wrote must have gone through `cogs.ui.text.plain`."""
    container: ui.Container[Any] = ui.Container(accent_colour=tone.value)
    container.add_item(ui.TextDisplay(f"### {title}"))
    for part in parts:
        container.add_item(ui.TextDisplay(part) if isinstance(part, str) else part)
    if footer:
        container.add_item(ui.TextDisplay(f"-# {footer}"))
    return Card(container)


def rule() -> ui.Item[Any]:
    """Return a thin line between parts."""
    return ui.Separator(spacing=discord.SeparatorSpacing.small)


def rows(buttons: Sequence[ui.Item[Any]]) -> list[ui.Item[Any]]:
    """Lay buttons out in rows, as many in each as Discord takes."""
    return [
        ui.ActionRow(*buttons[start : start + BUTTONS_IN_A_ROW]) for start in range(0, len(buttons), BUTTONS_IN_A_ROW)
    ]


def picture(name: str, description: str) -> ui.Item[Any]:
    """Show the attached file `name`; `description` is what people hear who cannot see it."""
    return ui.MediaGallery(discord.MediaGalleryItem(f"attachment://{name}", description=description[:1024]))
