"""No query of answers, allowances or server settings reads a whole table, or all of a server's rows in a large one.

Both databases are asked how they would run each, with many rows of one server there. PostgreSQL is told to avoid
reading whole tables: where it says that it would all the same, there is no index that it could use.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.asking.types import Question
from bot.backends.allowances import AllowanceKind
from bot.backends.base import Picture
from bot.db.schema import (
    AllowanceRow,
    Base,
    ChannelChoiceRow,
    ChoiceRule,
    ConversationRow,
    GuildSettingsRow,
    MemberChoiceRow,
    PersonaRow,
    TurnPhase,
    TurnRatingRow,
    TurnReportRow,
    TurnRow,
    UsageRow,
)
from bot.db.session import Database
from bot.guilds.types import Purpose
from tests.polls.test_query_plans import noted
from tests.support.asking import ADA, CHANNEL, CLOSED, MODERATOR, OPEN, Desk, asker, card, closed, ended, opened
from tests.support.polls import GUILD, START, SetClock

ROWS = 3_000
SMALL = {"process_leases", "usage_holds"}
"""As few rows as processes, and as answers that are being made: what to give back is looked for among all of them."""
LARGE = {"ask_turns", "conversations", "ask_ratings", "ask_reports", "ask_images"}
"""Here all of one server's rows may be most of the table."""
NEWEST = "ORDER BY guild_settings.changed_at DESC"
"""Reads from the end of its index, and stops after as many as memory holds."""
SEEN = {
    "INSERT INTO ask_turns", "INSERT INTO conversations", "INSERT INTO ask_images", "INSERT INTO ask_ratings",
    "INSERT INTO ask_reports", "INSERT INTO member_choices", "INSERT INTO channel_choices", "INSERT INTO personas",
    "INSERT INTO allowances", "INSERT INTO usage_days", "INSERT INTO usage_holds", "INSERT INTO process_leases",
    "INSERT INTO guild_settings", "UPDATE ask_turns", "UPDATE conversations", "UPDATE ask_reports",
    "UPDATE usage_holds", "DELETE FROM usage_days", "DELETE FROM usage_holds", "DELETE FROM process_leases",
    "DELETE FROM ask_turns", "DELETE FROM conversations", "DELETE FROM ask_images", "DELETE FROM ask_ratings",
    "DELETE FROM member_choices", "DELETE FROM channel_choices", "DELETE FROM personas", "DELETE FROM allowances",
}  # fmt: skip


async def fill(database: Database) -> None:
    """Many rows, most of them of one server."""
    numbers = range(1, ROWS + 1)
    old = START - timedelta(days=30)
    guilds = [GUILD if number % 10 else 1_000 + number for number in numbers]
    common = [
        {"guild_id": guild, "member_id": 5_000 + number % 700} for guild, number in zip(guilds, numbers, strict=True)
    ]
    at = [old + timedelta(minutes=number) for number in numbers]
    keys = [{"conversation_id": 1_000_000 + number} for number in numbers]
    ids = [{"turn_id": 1_000_000 + number} for number in numbers]
    turn = {
        "channel_id": 7, "is_private": False, "phase": TurnPhase.DONE, "task": "answer", "question": "?", "answer": "!",
        "wanted": OPEN, "rule": ChoiceRule.DEFAULT, "holder": "gone",
    }  # fmt: skip
    each = list(zip(common, keys, ids, at, numbers, strict=True))
    async with database.write() as connection:
        for table, rows in (
            (ConversationRow, [c | k | {"channel_id": 7, "thread_id": n % 90, "made_at": m} for c, k, _, m, n in each]),
            (
                TurnRow,
                [
                    c | k | i | turn | {"made_at": m, "message_id": n, "shared_message_id": -n if n % 5 else None}
                    for c, k, i, m, n in each
                ],
            ),
            (TurnRatingRow, [c | i | {"is_good": True, "rated_at": m} for c, _, i, m, _ in each]),
            (TurnReportRow, [c | i | {"reason": "", "made_at": m} for c, _, i, m, _ in each]),
            (
                MemberChoiceRow,
                [
                    {"guild_id": g, "member_id": n, "model": OPEN, "chosen_at": old}
                    for g, n in zip(guilds, numbers, strict=True)
                ],
            ),
            (ChannelChoiceRow, [{"guild_id": n, "channel_id": n, "model": OPEN, "chosen_at": old} for n in numbers]),
            (
                PersonaRow,
                [{"guild_id": n, "channel_id": 0, "name": "", "text": "", "changed_at": old} for n in numbers],
            ),
            (AllowanceRow, [{"guild_id": n, "kind": AllowanceKind.MEMBER, "role_id": 0} for n in numbers]),
            (
                UsageRow,
                [
                    {"guild_id": n % 40, "member_id": n % 700, "day": 700_000 + n, "tokens": 1, "micros": 1}
                    for n in numbers
                ],
            ),
            (GuildSettingsRow, [{"guild_id": n, "changed_at": m} for n, m in zip(numbers, at, strict=True)]),
        ):
            await connection.execute(insert(table), rows)
    if not database.is_sqlite:
        async with database.write() as connection:
            await connection.execute(text("ANALYZE"))


async def live_through_everything(desk: Desk) -> None:
    asks, mine, moderator = desk.asks, asker(thread_id=70), asker(MODERATOR, is_moderator=True)
    picture = Picture("image/png", b"\x89PNG\r\n\x1a\nrest")
    first = await desk.ask("Look", mine, wanted=CLOSED, pictures=(picture,))
    await asks.posted(first.turn_id, 71)
    await asks.threaded(first.turn_id, 70)
    await desk.ask("On", mine, parent_id=first.turn_id)
    await desk.ask("In the thread", mine)
    await desk.ask("Ben's", asker(12, thread_id=70))
    pair = await asks.compare(mine, Question("Who?"), [OPEN, CLOSED])
    for turn in pair:
        await ended(asks, turn)
    await asks.compared(await asks.get(pair[0].turn_id, GUILD))
    await asks.by_message(GUILD, 71)
    await asks.latest_in(GUILD, 70)
    await asks.rate(first.turn_id, mine, is_good=True, reason="why")
    report = await asks.report(first.turn_id, mine, "bad")
    await asks.handle_report(report.report_id, moderator, upheld=False)
    report = await asks.report(pair[1].turn_id, mine, "bad")
    await asks.handle_report(report.report_id, moderator, upheld=True)
    private = await desk.ask("Mine", mine, private=True)
    for _ in range(2):
        await asks.share(private.turn_id, mine)
        await asks.not_shared(private.turn_id)
    await asks.share(private.turn_id, mine)
    await asks.shared(private.turn_id, 72)
    await ended(asks, await asks.retry(first.turn_id, mine))
    await asks.delete(pair[0].turn_id, mine)
    await asks.choose_for_channel(GUILD, CHANNEL, OPEN)
    await asks.choose_for_channel(GUILD, CHANNEL, None)
    await asks.choices(asker(13))
    await asks.set_persona(GUILD, CHANNEL, "Owl", "Hoot.")
    await asks.personas(GUILD)
    await asks.set_persona(GUILD, CHANNEL, "", "")
    await asks.clear(asker())
    await asks.clear(mine)
    await asks.clear_conversation(first.conversation_id, mine)
    await asks.interrupted()
    await asks.pick_up()
    await asks.export_user(ADA)
    await asks.forget(ADA)
    await asks.sweep()


async def use_and_set(desk: Desk) -> None:
    allowances, roles = desk.allowances, (3, 4)
    for kind in AllowanceKind:
        await allowances.set(GUILD, kind, 3 if kind is AllowanceKind.ROLE else 0, 2_000, 1_000_000)
    hold = await allowances.reserve(GUILD, ADA, roles, 10, 10)
    await allowances.charge(hold, 100)
    await allowances.settle(hold, 50, 5)
    await allowances.release(await allowances.reserve(GUILD, ADA, roles, 10, 10))
    await allowances.remaining(GUILD, ADA, roles)
    await allowances.list(GUILD)
    await allowances.unset(GUILD, AllowanceKind.ROLE, 3)
    await allowances.export(ADA)
    await allowances.forget(ADA)
    await allowances.sweep()

    await desk.guilds.set_locale(GUILD, "Europe/Paris", "fr")
    await desk.guilds.set_channels(GUILD, {Purpose.LOG: 5})
    await desk.guilds.set_channels(GUILD, {Purpose.LOG: None})
    await desk.set_models(asks_private=True)
    await desk.guilds.get(77)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


async def _postgres_reads(connection: AsyncConnection, statement: str, parameters: Any) -> list[tuple[str, str]]:
    """Each table that is read, and by what; nothing for a whole table, or a whole index."""
    found = (await connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters)).scalar_one()
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    reads: list[tuple[str, str]] = []
    for node in nodes(plan):
        kind = node["Node Type"]
        if kind in {"Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan"}:
            by = node.get("Index Cond") or node.get("Recheck Cond") or ""
            reads.append((node["Relation Name"], by))
    return reads


async def _sqlite_reads(connection: AsyncConnection, statement: str, parameters: Any) -> list[tuple[str, str]]:
    plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    reads = [re.match(r"(SCAN|SEARCH) (\w+)(?: .*\((.*)\))?$", row[-1]) for row in plan]
    return [(read[2], read[3] or "" if read[1] == "SEARCH" else "") for read in reads if read]


async def too_much(connection: AsyncConnection, statement: str, parameters: Any = ()) -> list[str]:
    """What a statement reads that is more than it needs."""
    explain = _sqlite_reads if connection.dialect.name == "sqlite" else _postgres_reads
    reads = await explain(connection, statement, parameters)
    tables = set(Base.metadata.tables) - SMALL
    by_guild_alone = re.compile(r"\(?(\w+\.)?guild_id ?= ?[^ ]+\)?")
    return [
        f"{table} by {by or 'nothing'}: {statement}"
        for table, by in reads
        if table in tables and (not by or (table in LARGE and by_guild_alone.fullmatch(by)))
    ]


async def test_every_query_uses_an_index(database: Database, clock: SetClock) -> None:
    await fill(database)
    cards = card(context=100_000), replace(closed(), context=100_000)
    with noted(database) as asked:
        async with opened(database, clock, *cards) as desk:
            await live_through_everything(desk)
            await use_and_set(desk)

    for start in SEEN:
        assert any(statement.startswith(start) for statement in asked), f"nothing of {start} was looked at"
    async with database.read() as connection:
        if not database.is_sqlite:
            await connection.execute(text("SET LOCAL enable_seqscan = off"))
        for noticed in (
            "SELECT turn_id FROM ask_turns WHERE question = 'x'",
            "SELECT question FROM ask_turns WHERE guild_id = 5 AND wanted = 'x'",
            "SELECT tokens FROM usage_days WHERE tokens = 7",
        ):
            assert await too_much(connection, noticed), "the test would notice"
        found = [
            each
            for statement, parameters in asked.items()
            if NEWEST not in statement
            for each in await too_much(connection, statement, parameters)
        ]
    assert found == []
