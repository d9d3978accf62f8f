"""What boards are made of: lines, who met, votes in columns, who is left out."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from typing import TypeVarTuple

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncResult
from sqlalchemy.orm import aliased

from bot.arena.pairing import CLASS_WINDOW, WINDOW, Exposure, Identity, line_identity
from bot.arena.store import rows
from bot.arena.store.battles import ENDED
from bot.arena.store.votes import reasons_of
from bot.arena.tables import CastVote, LeftOut, Met, Votes
from bot.arena.types import Line
from bot.catalog import Openness, Task
from bot.db.schema import (
    ArenaExclusionRow,
    BattleAnswerRow,
    BattlePhase,
    BattleRow,
    BattleVoteRow,
    ModelLineRow,
    VoterRow,
)
from bot.db.session import Database

_FIRST, _SECOND = aliased(BattleAnswerRow), aliased(BattleAnswerRow)

_Ts = TypeVarTuple("_Ts")


class BoardStore:
    """What counts in each server."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def exposure(self, guild_id: int) -> Exposure:
        """Return how often classes and lines were shown in the latest battles; void ones were not shown."""
        async with self._database.read() as connection:
            found = await connection.execute(
                select(_FIRST.line_id, _SECOND.line_id)
                .select_from(BattleRow)
                .join(_FIRST, (_FIRST.battle_id == BattleRow.battle_id) & (_FIRST.side == 0))
                .join(_SECOND, (_SECOND.battle_id == BattleRow.battle_id) & (_SECOND.side == 1))
                .where(BattleRow.guild_id == guild_id, BattleRow.phase != BattlePhase.VOID)
                .order_by(BattleRow.battle_id.desc())
                .limit(WINDOW)
            )
            pairs = [(row[0], row[1]) for row in found]
            lines = await _lines(connection, {line_id for pair in pairs for line_id in pair})
        classes: Counter[Openness] = Counter()
        for pair in pairs[:CLASS_WINDOW]:
            classes.update(lines[line_id].openness for line_id in pair)
        met: Counter[frozenset[Identity]] = Counter(
            frozenset(line_identity(lines[line_id]) for line_id in pair) for pair in pairs
        )
        return Exposure(classes, met)

    async def stamp(self, guild_id: int) -> tuple[object, ...]:
        """Return what changes whenever something changes that boards are made of."""
        counts = (BattleRow.guild_id == guild_id, BattleRow.phase.in_(ENDED))
        async with self._database.read() as connection:
            battles = await connection.execute(select(func.count(), func.max(BattleRow.closed_at)).where(*counts))
            votes = await connection.execute(
                select(func.count(), func.max(BattleVoteRow.cast_at))
                .select_from(BattleVoteRow)
                .join(BattleRow, BattleRow.battle_id == BattleVoteRow.battle_id)
                .where(*counts)
            )
            left_out = await connection.execute(
                select(func.count(), func.max(ArenaExclusionRow.made_at), func.max(ArenaExclusionRow.lifted_at)).where(
                    ArenaExclusionRow.guild_id == guild_id
                )
            )
            return (*battles.one(), *votes.one(), *left_out.one())

    async def votes(self, guild_id: int) -> Votes:
        """Return all that counts in a server; doubts and exclusions are left to the caller."""
        counts = (BattleRow.guild_id == guild_id, BattleRow.phase.in_(ENDED))
        async with self._database.read() as connection:
            met = await connection.stream(
                select(
                    BattleRow.battle_id,
                    _FIRST.line_id.label("first"),
                    _SECOND.line_id.label("second"),
                    BattleRow.task,
                    BattleRow.language,
                    BattleRow.pairing,
                    BattleRow.is_private,
                    BattleRow.closed_at,
                    BattleRow.closes_at,
                )
                .join(_FIRST, (_FIRST.battle_id == BattleRow.battle_id) & (_FIRST.side == 0))
                .join(_SECOND, (_SECOND.battle_id == BattleRow.battle_id) & (_SECOND.side == 1))
                .where(*counts)
                .order_by(BattleRow.battle_id)
            )
            battles = [
                Met(
                    row.battle_id,
                    (row.first, row.second),
                    Task(row.task),
                    row.language,
                    row.pairing,
                    bool(row.is_private),
                    row.closed_at or row.closes_at,
                )
                async for row in _rows(met)
            ]
            cast = await connection.stream(
                select(
                    BattleVoteRow.battle_id,
                    BattleVoteRow.voter_id,
                    BattleVoteRow.verdict,
                    BattleVoteRow.reasons,
                    BattleVoteRow.doubt,
                )
                .join(BattleRow, BattleRow.battle_id == BattleVoteRow.battle_id)
                .where(*counts)
                .order_by(BattleVoteRow.battle_id, BattleVoteRow.voter_id)
            )
            votes = [
                CastVote(row.battle_id, row.voter_id, row.verdict, reasons_of(row.reasons), row.doubt)
                async for row in _rows(cast)
            ]
            lines = await _lines(connection, {line_id for one in battles for line_id in one.lines})
            return Votes(tuple(lines.values()), tuple(battles), tuple(votes), await _left_out(connection, guild_id))

    async def left_out(self, guild_id: int) -> tuple[LeftOut, ...]:
        """Return who was left out, the oldest first."""
        async with self._database.read() as connection:
            return await _left_out(connection, guild_id)

    async def exclude(self, guild_id: int, one: LeftOut) -> bool:
        """Leave a voter out; return False when they are left out already."""
        mine = (ArenaExclusionRow.guild_id == guild_id, ArenaExclusionRow.voter_id == one.voter_id)
        async with self._database.write() as connection:
            # of two moderators at the same instant, the second finds what the first one did
            await connection.execute(
                select(VoterRow.voter_id)
                .where(VoterRow.guild_id == guild_id, VoterRow.voter_id == one.voter_id)
                .with_for_update()
            )
            there = await connection.execute(
                select(ArenaExclusionRow.exclusion_id).where(*mine, ArenaExclusionRow.lifted_at.is_(None)).limit(1)
            )
            if there.scalar_one_or_none() is not None:
                return False
            await connection.execute(
                insert(ArenaExclusionRow).values(
                    guild_id=guild_id,
                    voter_id=one.voter_id,
                    evidence=one.evidence,
                    votes=one.votes,
                    made_at=one.made_at,
                    moderator_id=one.moderator_id,
                )
            )
            return True

    async def lift(self, guild_id: int, exclusion_id: int, moderator_id: int, now: datetime) -> bool:
        """Count a voter again; return whether this call did it."""
        async with self._database.write() as connection:
            lifted = await connection.execute(
                update(ArenaExclusionRow)
                .where(
                    ArenaExclusionRow.exclusion_id == exclusion_id,
                    ArenaExclusionRow.guild_id == guild_id,
                    ArenaExclusionRow.lifted_at.is_(None),
                )
                .values(lifted_at=now, moderator_id=moderator_id)
                .returning(ArenaExclusionRow.exclusion_id)
            )
            return lifted.scalar_one_or_none() is not None


async def _rows(result: AsyncResult[*_Ts]) -> AsyncGenerator[Row[*_Ts]]:
    """Give the rows of a stream, and everything else its turn now and then: there may be very many."""
    async for some in result.partitions(rows.AT_ONCE):
        for row in some:
            yield row
        await asyncio.sleep(0)


async def _left_out(connection: AsyncConnection, guild_id: int) -> tuple[LeftOut, ...]:
    found = await connection.execute(
        select(ArenaExclusionRow)
        .where(ArenaExclusionRow.guild_id == guild_id)
        .order_by(ArenaExclusionRow.made_at, ArenaExclusionRow.exclusion_id)
    )
    return tuple(
        LeftOut(row.exclusion_id, row.voter_id, row.evidence, row.votes, row.made_at, row.moderator_id, row.lifted_at)
        for row in found
    )


async def _lines(connection: AsyncConnection, ids: set[int]) -> Mapping[int, Line]:
    found: dict[int, Line] = {}
    wanted: Sequence[int] = sorted(ids)
    for some in rows.chunks(wanted):
        for row in await connection.execute(
            select(ModelLineRow).where(ModelLineRow.line_id.in_(some)).order_by(ModelLineRow.line_id)
        ):
            found[row.line_id] = rows.line_of(row)
    return found
