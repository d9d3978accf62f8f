"""What an operator sets for local models, and how patient the bot is with its workers."""

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Bounds, in seconds where nothing else is said.

    A worker that has work is pinged every `ping_every`, a resting one every `ping_idle`. No pong within `pong`, or a
    model's loop that stands still for `stuck`, and it is killed; so is one that says nothing for `load_silence` while
    it loads. After `deaths` within `death_window` it is left alone for `cool_down`; a model that could not be loaded
    is not tried again for `load_again`. A worker that is told to stop gets `stop` to do so.
    """

    ping_every: float = 3.0
    ping_idle: float = 30.0
    pong: float = 10.0
    stuck: float = 60.0
    load_silence: float = 300.0
    stop: float = 2.0
    deaths: int = 3
    death_window: float = 300.0
    cool_down: float = 120.0
    load_again: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalOptions:
    """How local models run.

    `models_dir` keeps converted and fetched weights; `memory_mb` bounds all workers together. `command` starts a
    worker, `--fd N` is added; `modules` are what it needs installed. At most `most_waiting` ask one model at a time.
    """

    models_dir: Path
    memory_mb: int = 4096
    threads: int = 1
    idle_seconds: float = 600.0
    device: Literal["auto", "cpu", "cuda"] = "auto"
    most_waiting: int = 256
    command: tuple[str, ...] = (sys.executable, "-m", "bot.backends.worker")
    modules: tuple[str, ...] = ("torch", "transformers")
    patience: Patience = field(default_factory=Patience)
