"""Ballots on their way into each database: what counts, what is refused, and what happens when others interfere."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.db.session import Database
from bot.db.voters import find_voters, unname_voters
from bot.db.writer import GroupWriter, Patience
from bot.errors import ClosedError, NotFoundError, ServiceError
from bot.polls.ballots import ballot_writer
from bot.polls.counting import ranks_of
from bot.polls.service import PollService
from bot.polls.types import Ballot, Counted, Poll
from tests.support.polls import GUILD, START, actor, draft_of, opened

Writer = GroupWriter[Ballot, Counted]
SHORT = Patience(longest=1.0, when_closing=0.2, first_wait=0.01, longest_wait=0.05)


@pytest.fixture
async def writer(database: Database) -> AsyncIterator[Writer]:
    made = ballot_writer(database, SHORT)
    yield made
    await made.close()


def ballot(poll: Poll, member: int = 1, position: int = 0, *, after: float = 0, guild: int = GUILD) -> Ballot:
    return Ballot(poll.poll_id, guild, member, ranks_of(position, 3), START + timedelta(seconds=after))


async def rows(database: Database, poll: Poll) -> dict[int | None, bytes]:
    """The ballots of a poll by member; fails when somebody has two."""
    query = text(
        "SELECT member_id, ranks FROM poll_ballots JOIN voters USING (guild_id, voter_id) WHERE poll_id = :poll_id"
    )
    async with database.read() as connection:
        found = [tuple(row) for row in await connection.execute(query, {"poll_id": poll.poll_id})]
    assert len(dict(found)) == len(found)
    return dict(found)


async def voters(database: Database) -> int:
    async with database.read() as connection:
        return (await connection.execute(text("SELECT count(*) FROM voters"))).scalar_one()


async def test_a_ballot_counts_and_a_later_one_replaces_it(
    polls: PollService, writer: Writer, database: Database
) -> None:
    poll = await opened(polls)
    assert await writer.submit(ballot(poll)) == Counted(changed=False)
    assert await writer.submit(ballot(poll, position=2, after=1)) == Counted(changed=True)
    assert await writer.submit(ballot(poll, member=2)) == Counted(changed=False)
    assert await rows(database, poll) == {1: ranks_of(2, 3), 2: ranks_of(0, 3)}
    assert await voters(database) == 2


async def test_hundreds_at_once_in_several_polls(polls: PollService, writer: Writer, database: Database) -> None:
    some = [await opened(polls) for _ in range(3)]
    sent = [ballot(poll, member, member % 3) for member in range(1, 401) for poll in some]
    assert set(await asyncio.gather(*map(writer.submit, sent))) == {Counted(changed=False)}
    again = [ballot(poll, member, 1, after=1) for member in range(201, 601) for poll in some]
    answers = await asyncio.gather(*map(writer.submit, again))
    assert answers == [Counted(changed=item.member_id <= 400) for item in again]
    for poll in some:
        assert await rows(database, poll) == {
            member: ranks_of(1 if member > 200 else member % 3, 3) for member in range(1, 601)
        }
    assert await voters(database) == 600


async def test_the_last_of_a_batch_stands(polls: PollService, writer: Writer, database: Database) -> None:
    poll = await opened(polls)
    sent = [ballot(poll, 1, place, after=place) for place in range(3)]
    assert await asyncio.gather(*map(writer.submit, sent)) == [Counted(changed=False)] * 3
    assert await rows(database, poll) == {1: ranks_of(2, 3)}


async def test_one_in_time_counts_though_the_next_press_was_too_late(
    polls: PollService, writer: Writer, database: Database
) -> None:
    poll = await opened(polls)
    sent = [ballot(poll, 1, 1, after=3599), ballot(poll, 1, 2, after=3600)]
    answers = await asyncio.gather(*map(writer.submit, sent), return_exceptions=True)
    assert answers[0] == Counted(changed=False)
    assert isinstance(answers[1], ClosedError)
    assert await rows(database, poll) == {1: ranks_of(1, 3)}


async def test_what_is_refused_says_why_and_disturbs_nobody(
    polls: PollService, writer: Writer, database: Database
) -> None:
    good, closed, draft = await opened(polls), await opened(polls), await polls.draft(draft_of())
    await polls.close_now(closed.poll_id, actor())
    gone = Ballot(999, GUILD, 9, ranks_of(0, 3), START)
    sent: list[tuple[Ballot, Any]] = [
        (ballot(good, 1), None),
        (ballot(closed, 2), ClosedError),
        (ballot(draft, 3), NotFoundError),
        (gone, NotFoundError),
        (ballot(good, 4, guild=5), NotFoundError),
        (ballot(good, 1 << 70), ServiceError),
        (Ballot(good.poll_id, GUILD, 6, ranks_of(0, 3), START.replace(tzinfo=None)), ServiceError),
        (ballot(good, 7), None),
    ]
    answers = await asyncio.gather(*(writer.submit(item) for item, _ in sent), return_exceptions=True)
    for answer, (_, refusal) in zip(answers, sent, strict=True):
        assert answer == Counted(changed=False) if refusal is None else isinstance(answer, refusal)
    assert set(await rows(database, good)) == {1, 7}
    assert await voters(database) == 2, "nobody becomes a voter by a vote that was refused"


async def test_a_poll_that_closes_between_the_press_and_the_commit(
    polls: PollService, writer: Writer, database: Database
) -> None:
    poll = await opened(polls)
    async with database.write() as connection:
        await connection.execute(text("UPDATE polls SET phase = 'closed' WHERE poll_id = :id"), {"id": poll.poll_id})
        waiting = [asyncio.create_task(writer.submit(ballot(poll, member))) for member in range(1, 4)]
        done, _ = await asyncio.wait(waiting, timeout=0.2)
        assert not done, "they wait for the one who is closing it"
    for task in waiting:
        with pytest.raises(ClosedError):
            await task
    assert await rows(database, poll) == {}


async def test_a_ballot_older_than_the_one_that_stands_does_not_replace_it(
    polls: PollService, writer: Writer, database: Database
) -> None:
    poll = await opened(polls)
    await writer.submit(ballot(poll, 1, 2, after=5))
    await writer.submit(ballot(poll, 1, 0, after=1))
    assert await rows(database, poll) == {1: ranks_of(2, 3)}


async def test_a_person_erased_while_they_vote(polls: PollService, writer: Writer, database: Database) -> None:
    poll = await opened(polls)
    await writer.submit(ballot(poll, 1, 0))
    async with database.write() as connection:
        found = await find_voters(connection, 1, lock=True)
        await connection.execute(text("DELETE FROM poll_ballots"))
        waiting = asyncio.create_task(writer.submit(ballot(poll, 1, 1, after=1)))
        done, _ = await asyncio.wait([waiting], timeout=0.2)
        assert not done, "it waits for the erasing"
        await unname_voters(connection, found)
    assert await waiting == Counted(changed=False)
    assert await rows(database, poll) == {1: ranks_of(1, 3)}
    async with database.read() as connection:
        assert await find_voters(connection, 1) != found, "they vote as somebody new"


async def test_erasing_and_voting_at_once_leaves_no_ballot_without_a_person(
    polls: PollService, writer: Writer, database: Database
) -> None:
    poll = await opened(polls)

    async def erase(member: int) -> None:
        for _ in range(8):
            await polls.forget(member)

    async def vote(member: int) -> None:
        for number in range(25):
            await writer.submit(ballot(poll, member, number % 3, after=number))

    await asyncio.gather(*(act(member) for member in range(1, 6) for act in (vote, erase)))
    assert None not in await rows(database, poll)


async def test_two_processes_that_make_the_same_voters(polls: PollService, writer: Writer, database: Database) -> None:
    poll, other = await opened(polls), await opened(polls)
    second = ballot_writer(database, SHORT)
    sent = [(writer, poll), (second, other), (writer, other), (second, poll)]
    for start in range(1, 200, 20):
        members = range(start, start + 20)
        await asyncio.gather(*(to.submit(ballot(which, member)) for to, which in sent for member in members))
    await second.close()
    assert await voters(database) == 200
    assert len(await rows(database, poll)) == len(await rows(database, other)) == 200
