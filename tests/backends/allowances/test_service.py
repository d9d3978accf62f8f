"""Reserving, settling and giving back; what is set; who is erased. On both databases."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from bot.backends.allowances import AllowanceKind, AllowanceService, Hold
from bot.backends.allowances.rules import KEPT_DAYS, next_day, next_month
from bot.backends.allowances.service import HELD_FOR, STEP
from bot.config import Settings
from bot.db.leases import Leases
from bot.db.migrate import bring_to_head
from bot.db.schema import UsageHoldRow, UsageRow
from bot.db.session import Database
from bot.errors import InvalidInputError, QuotaError
from tests.support.polls import SetClock

GUILD, OTHER_GUILD, ADA, BEN = 1 << 60, (1 << 60) + 1, 1, 2
PLAIN = frozenset[int]()
DOLLAR = 1_000_000


async def left(allowances: AllowanceService, member: int = ADA, guild: int = GUILD) -> tuple[int | None, int | None]:
    found = await allowances.remaining(guild, member, PLAIN)
    return found.tokens, found.micros


async def held(database: Database) -> int:
    async with database.read() as connection:
        return (await connection.execute(select(func.count()).select_from(UsageHoldRow))).scalar_one()


async def test_what_is_reserved_is_gone_until_it_is_settled(allowances: AllowanceService, clock: SetClock) -> None:
    assert await left(allowances) == (1000, DOLLAR)
    hold = await allowances.reserve(GUILD, ADA, PLAIN, 600, 1000)
    assert await left(allowances) == (400, DOLLAR - 1000)
    await allowances.settle(hold, 150, 300)
    assert await left(allowances) == (850, DOLLAR - 300)
    await allowances.settle(hold, 150, 300)
    await allowances.release(hold)
    assert await left(allowances) == (850, DOLLAR - 300)
    found = await allowances.remaining(GUILD, ADA, PLAIN)
    assert (found.tokens_again_at, found.money_again_at) == (next_day(clock.now), next_month(clock.now))


async def test_what_is_released_is_there_again(allowances: AllowanceService, database: Database) -> None:
    hold = await allowances.reserve(GUILD, ADA, PLAIN, 600, 1000)
    await allowances.release(hold)
    await allowances.release(hold)
    await allowances.settle(hold, 5, 5)
    assert await left(allowances) == (1000, DOLLAR)
    assert await held(database) == 0


async def test_more_than_there_is_is_refused_and_reserves_nothing(allowances: AllowanceService) -> None:
    await allowances.reserve(GUILD, ADA, PLAIN, 600, 0)
    with pytest.raises(QuotaError, match=r"400 left, and this takes about 401.*<t:\d+:t>"):
        await allowances.reserve(GUILD, ADA, PLAIN, 401, 0)
    await allowances.reserve(GUILD, ADA, PLAIN, 400, 0)
    with pytest.raises(QuotaError, match=r"used up\. There is more at <t:\d+:t>"):
        await allowances.reserve(GUILD, ADA, PLAIN, 1, 0)
    # others have their own, and so has she elsewhere
    await allowances.reserve(GUILD, BEN, PLAIN, 1000, 0)
    await allowances.reserve(OTHER_GUILD, ADA, PLAIN, 1000, 0)


async def test_tokens_come_back_by_the_day_and_money_by_the_month(
    allowances: AllowanceService, clock: SetClock
) -> None:
    hold = await allowances.reserve(GUILD, ADA, PLAIN, 1000, DOLLAR)
    await allowances.settle(hold, 1000, DOLLAR)
    clock.now = next_day(clock.now)
    assert await left(allowances) == (1000, 0)
    with pytest.raises(QuotaError, match=r"This server's allowance of \$1.00 a month is used up.*<t:\d+:D>"):
        await allowances.reserve(GUILD, BEN, PLAIN, 1, 1)
    # what runs on this machine costs nothing
    await allowances.reserve(GUILD, BEN, PLAIN, 1, 0)
    clock.now = next_month(clock.now)
    assert await left(allowances) == (1000, DOLLAR)


async def test_an_answer_counts_for_the_day_on_which_it_began(allowances: AllowanceService, clock: SetClock) -> None:
    hold = await allowances.reserve(GUILD, ADA, PLAIN, 600, 0)
    clock.now = next_day(clock.now)
    await allowances.settle(hold, 900, 0)
    assert await left(allowances) == (1000, DOLLAR)


async def test_the_most_generous_role_wins_and_the_servers_bound_holds_in_addition(
    allowances: AllowanceService,
) -> None:
    await allowances.set(GUILD, AllowanceKind.MEMBER, 0, 100, None)
    await allowances.set(GUILD, AllowanceKind.ROLE, 7, 500, None)
    await allowances.set(GUILD, AllowanceKind.ROLE, 8, 300, None)
    await allowances.set(GUILD, AllowanceKind.ROLE, 9, None, None)
    await allowances.set(GUILD, AllowanceKind.SERVER, 0, 700, None)
    for roles, tokens in ((PLAIN, 100), ({7, 8}, 500), ({8}, 300), ({7, 9}, 700), ({6}, 100)):
        assert (await allowances.remaining(GUILD, ADA, roles)).tokens == tokens
    await allowances.reserve(GUILD, ADA, {7}, 500, 0)
    assert (await allowances.remaining(GUILD, BEN, {7})).tokens == 200
    with pytest.raises(QuotaError, match="This server's allowance of 700 tokens"):
        await allowances.reserve(GUILD, BEN, {7}, 201, 0)
    await allowances.reserve(GUILD, BEN, {7}, 200, 0)


async def test_what_is_set_is_listed_changed_and_taken_back(allowances: AllowanceService) -> None:
    role = await allowances.set(GUILD, AllowanceKind.ROLE, 7, 500, 9)
    member = await allowances.set(GUILD, AllowanceKind.MEMBER, 0, 100, None)
    server = await allowances.set(GUILD, AllowanceKind.SERVER, 0, None, DOLLAR)
    assert await allowances.list(GUILD) == (server, member, role)
    assert await allowances.list(OTHER_GUILD) == ()
    changed = await allowances.set(GUILD, AllowanceKind.ROLE, 7, 600, None)
    assert (await allowances.list(GUILD))[-1] == changed
    await allowances.unset(GUILD, AllowanceKind.ROLE, 7)
    await allowances.unset(GUILD, AllowanceKind.MEMBER)
    assert await allowances.list(GUILD) == (server,)
    with pytest.raises(InvalidInputError, match="allows no more"):
        await allowances.set(GUILD, AllowanceKind.SERVER, 0, None, DOLLAR + 1)


async def test_without_bounds_everything_goes(database: Database, clock: SetClock) -> None:
    free = Settings.load({"ROSTRUM_MEMBER_TOKENS_A_DAY": "0", "ROSTRUM_SERVER_DOLLARS_A_MONTH": "0"})
    allowances = AllowanceService(database, clock, free)
    await allowances.reserve(GUILD, ADA, PLAIN, 10**9, 10**9)
    found = await allowances.remaining(GUILD, ADA, PLAIN)
    assert (found.tokens, found.micros, found.tokens_again_at, found.money_again_at) == (None, None, None, None)


async def test_of_fifty_at_once_as_many_get_through_as_there_is_for(allowances: AllowanceService) -> None:
    await allowances.set(GUILD, AllowanceKind.SERVER, 0, 1700, DOLLAR)

    async def ask(member: int) -> Hold | None:
        try:
            return await allowances.reserve(GUILD, member, PLAIN, 100, 10)
        except QuotaError:
            return None

    # ten members, five questions each, of whom none may use more than 1000 and all together no more than 1700
    holds = [hold for hold in await asyncio.gather(*(ask(1 + number % 10) for number in range(50))) if hold]
    assert len(holds) == 17
    assert await left(allowances) == (0, DOLLAR - 170)
    await asyncio.gather(*(allowances.settle(hold, 60, 6) for hold in holds))
    assert await left(allowances, 99) == (1700 - 17 * 60, DOLLAR - 17 * 6)


async def test_fifty_of_one_member_at_once_take_no_more_than_theirs(allowances: AllowanceService) -> None:
    async def ask() -> bool:
        try:
            await allowances.reserve(GUILD, ADA, PLAIN, 90, 0)
        except QuotaError:
            return False
        return True

    assert sum(await asyncio.gather(*(ask() for _ in range(50)))) == 11
    assert await left(allowances) == (10, DOLLAR)


async def test_a_growing_answer_reserves_more_in_steps(allowances: AllowanceService) -> None:
    hold = await allowances.reserve(GUILD, ADA, PLAIN, 100, 1000)
    await allowances.charge(hold, 100)
    assert await left(allowances) == (900, DOLLAR - 1000)
    await allowances.charge(hold, 101)
    assert await left(allowances) == (900 - STEP, DOLLAR - 1000 - 10 * STEP)
    await allowances.charge(hold, 100 + STEP)
    assert await left(allowances) == (900 - STEP, DOLLAR - 1000 - 10 * STEP)
    await allowances.settle(hold, 120, 1200)
    assert await left(allowances) == (880, DOLLAR - 1200)
    # it is over
    await allowances.charge(hold, 10**6)
    assert await left(allowances) == (880, DOLLAR - 1200)


async def test_a_quota_is_reached_in_the_middle_of_an_answer(allowances: AllowanceService) -> None:
    hold = await allowances.reserve(GUILD, ADA, PLAIN, 900, 0)
    # a whole step is not there, the need is
    await allowances.charge(hold, 1000)
    assert await left(allowances) == (0, DOLLAR)
    with pytest.raises(QuotaError, match="used up"):
        await allowances.charge(hold, 1001)
    await allowances.settle(hold, 1003, 0)
    assert await left(allowances) == (0, DOLLAR)
    assert (await allowances.export(ADA))[0]["tokens"] == 1003


async def test_answers_that_grow_at_once_take_no_more_than_there_is(allowances: AllowanceService) -> None:
    holds = [await allowances.reserve(GUILD, ADA, PLAIN, 50, 0) for _ in range(10)]

    async def grow(hold: Hold) -> bool:
        try:
            await allowances.charge(hold, 150)
        except QuotaError:
            return False
        return True

    # one gets a step; the others what they need, while there is some
    grown = await asyncio.gather(*(grow(hold) for hold in holds))
    remaining, _ = await left(allowances)
    assert remaining is not None
    assert 0 <= remaining < 100
    assert 1 <= sum(grown) < 10


async def test_what_a_dead_process_held_is_given_back(
    database: Database, clock: SetClock, settings: Settings, allowances: AllowanceService
) -> None:
    await allowances.reserve(GUILD, ADA, PLAIN, 600, 1000)
    await allowances.reserve(OTHER_GUILD, BEN, PLAIN, 300, 0)
    assert (await left(allowances), await held(database)) == ((400, DOLLAR - 1000), 2)
    await AllowanceService(database, clock, settings).start()
    assert (await left(allowances), await held(database)) == ((1000, DOLLAR), 0)
    assert await left(allowances, BEN, OTHER_GUILD) == (1000, DOLLAR)


async def test_what_another_process_holds_stays_unless_it_is_too_old(
    database: Database, clock: SetClock, settings: Settings, allowances: AllowanceService
) -> None:
    leases = Leases(database, clock)
    await leases.start()
    other = AllowanceService(database, clock, settings, leases.holder)
    hold = await other.reserve(GUILD, ADA, PLAIN, 600, 0)
    await AllowanceService(database, clock, settings).start()
    assert await left(allowances) == (400, DOLLAR)
    clock.now += HELD_FOR + timedelta(seconds=1)
    await AllowanceService(database, clock, settings).start()
    assert await left(allowances) == (1000, DOLLAR)
    # it was not dead, only slow: what it took counts all the same
    await other.charge(hold, 700)
    await other.settle(hold, 250, 40)
    assert await left(allowances) == (750, DOLLAR - 40)
    late = await other.reserve(GUILD, ADA, PLAIN, 100, 0)
    clock.now += HELD_FOR + timedelta(seconds=1)
    await AllowanceService(database, clock, settings).start()
    await other.release(late)
    assert await left(allowances) == (750, DOLLAR - 40)


async def test_who_is_erased_still_counts_for_the_server_under_nobodys_name(
    database: Database, clock: SetClock, allowances: AllowanceService
) -> None:
    await allowances.set(GUILD, AllowanceKind.SERVER, 0, 2000, None)
    for _ in range(2):
        await allowances.settle(await allowances.reserve(GUILD, ADA, PLAIN, 300, 50), 300, 50)
        await allowances.settle(await allowances.reserve(GUILD, BEN, PLAIN, 100, 0), 100, 0)
    running = await allowances.reserve(GUILD, ADA, PLAIN, 200, 0)
    exported = await allowances.export(ADA)
    assert json.loads(json.dumps(exported)) == [
        {"guild_id": str(GUILD), "day": f"{clock.now:%Y-%m-%d}", "tokens": 800, "dollars": "0.000100"}
    ]
    await allowances.forget(ADA)
    await allowances.forget(ADA)
    assert await allowances.export(ADA) == []
    async with database.read() as connection:
        rows = (await connection.execute(select(UsageRow).order_by(UsageRow.member_id))).all()
        holders = (await connection.execute(select(UsageHoldRow.member_id))).scalars().all()
    assert [(row.member_id, row.tokens, row.micros) for row in rows] == [(0, 800, 100), (BEN, 200, 0)]
    assert holders == [0]
    # what was running ends under nobody's name as well
    await allowances.settle(running, 20, 0)
    assert await allowances.export(ADA) == []
    await allowances.forget(BEN)
    assert (await allowances.remaining(GUILD, ADA, {1})).tokens == 1000
    await allowances.set(GUILD, AllowanceKind.MEMBER, 0, None, None)
    assert (await allowances.remaining(GUILD, ADA, {1})).tokens == 2000 - 820


async def test_use_that_is_too_old_to_matter_is_swept(allowances: AllowanceService, clock: SetClock) -> None:
    await allowances.settle(await allowances.reserve(GUILD, ADA, PLAIN, 300, 50), 300, 50)
    clock.now += timedelta(days=KEPT_DAYS)
    await allowances.sweep()
    assert len(await allowances.export(ADA)) == 1
    clock.now += timedelta(days=1)
    await allowances.sweep()
    assert await allowances.export(ADA) == []


async def test_what_the_database_does_not_take_can_be_settled_later(
    tmp_path: Path, clock: SetClock, settings: Settings
) -> None:
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'rostrum.db'}")
    await bring_to_head(database)
    allowances = AllowanceService(database, clock, settings)
    hold = await allowances.reserve(GUILD, ADA, PLAIN, 600, 0)
    async with database.write() as connection:
        await connection.execute(text("ALTER TABLE usage_days RENAME TO away"))
    for end in (allowances.settle(hold, 150, 0), allowances.release(hold)):
        with pytest.raises(DBAPIError):
            await end
    async with database.write() as connection:
        await connection.execute(text("ALTER TABLE away RENAME TO usage_days"))
    await allowances.settle(hold, 150, 0)
    assert await left(allowances) == (850, DOLLAR)
    await database.close()


async def test_what_was_held_for_too_long_is_given_back_while_it_runs(
    database: Database, clock: SetClock, settings: Settings
) -> None:
    leases = Leases(database, clock)
    await leases.start()
    allowances = AllowanceService(database, clock, settings, leases.holder)
    # such as by a question that was taken back at the very moment
    await allowances.reserve(GUILD, ADA, PLAIN, 600, 0)
    clock.now += HELD_FOR
    await allowances.sweep()
    assert await left(allowances) == (400, DOLLAR)
    clock.now += timedelta(seconds=1)
    await allowances.sweep()
    assert await left(allowances) == (1000, DOLLAR)
