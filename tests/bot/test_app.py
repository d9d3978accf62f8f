"""The whole bot without Discord: opening, erasing and exporting a person, and what `rostrum check` is told."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.app import App, look_at_database
from bot.clock import utc_now
from bot.config import Settings
from bot.errors import DatabaseError
from tests.support.polls import GUILD, actor, draft_of


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings.load({"ROSTRUM_DATABASE_URL": database_url})


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[App]:
    opened = await App.open(settings)
    yield opened
    await opened.close()


async def test_a_forgotten_person_leaves_no_trace_and_no_gap(app: App) -> None:
    poll = await app.polls.draft(replace(draft_of(creator=77), closes_at=utc_now() + timedelta(hours=1)))
    await app.polls.open(poll.poll_id, actor(77))
    await app.polls.vote(poll.poll_id, GUILD, 77, 0)
    await app.polls.vote(poll.poll_id, GUILD, 78, 1)
    await app.polls.close_now(poll.poll_id, actor(77))
    exported = await app.export_user(77)
    assert [vote["choice"] for vote in exported["polls"]["votes"]] == ["Open"]

    for _ in range(2):
        await app.forget_user(77)
    assert await app.export_user(77) == {"polls": {"created": [], "votes": []}, "answers": []}
    result = await app.polls.due(poll.poll_id)
    assert result is not None
    assert result.votes == (1, 1, 0)
    async with app.database.read() as connection:
        for column, table in (("member_id", "voters"), ("creator_id", "polls")):
            left = await connection.execute(text(f"SELECT count(*) FROM {table} WHERE {column} = 77"))  # noqa: S608
            assert left.scalar_one() == 0


async def test_a_database_that_cannot_be_migrated_is_let_go(settings: Settings) -> None:
    app = await App.open(settings)
    async with app.database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    newer = "at revision 9999, from a newer Rostrum than this one (which knows 0001); update Rostrum"
    assert dict(await look_at_database(settings))["migrations"] == newer
    async with app.database.write() as connection:
        await connection.execute(text("DELETE FROM alembic_version"))
    behind = "at revision none instead of 0001; run `rostrum migrate`"
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
