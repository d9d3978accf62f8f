"""No query of polls reads a whole table: SQLite is asked how it would run each."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.session import Database
from bot.polls.native import Counts
from bot.polls.service import PollService
from bot.polls.types import PollEdit, PollLists, PollReveal, PollRules
from tests.support.polls import GUILD, START, actor, cast, draft_of, opened, voter

READS_ALL = "SELECT poll_id FROM polls WHERE question = 'x'"
SEEN = {
    "INSERT INTO polls", "INSERT INTO poll_options", "INSERT INTO poll_roles", "INSERT INTO poll_bells",
    "INSERT INTO poll_weights", "INSERT INTO poll_proposals", "DELETE FROM poll_weights", "DELETE FROM poll_proposals",
    "UPDATE polls", "UPDATE poll_ballots", "DELETE FROM polls", "DELETE FROM poll_options", "DELETE FROM poll_roles",
    "DELETE FROM poll_bells", "DELETE FROM poll_ballots",
}  # fmt: skip


async def scans(connection: AsyncConnection, statement: str, parameters: Any = ()) -> list[str]:
    plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    return [f"{row[3]}: {statement}" for row in plan if row[3].startswith("SCAN ") and "CONSTANT" not in row[3]]


@contextmanager
def noted(database: Database) -> Iterator[dict[str, Any]]:
    """Every statement that is run, with parameters of one of its runs."""
    asked: dict[str, Any] = {}

    def note(
        _connection: object, _cursor: object, statement: str, parameters: Any, _context: object, many: bool
    ) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
            asked[statement] = parameters[0] if many else parameters

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    yield asked
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)


async def live_through_everything(polls: PollService) -> None:
    draft = await polls.draft(draft_of())
    await polls.redraft(draft.poll_id, actor(), draft_of(options=("x", "y")))
    await polls.set_rules(draft.poll_id, actor(), PollRules(role_ids=(4,)))
    await polls.set_rules(draft.poll_id, actor(), PollRules(weights=((4, 3),)))
    await polls.set_rules(draft.poll_id, actor(), PollRules())
    await polls.discard(draft.poll_id, actor())
    withdrawn = await opened(polls)
    await polls.withdraw(withdrawn.poll_id)

    poll = await opened(polls, reminds=True, is_public=True, reveal=PollReveal.ALWAYS)
    await polls.unposted()
    await polls.edit(poll.poll_id, actor(), PollEdit(options=("p", "q", "r")))
    await cast(polls, poll, 1, 0)
    await polls.paper(poll.poll_id, voter(2))
    await polls.posted(poll.poll_id, 5)
    for which in PollLists:
        await polls.list_polls(GUILD, which, 1)
    await polls.live(poll.poll_id)
    await polls.results(poll.poll_id, voter(1))
    await polls.voters(poll.poll_id, voter(1))
    await polls.bell(poll.poll_id, voter(1), on=True)
    await polls.drop_bells(poll.poll_id, [1])
    await polls.remind_now(poll.poll_id, actor())
    await polls.not_reminded(poll.poll_id)
    await polls.reminder_due(poll.poll_id)
    await polls.export_user(1)
    await polls.start()
    await polls.close_now(poll.poll_id, actor())
    await polls.export(poll.poll_id, actor())
    await polls.recount_file(poll.poll_id, voter(2))
    await polls.comparison(poll.poll_id, voter(2))
    await polls.due(poll.poll_id)
    await polls.shown(poll.poll_id)
    await polls.reopen(poll.poll_id, actor(), START + timedelta(hours=2))
    await polls.delete(poll.poll_id, actor())
    await propose(polls)
    await hand_over(polls)
    await polls.forget(1)


async def propose(polls: PollService) -> None:
    poll = await opened(polls, takes_proposals=True)
    for text, decide in (("Council", polls.accept), ("Lot", polls.decline), ("Coin", None)):
        made = await polls.propose(poll.poll_id, voter(1), text)
        await polls.proposals(poll.poll_id, actor())
        if decide:
            await decide(poll.poll_id, made.proposal_id, actor())
    await polls.export_user(1)


async def hand_over(polls: PollService) -> None:
    draft = await polls.draft(draft_of(is_public=True))
    await polls.open_native(draft.poll_id, actor())
    await polls.posted_native(draft.poll_id, 6, START + timedelta(hours=1))
    await polls.is_taken(6, GUILD)
    await polls.start()
    await polls.counted(draft.poll_id, Counts((1, 2, 3), True, START))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_every_query_uses_an_index(polls: PollService, database: Database) -> None:
    with noted(database) as asked:
        await live_through_everything(polls)

    for start in SEEN:
        assert any(statement.startswith(start) for statement in asked), f"nothing of {start} was looked at"
    assert sum(statement.startswith("SELECT") for statement in asked) > 20
    async with database.read() as connection:
        assert await scans(connection, READS_ALL), "the test would notice"
        for statement, parameters in asked.items():
            assert await scans(connection, statement, parameters) == []
