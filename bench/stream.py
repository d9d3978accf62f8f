"""How fast do answers come through the bot, against the plainest program that reads the same server?

64 answers at once from a server of Chat Completions on loopback, a process of its own. The yardstick is httpx with
httpx-sse and JSON decoding, in this process and in the same run; it takes turns with the backend alone and with the
whole bot on a stand-in Discord (see stream_chain.py), and the medians of the rounds are compared. Every answer is
compared with what was written. Paced: 50 tokens a second in each stream. Unpaced: as fast as it goes.

    python bench/stream.py [--full] [--backend-only]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import uvloop
from httpx_sse import aconnect_sse

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from model_server import tokens  # noqa: E402
from report import Report  # noqa: E402
from stream_chain import Heard, chain  # noqa: E402

from bot.backends.base import Chunk, Completion, Egress, Prompt, Turn  # noqa: E402
from bot.backends.http import new_client  # noqa: E402
from bot.backends.openai_api import OpenAIBackend  # noqa: E402
from bot.catalog import ModelCard, Openness, Task  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

STREAMS = 64
PACE = 50
PROMPT = "Which models should courts use?"


@contextmanager
def model_server() -> Iterator[str]:
    """Run the other end; gives its address."""
    command = [sys.executable, str(ROOT / "bench" / "model_server.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def card(address: str, model: str) -> ModelCard:
    """Return the card of the server's model."""
    return ModelCard(
        key="bench",
        name="Bench",
        maker="Bench",
        family="Bench",
        openness=Openness.OPEN,
        reasons={},
        tasks=frozenset(Task),
        backend="openai_api",
        model=model,
        licence="MIT",
        address=address,
    )


async def plain(client: httpx.AsyncClient, address: str, model: str) -> str:
    """Read one answer with httpx-sse and JSON decoding."""
    body = {"model": model, "stream": True, "messages": [{"role": "user", "content": PROMPT}]}
    parts: list[str] = []
    async with aconnect_sse(client, "POST", f"{address}/chat/completions", json=body) as source:
        async for event in source.aiter_sse():
            if event.data == "[DONE]":
                break
            choices = json.loads(event.data)["choices"]
            if choices and (text := choices[0]["delta"].get("content")):
                parts.append(text)
    return "".join(parts)


async def ours(client: httpx.AsyncClient, address: str, model: str, count: int) -> str:
    """Read one answer through the backend."""
    backend = OpenAIBackend(card(address, model), None, client)
    prompt, parts = Prompt((Turn("user", PROMPT),), max_tokens=count), list[str]()
    async for event in backend.complete(prompt, Egress()):
        if isinstance(event, Chunk):
            parts.append(event.text)
        elif isinstance(event, Completion):
            assert event.text == "".join(parts)
            assert event.completion_tokens == count
    return "".join(parts)


async def rate(read: Callable[[], Awaitable[str]], expected: str, count: int) -> float:
    """Return the tokens a second of all streams together, having compared every answer."""
    started = time.perf_counter()
    answers = await asyncio.gather(*(read() for _ in range(STREAMS)))
    seconds = time.perf_counter() - started
    assert all(answer == expected for answer in answers)
    return STREAMS * count / seconds


@dataclass
class Rounds:
    """What the rounds of one kind gave: tokens a second of the yardstick and of ours, which follow each other.

    Whatever else the machine does comes and goes; two turns that follow each other share most of it.
    """

    theirs: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)

    def report(self, report: Report, name: str, way: str, bar: str) -> None:
        """Report the medians, and the median of the ratios."""
        ratios = [ours / theirs for ours, theirs in zip(self.ours, self.theirs, strict=True)]
        report.add(f"{name}: httpx-sse with json", statistics.median(self.theirs), "tokens/s")
        report.add(f"{name}: {way}", statistics.median(self.ours), "tokens/s")
        report.add(f"{name}: {way}, to the yardstick", statistics.median(ratios), "ratio", bar)


@dataclass
class Bench:
    """The server, and the yardstick's client."""

    address: str
    bare: httpx.AsyncClient

    async def yardstick(self, count: int, pace: int) -> float:
        """Return the yardstick's tokens a second."""
        model = f"{count}x{pace}"
        return await rate(lambda: plain(self.bare, self.address, model), "".join(tokens(count)), count)

    async def backend(self, count: int, pace: int, rounds: int) -> Rounds:
        """Measure the backend alone."""
        found, model = Rounds(), f"{count}x{pace}"
        async with new_client() as client:
            for _ in range(rounds):
                found.theirs.append(await self.yardstick(count, pace))
                found.ours.append(
                    await rate(lambda: ours(client, self.address, model, count), "".join(tokens(count)), count)
                )
        return found

    async def chain(self, report: Report, count: int, pace: int, rounds: int, name: str) -> Rounds:
        """Measure the whole bot, and look at what it did to Discord."""
        found, heard, expected, worked = Rounds(), Heard(), "".join(tokens(count)).rstrip(), list[float]()
        async with chain(self.address, {"warm": "50x0", "model": f"{count}x{pace}"}, STREAMS) as bot:
            await bot.ask("warm")
            for _ in range(rounds):
                found.theirs.append(await self.yardstick(count, pace))
                turns, heard = await bot.ask("model")
                wrong = [turn for turn in turns if turn.text.rstrip() != expected or turn.tokens != count]
                assert len(turns) == STREAMS, f"{len(turns)} answers are done"
                assert not wrong, f"{len(wrong)} answers differ, such as …{wrong[0].text[-99:]!r}, {wrong[0].tokens}"
                if pace:
                    # each from its own beginning: how fast people can ask is not what is measured
                    found.ours.append(sum(count / (turn.ended_at - turn.asked_at) for turn in turns))
                else:
                    window = max(turn.ended_at for turn in turns) - min(turn.asked_at for turn in turns)
                    found.ours.append(STREAMS * count / window)
                worked.append(heard.worked)
            report.add(f"{name}: edits", heard.count(), "count")
            report.add(f"{name}: most edits of one message in 5 s", heard.most_in_a_window(), "count", "<= 5")
            report.add(f"{name}: most edits in a second", heard.most_a_second(), "count", "<= 40")
            spent = statistics.median(worked) / STREAMS
            report.add(f"{name}: the bot's processor time for an answer, shown", 1000 * spent, "ms")
            report.add(f"{name}: calls that Discord refused", bot.server.limits.refused, "count", "== 0")
            violations = len(bot.server.spec.violations) if bot.server.spec else 0
            report.add(f"{name}: violations of the API description", violations, "count", "== 0")
        return found


async def run(*, full: bool, backend_only: bool) -> int:
    """Measure and report."""
    report = Report("stream")
    report.add("streams at once", STREAMS, "count")
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=STREAMS)
    with model_server() as address:
        async with httpx.AsyncClient(timeout=120, limits=limits) as bare:
            bench = Bench(address, bare)
            await bench.backend(100, 0, 1)  # what runs for the first time is slower
            for name, pace, count, rounds, bar in (
                ("paced at 50 tokens/s", PACE, 1000 if full else 500, 3 if full else 1, ">= 0.95"),
                ("unpaced", 0, 2000, 7 if full else 3, ">= 0.7"),
            ):
                # what has no beginnings and ends of note needs half as long
                alone = await bench.backend(count // 2 if pace else count, pace, rounds)
                alone.report(report, name, "backend alone", bar)
                if not backend_only:
                    found = await bench.chain(report, count, pace, rounds, name)
                    found.report(report, name, "backend, service and edits", bar)
    return report.status()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="longer answers, more rounds")
    parser.add_argument("--backend-only", action="store_true", help="without the bot around it")
    options = parser.parse_args()
    sys.exit(uvloop.run(run(full=options.full, backend_only=options.backend_only)))
