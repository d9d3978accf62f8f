"""How quickly is a large board made, how much memory does it take, and does it hold up the bot?

100,000 votes on 20 models by 5,000 voters: the fit with 1,000 resamples of voters, rank ranges and fragility, beside
arena-rank, which gives a warm fit with its sandwich intervals. Both start from the votes in memory (a vote table here,
a data frame there), each in a process of its own, and they take turns, because the machine may have other things to do.
What a board takes in memory is the most that was seen while it was made, numpy included.

Counting and fitting must not hold the loop up (lateness.py), and neither must the first import of numpy, which a few
processes do for the first time. Then the same votes lie in a database, and a bot that has made no board yet makes all
that is made of them: boards, history, the look for unfair votes, and the signed file. That has no bar: it adds reading,
writing, and the freeing and searching for garbage of a few objects a vote.

    python bench/ratings.py [--rounds 5]
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from functools import partial
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from lateness import Lateness  # noqa: E402
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
    lateness = Lateness()

    async def probe() -> None:
        nonlocal peak
        while True:
            await asyncio.sleep(0.002)
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
        lateness.worst()
        seconds, _ = await asyncio.to_thread(board, 1000, 1.0)
        say(seconds=seconds, held=lateness.worst()[1], growth=(peak - before) / MEBIBYTE)
    task.cancel()
    lateness.stop()


async def first() -> None:
    """Import what makes boards in a thread, once."""
    # a loop that is only just there has other things to do
    lateness = Lateness()
    await asyncio.sleep(0.3)
    lateness.worst()
    await asyncio.to_thread(__import__, "bot.arena.ratings.rate")
    say(held=lateness.worst()[1])


GUILD = 1
TASKS = ("answer", "summarise", "code")
FIRST_LINE = "2026-01-01 00:00:00.000000"


def fill(path: str) -> None:
    """Store the votes, one a battle, over a year."""
    table, rng = ballots(), random.Random(2)  # noqa: S311
    numbers = rng.sample(range(1 << 62), VOTERS)
    words = {Outcome.LEFT: "a", Outcome.RIGHT: "b", Outcome.TIE: "tie"}
    moments = [f"2026-{1 + 12 * n // VOTES:02}-{1 + 336 * n // VOTES % 28:02} 12:00:00.000000" for n in range(VOTES)]
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("BEGIN")
    store = connection.executemany
    store(
        "INSERT INTO arena_lines (line_id, key, version, name, openness, begun_at) VALUES (?, ?, '1', ?, ?, ?)",
        ((n, f"model-{n}", f"Model {n}", ("open", "closed")[n % 2], FIRST_LINE) for n in range(MODELS)),
    )
    store("INSERT INTO voters (guild_id, voter_id) VALUES (?, ?)", ((GUILD, number) for number in numbers))
    store(
        "INSERT INTO arena_battles (battle_id, guild_id, channel_id, prompt, is_private, pairing, phase, task, "
        "language, holder, made_at, closes_at, closed_at) VALUES (?, ?, 1, '', 1, 'any', 'done', ?, 'en', '', ?, ?, ?)",
        ((n, GUILD, rng.choice(TASKS), at, at, at) for n, at in enumerate(moments)),
    )
    for side, column in enumerate((table.left, table.right)):
        store(
            "INSERT INTO arena_answers (guild_id, battle_id, side, line_id) VALUES (?, ?, ?, ?)",
            ((GUILD, n, side, line) for n, line in enumerate(column)),
        )
    store(
        "INSERT INTO arena_votes (battle_id, voter_id, guild_id, verdict, cast_at, dwell_ms) VALUES (?, ?, ?, ?, ?, 9)",
        ((n, numbers[table.voter[n]], GUILD, words[table.outcome[n]], at) for n, at in enumerate(moments)),
    )
    connection.execute("COMMIT")
    connection.close()


async def stored(folder: str) -> None:
    """Make all that is made of votes from a database, at each line from the parent as a bot just started."""
    from bot.app import App  # noqa: PLC0415
    from bot.arena.types import BoardBy  # noqa: PLC0415
    from bot.config import Settings  # noqa: PLC0415
    from bot.db.session import sqlite_path  # noqa: PLC0415

    settings = Settings.load({"ROSTRUM_DATA_DIR": folder}, None)
    gc.freeze()
    lateness, begun, votes = Lateness(), False, 0
    say(ready=True)
    while await asyncio.to_thread(sys.stdin.readline):
        app = await App.open(settings)
        if not begun:
            path = str(sqlite_path(app.database.engine.url))
            await asyncio.to_thread(subprocess.run, [sys.executable, __file__, "--part", "fill", path], check=True)
            begun = True
        arena, found = app.arena, dict[str, tuple[float, float]]()
        for name, make in (
            ("the board of models", partial(arena.board, GUILD, BoardBy.MODEL)),
            ("the boards by task", partial(arena.board, GUILD, BoardBy.TASK)),
            ("the board by class", partial(arena.board, GUILD, BoardBy.OPENNESS)),
            ("the history", partial(arena.history, GUILD)),
            ("the look for unfair votes", partial(arena.fair_play, GUILD)),
            ("the signed file", partial(arena.vote_file, GUILD)),
        ):
            lateness.worst()
            started = time.perf_counter()
            made = await make()
            found[name] = (time.perf_counter() - started, lateness.worst()[1])
            votes = getattr(made, "votes", votes)
        assert votes == VOTES
        await app.close()
        say(found=found)
    lateness.stop()


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

    def __init__(self, *part: str) -> None:
        command = [sys.executable, __file__, "--part", *part]
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
    held = [turn["held"] for turn in ours_]
    report.add("loop held while rating in a thread, usually", statistics.median(held), "ms", "<= 20")
    report.add("loop held while rating in a thread, once", max(held), "ms")
    from_the_database(report, max(1, rounds // 5))
    return report.status()


def from_the_database(report: Report, rounds: int) -> None:
    """Let a bot make all that is made of the votes, and report."""
    firsts = list[float]()
    for _ in range(5):
        child = Child("first")
        firsts.append(child.heard()["held"])
        child.close()
    report.add("loop held by importing numpy in a thread, usually", statistics.median(firsts), "ms", "<= 20")
    with tempfile.TemporaryDirectory() as folder:
        child = Child("stored", folder)
        child.heard()
        turns = [child.turn()["found"] for _ in range(rounds)]
        child.close()
    for name in turns[0]:
        seconds, held = zip(*(turn[name] for turn in turns), strict=True)
        report.add(f"{name} from SQLite", statistics.median(seconds), "s")
        report.add(f"loop held by {name}", statistics.median(held), "ms")


def main() -> int:
    """Be one of the parts, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--part", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.part:
        return compare(options.rounds)
    part, *rest = options.part
    work = {"ours": ours, "first": first, "stored": stored, "fill": fill, "arena-rank": arena_rank}[part](*rest)
    if work is not None:
        # on the loop that the bot runs on, and garbage is looked for as there
        from bot.__main__ import _SEARCH_AFTER, _new_loop  # noqa: PLC0415

        gc.freeze()
        gc.set_threshold(_SEARCH_AFTER)
        with asyncio.Runner(loop_factory=_new_loop) as runner:
            runner.run(work)
    return 0


if __name__ == "__main__":
    sys.exit(main())
