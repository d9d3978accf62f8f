"""Ballots as the store counts them, on both databases: by weight, wherever they lie, beside the loop."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import event, update

from bot.db.schema import PollBallotRow, PollRow, VoterRow
from bot.db.session import Database
from bot.errors import NotFoundError
from bot.polls import counting
from bot.polls.service import PollService
from bot.polls.store import BallotStore
from bot.polls.store import ballots as reading
from bot.polls.types import CountingMethod, Poll, PollKind
from tests.support.polls import GUILD, cast, opened

RANKED = {1: bytes((0, 1, 2)), 2: bytes((0, 2, 1)), 3: bytes((1, 0, 2)), 4: bytes((2, 0, 1)), 5: bytes((2, 1, 0))}


async def ranked(polls: PollService, database: Database, method: CountingMethod = CountingMethod.RUNOFF) -> Poll:
    """A ranked poll with five ballots, counted by this method."""
    poll = await opened(polls, kind=PollKind.RANKED)
    for member, ranks in RANKED.items():
        await cast(polls, poll, member, ranks)
    async with database.write() as connection:
        await connection.execute(
            update(PollRow).where(PollRow.poll_id == poll.poll_id).values(method=method, tie_seed=b"seed")
        )
    return replace(poll, method=method, tie_seed=b"seed")


async def test_by_method_and_weight(polls: PollService, database: Database) -> None:
    poll = await ranked(polls, database)
    store = BallotStore(database)
    result = await store.result(poll.poll_id)
    assert result.tally == counting.tally(poll, [(ranks, 1, 1) for ranks in RANKED.values()]).tally
    assert (result.turnout, result.weight, result.votes) == (5, 5, (2, 2, 1))

    async with database.write() as connection:
        heavy = await connection.execute(
            VoterRow.__table__.select().where(VoterRow.guild_id == GUILD, VoterRow.member_id == 5)
        )
        voter_id = heavy.one().voter_id
        await connection.execute(
            update(PollBallotRow)
            .where(PollBallotRow.poll_id == poll.poll_id, PollBallotRow.voter_id == voter_id)
            .values(weight=10)
        )
    result, compared = await store.comparison(poll.poll_id)
    assert (result.turnout, result.weight, result.votes) == (5, 14, (2, 2, 10))
    assert result.leading == (False, False, True)
    assert {tally.winner for tally in compared.tallies} == {2}
    assert len(compared.tallies) == 5
    with pytest.raises(NotFoundError):
        await store.comparison(10**9)


@pytest.mark.parametrize("spread", [0, 10**9])
async def test_wherever_the_ballots_lie(
    polls: PollService, database: Database, monkeypatch: pytest.MonkeyPatch, spread: int
) -> None:
    """Read one after the other, or each by the index: the same, and none of another poll."""
    monkeypatch.setattr(reading, "SPREAD", spread)
    poll, other = await opened(polls), await opened(polls)
    for member in range(12):
        await cast(polls, poll if member % 3 else other, member, member % 2)
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    store = BallotStore(database)
    assert [(await store.result(one.poll_id)).votes for one in (poll, other)] == [(4, 4, 0), (2, 2, 0)]
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)
    grouped = [statement for statement in asked if "GROUP BY poll_ballots.ranks" in statement]
    assert len(grouped) == 2
    along = [statement for statement in grouped if "rowid BETWEEN" in statement]
    assert len(along) == (2 if database.is_sqlite and spread else 0)


async def test_many_different_ballots_are_counted_beside_the_loop(
    polls: PollService, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "COUNTED_HERE", 1)
    monkeypatch.setattr(reading, "READ_AT_ONCE", 2)
    started: list[object] = []
    in_thread = asyncio.to_thread

    async def noted(function: object, *arguments: object) -> object:
        started.append(function)
        return await in_thread(function, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(reading.asyncio, "to_thread", noted)
    poll = await opened(polls, kind=PollKind.RANKED)
    for member, ranks in RANKED.items():
        await cast(polls, poll, member, ranks)
    result = await BallotStore(database).result(poll.poll_id)
    assert result.votes == (2, 2, 1)
    assert started == [counting.tally]
    assert (await BallotStore(database).result((await opened(polls)).poll_id)).turnout == 0
    assert len(started) == 1, "nothing to count is counted at once"
