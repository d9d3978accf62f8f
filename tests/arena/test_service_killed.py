"""kill -9 while people vote in a battle: what was acknowledged is there, each vote once."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

from bot.arena.types import BattlePhase
from bot.db.migrate import bring_to_head
from bot.db.session import Database
from tests.support.arena import actor, opened
from tests.support.polls import GUILD, SetClock

ROOT = Path(__file__).resolve().parents[2]
HEARD = 60

# a process that opens a battle, and has one member after the other vote, a few at a time, until it is killed
PROCESS = """
import asyncio, sys
from bot.db.session import Database
from tests.support.arena import opened
from tests.support.polls import SetClock

async def vote(desk, battle, member):
    await desk.vote(battle, member)
    print(member, flush=True)

async def main():
    database = await Database.open(sys.argv[1])
    async with opened(database, SetClock()) as desk:
        battle = await desk.opened()
        print(battle.battle_id, flush=True)
        member = 1_000
        while True:
            await asyncio.gather(*(vote(desk, battle, member + number) for number in range(20)))
            member += 20

asyncio.run(main())
"""


async def test_votes_that_were_acknowledged_outlive_a_kill(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/rostrum.db"
    made = await Database.open(url)
    await bring_to_head(made)
    await made.close()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROCESS, url, cwd=ROOT, stdout=PIPE, env={"PYTHONPATH": str(ROOT)}
    )
    assert process.stdout is not None
    try:
        battle_id = int(await process.stdout.readline())
        acknowledged = {int(await process.stdout.readline()) for _ in range(HEARD)}
    finally:
        process.send_signal(signal.SIGKILL)
        rest, _ = await process.communicate()
    # a last line that was cut off acknowledges nothing
    acknowledged |= {int(line) for line in rest.split(b"\n")[:-1]}
    database = await Database.open(url)
    try:
        async with opened(database, SetClock()) as desk:
            assert (await desk.arena.get(battle_id, GUILD)).phase is BattlePhase.OPEN
            for member in acknowledged:
                votes = (await desk.arena.export_user(member))["votes"]
                assert [vote["battle"] for vote in votes] == [battle_id]
            result = await desk.arena.close(battle_id, actor())
            assert result.turnout >= len(acknowledged) >= HEARD
    finally:
        await database.close()
