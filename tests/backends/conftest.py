"""What tests of backends share."""

import ssl
from collections.abc import AsyncIterator

import httpx
import pytest

from bot.backends.http import new_client


@pytest.fixture(scope="session")
def certificates() -> ssl.SSLContext:
    """What certificates are trusted, read once: it takes longer than most tests here."""
    return httpx.create_ssl_context()


@pytest.fixture
async def client(certificates: ssl.SSLContext) -> AsyncIterator[httpx.AsyncClient]:
    async with new_client(tls=certificates) as client:
        yield client
