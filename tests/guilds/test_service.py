"""Server settings on both databases: what was set stands, also after a restart; the rest is the operator's."""

import asyncio
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from bot.db.session import Database
from bot.errors import InvalidInputError
from bot.guilds import service
from bot.guilds.service import GuildService
from bot.guilds.types import Purpose
from tests.support.polls import SetClock

GUILD = (1 << 60) + 7


@pytest.fixture
def guilds(database: Database, clock: SetClock) -> GuildService:
    return GuildService(database, clock, "America/New_York")


async def again(database: Database, clock: SetClock) -> GuildService:
    """A new process on the same data."""
    restarted = GuildService(database, clock, "America/New_York")
    await restarted.start()
    return restarted


async def test_a_server_that_set_nothing_has_the_operators_defaults(guilds: GuildService) -> None:
    for settings in (guilds.peek(GUILD), await guilds.get(GUILD)):
        assert (settings.time_zone, settings.language, settings.has_own_zone) == ("America/New_York", "en", False)
        assert settings.channels == {}
    assert await guilds.zone(GUILD) == ZoneInfo("America/New_York")
    assert await guilds.channel(GUILD, "log") is None


async def test_what_was_set_stands_also_after_a_restart(
    guilds: GuildService, database: Database, clock: SetClock
) -> None:
    await guilds.set_locale(GUILD, "berlin", "de")
    await guilds.set_channel(GUILD, "log", 5)
    await guilds.set_channel(GUILD, "polls", 6)
    await guilds.set_channel(GUILD, "polls", 7)
    for known in (guilds, await again(database, clock)):
        settings = known.peek(GUILD)
        assert (settings.time_zone, settings.language, settings.has_own_zone) == ("Europe/Berlin", "de", True)
        assert await known.channel(GUILD, "log") == 5
        assert await known.channel(GUILD, Purpose.POLLS) == 7
        assert known.peek(GUILD + 1).channels == {}


async def test_what_was_set_can_be_taken_back(guilds: GuildService, database: Database, clock: SetClock) -> None:
    await guilds.set_locale(GUILD, "Tokyo", "fr")
    await guilds.set_channels(GUILD, {Purpose.LOG: 5, Purpose.POLLS: 6})
    await guilds.set_locale(GUILD, " ", "fr")
    await guilds.set_channels(GUILD, {Purpose.LOG: None})
    await guilds.set_channel(GUILD + 1, "log", None)
    for known in (guilds, await again(database, clock)):
        settings = await known.get(GUILD)
        assert (settings.time_zone, settings.language, settings.has_own_zone) == ("America/New_York", "fr", False)
        assert settings.channels == {Purpose.POLLS: 6}


async def test_what_does_not_fit_changes_nothing(guilds: GuildService) -> None:
    await guilds.set_locale(GUILD, "Tokyo", "fr")
    for zone, language in (("Tokyoo", "fr"), ("Paris", "klingon"), ("UTC+1", "de")):
        with pytest.raises(InvalidInputError):
            await guilds.set_locale(GUILD, zone, language)
    with pytest.raises(InvalidInputError):
        await guilds.set_channel(GUILD, "nonsense", 1)
    settings = await guilds.get(GUILD)
    assert (settings.time_zone, settings.language) == ("Asia/Tokyo", "fr")


async def test_memory_is_bounded_and_what_it_lost_is_read_again(
    guilds: GuildService, database: Database, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_KEPT", 3)
    for number in range(6):
        clock.move(seconds=1)
        await guilds.set_channel(number, "log", 100 + number)
    assert guilds.peek(0).channels == {}, "it is no longer in memory"
    assert await guilds.channel(0, "log") == 100
    assert guilds.peek(0).channels == {Purpose.LOG: 100}
    restarted = await again(database, clock)
    assert [restarted.peek(number).channel("log") for number in range(6)] == [None, None, None, 103, 104, 105]


async def test_changes_at_once_leave_memory_as_the_table_is(
    guilds: GuildService, database: Database, clock: SetClock
) -> None:
    await asyncio.gather(
        *(guilds.set_channel(GUILD, "log", number) for number in range(1, 20)),
        *(guilds.set_locale(GUILD, zone, "en") for zone in ("Paris", "Rome", "Madrid")),
        *(guilds.get(GUILD) for _ in range(5)),
    )
    assert guilds.peek(GUILD) == (await again(database, clock)).peek(GUILD)
    assert guilds.peek(GUILD).channel("log") is not None


async def test_what_this_version_does_not_know_is_left_out(
    guilds: GuildService, database: Database, clock: SetClock
) -> None:
    await guilds.set_locale(GUILD, "Tokyo", "fr")
    await guilds.set_channel(GUILD, "log", 4)
    async with database.write() as connection:
        await connection.execute(text("UPDATE guild_settings SET time_zone = 'Mars/Olympus', language = 'tlh'"))
        await connection.execute(text("UPDATE guild_channels SET purpose = 'dreams'"))
    settings = (await again(database, clock)).peek(GUILD)
    assert (settings.time_zone, settings.language, settings.channels) == ("America/New_York", "en", {})
