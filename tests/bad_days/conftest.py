"""The whole bot against a stand-in, a clock that can be set forward, and a log channel where moderators hear of it."""

from datetime import datetime, timedelta

import pytest

from bot.clock import utc_now
from sandbox.driver import Person, SeenMessage, Stage
from tests.support.poll_flow import ada
from tests.support.running import Rostrum, options, rostrum, server, stage
from tests.support.written import written

__all__ = ["ada", "options", "rostrum", "server", "stage", "written"]

LOG = "#debates"


class Ahead:
    """A clock that runs ahead of the real one by what the test says."""

    def __init__(self, rostrum: Rostrum, stage: Stage) -> None:
        self.by = timedelta()
        self._rostrum = rostrum
        self._stage = stage

    def __call__(self) -> datetime:
        return utc_now() + self.by

    def fire(self, event: str, poll_id: int = 1, **by: float) -> None:
        """Set the clock forward, and have a poll's timer look at it."""
        self.by += timedelta(**by)
        self._rostrum.app.timers.arm(event, poll_id, utc_now())

    async def restart(self) -> None:
        """Stop the bot and start it on this clock; the commands are known already."""
        await self._rostrum.stop()
        await self._stage.wait_online("Rostrum", online=False)
        await self._rostrum.start(self)
        await self._stage.wait_online("Rostrum", timeout=30)


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
        seen = await self._person.wait_message(LOG, containing, timeout=20)
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
