"""How a battle lies in its tables, for every store of the arena."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.arena.types import Battle, BattleAnswer, Line
from bot.backends.measures import dollars
from bot.catalog import Openness, Task, Where
from bot.db.schema import BattleAnswerRow, BattleRow, ModelLineRow

ItemT = TypeVar("ItemT")

AT_ONCE = 500
"""Ids in one statement: both databases bound the number of parameters."""
ANSWERS = 2


def chunks(items: Iterable[ItemT], size: int = AT_ONCE) -> Iterator[list[ItemT]]:
    """Cut into lists of at most `size`."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


async def battles_where(connection: AsyncConnection, *which: ColumnElement[bool]) -> list[Battle]:
    """Return battles with their answers, the oldest first."""
    found = (await connection.execute(select(BattleRow).where(*which).order_by(BattleRow.battle_id))).all()
    answers: dict[int, list[BattleAnswer]] = {}
    for some in chunks(row.battle_id for row in found):
        sides = await connection.execute(
            select(BattleAnswerRow, *ModelLineRow.__table__.columns)
            .join(ModelLineRow, ModelLineRow.line_id == BattleAnswerRow.line_id)
            .where(BattleAnswerRow.battle_id.in_(some))
            .order_by(BattleAnswerRow.battle_id, BattleAnswerRow.side)
        )
        for row in sides:
            answers.setdefault(row.battle_id, []).append(_answer_of(row))
    return [battle_of(row, answers[row.battle_id]) for row in found if len(answers.get(row.battle_id, ())) == ANSWERS]


async def battle_by_id(connection: AsyncConnection, battle_id: int) -> Battle | None:
    """Return a battle, if there is one."""
    found = await battles_where(connection, BattleRow.battle_id == battle_id)
    return found[0] if found else None


def line_of(row: Row[Any]) -> Line:
    """Return a line; of a class that this version does not know it is a closed one."""
    known = set(Openness)
    openness = Openness(row.openness) if row.openness in known else Openness.CLOSED
    return Line(row.line_id, row.key, row.version, row.name, openness)


def _answer_of(row: Row[Any]) -> BattleAnswer:
    return BattleAnswer(
        text=row.text,
        line=line_of(row),
        card=None,
        where=Where(row.place) if row.place else None,
        masked=row.masked,
        sent=row.sent,
        prompt_tokens=row.prompt_tokens,
        completion_tokens=row.completion_tokens,
        cost=dollars(row.cost_micros),
        seconds=None if row.total_ms is None else row.total_ms / 1000,
    )


def battle_of(row: Row[Any], answers: list[BattleAnswer]) -> Battle:
    """Return a battle; the cards of its models are known to the service alone."""
    return Battle(
        battle_id=row.battle_id,
        guild_id=row.guild_id,
        channel_id=row.channel_id,
        message_id=row.message_id,
        member_id=row.member_id,
        prompt=row.prompt,
        is_private=bool(row.is_private),
        pairing=row.pairing,
        phase=row.phase,
        task=Task(row.task),
        language=row.language,
        made_at=row.made_at,
        closes_at=row.closes_at,
        answers=(answers[0], answers[1]),
        shown_at=row.shown_at,
        closed_at=row.closed_at,
        void_reason=row.void_reason or "",
        reply_token=row.reply_token,
    )
