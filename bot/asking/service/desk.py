"""What every part of the ask service works with: stores, models, allowances, settings, and what is under way."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

import structlog

from bot.asking import rules
from bot.asking.book import ChoiceBook
from bot.asking.store import PeopleStore, SayStore, TurnStore
from bot.asking.types import HYBRID, Asker, Blocked, Remaining, TurnPhase, TurnRecord
from bot.backends.allowances import AllowanceService, Hold
from bot.backends.base import Backend, Egress, Prompt
from bot.catalog import Task
from bot.clock import Clock
from bot.config import Settings
from bot.db.session import Database
from bot.errors import NotFoundError, UserError
from bot.guilds.checking import Checks
from bot.guilds.moderation import Words
from bot.guilds.service import GuildService

if TYPE_CHECKING:
    # most bots have none, and need not load what speaks to it
    from bot.backends.moderation import Moderation

MOST_RUNNING = 64
"""Answers that are made at the same time; more wait in line."""
MOST_BY_ONE = 8
"""Answers of one member that are under way."""

log = structlog.stdlib.get_logger(__name__)

OnBlocked = Callable[[Asker, Blocked, TurnRecord | None], Awaitable[None]]


class Models(Protocol):
    """What is asked of the registry of backends."""

    def get(self, key: str) -> Backend:
        """Return the backend of a model; a `UserError` says that there is none."""
        ...

    def backends(self) -> Sequence[Backend]:
        """Return all backends."""
        ...

    def usable(self, egress: Egress, task: Task, pictures: bool) -> Sequence[Backend]:
        """Return those that may and can be asked now."""
        ...

    def resolve(self, selector: str, egress: Egress, task: Task, pictures: bool) -> Backend:
        """Return who is to answer; a `ModelError` says why nobody can."""
        ...


@dataclass(slots=True)
class Ready:
    """A turn that was begun and not run yet, with all that running takes."""

    turn: TurnRecord
    asker: Asker
    backend: Backend
    prompt: Prompt
    egress: Egress
    hold: Hold
    words: Words
    least: float | None
    """The score from which on an answer is held back; None when no endpoint is asked."""
    prompt_tokens: int
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    is_running: bool = False
    is_dropped: bool = False
    """Whether the person was erased: then nothing is kept of it."""


class AskDesk:
    """The base of the ask service's parts."""

    def __init__(
        self,
        database: Database,
        models: Models,
        allowances: AllowanceService,
        guilds: GuildService,
        clock: Clock,
        settings: Settings,
        moderation: "Moderation | None" = None,
        most_running: int = MOST_RUNNING,
    ) -> None:
        self.on_blocked: OnBlocked | None = None
        """Hears of what moderation held back: who asked, what was found, and the turn where it has begun."""
        self._store = TurnStore(database, allowances.holder)
        self._says = SayStore(database)
        self._people = PeopleStore(database)
        self._models = models
        self._allowances = allowances
        self._guilds = guilds
        self._clock = clock
        self._settings = settings
        self._checks = Checks(moderation)
        self._book = ChoiceBook()
        self._under_way: OrderedDict[int, Ready] = OrderedDict()
        self._slots = asyncio.Semaphore(most_running)
        # endings are written even when whoever waited for the answer is gone
        self._endings: set[asyncio.Task[TurnRecord | None]] = set()
        self._is_closing = False

    async def get(self, turn_id: int, guild_id: int) -> TurnRecord:
        """Return a turn of this server, for the bot's own use; deleted ones too.

        Raises:
            NotFoundError: there is none (any more).
        """
        turn = await self._store.get(turn_id)
        if turn is None or turn.guild_id != guild_id:
            raise NotFoundError(rules.GONE)
        return self._dressed(turn)

    async def seen(self, turn_id: int, asker: Asker) -> TurnRecord:
        """Return a turn to somebody who may see it.

        Raises:
            NotAllowedError: it is somebody else's private one.
            ClosedError: it is deleted.
            NotFoundError: there is none (any more).
        """
        turn = await self.get(turn_id, asker.guild_id)
        if refusal := rules.refuse_seeing(turn, asker):
            raise refusal
        return turn

    async def owned(self, turn_id: int, asker: Asker, *, moderators: bool = False) -> TurnRecord:
        """Return a turn to whoever asked, or to moderators as well.

        Raises:
            NotAllowedError: it is somebody else's.
            ClosedError: it is deleted.
            NotFoundError: there is none (any more).
        """
        turn = await self.get(turn_id, asker.guild_id)
        if refusal := rules.refuse_owning(turn, asker, moderators=moderators):
            raise refusal
        return turn

    async def remaining(self, asker: Asker) -> Remaining:
        """Return what is left for a member, and when there is more."""
        left = await self._allowances.remaining(asker.guild_id, asker.member_id, asker.role_ids)
        return Remaining(left.tokens, left.micros, left.tokens_again_at, left.money_again_at)

    def _dressed(self, turn: TurnRecord, backend: Backend | None = None) -> TurnRecord:
        """Return a turn with what the tables do not hold: the model's card, and what was sent in words."""
        backend = backend or self._backend(turn.model, self._guilds.peek(turn.guild_id).models.egress)
        if backend is not None:
            # where it ran was noted then: a model may have moved since
            turn = replace(turn, card=backend.card, where=turn.where or backend.where)
        return replace(turn, sent=rules.sent_words(turn))

    def _backend(self, key: str, egress: Egress = Egress()) -> Backend | None:  # noqa: B008 - it is frozen
        """Return a model's backend; of Hybrid, which stands for two, as they are now."""
        if key == HYBRID:
            with suppress(UserError):
                return self._models.resolve(HYBRID, egress, Task.ANSWER, pictures=False)
        return next((each for each in self._models.backends() if each.card.key == key), None)

    async def _tell_blocked(self, asker: Asker, blocked: Blocked, turn: TurnRecord | None) -> None:
        log.info("moderation held something back", guild=asker.guild_id, where=blocked.where, score=blocked.score)
        if self.on_blocked is None:
            return
        try:
            await self.on_blocked(asker, blocked, turn)
        except Exception as error:
            log.warning("what moderation held back could not be told", guild=asker.guild_id, exc_info=error)

    def _is_running(self, turn: TurnRecord) -> bool:
        return turn.phase is TurnPhase.RUNNING
