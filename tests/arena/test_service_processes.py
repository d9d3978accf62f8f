"""Restarts in the middle of battles: what a dead process left is told once, a living one's is left alone."""

import asyncio
from contextlib import aclosing
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from bot.arena import rules
from bot.arena.service import BATTLE_DUE
from bot.arena.types import Battle, BattlePhase, Verdict
from bot.db.schema import BattleRow, ProcessLeaseRow
from bot.db.session import Database
from bot.errors import ClosedError
from tests.support.arena import ADA, BEN, CHIKA, Desk, actor, ended, opened
from tests.support.asking import card
from tests.support.polls import GUILD, SetClock


async def bury(desk: Desk) -> None:
    """Let the process of a desk be dead."""
    async with desk.database.write() as connection:
        await connection.execute(delete(ProcessLeaseRow).where(ProcessLeaseRow.holder == desk.allowances.holder))


async def half_answered(desk: Desk) -> Battle:
    """A battle of which one answer is there, in a process that dies over it."""
    battle = await desk.begin(reply_token="token")
    async with aclosing(desk.arena.run(battle.battle_id)) as steps:
        async for event in steps:
            if "One answer is there" in getattr(event, "text", ""):
                # the power goes: nobody writes how it ended
                desk.arena._is_closing = True  # pyright: ignore[reportPrivateUsage]
                desk.arena._under_way[battle.battle_id].stopped.set()  # pyright: ignore[reportPrivateUsage]
    return battle


async def test_a_restart_between_the_two_answers_is_told_once(database: Database, clock: SetClock) -> None:
    models = [card("openly"), card("slowly", model="wait 600|say Tea")]
    async with opened(database, clock, *models, dies=True) as desk:
        battle = await half_answered(desk)
        assert (await desk.arena.get(battle.battle_id, GUILD)).phase is BattlePhase.RUNNING
        await bury(desk)
    async with opened(database, clock, *models) as desk:
        (left,) = await desk.arena.interrupted()
        assert (left.battle_id, left.phase, left.reply_token) == (battle.battle_id, BattlePhase.VOID, "token")
        assert left.void_reason == rules.RESTARTED
        assert await desk.arena.interrupted() == []
        assert (await ended(desk.arena, battle)).phase is BattlePhase.VOID


async def test_a_process_that_ends_leaves_its_battles_to_the_next_one(database: Database, clock: SetClock) -> None:
    models = [card(key, model="wait 600|say Tea") for key in ("openly", "freely")]
    async with opened(database, clock, *models) as desk:
        battle = await desk.begin()
        running = asyncio.create_task(ended(desk.arena, battle))
        while not desk.backend("openly").running:
            await asyncio.sleep(0.01)
        await desk.arena.stop()
        last = await running
        assert (last.phase, last.void_reason) == (BattlePhase.VOID, rules.RESTARTED)
        assert (await desk.arena.get(battle.battle_id, GUILD)).phase is BattlePhase.RUNNING
    async with opened(database, clock, *models) as desk:
        assert [left.battle_id for left in await desk.arena.interrupted()] == [battle.battle_id]


async def test_what_a_living_process_makes_is_left_alone(database: Database, clock: SetClock) -> None:
    async with opened(database, clock) as desk:
        running, unshown = await desk.begin(), await desk.answered()
        assert await desk.arena.interrupted() == []
        assert await desk.arena.unshown() == []
        assert (await desk.arena.get(unshown.battle_id, GUILD)).phase is BattlePhase.OPEN
        assert (await ended(desk.arena, running)).phase is BattlePhase.OPEN


async def test_answers_that_were_not_shown_are_shown_by_the_next_process(database: Database, clock: SetClock) -> None:
    async with opened(database, clock, dies=True) as desk:
        battles = [await desk.answered(reply_token="token") for _ in range(3)]
        await desk.arena.posted(battles[0].battle_id, 4_711)
        await bury(desk)
    async with opened(database, clock) as desk:
        left = await desk.arena.unshown()
        assert [battle.battle_id for battle in left] == [battle.battle_id for battle in battles]
        assert [battle.message_id for battle in left] == [4_711, None, None]
        assert {battle.reply_token for battle in left} == {"token"}
        assert await desk.arena.unshown() == [], "once"
        shown = await desk.arena.shown(left[0].battle_id, None)
        assert (shown.message_id, shown.shown_at) == (4_711, clock.now)
        given_up = await desk.arena.give_up(left[1].battle_id)
        assert given_up is not None
        assert given_up.void_reason == rules.UNSHOWN
        clock.move(hours=2)
        result = await desk.arena.due(left[2].battle_id)
        assert result is not None
        assert result.battle.void_reason == rules.UNSHOWN


async def test_timers_are_armed_after_a_restart(database: Database, clock: SetClock) -> None:
    async with opened(database, clock) as desk:
        going_on, private, over = await desk.opened(), await desk.opened(private=True), await desk.opened()
        done = await desk.opened()
        for battle in (going_on, over, done):
            await desk.vote(battle, BEN)
        for battle in (over, done):
            await desk.arena.close(battle.battle_id, actor())
        await desk.arena.done(done.battle_id)
    async with opened(database, clock) as desk:
        due = [desk.timers.due_at(BATTLE_DUE, each.battle_id) for each in (going_on, private, over, done)]
        assert due == [going_on.closes_at, private.closes_at, clock.now, None]
        await desk.vote(going_on, CHIKA, Verdict.B)
        clock.move(hours=1)
        result = await desk.arena.due(going_on.battle_id)
        assert result is not None
        assert (result.turnout, result.battle.phase) == (2, BattlePhase.CLOSED)
        shown = await desk.arena.due(over.battle_id)
        assert shown is not None
        assert shown.turnout == 1
        await desk.arena.done(over.battle_id)
        assert await desk.arena.due(over.battle_id) is None
        assert await desk.arena.due(10_000) is None


async def test_a_battle_that_is_running_when_its_time_comes(database: Database, clock: SetClock) -> None:
    models = [card(key, model="wait 600|say Tea") for key in ("openly", "freely")]
    async with opened(database, clock, *models) as desk:
        here, waiting = await desk.begin(), await desk.begin()
        running = asyncio.create_task(ended(desk.arena, here))
        while not desk.backend("openly").running:
            await asyncio.sleep(0.01)
        clock.move(hours=1)
        assert await desk.arena.due(here.battle_id) is None, "whoever runs it tells"
        assert (await running).phase is BattlePhase.VOID
        result = await desk.arena.due(waiting.battle_id)
        assert result is not None
        assert result.battle.phase is BattlePhase.VOID


async def test_a_vote_that_was_acknowledged_is_in_the_file(database: Database, clock: SetClock) -> None:
    async with opened(database, clock, dies=True) as desk:
        battle, private = await desk.opened(), await desk.opened(private=True)
        await asyncio.gather(*(desk.vote(battle, member) for member in range(100, 140)))
        await desk.vote(private, ADA)
    async with opened(database, clock) as desk:
        assert await desk.arena.turnout(battle.battle_id) == 40
        with pytest.raises(ClosedError, match="final"):
            await desk.vote(private, ADA, Verdict.B)
        assert (await desk.arena.result(private.battle_id, GUILD)).votes[Verdict.A] == 1


async def test_closing_and_voting_at_the_same_instant_agree(database: Database, clock: SetClock) -> None:
    async with opened(database, clock) as desk:
        battle = await desk.opened()
        clock.now = battle.closes_at - timedelta(seconds=1)
        votes = [desk.vote(battle, member) for member in range(100, 110)]
        closing = desk.arena.close(battle.battle_id, actor())
        found = await asyncio.gather(*votes[:5], closing, *votes[5:], return_exceptions=True)
        counted = sum(not isinstance(one, BaseException) for one in (*found[:5], *found[6:]))
        assert all(isinstance(one, ClosedError) for one in found if isinstance(one, BaseException))
        result = await desk.arena.result(battle.battle_id, GUILD)
        assert result.turnout == counted
        async with database.read() as connection:
            phase = await connection.execute(select(BattleRow.phase).where(BattleRow.battle_id == battle.battle_id))
        assert phase.scalar_one() is BattlePhase.CLOSED
