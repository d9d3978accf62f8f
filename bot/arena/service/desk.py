"""What every part of the arena's service works with: stores, models, allowances, settings, and what is under way."""

import asyncio
import random
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import structlog

from bot.arena import rules
from bot.arena.energy import estimate
from bot.arena.pairing import identity_of
from bot.arena.service.making import Boards
from bot.arena.store import BattleStore, BoardStore, PeopleStore, VoteStore
from bot.arena.types import Actor, Battle, BattleAnswer, BattlePhase, Challenger
from bot.backends.allowances import AllowanceService, Hold
from bot.backends.base import Backend, Egress, Prompt
from bot.catalog import Task
from bot.clock import Clock
from bot.config import Settings
from bot.db.session import Database
from bot.db.together import Together
from bot.errors import NotFoundError
from bot.guilds.checking import Blocked, Checks
from bot.guilds.service import GuildService
from bot.guilds.types import GuildSettings
from bot.timers import Timers

if TYPE_CHECKING:
    # most bots have none, and need not load what speaks to it
    from bot.backends.moderation import Moderation

BATTLE_DUE = "battle_due"
SHOWN_WITHIN = timedelta(seconds=30)
"""After it was closed, a battle's result is shown by the timer, unless somebody did before."""
MOST_RUNNING = 32
"""Battles whose answers are made at the same time; more wait in line."""

log = structlog.stdlib.get_logger(__name__)

OnBlocked = Callable[[Challenger, Blocked, Battle | None], Awaitable[None]]


class Models(Protocol):
    """What is asked of the registry of backends."""

    def backends(self) -> Sequence[Backend]:
        """Return all backends."""
        ...

    def usable(self, egress: Egress, task: Task, pictures: bool) -> Sequence[Backend]:
        """Return those that may and can be asked now."""
        ...


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two who answer, with what is reserved for it."""

    backend: Backend
    hold: Hold


@dataclass(slots=True)
class Ready:
    """A battle that was begun, with all that running takes."""

    battle: Battle
    challenger: Challenger
    sides: tuple[Side, Side]
    prompt: Prompt
    prompt_tokens: int
    settings: GuildSettings
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    is_running: bool = False
    is_dropped: bool = False
    """Whether the person was erased, or the battle deleted: then nothing is kept of it."""


class ArenaDesk:
    """The base of the arena service's parts."""

    def __init__(
        self,
        database: Database,
        models: Models,
        allowances: AllowanceService,
        guilds: GuildService,
        timers: Timers,
        clock: Clock,
        settings: Settings,
        moderation: "Moderation | None" = None,
    ) -> None:
        self.on_blocked: OnBlocked | None = None
        """Hears of what moderation held back: who asked, what was found, and the battle where it has begun."""
        together = Together(database)
        self._database = database
        self._battles = BattleStore(database, allowances.holder, together)
        self._votes = VoteStore(database, together)
        self._boards = BoardStore(database)
        self._people = PeopleStore(database)
        self._made = Boards()
        self._models = models
        self._allowances = allowances
        self._guilds = guilds
        self._timers = timers
        self._clock = clock
        self._settings = settings
        self._checks = Checks(moderation)
        self.dice: random.Random = random.SystemRandom()
        """What pairs and sides are drawn with."""
        self._under_way: dict[int, Ready] = {}
        # who is about to begin a battle, and when others did last and how many they had that day
        self._beginning: set[tuple[int, int]] = set()
        self._pace: OrderedDict[tuple[int, int], tuple[datetime | None, datetime, int]] = OrderedDict()
        self._slots = asyncio.Semaphore(MOST_RUNNING)
        # endings are written even when whoever waited for the answers is gone
        self._endings: set[asyncio.Task[Battle | None]] = set()
        self._is_closing = False

    async def get(self, battle_id: int, guild_id: int) -> Battle:
        """Return a battle of this server, for the bot's own use: names stand in it whether or not they may be shown.

        Raises:
            NotFoundError: there is none (any more).
        """
        battle = await self._battles.get(battle_id)
        if battle is None or battle.guild_id != guild_id:
            raise NotFoundError(rules.GONE)
        return self._dressed(battle)

    async def guild_of(self, battle_id: int) -> int | None:
        """Return the server of a battle; None when it is gone."""
        battle = await self._battles.get(battle_id)
        return battle and battle.guild_id

    async def manage(self, battle_id: int, actor: Actor) -> Battle:
        """Return a battle to somebody who may close or delete it.

        Raises:
            NotAllowedError: they may not.
            NotFoundError: there is none (any more).
        """
        battle = await self.get(battle_id, actor.guild_id)
        if refusal := rules.refuse_manager(battle, actor):
            raise refusal
        return battle

    def _dressed(self, battle: Battle) -> Battle:
        """Return a battle with what the tables do not hold: the models' cards, as far as they are still the same."""
        first, second = battle.answers
        return replace(battle, answers=(self._with_card(first), self._with_card(second)))

    def _with_card(self, answer: BattleAnswer) -> BattleAnswer:
        backend, line = self._backend(answer.line.key), answer.line
        if backend is None or identity_of(backend.card)[1:] != (line.version, line.name, line.openness):
            # another model goes by this key now
            return answer
        where = answer.where or backend.where
        energy = estimate(
            backend.card, where, answer.completion_tokens, answer.seconds, cores=self._settings.local_threads
        )
        return replace(answer, card=backend.card, where=where, energy=energy)

    def _backend(self, key: str) -> Backend | None:
        return next((each for each in self._models.backends() if each.card.key == key), None)

    async def _tell_blocked(self, challenger: Challenger, blocked: Blocked, battle: Battle | None) -> None:
        log.info("moderation held something back", guild=challenger.guild_id, where=blocked.where, score=blocked.score)
        if self.on_blocked is None:
            return
        try:
            await self.on_blocked(challenger, blocked, battle)
        except Exception as error:
            log.warning("what moderation held back could not be told", guild=challenger.guild_id, exc_info=error)

    def _arm(self, battle: Battle) -> None:
        """Set the timer of a battle that is not over; who closed it has a moment to show its result."""
        if battle.phase is BattlePhase.CLOSED:
            self._timers.arm(BATTLE_DUE, battle.battle_id, self._clock() + SHOWN_WITHIN)
        elif battle.phase in {BattlePhase.RUNNING, BattlePhase.OPEN}:
            self._timers.arm(BATTLE_DUE, battle.battle_id, battle.closes_at)
