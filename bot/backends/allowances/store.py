"""Allowances and use in the database: each method is one transaction, and rows do not leave it.

Whoever changes a server's use stands in its line first: on SQLite there is one line for all that write, on PostgreSQL
a lock that ends with the transaction. So nobody reads what another is about to use.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Row, case, delete, func, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.backends.allowances import rules
from bot.backends.allowances.types import Allowance, AllowanceKind, Bounds, Hold, Use
from bot.db.leases import is_left
from bot.db.schema import AllowanceRow, UsageHoldRow, UsageRow
from bot.db.session import Database
from bot.db.together import Together
from bot.db.upsert import inserting
from bot.errors import QuotaError

NOBODY = 0
"""Under whom the use of erased members goes on."""

# any number that no other lock of ours has
_LOCKS = 0x616C6C
_LOCK = text(f"SELECT pg_advisory_xact_lock({_LOCKS}, :guild)")

Whose = tuple[int, int, Collection[int]]
"""A server, a member, and the roles of the member."""
Binding = Callable[[Iterable[Allowance]], Bounds]
"""How allowances turn into what holds for a member."""


class AllowanceStore:
    """All that may be used, and all that is."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._together = Together(database)

    async def reserve(self, whose: Whose, more: Use, binding: Binding, now: datetime, holder: str) -> int:
        """Reserve `more` and return the id of what is held, by the process `holder`.

        Raises:
            QuotaError: it is more than there is.
        """
        guild_id, member_id, role_ids = whose
        day = rules.day_of(now)

        async def work(connection: AsyncConnection) -> int | QuotaError:
            await _line_up(connection, [guild_id])
            holding = binding(await _allowances(connection, guild_id, role_ids))
            mine, everybody = await _used(connection, guild_id, member_id, day, holding, more)
            refusal = rules.refuse(holding, mine, everybody, more, now)
            if refusal is not None:
                return refusal
            await _add(connection, guild_id, member_id, day, more)
            added = await connection.execute(
                insert(UsageHoldRow)
                .values(
                    guild_id=guild_id,
                    member_id=member_id,
                    day=day,
                    tokens=more.tokens,
                    micros=more.micros,
                    holder=holder,
                    made_at=now,
                )
                .returning(UsageHoldRow.hold_id)
            )
            return added.scalar_one()

        return _unless_refused(await self._together.write(work))

    async def extend(self, hold: Hold, wanted: Sequence[Use], binding: Binding, now: datetime) -> Use:
        """Add the first of `wanted` that there is to what is held, and return it; nothing when it is held no longer.

        Raises:
            QuotaError: not even the last of them is there.
        """
        guild_id, day, this = hold.guild_id, rules.day_of(now), UsageHoldRow.hold_id == hold.hold_id

        async def work(connection: AsyncConnection) -> Use | QuotaError:
            await _line_up(connection, [guild_id])
            found = await connection.execute(select(UsageHoldRow).where(this))
            row = found.one_or_none()
            if row is None:
                return Use()
            holding = binding(await _allowances(connection, guild_id, hold.role_ids))
            refusal: QuotaError | None = None
            for more in wanted:
                mine, everybody = await _used(connection, guild_id, row.member_id, day, holding, more)
                refusal = rules.refuse(holding, mine, everybody, more, now)
                if refusal is None:
                    await _add(connection, guild_id, row.member_id, row.day, more)
                    await connection.execute(
                        update(UsageHoldRow)
                        .where(this)
                        .values(tokens=row.tokens + more.tokens, micros=row.micros + more.micros)
                    )
                    return more
            return refusal or QuotaError("Nothing was asked for.")

        return _unless_refused(await self._together.write(work))

    async def settle(self, hold: Hold, used: Use) -> None:
        """Put what was really used in the place of what is held.

        What is held no longer was given back too early, since this process was not to be seen: then all of it is added.
        """

        async def work(connection: AsyncConnection) -> None:
            await _line_up(connection, [hold.guild_id])
            rows = await _drop(connection, hold.hold_id)
            for row in rows:
                more = Use(used.tokens - row.tokens, used.micros - row.micros)
                await _add(connection, hold.guild_id, row.member_id, row.day, more)
            if not rows:
                await _add(connection, hold.guild_id, hold.member_id, hold.day, used)

        await self._together.write(work)

    async def release(self, hold: Hold) -> None:
        """Give back what is held, if it still is."""

        async def work(connection: AsyncConnection) -> None:
            await _line_up(connection, [hold.guild_id])
            for row in await _drop(connection, hold.hold_id):
                await _add(connection, hold.guild_id, row.member_id, row.day, Use(-row.tokens, -row.micros))

        await self._together.write(work)

    async def give_back(self, before: datetime) -> int:
        """Give back what dead processes hold, or anybody has held since `before`; return how many that were."""
        theirs = or_(is_left(UsageHoldRow.holder), UsageHoldRow.made_at < before)
        async with self._database.write() as connection:
            guilds = (await connection.execute(select(UsageHoldRow.guild_id).where(theirs).distinct())).scalars().all()
            if not guilds:
                return 0
            await _line_up(connection, guilds)
            dropped = await connection.execute(delete(UsageHoldRow).where(theirs).returning(*_HELD))
            rows = dropped.all()
            for row in rows:
                await _add(connection, row.guild_id, row.member_id, row.day, Use(-row.tokens, -row.micros))
            return len(rows)

    async def used(self, whose: Whose, binding: Binding, now: datetime) -> tuple[Bounds, Use, Use]:
        """Return what holds for a member, what they used, and what the whole server did as far as that is bounded."""
        guild_id, member_id, role_ids = whose
        everything = Use(1, 1)
        async with self._database.read() as connection:
            holding = binding(await _allowances(connection, guild_id, role_ids))
            mine, everybody = await _used(connection, guild_id, member_id, rules.day_of(now), holding, everything)
        return holding, mine, everybody

    async def set(self, allowance: Allowance) -> None:
        """Store an allowance in the place of the one for the same."""
        async with self._database.write() as connection:
            values = {"tokens_a_day": allowance.tokens_a_day, "micros_a_month": allowance.micros_a_month}
            added = inserting(connection, AllowanceRow).values(
                guild_id=allowance.guild_id, kind=allowance.kind, role_id=allowance.role_id, **values
            )
            key = [AllowanceRow.guild_id, AllowanceRow.kind, AllowanceRow.role_id]
            await connection.execute(added.on_conflict_do_update(index_elements=key, set_=values))

    async def unset(self, guild_id: int, kind: AllowanceKind, role_id: int) -> None:
        """Delete an allowance."""
        async with self._database.write() as connection:
            await connection.execute(
                delete(AllowanceRow).where(
                    AllowanceRow.guild_id == guild_id, AllowanceRow.kind == kind, AllowanceRow.role_id == role_id
                )
            )

    async def all_of(self, guild_id: int) -> tuple[Allowance, ...]:
        """Return what a server has set: for itself, for every member, then for roles."""
        async with self._database.read() as connection:
            found = await _allowances(connection, guild_id, None)
        order = (AllowanceKind.SERVER, AllowanceKind.MEMBER, AllowanceKind.ROLE)
        return tuple(sorted(found, key=lambda one: (order.index(one.kind), one.role_id)))

    async def forget(self, member_id: int) -> None:
        """Let the use of a member go on under nobody's name."""
        mine, held = UsageRow.member_id == member_id, UsageHoldRow.member_id == member_id
        async with self._database.write() as connection:
            guilds = select(UsageRow.guild_id).where(mine).union(select(UsageHoldRow.guild_id).where(held))
            await _line_up(connection, (await connection.execute(guilds)).scalars())
            await connection.execute(update(UsageHoldRow).where(held).values(member_id=NOBODY))
            dropped = await connection.execute(
                delete(UsageRow)
                .where(mine)
                .returning(UsageRow.guild_id, UsageRow.day, UsageRow.tokens, UsageRow.micros)
            )
            for row in dropped.all():
                await _add(connection, row.guild_id, NOBODY, row.day, Use(row.tokens, row.micros))

    async def of_member(self, member_id: int) -> list[tuple[int, int, Use]]:
        """Return what a member used: server, day, and how much."""
        query = select(UsageRow).where(UsageRow.member_id == member_id).order_by(UsageRow.guild_id, UsageRow.day)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [(row.guild_id, row.day, Use(row.tokens, row.micros)) for row in rows]

    async def sweep(self, before_day: int) -> None:
        """Delete what was used before a day."""
        async with self._database.write() as connection:
            await connection.execute(delete(UsageRow).where(UsageRow.day < before_day))


ResultT = TypeVar("ResultT")


def _unless_refused(result: ResultT | QuotaError) -> ResultT:
    """Return what came of it. What is refused is raised only here: it undoes nothing of what others wrote."""
    if isinstance(result, QuotaError):
        raise result
    return result


_HELD = (UsageHoldRow.guild_id, UsageHoldRow.member_id, UsageHoldRow.day, UsageHoldRow.tokens, UsageHoldRow.micros)


async def _line_up(connection: AsyncConnection, guild_ids: Iterable[int]) -> None:
    if connection.dialect.name == "sqlite":
        return
    # two servers that share a number only wait for each other; always in the same order, so that nobody waits in a ring
    for number in sorted({guild_id % 2**31 for guild_id in guild_ids}):
        await connection.execute(_LOCK, {"guild": number})


async def _allowances(
    connection: AsyncConnection, guild_id: int, role_ids: Collection[int] | None
) -> tuple[Allowance, ...]:
    query = select(AllowanceRow).where(AllowanceRow.guild_id == guild_id)
    if role_ids is not None:
        query = query.where(or_(AllowanceRow.kind != AllowanceKind.ROLE, AllowanceRow.role_id.in_(role_ids)))
    return tuple(_allowance(row) for row in (await connection.execute(query)).all())


async def _used(
    connection: AsyncConnection, guild_id: int, member_id: int, day: int, holding: Bounds, more: Use
) -> tuple[Use, Use]:
    """Sum up what a member and the server used; the server only where a bound and `more` make it matter."""
    # of this month are all rows that count: today is in it
    this_month = (UsageRow.guild_id == guild_id, UsageRow.day >= rules.month_of(day))
    own = await _summed(connection, day, *this_month, UsageRow.member_id == member_id)
    needs_money = holding.server.micros is not None and more.micros
    if holding.server.tokens is None and not needs_money:
        return own, Use()
    return own, await _summed(connection, day, *this_month)


async def _summed(connection: AsyncConnection, day: int, *where: Any) -> Use:
    """Sum up the tokens of a day, and the money of all rows."""
    today = case((UsageRow.day == day, UsageRow.tokens), else_=0)
    query = select(func.coalesce(func.sum(today), 0), func.coalesce(func.sum(UsageRow.micros), 0)).where(*where)
    tokens, micros = (await connection.execute(query)).one()
    return Use(int(tokens), int(micros))


async def _add(connection: AsyncConnection, guild_id: int, member_id: int, day: int, more: Use) -> None:
    added = inserting(connection, UsageRow).values(
        guild_id=guild_id, member_id=member_id, day=day, tokens=more.tokens, micros=more.micros
    )
    await connection.execute(
        added.on_conflict_do_update(
            index_elements=[UsageRow.guild_id, UsageRow.member_id, UsageRow.day],
            set_={
                "tokens": UsageRow.tokens + added.excluded.tokens,
                "micros": UsageRow.micros + added.excluded.micros,
            },
        )
    )


async def _drop(connection: AsyncConnection, hold_id: int) -> Sequence[Row[int, int, int, int, int]]:
    dropped = await connection.execute(delete(UsageHoldRow).where(UsageHoldRow.hold_id == hold_id).returning(*_HELD))
    return dropped.all()


def _allowance(row: Row[Any]) -> Allowance:
    return Allowance(row.guild_id, row.kind, row.role_id, row.tokens_a_day, row.micros_a_month)
