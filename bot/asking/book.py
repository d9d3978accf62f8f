"""What memory knows of choices, so that the same people need not be looked up at every question; bounded."""

from collections import OrderedDict

MOST_KEPT = 20_000
"""Members, and channels; the one longest unused goes first."""


class ChoiceBook:
    """Choices of members and of channels. A server belongs to one process, so memory is never behind."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        # (server, member) and (server, channel); None is known to have chosen nothing
        self._members: OrderedDict[tuple[int, int], str | None] = OrderedDict()
        self._channels: OrderedDict[tuple[int, int], str | None] = OrderedDict()

    def peek(self, guild_id: int, member_id: int, channel_id: int) -> tuple[str | None, str | None] | None:
        """Return what a member and a channel chose; None when it must be read."""
        member, channel = (guild_id, member_id), (guild_id, channel_id)
        if member not in self._members or channel not in self._channels:
            return None
        self._members.move_to_end(member)
        self._channels.move_to_end(channel)
        return self._members[member], self._channels[channel]

    def put_member(self, guild_id: int, member_id: int, wanted: str | None) -> None:
        """Know what a member chose."""
        _put(self._members, (guild_id, member_id), wanted, self._most)

    def put_channel(self, guild_id: int, channel_id: int, wanted: str | None) -> None:
        """Know what was chosen for a channel."""
        _put(self._channels, (guild_id, channel_id), wanted, self._most)

    def forget(self, member_id: int) -> None:
        """Know nothing of a person."""
        for key in [key for key in self._members if key[1] == member_id]:
            del self._members[key]


def _put(kept: "OrderedDict[tuple[int, int], str | None]", key: tuple[int, int], wanted: str | None, most: int) -> None:
    kept[key] = wanted
    kept.move_to_end(key)
    if len(kept) > most:
        kept.popitem(last=False)
