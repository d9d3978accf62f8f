"""Ballots as they are read: one, all, counted, by name, under pseudonyms. Only `bot.polls.ballots` writes them."""

import hashlib
import hmac
from collections.abc import Iterable

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.schema import PollBallotRow, PollRow, VoterRow
from bot.db.session import Database
from bot.polls.counting import best_of, tally
from bot.polls.store import rows
from bot.polls.store.polls import ENDED
from bot.polls.types import BallotPaper, Poll, PollResult, PollVoters

PSEUDONYM_BYTES = 16


class BallotStore:
    """The ballots of polls."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def paper(self, poll_id: int, member_id: int) -> BallotPaper:
        """Return a poll and somebody's ballot in it.

        Raises:
            NotFoundError: there is no such poll.
        """
        async with self._database.read() as connection:
            poll = await rows.poll_of(connection, poll_id)
            found = await connection.execute(
                select(PollBallotRow.ranks)
                .join(
                    VoterRow,
                    (VoterRow.guild_id == PollBallotRow.guild_id) & (VoterRow.voter_id == PollBallotRow.voter_id),
                )
                .where(
                    PollBallotRow.poll_id == poll_id,
                    VoterRow.guild_id == poll.guild_id,
                    VoterRow.member_id == member_id,
                )
            )
            return BallotPaper(poll, found.scalar_one_or_none())

    async def turnouts(self, ids: Iterable[int]) -> dict[int, int]:
        """Count the ballots of each poll; polls without any are left out."""
        async with self._database.read() as connection:
            return await rows.turnouts(connection, list(ids))

    async def all_of(self, ids: Iterable[int], most: int) -> dict[int, dict[int, bytes]] | None:
        """Return the ballots of polls by poll and member, without those of erased people; None if there are more."""
        found: dict[int, dict[int, bytes]] = {}
        async with self._database.read() as connection:
            for some in rows.chunks(ids):
                ballots = await connection.execute(
                    select(PollBallotRow.poll_id, VoterRow.member_id, PollBallotRow.ranks)
                    .join(
                        VoterRow,
                        (VoterRow.guild_id == PollBallotRow.guild_id) & (VoterRow.voter_id == PollBallotRow.voter_id),
                    )
                    .where(PollBallotRow.poll_id.in_(some), VoterRow.member_id.is_not(None))
                    .limit(most + 1)
                )
                for poll_id, member_id, ranks in ballots:
                    most -= 1
                    if member_id is not None:
                        found.setdefault(poll_id, {})[member_id] = ranks
                if most < 0:
                    return None
        return found

    async def result(self, poll_id: int) -> PollResult:
        """Count a poll.

        Raises:
            NotFoundError: there is none.
        """
        async with self._database.read() as connection:
            return await _count(connection, await rows.poll_of(connection, poll_id))

    async def voters(self, poll: Poll) -> PollVoters:
        """Return who voted for what, without erased people."""
        members: list[list[int]] = [[] for _ in poll.options]
        async with self._database.read() as connection:
            found = await connection.execute(
                select(VoterRow.member_id, PollBallotRow.ranks)
                .join(
                    PollBallotRow,
                    (VoterRow.guild_id == PollBallotRow.guild_id) & (VoterRow.voter_id == PollBallotRow.voter_id),
                )
                .where(PollBallotRow.poll_id == poll.poll_id, VoterRow.member_id.is_not(None))
                .order_by(VoterRow.member_id)
            )
            for member_id, ranks in found:
                for place in best_of(poll.kind, ranks):
                    if member_id is not None:
                        members[place].append(member_id)
        return PollVoters(poll, tuple(tuple(some) for some in members))

    async def listed(self, poll_id: int) -> tuple[PollResult, tuple[tuple[bytes, bytes], ...]]:
        """Return a poll's count and its ballots as (pseudonym, ranks), sorted by pseudonym."""
        async with self._database.read() as connection:
            result = await _count(connection, await rows.poll_of(connection, poll_id))
            found = await connection.execute(
                select(PollBallotRow.pseudonym, PollBallotRow.ranks)
                .where(PollBallotRow.poll_id == poll_id, PollBallotRow.pseudonym.is_not(None))
                .order_by(PollBallotRow.pseudonym)
            )
            return result, tuple((row.pseudonym, row.ranks) for row in found)

    async def seal(self, poll_id: int, new_key: bytes, after: int = -1) -> int | None:
        """Give pseudonyms to some ballots of a closed poll, from voter `after` on; return where to go on.

        None when all have one; the key that made them is then gone. `new_key` is for polls that never had one.
        """
        async with self._database.write() as connection:
            found = await connection.execute(
                select(PollRow.export_key).where(PollRow.poll_id == poll_id, PollRow.phase.in_(ENDED)).with_for_update()
            )
            row = found.one_or_none()
            if row is None:
                return None
            bare = await connection.execute(
                select(PollBallotRow.voter_id)
                .where(
                    PollBallotRow.poll_id == poll_id,
                    PollBallotRow.voter_id > after,
                    PollBallotRow.pseudonym.is_(None),
                )
                .order_by(PollBallotRow.voter_id)
                .limit(rows.AT_ONCE)
            )
            voters = list(bare.scalars())
            if not voters:
                await connection.execute(update(PollRow).where(PollRow.poll_id == poll_id).values(export_key=None))
                return None
            key = row.export_key
            if key is None:
                key = new_key
                await connection.execute(update(PollRow).where(PollRow.poll_id == poll_id).values(export_key=key))
            await connection.execute(
                update(PollBallotRow)
                .where(PollBallotRow.poll_id == poll_id, PollBallotRow.voter_id == bindparam("voter"))
                .values(pseudonym=bindparam("name")),
                [{"voter": voter_id, "name": pseudonym(key, voter_id)} for voter_id in voters],
            )
            return voters[-1]


def pseudonym(key: bytes, voter_id: int) -> bytes:
    """Return what stands for a voter in the exports of one poll: cannot be undone once the key is gone."""
    return hmac.digest(key, voter_id.to_bytes(8, "big"), hashlib.sha256)[:PSEUDONYM_BYTES]


async def _count(connection: AsyncConnection, poll: Poll) -> PollResult:
    ballots = await connection.execute(
        select(PollBallotRow.ranks, PollBallotRow.weight, func.count())
        .where(PollBallotRow.poll_id == poll.poll_id)
        .group_by(PollBallotRow.ranks, PollBallotRow.weight)
    )
    return tally(poll, ((ranks, amount, amount * weight) for ranks, weight, amount in ballots))
