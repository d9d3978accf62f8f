"""Who is to answer: by key and by kind, as a server allows, with what is missing told, and looked after in trouble."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.backends import registry as registry_module
from bot.backends.base import Backend, Egress, Health, State
from bot.backends.hybrid import HybridBackend
from bot.backends.limits import Limited, Limits
from bot.backends.registry import FIRST_PROBE, LONGEST_PROBE, Registry
from bot.catalog import Catalog, ModelCard, Openness, Price, Shape, Task
from bot.config import Settings
from bot.errors import ModelError, NotFoundError, SettingsError, Trouble
from tests.backends.contract import completion_of, failure_of, prompt_of
from tests.backends.limits.planned import Pauses, Planned, ask, card
from tests.backends.servers import until
from tests.support.polls import SetClock

ANYWHERE = Egress()
FAR = "http://models.example/v1"


def price(dollars: int) -> Price:
    return Price(Decimal(dollars), Decimal(dollars), "test", date(2026, 11, 28))


CARDS = (
    card("small", parameters=10),
    card("large", parameters=20, tasks=frozenset({Task.ANSWER})),
    card("t5", parameters=5, shape=Shape.SEQ2SEQ, tasks=frozenset({Task.ANSWER, Task.TRANSLATE})),
    card("meaning", parameters=99, tasks=frozenset()),
    card("llama", openness=Openness.RESTRICTED),
    card("dear", openness=Openness.CLOSED, address=FAR, price=price(20), images=True),
    card("cheap", openness=Openness.CLOSED, address=FAR, price=price(2)),
)


class Builds:
    """Builds planned models."""

    def __init__(self) -> None:
        self.planned: dict[str, Planned] = {}
        self.warmed = self.closed = 0

    def backend(self, card: ModelCard) -> Backend:
        self.planned[card.key] = Planned(card)
        return self.planned[card.key]

    async def warm(self) -> None:
        self.warmed += 1

    async def close(self) -> None:
        self.closed += 1


class Models(Registry):
    """A registry whose models are planned."""

    def __init__(self, clock: SetClock, default: str = "", cards: tuple[ModelCard, ...] = CARDS) -> None:
        settings = Settings.load({"ROSTRUM_DEFAULT_MODEL": default})
        self.builds = Builds()

        def limits_of(_where: object) -> Limits:
            return Limits(retries=0, row=1, missing_seconds=0)

        dice = random.Random(1)
        super().__init__(Catalog(cards), settings, clock, dice, self.builds, limits_of, Pauses(clock))

    def are(self, state: State, *keys: str, text: str = "so it is") -> None:
        for key in keys:
            self.builds.planned[key].own_health = Health(state, text)


@pytest.fixture
async def make(clock: SetClock) -> AsyncIterator[Callable[..., Models]]:
    made: list[Models] = []

    def make(*args: Any, **rest: Any) -> Models:
        made.append(Models(clock, *args, **rest))
        return made[-1]

    yield make
    for models in made:
        await models.close()


def key_of(backend: Backend) -> str:
    return backend.card.key


def keys_of(models: Registry, egress: Egress = ANYWHERE, task: Task = Task.ANSWER, **rest: Any) -> list[str]:
    return [key_of(backend) for backend in models.usable(egress, task, **rest)]


def error_of(models: Registry, *asked: Any, **rest: Any) -> ModelError:
    with pytest.raises(ModelError) as failed:
        models.resolve(*asked, **rest)
    assert len(str(failed.value).split(". ")) > 1, "it says what happened, and what to do"
    return failed.value


async def test_models_are_found_by_their_keys_and_are_within_limits(make: Callable[..., Models]) -> None:
    models = make()
    assert [key_of(backend) for backend in models.backends()] == [card.key for card in CARDS]
    assert all(isinstance(backend, Limited) for backend in models.backends())
    assert key_of(models.get("small")) == "small"
    assert isinstance(models.get("hybrid"), HybridBackend)
    assert completion_of(await ask(models.get("small"))).model == "small"
    for find in (models.get, lambda key: models.resolve(key, ANYWHERE, Task.ANSWER)):
        with pytest.raises(NotFoundError, match="Choose one of those"):
            find("gone")
    assert set(models.health()) == {card.key for card in CARDS}


async def test_usable_ones_come_in_the_order_of_preference(make: Callable[..., Models]) -> None:
    models = make()
    assert keys_of(models) == ["large", "small", "cheap", "dear", "llama", "t5"]
    assert keys_of(models, task=Task.TRANSLATE)[:2] == ["small", "t5"]
    assert keys_of(models, pictures=True) == ["dear"]
    assert keys_of(models, Egress(open_only=True)) == ["large", "small", "t5"]
    assert keys_of(models, Egress(stays_here=True)) == ["large", "small", "llama", "t5"]
    models.are(State.MISSING, "large")
    models.are(State.TROUBLED, "small")
    assert keys_of(models, Egress(open_only=True)) == ["t5"]
    assert keys_of(make("small"))[0] == "small"


async def test_any_open_and_any_closed_take_the_first_that_is_well(make: Callable[..., Models]) -> None:
    models = make()
    assert key_of(models.resolve("any-open", ANYWHERE, Task.ANSWER)) == "large"
    assert key_of(models.resolve("any-open", ANYWHERE, Task.CODE)) == "small"
    assert key_of(models.resolve("any-closed", ANYWHERE, Task.ANSWER)) == "cheap"
    assert key_of(models.resolve("any-closed", ANYWHERE, Task.ANSWER, pictures=True)) == "dear"
    models.are(State.TROUBLED, "large", "cheap")
    assert key_of(models.resolve("any-open", ANYWHERE, Task.ANSWER)) == "small"
    assert key_of(models.resolve("any-closed", ANYWHERE, Task.ANSWER)) == "dear"
    assert key_of(make("small").resolve("any-open", ANYWHERE, Task.ANSWER)) == "small"


async def test_when_all_are_in_trouble_the_one_that_may_be_tried_is(make: Callable[..., Models]) -> None:
    models = make()
    models.are(State.TROUBLED, "cheap", "dear", text="it does not answer")
    assert key_of(models.resolve("any-closed", ANYWHERE, Task.ANSWER)) == "cheap"
    for key in ("cheap", "dear"):
        models.builds.planned[key].plans = ["fail key"]
        await failure_of(models.get(key), prompt_of())
    error = error_of(models, "any-closed", ANYWHERE, Task.ANSWER)
    assert error.trouble is Trouble.OVERLOADED
    assert "Cheap: in trouble since 12:00 UTC: its key is not accepted" in str(error)


async def test_why_there_is_none_of_a_kind_is_told(make: Callable[..., Models]) -> None:
    models = make()
    error = error_of(models, "any-closed", Egress(open_only=True), Task.ANSWER)
    assert (error.trouble, "this server allows open models only" in str(error)) == (Trouble.EGRESS, True)
    error = error_of(models, "any-open", ANYWHERE, Task.ANSWER, pictures=True)
    assert (error.trouble, "cannot look at pictures" in str(error)) == (Trouble.UNFIT, True)
    models.are(State.MISSING, "cheap", "dear", text="set CHEAP_API_KEY")
    error = error_of(models, "any-closed", ANYWHERE, Task.ANSWER)
    assert (error.trouble, "No closed model is switched on" in str(error)) == (Trouble.NOT_CONFIGURED, True)


async def test_a_model_that_was_named_is_refused_with_the_reason(make: Callable[..., Models]) -> None:
    models = make()
    error = error_of(models, "dear", Egress(stays_here=True), Task.ANSWER)
    assert (error.trouble, "nothing may leave this machine" in str(error).casefold()) == (Trouble.EGRESS, True)
    error = error_of(models, "large", ANYWHERE, Task.TRANSLATE)
    assert (error.trouble, str(error)) == (Trouble.UNFIT, "Large does not translate. Choose another model.")
    assert error_of(models, "meaning", ANYWHERE, Task.ANSWER).trouble is Trouble.UNFIT
    models.are(State.MISSING, "dear", text="set DEAR_API_KEY")
    error = error_of(models, "dear", ANYWHERE, Task.ANSWER)
    assert (error.trouble, error.detail) == (Trouble.NOT_CONFIGURED, "set DEAR_API_KEY")
    assert "DEAR_API_KEY" not in str(error)
    # one in trouble says itself what is wrong
    models.are(State.TROUBLED, "small")
    assert key_of(models.resolve("small", ANYWHERE, Task.ANSWER)) == "small"


async def test_hybrid_has_the_legs_that_the_server_allows(make: Callable[..., Models]) -> None:
    models = make()

    def name(egress: Egress, task: Task = Task.ANSWER, **rest: Any) -> str:
        return models.resolve("hybrid", egress, task, **rest).card.name

    assert name(ANYWHERE) == "Hybrid (Large, then Cheap)"
    assert name(ANYWHERE, Task.CODE) == "Hybrid (Small, then Cheap)"
    assert name(ANYWHERE, pictures=True) == "Hybrid (Dear)"
    for egress in (Egress(open_only=True), Egress(stays_here=True)):
        assert name(egress) == "Hybrid (Large)"
        backend = models.resolve("hybrid", egress, Task.ANSWER)
        assert egress.refuses(backend.card, backend.where) is None
    assert error_of(models, "hybrid", Egress(open_only=True), Task.ANSWER, pictures=True).trouble is Trouble.UNFIT
    models.builds.planned["large"].plans = ["say I don't know."]
    completion = completion_of(await ask(models.resolve("hybrid", ANYWHERE, Task.ANSWER)))
    assert completion.note == "Large said that it does not know, so Cheap answered."


async def test_where_nobody_chose_it_is_hybrid_if_a_closed_one_is_there(make: Callable[..., Models]) -> None:
    models = make()
    assert models.default() == "hybrid"
    models.are(State.MISSING, "cheap", "dear")
    assert models.default() == "any-open"
    assert make("small").default() == "small"
    assert make("any-closed").default() == "any-closed"
    with pytest.raises(SettingsError, match="ROSTRUM_DEFAULT_MODEL: no model is named 'smal'"):
        make("smal")


async def test_what_is_in_trouble_is_probed_when_its_time_has_come(
    make: Callable[..., Models], clock: SetClock
) -> None:
    models = make()
    cheap, small = models.builds.planned["cheap"], models.builds.planned["small"]
    cheap.plans = ["fail unreachable"]
    await failure_of(models.get("cheap"), prompt_of())
    models.are(State.TROUBLED, "small")
    await models.probe_troubled()
    # one that says so itself is probed at once, one that is left alone when that is over
    assert (cheap.probes, small.probes) == (0, 1)
    clock.now += timedelta(seconds=30)
    assert models.health()["cheap"].usable
    cheap.own_health = Health(State.TROUBLED, "still not there")
    small.own_health = None
    # it is well again without having been asked
    await models.probe_troubled()
    assert (cheap.probes, small.probes) == (1, 1)
    assert not models.health()["cheap"].usable
    cheap.own_health = None
    for minutes in range(1, 11):
        clock.now += timedelta(minutes=1)
        await models.probe_troubled()
        assert cheap.probes == 2, minutes
    # it answers its probe, and waits for somebody to ask it
    assert models.health()["cheap"].usable
    assert completion_of(await ask(models.get("cheap"))).text
    assert models.health()["cheap"] == Health(State.READY)


async def test_probes_come_farther_and_farther_apart(make: Callable[..., Models], clock: SetClock) -> None:
    models = make()
    models.are(State.TROUBLED, "small")
    small = models.builds.planned["small"]
    apart = FIRST_PROBE
    for probes in range(1, 9):
        await models.probe_troubled()
        assert small.probes == probes
        clock.now += apart - timedelta(seconds=1)
        await models.probe_troubled()
        assert small.probes == probes
        clock.now += timedelta(seconds=1)
        apart = min(2 * apart, LONGEST_PROBE)
    # once it is well, it begins anew the next time
    small.own_health = None
    await models.probe_troubled()
    models.are(State.TROUBLED, "small")
    await models.probe_troubled()
    assert small.probes == 9


async def test_a_probe_that_finds_it_well_again_is_told(make: Callable[..., Models]) -> None:
    models = make()

    class Mended(Planned):
        async def probe(self) -> Health:
            self.own_health = None
            return self.health()

    mended = Mended(CARDS[0])
    mended.own_health = Health(State.TROUBLED, "gone")
    limited = models.get("small")
    assert isinstance(limited, Limited)
    limited.inner = mended
    with capture_logs() as lines:
        await models.probe_troubled()
    assert [(line["event"], line["model"]) for line in lines] == [("a model answers its probe again", "small")]
    assert models.health()["small"].usable


async def test_a_probe_that_fails_in_its_own_way_harms_nobody(make: Callable[..., Models]) -> None:
    models = make()

    class Broken(Planned):
        async def probe(self) -> Health:
            raise RuntimeError("a mistake of ours")

    limited = models.get("small")
    assert isinstance(limited, Limited)
    limited.inner = Broken(CARDS[0])
    limited.inner.own_health = Health(State.TROUBLED, "gone")
    models.are(State.TROUBLED, "large")
    with capture_logs() as lines:
        await models.probe_troubled()
    assert [line["event"] for line in lines] == ["a probe failed"]
    assert models.builds.planned["large"].probes == 1


async def test_it_looks_after_them_by_itself_until_it_is_closed(
    make: Callable[..., Models], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry_module, "ROUND_SECONDS", 0.01)
    models = make()
    models.are(State.TROUBLED, "small")
    small = models.builds.planned["small"]
    models.start()
    models.start()
    await until(lambda: small.probes)
    assert models.builds.warmed == 1
    await models.close()
    assert models.builds.closed == 1
    assert [task for task in asyncio.all_tasks() if task.get_name() == "models in trouble"] == []


async def test_without_a_model_elsewhere_nothing_is_made_ready(
    make: Callable[..., Models], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry_module, "ROUND_SECONDS", 0.01)
    models = make(cards=(card("here", backend="local", address=""),))
    models.are(State.TROUBLED, "here")
    models.start()
    await until(lambda: models.builds.planned["here"].probes)
    assert models.builds.warmed == 0
