"""Ballots as they are read: one, all, counted, by name, under pseudonyms. Only `bot.polls.ballots` writes them."""

import asyncio
import hashlib
import hmac
from collections.abc import Iterable

from sqlalchemy import ColumnElement, Integer, bindparam, func, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.schema import PollBallotRow, PollRow, VoterRow
from bot.db.session import Database
from bot.polls.counting import FULL_METHODS, Group, best_of, comparison, tally
from bot.polls.store import rows
from bot.polls.store.polls import ENDED
from bot.polls.tallies.types import Comparison
from bot.polls.types import BallotPaper, Poll, PollResult, PollVoters

PSEUDONYM_BYTES = 16
READ_AT_ONCE = 2_000
COUNTED_HERE = 200
"""Different ballots that are counted where the loop runs; more would hold it up."""
SPREAD = 4
"""How many rows a stretch of the table may have for each ballot of a poll, to be read from end to end."""


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
            poll = await rows.poll_of(connection, poll_id)
            groups = await _groups(connection, poll_id)
        return await _counted(poll, groups)

    async def comparison(self, poll_id: int) -> tuple[PollResult, Comparison]:
        """Count a poll, and count it again by every other rule that fits its ballots.

        Raises:
            NotFoundError: there is none.
        """
        async with self._database.read() as connection:
            poll = await rows.poll_of(connection, poll_id)
            groups = await _groups(connection, poll_id)
        return await _counted(poll, groups), await asyncio.to_thread(comparison, poll, groups)

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

    async def listed(self, poll_id: int) -> tuple[PollResult, tuple[tuple[bytes, bytes, int], ...]]:
        """Return a poll's count and its ballots as (pseudonym, ranks, weight), sorted by pseudonym."""
        async with self._database.read() as connection:
            poll = await rows.poll_of(connection, poll_id)
            groups = await _groups(connection, poll_id)
            found = await connection.execute(
                select(PollBallotRow.pseudonym, PollBallotRow.ranks, PollBallotRow.weight)
                .where(PollBallotRow.poll_id == poll_id, PollBallotRow.pseudonym.is_not(None))
                .order_by(PollBallotRow.pseudonym)
            )
            listed = tuple((row.pseudonym, row.ranks, row.weight) for row in found)
        return await _counted(poll, groups), listed

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


async def _groups(connection: AsyncConnection, poll_id: int) -> list[Group]:
    """Read how often each ballot was cast at each weight; a million of them come in small parts."""
    query = select(PollBallotRow.ranks, PollBallotRow.weight, func.count()).group_by(
        PollBallotRow.ranks, PollBallotRow.weight
    )
    query = query.where(await _those_of(connection, poll_id)).execution_options(yield_per=READ_AT_ONCE)
    groups: list[Group] = []
    async with connection.stream(query) as found:
        async for some in found.partitions():
            groups += [(ranks, amount, amount * weight) for ranks, weight, amount in some]
    return groups


async def _those_of(connection: AsyncConnection, poll_id: int) -> ColumnElement[bool]:
    """Return what holds for the ballots of a poll.

    Voters have random numbers, so SQLite would follow the index to each row at another place of the file. Where the
    ballots lie close together, which they do in the order they came in, reading that stretch takes a third of the time.
    """
    of_poll = PollBallotRow.poll_id == poll_id
    if connection.dialect.name != "sqlite":
        return of_poll
    place = literal_column("poll_ballots.rowid", Integer)
    amount, first, last = (
        await connection.execute(select(func.count(), func.min(place), func.max(place)).where(of_poll))
    ).one()
    if not amount or last - first >= SPREAD * amount:
        return of_poll
    # the sum keeps SQLite from taking the index all the same
    return place.between(first, last) & (PollBallotRow.poll_id + 0 == poll_id)


async def _counted(poll: Poll, groups: list[Group]) -> PollResult:
    """Count beside the loop what takes long."""
    if len(groups) > COUNTED_HERE or poll.method in FULL_METHODS:
        return await asyncio.to_thread(tally, poll, groups)
    return tally(poll, groups)
