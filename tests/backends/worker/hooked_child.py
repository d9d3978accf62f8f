"""The real worker with three switches for tests, files in a folder: `--hooks FOLDER`, the rest is the worker's.

- `stall`, with the process's id in it: every step of the model hangs as long as the file is there, as one does that
  waits for a device which has gone. The rest of the process lives.
- `pace`, with a number of milliseconds in it: every step of the model takes so much longer.
- `ballast`, with a number of MB in it: the process holds as much memory as makes it that large, until the file goes.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from bot.backends.worker import loading, memory
from bot.backends.worker.__main__ import main

_EVERY = 0.02


def wanted(switch: Path) -> list[int]:
    try:
        return [int(number) for number in switch.read_text().split()]
    except FileNotFoundError:
        return []


def stalling(folder: Path) -> None:
    load = loading.load

    def hang(*_: object) -> None:
        for pace in wanted(folder / "pace"):
            time.sleep(pace / 1000)
        while wanted(folder / "stall") == [os.getpid()]:
            time.sleep(_EVERY)

    def hooked(*given: Any) -> loading.Loaded:
        loaded = load(*given)
        loaded.model.register_forward_pre_hook(hang)
        return loaded

    # `building` takes it from there, and is imported after this
    loading.load = hooked


def hold(folder: Path) -> None:
    ballast: list[bytearray] = []
    while True:
        targets = wanted(folder / "ballast")
        if not targets:
            ballast.clear()
        elif memory.resident_mb() < targets[0]:
            # every page is written to, or it would take no memory
            ballast.append(bytearray(b"x") * memory.MIB)
            continue
        time.sleep(_EVERY)


if __name__ == "__main__":
    at = sys.argv.index("--hooks")
    hooks = Path(sys.argv[at + 1])
    del sys.argv[at : at + 2]
    stalling(hooks)
    threading.Thread(target=hold, args=(hooks,), daemon=True).start()
    main()
