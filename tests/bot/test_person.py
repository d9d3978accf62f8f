"""A person erased or exported is so in every table, and a table that is forgotten here makes these tests fail."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import BigInteger, Column, MetaData, String, Table, Text

from bot.app import App
from bot.config import Settings
from bot.db.mentions import ERASED, texts
from bot.db.schema import Base
from bot.db.session import Database
from bot.errors import NotFoundError
from bot.polls.types import Peeked, PollResult
from tests.support.person import (
    ADA,
    BEN,
    CHIKA,
    EXPORTED,
    Filled,
    dump,
    fill,
    person_columns,
    places_of,
    remembered,
    with_models,
)
from tests.support.polls import GUILD, voter


@pytest.fixture
async def app(database_url: str, tmp_path: Path) -> AsyncIterator[App]:
    opened = await App.open(Settings.load({"ROSTRUM_DATABASE_URL": database_url, **with_models(tmp_path)}))
    await opened.start()
    yield opened
    await opened.close()


@pytest.fixture
async def filled(app: App) -> Filled:
    return await fill(app)


async def result_of(app: App, poll_id: int) -> PollResult:
    result = await app.polls.live(poll_id)
    assert isinstance(result, PollResult)
    return result


def test_every_column_that_names_a_person_is_covered() -> None:
    assert person_columns(Base.metadata) == set(EXPORTED), (
        "a column that names a person is new: erase it in App.forget_user, hand it out in App.export_user, "
        "fill it in tests/support/person.py and add it to EXPORTED; or, if it names none, to NOT_PEOPLE"
    )


def test_a_new_column_with_a_person_in_it_would_be_found() -> None:
    metadata = MetaData()
    Table("notes", metadata, Column("guild_id", BigInteger), Column("author_id", BigInteger), Column("body", Text))
    Table("marks", metadata, Column("poll_id", BigInteger), Column("owner", BigInteger), Column("editor_id", String))
    assert person_columns(metadata) == {("notes", "author_id"), ("marks", "owner"), ("marks", "editor_id")}


async def test_the_filling_reaches_every_table(app: App, filled: Filled) -> None:
    assert filled
    dumped = await dump(app.database)
    tables = {table.name for table in Base.metadata.sorted_tables}
    assert set(dumped) == tables | {"alembic_version"}
    assert [name for name, rows in dumped.items() if not rows] == [], "fill it in tests/support/person.py"
    assert {table for table, _ in EXPORTED} <= places_of(dumped, ADA)
    assert remembered(app, ADA), "memory knows the person, or the test of forgetting would show nothing"


async def test_an_erased_person_is_in_no_table_and_not_in_memory(app: App, filled: Filled) -> None:
    results = {poll.poll_id: await result_of(app, poll.poll_id) for poll in (filled.closed, filled.public)}
    await app.forget_user(ADA)
    dumped = await dump(app.database)
    assert places_of(dumped, ADA) == set()
    assert remembered(app, ADA) == []
    for poll_id, before in results.items():
        after = await result_of(app, poll_id)
        assert (after.votes, after.turnout, after.percents) == (before.votes, before.turnout, before.percents)
    assert places_of(dumped, BEN) >= {"voters", "poll_bells", "kept_answers"}, "others stay"
    await app.forget_user(ADA)
    assert await dump(app.database) == dumped, "a second time changes nothing"


async def test_what_an_erased_person_had_in_open_polls_is_gone(app: App, filled: Filled) -> None:
    running = filled.running.poll_id
    assert app.polls.peek_ballot(running, ADA) == Peeked(b"\x00\xff\xff")
    await app.forget_user(ADA)
    assert app.polls.peek_ballot(running, ADA) in {None, Peeked(None)}
    assert (await app.polls.paper(running, voter(ADA, 31))).ranks is None
    assert (await app.polls.get(running, GUILD)).turnout == 2
    assert [kept.title for kept in await app.answers.list_for(GUILD, ADA)] == []
    with pytest.raises(NotFoundError):
        await app.polls.live(filled.draft.poll_id)
    named = await app.polls.voters(filled.public.poll_id, voter(CHIKA))
    assert all(ADA not in members for members in named.members)
    again = await app.polls.vote(running, voter(ADA, 31), b"\xff\x00\xff")
    assert not again.changed, "who comes back is somebody new"


async def test_what_others_wrote_about_an_erased_person_names_them_no_more(app: App, filled: Filled) -> None:
    assert filled
    await app.forget_user(ADA)
    dumped = await dump(app.database)
    written = [str(value) for name in ("polls", "poll_options") for row in dumped[name] for value in row]
    assert f"Should {ERASED} go on?" in written
    assert f"No, {ERASED}" in written
    (kept,) = dumped["kept_answers"]
    assert f"Named by {ERASED} and {ERASED}" in kept, "an answer whose file names them goes, others are blanked"


def test_free_text_is_found_by_its_type() -> None:
    found = {(table.name, column.name) for table, column in texts()}
    assert {("polls", "question"), ("poll_options", "text"), ("kept_answers", "body")} <= found
    assert ("polls", "phase") not in found


async def test_erasing_that_was_cut_off_anywhere_ends_the_same_when_repeated(
    app: App, filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = {poll.poll_id: await result_of(app, poll.poll_id) for poll in (filled.closed, filled.public)}
    write, allowed, cuts = Database.write, 0, 0

    def cut(database: Database) -> object:
        nonlocal allowed
        if allowed == 0:
            raise ConnectionError("cut off")
        allowed -= 1
        return write(database)

    with monkeypatch.context() as patch:
        patch.setattr(Database, "write", cut)
        for steps in range(20):
            allowed = steps
            try:
                await app.forget_user(ADA)
            except ConnectionError:
                cuts += 1
            else:
                break
    assert cuts >= 3
    assert places_of(await dump(app.database), ADA) == set()
    assert remembered(app, ADA) == []
    for poll_id, before in results.items():
        assert (await result_of(app, poll_id)).votes == before.votes
    assert (await app.polls.get(filled.running.poll_id, GUILD)).turnout == 2


async def test_an_export_has_something_from_every_table(app: App, filled: Filled) -> None:
    assert filled
    exported = json.dumps(await app.export_user(ADA), ensure_ascii=False)
    assert [place for place, marker in EXPORTED.items() if marker not in exported] == []
    assert "Ada's draft?" in exported
    assert "Europe" not in exported, "what belongs to the server is not theirs"
    for other in (BEN, CHIKA):
        assert str(other) not in exported, "nobody else is in it"
    assert "Kept for Ben" not in exported


async def test_who_is_not_there_has_nothing_to_export(app: App, filled: Filled) -> None:
    assert filled
    await app.forget_user(ADA)

    def is_empty(part: object) -> bool:
        return not part or (isinstance(part, dict) and all(is_empty(inner) for inner in part.values()))

    for person in (ADA, 404):
        assert is_empty(await app.export_user(person))


async def test_what_is_erased_stays_so_after_a_restart(app: App, filled: Filled) -> None:
    await app.forget_user(ADA)
    settings = app.settings
    await app.close()
    restarted = await App.open(settings)
    await restarted.start()
    try:
        assert remembered(restarted, ADA) == []
        assert (await restarted.polls.get(filled.running.poll_id, GUILD)).turnout == 2
        assert await restarted.guilds.channel(GUILD, "log") == 5
    finally:
        await restarted.close()
