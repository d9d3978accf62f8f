"""How soon is the bot there, and how much memory does it hold?

Rostrum and a bare discord.py bot are started the same way, in turns, against the same stand-in with 100 servers; the
time runs from the start of the process to the stand-in's READY. The database is migrated before. Starts are more than
five seconds apart, because the stand-in, like Discord, makes a second one within five seconds wait.

    python bench/start.py [--full]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from report import Report  # noqa: E402

from sandbox.seed import Builder  # noqa: E402
from sandbox.server import Options, Server  # noqa: E402

TOKEN = "bench-token"  # noqa: S105 - the stand-in's own
SERVERS = 100
APART = 5.2
HEAVY = ("torch", "transformers", "matplotlib")


def environment(url: str, folder: Path) -> dict[str, str]:
    """Return the environment of a bot that joins the stand-in and keeps its data in `folder`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ROSTRUM_")}
    return kept | {
        "ROSTRUM_DISCORD_URL": url,
        "ROSTRUM_STAND_IN_TOKEN": TOKEN,
        "ROSTRUM_DATA_DIR": str(folder),
    }


async def ready(
    server: Server, user_id: int, command: list[str], **options: Any
) -> tuple[subprocess.Popen[bytes], float]:
    """Start a bot and return its process and the seconds until the stand-in called it ready."""
    started = time.perf_counter()
    bot = subprocess.Popen(command, cwd=ROOT, **options)  # noqa: ASYNC220
    while not server.gateway.online(user_id):
        if bot.poll() is not None or time.perf_counter() - started > 60:
            raise SystemExit(f"{command} never became ready (exit status {bot.poll()})")
        await asyncio.sleep(0.002)
    return bot, time.perf_counter() - started


async def stop(server: Server, user_id: int, bot: subprocess.Popen[bytes]) -> None:
    """End a bot and wait until the stand-in has noticed."""
    bot.terminate()
    await asyncio.to_thread(bot.wait, 20)
    while server.gateway.online(user_id):  # noqa: ASYNC110 - a bench has no business in the gateway's insides
        await asyncio.sleep(0.01)


def resident_mb(process: psutil.Process) -> float:
    """Return the resident memory of a process and its children, in MB (10^6 bytes)."""
    return sum(p.memory_info().rss for p in (process, *process.children(recursive=True))) / 1e6


async def run(*, full: bool) -> int:
    """Measure and report."""
    report = Report("start")
    rounds = 9 if full else 3
    bare, ours, memory = [], [], {}
    with tempfile.TemporaryDirectory() as name:
        async with Server(Options(port=0, bot_token=TOKEN)) as server:
            app = next(iter(server.world.applications.values()))
            build, owner = Builder(server.world), server.world.users[app.owner_id or app.user_id]
            for number in range(SERVERS - len(list(server.world.guilds_of(app.user_id)))):
                guild = build.guild(f"Server {number}", owner)
                build.install(guild, app)
                for channel in ("general", "polls", "debates", "digest"):
                    build.channel(guild, channel)
            env = environment(server.url, Path(name))
            rostrum = [sys.executable, "-m", "bot", "run"]
            peer = [sys.executable, str(ROOT / "bench" / "bare_bot.py"), server.url, TOKEN, "--plain"]
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            migrate = [sys.executable, "-m", "bot", "migrate"]
            subprocess.run(migrate, cwd=ROOT, env=env, check=True, **quiet)  # noqa: ASYNC221
            for turn in range(rounds):
                for label, times, command in (("bare", bare, peer), ("rostrum", ours, rostrum)):
                    bot, seconds = await ready(server, app.user_id, command, env=env, **quiet)
                    times.append(seconds)
                    last = turn == rounds - 1
                    await asyncio.sleep(10 if last else APART)
                    if last:
                        memory[label] = resident_mb(psutil.Process(bot.pid))
                    await stop(server, app.user_id, bot)
            imports = Path(name) / "imports.txt"
            with imports.open("wb") as target:
                traced = [sys.executable, "-X", "importtime", "-m", "bot", "run"]
                bot, _ = await ready(server, app.user_id, traced, env=env, stdout=subprocess.DEVNULL, stderr=target)
                await stop(server, app.user_id, bot)
            loaded = {line.rsplit("|", 1)[-1].strip() for line in imports.read_text().splitlines() if "|" in line}
    gap = statistics.median(ours) - statistics.median(bare)
    report.add("servers", SERVERS, "count")
    report.add("bare discord.py bot, start to READY", statistics.median(bare), "s")
    report.add("rostrum, start to READY", statistics.median(ours), "s")
    report.add("rostrum later than the bare bot", gap, "s", "<= 1.0")
    report.add("bare bot's memory 10 s after READY", memory["bare"], "MB")
    report.add("rostrum's memory 10 s after READY", memory["rostrum"], "MB", "< 130")
    report.add("modules imported", len(loaded), "count", "> 100")
    report.add("heavy modules imported", len(loaded & set(HEAVY)), "count", "== 0")
    return report.status()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="more rounds")
    sys.exit(asyncio.run(run(full=parser.parse_args().full)))
