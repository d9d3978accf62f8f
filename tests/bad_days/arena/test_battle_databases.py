"""Votes in battles while the database is locked, full or gone: late, or told why not; none twice, none lost."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.arena.types import Battle, Verdict, Voter
from bot.db import session
from bot.db.schema import BattleRow
from sandbox.driver import Person, Stage
from tests.bad_days.test_databases import Locked, path_of
from tests.support.ahead import Ahead
from tests.support.arena import OLD
from tests.support.arena_flow import LONG_ENOUGH, begin, closed, fight, press, read, until
from tests.support.ask_flow import PLACE, shows
from tests.support.cutting import Wire, wire_to
from tests.support.running import Rostrum
from tests.support.written import lines

AWAY = "I cannot reach my database just now. Please try again in a minute."


def referred(text: str, written: StringIO) -> None:
    """See that a reference that was shown is in the log."""
    reference = text.partition("Reference ")[2].split()[0]
    assert reference in [line.get("reference") for line in lines(written)]


async def guild_of(person: Person) -> int:
    return int((await person.place(PLACE)).guild_id or 0)


async def test_a_file_locked_for_a_while_delays_votes(ada: Person, clock: Ahead, rostrum: Rostrum) -> None:
    card = await fight(ada)
    await read(ada, card, clock)
    locked = await asyncio.to_thread(Locked, path_of(rostrum))
    voting = await ada.click(card, "Tie")
    await ada.wait(lambda: voting.state == "thinking", what="the deferral", timeout=60)
    await asyncio.to_thread(locked.free)
    assert (await voting.message(timeout=60)).text.startswith("### Vote counted\n")
    await shows(ada, card, "1 member has voted")


async def test_a_file_locked_for_too_long_is_told(
    ada: Person, clock: Ahead, rostrum: Rostrum, written: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "_BUSY_SECONDS", 0.2)
    await clock.restart()
    card = await fight(ada)
    await read(ada, card, clock)
    panel = await press(ada, card, "Manage")
    locked = await asyncio.to_thread(Locked, path_of(rostrum))
    for told in (await press(ada, card, "Tie"), await press(ada, panel, "Close now"), await begin(ada)):
        assert AWAY in told.text
        referred(told.text, written)
    await asyncio.to_thread(locked.free)
    assert (await press(ada, card, "Tie")).text.startswith("### Vote counted\n")
    assert "1 vote" in (await closed(ada, card)).text


async def test_a_full_disk_is_told_and_takes_back_nothing(
    ada: Person, stage: Stage, clock: Ahead, rostrum: Rostrum, written: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = await fight(ada)
    await read(ada, card, clock)
    await press(ada, card, "Tie")
    ben, guild, counted = await stage.person("Ben"), await guild_of(ada), 1
    with monkeypatch.context() as full:
        full.setattr(session, "_PRAGMAS", (*session._PRAGMAS, "max_page_count=1"))
        await clock.restart()
        with contextlib.suppress(Exception):
            for member in range(1, 2000):
                await rostrum.app.arena.vote(1, Voter(guild, member, OLD), Verdict.A)
                counted += 1
        assert counted < 2000, "it is full"
        told = await press(ben, card, "B is better")
        assert AWAY in told.text
        referred(told.text, written)
    await clock.restart()
    assert await rostrum.app.arena.turnout(1) == counted, "what was acknowledged, and nothing else"
    assert (await press(ben, card, "B is better")).text.startswith("### Vote counted\n")
    await shows(ada, card, f"{counted + 1:,} members have voted")


@pytest.fixture
async def wire(postgres_url: str, postgres_server: Path, rostrum: Rostrum) -> AsyncIterator[Wire]:
    """The bot reaches PostgreSQL over a wire that can be cut; asked for before anything that starts it."""
    async with wire_to(postgres_server) as made:
        rostrum.database_url = postgres_url.replace(str(postgres_server), str(made.folder))
        yield made
        await rostrum.stop()


async def test_a_database_that_goes_and_comes_back(
    wire: Wire, ada: Person, stage: Stage, clock: Ahead, rostrum: Rostrum, written: StringIO
) -> None:
    ben, chika = await stage.person("Ben"), await stage.person("Chika")
    card = await fight(ada)
    await read(ada, card, clock)
    await press(ada, card, "Tie")
    wire.down = True
    wire.hang_up()
    for person in (ben, chika):
        told = await press(person, card, "A is better")
        assert AWAY in told.text
        referred(told.text, written)
    assert AWAY in (await (await ada.slash(PLACE, "arena board")).message()).text
    wire.down = False
    for _ in range(2):
        assert "### Vote counted\n" in (await press(ben, card, "A is better")).text
    assert await rostrum.app.arena.turnout(1) == 2
    assert "2 votes" in (await closed(ada, card)).text


@pytest.mark.parametrize("cut", ["cut_answer", "cut_question"])
async def test_a_wire_cut_in_the_middle_of_a_vote(
    wire: Wire, ada: Person, stage: Stage, clock: Ahead, rostrum: Rostrum, cut: str
) -> None:
    """Nobody can know at once whether it was stored; whoever votes again counts once."""
    ben = await stage.person("Ben")
    card = await fight(ada)
    await read(ada, card, clock)
    setattr(wire, cut, True)
    first = await press(ben, card, "A is better")
    assert AWAY in first.text or first.text.startswith("### Vote counted\n")
    assert wire.cuts == 1
    assert "### Vote counted\n" in (await press(ben, card, "B is better")).text
    assert await rostrum.app.arena.turnout(1) == 1
    assert "1 · **B**" in (await closed(ada, card)).text


@pytest.mark.parametrize("moment", ["before", "in the middle"])
async def test_the_database_is_away_while_models_answer(wire: Wire, ada: Person, clock: Ahead, moment: str) -> None:
    """The message says in the end how it is, and another battle can be begun."""
    running = await begin(ada, "script: wait 1 | say Tea | wait 1 | say \\sis a drink")
    if moment == "in the middle":
        battle = await shows(ada, running, "Both answers will appear together")
        await until_noted(clock, int(battle.id))
    wire.down = True
    wire.hang_up()
    told = await shows(ada, running, AWAY)
    assert not told.has("Tie")
    wire.down = False
    clock.by += LONG_ENOUGH
    await fight(ada)


async def until_noted(clock: Ahead, message_id: int) -> None:
    async def noted() -> bool:
        async with clock.app.database.read() as connection:
            found = await connection.execute(select(BattleRow.message_id))
            return found.scalar_one() == message_id

    await until(noted)


async def test_the_database_is_away_when_both_answers_are_shown(
    wire: Wire, ada: Person, stage: Stage, clock: Ahead, rostrum: Rostrum
) -> None:
    """That they are shown is noted once it is back; then votes count."""
    arena = rostrum.app.arena
    shown, cut = arena.shown, asyncio.Event()

    async def first_cut(battle_id: int, message_id: int | None, closes_at: datetime | None = None) -> Battle:
        if not cut.is_set():
            wire.down = True
            wire.hang_up()
            cut.set()
        return await shown(battle_id, message_id, closes_at)

    arena.shown = first_cut
    card = await fight(ada)
    await cut.wait()
    assert AWAY in (await press(await stage.person("Ben"), card, "Manage")).text
    wire.down = False
    await read(ada, card, clock)
    assert (await press(ada, card, "Tie")).text.startswith("### Vote counted\n")
    assert "1 vote" in (await closed(ada, card)).text
