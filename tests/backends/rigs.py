"""A backend of each protocol with the server that it speaks to, for tests that hold for all of them."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from bot.backends.anthropic_api import AnthropicBackend
from bot.backends.gemini_api import GeminiBackend
from bot.backends.openai_api import OpenAIBackend
from bot.backends.remote import RemoteBackend
from tests.backends.servers import ModelServer, card_of

KEY = "sk-secret-of-the-tests"
KINDS: dict[str, tuple[type[RemoteBackend], Callable[..., ModelServer]]] = {
    "openai": (OpenAIBackend, ModelServer.openai),
    "anthropic": (AnthropicBackend, ModelServer.anthropic),
    "gemini": (GeminiBackend, ModelServer.gemini),
}


@dataclass
class Rig:
    """One protocol: its server, and its backend with whatever card."""

    name: str
    server: ModelServer
    client: httpx.AsyncClient

    def backend(self, key: str | None = KEY, client: httpx.AsyncClient | None = None, **card: Any) -> RemoteBackend:
        return KINDS[self.name][0](card_of(self.server, **card), key, client or self.client)


@pytest.fixture(params=list(KINDS))
async def rig(request: pytest.FixtureRequest, client: httpx.AsyncClient) -> AsyncIterator[Rig]:
    async with KINDS[request.param][1](key=KEY) as server:
        yield Rig(request.param, server, client)
