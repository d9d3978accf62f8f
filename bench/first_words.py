"""How soon after /ask does a member see the first words of an answer by the model on this machine?

A stand-in Discord, `rostrum run` and its worker with SmolLM2, each a process of its own. The worker is warm: it has
answered before. Members ask one after another; the time runs from the moment a member sends the command to the moment
the stand-in has a message of the bot with some of the answer in it, which is what the member's screen is told of.

    python bench/first_words.py [--full] [--models FOLDER]

The weights are converted to FOLDER (default: data/models) when they are not there yet; that is not part of any figure.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from local_model import KEY, convert, converted  # noqa: E402
from report import Report, percentile  # noqa: E402
from stream_chain import chain  # noqa: E402

if TYPE_CHECKING:
    from stream_chain import Chain

    from sandbox.world import Event

PATIENCE = 120.0
WITH_WORDS = ("Writing…", "Written by an AI")
"""What a card says once there is some of the answer in it."""


class FirstWords:
    """Waits for a message of the bot with words of an answer."""

    def __init__(self) -> None:
        self.seen: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self.card_at: float | None = None

    def __call__(self, event: Event) -> None:
        """Look at what everybody's screen is told of."""
        if event.name not in {"MESSAGE_CREATE", "MESSAGE_UPDATE"} or self.seen.done():
            return
        shown = str(event.data.get("components"))
        self.card_at = self.card_at or time.perf_counter()
        if any(words in shown for words in WITH_WORDS):
            self.seen.set_result(time.perf_counter())


async def once(bot: Chain, turn: int) -> tuple[float, float]:
    """Ask once; return the seconds to the card and to the first words, when the answer has ended."""
    words = FirstWords()
    unsubscribe = bot.server.world.subscribe(words)
    began = time.perf_counter()
    asking = asyncio.create_task(bot.ask(KEY, f"Tell me in two sentences what bread number {turn} is made of."))
    async with asyncio.timeout(PATIENCE):
        seen = await words.seen
        await asking
    unsubscribe()
    return (words.card_at or seen) - began, seen - began


async def run(models: Path, *, full: bool) -> int:
    """Measure and report."""
    report, rounds = Report("first_words"), 30 if full else 8
    if converted(models) is None:
        await convert(models)
    settings = {"ROSTRUM_MODELS_DIR": str(models)}
    async with chain("", {}, 1, settings) as bot:
        loading = (await once(bot, 0))[1]
        times = [await once(bot, turn) for turn in range(1, rounds + 1)]
    first = [1000 * words for _, words in times]
    report.add("first words while the worker starts", loading, "s")
    report.add("the card", 1000 * statistics.median(card for card, _ in times), "ms")
    report.add("first words, median", statistics.median(first), "ms", "< 700")
    report.add("first words, p95", percentile(first, 0.95), "ms")
    return report.status()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="more rounds")
    parser.add_argument("--models", type=Path, default=ROOT / "data" / "models", help="where converted weights are")
    given = parser.parse_args()
    sys.exit(uvloop.run(run(given.models.resolve(), full=given.full)))
