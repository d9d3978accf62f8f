"""How long a loop is held up by what else runs in its process.

A loop that is late was not always held up by its own process: on a machine with other things to do its thread also
waits for a processor. Two bounds are free of that, and the lower one counts: how late the loop was, less the time for
which its thread stood in line for a processor (Linux tells), and the processor time that the whole process used
meanwhile, for nobody holds the interpreter without using any, except by sleeping in it.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

_WAITS = Path("/proc/self/schedstat")
_EVERY = 0.001


class Lateness:
    """Asks the running loop every millisecond, from its main thread, whether it is still there."""

    def __init__(self) -> None:
        self._late = self._held = 0.0
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while True:
            began, waited, worked = time.perf_counter(), _in_line(), time.process_time()
            await asyncio.sleep(_EVERY)
            late = time.perf_counter() - began - _EVERY
            held = min(late - (_in_line() - waited), time.process_time() - worked)
            self._late, self._held = max(self._late, late), max(self._held, held)

    def worst(self) -> tuple[float, float]:
        """Return by how much the loop was late and held at most since the last call, in milliseconds."""
        worst = 1000 * self._late, 1000 * self._held
        self._late = self._held = 0.0
        return worst

    def stop(self) -> None:
        """Ask no more."""
        self._task.cancel()


def _in_line() -> float:
    """Return for how many seconds the main thread waited for a processor so far; 0 where the system does not tell."""
    try:
        return int(_WAITS.read_text().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0
