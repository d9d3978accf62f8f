"""From rows to what travels."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.asking.types import Passage, Ratings, Told, TurnRecord
from bot.backends.base import Declined, Finish, Picture
from bot.backends.measures import dollars
from bot.catalog import Task, Where
from bot.db.schema import TurnImageRow, TurnRatingRow, TurnRow

CLAIMED = 0
"""Stands where a shared message's id will, while it is being posted."""


async def records_where(connection: AsyncConnection, *which: ColumnElement[bool]) -> list[TurnRecord]:
    """Return turns with their ratings, the oldest first."""
    found = (await connection.execute(select(TurnRow).where(*which).order_by(TurnRow.turn_id))).all()
    return await filled(connection, found)


async def filled(connection: AsyncConnection, found: Iterable[Row[Any]]) -> list[TurnRecord]:
    """Return the turns of these rows with their ratings and how many pictures they have."""
    rows = list(found)
    ids = [row.turn_id for row in rows]
    ratings = await ratings_of(connection, ids)
    pictures = await _counted(connection, ids)
    return [record_of(row, ratings.get(row.turn_id, Ratings()), pictures.get(row.turn_id, 0)) for row in rows]


async def ratings_of(connection: AsyncConnection, ids: Iterable[int]) -> dict[int, Ratings]:
    """Count the thumbs of these turns."""
    counted = await connection.execute(
        select(TurnRatingRow.turn_id, TurnRatingRow.is_good, func.count())
        .where(TurnRatingRow.turn_id.in_(list(ids)))
        .group_by(TurnRatingRow.turn_id, TurnRatingRow.is_good)
    )
    thumbs: dict[int, dict[bool, int]] = {}
    for turn_id, is_good, number in counted:
        thumbs.setdefault(turn_id, {})[bool(is_good)] = number
    return {turn_id: Ratings(found.get(True, 0), found.get(False, 0)) for turn_id, found in thumbs.items()}


async def pictures_of(connection: AsyncConnection, ids: Iterable[int]) -> dict[int, tuple[Picture, ...]]:
    """Return the pictures of these turns, in their order."""
    found = await connection.execute(
        select(TurnImageRow).where(TurnImageRow.turn_id.in_(list(ids))).order_by(TurnImageRow.position)
    )
    pictures: dict[int, tuple[Picture, ...]] = {}
    for row in found:
        picture = Picture(row.media_type, row.content)
        pictures[row.turn_id] = (*pictures.get(row.turn_id, ()), picture)
    return pictures


async def _counted(connection: AsyncConnection, ids: Iterable[int]) -> dict[int, int]:
    counted = await connection.execute(
        select(TurnImageRow.turn_id, func.count())
        .where(TurnImageRow.turn_id.in_(list(ids)))
        .group_by(TurnImageRow.turn_id)
    )
    return {row.turn_id: row[1] for row in counted}


async def told_of(connection: AsyncConnection, found: Iterable[Row[Any]]) -> list[Told]:
    """Return turns with all that a model is told of them."""
    rows = list(found)
    records = await filled(connection, rows)
    pictures = await pictures_of(connection, [row.turn_id for row in rows])
    return [
        Told(record, passage_of(row), pictures.get(record.turn_id, ()))
        for row, record in zip(rows, records, strict=True)
    ]


def passage_of(row: Row[Any]) -> Passage | None:
    """Return the text that a question was about."""
    return None if row.quoted is None else Passage(row.quoted, row.quoted_name or "")


def record_of(row: Row[Any], ratings: Ratings, pictures: int) -> TurnRecord:
    """Return a turn; its card and the words for what was sent are known to the service alone."""
    aside = _aside(row.note)
    return TurnRecord(
        turn_id=row.turn_id,
        guild_id=row.guild_id,
        channel_id=row.channel_id,
        conversation_id=row.conversation_id,
        member_id=row.member_id,
        phase=row.phase,
        task=Task(row.task),
        question=row.question,
        answer=row.answer,
        wanted=row.wanted,
        rule=row.rule,
        is_private=bool(row.is_private),
        made_at=row.made_at,
        passage_name=row.quoted_name or "",
        language=row.language or "",
        pictures=pictures,
        finish=Finish(row.finish) if row.finish else None,
        trouble=row.trouble or "",
        note=aside.get("note", ""),
        declined=tuple(Declined(str(model), str(reason)) for model, reason in aside.get("declined", ())),
        prompt_tokens=row.prompt_tokens,
        completion_tokens=row.completion_tokens,
        cost=dollars(row.cost_micros),
        first_seconds=None if row.first_ms is None else row.first_ms / 1000,
        seconds=None if row.total_ms is None else row.total_ms / 1000,
        score=aside.get("score"),
        where=Where(aside["where"]) if "where" in aside else None,
        receivers=tuple(aside.get("receivers", ())) if "where" in aside else None,
        earlier_turns=aside.get("earlier_turns", 0),
        earlier_texts=aside.get("earlier_texts", 0),
        dropped_turns=row.dropped_turns,
        dropped_tokens=row.dropped_tokens,
        parent_id=row.parent_id,
        compare_id=row.compare_id,
        message_id=row.message_id,
        # 0 while somebody posts it
        shared_message_id=row.shared_message_id or None,
        reply_token=row.reply_token,
        ended_at=row.ended_at,
        ratings=ratings,
        persona=aside.get("persona", ""),
        model=row.model or "",
        checked_by=aside.get("checked_by", ""),
    )


def aside_text(parts: Mapping[str, Any]) -> str | None:
    """Return as one text what a card tells beside the answer; None when there is nothing."""
    said = {name: part for name, part in parts.items() if part not in ("", None, 0, ())}
    return json.dumps(said, ensure_ascii=False) if said else None


def _aside(text: str | None) -> dict[str, Any]:
    return json.loads(text) if text else {}
