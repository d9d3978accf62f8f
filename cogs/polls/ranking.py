"""A ranking while it is made: what its buttons do, and how it travels in their keys. Pure.

In a key each option is a letter, in order: a small one begins a new place, a capital one shares the place before it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from bot.errors import NotFoundError
from bot.polls.counting import UNRANKED

LETTERS = "abcdefghijklmnopqrstuvwxy"
"""One for each option that a poll can have."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Options in order: each group shares a place."""

    groups: tuple[tuple[int, ...], ...] = ()

    @classmethod
    def of(cls, ranks: bytes) -> Self:
        """Return what a ballot says; places that it leaves out are closed up."""
        by_rank: dict[int, list[int]] = {}
        for place, rank in enumerate(ranks):
            if rank != UNRANKED:
                by_rank.setdefault(rank, []).append(place)
        return cls(tuple(tuple(by_rank[rank]) for rank in sorted(by_rank)))

    @classmethod
    def read(cls, text: str, options: int) -> Self:
        """Read a ranking of so many options from a key.

        Raises:
            NotFoundError: it is none.
        """
        groups: list[list[int]] = []
        for letter in text:
            if letter.islower() or not groups:
                groups.append([])
            groups[-1].append(place_of(letter, options))
        found = cls(tuple(tuple(group) for group in groups))
        if len(set(found.places)) != len(text) or str(found) != text:
            raise NotFoundError("This ballot cannot be read. Please start again from the poll's card.")
        return found

    def __str__(self) -> str:
        return "".join(
            letter_of(place).upper() if shares else letter_of(place) for place, shares in self._with_sharing()
        )

    @property
    def places(self) -> tuple[int, ...]:
        """The options, from the first on."""
        return tuple(place for group in self.groups for place in group)

    @property
    def can_tie(self) -> bool:
        """Whether the last option can share a place with the one before it, or shares it already."""
        return len(self.places) > 1

    @property
    def is_tied(self) -> bool:
        """Whether the last option shares its place."""
        return bool(self.groups) and len(self.groups[-1]) > 1

    def packed(self, options: int) -> bytes:
        """Return the ballot."""
        ranks = bytearray([UNRANKED]) * options
        for rank, group in enumerate(self.groups):
            for place in group:
                ranks[place] = rank
        return bytes(ranks)

    def rank_of(self, place: int) -> int:
        """Return which place, from 1, an option has that is ranked."""
        return self._index(place) + 1

    def added(self, place: int) -> "Ranking":
        """Put an option behind all others; one that is there stays where it is."""
        return self if place in self.places else Ranking((*self.groups, (place,)))

    def without(self, place: int) -> "Ranking":
        """Take an option out."""
        return _closed_up(tuple(other for other in group if other != place) for group in self.groups)

    def without_last(self) -> "Ranking":
        """Take the last option out."""
        return self.without(self.places[-1]) if self.groups else self

    def tied(self) -> "Ranking":
        """Have the last option share the place of the one before it; where it shares one, give it its own again."""
        if not self.can_tie:
            return self
        if self.is_tied:
            *others, last = self.groups[-1]
            return Ranking((*self.groups[:-1], tuple(others), (last,)))
        return Ranking((*self.groups[:-2], (*self.groups[-2], *self.groups[-1])))

    def raised(self, place: int) -> "Ranking":
        """Move an option up: out of the place that it shares, or past the place before it."""
        at = self._index(place)
        # alone on its place: past the one before
        to = at if len(self.groups[at]) > 1 else at - 1
        return self if to < 0 else self._moved(place, to)

    def lowered(self, place: int) -> "Ranking":
        """Move an option down: out of the place that it shares, or past the place behind it."""
        at = self._index(place)
        # taken out of a shared place, the others keep it; alone, its own place closes up
        to = at + 1
        return self if len(self.groups[at]) == 1 and to == len(self.groups) else self._moved(place, to)

    def _moved(self, place: int, to: int) -> "Ranking":
        groups = list(self.without(place).groups)
        groups.insert(to, (place,))
        return Ranking(tuple(groups))

    def _index(self, place: int) -> int:
        """Return at which place an option stands.

        Raises:
            NotFoundError: it is not ranked.
        """
        for at, group in enumerate(self.groups):
            if place in group:
                return at
        raise NotFoundError("This option is not in your order any more. Please look at the ballot again.")

    def _with_sharing(self) -> Iterator[tuple[int, bool]]:
        for group in self.groups:
            for at, place in enumerate(group):
                yield place, at > 0


def letter_of(place: int) -> str:
    """Return what stands for an option in a key."""
    return LETTERS[place]


def place_of(letter: str, options: int) -> int:
    """Return the option that a letter of a key stands for.

    Raises:
        NotFoundError: there is no such option.
    """
    place = LETTERS.find(letter.lower())
    if len(letter) != 1 or not 0 <= place < options:
        raise NotFoundError("This poll has no such option.")
    return place


def _closed_up(groups: Iterator[tuple[int, ...]]) -> Ranking:
    return Ranking(tuple(group for group in groups if group))
