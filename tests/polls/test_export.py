"""Exports of polls: what is in them, when, and what must not be."""

import asyncio
import csv
import hashlib
import hmac
import io
import json
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.db.schema import PollBallotRow, PollRow
from bot.db.session import Database
from bot.errors import ClosedError, NotAllowedError
from bot.polls.counting import ranks_of, tally
from bot.polls.exporting import export_files
from bot.polls.service import PollService
from bot.polls.types import Poll, PollExport, PollKind, PollPhase, PollReveal
from tests.support.polls import START, SetClock, actor, cast, opened, restarted


def rows(export: PollExport) -> list[list[str]]:
    return list(csv.reader(io.StringIO(export.csv.decode("utf-8-sig"), newline="")))


def content(export: PollExport) -> dict[str, Any]:
    return json.loads(export.json)["content"]


async def filled(polls: PollService, voters: int, **parts: Any) -> Poll:
    poll = await opened(polls, **parts)
    for member in range(voters):
        await cast(polls, poll, member, member % 3)
    return poll


async def stored(database: Database, poll_id: int) -> tuple[bytes | None, dict[int, bytes | None]]:
    """The key of a poll and the pseudonyms of its voters."""
    async with database.read() as connection:
        key = await connection.execute(select(PollRow.export_key).where(PollRow.poll_id == poll_id))
        names = await connection.execute(
            select(PollBallotRow.voter_id, PollBallotRow.pseudonym).where(PollBallotRow.poll_id == poll_id)
        )
        return key.scalar_one(), {row.voter_id: row.pseudonym for row in names}


async def test_a_closed_poll_lists_its_ballots(polls: PollService, database: Database) -> None:
    poll = await filled(polls, 6)
    key, before = await stored(database, poll.poll_id)
    assert key is not None
    assert len(key) == 32
    assert set(before.values()) == {None}
    result = await polls.close_now(poll.poll_id, actor())
    export = await polls.export(poll.poll_id, actor())
    assert not export.only_totals

    # RFC 2104 with SHA-256, cut to 16 bytes: one for each voter, made with the key that is gone now
    expected = {
        voter_id: hmac.new(key, voter_id.to_bytes(8, "big"), hashlib.sha256).digest()[:16] for voter_id in before
    }
    assert await stored(database, poll.poll_id) == (None, expected)

    table = rows(export)
    assert table[0] == ["voter", "Open", "Closed", "Hybrid"]
    assert [row[0] for row in table[1:]] == sorted(name.hex() for name in expected.values())
    assert sorted(row[1:] for row in table[1:]) == sorted([["1", "", ""], ["", "1", ""], ["", "", "1"]] * 2)

    data = content(export)
    assert (data["version"], data["question"], data["kind"]) == (2, "Which models?", "single")
    assert data["result"]["turnout"] == data["result"]["weight"] == 6
    counted = data["result"]["options"]
    assert [option["votes"] for option in counted] == list(result.votes)
    assert [option["low"] for option in counted] == [f"{estimate.low:.6f}" for estimate in result.estimates]
    assert [["" if mark is None else str(mark) for mark in marks] for marks in data["ballots"]] == [
        row[1:] for row in table[1:]
    ]
    assert data["weights"] is None
    assert data["settings"]["reveal"] == "closing"
    for name in expected.values():
        assert name.hex() not in export.json.decode(), "the JSON has no codes: it may be handed to everybody"
    assert "cast_at" not in export.json.decode()
    assert export.abif.decode().splitlines()[-3:] == ["2:A", "2:B", "2:C"]


async def test_under_five_ballots_only_totals(polls: PollService) -> None:
    poll = await filled(polls, 4)
    await polls.close_now(poll.poll_id, actor())
    export = await polls.export(poll.poll_id, actor(2, moderator=True))
    assert export.only_totals
    assert "ballots" not in content(export)
    assert content(export)["only_totals"] is True
    assert export.abif == b""
    table = rows(export)
    assert table[0] == ["option", "votes", "percent", "low", "high"]
    assert [row[:3] for row in table[1:]] == [["Open", "2", "50"], ["Closed", "1", "25"], ["Hybrid", "1", "25"]]


async def test_open_polls_give_totals_at_most(polls: PollService) -> None:
    hidden = await filled(polls, 6)
    voted = await filled(polls, 6, reveal=PollReveal.VOTED, creator=77)
    shown = await filled(polls, 6, reveal=PollReveal.ALWAYS, is_public=True)
    with pytest.raises(ClosedError, match="after closing"):
        await polls.export(hidden.poll_id, actor())
    with pytest.raises(NotAllowedError, match="vote first"):
        await polls.export(voted.poll_id, actor(77))
    for poll in (voted, shown):
        export = await polls.export(poll.poll_id, actor(1, moderator=True))
        assert export.only_totals, "two lists would tell by their difference who voted in between"
        assert "ballots" not in content(export)
        assert content(export)["phase"] == "open"


async def test_a_poll_opened_again_gets_other_pseudonyms(polls: PollService, database: Database) -> None:
    poll = await filled(polls, 5, reveal=PollReveal.ALWAYS)
    await polls.close_now(poll.poll_id, actor())
    first = await stored(database, poll.poll_id)
    await polls.reopen(poll.poll_id, actor(), poll.closes_at)
    key, names = await stored(database, poll.poll_id)
    assert key is not None
    assert set(names.values()) == {None}
    assert (await polls.export(poll.poll_id, actor())).only_totals
    await polls.close_now(poll.poll_id, actor())
    again = await stored(database, poll.poll_id)
    assert again[0] is None
    assert set(again[1]) == set(first[1])
    assert not set(again[1].values()) & set(first[1].values())


async def test_a_crash_while_pseudonyms_are_written_heals(
    polls: PollService, database: Database, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.polls.store.rows.AT_ONCE", 2)
    poll = await filled(polls, 5)
    key, _ = await stored(database, poll.poll_id)
    clock.move(hours=1)
    assert await polls._store.close(poll.poll_id, clock.now)
    assert await polls._ballots.seal(poll.poll_id, b"another") is not None
    half = await stored(database, poll.poll_id)
    assert half[0] == key
    assert sum(name is not None for name in half[1].values()) == 2
    async with restarted(database, clock) as again:
        assert await again.due(poll.poll_id)
        whole = await stored(database, poll.poll_id)
        assert whole[0] is None
        assert len(set(whole[1].values())) == 5
        assert all(whole[1][voter_id] == name for voter_id, name in half[1].items() if name is not None)
        assert not (await again.export(poll.poll_id, actor())).only_totals


async def test_closed_by_many_at_once_one_pseudonym_each(polls: PollService, database: Database) -> None:
    poll = await filled(polls, 12)
    await asyncio.gather(
        polls.close_now(poll.poll_id, actor()), *(polls.due(poll.poll_id) for _ in range(3)), return_exceptions=True
    )
    exports = await asyncio.gather(*(polls.export(poll.poll_id, actor()) for _ in range(3)))
    assert len({export.csv for export in exports}) == 1
    assert len(set((await stored(database, poll.poll_id))[1].values())) == 12


async def test_polls_from_before_exports_get_a_key_when_they_need_it(polls: PollService, database: Database) -> None:
    poll = await filled(polls, 5)
    async with database.write() as connection:
        await connection.execute(update(PollRow).values(export_key=None, phase=PollPhase.DONE))
    assert not (await polls.export(poll.poll_id, actor())).only_totals
    key, names = await stored(database, poll.poll_id)
    assert key is None
    assert len(set(names.values())) == 5


async def test_erased_people_stay_in_the_list_without_a_name(polls: PollService) -> None:
    poll = await filled(polls, 5)
    await polls.close_now(poll.poll_id, actor())
    before = await polls.export(poll.poll_id, actor())
    await polls.forget(3)
    assert (await polls.export(poll.poll_id, actor())).csv == before.csv


def closed_poll(options: tuple[str, ...], kind: PollKind = PollKind.SINGLE) -> Poll:
    return Poll(1, 1, 1, None, 1, "=Q", options, PollPhase.DONE, START, START, START, kind)


def test_a_spreadsheet_runs_nothing() -> None:
    options = ("=1+1", "+1", "-1", "@SUM(A1)", "＝1", 'a "quoted", cell', "fine=")
    poll = closed_poll(options)
    few = export_files(tally(poll, [(ranks_of(0, 7), 1, 1)]), [])
    many = export_files(
        tally(poll, [(ranks_of(0, 7), 5, 5)]), [(bytes([place]) * 16, ranks_of(0, 7), 1) for place in range(5)]
    )
    safe = [f"'{text}" for text in options[:5]] + list(options[5:])
    assert [row[0] for row in rows(few)[1:]] == safe
    assert rows(many)[0] == ["voter", *safe]
    for export in (few, many):
        assert export.csv.startswith(b"\xef\xbb\xbf"), "or Excel guesses another encoding"
        assert content(export)["options"] == list(options), "programs get what was written"


def test_every_script_survives() -> None:
    options = ("مفتوح", "封闭", "👩\u200d🚀")
    export = export_files(tally(closed_poll(options), []), [])
    assert [row[0] for row in rows(export)[1:]] == list(options)
    assert "封闭" in export.json.decode()


@pytest.mark.parametrize(
    ("kind", "ranks", "marks"),
    [
        (PollKind.APPROVAL, (0, 255, 255), [1, None, None]),
        (PollKind.SCORE, (0, 5, 255), [0, 5, None]),
        (PollKind.RANKED, (1, 0, 255), [2, 1, None]),
    ],
)
def test_marks_of_each_kind(kind: PollKind, ranks: tuple[int, ...], marks: list[int | None]) -> None:
    poll = closed_poll(("a", "b", "c"), kind)
    listed = [(bytes([9 - place]) * 16, bytes(ranks), 1) for place in range(5)]
    export = export_files(tally(poll, [(bytes(ranks), 5, 5)]), listed)
    assert content(export)["ballots"] == [marks] * 5
    assert rows(export)[1][1:] == ["" if mark is None else str(mark) for mark in marks]
    assert [row[0] for row in rows(export)[1:]] == sorted(row[0] for row in rows(export)[1:])


def test_a_weight_that_few_have_is_not_listed() -> None:
    poll = closed_poll(("a", "b"))
    ballot = ranks_of(0, 2)
    few = [(bytes([place]) * 16, ballot, 3 if place < 4 else 1) for place in range(9)]
    export = export_files(tally(poll, [(ballot, 5, 5), (ballot, 4, 12)]), few)
    assert export.only_totals, "four ballots of weight 3 would be those of four people with a role that all can see"
    assert content(export)["result"]["weight"] == 17
    enough = [*few, (bytes([9]) * 16, ballot, 3)]
    export = export_files(tally(poll, [(ballot, 5, 5), (ballot, 5, 15)]), enough)
    assert sorted(content(export)["weights"]) == [1] * 5 + [3] * 5
    assert rows(export)[0] == ["voter", "a", "b", "weight"]
    assert [row[3] for row in rows(export)[1:]] == [str(weight) for weight in content(export)["weights"]]
    assert export.abif.decode().endswith(
        "# 10 people voted; each ballot is counted as often as it weighs\n=A:[a]\n=B:[b]\n20:A\n"
    )


def test_ballots_from_before_an_option_was_added_leave_it_out() -> None:
    poll = closed_poll(("a", "b", "c"), PollKind.RANKED)
    listed = [(bytes([place]) * 16, bytes((1, 0)), 1) for place in range(5)]
    export = export_files(tally(poll, [(bytes((1, 0)), 5, 5)]), listed)
    assert content(export)["ballots"] == [[2, 1, None]] * 5
    assert rows(export)[1][1:] == ["2", "1", ""]
