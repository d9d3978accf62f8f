"""Discord's own polls: opened as such, where they stand, and what Discord counted in the end."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select, update

from bot.db.schema import PollOptionRow, PollRow
from bot.db.session import Database
from bot.polls.types import PollPhase


class NativeStore:
    """The polls of which Discord takes the votes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, poll_id: int, closes_at: datetime) -> bool:
        """Open a draft as one of Discord's own; return whether this call did it."""
        opened = (
            update(PollRow)
            .where(PollRow.poll_id == poll_id, PollRow.phase == PollPhase.DRAFT)
            .values(phase=PollPhase.OPEN, is_native=True, closes_at=closes_at)
            .returning(PollRow.poll_id)
        )
        async with self._database.write() as connection:
            return (await connection.execute(opened)).scalar_one_or_none() is not None

    async def stands(self, poll_id: int, message_id: int, closes_at: datetime) -> None:
        """Remember the message, and when Discord ends it."""
        async with self._database.write() as connection:
            await connection.execute(
                update(PollRow)
                .where(PollRow.poll_id == poll_id, PollRow.is_native)
                .values(message_id=message_id, closes_at=closes_at)
            )

    async def waiting(self) -> dict[int, int]:
        """Return message_id and poll_id of the polls whose count is not in."""
        waits = select(PollRow.message_id, PollRow.poll_id).where(
            PollRow.phase.in_([PollPhase.OPEN, PollPhase.CLOSED]), PollRow.is_native
        )
        async with self._database.read() as connection:
            return {row.message_id: row.poll_id for row in await connection.execute(waits) if row.message_id}

    async def by_message(self, message_id: int, guild_id: int) -> int | None:
        """Return the id of the poll that a message is."""
        shown = select(PollRow.poll_id).where(PollRow.guild_id == guild_id, PollRow.message_id == message_id)
        async with self._database.read() as connection:
            return (await connection.execute(shown)).scalars().first()

    async def count(self, poll_id: int, votes: Sequence[int]) -> bool:
        """Store the final count of a poll that is closed, none if it is lost; return whether this call did it."""
        async with self._database.write() as connection:
            done = (
                update(PollRow)
                .where(PollRow.poll_id == poll_id, PollRow.phase == PollPhase.CLOSED, PollRow.is_native)
                .values(phase=PollPhase.DONE)
                .returning(PollRow.poll_id)
            )
            if (await connection.execute(done)).scalar_one_or_none() is None:
                return False
            if votes:
                await connection.execute(
                    update(PollOptionRow)
                    .where(PollOptionRow.poll_id == poll_id, PollOptionRow.position == bindparam("place"))
                    .values(imported=bindparam("votes")),
                    [{"place": place, "votes": amount} for place, amount in enumerate(votes)],
                )
            return True
