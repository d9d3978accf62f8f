"""One person's part in questions and answers: what to erase, what to hand out."""

from base64 import b64encode
from typing import Any

from sqlalchemy import delete, select, update

from bot.asking.store import rows
from bot.db.schema import (
    ConversationRow,
    MemberChoiceRow,
    TurnRatingRow,
    TurnReportRow,
    TurnRow,
)
from bot.db.session import Database


class PeopleStore:
    """What there is of a person."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def forget(self, member_id: int) -> None:
        """Erase a person: their conversations with all turns, thumbs, choices; reports stay without their name."""
        async with self._database.write() as connection:
            await connection.execute(delete(TurnRow).where(TurnRow.member_id == member_id))
            await connection.execute(delete(ConversationRow).where(ConversationRow.member_id == member_id))
            await connection.execute(delete(TurnRatingRow).where(TurnRatingRow.member_id == member_id))
            await connection.execute(delete(MemberChoiceRow).where(MemberChoiceRow.member_id == member_id))
            reports = update(TurnReportRow)
            await connection.execute(
                reports.where(TurnReportRow.member_id == member_id).values(member_id=None, reason="")
            )
            await connection.execute(reports.where(TurnReportRow.handler_id == member_id).values(handler_id=None))

    async def of_member(self, member_id: int) -> dict[str, Any]:
        """Return all that is stored about a person, ready for JSON; pictures in base64."""
        async with self._database.read() as connection:
            conversations = await connection.execute(
                select(ConversationRow)
                .where(ConversationRow.member_id == member_id)
                .order_by(ConversationRow.conversation_id)
            )
            asked = (
                await connection.execute(
                    select(TurnRow).where(TurnRow.member_id == member_id).order_by(TurnRow.turn_id)
                )
            ).all()
            told = await rows.told_of(connection, asked)
            thumbs = await connection.execute(
                select(TurnRatingRow).where(TurnRatingRow.member_id == member_id).order_by(TurnRatingRow.rated_at)
            )
            reports = await connection.execute(
                select(TurnReportRow).where(TurnReportRow.member_id == member_id).order_by(TurnReportRow.report_id)
            )
            handled = await connection.execute(
                select(TurnReportRow).where(TurnReportRow.handler_id == member_id).order_by(TurnReportRow.report_id)
            )
            choices = await connection.execute(select(MemberChoiceRow).where(MemberChoiceRow.member_id == member_id))
            return {
                "conversations": [
                    {
                        "guild_id": str(row.guild_id),
                        "channel_id": str(row.channel_id),
                        "thread_id": row.thread_id and str(row.thread_id),
                        "conversation": row.conversation_id,
                        "made_at": row.made_at.isoformat(),
                    }
                    for row in conversations
                ],
                "turns": [_turn(each) for each in told],
                "ratings": [
                    {
                        "guild_id": str(row.guild_id),
                        "turn": row.turn_id,
                        "is_good": bool(row.is_good),
                        "reason": row.reason,
                        "rated_at": row.rated_at.isoformat(),
                    }
                    for row in thumbs
                ],
                "reports": [
                    {
                        "guild_id": str(row.guild_id),
                        "turn": row.turn_id,
                        "reason": row.reason,
                        "outcome": row.outcome,
                        "made_at": row.made_at.isoformat(),
                    }
                    for row in reports
                ],
                "reports_handled": [
                    {
                        "guild_id": str(row.guild_id),
                        "turn": row.turn_id,
                        "outcome": row.outcome,
                        "handled_at": row.handled_at and row.handled_at.isoformat(),
                    }
                    for row in handled
                ],
                "choices": [
                    {"guild_id": str(row.guild_id), "model": row.model, "chosen_at": row.chosen_at.isoformat()}
                    for row in choices
                ],
            }


def _turn(told: rows.Told) -> dict[str, Any]:
    turn = told.turn
    return {
        "guild_id": str(turn.guild_id),
        "channel_id": str(turn.channel_id),
        "conversation": turn.conversation_id,
        "turn": turn.turn_id,
        "phase": turn.phase.value,
        "task": turn.task.value,
        "question": turn.question,
        "passage": told.passage and told.passage.text,
        "passage_name": turn.passage_name or None,
        "pictures": [
            {"media_type": picture.media_type, "content": b64encode(picture.content).decode()}
            for picture in told.pictures
        ],
        "answer": turn.answer,
        "model": turn.model or None,
        "prompt_tokens": turn.prompt_tokens,
        "completion_tokens": turn.completion_tokens,
        "cost_in_dollars": None if turn.cost is None else str(turn.cost),
        "made_at": turn.made_at.isoformat(),
        "ended_at": turn.ended_at and turn.ended_at.isoformat(),
    }
