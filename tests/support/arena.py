"""An arena over scripted models of several classes, with real limits and settings, and servers full of votes."""

import random
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from bot.arena.service import ArenaService
from bot.arena.types import Actor, Battle, BattleDraft, Challenger, Pairing, Verdict, Voter, VoteReceipt
from bot.backends.allowances import AllowanceService
from bot.backends.base import Notice
from bot.backends.moderation import Moderation
from bot.backends.scripted import ScriptedBackend
from bot.catalog import ModelCard, Openness, Task
from bot.config import Settings
from bot.db.leases import Leases
from bot.db.schema import BattleAnswerRow, BattlePhase, BattleRow, BattleVoteRow, ModelLineRow, VoterRow
from bot.db.session import Database
from bot.guilds.service import GuildService
from bot.timers import Timers
from tests.support.asking import Shelf, card, closed
from tests.support.polls import GUILD, SetClock

ADA, BEN, CHIKA, MODERATOR = 11, 12, 13, 14
CHANNEL = 7
OLD = datetime(2020, 1, 1, tzinfo=UTC)
ANSWER = "Tea is a drink that is made from dried leaves and hot water."

# what the operator's file says where battles are seen in the page: two of each class, so that every pairing is there
MODELS = """
[models.openly]
name = "Openly"
maker = "Openers"
backend = "scripted"
address = "http://127.0.0.1:9/v1"
model = "say Tea is a drink."
openness = "open"
licence = "Apache-2.0"
tasks = ["answer", "code"]

[models.freely]
name = "Freely"
maker = "Freers"
backend = "scripted"
address = "http://127.0.0.1:9/v1"
model = "say Tea grows in the hills."
openness = "open"
licence = "MIT"
tasks = ["answer"]

[models.closedly]
name = "Closedly"
maker = "Closers"
backend = "scripted"
address = "https://models.example/v1"
model = "say Coffee is a drink."
openness = "closed"
licence = "None"
tasks = ["answer", "code"]

[models.shutly]
name = "Shutly"
maker = "Shutters"
backend = "scripted"
address = "https://shut.example/v1"
model = "say Water is a drink."
openness = "closed"
licence = "None"
tasks = ["answer"]
"""


def fighters() -> list[ModelCard]:
    """Two models of each class."""
    return [
        card("openly", model=f"say {ANSWER}", maker="Openers"),
        card("freely", model=f"say {ANSWER} Freely said.", maker="Freers"),
        closed("closedly", model=f"say {ANSWER} Closedly said.", maker="Closers"),
        closed("shutly", model=f"say {ANSWER} Shutly said.", maker="Shutters"),
        card("partly", model=f"say {ANSWER} Partly said.", maker="Parters", openness=Openness.RESTRICTED),
    ]


def challenger(member: int = ADA, **parts: Any) -> Challenger:
    return Challenger(parts.pop("guild", GUILD), CHANNEL, member, **parts)


def voter(member: int = ADA, guild: int = GUILD, made_at: datetime = OLD) -> Voter:
    return Voter(guild, member, made_at)


def actor(member: int = ADA, *, moderator: bool = False, guild: int = GUILD) -> Actor:
    return Actor(guild, member, moderator)


@dataclass
class Desk:
    """The service and what it stands on."""

    arena: ArenaService
    guilds: GuildService
    allowances: AllowanceService
    shelf: Shelf
    timers: Timers
    clock: SetClock
    database: Database

    def backend(self, key: str) -> ScriptedBackend:
        found = self.shelf.get(key)
        assert isinstance(found, ScriptedBackend)
        return found

    async def set_models(self, **parts: Any) -> None:
        """Change what the server has set for models."""
        models = (await self.guilds.get(GUILD)).models
        await self.guilds.set_models(GUILD, replace(models, **parts))

    async def begin(self, prompt: str = "What is tea?", who: Challenger | None = None, **parts: Any) -> Battle:
        """Begin a battle, shared unless told otherwise, after the cool-down."""
        self.clock.move(seconds=30)
        draft = BattleDraft(prompt, parts.pop("pairing", Pairing.ANY), parts.pop("private", False))
        return await self.arena.begin(who or challenger(), draft, **parts)

    async def answered(self, prompt: str = "What is tea?", who: Challenger | None = None, **parts: Any) -> Battle:
        """Begin a battle and wait for its end."""
        return await ended(self.arena, await self.begin(prompt, who, **parts))

    async def opened(self, prompt: str = "What is tea?", who: Challenger | None = None, **parts: Any) -> Battle:
        """A battle whose answers were there long enough to be read."""
        battle = await self.answered(prompt, who, **parts)
        assert battle.phase is BattlePhase.OPEN, battle.void_reason
        battle = await self.arena.shown(battle.battle_id, 9_000 + battle.battle_id)
        self.clock.move(seconds=20)
        return battle

    async def vote(self, battle: Battle, member: int = ADA, verdict: Verdict = Verdict.A) -> VoteReceipt:
        return await self.arena.vote(battle.battle_id, voter(member), verdict)

    async def left(self) -> int:
        """What is left of ADA's tokens for today."""
        tokens = (await self.allowances.remaining(GUILD, ADA, ())).tokens
        assert tokens is not None
        return tokens


async def ended(arena: ArenaService, battle: Battle) -> Battle:
    """Run a battle to its end."""
    return (await ran(arena, battle))[1]


async def ran(arena: ArenaService, battle: Battle) -> tuple[list[Notice], Battle]:
    """Run a battle; return what it told on the way, and its end."""
    told: list[Notice] = []
    last: Battle | None = None
    async for event in arena.run(battle.battle_id):
        assert last is None, "the battle comes last"
        if isinstance(event, Battle):
            last = event
        else:
            told.append(event)
    assert last is not None
    return told, last


@asynccontextmanager
async def opened(
    database: Database,
    clock: SetClock,
    *cards: ModelCard | ScriptedBackend,
    moderation: Moderation | None = None,
    environ: dict[str, str] | None = None,
    dies: bool = False,
) -> AsyncGenerator[Desk]:
    """Open an arena over these models, two of each class by default; as after a restart each time.

    One that `dies` stops nothing in the end, as after a power cut.
    """
    settings = Settings.load(environ or {})
    backends = [each if isinstance(each, ScriptedBackend) else ScriptedBackend(each) for each in cards or fighters()]
    shelf = Shelf(backends)
    guilds = GuildService(database, clock, "UTC")
    await guilds.start()
    leases = Leases(database, clock)
    await leases.start()
    allowances = AllowanceService(database, clock, settings, leases.holder)
    await allowances.start()
    timers = Timers(clock)
    arena = ArenaService(database, shelf, allowances, guilds, timers, clock, settings, moderation)
    arena.dice = random.Random(1)
    await arena.start()
    yield Desk(arena, guilds, allowances, shelf, timers, clock, database)
    if not dies:
        await arena.stop()
        await leases.close()


LINES = ("Openly", "Freely", "Closedly", "Shutly")
"""The names of the lines that `fill` makes, the best first."""


async def fill(
    database: Database,
    battles: int = 60,
    voters: int = 12,
    *,
    guild: int = GUILD,
    seed: int = 1,
    at: datetime | None = None,
    languages: Sequence[str] = ("en",),
    tasks: Sequence[Task] = (Task.ANSWER,),
    first_battle: int = 1_000,
) -> None:
    """Fill a server with closed battles between four lines, each voted on by a third of the voters.

    Lines named first win more often. Voters are the members from `first_battle` times 1,000 on. Battles closed an hour
    apart, the last at `at`.
    """
    dice = random.Random(seed)
    ends = at or datetime(2026, 11, 20, 12, tzinfo=UTC)
    async with database.write() as connection:
        lines = [
            (
                await connection.execute(
                    insert(ModelLineRow)
                    .values(
                        key=f"{name.lower()}-{first_battle}",
                        version="1",
                        name=name,
                        openness=("open" if place < 2 else "closed"),
                        begun_at=OLD,
                    )
                    .returning(ModelLineRow.line_id)
                )
            ).scalar_one()
            for place, name in enumerate(LINES)
        ]
        ids = [first_battle * 1_000 + number for number in range(voters)]
        await connection.execute(
            insert(VoterRow), [{"guild_id": guild, "voter_id": number, "member_id": number} for number in ids]
        )
        for number in range(battles):
            battle_id = first_battle + number
            made_at = ends - timedelta(hours=battles - number)
            first, second = dice.sample(range(len(lines)), 2)
            await connection.execute(
                insert(BattleRow).values(
                    battle_id=battle_id,
                    guild_id=guild,
                    channel_id=CHANNEL,
                    member_id=ADA,
                    prompt="What is tea?",
                    is_private=False,
                    pairing=Pairing.ANY,
                    phase=BattlePhase.DONE,
                    task=dice.choice(tasks).value,
                    language=dice.choice(languages),
                    holder="before",
                    made_at=made_at,
                    shown_at=made_at,
                    closes_at=made_at + timedelta(hours=1),
                    closed_at=made_at + timedelta(hours=1),
                )
            )
            await connection.execute(
                insert(BattleAnswerRow),
                [
                    {"guild_id": guild, "battle_id": battle_id, "side": side, "line_id": lines[line], "text": ANSWER}
                    for side, line in enumerate((first, second))
                ],
            )
            chance = 0.5 + (second - first) * 0.12
            votes = [
                {
                    "battle_id": battle_id,
                    "voter_id": voter_id,
                    "guild_id": guild,
                    "verdict": _verdict(dice, chance),
                    "cast_at": made_at + timedelta(minutes=5),
                    "dwell_ms": 60_000,
                }
                for voter_id in dice.sample(ids, max(1, voters // 3))
            ]
            await connection.execute(insert(BattleVoteRow), votes)


def _verdict(dice: random.Random, chance: float) -> Verdict:
    drawn = dice.random()
    if drawn < 0.1:
        return Verdict.TIE
    if drawn < 0.15:
        return Verdict.BAD
    return Verdict.A if dice.random() < chance else Verdict.B
