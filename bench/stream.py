"""How fast do answers come through the bot, against the plainest program that reads the same server?

64 answers at once from a server of Chat Completions on loopback, a process of its own. The yardstick is httpx with
httpx-sse and JSON decoding, in this process and in the same run; the two take turns, and the medians are compared.
Every answer is compared with what was written. Paced: 50 tokens a second in each stream. Unpaced: as fast as it goes.

    python bench/stream.py [--full]
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
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import uvloop
from httpx_sse import aconnect_sse

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from model_server import tokens  # noqa: E402
from report import Report  # noqa: E402

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


async def compare(address: str, count: int, pace: int, rounds: int) -> tuple[float, float, float]:
    """Return the medians of the yardstick's and the backend's tokens a second, and of their ratios, round by round.

    Whatever else the machine does comes and goes; two turns that follow each other share most of it.
    """
    model, expected = f"{count}x{pace}", "".join(tokens(count))
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=STREAMS)
    yardstick, backend = [], []
    async with httpx.AsyncClient(timeout=60, limits=limits) as bare, new_client() as client:
        for _ in range(rounds):
            yardstick.append(await rate(lambda: plain(bare, address, model), expected, count))
            backend.append(await rate(lambda: ours(client, address, model, count), expected, count))
    ratios = [ours / theirs for ours, theirs in zip(backend, yardstick, strict=True)]
    return statistics.median(yardstick), statistics.median(backend), statistics.median(ratios)


async def run(*, full: bool) -> int:
    """Measure and report."""
    report = Report("stream")
    report.add("streams at once", STREAMS, "count")
    with model_server() as address:
        await compare(address, 100, 0, 1)  # what runs for the first time is slower
        for name, pace, count, rounds, bar in (
            ("paced at 50 tokens/s", PACE, 500 if full else 250, 3 if full else 1, ">= 0.95"),
            ("unpaced", 0, 2000 if full else 1000, 7 if full else 5, ">= 0.7"),
        ):
            yardstick, backend, ratio = await compare(address, count, pace, rounds)
            report.add(f"{name}: httpx-sse with json", yardstick, "tokens/s")
            report.add(f"{name}: through the backend", backend, "tokens/s")
            report.add(f"{name}: backend to yardstick", ratio, "ratio", bar)
    return report.status()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="longer answers, more rounds")
    sys.exit(uvloop.run(run(full=parser.parse_args().full)))
