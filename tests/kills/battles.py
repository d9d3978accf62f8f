"""An arena without Discord that is flooded with votes, for tests that kill it; run as a process.

Each line on its input, "URL FIRST SEED", makes a fork that opens the database and votes in the battles that it finds:
the shared ones, again and again, and each private one once, by whoever began it. Its clock stands at the number of a
vote when that is cast, so that what is stored says which vote it is. On its output, a line each: `child PID`, `ready`,
`sent BATTLE MEMBER NUMBER` before and `counted BATTLE MEMBER NUMBER` after a vote, `closing BATTLE` and `closed BATTLE`
around the closing of a shared battle, `failed ERROR`, and `gone` once the fork has died.
"""

import asyncio
import os
import random
import sys
from datetime import UTC, datetime, timedelta

import uvloop
from sqlalchemy import select

from bot.arena.service import ArenaService
from bot.arena.types import Actor, Verdict, Voter
from bot.backends.allowances import AllowanceService
from bot.config import Settings
from bot.db.leases import Leases
from bot.db.schema import BattlePhase, BattleRow
from bot.db.session import Database
from bot.errors import ClosedError
from bot.guilds.service import GuildService
from bot.timers import Timers
from tests.kills.flood import say
from tests.support.asking import Shelf

GUILD = 1 << 60
VOTERS = 12
ASKER = 900
BEGAN = datetime(2026, 11, 24, 12, tzinfo=UTC)
OLD = datetime(2020, 1, 1, tzinfo=UTC)


class Counting:
    """A clock that shows a number."""

    def __init__(self) -> None:
        self.number = 0

    def __call__(self) -> datetime:
        return BEGAN + timedelta(milliseconds=self.number)


def number_of(moment: datetime) -> int:
    """Read the number that the clock showed."""
    return round((moment - BEGAN) / timedelta(milliseconds=1))


async def opened(database: Database, clock: Counting) -> ArenaService:
    """Open an arena in which no model answers."""
    settings = Settings.load({})
    guilds = GuildService(database, clock, "UTC")
    await guilds.start()
    leases = Leases(database, clock)
    await leases.start()
    allowances = AllowanceService(database, clock, settings, leases.holder)
    return ArenaService(database, Shelf([]), allowances, guilds, Timers(clock), clock, settings)


async def flood(url: str, first: int, dice: random.Random) -> None:
    """Vote until killed."""
    database = await Database.open(url)
    clock = Counting()
    clock.number = first
    arena = await opened(database, clock)
    async with database.read() as connection:
        found = await connection.execute(
            select(BattleRow.battle_id, BattleRow.is_private, BattleRow.member_id).where(
                BattleRow.phase == BattlePhase.OPEN
            )
        )
        rows = found.all()
    shared = [row.battle_id for row in rows if not row.is_private]
    private = [(row.battle_id, row.member_id) for row in rows if row.is_private]
    dice.shuffle(private)

    async def cast(battle_id: int, member: int) -> None:
        clock.number += 1
        number = clock.number
        say("sent", battle_id, member, number)
        await arena.vote(battle_id, Voter(GUILD, member, OLD), dice.choice(list(Verdict)))
        say("counted", battle_id, member, number)

    async def vote(member: int) -> None:
        while True:
            battle_id = dice.choice(shared)
            try:
                await cast(battle_id, member)
            except ClosedError:
                shared[:] = [one for one in shared if one != battle_id]

    async def vote_once() -> None:
        for battle_id, member in private:
            await cast(battle_id, member)

    async def close() -> None:
        # that which was made for this flood; the first lasts
        ending = max(shared)
        await asyncio.sleep(dice.uniform(0.03, 0.1))
        say("closing", ending)
        await arena.close(ending, Actor(GUILD, ASKER, is_moderator=True))
        say("closed", ending)

    say("ready")
    await asyncio.gather(vote_once(), close(), *map(vote, range(1, VOTERS + 1)))


def run(order: str) -> None:
    """Flood as the order says; does not return by itself."""
    url, first, seed = order.split()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(flood(url, int(first), random.Random(int(seed))))
    except BaseException as error:  # noqa: BLE001 - the test must hear of it
        say("failed", repr(error))


def main() -> None:
    """Make a fork for each order, and say when it has died."""
    for order in sys.stdin:
        child = os.fork()
        if child == 0:
            run(order)
            os._exit(1)
        say("child", child)
        os.waitpid(child, 0)
        say("gone")


if __name__ == "__main__":
    main()
