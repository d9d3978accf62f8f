"""How fast are ballots counted, against the libraries that can, and is a million read and counted without a hitch?

The same 100,000 ballots over 8 options lie in memory as bytes, as the database gives them. Each library goes from there
to the winner, building of its profile included, in the fastest way that it offers; what it compiles is compiled before,
and all take turns and are timed by the processor's clock, because the machine may have other things to do; none of them
computes on several processors at once. pref_voting and votelib are also given ballots that were put together beforehand
if that is faster for them, the time for it counted.

Before that, a million ballots of one poll, which another process wrote, are read from SQLite in a stream and counted,
and counted by every rule, by a process that has counted nothing yet. It is watched how large it gets, and for how long
its loop is held up (lateness.py), numpy's import included.

    python bench/tally.py [--full] [--ballots N]
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import secrets
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from lateness import Lateness  # noqa: E402
from report import Report  # noqa: E402

from bot.clock import utc_now  # noqa: E402
from bot.db.migrate import bring_to_head  # noqa: E402
from bot.db.schema import CountingMethod, PollKind  # noqa: E402
from bot.db.session import Database  # noqa: E402
from bot.polls.tallies.lots import lots  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    # as in the bot, it is loaded by the first count
    import numpy as np

OPTIONS = 8
NAMES = [f"Option {number}" for number in range(OPTIONS)]
LOT = lots(b"bench", NAMES)
# what members wrote, and how well they like each option: near enough for a count to take all its rounds
TASTE = tuple(0.05 * (OPTIONS - 1 - place) for place in range(OPTIONS))


def ranked_ballots(number: int, rng: np.random.Generator) -> list[bytes]:
    """Rank options by taste and chance (Plackett and Luce); nobody ties, because not every library counts that."""
    liking = rng.gumbel(size=(number, OPTIONS)) + TASTE
    ranks = (-liking).argsort(axis=1).argsort(axis=1).astype("uint8")
    return [row.tobytes() for row in ranks]


def scored_ballots(number: int, rng: np.random.Generator) -> list[bytes]:
    """Score every option from 0 to 5."""
    liking = rng.normal(2.5, 1.4, size=(number, OPTIONS)) + TASTE
    return [row.tobytes() for row in liking.round().clip(0, 5).astype("uint8")]


def ours(method: CountingMethod) -> Callable[[list[bytes]], int]:
    """Count as the bot does."""
    from bot.polls.tallies.count import count  # noqa: PLC0415
    from bot.polls.tallies.profile import Profile  # noqa: PLC0415

    def winner(ballots: list[bytes]) -> int:
        found = count(method, Profile.of(((marks, 1) for marks in ballots), OPTIONS), LOT).winner
        assert found is not None
        return found

    return winner


def order_of(marks: bytes) -> list[int]:
    return sorted(range(OPTIONS), key=marks.__getitem__)


def pref_voting_peers() -> dict[CountingMethod, dict[str, Callable[[list[bytes]], int]]]:
    """Return how pref_voting counts: each ballot by itself, or equal ones together."""
    import numpy as np  # noqa: PLC0415
    from pref_voting import grade_methods, iterative_methods, margin_based_methods, scoring_methods  # noqa: PLC0415
    from pref_voting.grade_profiles import GradeProfile  # noqa: PLC0415
    from pref_voting.profiles import Profile as Strict  # noqa: PLC0415

    def orders(ballots: list[bytes]) -> Any:  # noqa: ANN401
        return np.frombuffer(b"".join(ballots), np.uint8).reshape(-1, OPTIONS).argsort(axis=1)

    def singly(ballots: list[bytes]) -> Any:  # noqa: ANN401
        return Strict(orders(ballots))

    def together(ballots: list[bytes]) -> Any:  # noqa: ANN401
        groups = Counter(ballots)
        return Strict(orders(list(groups)), list(groups.values()))

    def graded(ballots: list[bytes]) -> Any:  # noqa: ANN401
        groups = Counter(ballots)
        maps = [dict(enumerate(marks)) for marks in groups]
        return GradeProfile(maps, list(range(6)), gcounts=list(groups.values()))

    def by(build: Callable[[list[bytes]], Any], rule: Callable[[Any], list[int]]) -> Callable[[list[bytes]], int]:
        return lambda ballots: int(rule(build(ballots))[0])

    rules = {
        CountingMethod.RUNOFF: iterative_methods.instant_runoff,
        CountingMethod.BORDA: scoring_methods.borda,
        CountingMethod.SCHULZE: margin_based_methods.beat_path,
        CountingMethod.RANKED_PAIRS: margin_based_methods.ranked_pairs,
    }
    found = {
        method: {"pref_voting": by(singly, rule), "pref_voting, equal ballots together": by(together, rule)}
        for method, rule in rules.items()
    }
    found[CountingMethod.STAR] = {"pref_voting, equal ballots together": by(graded, grade_methods.star)}
    return found


def other_peers() -> dict[CountingMethod, dict[str, Callable[[list[bytes]], int]]]:
    """Return how pyrankvote and votelib count."""
    import pyrankvote  # noqa: PLC0415
    import votelib.convert  # noqa: PLC0415
    import votelib.evaluate.cardinal  # noqa: PLC0415
    import votelib.evaluate.condorcet  # noqa: PLC0415
    import votelib.evaluate.sequential  # noqa: PLC0415

    def runoff(ballots: list[bytes]) -> int:
        candidates = [pyrankvote.Candidate(name) for name in NAMES]
        made = [pyrankvote.Ballot([candidates[place] for place in order_of(marks)]) for marks in ballots]
        return NAMES.index(pyrankvote.instant_runoff_voting(candidates, made).get_winners()[0].name)

    def grouped(ballots: list[bytes]) -> dict[tuple[int, ...], int]:
        return {tuple(order_of(marks)): amount for marks, amount in Counter(ballots).items()}

    def transferred(ballots: list[bytes]) -> int:
        return int(votelib.evaluate.sequential.TransferableVoteSelector().evaluate(grouped(ballots), 1)[0])

    def condorcet(rule: Any) -> Callable[[list[bytes]], int]:  # noqa: ANN401
        convert = votelib.convert.RankedToCondorcetVotes().convert
        return lambda ballots: int(rule.evaluate(convert(grouped(ballots)))[0])

    def star(ballots: list[bytes]) -> int:
        votes = {frozenset(enumerate(marks)): amount for marks, amount in Counter(ballots).items()}
        return int(votelib.evaluate.cardinal.STAR().evaluate(votes)[0])

    def borda(ballots: list[bytes]) -> int:
        scorer = votelib.component.rankscore.Borda(base=0)
        scorer.set_n_candidates(OPTIONS)
        points = votelib.convert.RankedToPositionalVotes(scorer).convert(grouped(ballots))
        return int(max(points, key=points.__getitem__))

    import votelib.component.rankscore  # noqa: PLC0415

    return {
        CountingMethod.RUNOFF: {"pyrankvote": runoff, "votelib": transferred},
        CountingMethod.BORDA: {"votelib": borda},
        CountingMethod.SCHULZE: {"votelib": condorcet(votelib.evaluate.condorcet.Schulze())},
        CountingMethod.RANKED_PAIRS: {"votelib": condorcet(votelib.evaluate.condorcet.RankedPairs())},
        CountingMethod.STAR: {"votelib": star},
    }


def seconds(rule: Callable[[list[bytes]], int], ballots: list[bytes], expected: int) -> float:
    """Time one count, which must have the same winner; by the processor's time, since nobody here waits or shares."""
    gc.collect()
    start = time.process_time()
    winner = rule(ballots)
    took = time.process_time() - start
    assert winner == expected, "another winner"
    return took


def against_peers(report: Report, ballots: int, *, full: bool) -> None:
    """Count by each rule, in turns with every library that has it."""
    import numpy as np  # noqa: PLC0415

    rng = np.random.default_rng(5)
    ranked, scored = ranked_ballots(ballots, rng), scored_ballots(ballots, rng)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peers = pref_voting_peers()
        others = other_peers()
    for method, some in peers.items():
        papers = scored if method is CountingMethod.STAR else ranked
        rule, rivals = ours(method), some | others[method]
        expected = rule(papers)
        # it is the one that compiles
        for rival in some.values():
            rival(papers[:500])
        mine: list[float] = []
        theirs: dict[str, list[float]] = {name: [] for name in rivals}
        for turn in range(9 if full else 3):
            mine.append(seconds(rule, papers, expected))
            for name, rival in rivals.items():
                # the slow ones are measured once
                if turn == 0 or theirs[name][0] < 2 * min(times[0] for times in theirs.values()):
                    theirs[name].append(seconds(rival, papers, expected))
        report.add(f"{method}, {ballots:,} ballots", 1000 * statistics.median(mine), "ms")
        for name, times in theirs.items():
            report.add(f"{method}, {ballots:,} ballots: {name}", 1000 * statistics.median(times), "ms")
        # the least disturbed round of each
        best = min(min(times) for times in theirs.values())
        report.add(f"{method}: times as fast as the fastest", best / min(mine), "ratio", ">= 3")


def fill(path: Path, ballots: int) -> None:
    """Put one poll and its ballots, in the order they would have come in, among those of smaller polls."""
    import numpy as np  # noqa: PLC0415

    rng = np.random.default_rng(6)
    now = utc_now().replace(tzinfo=None).isoformat(" ", "microseconds")
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("foreign_keys=OFF", "synchronous=OFF", "cache_size=-300000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN")
    for poll_id in (1, 2):
        connection.execute(
            "INSERT INTO polls (poll_id, guild_id, channel_id, question, phase, created_at, closes_at, kind, method, "
            "tie_seed) VALUES (?, 1, 1, 'Which?', 'open', ?, ?, ?, ?, ?)",
            (poll_id, now, now, PollKind.RANKED.value, CountingMethod.RUNOFF.value, secrets.token_bytes(16)),
        )
        connection.executemany(
            "INSERT INTO poll_options (guild_id, poll_id, position, text) VALUES (1, ?, ?, ?)",
            [(poll_id, place, name) for place, name in enumerate(NAMES)],
        )
    connection.executemany(
        "INSERT INTO poll_ballots (poll_id, voter_id, guild_id, ranks, cast_at, weight) VALUES (?, ?, 1, ?, ?, ?)",
        (
            (1 if number % 5 else 2, secrets.randbits(62), marks, now, 1 + (number % 50 == 1))
            for number, marks in enumerate(ranked_ballots(ballots * 5 // 4, rng))
        ),
    )
    connection.execute("COMMIT")
    connection.close()


async def from_the_database(report: Report, path: Path, ballots: int, *, full: bool) -> None:
    """Read and count a large poll, again and again."""
    from bot.polls.store import BallotStore  # noqa: PLC0415

    database = await Database.open(f"sqlite+aiosqlite:///{path}")
    await bring_to_head(database)
    command = [sys.executable, __file__, "--ballots", str(ballots), "--fill", str(path)]
    await asyncio.to_thread(subprocess.run, command, check=True)
    store, process, lateness = BallotStore(database), psutil.Process(), Lateness()
    before = peak = process.memory_info().rss
    times, compared = list[float](), list[float]()
    late, held = list[float](), list[float]()

    async def watched(work: asyncio.Task[Any], times: list[float]) -> Any:  # noqa: ANN401
        nonlocal peak
        lateness.worst()
        start = time.perf_counter()
        while not work.done():
            await asyncio.sleep(0.005)
            peak = max(peak, process.memory_info().rss)
        times.append(time.perf_counter() - start)
        for found, one in zip((late, held), lateness.worst(), strict=True):
            found.append(one)
        return await work

    try:
        for _ in range(9 if full else 3):
            result = await watched(asyncio.create_task(store.result(1)), times)
            assert result.turnout == ballots
            assert result.weight > ballots
            _, comparison = await watched(asyncio.create_task(store.comparison(1)), compared)
            assert len(comparison.tallies) == 5
    finally:
        lateness.stop()
        await database.close()
    name = f"{ballots:,} ballots from SQLite"
    # the least disturbed of several: a count takes what it needs each time, what else runs here comes and goes
    report.add(f"{name}: read and counted", min(times), "s", "< 2")
    report.add(f"{name}: usually", statistics.median(times), "s")
    report.add(f"{name}: read, counted and compared by five rules", statistics.median(compared), "s")
    report.add(f"{name}: memory grown, numpy included", (peak - before) / 1e6, "MB")
    report.add(f"{name}: the whole process", peak / 1e6, "MB", "< 300")
    report.add(f"{name}: the loop is held up, the first time", held[0], "ms")
    report.add(f"{name}: the loop is held up, usually", statistics.median(held), "ms", "< 20")
    report.add(f"{name}: the loop is held up, once", max(held), "ms")
    report.add(f"{name}: the loop is late here, usually", statistics.median(late), "ms")


def run(*, ballots: int, full: bool) -> int:
    """Measure and report."""
    from bot.__main__ import _SEARCH_AFTER, _new_loop  # noqa: PLC0415

    report = Report("tally")
    # garbage is looked for as in the bot's process, and it runs on the loop that the bot runs on
    gc.freeze()
    gc.set_threshold(_SEARCH_AFTER)
    with tempfile.TemporaryDirectory() as name, asyncio.Runner(loop_factory=_new_loop) as runner:
        runner.run(from_the_database(report, Path(name) / "rostrum.db", ballots * 10, full=full))
    against_peers(report, ballots, full=full)
    return report.status()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="more rounds")
    parser.add_argument("--ballots", type=int, default=100_000, help="in memory; ten times as many in the database")
    parser.add_argument("--fill", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.fill:
        fill(options.fill, options.ballots)
        sys.exit()
    sys.exit(run(ballots=options.ballots, full=options.full))
