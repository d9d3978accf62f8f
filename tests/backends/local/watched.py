"""A pool that counts what it is asked, as a subject of the backends' contract."""

from __future__ import annotations

import os
import signal
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.backends.base import Chunk, Egress, Event, Prompt
from bot.backends.local import LocalBackend, WorkerPool
from bot.catalog import ModelCard, Openness
from tests.backends.contract import Subject

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


ABANDONED = 1000
"""Tokens that nobody means to wait for."""


class WatchedPool(WorkerPool):
    """Counts what it is asked, and kills the worker after the first piece of an answer where a test says so."""

    asked = 0
    longest = 10_000
    """A real model is slow on a busy machine, so that its answers are kept short; not those that are to be left."""
    kills_next = False

    async def generate(self, card: ModelCard, prompt: Prompt) -> AsyncGenerator[Event]:
        self.asked += 1
        kills, self.kills_next = self.kills_next, False
        if prompt.max_tokens < ABANDONED:
            prompt = replace(prompt, max_tokens=min(prompt.max_tokens, self.longest))
        async with aclosing(super().generate(card, prompt)) as events:
            async for event in events:
                if isinstance(event, Chunk) and kills:
                    kills = False
                    os.kill(self.pids[card.key], signal.SIGKILL)
                yield event


def subject_of(backend: LocalBackend, pool: WatchedPool, **rest: Any) -> Subject:
    pool.asked = 0
    restricted = LocalBackend(replace(backend.card, openness=Openness.RESTRICTED), pool)
    return Subject(
        backend,
        forbidden=[(restricted, Egress(open_only=True))],
        sent=lambda: pool.asked,
        running=lambda: int(backend.health().details.get("answering", "0")),
        **rest,
    )
