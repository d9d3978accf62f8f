"""Reminders on both databases: one a poll at most, and pings for those who asked."""

import asyncio
from datetime import timedelta

import pytest

from bot.db.session import Database
from bot.errors import ClosedError, NotAllowedError
from bot.polls.service import MOST_BELLS, PollService
from bot.polls.types import PollEdit, PollReveal, PollRules, Reminder
from tests.support.polls import START, SetClock, actor, opened, restarted, voter


async def test_a_reminder_comes_once(polls: PollService, database: Database, clock: SetClock) -> None:
    poll = await opened(polls, reminds=True)
    for member in (9, 5):
        await polls.bell(poll.poll_id, voter(member), on=True)
    assert await polls.reminder_due(poll.poll_id) is None, "not yet"
    clock.move(minutes=50)
    reminder = await polls.reminder_due(poll.poll_id)
    assert reminder is not None
    assert reminder.members == (5, 9)
    assert reminder.poll.reminded_at == clock.now
    assert await polls.reminder_due(poll.poll_id) == reminder, "not sent yet: the timer asks again"
    await polls.reminded(poll.poll_id)
    assert await polls.reminder_due(poll.poll_id) is None
    async with restarted(database, clock) as again:
        assert await again.reminder_due(poll.poll_id) is None
        with pytest.raises(ClosedError, match="only one"):
            await again.remind_now(poll.poll_id, actor())
        with pytest.raises(ClosedError, match="No reminder"):
            await again.bell(poll.poll_id, voter(6), on=True)


async def test_a_reminder_that_a_crash_cut_off_is_not_sent_twice(
    polls: PollService, database: Database, clock: SetClock
) -> None:
    poll = await opened(polls, reminds=True)
    clock.move(minutes=51)
    assert await polls.reminder_due(poll.poll_id)
    async with restarted(database, clock) as again:
        assert await again.reminder_due(poll.poll_id) is None


async def test_an_overdue_reminder_comes_after_a_restart(
    polls: PollService, database: Database, clock: SetClock
) -> None:
    poll = await opened(polls, reminds=True)
    silent, ended = await opened(polls), await opened(polls, reminds=True, minutes=30)
    clock.move(minutes=55)
    async with restarted(database, clock) as again:
        assert await again.reminder_due(poll.poll_id)
        assert await again.reminder_due(silent.poll_id) is None
        assert await again.reminder_due(ended.poll_id) is None, "its end has come"


async def test_reminding_by_hand_uses_the_one_reminder(polls: PollService, clock: SetClock) -> None:
    poll = await opened(polls, reminds=True)
    answers = await asyncio.gather(*(polls.remind_now(poll.poll_id, actor()) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(answer, Reminder) for answer in answers) == 1
    assert sum(isinstance(answer, ClosedError) for answer in answers) == 3
    assert await polls.reminder_due(poll.poll_id), "should sending it have failed, the timer sends it"
    await polls.reminded(poll.poll_id)
    clock.move(minutes=55)
    assert await polls.reminder_due(poll.poll_id) is None
    await polls.edit(poll.poll_id, actor(), PollEdit(closes_at=START + timedelta(days=2), reminds=True))
    clock.move(hours=47)
    assert await polls.reminder_due(poll.poll_id) is None, "one over the life of a poll"
    clock.move(hours=2)
    with pytest.raises(ClosedError):
        await polls.remind_now(poll.poll_id, actor())


async def test_what_could_not_be_sent_may_be_tried_again(polls: PollService, clock: SetClock) -> None:
    poll, unplanned = await opened(polls, reminds=True), await opened(polls)
    for each in (poll, unplanned):
        await polls.remind_now(each.poll_id, actor())
        await polls.not_reminded(each.poll_id)
        assert await polls.reminder_due(each.poll_id) is None
    clock.move(minutes=52)
    assert await polls.reminder_due(poll.poll_id)
    await polls.not_reminded(poll.poll_id)
    assert await polls.remind_now(poll.poll_id, actor())


async def test_a_poll_opened_again_reminds_only_if_it_has_not(polls: PollService, clock: SetClock) -> None:
    reminded = await opened(polls, reminds=True, reveal=PollReveal.ALWAYS)
    quiet = await opened(polls, reminds=True, reveal=PollReveal.ALWAYS)
    await polls.remind_now(reminded.poll_id, actor())
    for poll in (reminded, quiet):
        await polls.close_now(poll.poll_id, actor())
        await polls.reopen(poll.poll_id, actor(), START + timedelta(hours=10))
    clock.move(hours=9, minutes=30)
    assert await polls.reminder_due(reminded.poll_id) is None
    assert await polls.reminder_due(quiet.poll_id)


async def test_bells(polls: PollService, database: Database) -> None:
    poll = await opened(polls, reminds=True, rules=PollRules(role_ids=(7,)))
    plain = await opened(polls)
    with pytest.raises(NotAllowedError):
        await polls.bell(poll.poll_id, voter(5), on=True)
    with pytest.raises(ClosedError, match="No reminder"):
        await polls.bell(plain.poll_id, voter(5), on=True)
    for member in range(MOST_BELLS):
        await polls.bell(poll.poll_id, voter(member, 7), on=True)
    await polls.bell(poll.poll_id, voter(0, 7), on=True)
    with pytest.raises(ClosedError, match=f"{MOST_BELLS} people"):
        await polls.bell(poll.poll_id, voter(99, 7), on=True)
    await polls.bell(poll.poll_id, voter(0), on=False)
    await polls.bell(poll.poll_id, voter(0), on=False)
    await polls.bell(poll.poll_id, voter(99, 7), on=True)
    await polls.drop_bells(poll.poll_id, range(1, 49))
    assert (await polls.remind_now(poll.poll_id, actor())).members == (49, 99)
    await polls.close_now(poll.poll_id, actor())
    async with database.read() as connection:
        left = await connection.exec_driver_sql("SELECT count(*) FROM poll_bells")
        assert left.scalar_one() == 0, "who asked is not kept longer than needed"


async def test_a_short_poll_has_no_reminder(polls: PollService) -> None:
    poll = await opened(polls, reminds=True, minutes=8)
    assert poll.remind_at is None
    edited = await polls.edit(poll.poll_id, actor(), PollEdit(closes_at=START + timedelta(hours=3), reminds=True))
    assert edited.poll.remind_at == START + timedelta(hours=2, minutes=42)
