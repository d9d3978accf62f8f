"""A clock that runs ahead of the real one, for the whole bot on a stand-in."""

from datetime import datetime, timedelta

from bot.app import App
from bot.clock import utc_now
from sandbox.driver import Stage
from tests.support.running import Rostrum


class Ahead:
    """A clock that runs ahead of the real one by what the test says."""

    def __init__(self, rostrum: Rostrum, stage: Stage) -> None:
        self.by = timedelta()
        self._rostrum = rostrum
        self._stage = stage

    @property
    def app(self) -> App:
        """The bot that goes by this clock, as it was started last."""
        return self._rostrum.app

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
