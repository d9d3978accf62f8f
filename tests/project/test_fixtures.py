"""The shared fixtures give what they promise."""

from __future__ import annotations

import subprocess

import sqlalchemy
from sqlalchemy.ext.asyncio import create_async_engine


async def test_database_is_empty_and_writable(database_url: str) -> None:
    engine = create_async_engine(database_url)
    try:
        async with engine.begin() as connection:
            tables = await connection.run_sync(lambda c: sqlalchemy.inspect(c).get_table_names())
            assert tables == []
            await connection.execute(sqlalchemy.text("CREATE TABLE t (n INTEGER)"))
            await connection.execute(sqlalchemy.text("INSERT INTO t VALUES (7)"))
            assert await connection.scalar(sqlalchemy.text("SELECT n FROM t")) == 7
    finally:
        await engine.dispose()


def test_chromium_runs(chromium: str) -> None:
    version = subprocess.run([chromium, "--version"], capture_output=True, text=True, check=True, timeout=30)
    assert "Chrom" in version.stdout
