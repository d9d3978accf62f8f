"""How fast does the bot answer many members at once with an open model on this machine, and what does it cost the bot?

Sixteen members ask SmolLM2 through the bot's backend, in turns with transformers' bare batching manager in a process of
its own (`bare_batching.py`), on the same machine, with the same cache, threads and priority. Meanwhile a probe in the
bot's event loop sleeps 5 ms over and over and writes down by how much it came late, from before the worker starts.

    python bench/local_model.py [--full] [--models FOLDER]

The weights are converted to FOLDER (default: data/models) when they are not there yet; that is not part of any figure.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import psutil
import uvloop

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from report import Report, percentile  # noqa: E402

from bot.backends.base import Completion, Egress, Prompt, Turn  # noqa: E402
from bot.backends.local import LocalBackend, LocalOptions, WorkerPool  # noqa: E402
from bot.catalog import load_catalog  # noqa: E402

KEY = "smollm2-135m"
MEMBERS = 16
ANSWER_TOKENS = 64
THINGS = ("rivers", "lighthouses", "bread", "glaciers", "clocks", "bridges", "whales", "paper", "chess", "volcanoes")
PLACES = ("the north", "a small town", "old books", "our century")
PROBE = 0.005


def questions(turn: int) -> list[str]:
    """Return one question for each member, of 64 tokens with what the chat template adds; new ones each turn."""
    return [
        f"Write a long and detailed story about {THINGS[(turn + number) % len(THINGS)]} and "
        f"{PLACES[number % len(PLACES)]}, number {10 + turn * MEMBERS + number}, "
        "with many names and places and what the people say. Do not stop early."
        for number in range(MEMBERS)
    ]


@dataclass
class Probe:
    """Sleeps over and over, and writes down by how much it came late (seconds)."""

    late: list[float] = field(default_factory=list)
    _task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task
        self._task.cancel()

    async def _run(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(PROBE)
            self.late.append(max(0.0, time.perf_counter() - began - PROBE))


class Bare:
    """The bare manager in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, weights: Path, threads: int) -> Self:
        """Start it and wait until it is loaded."""
        script = str(ROOT / "bench" / "bare_batching.py")
        process = await asyncio.create_subprocess_exec(
            sys.executable, script, str(weights), str(threads),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        bare = cls(process)
        await bare._line()
        return bare

    async def answer(self, texts: list[str]) -> dict[str, float]:
        """Have it answer, and return what it measured."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(texts).encode() + b"\n")
        return await self._line()

    async def stop(self) -> None:
        """End it."""
        self._process.kill()
        await self._process.wait()

    async def _line(self) -> Any:  # noqa: ANN401
        assert self._process.stdout
        line = await self._process.stdout.readline()
        if not line:
            raise SystemExit("the bare manager ended early")
        return json.loads(line)


async def ask(backend: LocalBackend, text: str, tokens: int = ANSWER_TOKENS) -> Completion:
    """Ask as a member does."""
    prompt = Prompt((Turn("user", text),), max_tokens=tokens, temperature=0.0)
    last = [event async for event in backend.complete(prompt, Egress())][-1]
    assert isinstance(last, Completion)
    return last


async def at_once(backend: LocalBackend, texts: list[str]) -> tuple[float, list[Completion]]:
    """Have all members ask at once; return tokens a second and their answers."""
    began = time.perf_counter()
    answers = await asyncio.gather(*(ask(backend, text) for text in texts))
    return written(answers) / (time.perf_counter() - began), list(answers)


def written(answers: list[Completion]) -> int:
    """Return how many tokens were written in all."""
    return sum(answer.completion_tokens or 0 for answer in answers)


def resident_mb() -> float:
    """Return this process's own resident memory, in MB (10^6 bytes)."""
    gc.collect()
    return psutil.Process().memory_info().rss / 1e6


async def convert(models: Path) -> None:
    """See that the weights are converted, in another process, so that it counts nowhere."""
    code = (
        "import asyncio, sys; sys.path[:0] = [sys.argv[1], sys.argv[1] + '/bench']; "
        "import local_model; asyncio.run(local_model.first(sys.argv[2]))"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, str(ROOT), str(models))
    if await process.wait():
        raise SystemExit("the weights could not be converted")


async def first(models: str) -> None:
    """Answer one question, which converts the weights."""
    pool = WorkerPool(LocalOptions(models_dir=Path(models)))
    await ask(LocalBackend(load_catalog(None).cards[KEY], pool), "Hello", 1)
    await pool.close()


def converted(models: Path) -> Path | None:
    """Return the folder of the converted weights."""
    return next((path.parent for path in models.glob("*smollm2*/*.safetensors")), None)


async def run(models: Path, *, full: bool) -> int:
    """Measure and report."""
    report, rounds, alone = Report("local_model"), 7 if full else 3, 16 if full else 4
    if converted(models) is None:
        await convert(models)
    weights = converted(models)
    assert weights, f"nothing was converted in {models}"
    options = LocalOptions(models_dir=models)
    bare = await Bare.start(weights, options.threads)
    before = resident_mb()
    ours, theirs, first_tokens, read = [], [], [], []
    async with Probe() as probe:
        pool = WorkerPool(options)
        backend = LocalBackend(load_catalog(None).cards[KEY], pool)
        began = time.perf_counter()
        await ask(backend, "Hello", 1)
        started = time.perf_counter() - began
        loaded_at = len(probe.late)
        await bare.answer(questions(0))
        await at_once(backend, questions(0))
        for turn in range(1, rounds + 1):
            rate, answers = await at_once(backend, questions(turn))
            ours.append(rate)
            first_tokens.append(max(answer.first_token_seconds or 0 for answer in answers))
            read += [answer.prompt_tokens or 0 for answer in answers]
            told = await bare.answer(questions(turn))
            theirs.append(told["written"] / told["seconds"])
        began = time.perf_counter()
        one_by_one = [await ask(backend, text) for text in questions(rounds + 1)[:alone]]
        alone_rate = written(one_by_one) / (time.perf_counter() - began)
    # after the probe: collecting garbage holds the loop up, and is the bench's own doing
    growth = resident_mb() - before
    await pool.close()
    await bare.stop()
    share = statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))
    late = [1000 * seconds for seconds in probe.late]
    report.add("members at once", MEMBERS, "count")
    report.add("tokens of a prompt", statistics.median(read), "tokens")
    report.add("start of the worker to its first token", started, "s")
    report.add("bare batching manager", statistics.median(theirs), "tokens/s")
    report.add("through the bot's backend", statistics.median(ours), "tokens/s")
    report.add("share of the bare manager's", share, "ratio", ">= 0.85")
    report.add("one after another", alone_rate, "tokens/s")
    report.add("times one after another", statistics.median(ours) / alone_rate, "ratio", ">= 2.9")
    report.add("worst first token", max(first_tokens), "s", "< 1.5")
    report.add("event loop late, p99", percentile(late, 0.99), "ms", "< 10")
    report.add("event loop late, most while loading", max(late[:loaded_at]), "ms", "< 100")
    report.add("event loop late, most while answering", max(late[loaded_at:]), "ms", "< 100")
    report.add("growth of the bot's process", growth, "MB", "< 15")
    return report.status()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="more rounds")
    parser.add_argument("--models", type=Path, default=ROOT / "data" / "models", help="where converted weights are")
    given = parser.parse_args()
    sys.exit(uvloop.run(run(given.models, full=given.full)))
