"""What does a vote cost, pressed through the whole chain, against the cheapest answer that discord.py can give?

This process is the stand-in, with its people in it. `rostrum run` (SQLite on disk, durable) and a bare bot that answers
"hi" are processes of their own, in servers of their own, and are measured in turns in the same run. Votes are presses
by 2,000 people on the card of a poll with a single choice. Every receipt is read, and at the end every ballot in the
database is compared with what its voter pressed last. Request bodies are checked against Discord's API description
when ../shared/discord/openapi.json is there.

    python bench/interactions.py [--full]
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from report import Report, percentile  # noqa: E402
from start import TOKEN, environment, ready  # noqa: E402

from sandbox.driver import Person, SeenMessage, Stage  # noqa: E402
from sandbox.seed import Builder  # noqa: E402
from sandbox.server import Options, Server  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from sandbox.model import User

SPEC = ROOT.parent / "shared" / "discord" / "openapi.json"
AT_ONCE = 64
PEOPLE = 2_000
TYPED = {"question": "Which models should courts use?", "options": "Open\nClosed\nHybrid", "closes": "in 2 hours"}
CHOICES = TYPED["options"].splitlines()
PATIENCE = 15.0
"""Seconds after which somebody gives up on an answer: it counts as unanswered."""


@dataclass
class Tally:
    """What became of the interactions of one phase."""

    delays: list[float] = field(default_factory=list)
    unanswered: Counter[str] = field(default_factory=Counter)
    answers: list[tuple[int, str, str]] = field(default_factory=list)
    """(person, channel, message) of each answer."""


class Ears:
    """Hears how each interaction ends; lighter than a driver's person, so that people cost the bots' cores little."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        server.interactions.listen(self._hear)

    def _hear(self, _user_id: int, state: dict[str, Any]) -> None:
        if state["state"] in {"done", "modal", "failed"} and (future := self._waiting.pop(state["id"], None)):
            future.set_result(state)

    async def act(self, tally: Tally, due: float, user_id: int, name: str, body: dict[str, Any]) -> None:
        """Do something as a person at the moment `due`, wait for the end, and note the delay in ms since `due`."""
        begun = await self._server.people.act(user_id, name, body)
        future = asyncio.get_running_loop().create_future()
        number = (begun or {})["interaction_id"]
        if self._server.world.interactions[int(number)].state == "failed":
            tally.unanswered["the bot is offline"] += 1
            return
        self._waiting[number] = future
        try:
            async with asyncio.timeout(PATIENCE):
                state = await future
        except TimeoutError:
            tally.unanswered["no answer at all"] += 1
            return
        if state["state"] == "done" and "response_message_id" in state:
            tally.delays.append((time.perf_counter() - due) * 1000)
            tally.answers.append((user_id, state["channel_id"], state["response_message_id"]))
        else:
            tally.unanswered[state.get("error") or state["state"]] += 1


@dataclass
class Voting:
    """Presses on one card: each person in turn, and each time another option."""

    ears: Ears
    card: SeenMessage
    people: Sequence[User]
    last: dict[int, int] = field(default_factory=dict)
    presses: int = 0

    def __post_init__(self) -> None:
        self._ids = [self.card.button(choice).custom_id for choice in CHOICES]
        self._turns: Iterator[User] = cycle(self.people)

    async def __call__(self, tally: Tally, due: float) -> None:
        """Press once."""
        user = next(self._turns)
        # coprime steps: a person's next press is another choice
        choice = (self.presses + self.presses // len(self.people)) % len(CHOICES)
        self.presses += 1
        self.last[user.id] = choice
        body = {"channel_id": self.card.channel_id, "message_id": self.card.id, "custom_id": self._ids[choice]}
        await self.ears.act(tally, due, user.id, "component", body)

    async def put_away(self, server: Server, tally: Tally) -> int:
        """Dismiss the receipts, as people do, and return how many said that the vote was counted."""
        counted = 0
        for user_id, channel_id, message_id in tally.answers:
            texts = str(server.world.messages[int(channel_id)][int(message_id)].components)
            counted += "ote counted" in texts or "ote changed" in texts
            await server.people.act(user_id, "dismiss", {"channel_id": channel_id, "message_id": message_id})
        return counted


async def closed_loop(once: Callable[[Tally, float], Awaitable[None]], seconds: float) -> tuple[Tally, float]:
    """Keep AT_ONCE people busy; return what became of it and answers a second."""
    tally = Tally()
    started = time.perf_counter()
    end = started + seconds

    async def one() -> None:
        while (now := time.perf_counter()) < end:
            await once(tally, now)

    await asyncio.gather(*(one() for _ in range(AT_ONCE)))
    return tally, len(tally.delays) / (time.perf_counter() - started)


async def open_loop(once: Callable[[Tally, float], Awaitable[None]], rate: int, seconds: float) -> Tally:
    """Act `rate` times a second, whatever comes back; delays count from the moment each was due."""
    tally = Tally()
    start = time.perf_counter() + 0.1
    running: set[asyncio.Task[None]] = set()
    for number in range(int(rate * seconds)):
        due = start + number / rate
        if (early := due - time.perf_counter()) > 0:
            await asyncio.sleep(early)
        task = asyncio.create_task(once(tally, due))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)
    return tally


@dataclass
class Side:
    """One bot: how it is asked, and what its turns gave."""

    process: psutil.Process
    once: Callable[[Tally, float], Awaitable[None]]
    rates: list[float] = field(default_factory=list)
    cpu: float = 0.0
    stand_in_cpu: float = 0.0
    seconds: float = 0.0
    answered: int = 0
    tallies: list[Tally] = field(default_factory=list)

    async def turn(self, seconds: float, *, warming: bool = False) -> None:
        """Measure one closed loop."""
        own = psutil.Process()
        before, own_before, since = cpu_seconds(self.process), cpu_seconds(own), time.perf_counter()
        tally, rate = await closed_loop(self.once, seconds)
        self.tallies.append(tally)
        if not warming:
            self.rates.append(rate)
            self.cpu += cpu_seconds(self.process) - before
            self.stand_in_cpu += cpu_seconds(own) - own_before
            self.seconds += time.perf_counter() - since
            self.answered += len(tally.delays)

    @property
    def rate(self) -> float:
        """The mean of the turns."""
        return sum(self.rates) / len(self.rates)

    @property
    def cpu_each(self) -> float:
        """Milliseconds of processor time an answered interaction."""
        return self.cpu / self.answered * 1000


def cpu_seconds(process: psutil.Process) -> float:
    """Return the processor time that a process has used, all threads."""
    times = process.cpu_times()
    return times.user + times.system


async def post_poll(person: Person) -> SeenMessage:
    """Write and post the poll through its form, and return its card."""
    await person.wait_command("#polls", "poll", timeout=20)
    modal = await (await person.slash("#polls", "poll create")).opened()
    preview = await (await modal.submit(TYPED)).message()
    await (await person.click(preview, "Post")).done()
    return await person.wait_message(
        "#polls", TYPED["question"], where=lambda seen: not seen.ephemeral and seen.has(CHOICES[0])
    )


def stored(folder: Path) -> dict[int, int]:
    """Return what each person's ballot in the database says: the place of the option that it ranks first."""
    with sqlite3.connect(f"file:{folder / 'rostrum.db'}?mode=ro", uri=True) as database:
        rows = database.execute("SELECT member_id, ranks FROM poll_ballots JOIN voters USING (guild_id, voter_id)")
        return {member: bytes(ranks).index(0) for member, ranks in rows}


async def shown(person: Person, card: SeenMessage, votes: int) -> int:
    """Wait for the card to show the whole turnout; return what it shows, or 0."""
    text = f"{votes:,} votes"
    try:
        return votes if text in (await person.wait_until(card, lambda seen: text in seen.text, timeout=10)).text else 0
    except TimeoutError:
        return 0


def new_loop() -> asyncio.AbstractEventLoop:
    """Return the fastest loop there is: what the stand-in carries must not be what limits the bots."""
    try:
        import uvloop  # noqa: PLC0415
    except ModuleNotFoundError:  # Windows
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


async def run(*, full: bool) -> int:
    """Measure and report."""
    report = Report("interactions")
    spec = SPEC if SPEC.exists() else None
    if spec is None:
        sys.stderr.write("note: Discord's API description is not there; bodies are checked by our own rules only\n")
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        env = environment("", folder)
        async with (
            Server(Options(port=0, bot_token=TOKEN, spec=spec, identify_seconds=0.0)) as server,
            Stage(server) as stage,
        ):
            await measure(report, server, stage, env | {"ROSTRUM_DISCORD_URL": server.url}, folder, full=full)
            violations = [str(one) for one in server.spec.violations] if server.spec else []
    for line in violations[:5]:
        sys.stderr.write(f"violation: {line}\n")
    report.add("body checks on", int(spec is not None), "bool", "== 1" if spec is not None else None)
    report.add("violations of the API description", len(violations), "count", "== 0")
    report.add("the whole bench", time.perf_counter() - began, "s")
    return report.status()


async def measure(
    report: Report, server: Server, stage: Stage, env: dict[str, str], folder: Path, *, full: bool
) -> None:
    """Start both bots, and put them through the phases."""
    build, world = Builder(server.world), server.world
    rostrum = next(iter(world.applications.values()))
    home = next(iter(world.guilds.values()))
    people = [build.person(f"Voter {number}", home) for number in range(PEOPLE)]
    # elsewhere, so that neither bot hears the other's messages
    away = build.guild("Elsewhere", people[0])
    for user in people[1:AT_ONCE]:
        build.join(away, user)
    lobby = build.channel(away, "lobby")
    bare = build.application("Bare", "bare-token", away)

    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    bots = []
    try:
        peer = [sys.executable, str(ROOT / "bench" / "bare_bot.py"), server.url, bare.token]
        bots.append((await ready(server, bare.user_id, peer, env=env, **quiet))[0])
        bots.append((await ready(server, rostrum.user_id, [sys.executable, "-m", "bot", "run"], env=env, **quiet))[0])
        ears, ada = Ears(server), await stage.person("Ada")
        voting = Voting(ears, await post_poll(ada), people)
        greeter = await stage.person(str(people[0].id))
        hi = await greeter.wait_command(lobby.id, "hi", timeout=10)
        greeting = {"channel_id": str(lobby.id), "command_id": hi["id"], "options": []}
        greeters = cycle(people[:AT_ONCE])

        async def greet(tally: Tally, due: float) -> None:
            await ears.act(tally, due, next(greeters).id, "slash", greeting)

        sides = {
            "bare": Side(psutil.Process(bots[0].pid), greet),
            "rostrum": Side(psutil.Process(bots[1].pid), voting),
        }
        # the stand-in's own pauses are not the bots'
        gc.collect()
        gc.freeze()
        await phases(report, server, sides, voting, full=full)
        votes = await shown(ada, voting.card, len(voting.last))
        report.add("people who voted", len(voting.last), "count", f"== {PEOPLE}")
        report.add("turnout on the card", votes, "count", f"== {PEOPLE}")
        ballots = stored(folder)
        wrong = sum(ballots.get(member) != choice for member, choice in voting.last.items())
        report.add("ballots stored", len(ballots), "count", f"== {PEOPLE}")
        report.add("ballots that are not what their voter pressed last", wrong, "count", "== 0")
    finally:
        for bot in bots:
            bot.terminate()
        for bot in bots:
            await asyncio.to_thread(bot.wait, 20)


async def phases(report: Report, server: Server, sides: dict[str, Side], voting: Voting, *, full: bool) -> None:
    """Run the loops and report what they gave."""
    ours, peer = sides["rostrum"], sides["bare"]
    for side in (peer, ours):
        await side.turn(1.0, warming=True)
    # many short turns, so that whatever else the machine does falls on both
    for _ in range(24 if full else 8):
        for side in (peer, ours):
            await side.turn(0.6)
    rush = await open_loop(voting, 500, 10.0 if full else 4.0)
    tallies = [*ours.tallies, rush]
    counted = sum([await voting.put_away(server, tally) for tally in tallies])
    # from here: what a rush held at once is not a leak, though it stays with the process
    warm, warm_votes = ours.process.memory_info().rss, voting.presses
    greeted = await open_loop(peer.once, 100, 30.0 if full else 5.0)
    steady = await open_loop(voting, 100, 30.0)
    tallies.append(steady)
    counted += await voting.put_away(server, steady)
    while voting.presses - warm_votes < (100_000 if full else 10_000):
        tally, _ = await closed_loop(voting, 1.0)
        tallies.append(tally)
        counted += await voting.put_away(server, tally)
    growth = (ours.process.memory_info().rss - warm) / 1e6
    grown_in = voting.presses - warm_votes

    report.add(f"bare bot, answers a second, {AT_ONCE} at once", peer.rate, "1/s")
    report.add(f"votes a second, {AT_ONCE} at once", ours.rate, "1/s")
    report.add("votes, as a share of the bare rate", ours.rate / peer.rate, "ratio", ">= 0.5")
    for name, side in (("the bare bot", peer), ("votes", ours)):
        report.add(f"share of a processor that the bot used, {name}", side.cpu / side.seconds, "ratio")
        report.add(f"share that the stand-in used meanwhile, {name}", side.stand_in_cpu / side.seconds, "ratio")
    report.add("bare bot's processor time an answer", peer.cpu_each, "ms")
    report.add("rostrum's processor time a vote", ours.cpu_each, "ms")
    report.add("rostrum's processor time, in bare bots", ours.cpu_each / peer.cpu_each, "ratio", "<= 3")
    report.add("bare bot's p99 at 100 a second", percentile(greeted.delays, 0.99), "ms")
    report.add("p50 at 100 a second for 30 s", percentile(steady.delays, 0.50), "ms")
    report.add("p99 at 100 a second for 30 s", percentile(steady.delays, 0.99), "ms", "< 50")
    report.add("worst at 100 a second for 30 s", max(steady.delays), "ms")
    report.add("p99 at 500 a second", percentile(rush.delays, 0.99), "ms")
    report.add("worst at 500 a second", max(rush.delays), "ms", "< 3000")
    lost = sum((tally.unanswered for tally in [*tallies, *peer.tallies, greeted]), Counter[str]())
    for reason, times in lost.items():
        sys.stderr.write(f"unanswered {times} times: {reason}\n")
    report.add("votes", voting.presses, "count")
    report.add("votes whose receipt says counted", counted, "count", f"== {voting.presses}")
    report.add("interactions without an answer", lost.total(), "count", "== 0")
    report.add("memory after warming up", warm / 1e6, "MB")
    report.add(f"memory gained over {grown_in} votes", growth, "MB")
    report.add("memory gained in 100,000 votes", growth / grown_in * 100_000, "MB", "<= 10" if full else "<= 60")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="measure longer, memory over 100,000 votes")
    with asyncio.Runner(loop_factory=new_loop) as runner:
        sys.exit(runner.run(run(full=parser.parse_args().full)))
