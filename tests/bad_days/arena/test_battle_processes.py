"""Several processes on one PostgreSQL, and what happens by the clock: what is left is told once, and counted once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.arena import rules
from bot.arena.types import BattlePhase, Verdict
from bot.db.migrate import bring_to_head
from bot.db.session import Database
from bot.errors import ClosedError
from tests.arena.test_service_processes import bury, half_answered
from tests.support.arena import BEN, CHIKA, MODERATOR, actor, fill, opened
from tests.support.asking import card
from tests.support.polls import GUILD, SetClock

MODELS = [card("openly"), card("slowly", model="wait 600|say Tea")]


@pytest.fixture
async def shared(postgres_url: str) -> AsyncIterator[Database]:
    """A database that several processes use."""
    database = await Database.open(postgres_url)
    await bring_to_head(database)
    yield database
    await database.close()


@pytest.fixture
def still() -> SetClock:
    return SetClock()


async def test_what_a_dead_process_left_is_told_by_one_of_the_others(shared: Database, still: SetClock) -> None:
    async with opened(shared, still, *MODELS, dies=True) as dies:
        running = await half_answered(dies)
        async with opened(shared, still, *MODELS) as one, opened(shared, still, *MODELS) as other:
            assert [await one.arena.interrupted(), await other.arena.interrupted()] == [[], []], "it lives"
            await bury(dies)
            told = await asyncio.gather(*(desk.arena.interrupted() for desk in (one, other) * 3))
            assert [left.battle_id for some in told for left in some] == [running.battle_id]
            for desk in (one, other):
                left = await desk.arena.get(running.battle_id, GUILD)
                assert (left.phase, left.void_reason) == (BattlePhase.VOID, rules.RESTARTED)
                with pytest.raises(ClosedError, match="void"):
                    await desk.vote(left, BEN)


async def test_what_a_dead_process_did_not_show_is_shown_by_one_of_the_others(
    shared: Database, still: SetClock
) -> None:
    async with opened(shared, still, dies=True) as dies:
        battle = await dies.answered(reply_token="token")
        async with opened(shared, still) as one, opened(shared, still) as other:
            await bury(dies)
            taken = await asyncio.gather(*(desk.arena.unshown() for desk in (one, other) * 3))
            assert [left.battle_id for some in taken for left in some] == [battle.battle_id]
            # both saw its message: that people can read it is noted once
            shown = await asyncio.gather(*(desk.arena.shown(battle.battle_id, 4_711) for desk in (one, other)))
            assert len({each.shown_at for each in shown}) == 1


async def test_votes_by_way_of_two_processes_are_one_count(shared: Database, still: SetClock) -> None:
    async with opened(shared, still) as one, opened(shared, still) as other:
        battle = await one.opened()
        await asyncio.gather(*((one, other)[member % 2].vote(battle, member) for member in range(100, 130)))
        await asyncio.gather(*(desk.vote(battle, BEN, Verdict.B) for desk in (one, other) * 4))
        assert await one.arena.turnout(battle.battle_id) == 31
        still.now = battle.closes_at
        results = await asyncio.gather(*(desk.arena.due(battle.battle_id) for desk in (one, other)))
        assert {(result.turnout, result.votes[Verdict.B]) for result in results if result} == {(31, 1)}
        await asyncio.gather(*(desk.arena.done(battle.battle_id) for desk in (one, other)))
        assert [await desk.arena.due(battle.battle_id) for desk in (one, other)] == [None, None]


async def test_a_private_battle_is_voted_in_once_by_way_of_two_processes(shared: Database, still: SetClock) -> None:
    async with opened(shared, still) as one, opened(shared, still) as other:
        battle = await one.opened(private=True)
        pressed = [desk.vote(battle, verdict=verdict) for desk, verdict in ((one, Verdict.A), (other, Verdict.B))]
        cast = await asyncio.gather(*pressed, return_exceptions=True)
        (lost,) = [each for each in cast if isinstance(each, BaseException)]
        assert isinstance(lost, ClosedError)
        assert (await one.arena.result(battle.battle_id, GUILD)).turnout == 1


async def test_two_moderators_exclude_and_lift_at_once(shared: Database, still: SetClock) -> None:
    await fill(shared)
    async with opened(shared, still) as one, opened(shared, still) as other:
        for _ in range(3):
            done = await asyncio.gather(
                *(
                    desk.arena.exclude(GUILD, 1_000_003, actor(MODERATOR + number, moderator=True))
                    for number, desk in enumerate((one, other, one, other))
                ),
                return_exceptions=True,
            )
            assert [type(each) for each in done if each is not None] == [ClosedError] * 3
            open_ones = [entry for entry in (await one.arena.fair_play(GUILD)).log if entry.lifted_at is None]
            assert len(open_ones) == 1
            still.move(seconds=1)
            lifted = await asyncio.gather(
                *(
                    desk.arena.lift(open_ones[0].exclusion_id, actor(MODERATOR + number, moderator=True))
                    for number, desk in enumerate((one, other, one, other))
                ),
                return_exceptions=True,
            )
            assert [type(each) for each in lifted if each is not None] == [ClosedError] * 3
            still.move(seconds=1)
        assert len((await other.arena.fair_play(GUILD)).log) == 3


@pytest.mark.parametrize("back", [timedelta(seconds=5), timedelta(hours=3), timedelta(days=2)])
async def test_a_clock_that_is_set_back(shared: Database, still: SetClock, back: timedelta) -> None:
    """Votes count, in doubt as from one who cannot have read; battles can be begun, and end when their time comes."""
    async with opened(shared, still) as desk:
        battle = await desk.opened()
        still.now -= back
        receipt = await desk.vote(battle, BEN)
        assert (receipt.doubt is None) == (back < timedelta(minutes=1))
        assert await desk.arena.due(battle.battle_id) is None
        assert (await desk.opened()).battle_id != battle.battle_id
        still.now += back
        assert (await desk.vote(battle, CHIKA)).turnout == 2
        still.now = battle.closes_at
        result = await desk.arena.due(battle.battle_id)
        assert result is not None
        assert result.turnout == 2


async def test_an_asker_erased_by_way_of_one_process_while_people_vote_by_way_of_the_other(
    shared: Database, still: SetClock
) -> None:
    await fill(shared)
    async with opened(shared, still) as one, opened(shared, still) as other:
        battle = await one.opened()
        await one.arena.forget(11)
        await other.vote(battle, BEN)
        still.now = battle.closes_at
        with pytest.raises(ClosedError):
            await other.vote(battle, CHIKA)
        left = await other.arena.get(battle.battle_id, GUILD)
        assert (left.prompt, left.member_id) == ("", None)
        result = await other.arena.due(battle.battle_id)
        assert result is not None
        assert result.turnout == 1
