"""The catalogue: all cards, and finding one by what somebody typed."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from bot.catalog.types import ModelCard

RESERVED = frozenset({"any-open", "any-closed", "hybrid", "usual"})
"""What one may choose instead of a model's key."""
REASONS = ("weights", "code", "data", "licence", "access")
"""What a card's reasons are about, in the order in which they are told."""


class Catalog:
    """All model cards, in the order in which they are listed; does not change."""

    def __init__(self, cards: Iterable[ModelCard]) -> None:
        self.cards: Mapping[str, ModelCard] = MappingProxyType({card.key: card for card in cards})

    def get(self, key: str) -> ModelCard | None:
        """Return the card with this key."""
        return self.cards.get(key)

    def find(self, typed: str) -> list[ModelCard]:
        """Return the cards that fit what somebody typed, the best first; all of them for blank text."""
        words = typed.casefold().split()
        rated = [(rate, card) for card in self.cards.values() if (rate := _rate(card, words)) is not None]
        return [card for _, card in sorted(rated, key=lambda one: one[0])]


def _rate(card: ModelCard, words: list[str]) -> int | None:
    """Say how well a card fits, 0 best; None when it does not."""
    text = " ".join(words)
    key, name = card.key, card.name.casefold()
    if text in {key, name}:
        return 0
    if key.startswith(text) or name.startswith(text):
        return 1
    known = f"{key} {name}"
    if all(word in known for word in words):
        return 2
    known = f"{known} {card.maker} {card.family} {card.openness} {card.model}".casefold()
    return 3 if all(word in known for word in words) else None
