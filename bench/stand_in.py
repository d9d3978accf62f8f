"""How many interactions does the stand-in carry, and how late is an answer?

A bare discord.py bot in a process of its own answers "hi"; this process is the stand-in, with the people in it.
Request bodies are checked against Discord's API description when ../shared/discord/openapi.json is there.

    python bench/stand_in.py [--full]
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from report import Report, percentile  # noqa: E402

from sandbox.driver import Person, Stage  # noqa: E402
from sandbox.server import Options, Server  # noqa: E402

SPEC = ROOT.parent / "shared" / "discord" / "openapi.json"
AT_ONCE = 64
TOKEN = "bench-token"  # noqa: S105 - the stand-in's own


async def ask(person: Person) -> None:
    """Type /hi and wait for the answer."""
    response = await person.slash("#general", "hi")
    await response.done(timeout=10)


async def closed_loop(person: Person, seconds: float) -> float:
    """Return answered interactions a second with AT_ONCE people who ask again as soon as they are answered."""
    answered = 0
    end = time.perf_counter() + seconds

    async def one() -> None:
        nonlocal answered
        while time.perf_counter() < end:
            await ask(person)
            answered += 1

    started = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(AT_ONCE)))
    return answered / (time.perf_counter() - started)


async def open_loop(person: Person, rate: int, seconds: float) -> list[float]:
    """Return the delay in ms of each of rate*seconds interactions, counted from the moment it was due."""
    delays: list[float] = []
    start = time.perf_counter() + 0.1

    async def one(due: float) -> None:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await ask(person)
        delays.append((time.perf_counter() - due) * 1000)

    await asyncio.gather(*(one(start + i / rate) for i in range(int(rate * seconds))))
    return delays


async def run(*, full: bool) -> int:
    """Measure and report."""
    report = Report("stand_in")
    spec = SPEC if SPEC.exists() else None
    if spec is None:
        sys.stderr.write("note: Discord's API description is not there; bodies are checked by our own rules only\n")
    async with Server(Options(port=0, bot_token=TOKEN, spec=spec)) as server:
        bot = subprocess.Popen([sys.executable, str(ROOT / "bench" / "bare_bot.py"), server.url, TOKEN])  # noqa: ASYNC220
        try:
            stage = Stage(server)
            await stage.wait_online(timeout=30)
            person = await stage.person("Ada")
            await person.wait_command("#general", "hi", timeout=10)
            await closed_loop(person, 1.0)
            rate = await closed_loop(person, 30.0 if full else 8.0)
            delays = await open_loop(person, 100, 60.0 if full else 15.0)
        finally:
            bot.terminate()
            bot.wait(10)
        violations = len(server.spec.violations) if server.spec is not None else 0
    report.add("body checks on", int(spec is not None), "bool", "== 1" if spec is not None else None)
    report.add(f"interactions a second, {AT_ONCE} at once", rate, "1/s", ">= 1000")
    report.add("p50 at 100 a second", percentile(delays, 0.50), "ms")
    report.add("p99 at 100 a second", percentile(delays, 0.99), "ms", "< 20")
    report.add("worst at 100 a second", max(delays), "ms")
    report.add("violations of the API description", violations, "count", "== 0")
    return report.status()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="measure longer")
    sys.exit(asyncio.run(run(full=parser.parse_args().full)))
