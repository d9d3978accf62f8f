"""Battles: begun, answered, shown, closed, void, blanked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Update, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.arena import rules
from bot.arena.pairing import Identity
from bot.arena.store import rows
from bot.arena.types import Battle, BattleAnswer, BattlePhase, Challenger, Line, Pairing
from bot.backends.measures import micros
from bot.catalog import Task
from bot.db.leases import is_left
from bot.db.schema import BattleAnswerRow, BattleRow, BattleVoteRow, ModelLineRow
from bot.db.session import Database
from bot.db.together import Together
from bot.db.upsert import inserting

ENDED = (BattlePhase.CLOSED, BattlePhase.DONE)


@dataclass(frozen=True, slots=True)
class NewBattle:
    """A battle as it is stored at first; `sides` are A and B."""

    challenger: Challenger
    prompt: str
    is_private: bool
    pairing: Pairing
    task: Task
    language: str
    sides: tuple[Identity, Identity]
    closes_at: datetime
    reply_token: str | None = None


class BattleStore:
    """All battles; `holder` is the process that makes their answers here."""

    def __init__(self, database: Database, holder: str, together: Together) -> None:
        self._database = database
        self._holder = holder
        self._together = together

    async def add(self, new: NewBattle, now: datetime) -> Battle:
        """Store a battle that begins to run.

        Raises:
            QuotaError: the member has begun too many, or one just now.
        """

        async def work(connection: AsyncConnection) -> Battle:
            challenger = new.challenger
            last, today = await _pace(connection, challenger.guild_id, challenger.member_id, now)
            if refusal := rules.refuse_pace(last, today, now):
                raise refusal
            lines = [await _line(connection, identity, now) for identity in new.sides]
            added = await connection.execute(
                insert(BattleRow)
                .values(
                    guild_id=challenger.guild_id,
                    channel_id=challenger.channel_id,
                    member_id=challenger.member_id,
                    prompt=new.prompt,
                    is_private=new.is_private,
                    pairing=new.pairing,
                    phase=BattlePhase.RUNNING,
                    task=new.task.value,
                    language=new.language,
                    holder=self._holder,
                    reply_token=new.reply_token,
                    made_at=now,
                    closes_at=new.closes_at,
                )
                .returning(BattleRow.battle_id)
            )
            battle_id = added.scalar_one()
            await connection.execute(
                insert(BattleAnswerRow),
                [
                    {"guild_id": challenger.guild_id, "battle_id": battle_id, "side": side, "line_id": line.line_id}
                    for side, line in enumerate(lines)
                ],
            )
            return (await rows.battles_where(connection, BattleRow.battle_id == battle_id))[0]

        return await self._together.write(work)

    async def pace(self, guild_id: int, member_id: int, now: datetime) -> tuple[datetime | None, int]:
        """Return when a member began their last battle, and how many today."""
        async with self._database.read() as connection:
            return await _pace(connection, guild_id, member_id, now)

    async def get(self, battle_id: int) -> Battle | None:
        """Return a battle, if there is one."""
        async with self._database.read() as connection:
            return await rows.battle_by_id(connection, battle_id)

    async def pending(self) -> tuple[tuple[int, datetime], ...]:
        """Return (battle_id, when) of all that is to be closed, or whose result is still to be shown."""
        pending = BattleRow.phase.in_([BattlePhase.RUNNING, BattlePhase.OPEN, BattlePhase.CLOSED])
        async with self._database.read() as connection:
            found = await connection.execute(
                select(BattleRow.battle_id, BattleRow.closes_at, BattleRow.closed_at).where(pending)
            )
            return tuple((row.battle_id, row.closed_at or row.closes_at) for row in found)

    async def answered(self, battle_id: int, answers: Sequence[BattleAnswer]) -> Battle | None:
        """Open a battle with both answers; None when it has ended otherwise, or is gone."""

        async def work(connection: AsyncConnection) -> Battle | None:
            if not await _move(connection, battle_id, BattlePhase.RUNNING, phase=BattlePhase.OPEN):
                return None
            await _write(connection, battle_id, answers)
            return await rows.battle_by_id(connection, battle_id)

        return await self._together.write(work)

    async def void(
        self, battle_id: int, reason: str, now: datetime, answers: Sequence[BattleAnswer] = (), *, unshown: bool = False
    ) -> Battle | None:
        """Make a battle void that runs, or with `unshown` one whose answers nobody saw; None when it is neither."""

        async def work(connection: AsyncConnection) -> Battle | None:
            still = [BattleRow.phase == BattlePhase.RUNNING]
            if unshown:
                still = [or_(*still, (BattleRow.phase == BattlePhase.OPEN) & BattleRow.shown_at.is_(None))]
            if not await _void(connection, reason, now, BattleRow.battle_id == battle_id, *still):
                return None
            await _write(connection, battle_id, answers)
            return await rows.battle_by_id(connection, battle_id)

        return await self._together.write(work)

    async def shown(self, battle_id: int, message_id: int | None, closes_at: datetime, now: datetime) -> bool:
        """Note that an open battle's answers can be read from now on; return whether this call did it."""
        values: dict[str, Any] = {"shown_at": now, "closes_at": closes_at, "reply_token": None}
        if message_id is not None:
            values["message_id"] = message_id

        async def work(connection: AsyncConnection) -> bool:
            return await _hits(
                connection,
                update(BattleRow)
                .where(
                    BattleRow.battle_id == battle_id,
                    BattleRow.phase == BattlePhase.OPEN,
                    BattleRow.shown_at.is_(None),
                )
                .values(values),
            )

        return await self._together.write(work)

    async def set_message(self, battle_id: int, message_id: int) -> None:
        """Remember the message that shows the battle."""
        async with self._database.write() as connection:
            await connection.execute(
                update(BattleRow).where(BattleRow.battle_id == battle_id).values(message_id=message_id)
            )

    async def close(self, battle_id: int, now: datetime, *, due_by: datetime | None = None) -> bool:
        """Close an open battle, with `due_by` only if its time has come by then; return whether this call did it."""
        still: list[ColumnElement[bool]] = [BattleRow.shown_at.is_not(None)]
        if due_by is not None:
            still.append(BattleRow.closes_at <= due_by)

        async def work(connection: AsyncConnection) -> bool:
            return await _move(connection, battle_id, BattlePhase.OPEN, *still, phase=BattlePhase.CLOSED, closed_at=now)

        return await self._together.write(work)

    async def expire(self, battle_id: int, reason: str, now: datetime) -> bool:
        """Make an open battle void whose time has come without a vote; return whether this call did it."""

        async def work(connection: AsyncConnection) -> bool:
            return await _void(
                connection,
                reason,
                now,
                BattleRow.battle_id == battle_id,
                BattleRow.phase == BattlePhase.OPEN,
                BattleRow.closes_at <= now,
            )

        return await self._together.write(work)

    async def done(self, battle_id: int) -> bool:
        """Note that the result of a closed battle is shown; return whether this call did it."""
        async with self._database.write() as connection:
            return await _move(connection, battle_id, BattlePhase.CLOSED, phase=BattlePhase.DONE)

    async def interrupt(self, reason: str, now: datetime) -> list[Battle]:
        """Make void what dead processes left running, and return it, once."""
        async with self._database.write() as connection:
            found = await connection.execute(
                select(BattleRow.battle_id)
                .where(BattleRow.phase == BattlePhase.RUNNING, is_left(BattleRow.holder))
                .with_for_update(skip_locked=True)
            )
            ids = list(found.scalars())
            left: list[Battle] = []
            for some in rows.chunks(ids):
                await _void(connection, reason, now, BattleRow.battle_id.in_(some))
                left += await rows.battles_where(connection, BattleRow.battle_id.in_(some))
            return left

    async def take_unshown(self, mine: Collection[int]) -> list[Battle]:
        """Return the open battles that dead processes did not come to show, once: they are this process's now."""
        async with self._database.write() as connection:
            found = await connection.execute(
                select(BattleRow.battle_id)
                .where(BattleRow.phase == BattlePhase.OPEN, BattleRow.shown_at.is_(None), is_left(BattleRow.holder))
                .with_for_update(skip_locked=True)
            )
            ids = [battle_id for battle_id in found.scalars() if battle_id not in mine]
            left: list[Battle] = []
            for some in rows.chunks(ids):
                await connection.execute(
                    update(BattleRow).where(BattleRow.battle_id.in_(some)).values(holder=self._holder)
                )
                left += await rows.battles_where(connection, BattleRow.battle_id.in_(some))
            return left

    async def delete(self, battle_id: int) -> bool:
        """Delete a battle that has not been counted, with its votes; return whether there was one."""
        async with self._database.write() as connection:
            gone = await connection.execute(
                delete(BattleRow)
                .where(BattleRow.battle_id == battle_id, BattleRow.phase.not_in(ENDED))
                .returning(BattleRow.battle_id)
            )
            return gone.scalar_one_or_none() is not None

    async def blank(self, battle_id: int) -> None:
        """Delete what a battle that counts says, and keep its votes."""
        async with self._database.write() as connection:
            await blank(connection, BattleRow.battle_id == battle_id)

    async def sweep(self, before: datetime) -> None:
        """Delete void battles from before then, and what others said; so many at once that others get by."""
        old = BattleRow.made_at < before
        while True:
            async with self._database.write() as connection:
                some = select(BattleRow.battle_id).where(old, BattleRow.phase == BattlePhase.VOID).limit(rows.AT_ONCE)
                swept = await connection.execute(delete(BattleRow).where(BattleRow.battle_id.in_(some)))
            if swept.rowcount < rows.AT_ONCE:
                break
        while True:
            async with self._database.write() as connection:
                said = select(BattleRow.battle_id).where(old, BattleRow.phase.in_(ENDED), BattleRow.prompt != "")
                ids = list((await connection.execute(said.limit(rows.AT_ONCE))).scalars())
                if ids:
                    await blank(connection, BattleRow.battle_id.in_(ids))
            if len(ids) < rows.AT_ONCE:
                break


async def blank(connection: AsyncConnection, *which: ColumnElement[bool]) -> None:
    """Delete what battles say, in the caller's transaction; who met, and how the votes went, stays."""
    ids = select(BattleRow.battle_id).where(*which)
    await connection.execute(update(BattleAnswerRow).where(BattleAnswerRow.battle_id.in_(ids)).values(text=""))
    await connection.execute(update(BattleRow).where(*which).values(prompt="", reply_token=None))


async def _pace(
    connection: AsyncConnection, guild_id: int, member_id: int, now: datetime
) -> tuple[datetime | None, int]:
    mine = (BattleRow.guild_id == guild_id, BattleRow.member_id == member_id)
    last = await connection.execute(select(BattleRow.made_at).where(*mine).order_by(BattleRow.made_at.desc()).limit(1))
    today = await connection.execute(
        select(func.count())
        .select_from(BattleRow)
        .where(*mine, BattleRow.made_at >= rules.day_of(now), BattleRow.phase != BattlePhase.VOID)
    )
    return last.scalar_one_or_none(), today.scalar_one()


async def _line(connection: AsyncConnection, identity: Identity, now: datetime) -> Line:
    key, version, name, openness = identity
    values = {
        "key": key,
        "version": version,
        "name": name,
        "openness": openness.value,
    }
    same = [getattr(ModelLineRow, column) == value for column, value in values.items()]
    found = (await connection.execute(select(ModelLineRow).where(*same))).one_or_none()
    if found is None:
        await connection.execute(
            inserting(connection, ModelLineRow).values(**values, begun_at=now).on_conflict_do_nothing()
        )
        found = (await connection.execute(select(ModelLineRow).where(*same))).one()
    return rows.line_of(found)


async def _write(connection: AsyncConnection, battle_id: int, answers: Sequence[BattleAnswer]) -> None:
    for side, answer in enumerate(answers):
        await connection.execute(
            update(BattleAnswerRow)
            .where(BattleAnswerRow.battle_id == battle_id, BattleAnswerRow.side == side)
            .values(
                text=answer.text,
                masked=answer.masked,
                place=answer.where and answer.where.value,
                sent=answer.sent,
                prompt_tokens=answer.prompt_tokens,
                completion_tokens=answer.completion_tokens,
                cost_micros=micros(answer.cost),
                total_ms=None if answer.seconds is None else round(answer.seconds * 1000),
            )
        )


async def _void(connection: AsyncConnection, reason: str, now: datetime, *which: ColumnElement[bool]) -> bool:
    """Make battles void; the votes that they have are deleted, since they count for nothing."""
    voided = await connection.execute(
        update(BattleRow)
        .where(*which)
        .values(phase=BattlePhase.VOID, void_reason=reason, closed_at=now)
        .returning(BattleRow.battle_id)
    )
    ids = list(voided.scalars())
    if ids:
        await connection.execute(delete(BattleVoteRow).where(BattleVoteRow.battle_id.in_(ids)))
    return bool(ids)


async def _move(
    connection: AsyncConnection, battle_id: int, old: BattlePhase, *still: ColumnElement[bool], **values: Any
) -> bool:
    return await _hits(
        connection,
        update(BattleRow).where(BattleRow.battle_id == battle_id, BattleRow.phase == old, *still).values(values),
    )


async def _hits(connection: AsyncConnection, statement: Update) -> bool:
    return (await connection.execute(statement.returning(BattleRow.battle_id))).scalar_one_or_none() is not None
