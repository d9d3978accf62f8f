"""Opening, locking and writing to both kinds of database."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Column, MetaData, Table, column, insert, select, table, text
from sqlalchemy.exc import DBAPIError, StatementError

from bot.db import session
from bot.db.columns import UtcDateTime, sqlite_times
from bot.db.session import Database
from bot.db.writer import group_writer
from bot.errors import DatabaseError, ServiceError
from tests.db.items import Items

ROOT = Path(__file__).resolve().parents[2]
HOLDER = """
import asyncio, sys
from bot.db.session import Database
async def main():
    database = await Database.open(sys.argv[1])
    print("open", flush=True)
    await asyncio.sleep(60)
    await database.close()
asyncio.run(main())
"""


async def test_sqlite_loses_nothing_that_was_committed(sqlite_url: str) -> None:
    database = await Database.open(sqlite_url)
    async with database.write() as connection:
        values = [(await connection.execute(text(f"PRAGMA {name}"))).scalar() for name in PRAGMAS]
    assert values == ["wal", 2, 1]
    await database.close()


PRAGMAS = ("journal_mode", "synchronous", "foreign_keys")


@pytest.mark.parametrize("pragma", ["journal_mode=DELETE", "synchronous=NORMAL", "synchronous=OFF", "foreign_keys=OFF"])
async def test_sqlite_that_may_lose_what_it_took_is_refused(
    sqlite_url: str, pragma: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "_PRAGMAS", (*session._PRAGMAS, pragma))
    name = pragma.split("=", maxsplit=1)[0]
    with pytest.raises(
        DatabaseError, match=rf"^ROSTRUM_DATABASE_URL: sqlite://.*rostrum\.db would lose .*: {name} is "
    ):
        await Database.open(sqlite_url)
    monkeypatch.undo()
    await (await Database.open(sqlite_url)).close()


async def test_the_writers_own_sqlite_connection_is_looked_at_too(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = await Database.open(sqlite_url)
    monkeypatch.setattr(session, "_PRAGMAS", ("synchronous=NORMAL",))
    writer = group_writer(database, Items())
    with pytest.raises(ServiceError) as caught:
        await writer.submit(1)
    assert "synchronous is 1 instead of 2" in str(caught.value.__cause__)
    await writer.close()
    await database.close()


@pytest.mark.parametrize("value", ["off", "local", "remote_write"])
async def test_postgresql_that_may_lose_what_it_took_is_refused(postgres_url: str, value: str) -> None:
    database = await Database.open(postgres_url)
    writer = group_writer(database, Items())
    async with database.write() as connection:
        await connection.execute(text("CREATE TABLE items (item BIGINT PRIMARY KEY)"))
        name = database.engine.url.database
        await connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = {value}"))
    with pytest.raises(
        DatabaseError,
        match=rf"^ROSTRUM_DATABASE_URL: postgresql://.* would lose .*: synchronous_commit is {value}; set",
    ):
        await Database.open(postgres_url)
    # the bot that runs already: what connects from now on would be told too early that it is stored
    await database.engine.dispose()
    with pytest.raises(ServiceError) as caught:
        await writer.submit(1)
    assert f"synchronous_commit is {value}" in str(caught.value.__cause__)
    async with database.write() as connection:
        await connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = on"))
    await database.engine.dispose()
    assert await writer.submit(1) == 10
    await writer.close()
    await database.close()


def test_what_postgresql_may_be_set_to() -> None:
    good = {"synchronous_commit": "on", "fsync": "on"}
    assert session.weak_postgres(good) is None
    assert session.weak_postgres({**good, "synchronous_commit": "remote_apply"}) is None
    assert session.weak_postgres({**good, "fsync": "off"}) == "fsync is off; set it to on"


async def test_a_second_bot_on_one_sqlite_file_is_refused(sqlite_url: str) -> None:
    first = await Database.open(sqlite_url)
    with pytest.raises(DatabaseError, match=r"rostrum\.db is in use by another Rostrum process \(process \d+\)"):
        await Database.open(sqlite_url)
    await first.close()
    await (await Database.open(sqlite_url)).close()


async def test_the_lock_dies_with_its_process(sqlite_url: str) -> None:
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, sqlite_url, stdout=subprocess.PIPE, cwd=ROOT
    )
    assert holder.stdout
    async with asyncio.timeout(30):
        assert await holder.stdout.readline() == b"open\n"
        with pytest.raises(DatabaseError, match=f"process {holder.pid}"):
            await Database.open(sqlite_url)
        holder.kill()
        await holder.wait()
    await (await Database.open(sqlite_url)).close()


async def test_two_bots_may_share_postgresql(postgres_url: str) -> None:
    first, second = await Database.open(postgres_url), await Database.open(postgres_url)
    await first.close()
    await second.close()


@pytest.mark.parametrize(
    "url",
    ["postgresql+asyncpg://somebody:hush@127.0.0.1:9/nothing", "sqlite+aiosqlite:////proc/nowhere/rostrum.db"],
)
async def test_an_unusable_database_is_one_line_that_names_the_setting(url: str) -> None:
    with pytest.raises(DatabaseError, match=r"^ROSTRUM_DATABASE_URL: .* cannot be used: ") as caught:
        await Database.open(url)
    assert "\n" not in str(caught.value)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("query", ["sslmode=nonsense", "nonsense=1", "ssl=nonsense"])
async def test_an_address_with_unknown_options_is_one_line(query: str) -> None:
    with pytest.raises(DatabaseError, match=r"^ROSTRUM_DATABASE_URL: postgresql://a:\*\*\*@127\.0\.0\.1") as caught:
        await Database.open(f"postgresql+asyncpg://a:hush@127.0.0.1:9/name?{query}")
    assert "\n" not in str(caught.value)


async def test_the_setting_that_is_named_is_the_one_that_was_given() -> None:
    with pytest.raises(DatabaseError, match=r"^ROSTRUM_DATA_DIR: /proc/nowhere/rostrum\.db cannot be used"):
        await Database.open("sqlite+aiosqlite:////proc/nowhere/rostrum.db", setting="ROSTRUM_DATA_DIR")


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "note.db").write_text("This is no database at all, but a note to myself." * 100)
    with pytest.raises(DatabaseError, match="not a database"):
        await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'note.db'}")


async def fail(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(text("INSERT INTO items VALUES (1)"))
        raise ZeroDivisionError


async def test_a_failed_write_leaves_nothing(database_url: str) -> None:
    database = await Database.open(database_url)
    async with database.write() as connection:
        await connection.execute(text("CREATE TABLE items (item INTEGER)"))
    with pytest.raises(ZeroDivisionError):
        await fail(database)
    async with database.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM items"))).scalar() == 0
    await database.close()


async def test_writes_that_read_first_lose_no_update(database_url: str) -> None:
    database = await Database.open(database_url)
    query = select(column("n")).select_from(table("counter")).with_for_update()
    async with database.write() as connection:
        await connection.execute(text("CREATE TABLE counter (n INTEGER)"))
        await connection.execute(text("INSERT INTO counter VALUES (0)"))

    async def count_up() -> None:
        async with database.write() as connection:
            n = (await connection.execute(query)).scalar_one()
            await connection.execute(text("UPDATE counter SET n = :n"), {"n": n + 1})

    await asyncio.gather(*(count_up() for _ in range(40)))
    async with database.read() as connection:
        assert (await connection.execute(text("SELECT n FROM counter"))).scalar() == 40
    await database.close()


async def test_times_come_back_aware_and_in_utc(database_url: str) -> None:
    moments = Table("moments", MetaData(), Column("at", UtcDateTime))
    noon = datetime(2026, 11, 24, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    database = await Database.open(database_url)
    async with database.write() as connection:
        await connection.run_sync(moments.create)
        await connection.execute(insert(moments), [{"at": noon}, {"at": None}])
        found = list((await connection.execute(select(moments.c.at).order_by(moments.c.at.is_(None)))).scalars())
        before = await connection.execute(select(moments.c.at).where(moments.c.at < noon + timedelta(seconds=1)))
        assert len(before.all()) == 1
    assert found == [noon, None]
    assert found[0].tzinfo is UTC
    with pytest.raises(StatementError, match="needs a zone"):
        async with database.write() as connection:
            await connection.execute(insert(moments), {"at": datetime(2026, 1, 1)})  # noqa: DTZ001
    await database.close()


async def test_times_written_by_the_driver_are_what_sqlalchemy_writes(sqlite_url: str) -> None:
    moments = Table("moments", MetaData(), Column("at", UtcDateTime))
    noon = datetime(2026, 11, 24, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    some = [noon, noon + timedelta(microseconds=7), noon + timedelta(seconds=1), datetime(99, 1, 2, tzinfo=UTC)]
    database = await Database.open(sqlite_url)
    async with database.write() as connection:
        await connection.run_sync(moments.create)
        await connection.execute(insert(moments), [{"at": moment} for moment in some])
        written = list((await connection.exec_driver_sql("SELECT at FROM moments ORDER BY rowid")).scalars())
    assert sqlite_times(some) == written
    with pytest.raises(ValueError, match="needs a zone"):
        sqlite_times([noon, datetime(2026, 1, 1)])  # noqa: DTZ001
    await database.close()


async def test_errors_do_not_carry_what_was_to_be_stored(database_url: str) -> None:
    database = await Database.open(database_url)
    with pytest.raises(DBAPIError) as caught:
        async with database.write() as connection:
            await connection.execute(text("INSERT INTO nowhere VALUES (:text)"), {"text": "a confession"})
    assert "confession" not in str(caught.value)
    await database.close()
