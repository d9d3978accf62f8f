"""Votes as they are cast and counted."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.arena import rules
from bot.arena.store import rows
from bot.arena.types import Battle, BattlePhase, Doubt, Reason, Result, Verdict, Voter
from bot.db.schema import BattleRow, BattleVoteRow, VoterRow
from bot.db.session import Database
from bot.db.together import Together
from bot.db.upsert import inserting
from bot.db.voters import voter_ids
from bot.errors import ClosedError, NotFoundError

_SEPARATOR = ","


@dataclass(frozen=True, slots=True)
class Cast:
    """What came of a vote."""

    battle: Battle
    changed: bool
    doubt: Doubt | None
    turnout: int


class VoteStore:
    """The votes of all battles. Whether one still takes votes is decided in the transaction that stores the vote."""

    def __init__(self, database: Database, together: Together) -> None:
        self._database = database
        self._together = together

    async def cast(self, battle_id: int, voter: Voter, verdict: Verdict, now: datetime) -> Cast:
        """Store a vote, in a private battle the last one; durable when this returns.

        Raises:
            UserError: this person may not vote in it, or not any more.
        """

        async def work(connection: AsyncConnection) -> Cast:
            battle = await _held(connection, battle_id)
            if refusal := rules.refuse_voter(battle, voter, now):
                raise refusal
            voter_id = (await voter_ids(connection, [(voter.guild_id, voter.member_id)]))[
                voter.guild_id, voter.member_id
            ]
            others = await connection.execute(
                select(func.count())
                .select_from(BattleVoteRow)
                .where(
                    BattleVoteRow.guild_id == voter.guild_id,
                    BattleVoteRow.voter_id == voter_id,
                    BattleVoteRow.cast_at >= rules.day_of(now),
                    BattleVoteRow.battle_id != battle_id,
                )
            )
            dwell = max(timedelta(0), now - (battle.shown_at or now))
            texts = [answer.text for answer in battle.answers]
            doubt = rules.doubt_of(voter, dwell, texts, others.scalar_one(), now)
            before = await _verdict(connection, battle_id, voter_id)
            values: dict[str, Any] = {
                "verdict": verdict,
                "cast_at": now,
                "dwell_ms": min(round(dwell.total_seconds() * 1000), 2**31 - 1),
                "doubt": doubt,
            }
            if before is not None and before != verdict:
                # reasons were given for another verdict
                values["reasons"] = ""
            await connection.execute(
                inserting(connection, BattleVoteRow)
                .values(battle_id=battle_id, voter_id=voter_id, guild_id=voter.guild_id, **values)
                .on_conflict_do_update(index_elements=["battle_id", "voter_id"], set_=values)
            )
            if battle.is_private:
                await connection.execute(
                    update(BattleRow)
                    .where(BattleRow.battle_id == battle_id)
                    .values(phase=BattlePhase.CLOSED, closed_at=now)
                )
                battle = await _held(connection, battle_id)
            return Cast(battle, before is not None, doubt, await _turnout(connection, battle_id))

        return await self._together.write(work)

    async def give_reasons(self, battle_id: int, voter: Voter, reasons: Collection[Reason]) -> tuple[Cast, Verdict]:
        """Store why somebody voted as they did, in place of what they said before.

        Raises:
            NotFoundError: there is no such battle, or no vote of theirs in it.
            ClosedError: it was closed before they said why.
        """

        async def work(connection: AsyncConnection) -> tuple[Cast, Verdict]:
            battle = await _held(connection, battle_id)
            if battle.phase is BattlePhase.VOID or (battle.phase is not BattlePhase.OPEN and not battle.is_private):
                raise ClosedError("This battle has closed: your vote counts, and reasons are no longer taken.")
            found = await connection.execute(
                select(BattleVoteRow.voter_id, BattleVoteRow.verdict, BattleVoteRow.doubt)
                .join(VoterRow, _SAME_VOTER)
                .where(
                    BattleVoteRow.battle_id == battle_id,
                    VoterRow.guild_id == voter.guild_id,
                    VoterRow.member_id == voter.member_id,
                )
            )
            row = found.one_or_none()
            if row is None:
                raise NotFoundError("You have not voted in this battle. Vote first, then say why.")
            await connection.execute(
                update(BattleVoteRow)
                .where(BattleVoteRow.battle_id == battle_id, BattleVoteRow.voter_id == row.voter_id)
                .values(reasons=_SEPARATOR.join(reason.name.lower() for reason in Reason if reason in reasons))
            )
            return Cast(battle, True, row.doubt, await _turnout(connection, battle_id)), row.verdict

        return await self._together.write(work)

    async def mine(self, battle_id: int, voter: Voter) -> tuple[Verdict, tuple[Reason, ...], Doubt | None] | None:
        """Return how somebody voted, why, and what holds the vote back; None when they did not vote."""
        async with self._database.read() as connection:
            found = await connection.execute(
                select(BattleVoteRow.verdict, BattleVoteRow.reasons, BattleVoteRow.doubt)
                .join(VoterRow, _SAME_VOTER)
                .where(
                    BattleVoteRow.battle_id == battle_id,
                    VoterRow.guild_id == voter.guild_id,
                    VoterRow.member_id == voter.member_id,
                )
            )
            row = found.one_or_none()
        return None if row is None else (row.verdict, reasons_of(row.reasons), row.doubt)

    async def turnout(self, battle_id: int) -> int:
        """Count the votes in a battle."""
        async with self._database.read() as connection:
            return await _turnout(connection, battle_id)

    async def result(self, battle_id: int) -> Result | None:
        """Count a battle; None when there is none."""
        async with self._database.read() as connection:
            battle = await rows.battle_by_id(connection, battle_id)
            if battle is None:
                return None
            found = await connection.execute(
                select(BattleVoteRow.verdict, BattleVoteRow.reasons, BattleVoteRow.doubt, func.count())
                .where(BattleVoteRow.battle_id == battle_id)
                .group_by(BattleVoteRow.verdict, BattleVoteRow.reasons, BattleVoteRow.doubt)
            )
            votes: dict[Verdict, int] = dict.fromkeys(Verdict, 0)
            reasons: dict[Reason, int] = {}
            doubtful = 0
            for verdict, given, doubt, number in found:
                votes[verdict] += number
                doubtful += number if doubt is not None else 0
                for reason in reasons_of(given):
                    reasons[reason] = reasons.get(reason, 0) + number
        return Result(battle, votes, _largest_first(reasons), doubtful)


def reasons_of(text: str) -> tuple[Reason, ...]:
    """Return the reasons that a column holds."""
    names = text.split(_SEPARATOR)
    return tuple(reason for reason in Reason if reason.name.lower() in names)


_SAME_VOTER = (VoterRow.guild_id == BattleVoteRow.guild_id) & (VoterRow.voter_id == BattleVoteRow.voter_id)


async def _held(connection: AsyncConnection, battle_id: int) -> Battle:
    """Return a battle that stays as it is until the commit."""
    mine = BattleRow.battle_id == battle_id
    is_private = (await connection.execute(select(BattleRow.is_private).where(mine))).scalar_one_or_none()
    # who votes in a private battle also closes it, and a lock that is shared cannot be made one's own
    await connection.execute(select(BattleRow.battle_id).where(mine).with_for_update(read=not is_private))
    battle = await rows.battle_by_id(connection, battle_id)
    if battle is None:
        raise NotFoundError(rules.GONE)
    return battle


async def _verdict(connection: AsyncConnection, battle_id: int, voter_id: int) -> Verdict | None:
    found = await connection.execute(
        select(BattleVoteRow.verdict).where(BattleVoteRow.battle_id == battle_id, BattleVoteRow.voter_id == voter_id)
    )
    return found.scalar_one_or_none()


async def _turnout(connection: AsyncConnection, battle_id: int) -> int:
    counted = select(func.count()).select_from(BattleVoteRow).where(BattleVoteRow.battle_id == battle_id)
    return (await connection.execute(counted)).scalar_one()


def _largest_first(reasons: Mapping[Reason, int]) -> dict[Reason, int]:
    return dict(sorted(reasons.items(), key=lambda pair: (-pair[1], list(Reason).index(pair[0]))))
