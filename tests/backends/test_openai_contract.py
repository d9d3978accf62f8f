"""OpenAI's protocol keeps the contract."""

from collections.abc import AsyncIterator

import httpx
import pytest

from bot.backends.openai_api import OpenAIBackend
from tests.backends.contract import BackendContract, Subject
from tests.backends.remote_subject import remote_subject
from tests.backends.rigs import KEY
from tests.backends.servers import ModelServer


class TestOpenAIKeepsTheContract(BackendContract):
    @pytest.fixture
    async def subject(self, client: httpx.AsyncClient) -> AsyncIterator[Subject]:
        async with ModelServer.openai(key=KEY) as server:
            yield remote_subject(OpenAIBackend, server, client)
