"""Models that are reached over HTTP, on their bad days as a member sees them: the real protocols over real sockets."""

import asyncio
import functools
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from bot.backends.limits import Limits
from bot.backends.registry import Registry
from sandbox.driver import Person, SeenMessage, Stage
from tests.backends.rigs import KEY, KINDS
from tests.backends.servers import ModelServer, Raw, Refuse, Say
from tests.backends.servers.plans import Plan
from tests.support.ask_flow import PLACE, answered, ask, start
from tests.support.running import Rostrum

UNTRIED = Limits(retries=0)
CHOICES = ["Retry", "Another model", "More"]
GIVES_UP = "Tell whoever runs the bot; meanwhile choose another model."
EXPIRED = {
    "openai": Refuse(401, {"error": {"message": "Your key expired.", "type": "x", "code": "invalid_api_key"}}),
    "anthropic": Refuse(401),
    "gemini": Refuse(
        400, {"error": {"code": 400, "message": "API key expired. Renew it.", "status": "INVALID_ARGUMENT"}}
    ),
}
BROKE = {
    "openai": Refuse(429, {"error": {"message": "Quota.", "type": "insufficient_quota", "code": "insufficient_quota"}}),
    "anthropic": Refuse(
        400, {"type": "error", "error": {"type": "invalid_request_error", "message": "Your credit balance is too low"}}
    ),
    "gemini": Refuse(429, {"error": {"message": "Your credits are depleted.", "status": "RESOURCE_EXHAUSTED"}}),
}


class Makers:
    """A server of each protocol, and a card for each case: troubles of one case are no other's."""

    def __init__(self, servers: Mapping[str, ModelServer]) -> None:
        self.servers = servers
        self.tables: list[str] = []

    def card(self, protocol: str, case: str, model: str = "test-model") -> None:
        address = self.servers[protocol].address
        self.tables.append(
            f'[models.{protocol}-{case}]\nname = "{protocol.title()} {case}"\nmaker = "Makers"\nlicence = "Terms"\n'
            f'backend = "{protocol}_api"\naddress = "{address}"\nmodel = "{model}"\nkey_setting = "TEST_API_KEY"\n'
            'tasks = ["answer"]\n'
        )

    @property
    def requests(self) -> int:
        return sum(len(server.requests) for server in self.servers.values())


@pytest.fixture
async def makers() -> AsyncIterator[Makers]:
    async with AsyncExitStack() as stack:
        yield Makers({name: await stack.enter_async_context(made(key=KEY)) for name, (_, made) in KINDS.items()})


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> dict[str, Limits]:
    """How patient the bot is, for a test to shorten."""
    held = {"all": UNTRIED}
    monkeypatch.setattr("bot.app.Registry", functools.partial(Registry, limits_of=lambda _where: held["all"]))
    return held


async def open_bot(makers: Makers, rostrum: Rostrum, stage: Stage, folder: Path, key: str = KEY) -> Person:
    file = folder / "models.toml"
    file.write_text("\n".join(makers.tables), "utf-8")
    rostrum.environ |= {"ROSTRUM_MODELS_FILE": str(file), "TEST_API_KEY": key}
    await start(rostrum, stage)
    return await stage.person("Ada")


def helps(seen: SeenMessage, says: str) -> None:
    """It says what happened and what to do, offers it, and gives nothing away."""
    assert says in seen.text
    assert [button.label for button in seen.buttons] == CHOICES
    assert "choose another model" in seen.text.casefold()
    for secret in (KEY, "Status 4", "Quota.", "credits are", "credit balance", "127.0.0.1", "Traceback"):
        assert secret not in seen.text


async def test_a_provider_that_says_no(makers: Makers, rostrum: Rostrum, stage: Stage, tmp_path: Path) -> None:
    """A key that is wrong or expired, an account without credit, a model that is not there; in each protocol."""
    cases: list[tuple[str, str, Plan | None, str]] = []
    for protocol in KINDS:
        cases += [
            (protocol, "expired", EXPIRED[protocol], f"says that the key for {protocol.title()} expired is wrong"),
            (protocol, "broke", BROKE[protocol], f"pays for {protocol.title()} broke is used up"),
            (protocol, "nameless", None, f"no model by the name that {protocol.title()} nameless has here"),
        ]
        makers.card(protocol, "expired")
        makers.card(protocol, "broke")
        makers.card(protocol, "nameless", "gpt-99-imaginary")
    ada = await open_bot(makers, rostrum, stage, tmp_path)
    for protocol, case, plan, says in cases:
        if plan:
            makers.servers[protocol].will(plan)
        done = await answered(ada, await ask(ada, model=f"{protocol}-{case}"))
        helps(done, says)
        assert GIVES_UP in done.text


async def test_a_key_that_is_wrong_is_not_tried_again_and_again(
    makers: Makers, limits: dict[str, Limits], rostrum: Rostrum, stage: Stage, tmp_path: Path
) -> None:
    """The first question finds out; after it everybody is told at once, and completion and /models say so."""
    assert limits
    makers.card("openai", "locked")
    makers.card("anthropic", "locked")
    ada = await open_bot(makers, rostrum, stage, tmp_path, key="sk-not-the-one")
    helps(
        await answered(ada, await ask(ada, model="openai-locked")),
        "says that the key for Openai locked is wrong",
    )
    asked = makers.requests
    for _ in range(2):
        helps(await answered(ada, await ask(ada, model="openai-locked")), "its key is not accepted")
    assert makers.requests == asked
    offered = await ada.autocomplete(PLACE, "ask", "model", "openai locked", question="?")
    assert "its key is not accepted" in offered[0]["name"]
    about = await (await ada.slash(PLACE, "models", name="openai-locked")).message()
    assert "its key is not accepted" in about.text
    for seen in (offered[0]["name"], about.text):
        assert "sk-not-the-one" not in seen


async def test_a_provider_that_never_answers(
    makers: Makers, limits: dict[str, Limits], rostrum: Rostrum, stage: Stage, tmp_path: Path
) -> None:
    limits["all"] = replace(UNTRIED, first_seconds=0.5)
    for protocol, server in makers.servers.items():
        makers.card(protocol, "silent")
        server.always(Say(tokens=None, ending="stall"))
    ada = await open_bot(makers, rostrum, stage, tmp_path)
    for message in await asyncio.gather(*(ask(ada, model=f"{protocol}-silent") for protocol in KINDS)):
        helps(await answered(ada, message), "gave no answer within")


async def test_a_provider_that_stops_in_the_middle(
    makers: Makers, limits: dict[str, Limits], rostrum: Rostrum, stage: Stage, tmp_path: Path
) -> None:
    """A token a minute, or a broken connection: what has come stays, and one is told what to do."""
    limits["all"] = replace(UNTRIED, silence_seconds=0.5)
    for protocol, server in makers.servers.items():
        makers.card(protocol, "slow")
        makers.card(protocol, "torn")
        server.will(Say("Tea is", "never", pause=60.0), Say("Tea is", " a", ending="cut"))
    ada = await open_bot(makers, rostrum, stage, tmp_path)
    for case, says in (("slow", "stopped in the middle"), ("torn", "broke off")):
        for message in await asyncio.gather(*(ask(ada, model=f"{protocol}-{case}") for protocol in KINDS)):
            done = await answered(ada, message)
            helps(done, says)
            assert "Tea is" in done.text
            assert "never" not in done.text


async def test_a_provider_that_is_not_there_or_has_too_much_to_do(
    makers: Makers, limits: dict[str, Limits], rostrum: Rostrum, stage: Stage, tmp_path: Path
) -> None:
    """It is tried twice more; then one is told when to come again."""
    makers.card("openai", "crowded")
    makers.tables.append(
        '[models.gone]\nname = "Gone"\naddress = "http://127.0.0.1:9/v1"\nmodel = "m"\ntasks = ["answer"]\n'
    )
    limits["all"] = Limits(first_pause=0.01)
    ada = await open_bot(makers, rostrum, stage, tmp_path)
    server = makers.servers["openai"]
    server.always(Refuse(429))
    helps(await answered(ada, await ask(ada, model="openai-crowded")), "has too much to do just now. Try again")
    assert len(server.requests) == 3
    server.will(Refuse(429, headers={"retry-after": "300"}))
    helps(await answered(ada, await ask(ada, model="openai-crowded")), "Try again in 5 minutes")
    assert len(server.requests) == 4
    helps(await answered(ada, await ask(ada, model="gone")), "Gone cannot be reached just now")


async def test_a_provider_that_floods(
    makers: Makers, limits: dict[str, Limits], rostrum: Rostrum, stage: Stage, tmp_path: Path
) -> None:
    """Text without end is cut with a word about it; blanks without end, or a line without end, are no answer."""
    assert limits
    for protocol in KINDS:
        for case in ("flood", "blanks", "line"):
            makers.card(protocol, case)
    ada = await open_bot(makers, rostrum, stage, tmp_path)
    for protocol, server in makers.servers.items():
        speak = server.protocol
        begin = speak.begin(7)
        server.will(
            Raw((begin, speak.piece("tea and more tea " * 20)), ending="forever"),
            Raw((begin, speak.piece(" \n\u200b" * 500)), ending="forever"),
            Raw((b"data: ", b"x" * 65536), ending="forever"),
        )
        await ask(ada, model=f"{protocol}-flood", private=True)
        done = await ada.wait_message(PLACE, "Cut off at the longest answer allowed", where=_has_name(protocol))
        assert [button.label for button in done.buttons] == ["Reply", "Retry", "👍", "👎", "More"]
        helps(await answered(ada, await ask(ada, model=f"{protocol}-blanks")), "answered with nothing")
        helps(await answered(ada, await ask(ada, model=f"{protocol}-line")), "is not an answer")


def _has_name(protocol: str) -> Callable[[SeenMessage], bool]:
    return lambda seen: f"{protocol.title()} flood" in seen.text
