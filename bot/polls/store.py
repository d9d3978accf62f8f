"""Polls in the database: each method is one transaction, and rows do not leave it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, func, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.schema import PollBallotRow, PollOptionRow, PollRow
from bot.db.session import Database
from bot.db.upsert import inserting
from bot.db.voters import find_voters, voter_ids
from bot.errors import NotFoundError
from bot.polls import rules
from bot.polls.types import Ballot, Poll, PollCount, PollDraft, PollPhase, PollResult, VoteReceipt


class PollStore:
    """All that is known of polls."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, draft: PollDraft, now: datetime) -> Poll:
        """Store a draft."""
        async with self._database.write() as connection:
            added = await connection.execute(
                insert(PollRow)
                .values(
                    guild_id=draft.guild_id,
                    channel_id=draft.channel_id,
                    creator_id=draft.creator_id,
                    question=draft.question,
                    phase=PollPhase.DRAFT,
                    created_at=now,
                    closes_at=draft.closes_at,
                )
                .returning(PollRow.poll_id)
            )
            poll_id = added.scalar_one()
            await connection.execute(
                insert(PollOptionRow),
                [
                    {"guild_id": draft.guild_id, "poll_id": poll_id, "position": position, "text": text}
                    for position, text in enumerate(draft.options)
                ],
            )
            return (await _polls(connection, [poll_id]))[poll_id]

    async def get(self, poll_id: int) -> PollCount:
        """Return a poll and its turnout.

        Raises:
            NotFoundError: there is none.
        """
        async with self._database.read() as connection:
            poll = await _poll(connection, poll_id)
            turnout = await connection.execute(
                select(func.count()).select_from(PollBallotRow).where(PollBallotRow.poll_id == poll_id)
            )
            return PollCount(poll, turnout.scalar_one())

    async def result(self, poll_id: int) -> PollResult:
        """Count a poll.

        Raises:
            NotFoundError: there is none.
        """
        async with self._database.read() as connection:
            poll = await _poll(connection, poll_id)
            ballots = await connection.execute(
                select(PollBallotRow.ranks, func.count())
                .where(PollBallotRow.poll_id == poll_id)
                .group_by(PollBallotRow.ranks)
            )
            return rules.tally(poll, ((ranks, amount) for ranks, amount in ballots))

    async def open_in(self, guild_id: int, most: int) -> tuple[PollCount, ...]:
        """Return the open polls of a server, the first to close first."""
        async with self._database.read() as connection:
            found = await connection.execute(
                select(PollRow.poll_id)
                .where(PollRow.guild_id == guild_id, PollRow.phase == PollPhase.OPEN)
                .order_by(PollRow.closes_at)
                .limit(most)
            )
            ids = list(found.scalars())
            polls = await _polls(connection, ids)
            counted = await connection.execute(
                select(PollBallotRow.poll_id, func.count())
                .where(PollBallotRow.poll_id.in_(ids))
                .group_by(PollBallotRow.poll_id)
            )
            turnout: dict[int, int] = {row[0]: row[1] for row in counted}
            return tuple(PollCount(polls[poll_id], turnout.get(poll_id, 0)) for poll_id in ids)

    async def pending(self) -> tuple[tuple[int, datetime], ...]:
        """Return (poll_id, when) of all whose end is still to come or whose result is not on its card."""
        async with self._database.read() as connection:
            found = await connection.execute(
                select(PollRow.poll_id, PollRow.closes_at, PollRow.closed_at).where(
                    PollRow.phase.in_([PollPhase.OPEN, PollPhase.CLOSED])
                )
            )
            return tuple((row.poll_id, row.closed_at or row.closes_at) for row in found)

    async def move(self, poll_id: int, old: PollPhase, new: PollPhase, **values: Any) -> bool:
        """Move a poll from one phase to another; return whether this call did it. `values` are columns to set."""
        async with self._database.write() as connection:
            moved = await connection.execute(
                update(PollRow)
                .where(PollRow.poll_id == poll_id, PollRow.phase == old)
                .values(phase=new, **values)
                .returning(PollRow.poll_id)
            )
            return moved.scalar_one_or_none() is not None

    async def set_message(self, poll_id: int, message_id: int) -> None:
        """Remember the message that shows the poll."""
        async with self._database.write() as connection:
            await connection.execute(update(PollRow).where(PollRow.poll_id == poll_id).values(message_id=message_id))

    async def delete_draft(self, poll_id: int) -> bool:
        """Delete a poll that was not posted; return whether it was there."""
        async with self._database.write() as connection:
            gone = await connection.execute(
                delete(PollRow)
                .where(PollRow.poll_id == poll_id, PollRow.phase == PollPhase.DRAFT)
                .returning(PollRow.poll_id)
            )
            return gone.scalar_one_or_none() is not None

    async def delete_drafts(self, closing_before: datetime) -> None:
        """Sweep drafts that can no longer be posted."""
        async with self._database.write() as connection:
            await connection.execute(
                delete(PollRow).where(PollRow.phase == PollPhase.DRAFT, PollRow.closes_at < closing_before)
            )

    async def forget(self, member_id: int) -> None:
        """Erase a person: their votes in open polls, their drafts, their name as a creator."""
        async with self._database.write() as connection:
            voters = await find_voters(connection, member_id, lock=True)
            still_open = select(PollRow.poll_id).where(PollRow.phase.in_([PollPhase.OPEN, PollPhase.DRAFT]))
            await connection.execute(
                delete(PollBallotRow).where(
                    tuple_(PollBallotRow.guild_id, PollBallotRow.voter_id).in_(voters),
                    PollBallotRow.poll_id.in_(still_open),
                )
            )
            await connection.execute(
                delete(PollRow).where(PollRow.creator_id == member_id, PollRow.phase == PollPhase.DRAFT)
            )
            await connection.execute(update(PollRow).where(PollRow.creator_id == member_id).values(creator_id=None))

    async def of_member(self, member_id: int) -> tuple[tuple[Poll, ...], tuple[tuple[Poll, int, datetime], ...]]:
        """Return the polls a person created, and their votes as (poll, position, when)."""
        async with self._database.read() as connection:
            created = await _polls_where(connection, select(PollRow).where(PollRow.creator_id == member_id))
            voters = await find_voters(connection, member_id)
            cast = (
                await connection.execute(
                    select(PollBallotRow.poll_id, PollBallotRow.ranks, PollBallotRow.cast_at)
                    .where(tuple_(PollBallotRow.guild_id, PollBallotRow.voter_id).in_(voters))
                    .order_by(PollBallotRow.cast_at)
                )
            ).all()
            polls = await _polls(connection, {row.poll_id for row in cast})
        votes = tuple((polls[row.poll_id], rules.choice_of(row.ranks), row.cast_at) for row in cast)
        return tuple(created.values()), votes


async def cast(connection: AsyncConnection, ballots: Sequence[Ballot]) -> list[VoteReceipt | Exception]:
    """Write ballots in one transaction, the last of each voter in each poll, and answer every one of them."""
    # shared lock: on PostgreSQL a poll cannot close between this look and the commit
    polls = await _polls(connection, {ballot.poll_id for ballot in ballots}, lock=True)
    refusals = [rules.refuse_ballot(polls.get(ballot.poll_id), ballot) for ballot in ballots]
    taken = [ballot for ballot, refusal in zip(ballots, refusals, strict=True) if refusal is None]
    if not taken:
        return [refusal for refusal in refusals if refusal is not None]
    voters = await voter_ids(connection, {(ballot.guild_id, ballot.member_id) for ballot in taken})
    last = {(ballot.poll_id, voters[ballot.guild_id, ballot.member_id]): ballot for ballot in taken}
    before = await connection.execute(
        select(PollBallotRow.poll_id, PollBallotRow.voter_id, PollBallotRow.ranks).where(
            tuple_(PollBallotRow.poll_id, PollBallotRow.voter_id).in_(sorted(last))
        )
    )
    standing = {(row.poll_id, row.voter_id): rules.choice_of(row.ranks) for row in before}
    await _upsert(connection, last, polls)
    answers: list[VoteReceipt | Exception] = []
    for ballot, refusal in zip(ballots, refusals, strict=True):
        if refusal is not None:
            answers.append(refusal)
            continue
        key = (ballot.poll_id, voters[ballot.guild_id, ballot.member_id])
        # an earlier press of the same batch hears what stands: the last one
        answers.append(VoteReceipt(polls[ballot.poll_id], last[key].position, standing.get(key)))
    return answers


async def _upsert(connection: AsyncConnection, last: dict[tuple[int, int], Ballot], polls: dict[int, Poll]) -> None:
    statement = inserting(connection, PollBallotRow)
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["poll_id", "voter_id"],
            set_={"ranks": statement.excluded.ranks, "cast_at": statement.excluded.cast_at},
        ),
        [
            {
                "poll_id": poll_id,
                "voter_id": voter_id,
                "guild_id": ballot.guild_id,
                "ranks": rules.ranks_of(ballot.position, len(polls[poll_id].options)),
                "cast_at": ballot.cast_at,
            }
            for (poll_id, voter_id), ballot in sorted(last.items())
        ],
    )


async def _poll(connection: AsyncConnection, poll_id: int) -> Poll:
    found = await _polls(connection, [poll_id])
    if poll_id not in found:
        raise NotFoundError("This poll no longer exists.")
    return found[poll_id]


async def _polls(connection: AsyncConnection, ids: Iterable[int], *, lock: bool = False) -> dict[int, Poll]:
    query = select(PollRow).where(PollRow.poll_id.in_(sorted(ids)))
    return await _polls_where(connection, query.with_for_update(read=True) if lock else query)


async def _polls_where(connection: AsyncConnection, query: Select[PollRow]) -> dict[int, Poll]:
    rows = (await connection.execute(query.order_by(PollRow.poll_id))).all()
    found = await connection.execute(
        select(PollOptionRow.poll_id, PollOptionRow.text)
        .where(PollOptionRow.poll_id.in_([row.poll_id for row in rows]))
        .order_by(PollOptionRow.poll_id, PollOptionRow.position)
    )
    options: dict[int, list[str]] = {}
    for poll_id, text in found:
        options.setdefault(poll_id, []).append(text)
    return {row.poll_id: _to_poll(row, options.get(row.poll_id, [])) for row in rows}


def _to_poll(row: Row[Any], options: list[str]) -> Poll:
    return Poll(
        poll_id=row.poll_id,
        guild_id=row.guild_id,
        channel_id=row.channel_id,
        message_id=row.message_id,
        creator_id=row.creator_id,
        question=row.question,
        options=tuple(options),
        phase=row.phase,
        created_at=row.created_at,
        closes_at=row.closes_at,
        closed_at=row.closed_at,
    )
