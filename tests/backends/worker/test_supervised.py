"""The pool around real workers with tiny models: one that hangs is ended, and who waits is served by the next."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.backends.base import Chunk, Completion, Event, Notice, Prompt, State, Turn
from bot.backends.local import LocalBackend, LocalOptions, Patience, WorkerPool
from bot.errors import ModelError, Trouble
from tests.backends.contract import ANYWHERE
from tests.backends.servers import until
from tests.backends.worker.cards import card_of
from tests.backends.worker.child import hooked
from tests.backends.worker.tiny import WALK

STUCK = 5.0
"""Seconds; a step of a tiny model takes a few milliseconds, on a busy machine perhaps a second."""


@pytest.fixture
async def pool(tmp_path: Path) -> AsyncIterator[WorkerPool]:
    patience = Patience(ping_every=0.1, stuck=STUCK, deaths=100)
    made = WorkerPool(LocalOptions(models_dir=tmp_path, command=tuple(hooked(tmp_path)), patience=patience))
    yield made
    await made.close()


def prompt(tokens: int) -> Prompt:
    return Prompt((Turn("user", "hello"),), max_tokens=tokens, temperature=0.0)


@pytest.mark.parametrize("architecture", ["llama", "bloom"])
async def test_a_model_that_hangs_is_ended_and_who_saw_nothing_is_served_again(
    pool: WorkerPool, tiny_models: Path, tmp_path: Path, architecture: str
) -> None:
    backend = LocalBackend(card_of(str(tiny_models / architecture)), pool)
    card = backend.card
    seen: list[Event] = []

    async def ask(tokens: int, events: list[Event]) -> None:
        async for event in backend.complete(prompt(tokens), ANYWHERE):
            events.append(event)  # noqa: PERF401 - it is looked at meanwhile

    await ask(2, [])
    first = pool.pids[card.key]
    # slow enough that it hangs before its answer is whole
    (tmp_path / "pace").write_text("25")
    told = asyncio.create_task(ask(400, seen))
    await until(lambda: any(isinstance(event, Chunk) for event in seen))
    (tmp_path / "stall").write_text(str(first))
    (tmp_path / "pace").unlink()
    waiting: list[Event] = []
    served = asyncio.create_task(ask(30, waiting))
    with pytest.raises(ModelError) as caught:
        await told
    assert caught.value.trouble is Trouble.WORKER_DIED
    assert "its model stood still for" in caught.value.detail
    await served
    last = waiting[-1]
    assert isinstance(last, Completion)
    assert last.text == (WALK * 2)[:30].lstrip()
    assert any(isinstance(event, Notice) for event in waiting)
    assert pool.pids[card.key] != first
    assert backend.health().state is State.READY
