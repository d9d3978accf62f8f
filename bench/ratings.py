"""How quickly is a large board made, how much memory does it take, and does it hold up the bot?

100,000 votes on 20 models by 5,000 voters: the fit with 1,000 resamples of voters, rank ranges and fragility, beside
arena-rank, which gives a warm fit with its sandwich intervals. Both start from the votes in memory (a vote table here,
a data frame there), each in a process of its own, and they take turns, because the machine may have other things to do.

    python bench/ratings.py [--rounds 9]
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import random
import statistics
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from report import Report  # noqa: E402

from bot.arena.ratings.types import Outcome, VoteTable  # noqa: E402

VOTES, MODELS, VOTERS = 100_000, 20, 5_000
OUTCOMES = (Outcome.LEFT, Outcome.RIGHT, Outcome.TIE)
MEBIBYTE = 1 << 20


def ballots() -> VoteTable:
    """Make the votes, the same each time; without numpy, whose import is to count as growth."""
    rng = random.Random(1)  # noqa: S311
    voters = rng.choices(range(VOTERS), [rng.lognormvariate(0, 1) for _ in range(VOTERS)], k=VOTES)
    pairs = [rng.sample(range(MODELS), 2) for _ in range(VOTES)]
    said: list[Outcome] = []
    for left, right in pairs:
        chance = 1 / (1 + 10 ** ((left - right) / MODELS))
        said.append(rng.choices(OUTCOMES, (0.9 * chance, 0.9 * (1 - chance), 0.1))[0])
    left, right = zip(*pairs, strict=True)
    return VoteTable(MODELS, left, right, tuple(said), tuple(voters))


def say(**values: Any) -> None:
    """Tell the parent."""
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


async def ours() -> None:
    """Rate in a thread at each line from the parent, while a probe looks how late the loop is."""
    table = ballots()
    gc.collect()
    process = psutil.Process()
    before = peak = process.memory_info().rss
    late = 0.0

    async def probe() -> None:
        nonlocal late, peak
        while True:
            started = time.perf_counter()
            await asyncio.sleep(0.001)
            late = max(late, time.perf_counter() - started - 0.001)
            peak = max(peak, process.memory_info().rss)

    def board(rounds: int, prior: float) -> tuple[float, list[float]]:
        from bot.arena.ratings.rate import rate  # noqa: PLC0415

        started = time.perf_counter()
        found = rate(table, seed=1, rounds=rounds, prior=prior)
        spent = time.perf_counter() - started
        return spent, [one.rating for one in sorted(found.ratings, key=lambda one: one.row)]

    task = asyncio.create_task(probe())
    await asyncio.to_thread(board, 1000, 1.0)
    _, ratings = await asyncio.to_thread(board, 0, 0.0)
    say(ratings=ratings)
    while await asyncio.to_thread(sys.stdin.readline):
        late = 0.0
        seconds, _ = await asyncio.to_thread(board, 1000, 1.0)
        say(seconds=seconds, late=late, growth=(peak - before) / MEBIBYTE)
    task.cancel()


def arena_rank() -> None:
    """Rate with arena-rank at each line from the parent, its data set built anew."""
    table = ballots()
    warnings.simplefilter("ignore")
    process = psutil.Process()
    before = process.memory_info().rss
    import pandas as pd  # noqa: PLC0415
    from arena_rank.models.bradley_terry import BradleyTerry  # noqa: PLC0415
    from arena_rank.utils.data_utils import PairDataset  # noqa: PLC0415

    words = {Outcome.LEFT: "model_a", Outcome.RIGHT: "model_b", Outcome.TIE: "tie"}
    frame = pd.DataFrame(
        {
            "model_a": [f"model {left:02}" for left in table.left],
            "model_b": [f"model {right:02}" for right in table.right],
            "winner": [words[outcome] for outcome in table.outcome],
        }
    )

    def board() -> tuple[float, list[float]]:
        started = time.perf_counter()
        found = BradleyTerry(MODELS).compute_ratings_and_cis(PairDataset.from_pandas(frame))
        ratings = [float(one) for one in found["ratings"]]
        found["rating_lower"].block_until_ready()
        found["rating_upper"].block_until_ready()
        return time.perf_counter() - started, ratings

    for _ in range(3):
        _, ratings = board()
    say(ratings=ratings)
    while sys.stdin.readline():
        seconds, _ = board()
        say(seconds=seconds, growth=(process.memory_info().rss - before) / MEBIBYTE)


class Child:
    """This script again, in one of its parts."""

    def __init__(self, part: str) -> None:
        command = [sys.executable, __file__, "--part", part]
        # `bot/__main__.py` sets this for the bot as well; what arena-rank computes with does not read it
        environ = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen(command, text=True, env=environ, **pipes)

    def heard(self) -> dict[str, Any]:
        """Wait for what it has to say."""
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def turn(self) -> dict[str, Any]:
        """Let it rate once."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.heard()

    def close(self) -> None:
        """Let it end."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(10)


def compare(rounds: int) -> int:
    """Run both in turns and report."""
    report = Report("ratings")
    children = [Child("ours"), Child("arena-rank")]
    ratings = [child.heard()["ratings"] for child in children]
    turns = [[child.turn() for child in children] for _ in range(rounds)]
    for child in children:
        child.close()
    ours_, theirs = ([turn[place] for turn in turns] for place in range(2))
    seconds = [statistics.median(turn["seconds"] for turn in one) for one in (ours_, theirs)]
    report.add("board with 1,000 resamples of voters", 1000 * seconds[0], "ms")
    report.add("arena-rank, warm, with its sandwich", 1000 * seconds[1], "ms")
    report.add("times as fast", seconds[1] / seconds[0], "times", ">= 3")
    report.add("memory on top of the votes, numpy included", ours_[-1]["growth"], "MiB", "< 200")
    report.add("arena-rank's memory", theirs[-1]["growth"], "MiB")
    apart = max(abs(one - other) for one, other in zip(*ratings, strict=True))
    report.add("largest difference without pseudo-votes", apart, "points", "<= 0.5")
    # the calmest turn: other processes hold a loop up as well
    report.add("loop held while rating in a thread", 1000 * min(turn["late"] for turn in ours_), "ms", "<= 20")
    return report.status()


def main() -> int:
    """Be one of the parts, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--part", choices=["ours", "arena-rank"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part == "ours":
        asyncio.run(ours())
        return 0
    if options.part:
        arena_rank()
        return 0
    return compare(options.rounds)


if __name__ == "__main__":
    sys.exit(main())
