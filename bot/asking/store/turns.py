"""Turns: asked, answered, gone on from, deleted."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Delete, Integer, Row, Update, delete, exists, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.asking.store import rows
from bot.asking.store.adding import ALL, add
from bot.asking.types import Asker, Ended, NewTurn, Told, TurnRecord
from bot.backends.measures import micros
from bot.db.leases import is_left
from bot.db.schema import ConversationRow, TurnImageRow, TurnPhase, TurnRow
from bot.db.session import Database
from bot.db.together import Together

SWEPT_AT_ONCE = 500
"""Turns that one transaction deletes when they were kept long enough."""


class TurnStore:
    """All turns; `holder` is the process that makes and shares answers here."""

    def __init__(self, database: Database, holder: str) -> None:
        self._database = database
        self._together = Together(database)
        self._holder = holder

    async def add(self, new: Sequence[NewTurn], now: datetime) -> list[TurnRecord]:
        """Store turns that begin to run, side by side when there are several; in one conversation."""

        async def work(connection: AsyncConnection) -> list[TurnRecord]:
            return await add(connection, new, self._holder, now)

        return await self._together.write(work)

    async def get(self, turn_id: int) -> TurnRecord | None:
        """Return a turn, if there is one."""
        async with self._database.read() as connection:
            found = await rows.records_where(connection, TurnRow.turn_id == turn_id)
        return found[0] if found else None

    async def whole(self, turn_id: int) -> Told | None:
        """Return a turn with its passage and pictures, if there is one."""
        async with self._database.read() as connection:
            found = (await connection.execute(select(TurnRow).where(TurnRow.turn_id == turn_id))).all()
            told = await rows.told_of(connection, found)
        return told[0] if told else None

    async def by_message(self, guild_id: int, message_id: int) -> TurnRecord | None:
        """Return the turn that a message shows; the newest of several side by side."""
        # two searches: asked for both at once, SQLite reads all turns of the server
        shown = select(TurnRow.turn_id).where(TurnRow.message_id == message_id)
        shared = select(TurnRow.turn_id).where(TurnRow.shared_message_id == message_id)
        either = TurnRow.turn_id.in_(shown.union_all(shared))
        async with self._database.read() as connection:
            found = await rows.records_where(connection, either, TurnRow.guild_id == guild_id)
        return found[-1] if found else None

    async def compared(self, guild_id: int, compare_id: int) -> list[TurnRecord]:
        """Return the turns that were asked side by side, in their order."""
        async with self._database.read() as connection:
            return await rows.records_where(connection, TurnRow.guild_id == guild_id, TurnRow.compare_id == compare_id)

    async def before(self, parent_id: int, most: int) -> tuple[tuple[Told, ...], int | None]:
        """Return a turn and those that it goes on from, the oldest first; and up to where its conversation is cleared.

        The way goes by parents, so that branches share what came before.
        """
        way = (
            select(TurnRow.turn_id, TurnRow.parent_id, literal(1, Integer).label("depth"))
            .where(TurnRow.turn_id == parent_id)
            .cte("way", recursive=True)
        )
        way = way.union_all(
            select(TurnRow.turn_id, TurnRow.parent_id, way.c.depth + 1)
            .join(way, TurnRow.turn_id == way.c.parent_id)
            .where(way.c.depth < most)
        )
        async with self._database.read() as connection:
            found = await connection.execute(
                select(TurnRow).join(way, TurnRow.turn_id == way.c.turn_id).order_by(way.c.depth.desc())
            )
            told = await rows.told_of(connection, found.all())
            cleared = await connection.execute(
                select(ConversationRow.cleared_to)
                .join(TurnRow, TurnRow.conversation_id == ConversationRow.conversation_id)
                .where(TurnRow.turn_id == parent_id)
            )
        return tuple(told), cleared.scalar_one_or_none()

    async def latest_in(self, guild_id: int, thread_id: int, member_id: int | None = None) -> TurnRecord | None:
        """Return the newest turn in a thread that is not deleted: of this member, or of all that everybody sees."""
        whose = (
            TurnRow.member_id == member_id
            if member_id is not None
            else or_(TurnRow.is_private.is_(False), TurnRow.shared_message_id > rows.CLAIMED)
        )
        newest = (
            select(func.max(TurnRow.turn_id))
            .join(ConversationRow, ConversationRow.conversation_id == TurnRow.conversation_id)
            .where(
                ConversationRow.guild_id == guild_id,
                ConversationRow.thread_id == thread_id,
                TurnRow.phase != TurnPhase.DELETED,
                whose,
            )
            .scalar_subquery()
        )
        async with self._database.read() as connection:
            found = await rows.records_where(connection, TurnRow.turn_id == newest)
        return found[0] if found else None

    async def write(self, turn_id: int, text: str) -> None:
        """Keep what has come of an answer that is being made, in case the bot does not live to its end."""
        await self._change(update(TurnRow).where(TurnRow.turn_id == turn_id, _RUNNING).values(answer=text))

    async def end(self, turn: TurnRecord, phase: TurnPhase, ended: Ended, now: datetime) -> TurnRecord | None:
        """Write how a turn that runs ended; None when it has ended otherwise, or is gone.

        One that another process took for interrupted, since this one was not to be seen for a while, ends all the same.
        """
        done = ended.completion
        aside = {
            "note": "\n".join(part for part in (turn.note, done.note if done else "") if part),
            "declined": [(each.model, each.reason) for each in done.declined] if done else [],
            "score": done.score if done else None,
            "earlier_turns": turn.earlier_turns,
            "earlier_texts": turn.earlier_texts,
            "persona": turn.persona,
            "checked_by": turn.checked_by,
            "where": ended.where or turn.where or "",
            "receivers": turn.receivers or () if ended.receivers is None else ended.receivers,
        }
        values: dict[str, Any] = {
            "phase": phase,
            "answer": ended.text,
            "trouble": ended.trouble or None,
            "reply_token": None,
            "ended_at": now,
            "note": rows.aside_text(aside),
            "total_ms": None if ended.seconds is None else round(ended.seconds * 1000),
            "first_ms": None if ended.first_seconds is None else round(ended.first_seconds * 1000),
            "prompt_tokens": ended.prompt_tokens,
            "completion_tokens": ended.completion_tokens,
            "cost_micros": micros(ended.cost),
            "finish": ended.finish and ended.finish.value,
        }
        if ended.model:
            values["model"] = ended.model
        if done:
            values["dropped_tokens"] = turn.dropped_tokens + done.dropped_tokens
        change = (
            update(TurnRow)
            .where(TurnRow.turn_id == turn.turn_id, TurnRow.phase.in_((TurnPhase.RUNNING, TurnPhase.INTERRUPTED)))
            .values(**values)
            .returning(*ALL)
        )

        async def work(connection: AsyncConnection) -> TurnRecord | None:
            row: Row[Any] | None = (await connection.execute(change)).one_or_none()
            # nobody gives thumbs before its end
            return None if row is None else rows.record_of(row, turn.ratings, turn.pictures)

        return await self._together.write(work)

    async def interrupt(self, running: Collection[int], now: datetime) -> list[TurnRecord]:
        """Mark what a dead process left running; return it with the tokens that its messages are edited with.

        Of several processes that ask, one gets each turn.
        """
        left = (
            select(TurnRow.turn_id)
            .where(_RUNNING, is_left(TurnRow.holder))
            .order_by(TurnRow.turn_id)
            .with_for_update(of=TurnRow)
        )
        async with self._database.write() as connection:
            found = (await connection.execute(left)).scalars().all()
            ids = [turn_id for turn_id in found if turn_id not in running]
            if not ids:
                return []
            turns = await rows.records_where(connection, TurnRow.turn_id.in_(ids))
            await connection.execute(
                update(TurnRow)
                .where(TurnRow.turn_id.in_(ids))
                .values(phase=TurnPhase.INTERRUPTED, reply_token=None, ended_at=now)
            )
        return turns

    async def wipe(self, turn_id: int, now: datetime) -> TurnRecord | None:
        """Delete what a turn says; None when that was done before."""
        async with self._database.write() as connection:
            return await wipe(connection, turn_id, now)

    async def posted(self, turn_id: int, message_id: int) -> None:
        """Note which message shows a turn."""
        await self._change(update(TurnRow).where(TurnRow.turn_id == turn_id).values(message_id=message_id))

    async def threaded(self, turn_id: int, thread_id: int) -> None:
        """Note that a turn's conversation goes on in a thread."""
        mine = select(TurnRow.conversation_id).where(TurnRow.turn_id == turn_id).scalar_subquery()
        async with self._database.write() as connection:
            await connection.execute(
                update(ConversationRow).where(ConversationRow.conversation_id == mine).values(thread_id=thread_id)
            )

    async def claim_share(self, turn_id: int) -> bool:
        """Take the one sharing of a private answer; return whether this call got it."""
        async with self._database.write() as connection:
            claimed = await connection.execute(
                update(TurnRow)
                .where(TurnRow.turn_id == turn_id, TurnRow.shared_message_id.is_(None))
                .values(shared_message_id=rows.CLAIMED, holder=self._holder)
                .returning(TurnRow.turn_id)
            )
            return claimed.scalar_one_or_none() is not None

    async def shared(self, turn_id: int, message_id: int | None) -> None:
        """Note where a shared answer was posted; None gives back what was taken."""
        async with self._database.write() as connection:
            await connection.execute(
                update(TurnRow)
                .where(TurnRow.turn_id == turn_id, TurnRow.shared_message_id == rows.CLAIMED)
                .values(shared_message_id=message_id)
            )

    async def unclaim(self) -> None:
        """Give back every sharing that a dead process took and did not come to."""
        async with self._database.write() as connection:
            await connection.execute(
                update(TurnRow)
                .where(TurnRow.shared_message_id == rows.CLAIMED, is_left(TurnRow.holder))
                .values(shared_message_id=None)
            )

    async def clear(self, asker: Asker) -> int:
        """Have all of a member's conversations in this thread or channel begin anew; return how many there are."""
        here = ConversationRow.thread_id == asker.thread_id
        if asker.thread_id is None:
            here = ConversationRow.thread_id.is_(None) & (ConversationRow.channel_id == asker.channel_id)
        return await self._clear(
            ConversationRow.guild_id == asker.guild_id, ConversationRow.member_id == asker.member_id, here
        )

    async def clear_one(self, conversation_id: int, asker: Asker) -> int:
        """Have one conversation of a member begin anew; return how many that are: none or one."""
        return await self._clear(
            ConversationRow.guild_id == asker.guild_id,
            ConversationRow.conversation_id == conversation_id,
            ConversationRow.member_id == asker.member_id,
        )

    async def sweep(self, before: datetime) -> None:
        """Delete turns from before then, and conversations that have none left; so many at once that others get by."""
        none_left = ~exists().where(TurnRow.conversation_id == ConversationRow.conversation_id)
        turns = select(TurnRow.turn_id).where(TurnRow.made_at < before).limit(SWEPT_AT_ONCE)
        await self._sweep(delete(TurnRow).where(TurnRow.turn_id.in_(turns)))
        talks = select(ConversationRow.conversation_id).where(ConversationRow.made_at < before, none_left)
        talks = talks.limit(SWEPT_AT_ONCE)
        await self._sweep(delete(ConversationRow).where(ConversationRow.conversation_id.in_(talks)))

    async def _sweep(self, some: Delete) -> None:
        while True:
            async with self._database.write() as connection:
                swept = await connection.execute(some)
            if swept.rowcount < SWEPT_AT_ONCE:
                return

    async def _change(self, change: Update) -> None:
        async def work(connection: AsyncConnection) -> None:
            await connection.execute(change)

        await self._together.write(work)

    async def _clear(self, *which: Any) -> int:
        newest = (
            select(func.max(TurnRow.turn_id))
            .where(TurnRow.conversation_id == ConversationRow.conversation_id)
            .scalar_subquery()
        )
        async with self._database.write() as connection:
            cleared = await connection.execute(
                update(ConversationRow)
                .where(*which)
                .values(cleared_to=newest)
                .returning(ConversationRow.conversation_id)
            )
            return len(cleared.all())


_RUNNING = TurnRow.phase == TurnPhase.RUNNING


async def wipe(connection: AsyncConnection, turn_id: int, now: datetime) -> TurnRecord | None:
    """Delete what a turn says, in the caller's transaction; None when that was done before."""
    wiped = await connection.execute(
        update(TurnRow)
        .where(TurnRow.turn_id == turn_id, TurnRow.phase != TurnPhase.DELETED)
        .values(
            phase=TurnPhase.DELETED,
            question="",
            answer="",
            quoted=None,
            quoted_name=None,
            note=None,
            trouble=None,
            reply_token=None,
            ended_at=func.coalesce(TurnRow.ended_at, now),
        )
        .returning(TurnRow.turn_id)
    )
    if wiped.scalar_one_or_none() is None:
        return None
    await connection.execute(delete(TurnImageRow).where(TurnImageRow.turn_id == turn_id))
    return (await rows.records_where(connection, TurnRow.turn_id == turn_id))[0]
