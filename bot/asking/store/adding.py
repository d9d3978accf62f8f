"""Turns that begin, on their way into the tables."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.asking.store import rows
from bot.asking.types import Asker, NewTurn, Ratings, TurnRecord
from bot.db.schema import ConversationRow, MemberChoiceRow, TurnImageRow, TurnPhase, TurnRow
from bot.db.upsert import inserting

ALL: tuple[ColumnElement[Any], ...] = tuple(TurnRow.__table__.columns)
"""What a turn's record is made of."""


async def add(connection: AsyncConnection, new: Sequence[NewTurn], holder: str, now: datetime) -> list[TurnRecord]:
    """Store turns that begin to run in one conversation, in the caller's transaction."""
    conversation_id = new[0].conversation_id or await _converse(connection, new[0].asker, now)
    turns: list[TurnRecord] = []
    for turn in new:
        compare_id = (turns[0].turn_id if turns else None) if len(new) > 1 else None
        turns.append(await _add(connection, turn, conversation_id, compare_id, holder, now))
    if len(turns) > 1:
        first = turns[0].turn_id
        await connection.execute(update(TurnRow).where(TurnRow.turn_id == first).values(compare_id=first))
        turns[0] = replace(turns[0], compare_id=first)
    if new[0].remembers:
        await _remember(connection, new[0], now)
    return turns


async def _converse(connection: AsyncConnection, asker: Asker, now: datetime) -> int:
    begun = await connection.execute(
        insert(ConversationRow)
        .values(
            guild_id=asker.guild_id,
            channel_id=asker.channel_id,
            thread_id=asker.thread_id,
            member_id=asker.member_id,
            made_at=now,
        )
        .returning(ConversationRow.conversation_id)
    )
    return begun.scalar_one()


async def _add(
    connection: AsyncConnection, new: NewTurn, conversation_id: int, compare_id: int | None, holder: str, now: datetime
) -> TurnRecord:
    question = new.question
    aside = {
        "note": new.note,
        "earlier_turns": new.earlier_turns,
        "earlier_texts": new.earlier_texts,
        "persona": new.persona,
        "checked_by": new.checked_by,
        "where": new.where or "",
        "receivers": new.receivers,
    }
    added = await connection.execute(
        insert(TurnRow)
        .values(
            guild_id=new.asker.guild_id,
            conversation_id=conversation_id,
            parent_id=new.parent_id,
            compare_id=compare_id,
            member_id=new.asker.member_id,
            channel_id=new.asker.channel_id,
            reply_token=new.reply_token,
            holder=holder,
            is_private=new.is_private,
            phase=TurnPhase.RUNNING,
            task=question.task.value,
            language=question.language or None,
            question=question.text,
            quoted=question.passage.text if question.passage else None,
            quoted_name=question.passage.name if question.passage else None,
            wanted=new.wanted,
            rule=new.rule,
            model=new.model or None,
            note=rows.aside_text(aside),
            dropped_turns=new.dropped_turns,
            dropped_tokens=new.dropped_tokens,
            made_at=now,
        )
        .returning(*ALL)
    )
    row: Row[Any] = added.one()
    pictures = [
        {
            "guild_id": new.asker.guild_id,
            "turn_id": row.turn_id,
            "position": position,
            "media_type": picture.media_type,
            "content": picture.content,
        }
        for position, picture in enumerate(question.pictures)
    ]
    if pictures:
        await connection.execute(insert(TurnImageRow), pictures)
    return rows.record_of(row, Ratings(), len(pictures))


async def _remember(connection: AsyncConnection, new: NewTurn, now: datetime) -> None:
    await connection.execute(
        inserting(connection, MemberChoiceRow)
        .values(guild_id=new.asker.guild_id, member_id=new.asker.member_id, model=new.wanted, chosen_at=now)
        .on_conflict_do_update(index_elements=["guild_id", "member_id"], set_={"model": new.wanted, "chosen_at": now})
    )
