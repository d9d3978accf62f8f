"""Several processes on one database: what a dead one left is told once, a living one's answers are left alone."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update

from bot.app import ANSWERS_LEFT, LEASE_DUE, App
from bot.asking.service import AskService
from bot.asking.types import Progress, Question, TurnPhase, TurnRecord
from bot.backends.allowances import AllowanceService
from bot.config import Settings
from bot.db.leases import DEAD_AFTER, RENEWED_EVERY, Leases
from bot.db.schema import ProcessLeaseRow, TurnRow, UsageHoldRow
from bot.db.session import Database
from bot.errors import ClosedError
from tests.support.asking import Desk, asker, card, opened
from tests.support.person import with_models
from tests.support.polls import GUILD, SetClock

ROOT = Path(__file__).resolve().parents[2]

# a process that begins an answer, says which, and lives on until it is killed
PROCESS = """
import asyncio, sys
from bot.app import App
from bot.asking.types import Asker, Question
from bot.config import Settings
async def main():
    url, models, data = sys.argv[1:]
    app = await App.open(Settings.load({
        "ROSTRUM_DATABASE_URL": url, "ROSTRUM_MODELS_FILE": models, "ROSTRUM_DEFAULT_MODEL": "scripted",
        "ROSTRUM_DATA_DIR": data,
    }))
    await app.start()
    turn = await app.asking.begin(Asker(int(sys.stdin.readline()), 7, 11), Question("Hi"), reply_token="token")
    print(turn.turn_id, flush=True)
    async for _ in app.asking.run(turn.turn_id):
        pass
asyncio.run(main())
"""
MODEL = """
[models.scripted]
name = "Scripted"
backend = "scripted"
address = "http://127.0.0.1:9/v1"
model = "say Begun|wait 600|say never"
openness = "open"
licence = "Apache-2.0"
tasks = ["answer"]
"""


async def names(database: Database) -> set[str]:
    async with database.read() as connection:
        return set((await connection.execute(select(ProcessLeaseRow.holder))).scalars())


async def held(database: Database) -> int:
    async with database.read() as connection:
        return (await connection.execute(select(func.count()).select_from(UsageHoldRow))).scalar_one()


async def age(database: Database, *holders: str) -> None:
    """Have it be long since these said that they live, on PostgreSQL."""
    async with database.write() as connection:
        long_ago = func.now() - 2 * DEAD_AFTER
        await connection.execute(
            update(ProcessLeaseRow).where(ProcessLeaseRow.holder.in_(holders)).values(seen_at=long_ago)
        )


def _written(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    models = folder / "models.toml"
    models.write_text(MODEL, "utf-8")
    return models


@asynccontextmanager
async def process(url: str, folder: Path) -> AsyncGenerator[tuple[Process, int]]:
    """Another process of the bot, with an answer that it is writing."""
    models = _written(folder)
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROCESS, url, str(models), str(folder), stdin=PIPE, stdout=PIPE, cwd=ROOT
    )
    try:
        assert running.stdin
        assert running.stdout
        running.stdin.write(f"{GUILD}\n".encode())
        lines = [line async for line in _until_number(running.stdout)]
        yield running, int(lines[-1])
    finally:
        if running.returncode is None:
            running.kill()
        await running.wait()


async def _until_number(stream: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while line := await stream.readline():
        yield line
        if line.strip().isdigit():
            return


@asynccontextmanager
async def an_app(url: str, folder: Path) -> AsyncGenerator[App]:
    _written(folder)
    settings = {"ROSTRUM_DATABASE_URL": url, "ROSTRUM_DATA_DIR": str(folder), **with_models(folder)}
    app = await App.open(Settings.load(settings))
    await app.start()
    try:
        yield app
    finally:
        await app.close()


async def test_a_killed_processs_answers_are_told_once_and_a_running_ones_are_left_alone(
    postgres_url: str, tmp_path: Path
) -> None:
    async with (
        process(postgres_url, tmp_path / "a") as (killed, cut),
        process(postgres_url, tmp_path / "b") as (_, going_on),
        an_app(postgres_url, tmp_path / "c") as one,
        an_app(postgres_url, tmp_path / "d") as other,
    ):
        apps = (one, other)
        assert [await app.asking.interrupted() for app in apps] == [[], []]
        assert await held(one.database) == 2
        killed.kill()
        await killed.wait()
        theirs = (await _holders(one.database))[cut]
        await age(one.database, theirs)
        # whoever has only just come waits before burying others
        await one.leases.renew()
        assert theirs in await names(one.database)
        one.leases.trusts_from = 0.0
        await one.leases.renew()
        assert theirs not in await names(one.database)

        told = await asyncio.gather(*(app.asking.interrupted() for app in apps for _ in range(3)))
        (left,) = [turn for turns in told for turn in turns]
        assert (left.turn_id, left.phase, left.reply_token) == (cut, TurnPhase.INTERRUPTED, "token")
        await asyncio.gather(*(app.allowances.pick_up() for app in apps for _ in range(3)))
        assert await held(one.database) == 1
        running = await one.asking.get(going_on, GUILD)
        assert (running.phase, running.reply_token) == (TurnPhase.RUNNING, "token")


async def _holders(database: Database) -> dict[int, str]:
    async with database.read() as connection:
        return {row.turn_id: row.holder for row in await connection.execute(select(TurnRow.turn_id, TurnRow.holder))}


async def test_a_killed_process_that_starts_again_tells_at_once(postgres_url: str, tmp_path: Path) -> None:
    async with process(postgres_url, tmp_path / "a") as (killed, cut):
        killed.kill()
        await killed.wait()
        async with an_app(postgres_url, tmp_path / "a") as app:
            assert [turn.turn_id for turn in await app.asking.interrupted()] == [cut]
            assert await held(app.database) == 0
            assert await names(app.database) == {app.leases.holder}


async def test_a_killed_process_on_sqlite_that_starts_again_tells_at_once(sqlite_url: str, tmp_path: Path) -> None:
    async with process(sqlite_url, tmp_path / "a") as (killed, cut):
        killed.kill()
        await killed.wait()
        async with an_app(sqlite_url, tmp_path / "elsewhere") as app:
            assert [turn.turn_id for turn in await app.asking.interrupted()] == [cut]
            assert await held(app.database) == 0
            assert app.timers.due_at(LEASE_DUE, 0) is None, "nobody else can be there"


async def test_two_with_one_data_folder_do_not_take_each_other_for_dead(postgres_url: str, tmp_path: Path) -> None:
    async with an_app(postgres_url, tmp_path / "a") as one, an_app(postgres_url, tmp_path / "a") as other:
        assert await names(one.database) == {one.leases.holder, other.leases.holder}
    async with an_app(postgres_url, tmp_path / "a") as one:
        assert await names(one.database) == {one.leases.holder}


async def test_a_timer_renews_and_has_what_is_left_told(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.app.RENEWED_EVERY", timedelta(seconds=0.1))
    heard = asyncio.Event()

    async def hear(_key: int) -> None:
        heard.set()

    async with an_app(postgres_url, tmp_path / "a") as app:
        app.timers.listen(ANSWERS_LEFT, hear)
        await age(app.database, app.leases.holder)
        await asyncio.wait_for(heard.wait(), 60)
        heard.clear()
        await asyncio.wait_for(heard.wait(), 60)


async def test_who_was_not_to_be_seen_comes_back_and_finishes(database: Database, clock: SetClock) -> None:
    async with opened(database, clock, card(model="say Begun|wait 60|say never")) as desk:
        turn = await desk.asks.begin(asker(), Question("Hi"), reply_token="token")
        running = desk.asks.run(turn.turn_id)
        assert await anext(running) == Progress(turn.turn_id, "Begun")
        mine = await names(database)
        other = await _another(database, clock, desk, mine)
        # its own answers are not taken for another's, whatever others think
        assert await desk.asks.interrupted() == []
        assert [left.turn_id for left in await other.interrupted()] == [turn.turn_id]
        await desk.asks.stop(turn.turn_id, asker())
        *_, last = [event async for event in running]
        assert isinstance(last, TurnRecord)
        assert (last.phase, last.answer) == (TurnPhase.STOPPED, "Begun")
        assert (await desk.asks.get(turn.turn_id, GUILD)).phase is TurnPhase.STOPPED


async def _another(database: Database, clock: SetClock, desk: Desk, buried: set[str]) -> AskService:
    """Return the service of another process, which has buried these."""
    settings = Settings.load({})
    async with database.write() as connection:
        await connection.execute(delete(ProcessLeaseRow).where(ProcessLeaseRow.holder.in_(buried)))
    allowances = AllowanceService(database, clock, settings, "other")
    return AskService(database, desk.shelf, allowances, desk.guilds, clock, settings)


async def test_a_sharing_of_a_living_process_stays_its_own(database: Database, clock: SetClock) -> None:
    async with opened(database, clock) as desk:
        turn = await desk.ask(private=True)
        await desk.asks.share(turn.turn_id, asker())
        await desk.asks.pick_up()
        with pytest.raises(ClosedError, match="shared already"):
            await desk.asks.share(turn.turn_id, asker())
        other = await _another(database, clock, desk, await names(database))
        await other.pick_up()
        assert await desk.asks.share(turn.turn_id, asker())


async def test_a_lease_that_ran_out_is_taken_again_with_patience(database: Database, clock: SetClock) -> None:
    mine, other = Leases(database, clock), Leases(database, clock)
    await other.start()
    if database.is_sqlite:
        await mine.start()
        assert await names(database) == {mine.holder}, "the lock file proves that the other is dead"
    await mine.start()
    await other.renew()
    assert await names(database) == {mine.holder, other.holder}
    for leases in (mine, other):
        leases.trusts_from = 0.0
    clock.move(minutes=2)
    if not database.is_sqlite:
        await age(database, mine.holder, other.holder)
    # both were cut off: the first to come back does not bury the other
    await mine.renew()
    await mine.renew()
    assert await names(database) == {mine.holder, other.holder}
    await mine.close()
    assert await names(database) == {other.holder}
    await other.close()


async def test_a_data_folder_that_cannot_be_written_stops_nobody(postgres_url: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("no folder")
    async with an_app(postgres_url, tmp_path / "a") as app:
        leases = Leases(app.database, app.clock, file)
        await leases.start()
        assert leases.holder in await names(app.database)
        await leases.close()


async def test_the_end_can_be_told_without_a_database(database: Database, clock: SetClock) -> None:
    leases = Leases(database, clock)
    await leases.start()
    async with database.write() as connection:
        await connection.exec_driver_sql("DROP TABLE process_leases")
    await leases.close()


def test_a_lease_outlives_some_missed_renewals() -> None:
    assert DEAD_AFTER >= 3 * RENEWED_EVERY
