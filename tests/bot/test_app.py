"""The whole bot without Discord: opening, its daily round, and what `rostrum check` is told."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.app import App, look_at_database
from bot.config import Settings
from bot.db.schema import HEAD
from bot.errors import DatabaseError


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
