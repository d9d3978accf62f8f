"""Private answers that outlived the fifteen minutes in which Discord takes them: kept a week, for their owner alone."""

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, time, timedelta
from typing import Any

from bot.answers.store import AnswerStore
from bot.answers.types import Answer, KeptAnswer
from bot.clock import Clock
from bot.db.session import Database
from bot.errors import NotFoundError, NotYetError
from bot.recurrence import daily
from bot.timers import Timers

SWEEP_DUE = "answers_sweep_due"
KEPT_FOR = timedelta(days=7)
SWEPT_AT = time(4)
"""In UTC."""
MOST_KEPT = 20
"""Answers of one person; the oldest go first."""
LARGEST_FILE = 8 * 1024 * 1024


class AnswerService:
    """Keeps answers and opens them again."""

    def __init__(self, database: Database, timers: Timers, clock: Clock) -> None:
        self._store = AnswerStore(database)
        self._timers = timers
        self._clock = clock
        # what this process has promised and works on: it is lost when the process ends
        self._promised: set[int] = set()

    async def start(self) -> None:
        """Delete what was kept long enough, now and every day."""
        self._timers.listen(SWEEP_DUE, self._sweep_due)
        self._timers.every(SWEEP_DUE, 0, daily(SWEPT_AT), UTC)
        await self.sweep()

    async def keep(self, answer: Answer) -> int:
        """Keep an answer and return its id."""
        now = self._clock()
        return await self._store.add(_fitting(answer), now, now + KEPT_FOR, MOST_KEPT)

    async def promise(self, guild_id: int, member_id: int, title: str) -> int:
        """Return the id of an answer that is not ready yet; `fulfil` or `withdraw` follows."""
        now = self._clock()
        answer_id = await self._store.add(Answer(guild_id, member_id, title, ""), now, now + KEPT_FOR, MOST_KEPT)
        self._promised.add(answer_id)
        return answer_id

    async def fulfil(self, answer_id: int, answer: Answer) -> None:
        """Keep a promised answer; whoever was erased meanwhile gets none."""
        await self._store.fill(answer_id, _fitting(answer), self._clock() + KEPT_FOR)
        self._promised.discard(answer_id)

    async def withdraw(self, answer_id: int) -> None:
        """Take a promise back: the answer has reached its owner in another way."""
        self._promised.discard(answer_id)
        await self._store.delete(answer_id)

    async def open(self, answer_id: int, guild_id: int, member_id: int) -> Answer:
        """Return a kept answer to its owner.

        Raises:
            NotFoundError: nothing of that id is kept for this person here.
            NotYetError: it is still being worked on.
        """
        answer = await self._store.get(answer_id, guild_id, member_id, self._clock())
        if answer is None:
            raise NotFoundError(
                f"Nothing is kept for you here under this button. Answers are kept for {KEPT_FOR.days} days."
            )
        if answer.body:
            return answer
        if answer_id in self._promised:
            raise NotYetError("Your answer is not ready yet. Press again in a few minutes.")
        raise NotFoundError("I was restarted before this answer was ready. Please ask for it again.")

    async def list_for(self, guild_id: int, member_id: int) -> tuple[KeptAnswer, ...]:
        """Return what is kept for a person in a server, the newest first."""
        return await self._store.list_for(guild_id, member_id, self._clock())

    async def sweep(self) -> None:
        """Delete what was kept long enough."""
        await self._store.sweep(self._clock())

    async def forget(self, member_id: int) -> None:
        """Erase all that is kept for a person."""
        await self._store.forget(member_id)

    async def export(self, member_id: int) -> list[dict[str, Any]]:
        """Return all that is kept for a person, ready for JSON; files in base64."""
        return [
            {
                "guild_id": str(answer.guild_id),
                "title": answer.title,
                "text": answer.body,
                "file_name": answer.file_name,
                "file": answer.file and b64encode(answer.file).decode(),
                "made_at": made_at.isoformat(),
            }
            for answer, made_at in await self._store.of_member(member_id)
        ]

    async def _sweep_due(self, _key: int) -> None:
        await self.sweep()


def _fitting(answer: Answer) -> Answer:
    if answer.file is None or len(answer.file) <= LARGEST_FILE:
        return answer
    note = f"{answer.body}\n-# The file {answer.file_name} was too large to be kept. Ask for it again."
    return replace(answer, body=note, file_name=None, file=None)
