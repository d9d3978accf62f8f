"""The whole way of 64 answers for bench/stream.py: /ask, service, backend, and edits on a stand-in Discord.

`rostrum run` is a process of its own. The stand-in, with the people in it, is in this one and keeps Discord's limits. A
turn's rate runs from the moment its question was taken to the moment its answer was whole, as the bot stored them; that
all of it is shown then is checked too. What each message was changed to, and when, is heard from the stand-in.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from start import TOKEN, environment, ready

from sandbox.driver import Stage
from sandbox.seed import Builder
from sandbox.server import Options, Server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from sandbox.world import Event

ROOT = Path(__file__).resolve().parent.parent
SPEC = ROOT.parent / "shared" / "discord" / "openapi.json"
QUESTION = "Which models should courts use?"
PATIENCE = 90.0
LANE_CALLS, LANE_SECONDS = 5, 5.0
"""What Discord lets through for one message's edits."""
MODEL = """
[models.{key}]
name = "{key}"
maker = "Bench"
backend = "openai_api"
address = "{address}"
model = "{model}"
openness = "open"
licence = "MIT"
tasks = ["answer"]
"""


@dataclass(frozen=True)
class Turn:
    """An answer, as the bot stored it; times are in seconds."""

    asked_at: float
    ended_at: float
    text: str
    tokens: int | None


@dataclass
class Heard:
    """When each message was changed."""

    edits: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    sent: int = 0
    worked: float = 0.0
    """Seconds of a processor that the bot took, until all was shown."""

    def __call__(self, event: Event) -> None:
        """Hear of a change."""
        if event.name == "MESSAGE_UPDATE":
            self.edits[str(event.data["id"])].append(time.monotonic())
        elif event.name == "MESSAGE_CREATE":
            self.sent += 1

    def most_in_a_window(self) -> int:
        """Return the most edits of one message within Discord's window."""
        return max((_most(times, LANE_SECONDS) for times in self.edits.values()), default=0)

    def most_a_second(self) -> int:
        """Return the most edits of all messages within one second."""
        return _most(sorted(moment for times in self.edits.values() for moment in times), 1.0)

    def count(self) -> int:
        """Return how many edits there were."""
        return sum(len(times) for times in self.edits.values())


def _most(times: Sequence[float], seconds: float) -> int:
    first = most = 0
    for last, moment in enumerate(times):
        while moment - times[first] >= seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


class Chain:
    """A bot with models, a stand-in, and people who ask."""

    def __init__(
        self, server: Server, bot: psutil.Process, folder: Path, people: Sequence[int], channel_id: int, command_id: str
    ) -> None:
        self.server = server
        self._bot = bot
        self._folder = folder
        self._people = people
        self._channel_id = channel_id
        self._command_id = command_id

    async def ask(self, model: str, question: str = QUESTION) -> tuple[list[Turn], Heard]:
        """Have everybody ask a model at once, and wait until every answer is whole and shown."""
        before, heard = self._last_turn(), Heard()
        unsubscribe = self.server.world.subscribe(heard)
        options = [{"name": "question", "type": 3, "value": question}, {"name": "model", "type": 3, "value": model}]
        body = {"channel_id": str(self._channel_id), "command_id": self._command_id, "options": options}
        shown_before, worked_before = self._receipts(), self._worked()
        await asyncio.gather(*(self.server.people.act(person, "slash", body) for person in self._people))
        end = time.monotonic() + PATIENCE
        while (shown := self._receipts() - shown_before) < len(self._people):
            if time.monotonic() > end:
                raise SystemExit(f"only {shown} of {len(self._people)} answers were shown: {self._phases(before)}")
            await asyncio.sleep(0.25)
        unsubscribe()
        heard.worked = self._worked() - worked_before
        return self._turns(before), heard

    def _worked(self) -> float:
        times = self._bot.cpu_times()
        return times.user + times.system

    def _receipts(self) -> int:
        messages = self.server.world.messages.get(self._channel_id, {})
        return sum("Written by an AI" in str(message.components) for message in messages.values())

    def _rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self._folder / 'rostrum.db'}?mode=ro", uri=True)) as database:
            return database.execute(query, values).fetchall()

    def _last_turn(self) -> int:
        return self._rows("SELECT coalesce(max(turn_id), 0) FROM ask_turns")[0][0]

    def _phases(self, before: int) -> Counter[str]:
        rows = self._rows("SELECT phase, trouble FROM ask_turns WHERE turn_id > ?", before)
        return Counter(f"{phase}: {trouble}" for phase, trouble in rows)

    def _turns(self, before: int) -> list[Turn]:
        query = (
            "SELECT made_at, ended_at, answer, completion_tokens FROM ask_turns WHERE turn_id > ? AND phase = 'done'"
        )
        return [
            Turn(_seconds(made), _seconds(ended), answer, tokens)
            for made, ended, answer, tokens in self._rows(query, before)
        ]


def _seconds(written: str) -> float:
    return datetime.fromisoformat(f"{written}+00:00").timestamp()


@asynccontextmanager
async def chain(
    address: str, models: dict[str, str], people: int, settings: dict[str, str] | None = None
) -> AsyncIterator[Chain]:
    """Start the stand-in and the bot, which has `models` (key to the name that the server at `address` knows)."""
    spec = SPEC if SPEC.exists() else None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "models.toml").write_text(
            "".join(MODEL.format(key=key, address=address, model=model) for key, model in models.items()), "utf-8"
        )
        server_options = Options(port=0, bot_token=TOKEN, spec=spec, identify_seconds=0.0)
        async with Server(server_options) as server, Stage(server) as stage:
            env = environment(server.url, folder) | {
                "ROSTRUM_MODELS_FILE": str(folder / "models.toml"),
                "ROSTRUM_MEMBER_TOKENS_A_DAY": "0",
                **(settings or {}),
            }
            build, rostrum = Builder(server.world), next(iter(server.world.applications.values()))
            home = next(iter(server.world.guilds.values()))
            askers = [build.person(f"Asker {number}", home).id for number in range(people)]
            command = [sys.executable, "-m", "bot", "run"]
            log = (folder / "log.txt").open("wb")
            bot, _ = await ready(server, rostrum.user_id, command, env=env, stdout=log, stderr=log)
            try:
                ada = await stage.person("Ada")
                ask = await ada.wait_command("#general", "ask", timeout=30)
                channel = next(
                    c for c in server.world.channels.values() if c.name == "general" and c.guild_id == home.id
                )
                yield Chain(server, psutil.Process(bot.pid), folder, askers, channel.id, ask["id"])
            finally:
                bot.terminate()
                await asyncio.to_thread(bot.wait, 20)
                log.close()
                for line in (folder / "log.txt").read_text("utf-8").splitlines()[-20:]:
                    if "error" in line or "warning" in line:
                        sys.stderr.write(f"{line}\n")
