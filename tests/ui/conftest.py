"""The bot with a feature made for tests, over sockets."""

from collections.abc import AsyncIterator

import pytest

from cogs import client as client_module
from sandbox.driver import Stage
from tests.support.bells import Bells, ring
from tests.support.running import Rostrum, options, rostrum, server, stage

__all__ = ["options", "rostrum", "server", "stage"]


@pytest.fixture
async def bells(rostrum: Rostrum, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bells]:
    made = await ring(stage, lambda kind: monkeypatch.setattr(client_module, "Client", kind), rostrum.start)
    yield made
    made.cog.gate.set()
