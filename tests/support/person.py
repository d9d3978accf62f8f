"""One person in every table, through the real services; and what is left of them in tables and in memory."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import BigInteger, MetaData, inspect, select, text

from bot.answers.types import Answer
from bot.app import App
from bot.arena.tables import number_of
from bot.arena.types import Actor as ArenaActor
from bot.arena.types import Battle, BattleDraft, Challenger, Pairing, Reason, Verdict
from bot.arena.types import Voter as ArenaVoter
from bot.asking.types import Asker, Question, TurnRecord
from bot.backends.allowances import AllowanceKind
from bot.backends.base import Picture
from bot.backends.scripted import ScriptedBackend
from bot.db.schema import VoterRow
from bot.db.session import Database
from bot.guilds.types import Purpose
from bot.polls.types import Poll, PollDraft, PollKind, PollReveal, PollRules
from tests.support.polls import GUILD, actor, cast, voter

ADA, BEN, CHIKA = 1176543210987654321, 1176543210987000001, 1176543210987000002
MODERATOR = 1176543210987000003
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
WEIGHTED = PollRules(role_ids=(31,), quorum=2, weights=((31, 2),))

# columns of numbers that name no person
NOT_PEOPLE = {
    "answer_id",
    "battle_id",
    "channel_id",
    "cleared_to",
    "compare_id",
    "conversation_id",
    "cost_micros",
    "exclusion_id",
    "guild_id",
    "hold_id",
    "line_id",
    "message_id",
    "micros",
    "micros_a_month",
    "parent_id",
    "poll_id",
    "proposal_id",
    "report_id",
    "role_id",
    "shared_message_id",
    "thread_id",
    "tokens",
    "tokens_a_day",
    "turn_id",
    "voter_id",
}

# for each column that names a person, what of theirs the export must hold
EXPORTED = {
    ("voters", "member_id"): "Voted in by Ada?",
    ("polls", "creator_id"): "Made by Ada?",
    ("poll_bells", "member_id"): "Ada wants to know",
    ("kept_answers", "member_id"): "Kept for Ada",
    ("conversations", "member_id"): '"thread_id": "4711"',
    ("ask_turns", "member_id"): "Ada asks",
    ("ask_ratings", "member_id"): "Ada likes it",
    ("ask_reports", "member_id"): "Ada complains",
    ("ask_reports", "handler_id"): "reports_handled",
    ("member_choices", "member_id"): '"model": "scripted"',
    ("usage_days", "member_id"): '"tokens"',
    ("usage_holds", "member_id"): '"tokens"',
    ("poll_proposals", "member_id"): "Ada proposes",
    ("arena_battles", "member_id"): "Ada challenges",
    ("arena_exclusions", "moderator_id"): "A moderator left them out.",
}


# who answers: a model that needs nothing
MODELS = """
[models.scripted]
name = "Scripted"
backend = "scripted"
address = "http://127.0.0.1:9/v1"
model = "echo"
openness = "open"
licence = "Apache-2.0"
tasks = ["answer"]
images = true

[models.lefty]
name = "Lefty"
maker = "Lefties"
backend = "scripted"
address = "https://left.example/v1"
model = "say Tea is a drink that is made from leaves."
openness = "closed"
licence = "None"
tasks = ["answer"]

[models.righty]
name = "Righty"
maker = "Righties"
backend = "scripted"
address = "https://right.example/v1"
model = "say Tea is a drink that is made with hot water."
openness = "closed"
licence = "None"
tasks = ["answer"]
"""


def with_models(folder: Path) -> dict[str, str]:
    """Settings with the model that `fill` asks."""
    file = folder / "models.toml"
    file.write_text(MODELS, "utf-8")
    return {"ROSTRUM_MODELS_FILE": str(file), "ROSTRUM_DEFAULT_MODEL": "scripted"}


def person_columns(metadata: MetaData) -> set[tuple[str, str]]:
    """Every column that may name a person: a large number, or an id of whatever type, that is not known to be none."""
    return {
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.columns
        if (isinstance(column.type, BigInteger) or column.name.endswith("_id")) and column.name not in NOT_PEOPLE
    }


@dataclass(frozen=True)
class Filled:
    """The polls that the person had a part in."""

    closed: Poll
    public: Poll
    running: Poll
    draft: Poll


async def fill(app: App, *, person: int = ADA) -> Filled:
    """Put the person into every table that people are in, and rows into all others; others are there too."""
    await app.guilds.set_locale(GUILD, "Berlin", "de")
    await app.guilds.set_channels(GUILD, {Purpose.LOG: 5, Purpose.POLLS: 6})

    closed = await _poll(app, person, "Made by Ada?")
    public = await _poll(app, BEN, "Voted in by Ada?", is_public=True, reveal=PollReveal.ALWAYS, kind=PollKind.MULTIPLE)
    running = await _poll(app, CHIKA, "Ada wants to know", rules=WEIGHTED, reminds=True, takes_proposals=True)
    await app.polls.propose(running.poll_id, voter(person, 31), "Ada proposes")
    await app.polls.propose(running.poll_id, voter(BEN, 31), "Ben proposes")
    mentioned = await _poll(app, CHIKA, f"Should <@{person}> go on?", options=("Yes", f"No, {person}"))
    for poll in (closed, running, mentioned):
        for member, place in ((person, 0), (BEN, 1), (CHIKA, 1)):
            roles = poll.rules.role_ids
            ranks = bytes([0 if place == at else 255 for at in range(len(poll.options))])
            await app.polls.vote(poll.poll_id, voter(member, *roles), ranks)
    for member in (person, BEN):
        await cast(app.polls, public, member, b"\x00\x00\xff")
        await app.polls.bell(running.poll_id, voter(member, 31), on=True)
    await app.polls.close_now(closed.poll_id, actor(person))
    await app.polls.close_now(public.poll_id, actor(BEN))
    draft = await app.polls.draft(_draft(app, person, "Ada's draft?"))

    for owner, title, file in ((person, "Kept for Ada", b"1,2"), (BEN, "Kept for Ben", b"3,4")):
        await app.answers.keep(Answer(GUILD, owner, title, f"Named by <@{person}> and {person}", "votes.csv", file))
    await app.answers.keep(Answer(GUILD, BEN, "With a file", "Voters", "voters.csv", f"a,{person},b".encode()))
    await _fight(app, person)
    await _ask(app, person)
    return Filled(closed, public, running, draft)


async def _fight(app: App, person: int) -> None:
    """Have the person begin a battle, vote in it and in others', and leave a voter out as a moderator."""
    closed = await _battle(app, person, "Ada challenges")
    going_on = await _battle(app, BEN, f"Who is <@{person}>?")
    await _battle(app, CHIKA, "Chika challenges", votes=False)
    for battle in (closed, going_on):
        for member, verdict in ((person, Verdict.A), (BEN, Verdict.B)):
            await app.arena.vote(battle.battle_id, ArenaVoter(GUILD, member, LONG_AGO), verdict)
        await app.arena.give_reasons(battle.battle_id, ArenaVoter(GUILD, person, LONG_AGO), [Reason.CLEAR])
    await app.arena.close(closed.battle_id, ArenaActor(GUILD, person, is_moderator=False))
    async with app.database.read() as connection:
        found = await connection.execute(select(VoterRow.voter_id).where(VoterRow.member_id == BEN))
    moderator = ArenaActor(GUILD, person, is_moderator=True)
    await app.arena.exclude(GUILD, number_of(found.scalar_one()), moderator)


async def _battle(app: App, member: int, prompt: str, *, votes: bool = True) -> Battle:
    """A battle that takes votes, or one that only begins."""
    draft = BattleDraft(prompt, Pairing.CLOSED_CLOSED, private=False)
    battle = await app.arena.begin(Challenger(GUILD, 7, member), draft)
    if not votes:
        return battle
    async for event in app.arena.run(battle.battle_id):
        if isinstance(event, Battle):
            battle = event
    return await app.arena.shown(battle.battle_id, 8_000_000 + battle.battle_id)


async def _ask(app: App, person: int) -> None:
    """Have the person ask, answer, thumb, report and handle; others do too."""
    asking, moderators = app.asking, {"is_moderator": True}
    picture = Picture("image/png", b"\x89PNG\r\n\x1a\n")
    mine = await _answered(app, person, "Ada asks", wanted="scripted", pictures=(picture,))
    await asking.threaded(mine.turn_id, 4711)
    theirs = await _answered(app, BEN, f"Ben asks about <@{person}>", wanted="scripted", parent_id=mine.turn_id)
    for member, reason in ((person, "Ada likes it"), (BEN, "Ben likes it")):
        asker = Asker(GUILD, 7, member, **moderators)
        await asking.rate(theirs.turn_id, asker, is_good=True, reason=reason)
        await asking.report(theirs.turn_id, asker, reason.replace("likes it", "complains"))
    report = await asking.report(mine.turn_id, Asker(GUILD, 7, CHIKA), "Chika complains")
    await asking.handle_report(report.report_id, Asker(GUILD, 7, MODERATOR, **moderators), upheld=False)
    report = await asking.report(theirs.turn_id, Asker(GUILD, 7, CHIKA), "Chika complains")
    await asking.handle_report(report.report_id, Asker(GUILD, 7, person, **moderators), upheld=False)
    await asking.choose_for_channel(GUILD, 7, "any-open")
    await asking.set_persona(GUILD, 7, "Owl", f"You are wiser than <@{person}>.")
    await app.allowances.set(GUILD, AllowanceKind.MEMBER, 0, 100_000, None)
    # begun, and still to be made: it holds what it reserved
    await asking.begin(Asker(GUILD, 7, person), Question("Ada waits"))
    for backend in app.registry.backends():
        # what scripted models keep for tests is no memory of the bot's
        inner = getattr(backend, "inner", None)
        if isinstance(inner, ScriptedBackend):
            inner.prompts.clear()


async def _answered(app: App, member: int, text: str, **parts: Any) -> TurnRecord:
    turn = await app.asking.begin(Asker(GUILD, 7, member), Question(text, **parts))
    async for event in app.asking.run(turn.turn_id):
        if isinstance(event, TurnRecord):
            turn = event
    return turn


async def _poll(app: App, creator: int, question: str, **parts: Any) -> Poll:
    poll = await app.polls.draft(_draft(app, creator, question, **parts))
    await app.polls.open(poll.poll_id, actor(creator))
    return await app.polls.posted(poll.poll_id, 7_000_000 + poll.poll_id)


def _draft(app: App, creator: int, question: str, **parts: Any) -> PollDraft:
    options = ("Open", "Closed", "Hybrid")
    return replace(PollDraft(GUILD, 7, creator, question, options, app.clock() + timedelta(hours=2)), **parts)


async def dump(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that is in the database, known to the code or not."""
    async with database.read() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        found = {name: (await connection.execute(text(f'SELECT * FROM "{name}"'))).all() for name in names}  # noqa: S608
    return {name: sorted((tuple(row) for row in rows), key=repr) for name, rows in found.items()}


def places_of(dumped: dict[str, list[tuple[Any, ...]]], person: int) -> set[str]:
    """The tables in which a person's id stands: as a number, in text, in JSON, or in bytes in any of these ways."""
    return {name for name, rows in dumped.items() for row in rows for value in row if _holds(value, person)}


def _holds(value: object, person: int) -> bool:
    if isinstance(value, bytes | memoryview):
        written = [str(person).encode(), person.to_bytes(8, "big"), person.to_bytes(8, "little")]
        return any(part in bytes(value) for part in written)
    return str(person) in (value if isinstance(value, str) else json.dumps(value, default=str))


def remembered(root: object, person: int) -> list[str]:
    """The ways from `root`, through our own objects and plain collections, that lead to a person's id."""
    return list(_walk(root, person, "app", set()))


def _walk(value: object, person: int, path: str, seen: set[int]) -> Iterator[str]:
    if id(value) in seen or isinstance(value, type | ModuleType):
        return
    if isinstance(value, int | str | bytes):
        if _holds(value, person):
            yield path
        return
    seen.add(id(value))
    for name, part in _parts(value):
        yield from _walk(part, person, f"{path}{name}", seen)


def _parts(value: Any) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for key, part in list(value.items()):
            yield "{key}", key
            yield f"[{key!r}]", part
    elif isinstance(value, list | tuple | set | frozenset):
        yield from (("[]", part) for part in list(value))
    elif type(value).__module__.startswith("bot."):
        names = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
        yield from ((f".{name}", getattr(value, name, None)) for name in names)
        yield from ((f".{name}", part) for name, part in getattr(value, "__dict__", {}).items())
