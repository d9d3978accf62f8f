"""Two people, or one with two fingers, at the same moment; and what is swept. On both databases."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.asking.service import KEPT_FOR
from bot.asking.store import turns
from bot.asking.types import Progress, Question, TurnPhase, TurnRecord
from bot.backends.base import Picture
from bot.db.schema import Base, ConversationRow, TurnImageRow, TurnRatingRow, TurnReportRow, TurnRow
from bot.db.session import Database
from bot.errors import ClosedError, NotFoundError, UserError
from tests.support.asking import BEN, CLOSED, MODERATOR, OPEN, Desk, asker, card, ended, opened
from tests.support.polls import GUILD, SetClock

ENDLESS = "say Begun|" + "|".join(["wait 0.01", "say \\s"] * 50) + "|wait 60|say never"


async def count(database: Database, table: type[Base]) -> int:
    async with database.read() as connection:
        return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


async def at_once(*calls: Any) -> list[Any]:
    return await asyncio.gather(*calls, return_exceptions=True)


async def test_share_pressed_twice_shares_once(desk: Desk) -> None:
    turn = await desk.ask(private=True)
    found = await at_once(*(desk.asks.share(turn.turn_id, asker()) for _ in range(2)))
    assert sorted(type(each).__name__ for each in found) == ["ClosedError", "TurnRecord"]
    # a second press while the first is being posted does not take it back
    await desk.asks.shared(turn.turn_id, 99)
    await desk.asks.shared(turn.turn_id, 98)
    assert (await desk.asks.get(turn.turn_id, GUILD)).shared_message_id == 99


async def test_share_and_delete_at_once_leave_nothing_said(desk: Desk) -> None:
    turn = await desk.ask(private=True)
    shared, deleted = await at_once(desk.asks.share(turn.turn_id, asker()), desk.asks.delete(turn.turn_id, asker()))
    assert isinstance(deleted, TurnRecord)
    assert isinstance(shared, TurnRecord | ClosedError)
    left = await desk.asks.get(turn.turn_id, GUILD)
    assert (left.phase, left.answer, left.question) == (TurnPhase.DELETED, "", "")


async def test_retry_pressed_twice_makes_two_whole_answers(desk: Desk) -> None:
    turn = await desk.ask()
    again = await at_once(*(desk.asks.retry(turn.turn_id, asker()) for _ in range(2)))
    assert len({each.turn_id for each in again} | {turn.turn_id}) == 3
    done = await asyncio.gather(*(ended(desk.asks, each) for each in again))
    assert [(each.phase, each.answer) for each in done] == [(TurnPhase.DONE, "Hello, there.")] * 2
    assert {each.conversation_id for each in done} == {turn.conversation_id}


async def test_an_answer_that_is_run_twice_is_made_once(database: Database, clock: SetClock) -> None:
    async with opened(database, clock, card(model="say Begun|wait 60|say never")) as desk:
        turn = await desk.asks.begin(asker(), Question("Hi"))
        running = desk.asks.run(turn.turn_id)
        assert await anext(running) == Progress(turn.turn_id, "Begun")
        (second,) = [event async for event in desk.asks.run(turn.turn_id)]
        assert isinstance(second, TurnRecord)
        assert second.phase is TurnPhase.RUNNING
        assert len(desk.backend(OPEN).prompts) == 1
        await desk.asks.stop(turn.turn_id, asker())
        *_, last = [event async for event in running]
        assert isinstance(last, TurnRecord)
        assert last.phase is TurnPhase.STOPPED


async def test_what_is_deleted_while_it_runs_stays_deleted_and_is_paid_once(
    database: Database, clock: SetClock
) -> None:
    async with opened(database, clock, card(model=ENDLESS)) as desk:
        before = (await desk.asks.remaining(asker())).tokens
        turn = await desk.asks.begin(asker(), Question("Hi"), reply_token="token")
        running = desk.asks.run(turn.turn_id)
        assert isinstance(await anext(running), Progress)
        found = await at_once(
            desk.asks.delete(turn.turn_id, asker()), desk.asks.delete(turn.turn_id, asker(MODERATOR, is_moderator=True))
        )
        assert sorted(type(each).__name__ for each in found) == ["ClosedError", "TurnRecord"]
        *_, last = [event async for event in running]
        assert isinstance(last, TurnRecord)
        assert (last.phase, last.answer) == (TurnPhase.DELETED, "")
        left = await desk.asks.get(turn.turn_id, GUILD)
        assert (left.phase, left.answer, left.question, left.reply_token) == (TurnPhase.DELETED, "", "", None)
        after = (await desk.asks.remaining(asker())).tokens
        assert before is not None
        assert after is not None
        assert 0 < before - after < 1_000, "only what was read and written"


async def test_a_stop_at_the_end_leaves_one_end(database: Database, clock: SetClock) -> None:
    async with opened(database, clock, card(model="say Whole.")) as desk:
        for _ in range(5):
            turn = await desk.asks.begin(asker(), Question("Hi"))
            last, *stops = await at_once(
                ended(desk.asks, turn), *(desk.asks.stop(turn.turn_id, asker()) for _ in range(3))
            )
            assert all(isinstance(each, TurnRecord | ClosedError) for each in stops)
            assert last.phase in {TurnPhase.DONE, TurnPhase.STOPPED}
            stored = await desk.asks.get(turn.turn_id, GUILD)
            assert (stored.phase, stored.answer) == (last.phase, last.answer)
            with pytest.raises(ClosedError):
                await desk.asks.stop(turn.turn_id, asker())


async def test_thumbs_reports_and_verdicts_at_once_count_once(desk: Desk) -> None:
    turn, moderator = await desk.ask(), asker(MODERATOR, is_moderator=True)
    await at_once(*(desk.asks.rate(turn.turn_id, asker(BEN), is_good=bool(n % 2)) for n in range(6)))
    last = await desk.asks.rate(turn.turn_id, asker(BEN), is_good=True)
    assert (last.good, last.bad) == (1, 0)
    reports = await at_once(*(desk.asks.report(turn.turn_id, asker(BEN), "bad") for _ in range(4)))
    assert len({each.report_id for each in reports}) == 1
    handled = await at_once(
        *(desk.asks.handle_report(reports[0].report_id, moderator, upheld=bool(n % 2)) for n in range(4))
    )
    assert sum(not isinstance(each, UserError) for each in handled) == 1


async def test_what_was_kept_long_enough_is_swept_in_batches_with_all_that_hangs_on_it(
    desk: Desk, clock: SetClock, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    monkeypatch.setattr(turns, "SWEPT_AT_ONCE", 2)
    picture = Picture("image/png", b"\x89PNG\r\n\x1a\nrest")
    old = [await desk.ask("Old", wanted=CLOSED, pictures=(picture,)) for _ in range(5)]
    for turn in old:
        await desk.asks.rate(turn.turn_id, asker(BEN), is_good=True)
        await desk.asks.report(turn.turn_id, asker(BEN), "bad")
    clock.move(days=KEPT_FOR.days - 1)
    young = await desk.ask("Goes on", parent_id=old[0].turn_id)
    await desk.asks.sweep()
    assert await count(database, TurnRow) == 6
    clock.move(days=1, minutes=1)
    await desk.asks.sweep()
    assert [await count(database, each) for each in (TurnRow, TurnImageRow, TurnRatingRow, TurnReportRow)] == [
        1,
        0,
        0,
        0,
    ]
    assert await count(database, ConversationRow) == 1, "one goes on"
    with pytest.raises(NotFoundError):
        await desk.asks.get(old[0].turn_id, GUILD)
    done = await ended(desk.asks, await desk.asks.retry(young.turn_id, asker(), OPEN))
    assert done.phase is TurnPhase.DONE, "what it went on from is gone"
    assert timedelta(days=90) == KEPT_FOR
