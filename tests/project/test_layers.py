"""The import contracts of pyproject.toml hold, and would notice if they did not."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

LINT = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache", "--no-logo"]

# one broken rule for each contract
BROKEN = {
    "bot/timers.py": "import bot.app",
    "bot/polls/rules.py": "import discord",
    "cogs/endpoint.py": "import bot.polls.store\nimport sqlalchemy",
    "cogs/ui/breach.py": "import cogs.polls",
    "sandbox/model.py": "import bot.clock",
}


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(LINT, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


def test_contracts_hold() -> None:
    run = lint(ROOT)
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_contract_can_be_broken(tmp_path: Path) -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in config["tool"]["importlinter"]["root_packages"]:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "web", "data"))
    for module, line in BROKEN.items():
        with (tmp_path / module).open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")
    run = lint(tmp_path)
    assert run.returncode == 1
    summary = run.stdout.partition("Broken contracts")[0]
    assert summary.count("BROKEN") == len(config["tool"]["importlinter"]["contracts"]), summary
