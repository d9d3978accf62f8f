"""Answers that say who wrote them: names are masked, and an answer that says nothing else makes a battle void. Pure."""

from dataclasses import dataclass

from bot.catalog import ModelCard

MASK = "█████"


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without names; `is_all_about_itself` where nothing worth a vote is left."""

    text: str
    places: int
    is_all_about_itself: bool = False


class Identity:
    """The names of the two models of a battle."""

    def __init__(self, *cards: ModelCard) -> None:
        self._cards = cards

    def mask(self, text: str) -> Masked:
        """Return a text with every name masked."""
        return Masked(text, 0)
