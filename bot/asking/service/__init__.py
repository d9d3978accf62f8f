"""What can be done with questions: begin, run, stop, retry, compare, rate, report, share. Knows no Discord."""

import asyncio
from typing import Any

from bot.asking.rules import KEPT_FOR
from bot.asking.service.beginning import RUN_WITHIN, Beginning
from bot.asking.service.choosing import MOST_OFFERED
from bot.asking.service.desk import MOST_BY_ONE, MOST_RUNNING, Models
from bot.asking.service.handling import Handling
from bot.asking.service.running import SAVED_EVERY, Running

__all__ = [
    "KEPT_FOR",
    "MOST_BY_ONE",
    "MOST_OFFERED",
    "MOST_RUNNING",
    "RUN_WITHIN",
    "SAVED_EVERY",
    "AskService",
    "Models",
]

_STOP_SECONDS = 3.0


class AskService(Beginning, Running, Handling):
    """The questions and answers of all servers."""

    async def start(self) -> None:
        """Take back what dead processes began to share, and delete what was kept long enough."""
        await self.pick_up()
        await self.sweep()

    async def pick_up(self) -> None:
        """Let people share again what a dead process had begun to; `interrupted` picks up what it was writing."""
        await self._store.unclaim()

    async def sweep(self) -> None:
        """Delete questions and answers that were kept long enough."""
        await self._store.sweep(self._clock() - KEPT_FOR)

    async def close(self) -> None:
        """End what is being made, for the next start to tell of it, and finish writing how answers ended."""
        self._is_closing = True
        running = [ready for ready in self._under_way.values() if ready.is_running]
        for ready in running:
            ready.stopped.set()
        # whoever shows an answer has to come by for its end
        ends = [asyncio.create_task(ready.ended.wait()) for ready in running]
        if ends:
            _, late = await asyncio.wait(ends, timeout=_STOP_SECONDS)
            for end in late:
                end.cancel()
        if self._endings:
            await asyncio.wait(set(self._endings), timeout=_STOP_SECONDS)

    async def forget(self, member_id: int) -> None:
        """Erase a person: their questions with the answers, thumbs, choices; their reports stay without a name."""
        for turn_id, ready in list(self._under_way.items()):
            if ready.asker.member_id == member_id:
                ready.is_dropped = True
                ready.stopped.set()
                del self._under_way[turn_id]
                if not ready.is_running:
                    await self._allowances.release(ready.hold)
        self._book.forget(member_id)
        await self._people.forget(member_id)
        self._book.forget(member_id)

    async def export_user(self, member_id: int) -> dict[str, Any]:
        """Return all that is stored about a person, ready for JSON."""
        return await self._people.of_member(member_id)
