"""Anthropic's protocol keeps the contract."""

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.backends.anthropic_api import AnthropicBackend
from tests.backends.contract import BackendContract, Subject
from tests.backends.remote_subject import remote_subject
from tests.backends.rigs import KEY
from tests.backends.servers import ModelServer


class TestAnthropicKeepsTheContract(BackendContract):
    @pytest.fixture
    async def subject(self, client: httpx.AsyncClient) -> AsyncIterator[Subject]:
        async with ModelServer.anthropic(key=KEY) as server:
            yield remote_subject(AnthropicBackend, server, client)
