"""The whole bot against a stand-in, a clock that can be set forward, and a log channel where moderators hear of it."""

import pytest

from sandbox.driver import Person, SeenMessage, Stage
from tests.support.ahead import Ahead
from tests.support.poll_flow import ada
from tests.support.running import Rostrum, options, rostrum, server, stage
from tests.support.written import written

__all__ = ["ada", "options", "rostrum", "server", "stage", "written"]

LOG = "#debates"


@pytest.fixture
async def ahead(ada: Person, rostrum: Rostrum, stage: Stage) -> Ahead:
    """The clock of the bot."""
    clock = Ahead(rostrum, stage)
    await clock.restart()
    assert ada.name == "Ada"
    return clock


class LogChannel:
    """What moderators read in the server's log channel."""

    def __init__(self, person: Person) -> None:
        self._person = person

    async def told(self, containing: str) -> SeenMessage:
        """Wait for what it says of some trouble: with a reference, and without a ping."""
        seen = await self._person.wait_message(LOG, containing, timeout=60)
        assert "Reference " in seen.text, seen.text
        assert seen.raw["mentions"] == []
        return seen

    async def amount(self) -> int:
        """Return how often trouble was told of."""
        return len([seen for seen in await self._person.see(LOG) if "Trouble with" in seen.text])


@pytest.fixture
async def logged(ada: Person, rostrum: Rostrum) -> LogChannel:
    """The server has a log channel."""
    place = await ada.place(LOG)
    await rostrum.app.guilds.set_channel(int(place.guild_id or 0), "log", int(place.id))
    return LogChannel(ada)
