"""No query of polls reads a whole table: SQLite is asked how it would run each."""

from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.session import Database
from bot.polls.service import PollService
from tests.support.polls import GUILD, actor, draft_of, opened

READS_ALL = "SELECT poll_id FROM polls WHERE question = 'x'"


async def scans(connection: AsyncConnection, statement: str, parameters: Any = ()) -> list[str]:
    plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    return [f"{row[3]}: {statement}" for row in plan if row[3].startswith("SCAN ") and "CONSTANT" not in row[3]]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_every_query_uses_an_index(polls: PollService, database: Database) -> None:
    asked: dict[str, Any] = {}

    def note(
        _connection: object, _cursor: object, statement: str, parameters: Any, _context: object, many: bool
    ) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
            asked[statement] = parameters[0] if many else parameters

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    poll = await opened(polls)
    await polls.vote(poll.poll_id, GUILD, 1, 0)
    await polls.posted(poll.poll_id, 5)
    await polls.list_open(GUILD)
    await polls.export(1)
    await polls.start()
    await polls.discard((await polls.draft(draft_of())).poll_id, actor())
    await polls.close_now(poll.poll_id, actor())
    await polls.shown(poll.poll_id)
    await polls.forget(1)
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)

    assert len(asked) > 15
    async with database.read() as connection:
        assert await scans(connection, READS_ALL), "the test would notice"
        for statement, parameters in asked.items():
            assert await scans(connection, statement, parameters) == []
