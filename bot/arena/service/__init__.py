"""What can be done in the arena: begin a battle, have it answered, vote, close, rate. Knows no Discord."""

import asyncio
from collections.abc import Collection
from typing import Any

from bot.arena.rules import KEPT_FOR
from bot.arena.service.beginning import RUN_WITHIN
from bot.arena.service.desk import BATTLE_DUE, MOST_RUNNING, Models
from bot.arena.service.voting import Voting
from bot.arena.store import forget_votes

__all__ = ["BATTLE_DUE", "KEPT_FOR", "MOST_RUNNING", "RUN_WITHIN", "ArenaService", "Models"]

_STOP_SECONDS = 3.0


class ArenaService(Voting):
    """The battles of all servers."""

    async def start(self) -> None:
        """Arm a timer for all that is pending, and delete what was kept long enough."""
        await self.sweep()
        for battle_id, at in await self._battles.pending():
            self._timers.arm(BATTLE_DUE, battle_id, at)

    async def sweep(self) -> None:
        """Give up what nobody came to run; delete void battles and texts that were kept long enough."""
        await self._tidy()
        await self._battles.sweep(self._clock() - KEPT_FOR)

    async def stop(self) -> None:
        """End what is being made, for the next start to tell of it, and finish writing how battles ended."""
        self._is_closing = True
        running = [ready for ready in self._under_way.values() if ready.is_running]
        for ready in running:
            ready.stopped.set()
        ends = [asyncio.create_task(ready.ended.wait()) for ready in running]
        if ends:
            _, late = await asyncio.wait(ends, timeout=_STOP_SECONDS)
            for end in late:
                end.cancel()
        if self._endings:
            await asyncio.wait(set(self._endings), timeout=_STOP_SECONDS)

    async def forget(self, member_id: int) -> None:
        """Erase a person's battles, and their name as asker and moderator; votes are erased by `forget_votes`."""
        for battle_id, ready in list(self._under_way.items()):
            if ready.challenger.member_id == member_id:
                await self._drop(battle_id)
        for who in [who for who in self._pace if who[1] == member_id]:
            del self._pace[who]
        await self._people.forget(member_id)

    @staticmethod
    async def forget_votes(connection: Any, voters: Collection[tuple[int, int]]) -> None:  # noqa: ANN401
        """Delete a person's votes in battles that are open, in the transaction that cuts their name off their votes.

        Votes in closed battles stay, without a name, so that boards stay as they were.
        """
        await forget_votes(connection, voters)

    async def export_user(self, member_id: int) -> dict[str, Any]:
        """Return all that is stored about a person, ready for JSON."""
        return await self._people.of_member(member_id)
