"""What servers set for themselves, in memory as far as that goes, so that forms open without asking the database."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import structlog

from bot.clock import Clock
from bot.db.session import Database
from bot.guilds import rules
from bot.guilds.store import GuildStore
from bot.guilds.types import GuildSettings, ModelSettings, Purpose, StoredSettings

MOST_KEPT = 10_000
"""Servers in memory; the one longest unused goes first."""

log = structlog.stdlib.get_logger(__name__)


class GuildService:
    """The settings of all servers. A server belongs to one process (its shard's), so memory is never behind."""

    def __init__(self, database: Database, clock: Clock, default_zone: str) -> None:
        self._store = GuildStore(database)
        self._clock = clock
        self._default_zone = default_zone
        self._kept: OrderedDict[int, GuildSettings] = OrderedDict()
        self._zones: frozenset[str] = frozenset()
        # whether all that is in the tables is in memory too
        self._whole = False
        # changes are kept in the order in which they were stored
        self._changing = asyncio.Lock()

    async def start(self) -> None:
        """Take the settings that changed last into memory."""
        latest = await self._store.latest(MOST_KEPT)
        for stored in reversed(latest):
            self._keep(stored)
        self._whole = len(latest) < MOST_KEPT

    def knows(self, guild_id: int) -> bool:
        """Tell whether `peek` returns what is in the tables."""
        return self._whole or guild_id in self._kept

    def peek(self, guild_id: int) -> GuildSettings:
        """Return the settings from memory alone; the operator's defaults for a server that is not there."""
        return self._kept.get(guild_id) or self._filled(StoredSettings(guild_id, None, None, {}))

    async def get(self, guild_id: int) -> GuildSettings:
        """Return the settings of a server, with the operator's defaults filled in."""
        found = self._kept.get(guild_id)
        if found is None:
            async with self._changing:
                return self._keep(await self._store.get(guild_id))
        self._kept.move_to_end(guild_id)
        return found

    async def zone(self, guild_id: int) -> ZoneInfo:
        """Return the zone in which times typed in this server are read."""
        return (await self.get(guild_id)).zone

    async def channel(self, guild_id: int, purpose: str) -> int | None:
        """Return the id of the channel that the server has set for `purpose`, if it has."""
        return (await self.get(guild_id)).channel(purpose)

    async def set_locale(self, guild_id: int, time_zone: str, language: str) -> GuildSettings:
        """Set zone and language; an empty zone means the operator's.

        Raises:
            InvalidInputError: there is no such zone or language.
        """
        zone = rules.find_zone(time_zone, await self._known_zones()) if time_zone.strip() else None
        code = rules.check_language(language)
        async with self._changing:
            return self._keep(await self._store.set_locale(guild_id, zone, code, self._clock()))

    async def set_channel(self, guild_id: int, purpose: str, channel_id: int | None) -> GuildSettings:
        """Set the channel for one purpose; None for no channel.

        Raises:
            InvalidInputError: there is no such purpose.
        """
        return await self.set_channels(guild_id, {rules.check_purpose(purpose): channel_id})

    async def set_channels(self, guild_id: int, channels: Mapping[Purpose, int | None]) -> GuildSettings:
        """Set the channels for several purposes at once."""
        async with self._changing:
            return self._keep(await self._store.set_channels(guild_id, channels, self._clock()))

    async def set_models(self, guild_id: int, models: ModelSettings) -> GuildSettings:
        """Set what concerns models: what may leave, who answers, privacy, moderation.

        Raises:
            InvalidInputError: too many or too long words, or a score that is none.
        """
        checked = rules.check_models(models)
        async with self._changing:
            return self._keep(await self._store.set_models(guild_id, checked, self._clock()))

    def _keep(self, stored: StoredSettings) -> GuildSettings:
        settings = self._filled(stored)
        self._kept[stored.guild_id] = settings
        self._kept.move_to_end(stored.guild_id)
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
            self._whole = False
        return settings

    def _filled(self, stored: StoredSettings) -> GuildSettings:
        zone = stored.time_zone
        if zone is not None and not _exists(zone):
            log.warning("a server's time zone is not known here", guild=stored.guild_id, zone=zone)
            zone = None
        language = stored.language or rules.DEFAULT_LANGUAGE
        language = language if language in rules.LANGUAGES else rules.DEFAULT_LANGUAGE
        return GuildSettings(
            stored.guild_id, zone or self._default_zone, language, zone is not None, stored.channels, stored.models
        )

    async def _known_zones(self) -> frozenset[str]:
        if not self._zones:
            # it looks into some six hundred files
            self._zones = frozenset(await asyncio.to_thread(available_timezones))
        return self._zones


def _exists(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
