"""What was made from a server's votes, in memory as long as the votes stay the same; bounded."""

import asyncio
from collections import OrderedDict

MOST_KEPT = 64
"""Boards in memory; the one longest unused goes first."""


class Boards:
    """What was made from a server's votes, as long as they stay the same."""

    def __init__(self) -> None:
        self._made: OrderedDict[tuple[object, ...], tuple[tuple[object, ...], object]] = OrderedDict()
        # one after the other: two at once would be no faster, and the loop would get less
        self.line = asyncio.Lock()

    def find(self, key: tuple[object, ...], stamp: tuple[object, ...]) -> object | None:
        """Return what was made under a key from the votes that a stamp stands for."""
        found = self._made.get(key)
        if found is None or found[0] != stamp:
            return None
        self._made.move_to_end(key)
        return found[1]

    def latest(self, key: tuple[object, ...]) -> object | None:
        """Return what was made last under a key, from whatever votes."""
        found = self._made.get(key)
        return found and found[1]

    def put(self, key: tuple[object, ...], stamp: tuple[object, ...], made: object) -> None:
        """Keep what was made."""
        self._made[key] = stamp, made
        self._made.move_to_end(key)
        if len(self._made) > MOST_KEPT:
            self._made.popitem(last=False)
