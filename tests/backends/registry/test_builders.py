"""From cards and settings to backends: what is missing, what is built when, and a real question over HTTP."""

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.backends.anthropic_api import AnthropicBackend
from bot.backends.base import Backend, Egress, Health, State
from bot.backends.builders import Builders
from bot.backends.gemini_api import GeminiBackend
from bot.backends.local import LocalBackend
from bot.backends.on_demand import OnDemand
from bot.backends.openai_api import OpenAIBackend
from bot.backends.registry import Registry
from bot.backends.scripted import ScriptedBackend
from bot.catalog import Catalog, Training, Where, load_catalog
from bot.config import Settings
from bot.errors import Trouble
from tests.backends.contract import BackendContract, Subject, completion_of, failure_of, prompt_of
from tests.backends.limits.planned import ask, card
from tests.backends.servers import ModelServer, card_of
from tests.conftest import ROOT
from tests.support.polls import SetClock

FAR = "https://models.example/v1"


@pytest.fixture
async def builders(tmp_path: Path, clock: SetClock) -> AsyncIterator[Builders]:
    environ = {"FAR_API_KEY": "sk-far", "ROSTRUM_ATTESTED": "gemini, training:far", "ROSTRUM_DATA_DIR": str(tmp_path)}
    made = Builders(Settings.load(environ), clock)
    yield made
    await made.close()


@asynccontextmanager
async def aclosing_registry(catalog: Catalog, environ: dict[str, str], clock: SetClock) -> AsyncIterator[Registry]:
    registry = Registry(catalog, Settings.load(environ), clock)
    try:
        yield registry
    finally:
        await registry.close()


def far(backend: str = "openai_api", **rest: Any) -> Any:
    return card("far", **{"backend": backend, "address": FAR, "key_setting": "FAR_API_KEY", **rest})


@pytest.mark.parametrize(
    ("backend", "kind"),
    [("openai_api", OpenAIBackend), ("anthropic_api", AnthropicBackend), ("gemini_api", GeminiBackend)],
)
async def test_what_is_reached_over_http_is_built_when_it_is_asked(
    builders: Builders, backend: str, kind: type[Backend]
) -> None:
    built = builders.backend(far(backend))
    assert isinstance(built, OnDemand)
    assert (built.health(), built.where) == (Health(State.READY), Where.ELSEWHERE)
    before = built.capabilities
    # looking at it builds nothing
    assert vars(built)["_built"] is None
    stream = built.complete(prompt_of(), Egress())
    assert isinstance(vars(built)["_built"], kind)
    await stream.aclose()
    assert built.capabilities.tasks == before.tasks
    assert built.health() == Health(State.READY)
    await built.close()


async def test_others_are_built_at_once(builders: Builders) -> None:
    local = [builders.backend(card(key, backend="local", address="")) for key in ("one", "other")]
    assert all(isinstance(one, LocalBackend) for one in local)
    assert vars(local[0])["_pool"] is vars(local[1])["_pool"]
    assert isinstance(builders.backend(card("planned")), ScriptedBackend)


async def test_they_share_one_client_even_if_it_is_made_twice(builders: Builders) -> None:
    await builders.warm()
    client = vars(builders)["_client"]
    await builders.warm()
    first, second = builders.backend(far()), builders.backend(far("gemini_api"))
    for one in (first, second):
        await one.complete(prompt_of(), Egress()).aclose()
    assert vars(builders)["_client"] is client


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"key_setting": "OTHER_API_KEY"}, "set OTHER_API_KEY"),
        ({"attest": "minors", "attestation": "nobody under 18 uses the bot"}, "nobody under 18 uses the bot"),
        ({"attest": "minors", "attestation": "nobody under 18 uses the bot"}, 'add "minors" to ROSTRUM_ATTESTED'),
        ({"attest": "training:other", "training": Training.YES}, 'add "training:other" to ROSTRUM_ATTESTED'),
        ({"key_setting": "OTHER_API_KEY", "attest": "minors"}, "set OTHER_API_KEY; "),
    ],
)
async def test_what_the_operator_has_to_do_is_told_and_nothing_is_sent(
    builders: Builders, parts: dict[str, Any], says: str
) -> None:
    built = builders.backend(far(**parts))
    assert built.health().state is State.MISSING
    assert says in built.health().text
    assert await built.probe() == built.health()
    events, error = await failure_of(built, prompt_of())
    assert (events, error.trouble, error.detail) == ([], Trouble.NOT_CONFIGURED, built.health().text)
    assert str(error) == "Far is not switched on here. Tell whoever runs the bot; meanwhile choose another model."
    await built.close()


async def test_what_is_attested_is_not_missing(builders: Builders) -> None:
    assert builders.backend(far(attest="gemini")).health().usable
    assert builders.backend(far(attest="training:far", training=Training.YES)).health().usable


async def test_gated_weights_that_are_here_need_no_token_any_more(builders: Builders) -> None:
    llama = card("llama", backend="local", address="", gated=True, key_setting="HF_TOKEN")
    assert isinstance(builders.backend(llama), LocalBackend)
    assert builders.backend(card("other", backend="local", address="", attest="terms")).health().state is State.MISSING


class TestARegistrysBackendKeepsTheContract(BackendContract):
    """The whole of it: catalogue, settings, limits, a backend on demand, and a real socket."""

    @pytest.fixture
    async def subject(self, clock: SetClock) -> AsyncIterator[Subject]:
        async with ModelServer.openai(key="sk-test") as server:
            shown = card_of(server, key_setting="TEST_API_KEY")
            async with aclosing_registry(Catalog([shown]), {"TEST_API_KEY": "sk-test"}, clock) as registry:
                yield Subject(
                    registry.get(shown.key),
                    sent=lambda: len([seen for seen in server.requests if seen.method == "POST"]),
                    running=lambda: server.running,
                    echoes=True,
                    secret="sk-test",
                )


async def test_a_key_that_is_wrong_is_trouble_until_a_probe_finds_it_right(clock: SetClock) -> None:
    async with ModelServer.openai(key="sk-right") as server:
        shown = card_of(server, key_setting="TEST_API_KEY")
        async with aclosing_registry(Catalog([shown]), {"TEST_API_KEY": "sk-old"}, clock) as registry:
            backend = registry.get(shown.key)
            _, error = await failure_of(backend, prompt_of())
            assert error.trouble is Trouble.KEY
            assert "its key is not accepted" in backend.health().text
            clock.move(minutes=10)
            await registry.probe_troubled()
            assert not backend.health().usable
            server.key = "sk-old"
            clock.move(minutes=10)
            await registry.probe_troubled()
            assert backend.health().usable
            assert completion_of(await ask(backend)).text
            assert backend.health() == Health(State.READY)


async def test_the_shipped_catalogue_is_registered_whole(tmp_path: Path, clock: SetClock) -> None:
    catalog = load_catalog()
    async with aclosing_registry(catalog, {"ROSTRUM_DATA_DIR": str(tmp_path)}, clock) as registry:
        assert [backend.card for backend in registry.backends()] == list(catalog.cards.values())
        for backend in registry.backends():
            if backend.where is Where.ELSEWHERE:
                assert (backend.health().state, bool(backend.health().text)) == (State.MISSING, True)


NOTHING_ASKED = """
import asyncio, sys
from bot.backends.registry import Registry
from bot.catalog import load_catalog
from bot.clock import utc_now
from bot.config import Settings

async def main():
    registry = Registry(load_catalog(), Settings.load({"OPENAI_API_KEY": "sk-test"}), utc_now)
    registry.health()
    registry.default()
    await registry.close()

asyncio.run(main())
print(*sorted({"httpx", "torch", "transformers", "bot.backends.openai_api"} & set(sys.modules)))
"""


def test_until_somebody_asks_no_http_client_is_loaded() -> None:
    run = subprocess.run(
        [sys.executable, "-c", NOTHING_ASKED], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert (run.returncode, run.stdout.strip()) == (0, ""), run.stderr
