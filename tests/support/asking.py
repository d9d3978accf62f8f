"""An ask service over models that do as they are told, with real limits, allowances and settings."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from bot.asking.service import AskService
from bot.asking.types import ANY_CLOSED, ANY_OPEN, HYBRID, Asker, Progress, Question, TurnRecord
from bot.backends.allowances import AllowanceService
from bot.backends.base import Backend, Chunk, Egress, Event, Health, Prompt, State
from bot.backends.hybrid import HybridBackend
from bot.backends.moderation import Moderation
from bot.backends.scripted import ScriptedBackend
from bot.catalog import ModelCard, Openness, Price, Task
from bot.config import Settings
from bot.db.leases import Leases
from bot.db.session import Database
from bot.errors import ModelError, NotFoundError, Trouble
from bot.guilds.service import GuildService
from tests.support.polls import GUILD, SetClock

ADA, BEN, MODERATOR = 11, 12, 13
CHANNEL = 7
OPEN, CLOSED, FLAN = "small-open", "big-closed", "one-task"
HERE = "http://127.0.0.1:9/v1"
PRICE = Price(Decimal(1), Decimal(10), "https://example.org/prices", date(2026, 11, 28))


def card(key: str = OPEN, **parts: Any) -> ModelCard:
    """An open model on this machine that says hello."""
    common = ModelCard(
        key=key,
        name=key.replace("-", " ").title(),
        maker="Tests",
        family="Tests",
        openness=Openness.OPEN,
        reasons={},
        tasks=frozenset(Task),
        backend="scripted",
        model="say Hello|say , there.",
        licence="Apache-2.0",
        address=HERE,
        context=8192,
    )
    return replace(common, **parts)


def closed(key: str = CLOSED, **parts: Any) -> ModelCard:
    """A closed model elsewhere that costs money and looks at pictures."""
    far = {"openness": Openness.CLOSED, "address": "https://api.example.org/v1", "price": PRICE, "images": True}
    return card(key, **{"model": "say Closed answer.", "maker": "Example AI", **far, **parts})


def asker(member: int = ADA, **parts: Any) -> Asker:
    return Asker(parts.pop("guild", GUILD), CHANNEL, member, **parts)


class Sick(ScriptedBackend):
    """A model that is not set up."""

    def health(self) -> Health:
        return Health(State.MISSING, "set EXAMPLE_API_KEY")


class Broken(ScriptedBackend):
    """A model whose backend has a mistake."""

    async def complete(self, prompt: Prompt, egress: Egress) -> AsyncGenerator[Event]:
        if prompt and egress:
            raise RuntimeError("could not convert")
        yield Chunk("never")


class Shelf:
    """A few models, chosen among by the rules that the contract gives."""

    def __init__(self, backends: Sequence[ScriptedBackend]) -> None:
        self.all = list(backends)

    def get(self, key: str) -> Backend:
        found = next((each for each in self.all if each.card.key == key), None)
        if found is None:
            raise NotFoundError(f"There is no model “{key}”. /models lists those that there are.")
        return found

    def backends(self) -> Sequence[Backend]:
        return self.all

    def usable(self, egress: Egress, task: Task, pictures: bool) -> Sequence[Backend]:
        return [each for each in self.all if not self._why_not(each, egress, task, pictures)]

    def resolve(self, selector: str, egress: Egress, task: Task, pictures: bool) -> Backend:
        if selector not in {ANY_OPEN, ANY_CLOSED, HYBRID}:
            found = self.get(selector)
            if why_not := self._why_not(found, egress, task, pictures):
                raise why_not
            return found
        usable = self.usable(egress, task, pictures)
        opened = next((each for each in usable if each.card.openness is Openness.OPEN), None)
        shut = next((each for each in usable if each.card.openness is not Openness.OPEN), None)
        found = {ANY_OPEN: opened, ANY_CLOSED: shut}.get(selector)
        if selector == HYBRID and (opened or shut):
            found = HybridBackend(opened, shut)
        if found is None:
            raise ModelError(Trouble.EGRESS, "No such model may be asked here. Choose another one.")
        return found

    def _why_not(self, backend: Backend, egress: Egress, task: Task, pictures: bool) -> ModelError | None:
        if why := egress.refuses(backend.card, backend.where):
            return ModelError(Trouble.EGRESS, f"{why}. Choose another model.")
        if task not in backend.card.tasks or (pictures and not backend.card.images):
            return ModelError(Trouble.UNFIT, f"{backend.card.name} cannot do this. Choose another model.")
        if not backend.health().usable:
            return ModelError(Trouble.NOT_CONFIGURED, f"{backend.card.name} is not set up. Choose another model.")
        return None


@dataclass
class Desk:
    """The service and what it stands on."""

    asks: AskService
    guilds: GuildService
    allowances: AllowanceService
    shelf: Shelf
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

    async def ask(self, text: str = "Hello?", who: Asker | None = None, **parts: Any) -> TurnRecord:
        """Ask, and wait for the end."""
        turn = await self.asks.begin(who or asker(), Question(text, **parts))
        return await ended(self.asks, turn)


async def ended(asks: AskService, turn: TurnRecord) -> TurnRecord:
    """Run a turn to its end."""
    return (await ran(asks, turn))[1]


async def ran(asks: AskService, turn: TurnRecord) -> tuple[list[Progress], TurnRecord]:
    """Run a turn; return what it told on the way, and its end."""
    told: list[Progress] = []
    last: TurnRecord | None = None
    async for event in asks.run(turn.turn_id):
        assert last is None, "the turn comes last"
        if isinstance(event, TurnRecord):
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
    most_running: int = 64,
) -> AsyncIterator[Desk]:
    """Open a service over these models, an open and a closed one by default; as after a restart each time."""
    settings = Settings.load(environ or {})
    backends = [each if isinstance(each, ScriptedBackend) else ScriptedBackend(each) for each in cards]
    shelf = Shelf(backends or [ScriptedBackend(card()), ScriptedBackend(closed())])
    guilds = GuildService(database, clock, "UTC")
    await guilds.start()
    leases = Leases(database, clock)
    await leases.start()
    allowances = AllowanceService(database, clock, settings, leases.holder)
    await allowances.start()
    asks = AskService(database, shelf, allowances, guilds, clock, settings, moderation, most_running)
    await asks.start()
    yield Desk(asks, guilds, allowances, shelf, clock, database)
    await asks.close()
    await leases.close()
