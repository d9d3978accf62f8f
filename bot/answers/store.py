"""Kept answers in the database: each method is one transaction, and rows do not leave it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, insert, select, update

from bot.answers.types import Answer, KeptAnswer
from bot.db.schema import KeptAnswerRow
from bot.db.session import Database

# an answer that somebody waits for has a row already, without a body
_IS_READY = KeptAnswerRow.body != ""


class AnswerStore:
    """All that is kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, answer: Answer, now: datetime, gone_at: datetime, most: int) -> int:
        """Keep an answer and return its id; the oldest of more than `most` of this person go."""
        mine = KeptAnswerRow.member_id == answer.member_id
        newest = select(KeptAnswerRow.answer_id).where(mine).order_by(KeptAnswerRow.answer_id.desc()).limit(most)
        async with self._database.write() as connection:
            added = await connection.execute(
                insert(KeptAnswerRow)
                .values(
                    guild_id=answer.guild_id,
                    member_id=answer.member_id,
                    title=answer.title,
                    body=answer.body,
                    file_name=answer.file_name,
                    file=answer.file,
                    made_at=now,
                    gone_at=gone_at,
                )
                .returning(KeptAnswerRow.answer_id)
            )
            answer_id = added.scalar_one()
            await connection.execute(delete(KeptAnswerRow).where(mine, KeptAnswerRow.answer_id.not_in(newest)))
            return answer_id

    async def fill(self, answer_id: int, answer: Answer, gone_at: datetime) -> bool:
        """Put an answer into its row; return whether it was still there."""
        async with self._database.write() as connection:
            filled = await connection.execute(
                update(KeptAnswerRow)
                .where(KeptAnswerRow.answer_id == answer_id, *_owned(answer.guild_id, answer.member_id))
                .values(body=answer.body, file_name=answer.file_name, file=answer.file, gone_at=gone_at)
                .returning(KeptAnswerRow.answer_id)
            )
            return filled.scalar_one_or_none() is not None

    async def get(self, answer_id: int, guild_id: int, member_id: int, now: datetime) -> Answer | None:
        """Return an answer of this person in this server, if it is (still) there."""
        async with self._database.read() as connection:
            found = await connection.execute(
                select(KeptAnswerRow).where(
                    KeptAnswerRow.answer_id == answer_id,
                    *_owned(guild_id, member_id),
                    KeptAnswerRow.gone_at > now,
                )
            )
            row = found.one_or_none()
        return None if row is None else _answer(row)

    async def list_for(self, guild_id: int, member_id: int, now: datetime) -> tuple[KeptAnswer, ...]:
        """Return what is kept for a person in a server, the newest first."""
        query = (
            select(
                KeptAnswerRow.answer_id,
                KeptAnswerRow.title,
                KeptAnswerRow.made_at,
                KeptAnswerRow.gone_at,
                _IS_READY.label("is_ready"),
            )
            .where(*_owned(guild_id, member_id), KeptAnswerRow.gone_at > now)
            .order_by(KeptAnswerRow.answer_id.desc())
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(KeptAnswer(row.answer_id, row.title, row.made_at, row.gone_at, bool(row.is_ready)) for row in rows)

    async def delete(self, answer_id: int) -> None:
        """Keep it no longer."""
        await self._delete(KeptAnswerRow.answer_id == answer_id)

    async def sweep(self, now: datetime) -> None:
        """Delete what was kept long enough."""
        await self._delete(KeptAnswerRow.gone_at <= now)

    async def forget(self, member_id: int) -> None:
        """Delete all that is kept for a person."""
        await self._delete(KeptAnswerRow.member_id == member_id)

    async def of_member(self, member_id: int) -> tuple[tuple[Answer, datetime], ...]:
        """Return all that is kept for a person, and since when."""
        query = select(KeptAnswerRow).where(KeptAnswerRow.member_id == member_id).order_by(KeptAnswerRow.answer_id)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return tuple((_answer(row), row.made_at) for row in rows)

    async def _delete(self, which: ColumnElement[bool]) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(KeptAnswerRow).where(which))


def _owned(guild_id: int, member_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return KeptAnswerRow.guild_id == guild_id, KeptAnswerRow.member_id == member_id


def _answer(row: Row[Any]) -> Answer:
    return Answer(row.guild_id, row.member_id, row.title, row.body, row.file_name, row.file)
