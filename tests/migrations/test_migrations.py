"""Migrations on both databases: up, down, at once, and the same as the tables in code."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from bot.db import migrate
from bot.db.schema import HEAD, Base
from bot.db.session import Database
from bot.errors import DatabaseError
from bot.guilds.store import GuildStore
from bot.guilds.types import ModelSettings, StoredSettings

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


async def test_up_makes_the_tables_that_the_code_knows_and_down_leaves_none(database_url: str) -> None:
    database = await Database.open(database_url)
    assert await migrate.revision_of(database) is None
    assert await migrate.bring_to_head(database) is True
    assert await migrate.bring_to_head(database) is False
    assert await migrate.revision_of(database) == HEAD

    async with database.read() as connection:
        assert await connection.run_sync(tables) == set(Base.metadata.tables)
        differences = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync), Base.metadata)
        )
        assert differences == []

    await migrate.downgrade(database, "base")
    async with database.read() as connection:
        assert await connection.run_sync(tables) == set()
    await migrate.upgrade(database, "head")
    await database.close()


def test_the_head_in_code_is_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(migrate.alembic_config()).get_heads() == [HEAD]


def test_every_table_of_a_server_says_which_server() -> None:
    for table in Base.metadata.tables.values():
        if table.name in {"process_leases", "arena_lines"}:
            continue  # processes, and the operator's models over time: whichever servers use them
        assert "guild_id" in table.c, table.name
        assert not table.c.guild_id.nullable, table.name


async def test_what_an_earlier_revision_held_is_there_after_an_upgrade(database_url: str) -> None:
    database = await Database.open(database_url)
    await migrate.upgrade(database, "0002")
    async with database.write() as connection:
        await connection.execute(
            text("INSERT INTO guild_settings (guild_id, time_zone, changed_at) VALUES (5, 'Europe/Paris', :now)"),
            {"now": NOW if not database.is_sqlite else NOW.isoformat(" ")},
        )
        await connection.execute(text("INSERT INTO voters (guild_id, member_id, voter_id) VALUES (5, 7, 1)"))
    assert await migrate.bring_to_head(database) is True
    assert await GuildStore(database).get(5) == StoredSettings(5, "Europe/Paris", None, {}, ModelSettings())
    async with database.read() as connection:
        assert (await connection.execute(text("SELECT member_id FROM voters"))).scalars().all() == [7]
    await migrate.downgrade(database, "0002")
    async with database.read() as connection:
        kept = (await connection.execute(text("SELECT guild_id, time_zone FROM guild_settings"))).all()
    assert [tuple(row) for row in kept] == [(5, "Europe/Paris")]
    await database.close()


MIGRATE = """
import asyncio, sys
from bot.db.migrate import bring_to_head
from bot.db.session import Database
async def main():
    database = await Database.open(sys.argv[1])
    print("ready", flush=True)
    sys.stdin.readline()
    await bring_to_head(database)
    await database.close()
asyncio.run(main())
"""


async def test_processes_that_start_at_once_migrate_once(postgres_url: str) -> None:
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", MIGRATE, postgres_url, stdin=PIPE, stdout=PIPE, stderr=PIPE, cwd=ROOT
        )
        for _ in range(5)
    ]
    for process in processes:
        assert process.stdout
        await process.stdout.readline()
    ends = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    assert [process.returncode for process in processes] == [0] * 5, ends
    database = await Database.open(postgres_url)
    assert await migrate.revision_of(database) == HEAD
    await database.close()


async def test_a_database_from_a_newer_rostrum_is_left_alone(database_url: str) -> None:
    database = await Database.open(database_url)
    await migrate.bring_to_head(database)
    async with database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseError, match="at revision 9999, from a newer Rostrum"):
        await migrate.bring_to_head(database)
    assert await migrate.revision_of(database) == "9999"
    await database.close()


async def test_a_migration_that_fails_leaves_nothing_behind(database_url: str) -> None:
    database = await Database.open(database_url)
    async with database.write() as connection:
        await connection.execute(text("CREATE TABLE polls (surprise INTEGER)"))
    with pytest.raises(Exception, match="polls"):
        await migrate.bring_to_head(database)
    async with database.read() as connection:
        assert await connection.run_sync(tables) == {"polls"}
    await database.close()
