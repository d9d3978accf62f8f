"""A pool of scripted workers, and what tests look at: processes, what a worker heard, answers."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from bot.backends.base import Chunk, Completion, Egress, Event, Notice, Prompt, Turn
from bot.backends.local import LocalBackend, LocalOptions, Patience, WorkerPool
from bot.catalog import ModelCard, Openness, Shape, Task
from bot.errors import ModelError

CHILD = Path(__file__).with_name("scripted_child.py")
QUICK = Patience(ping_every=0.05, ping_idle=0.1, stop=5.0, load_again=0.0, cool_down=600.0)
ANYTHING_GOES = Egress()


def prompt(text: str, **fields: Any) -> Prompt:
    """Ask `text`."""
    return Prompt((Turn("user", text),), **fields)


async def until(holds: Callable[[], object], what: str = "it never came true") -> None:
    """Wait until something holds; far longer than it should ever take."""
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, what
        await asyncio.sleep(0.01)


@dataclass
class Answer:
    """What somebody who asks has got so far."""

    events: list[Event] = field(default_factory=list)
    error: ModelError | None = None
    task: asyncio.Task[None] | None = None

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, Chunk))

    @property
    def notices(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Notice)]

    @property
    def completion(self) -> Completion:
        assert self.error is None, self.error.detail
        last = self.events[-1]
        assert isinstance(last, Completion)
        assert sum(isinstance(event, Completion) for event in self.events) == 1
        return last

    async def ended(self) -> Answer:
        assert self.task
        async with asyncio.timeout(60):
            await asyncio.wait({self.task})
        if not self.task.cancelled():
            self.task.result()
        return self

    async def leave(self) -> None:
        """Stop waiting for it, as somebody does who presses Stop; within a second, as is promised."""
        assert self.task
        self.task.cancel()
        async with asyncio.timeout(5):
            await asyncio.wait({self.task})


class Lab:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pool = self.new_pool()
        self._children: set[int] = set()

    def options(self, **options: Any) -> LocalOptions:
        fields = {"models_dir": self.folder / "models", "modules": (), "patience": QUICK, **options}
        fields.setdefault("command", (sys.executable, str(CHILD)))
        return LocalOptions(**fields)

    def new_pool(self, **options: Any) -> WorkerPool:
        return WorkerPool(self.options(**options))

    def model(self, key: str = "tiny", *, card: dict[str, Any] | None = None, **plan: Any) -> LocalBackend:
        """Put a model there that loads as `plan` says."""
        weights = self.weights(key)
        weights.mkdir(exist_ok=True)
        (weights / "config.json").write_text("{}")
        (weights / "model.safetensors").write_bytes(b"0" * 1000)
        (weights / "load.json").write_text(json.dumps(plan))
        fields: dict[str, Any] = {
            "key": key,
            "name": key.title(),
            "maker": "Nobody",
            "family": "tiny",
            "openness": Openness.OPEN,
            "reasons": {},
            "tasks": frozenset(Task),
            "backend": "local",
            "model": str(weights),
            "licence": "MIT",
            "shape": Shape.CAUSAL,
        }
        return LocalBackend(ModelCard(**fields | (card or {})), self.pool)

    def weights(self, key: str = "tiny") -> Path:
        return self.folder / key

    def go(self, key: str = "tiny") -> None:
        """Let what waits for the test go on."""
        (self.weights(key) / "go").touch()

    def ask(self, backend: LocalBackend, text: str, **fields: Any) -> Answer:
        answer = Answer()

        async def run() -> None:
            events = backend.complete(prompt(text, **fields), ANYTHING_GOES)
            try:
                async for event in events:
                    self._children.update(self.pool.pids.values())
                    answer.events.append(event)
            except ModelError as error:
                answer.error = error
            finally:
                await events.aclose()

        answer.task = asyncio.create_task(run())
        return answer

    def heard(self, do: str, key: str = "tiny") -> list[dict[str, Any]]:
        """Return the frames of a kind that the workers of a model have heard."""
        try:
            lines = (self.weights(key) / "heard.jsonl").read_text().splitlines()
        except FileNotFoundError:
            return []
        frames = [json.loads(line) for line in lines if line.endswith("}")]
        return [frame for frame in frames if frame["do"] == do]

    def pid(self, key: str = "tiny") -> int:
        self._children.update(self.pool.pids.values())
        return self.pool.pids[key]

    def kill(self, key: str = "tiny", sign: int = signal.SIGKILL) -> None:
        os.kill(self.pid(key), sign)

    async def close(self) -> None:
        async with asyncio.timeout(30):
            await self.pool.close()

    def leftovers(self) -> list[int]:
        """Return the processes of workers that are still there, dead or alive."""
        found = [child for child in psutil.Process().children(recursive=True) if self._is_worker(child)]
        return [child.pid for child in found] + list(self.pool.pids.values())

    def _is_worker(self, process: psutil.Process) -> bool:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return process.pid in self._children
            return str(CHILD) in process.cmdline()
        except psutil.NoSuchProcess:
            return False
