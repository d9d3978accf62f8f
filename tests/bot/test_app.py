"""The whole bot without Discord: opening, its daily round, and what `rostrum check` is told."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot import timers
from bot.answers.types import Answer
from bot.app import App, look_at_database
from bot.clock import utc_now
from bot.config import Settings
from bot.db.schema import HEAD
from bot.errors import DatabaseError
from bot.polls.service import POLL_DUE
from tests.support.polls import GUILD, SetClock, draft_of


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings.load({"ROSTRUM_DATABASE_URL": database_url})


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[App]:
    opened = await App.open(settings)
    yield opened
    await opened.close()


async def test_a_database_that_cannot_be_migrated_is_let_go(settings: Settings) -> None:
    app = await App.open(settings)
    async with app.database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    newer = f"at revision 9999, from a newer Rostrum than this one (which knows {HEAD}); update Rostrum"
    assert dict(await look_at_database(settings))["migrations"] == newer
    async with app.database.write() as connection:
        await connection.execute(text("DELETE FROM alembic_version"))
    behind = f"at revision none instead of {HEAD}; run `rostrum migrate`"
    assert dict(await look_at_database(settings))["migrations"] == behind
    async with app.database.write() as connection:
        await connection.execute(text("INSERT INTO alembic_version VALUES ('9999')"))
    await app.close()
    for _ in range(2):
        with pytest.raises(DatabaseError, match="database is at revision 9999, from a newer Rostrum"):
            await App.open(settings)


async def test_looking_at_a_database_that_is_right(app: App) -> None:
    assert await look_at_database(app.settings) == [("database", None), ("migrations", None)]


async def test_looking_makes_nothing(tmp_path: Path) -> None:
    settings = Settings.load({"ROSTRUM_DATA_DIR": str(tmp_path / "new")})
    ((subject, trouble),) = await look_at_database(settings)
    assert subject == "database"
    assert trouble is not None
    assert not (tmp_path / "new").exists()
    broken = Settings.load({"ROSTRUM_DATABASE_URL": "postgresql://127.0.0.1:9/none"})
    assert "cannot be used" in str(await look_at_database(broken))


async def test_the_daily_round_sweeps_drafts_and_answers_that_nobody_can_use_any_more(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timers, "LOOK_EVERY", timedelta(milliseconds=10))
    clock = SetClock()
    app = await App.open(settings, clock)
    try:
        await app.start()
        await app.polls.draft(draft_of())
        await app.answers.keep(Answer(GUILD, 5, "Export", "text"))
        clock.move(days=8)
        async with asyncio.timeout(30):
            while await rows(app, "polls") or await rows(app, "kept_answers"):
                await asyncio.sleep(0.01)
    finally:
        await app.close()


async def test_which_server_a_timer_works_for(app: App) -> None:
    poll = await app.polls.draft(replace(draft_of(), closes_at=utc_now() + timedelta(hours=1)))
    assert await app.guild_of(POLL_DUE, poll.poll_id) == GUILD
    assert await app.guild_of(POLL_DUE, 404) is None
    assert await app.guild_of("daily_due", 0) is None


async def rows(app: App, table: str) -> int:
    async with app.database.read() as connection:
        return (await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()  # noqa: S608
