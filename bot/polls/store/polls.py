"""Polls themselves: drafts, changes, phases and lists."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Update, and_, delete, exists, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.schema import PollBallotRow, PollBellRow, PollRow, VoterRow
from bot.db.session import Database
from bot.errors import ClosedError
from bot.polls.store import rows
from bot.polls.types import Poll, PollCount, PollLists, PollPage, PollPhase

ENDED = (PollPhase.CLOSED, PollPhase.DONE)


class PollStore:
    """The polls, their options and roles."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, poll: Poll) -> Poll:
        """Store a draft and return it with the id it got."""
        async with self._database.write() as connection:
            added = await connection.execute(
                insert(PollRow)
                .values(
                    guild_id=poll.guild_id,
                    channel_id=poll.channel_id,
                    creator_id=poll.creator_id,
                    phase=poll.phase,
                    created_at=poll.created_at,
                    **rows.columns_of(poll),
                )
                .returning(PollRow.poll_id)
            )
            poll_id = added.scalar_one()
            await rows.write_options(connection, poll.guild_id, poll_id, poll.options)
            await rows.write_roles(connection, poll.guild_id, poll_id, poll.rules.role_ids)
            await rows.write_weights(connection, poll.guild_id, poll_id, poll.rules.weights)
        return replace(poll, poll_id=poll_id)

    async def change(self, old: Poll, new: Poll, now: datetime, needs: str | None = None) -> bool:
        """Write what differs; return False when the poll is no longer in the phase of `old`, or past its time.

        Raises:
            ClosedError: somebody has voted and `needs`, its text, says that nobody may have.
        """
        before, after = rows.columns_of(old), rows.columns_of(new)
        # only what differs: of two changes at once neither takes the other's part back
        values: dict[str, Any] = {name: value for name, value in after.items() if value != before[name]}
        if new.channel_id != old.channel_id:
            values["channel_id"] = new.channel_id
        async with self._database.write() as connection:
            still = [PollRow.poll_id == old.poll_id, PollRow.phase == old.phase]
            if old.phase is PollPhase.OPEN:
                still.append(PollRow.closes_at > now)
            changed = update(PollRow).where(*still).values(**{"phase": old.phase, **values})
            if not await _hits(connection, changed):
                return False
            # after the update, whose lock keeps new ballots waiting
            if needs and await rows.turnout(connection, old.poll_id):
                raise ClosedError(needs)
            if new.options != old.options:
                await rows.write_options(connection, old.guild_id, old.poll_id, new.options)
            if new.rules.role_ids != old.rules.role_ids:
                await rows.write_roles(connection, old.guild_id, old.poll_id, new.rules.role_ids)
            if new.rules.weights != old.rules.weights:
                await rows.write_weights(connection, old.guild_id, old.poll_id, new.rules.weights)
            return True

    async def get(self, poll_id: int) -> PollCount:
        """Return a poll and its turnout.

        Raises:
            NotFoundError: there is none.
        """
        async with self._database.read() as connection:
            return _count(await rows.poll_of(connection, poll_id), await rows.turnout(connection, poll_id))

    async def pending(self, newest: int) -> tuple[tuple[Poll, ...], tuple[tuple[int, datetime], ...]]:
        """Return what is unfinished: the newest open polls, and (poll_id, when) of all that are to be closed or shown.

        The second has (poll_id, when) also of polls closed whose result is not on its card.
        """
        async with self._database.read() as connection:
            due = await connection.execute(
                select(PollRow.poll_id, PollRow.closes_at, PollRow.closed_at)
                .where(PollRow.phase.in_([PollPhase.OPEN, PollPhase.CLOSED]))
                .order_by(PollRow.poll_id.desc())
            )
            ends = tuple((row.poll_id, row.closed_at or row.closes_at) for row in due)
            found = await rows.polls_of(connection, [poll_id for poll_id, _ in ends[:newest]])
        polls = tuple(poll for poll in reversed(found.values()) if poll.phase is PollPhase.OPEN)
        return polls, ends

    async def reminders(self) -> tuple[tuple[int, datetime], ...]:
        """Return (poll_id, when) of the reminders that are still to be sent."""
        async with self._database.read() as connection:
            found = await connection.execute(
                select(PollRow.poll_id, PollRow.remind_at).where(
                    PollRow.phase == PollPhase.OPEN, PollRow.remind_at.is_not(None), PollRow.reminded_at.is_(None)
                )
            )
            return tuple((row.poll_id, row.remind_at) for row in found)

    async def unposted(self) -> tuple[PollCount, ...]:
        """Return the open polls of which no message is known."""
        async with self._database.read() as connection:
            found = await rows.polls_where(
                connection, select(PollRow).where(PollRow.phase == PollPhase.OPEN, PollRow.message_id.is_(None))
            )
            counted = await rows.turnouts(connection, list(found))
            return tuple(PollCount(poll, counted.get(poll_id, 0)) for poll_id, poll in found.items())

    async def open(self, poll_id: int, remind_at: datetime | None, export_key: bytes) -> bool:
        """Open a draft; return whether this call did it."""
        return await self._move(poll_id, PollPhase.DRAFT, PollPhase.OPEN, remind_at=remind_at, export_key=export_key)

    async def withdraw(self, poll_id: int) -> bool:
        """Make an open poll that nobody voted in and whose message is not known a draft again."""
        async with self._database.write() as connection:
            unposted = (PollRow.poll_id == poll_id, PollRow.phase == PollPhase.OPEN, PollRow.message_id.is_(None))
            # locked first: a ballot that is being written is seen by the count
            if (await connection.execute(select(PollRow.poll_id).where(*unposted).with_for_update())).first() is None:
                return False
            if await rows.turnout(connection, poll_id):
                return False
            draft = (
                update(PollRow)
                .where(PollRow.poll_id == poll_id)
                .values(phase=PollPhase.DRAFT, export_key=None, is_native=False)
            )
            await connection.execute(draft)
            return True

    async def close(self, poll_id: int, closed_at: datetime, *, due_by: datetime | None = None) -> bool:
        """Close an open poll, with `due_by` only if its time has come by then; return whether this call did it."""
        async with self._database.write() as connection:
            still = [PollRow.poll_id == poll_id, PollRow.phase == PollPhase.OPEN]
            if due_by is not None:
                still.append(PollRow.closes_at <= due_by)
            closed = update(PollRow).where(*still).values(phase=PollPhase.CLOSED, closed_at=closed_at)
            if not await _hits(connection, closed):
                return False
            await connection.execute(delete(PollBellRow).where(PollBellRow.poll_id == poll_id))
            return True

    async def shown(self, poll_id: int) -> bool:
        """Note that the result of a closed poll is shown; return whether this call did it."""
        return await self._move(poll_id, PollPhase.CLOSED, PollPhase.DONE)

    async def reopen(self, poll: Poll, closes_at: datetime, remind_at: datetime | None, export_key: bytes) -> bool:
        """Open a closed poll again, with pseudonyms to come; return whether this call did it."""
        async with self._database.write() as connection:
            reopened = (
                update(PollRow)
                .where(PollRow.poll_id == poll.poll_id, PollRow.phase.in_(ENDED), PollRow.reveal == poll.reveal)
                .values(
                    phase=PollPhase.OPEN,
                    closed_at=None,
                    closes_at=closes_at,
                    remind_at=remind_at,
                    export_key=export_key,
                )
            )
            if not await _hits(connection, reopened):
                return False
            await connection.execute(
                update(PollBallotRow).where(PollBallotRow.poll_id == poll.poll_id).values(pseudonym=None)
            )
            return True

    async def set_message(self, poll_id: int, message_id: int) -> None:
        """Remember the message that shows the poll."""
        async with self._database.write() as connection:
            await connection.execute(update(PollRow).where(PollRow.poll_id == poll_id).values(message_id=message_id))

    async def delete(self, poll_id: int, *phases: PollPhase) -> bool:
        """Delete a poll that is in one of these phases, with all that hangs on it; return whether it was there."""
        async with self._database.write() as connection:
            gone = await connection.execute(
                delete(PollRow).where(PollRow.poll_id == poll_id, PollRow.phase.in_(phases)).returning(PollRow.poll_id)
            )
            return gone.scalar_one_or_none() is not None

    async def delete_drafts(self, closing_before: datetime) -> None:
        """Sweep drafts that can no longer be posted."""
        async with self._database.write() as connection:
            await connection.execute(
                delete(PollRow).where(PollRow.phase == PollPhase.DRAFT, PollRow.closes_at < closing_before)
            )

    async def page(self, guild_id: int, which: PollLists, member_id: int, page: int, size: int) -> PollPage:
        """Return one page of a list: open ones by their end, the soonest first; closed ones the newest first.

        A page that is not there becomes the nearest that is.
        """
        async with self._database.read() as connection:
            listed = _listed(guild_id, which, member_id)
            total = await connection.execute(select(func.count()).select_from(PollRow).where(listed))
            pages = max(1, -(-total.scalar_one() // size))
            page = min(max(page, 0), pages - 1)
            order = PollRow.closes_at if which is not PollLists.CLOSED else PollRow.closed_at.desc()
            found = await connection.execute(
                select(PollRow.poll_id)
                .where(listed)
                .order_by(order, PollRow.poll_id.desc())
                .limit(size)
                .offset(page * size)
            )
            ids = list(found.scalars())
            polls = await rows.polls_of(connection, ids)
            counted = await rows.turnouts(connection, ids)
            counts = tuple(_count(polls[poll_id], counted.get(poll_id, 0)) for poll_id in ids)
            return PollPage(which, counts, page, pages)

    async def _move(self, poll_id: int, old: PollPhase, new: PollPhase, **values: Any) -> bool:
        async with self._database.write() as connection:
            moved = update(PollRow).where(PollRow.poll_id == poll_id, PollRow.phase == old)
            return await _hits(connection, moved.values(phase=new, **values))


def _count(poll: Poll, ballots: int) -> PollCount:
    """Return a poll with its turnout; of one of Discord's own, as many votes as Discord counted."""
    return PollCount(poll, sum(poll.imported) if poll.is_native else ballots)


def _listed(guild_id: int, which: PollLists, member_id: int) -> ColumnElement[bool]:
    phases: Sequence[PollPhase] = ENDED if which is PollLists.CLOSED else (PollPhase.OPEN,)
    listed = and_(PollRow.guild_id == guild_id, PollRow.phase.in_(phases))
    if which is not PollLists.MINE:
        return listed
    voted = (
        exists()
        .where(PollBallotRow.poll_id == PollRow.poll_id, PollBallotRow.voter_id == VoterRow.voter_id)
        .where(VoterRow.guild_id == guild_id, VoterRow.member_id == member_id)
    )
    return and_(listed, or_(PollRow.creator_id == member_id, voted))


async def _hits(connection: AsyncConnection, statement: Update) -> bool:
    return (await connection.execute(statement.returning(PollRow.poll_id))).scalar_one_or_none() is not None
