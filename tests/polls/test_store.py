"""The stores of polls on both databases: what only shows when somebody else is between two steps."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.db.session import Database
from bot.errors import ClosedError, NotFoundError
from bot.polls.service import PollService
from bot.polls.store import BallotStore, PollStore
from bot.polls.store.rows import chunks
from bot.polls.types import PollPhase
from tests.support.polls import START, cast, draft_of, opened

LATER = START + timedelta(hours=3)


async def test_the_end_is_looked_at_where_the_poll_is_closed(polls: PollService, database: Database) -> None:
    poll = await opened(polls)
    store = PollStore(database)
    assert await store.change(poll, replace(poll, closes_at=LATER), START)
    assert not await store.close(poll.poll_id, poll.closes_at, due_by=poll.closes_at), "moved since it was read"
    assert await store.close(poll.poll_id, LATER, due_by=LATER)
    assert not await store.close(poll.poll_id, LATER), "one closes it"
    assert await store.shown(poll.poll_id)
    assert not await store.shown(poll.poll_id)


async def test_a_poll_past_its_end_cannot_be_changed(polls: PollService, database: Database) -> None:
    poll = await opened(polls)
    store = PollStore(database)
    changed = replace(poll, closes_at=LATER)
    assert not await store.change(poll, changed, poll.closes_at)
    assert (await store.get(poll.poll_id)).poll == poll
    await store.close(poll.poll_id, START)
    assert not await store.change(poll, changed, START)


async def test_a_change_that_needs_no_votes_is_undone_whole(polls: PollService, database: Database) -> None:
    poll = await opened(polls)
    store = PollStore(database)
    changed = replace(poll, question="New?", options=("x", "y"))
    await cast(polls, poll, 1, 0)
    with pytest.raises(ClosedError, match="because"):
        await store.change(poll, changed, START, "because")
    assert (await store.get(poll.poll_id)).poll == poll
    assert await store.change(poll, changed, START), "the caller says what needs that nobody voted"


async def test_only_phases_that_were_named_are_deleted(polls: PollService, database: Database) -> None:
    store = PollStore(database)
    draft, running = await polls.draft(draft_of()), await opened(polls)
    assert not await store.delete(draft.poll_id, PollPhase.OPEN)
    assert not await store.delete(running.poll_id, PollPhase.DRAFT, PollPhase.CLOSED, PollPhase.DONE)
    assert await store.delete(draft.poll_id, PollPhase.DRAFT)
    assert not await store.delete(draft.poll_id, PollPhase.DRAFT)


async def test_pending_gives_all_ends_and_the_newest_open_polls(polls: PollService, database: Database) -> None:
    made = [await opened(polls, minutes=60 + number) for number in range(3)]
    await polls.draft(draft_of())
    store = PollStore(database)
    await store.close(made[2].poll_id, START)
    done = await opened(polls)
    await store.close(done.poll_id, START)
    await store.shown(done.poll_id)
    newest, ends = await store.pending(2)
    assert newest == (made[1],), "of the two newest one is closed"
    assert ends == (
        (made[2].poll_id, START),
        (made[1].poll_id, made[1].closes_at),
        (made[0].poll_id, made[0].closes_at),
    )


async def test_more_ballots_than_are_wanted_are_not_given(polls: PollService, database: Database) -> None:
    ballots = BallotStore(database)
    some, more = await opened(polls), await opened(polls)
    for member in range(3):
        await cast(polls, some, member, member)
    await cast(polls, more, 0, 1)
    ids = [some.poll_id, more.poll_id]
    assert await ballots.all_of(ids, 3) is None
    read = await ballots.all_of(ids, 4)
    assert read is not None
    assert {poll_id: sorted(found) for poll_id, found in read.items()} == {some.poll_id: [0, 1, 2], more.poll_id: [0]}
    assert await ballots.turnouts([*ids, 10**9]) == {some.poll_id: 3, more.poll_id: 1}
    with pytest.raises(NotFoundError):
        await ballots.result(10**9)


def test_chunks() -> None:
    assert list(chunks(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(chunks([], 2)) == []
