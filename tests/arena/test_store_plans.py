"""What is asked at every battle, vote and board finds its rows by an index, however many battles there are."""

from pathlib import Path

from bot.arena.types import BoardBy
from bot.db.migrate import bring_to_head
from bot.db.session import Database
from tests.polls.test_query_plans import noted
from tests.support.arena import ADA, BEN, MODERATOR, actor, fill, opened
from tests.support.polls import GUILD, SetClock

SWEPT = "arena_battles.made_at < ?"
"""Once a day, what was kept long enough is looked for among all battles."""


async def test_no_table_of_the_arena_is_read_whole(tmp_path: Path) -> None:
    clock = SetClock()
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/rostrum.db")
    try:
        await bring_to_head(database)
        await fill(database, battles=40)
        async with opened(database, clock) as desk:
            with noted(database) as asked:
                battle = await desk.opened()
                await desk.vote(battle, BEN)
                await desk.arena.turnout(battle.battle_id)
                await desk.arena.close(battle.battle_id, actor())
                for by in BoardBy:
                    await desk.arena.board(GUILD, by)
                await desk.arena.exclude(GUILD, 1_000_003, actor(MODERATOR, moderator=True))
                await desk.arena.delete(1_000, actor(moderator=True))
                await desk.arena.export_user(ADA)
                await desk.arena.forget(ADA)
        async with database.read() as connection:
            assert len(asked) > 20
            for statement, values in asked.items():
                if not statement.startswith(("SELECT", "UPDATE", "DELETE")) or SWEPT in statement:
                    continue
                plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                steps = [str(row[-1]) for row in plan.all()]
                whole = [step for step in steps if step.startswith("SCAN arena_") and "INDEX" not in step]
                assert not whole, (statement, whole)
    finally:
        await database.close()
