"""What is asked at every battle, vote and board finds its rows by an index, however many battles there are."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.arena.types import BoardBy
from bot.db.session import Database
from tests.polls.test_query_plans import noted
from tests.support.arena import ADA, BEN, MODERATOR, Desk, actor, fill
from tests.support.polls import GUILD

SWEPT = "arena_battles.made_at <"
"""Once a day, what was kept long enough is looked for among all battles."""
MOST_READS = 8
"""Statements for a board: what it stands for, and what it is made of."""


@contextmanager
def counted(database: Database) -> Generator[list[str]]:
    """Every reading statement, each time that it is run."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    yield asked
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)


async def whole_tables(connection: AsyncConnection, statement: str, values: Any) -> list[str]:
    """The tables of the arena that a statement reads from end to end."""
    if connection.dialect.name == "sqlite":
        plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        steps = [str(row[-1]) for row in plan.all()]
        return [step for step in steps if step.startswith("SCAN arena_") and "INDEX" not in step]
    plan = await connection.exec_driver_sql(f"EXPLAIN {statement}", values)
    return [str(row[0]) for row in plan.all() if "Seq Scan on arena_" in row[0]]


async def test_no_table_of_the_arena_is_read_whole(desk: Desk) -> None:
    await fill(desk.database, battles=40)
    with noted(desk.database) as asked:
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
    async with desk.database.read() as connection:
        assert len(asked) > 20
        if connection.dialect.name != "sqlite":
            # so small a table is read whole for good reasons; this asks whether it could be otherwise
            await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        told = "SELECT * FROM arena_battles WHERE void_reason = 'x'"
        assert await whole_tables(connection, told, ()), "the test would notice"
        for statement, values in asked.items():
            if statement.startswith(("SELECT", "UPDATE", "DELETE")) and SWEPT not in statement:
                assert await whole_tables(connection, statement, values) == [], statement


async def test_a_board_takes_as_many_reads_for_many_battles_as_for_few(desk: Desk) -> None:
    reads: list[list[int]] = []
    for size, first in ((20, 1_000), (90, 2_000)):
        await fill(desk.database, battles=size, first_battle=first)
        some: list[int] = []
        for ask in (
            *(lambda by=by: desk.arena.board(GUILD, by) for by in BoardBy),
            lambda: desk.arena.history(GUILD),
            lambda: desk.arena.fair_play(GUILD),
        ):
            with counted(desk.database) as asked:
                await ask()
            some.append(len(asked))
        with counted(desk.database) as asked:
            await desk.arena.board(GUILD, BoardBy.MODEL)
        some.append(len(asked))
        reads.append(some)
    assert reads[0] == reads[1]
    assert max(reads[0]) <= MOST_READS
    assert reads[0][-1] < reads[0][0], "what was made already is only looked after"
