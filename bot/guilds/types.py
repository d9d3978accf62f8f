"""What travels through server settings; all of it frozen."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo


class Purpose(StrEnum):
    """What a server may give a channel for."""

    LOG = "log"
    POLLS = "polls"


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """A server's settings with the operator's defaults filled in; `has_own_zone` tells whether it chose its zone."""

    guild_id: int
    time_zone: str
    language: str
    has_own_zone: bool
    channels: Mapping[Purpose, int]

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which typed times are read."""
        return ZoneInfo(self.time_zone)

    def channel(self, purpose: str) -> int | None:
        """The id of the channel that was set for `purpose`."""
        return self.channels.get(Purpose(purpose))


@dataclass(frozen=True, slots=True)
class StoredSettings:
    """What a server has set itself; None leaves it to the operator's default."""

    guild_id: int
    time_zone: str | None
    language: str | None
    channels: Mapping[Purpose, int]
