"""The poll service on both databases: the life of a poll, and what goes wrong in it."""

import asyncio

import pytest
from sqlalchemy import text

from bot.db.session import Database
from bot.errors import ClosedError, InvalidInputError, NotAllowedError, NotFoundError
from bot.polls.service import PollService
from bot.polls.types import PollPhase
from tests.support.polls import GUILD, START, SetClock, actor, draft_of, opened


async def test_a_poll_from_draft_to_result(polls: PollService, clock: SetClock) -> None:
    poll = await polls.draft(draft_of())
    assert (poll.phase, poll.options, poll.closes_at) == (
        PollPhase.DRAFT,
        ("Open", "Closed", "Hybrid"),
        draft_of().closes_at,
    )
    assert (await polls.open(poll.poll_id, actor())).turnout == 0
    await polls.posted(poll.poll_id, 99)
    for member, position in ((1, 0), (2, 2), (3, 2)):
        receipt = await polls.vote(poll.poll_id, GUILD, member, position)
        assert (receipt.position, receipt.previous) == (position, None)
    assert (await polls.get(poll.poll_id, GUILD)).turnout == 3
    assert await polls.due(poll.poll_id) is None, "not due yet"
    clock.move(hours=1)
    result = await polls.due(poll.poll_id)
    assert result is not None
    assert result.votes == (1, 0, 2)
    assert result.percents == (33, 0, 67)
    assert result.leading == (False, False, True)
    assert result.poll.message_id == 99
    assert result.poll.closed_at == poll.closes_at


async def test_a_vote_can_be_changed_and_counts_once(polls: PollService) -> None:
    poll = await opened(polls)
    await polls.vote(poll.poll_id, GUILD, 5, 0)
    again = await polls.vote(poll.poll_id, GUILD, 5, 0)
    assert (again.position, again.previous) == (0, 0)
    changed = await polls.vote(poll.poll_id, GUILD, 5, 1)
    assert (changed.position, changed.previous) == (1, 0)
    assert (await polls.close_now(poll.poll_id, actor())).votes == (0, 1, 0)


async def test_presses_at_once_all_count_once_each(polls: PollService) -> None:
    poll = await opened(polls)
    presses = [polls.vote(poll.poll_id, GUILD, member, member % 3) for member in range(60) for _ in range(5)]
    receipts = await asyncio.gather(*presses)
    assert len(receipts) == 300
    assert (await polls.close_now(poll.poll_id, actor())).votes == (20, 20, 20)


async def test_the_last_of_quick_presses_stands_and_all_hear_it(polls: PollService) -> None:
    poll = await opened(polls)
    receipts = await asyncio.gather(*(polls.vote(poll.poll_id, GUILD, 4, place) for place in (0, 1, 2)))
    assert receipts[-1].position == 2
    assert (await polls.close_now(poll.poll_id, actor())).votes == (0, 0, 1)


async def test_late_votes_are_refused_beside_good_ones(polls: PollService, clock: SetClock) -> None:
    poll = await opened(polls)
    other = await opened(polls, minutes=120)
    await polls.vote(poll.poll_id, GUILD, 1, 0)
    clock.move(minutes=60)
    late, good = await asyncio.gather(
        polls.vote(poll.poll_id, GUILD, 2, 0), polls.vote(other.poll_id, GUILD, 2, 1), return_exceptions=True
    )
    assert isinstance(late, ClosedError), "the deadline counts, even before the timer came"
    assert not isinstance(good, BaseException)
    result = await polls.due(poll.poll_id)
    assert result is not None
    assert result.votes == (1, 0, 0)
    with pytest.raises(ClosedError):
        await polls.vote(poll.poll_id, GUILD, 1, 1)


@pytest.mark.parametrize(("guild", "position"), [(GUILD + 1, 0), (GUILD, 3), (GUILD, -1)])
async def test_votes_from_nowhere_are_refused(polls: PollService, guild: int, position: int) -> None:
    poll = await opened(polls)
    with pytest.raises(NotFoundError):
        await polls.vote(poll.poll_id, guild, 1, position)


async def test_drafts_and_unknown_polls_take_no_votes(polls: PollService) -> None:
    poll = await polls.draft(draft_of())
    for poll_id in (poll.poll_id, 10**9):
        with pytest.raises(NotFoundError):
            await polls.vote(poll_id, GUILD, 1, 0)
        with pytest.raises(NotFoundError):
            await polls.get(poll_id, GUILD)


async def test_a_draft_is_its_creators_own(polls: PollService) -> None:
    poll = await polls.draft(draft_of(creator=1))
    for stranger in (actor(2, moderator=True), actor(1, guild=GUILD + 1)):
        with pytest.raises(NotAllowedError):
            await polls.open(poll.poll_id, stranger)
        with pytest.raises(NotAllowedError):
            await polls.discard(poll.poll_id, stranger)
    await polls.discard(poll.poll_id, actor(1))
    with pytest.raises(NotFoundError, match="Start again"):
        await polls.open(poll.poll_id, actor(1))


async def test_a_draft_opens_once(polls: PollService) -> None:
    poll = await polls.draft(draft_of())
    results = await asyncio.gather(*(polls.open(poll.poll_id, actor()) for _ in range(4)), return_exceptions=True)
    assert sorted(isinstance(result, ClosedError) for result in results) == [False, True, True, True]


async def test_a_draft_whose_time_has_passed_is_not_opened(polls: PollService, clock: SetClock) -> None:
    poll = await polls.draft(draft_of())
    clock.move(hours=2)
    with pytest.raises(InvalidInputError, match="already passed"):
        await polls.open(poll.poll_id, actor())


async def test_withdrawn_polls_are_drafts_again(polls: PollService) -> None:
    poll = await opened(polls)
    await polls.withdraw(poll.poll_id)
    assert await polls.list_open(GUILD) == ()
    assert (await polls.open(poll.poll_id, actor())).poll.phase is PollPhase.OPEN


async def test_only_creator_and_moderators_manage(polls: PollService) -> None:
    poll = await opened(polls)
    with pytest.raises(NotAllowedError):
        await polls.close_now(poll.poll_id, actor(2))
    with pytest.raises(NotFoundError):
        await polls.manage(poll.poll_id, actor(2, moderator=True, guild=GUILD + 1))
    assert (await polls.manage(poll.poll_id, actor(2, moderator=True))).poll == poll
    await polls.close_now(poll.poll_id, actor(1))
    with pytest.raises(ClosedError):
        await polls.close_now(poll.poll_id, actor(1))


async def test_closing_twice_is_harmless_and_done_comes_last(polls: PollService, clock: SetClock) -> None:
    poll = await opened(polls)
    clock.move(hours=1)
    first, second = await asyncio.gather(polls.due(poll.poll_id), polls.due(poll.poll_id))
    assert first == second is not None
    assert await polls.due(poll.poll_id) == first, "closed but not shown: it is handed out again"
    await polls.shown(poll.poll_id)
    assert await polls.due(poll.poll_id) is None
    assert await polls.due(10**9) is None


async def test_open_polls_of_a_server_by_closing_time(polls: PollService) -> None:
    late = await opened(polls, minutes=90)
    soon = await opened(polls, minutes=30)
    await polls.draft(draft_of())
    await polls.vote(late.poll_id, GUILD, 1, 0)
    listed = await polls.list_open(GUILD)
    assert [(count.poll.poll_id, count.turnout) for count in listed] == [(soon.poll_id, 0), (late.poll_id, 1)]
    assert await polls.list_open(GUILD + 1) == ()


async def test_forgotten_people_leave_closed_counts_as_they_were(polls: PollService, database: Database) -> None:
    closed, running = await opened(polls, creator=5), await opened(polls)
    for poll in (closed, running):
        await polls.vote(poll.poll_id, GUILD, 5, 1)
        await polls.vote(poll.poll_id, GUILD, 6, 0)
    await polls.draft(draft_of(creator=5))
    before = await polls.close_now(closed.poll_id, actor(5))
    assert len((await polls.export(5))["votes"]) == 2
    assert len((await polls.export(5))["created"]) == 2

    await polls.forget(5)
    assert (await polls.get(running.poll_id, GUILD)).turnout == 1
    after = await polls.due(closed.poll_id)
    assert after is not None
    assert after.votes == before.votes
    assert after.poll.creator_id is None
    async with database.read() as connection:
        drafts = await connection.execute(text("SELECT count(*) FROM polls WHERE phase = 'draft'"))
        assert drafts.scalar_one() == 0


async def test_export_says_what_was_chosen(polls: PollService) -> None:
    poll = await opened(polls)
    await polls.vote(poll.poll_id, GUILD, 8, 2)
    assert (await polls.export(8))["votes"] == [
        {"guild_id": str(GUILD), "question": "Which models?", "choice": "Hybrid", "cast_at": START.isoformat()}
    ]
    assert await polls.export(404) == {"created": [], "votes": []}
