"""One person's part in the arena: what to erase, what to hand out."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import delete, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.arena.store import rows
from bot.arena.store.battles import blank
from bot.arena.store.votes import reasons_of
from bot.db.schema import ArenaExclusionRow, BattlePhase, BattleRow, BattleVoteRow
from bot.db.session import Database
from bot.db.voters import find_voters

_UNDECIDED = (BattlePhase.RUNNING, BattlePhase.OPEN, BattlePhase.VOID)


class PeopleStore:
    """What there is of a person."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def forget(self, member_id: int) -> None:
        """Erase a person: what their battles say, and their name as asker and moderator.

        Shared battles keep their votes, and open ones go on without a text; those that only they could vote in, or that
        came to nothing, are deleted.
        """
        mine = BattleRow.member_id == member_id
        nothing = BattleRow.phase.in_([BattlePhase.RUNNING, BattlePhase.VOID])
        alone = BattleRow.is_private & (BattleRow.phase == BattlePhase.OPEN)
        async with self._database.write() as connection:
            await connection.execute(delete(BattleRow).where(mine, or_(nothing, alone)))
            await blank(connection, mine)
            await connection.execute(update(BattleRow).where(mine).values(member_id=None))
            await connection.execute(
                update(ArenaExclusionRow).where(ArenaExclusionRow.moderator_id == member_id).values(moderator_id=None)
            )

    async def of_member(self, member_id: int) -> dict[str, Any]:
        """Return all that is stored about a person, ready for JSON."""
        async with self._database.read() as connection:
            battles = await rows.battles_where(connection, BattleRow.member_id == member_id)
            voters = await find_voters(connection, member_id)
            mine = tuple_(BattleVoteRow.guild_id, BattleVoteRow.voter_id).in_(voters)
            cast = await connection.execute(
                select(BattleVoteRow, BattleRow.is_private, BattleRow.phase)
                .join(BattleRow, BattleRow.battle_id == BattleVoteRow.battle_id)
                .where(mine)
                .order_by(BattleVoteRow.cast_at, BattleVoteRow.battle_id)
            )
            votes = [
                {
                    "guild_id": str(row.guild_id),
                    "battle": row.battle_id,
                    "verdict": row.verdict.value,
                    "reasons": [reason.value for reason in reasons_of(row.reasons)],
                    "cast_at": row.cast_at.isoformat(),
                    "milliseconds_after_the_answers": row.dwell_ms,
                    "in_doubt": row.doubt and row.doubt.value,
                }
                for row in cast
            ]
            left_out = await connection.execute(
                select(ArenaExclusionRow)
                .where(tuple_(ArenaExclusionRow.guild_id, ArenaExclusionRow.voter_id).in_(voters))
                .order_by(ArenaExclusionRow.exclusion_id)
            )
            exclusions = [_exclusion(row) for row in left_out]
            decided = await connection.execute(
                select(ArenaExclusionRow)
                .where(ArenaExclusionRow.moderator_id == member_id)
                .order_by(ArenaExclusionRow.exclusion_id)
            )
            return {
                "battles": [
                    {
                        "guild_id": str(battle.guild_id),
                        "channel_id": str(battle.channel_id),
                        "battle": battle.battle_id,
                        "phase": battle.phase.value,
                        "private": battle.is_private,
                        "prompt": battle.prompt,
                        # who wrote them is told where everybody may know
                        "answers": [
                            {"text": answer.text, "model": answer.line.name if battle.is_revealed else None}
                            for answer in battle.answers
                        ],
                        "made_at": battle.made_at.isoformat(),
                    }
                    for battle in battles
                ],
                "votes": votes,
                "left_out_of_boards": exclusions,
                "exclusions_as_moderator": [_exclusion(row) for row in decided],
            }


async def forget_votes(connection: AsyncConnection, voters: Collection[tuple[int, int]]) -> None:
    """Delete the votes of these (guild_id, voter_id) in battles that are not closed, in the caller's transaction."""
    still_open = select(BattleRow.battle_id).where(BattleRow.phase.in_(_UNDECIDED))
    for some in rows.chunks(voters):
        await connection.execute(
            delete(BattleVoteRow).where(
                tuple_(BattleVoteRow.guild_id, BattleVoteRow.voter_id).in_(some),
                BattleVoteRow.battle_id.in_(still_open),
            )
        )


def _exclusion(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row
    return {
        "guild_id": str(row.guild_id),
        "evidence": row.evidence,
        "votes": row.votes,
        "made_at": row.made_at.isoformat(),
        "lifted_at": row.lifted_at and row.lifted_at.isoformat(),
    }
