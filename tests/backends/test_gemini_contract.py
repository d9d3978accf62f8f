"""Gemini's protocol keeps the contract."""

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.backends.gemini_api import GeminiBackend
from tests.backends.contract import BackendContract, Subject
from tests.backends.remote_subject import remote_subject
from tests.backends.rigs import KEY
from tests.backends.servers import ModelServer


class TestGeminiKeepsTheContract(BackendContract):
    @pytest.fixture
    async def subject(self, client: httpx.AsyncClient) -> AsyncIterator[Subject]:
        async with ModelServer.gemini(key=KEY) as server:
            yield remote_subject(GeminiBackend, server, client)
