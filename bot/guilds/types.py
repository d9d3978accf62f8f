"""What travels through server settings; all of it frozen."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.backends.base import Egress


class Purpose(StrEnum):
    """What a server may give a channel for."""

    LOG = "log"
    POLLS = "polls"


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """What a server has set for models in all features.

    `model` is who answers where nobody chose: a model's key, any-open, any-closed or hybrid; None leaves it to the
    operator. Questions and answers with `blocked_words` are held back; `moderation` is the least score, in percent, at
    which the provider's moderation holds back too, None for not asking it.
    """

    open_only: bool = False
    stays_here: bool = False
    asks_private: bool = False
    model: str | None = None
    blocked_words: tuple[str, ...] = ()
    moderation: int | None = None

    @property
    def egress(self) -> Egress:
        """What may leave the machine, and which models may be used."""
        return Egress(self.open_only, self.stays_here)


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """A server's settings with the operator's defaults filled in; `has_own_zone` tells whether it chose its zone."""

    guild_id: int
    time_zone: str
    language: str
    has_own_zone: bool
    channels: Mapping[Purpose, int]
    models: ModelSettings = ModelSettings()

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
    models: ModelSettings = ModelSettings()
