"""What polls know of people: who wants to be reminded, what to erase, what to hand out."""

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime

from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.schema import PollBallotRow, PollBellRow, PollRow
from bot.db.session import Database
from bot.db.upsert import inserting
from bot.db.voters import find_voters, unname_voters
from bot.polls.store import rows
from bot.polls.store.proposals import forget_proposals
from bot.polls.types import Poll, PollPhase, Reminder

ForgetVotes = Callable[[AsyncConnection, Collection[tuple[int, int]]], Awaitable[None]]
"""What deletes the votes of voters in a feature of its own, in the caller's transaction."""


class PeopleStore:
    """Bells, and one person's part in polls."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_bell(self, poll: Poll, member_id: int, most: int) -> bool:
        """Remember that somebody wants to be reminded; return False when `most` others do."""
        async with self._database.write() as connection:
            others = await connection.execute(
                select(func.count())
                .select_from(PollBellRow)
                .where(PollBellRow.poll_id == poll.poll_id, PollBellRow.member_id != member_id)
            )
            if others.scalar_one() >= most:
                return False
            await connection.execute(
                inserting(connection, PollBellRow)
                .values(guild_id=poll.guild_id, poll_id=poll.poll_id, member_id=member_id)
                .on_conflict_do_nothing()
            )
            return True

    async def drop_bells(self, poll_id: int, members: Collection[int]) -> None:
        """Forget that these wanted to be reminded."""
        async with self._database.write() as connection:
            for some in rows.chunks(members):
                await connection.execute(
                    delete(PollBellRow).where(PollBellRow.poll_id == poll_id, PollBellRow.member_id.in_(some))
                )

    async def claim_reminder(self, poll_id: int, now: datetime) -> bool:
        """Take the one reminder of an open poll; return whether this call got it."""
        async with self._database.write() as connection:
            claimed = await connection.execute(
                update(PollRow)
                .where(PollRow.poll_id == poll_id, PollRow.phase == PollPhase.OPEN, PollRow.reminded_at.is_(None))
                .values(reminded_at=now)
                .returning(PollRow.poll_id)
            )
            return claimed.scalar_one_or_none() is not None

    async def reminder(self, poll_id: int, most: int) -> Reminder:
        """Return the reminder of a poll, with at most so many members.

        Raises:
            NotFoundError: there is no such poll.
        """
        async with self._database.read() as connection:
            poll = await rows.poll_of(connection, poll_id)
            bells = await connection.execute(
                select(PollBellRow.member_id)
                .where(PollBellRow.poll_id == poll_id)
                .order_by(PollBellRow.member_id)
                .limit(most)
            )
            return Reminder(poll, tuple(bells.scalars()))

    async def return_reminder(self, poll_id: int) -> None:
        """Give the reminder of a poll back, because it was not sent."""
        async with self._database.write() as connection:
            await connection.execute(update(PollRow).where(PollRow.poll_id == poll_id).values(reminded_at=None))

    async def forget(self, member_id: int, also: ForgetVotes | None = None) -> None:
        """Erase a person: their votes in open polls, their drafts and bells, their name as a creator.

        `also` deletes their votes in what is open elsewhere, before their name is cut off all votes.
        """
        async with self._database.write() as connection:
            voters = await find_voters(connection, member_id, lock=True)
            still_open = select(PollRow.poll_id).where(PollRow.phase.in_([PollPhase.OPEN, PollPhase.DRAFT]))
            await connection.execute(
                delete(PollBallotRow).where(
                    tuple_(PollBallotRow.guild_id, PollBallotRow.voter_id).in_(voters),
                    PollBallotRow.poll_id.in_(still_open),
                )
            )
            await connection.execute(delete(PollBellRow).where(PollBellRow.member_id == member_id))
            await forget_proposals(connection, member_id)
            await connection.execute(
                delete(PollRow).where(PollRow.creator_id == member_id, PollRow.phase == PollPhase.DRAFT)
            )
            await connection.execute(update(PollRow).where(PollRow.creator_id == member_id).values(creator_id=None))
            if also is not None:
                await also(connection, voters)
            # in the same transaction: a vote in between would stay in an open poll, beside the person's next one
            await unname_voters(connection, voters)

    async def of_member(
        self, member_id: int
    ) -> tuple[tuple[Poll, ...], tuple[tuple[Poll, bytes, datetime, int], ...], tuple[Poll, ...]]:
        """Return the polls a person made, votes as (poll, ranks, when, weight), and the polls they have a bell in."""
        async with self._database.read() as connection:
            created = await rows.polls_where(connection, select(PollRow).where(PollRow.creator_id == member_id))
            voters = await find_voters(connection, member_id)
            cast = (
                await connection.execute(
                    select(PollBallotRow.poll_id, PollBallotRow.ranks, PollBallotRow.cast_at, PollBallotRow.weight)
                    .where(tuple_(PollBallotRow.guild_id, PollBallotRow.voter_id).in_(voters))
                    .order_by(PollBallotRow.cast_at)
                )
            ).all()
            bells = await connection.execute(
                select(PollBellRow.poll_id).where(PollBellRow.member_id == member_id).order_by(PollBellRow.poll_id)
            )
            belled = list(bells.scalars())
            polls = await rows.polls_of(connection, {*(row.poll_id for row in cast), *belled})
        votes = tuple((polls[row.poll_id], row.ranks, row.cast_at, row.weight) for row in cast)
        return tuple(created.values()), votes, tuple(polls[poll_id] for poll_id in belled)
