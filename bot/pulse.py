"""The pulse: a file the running bot touches while it is connected, for whoever watches (the image's health check)."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import structlog

EVERY = 15.0
"""Seconds between two beats."""
STALE = 90.0
"""Seconds without a beat after which the bot counts as gone: time enough to reconnect."""

log = structlog.stdlib.get_logger(__name__)


def pulse_file(data_dir: Path) -> Path:
    """Return where the beats are."""
    return data_dir / "pulse"


async def beat(data_dir: Path, connected: Callable[[], bool], every: float = EVERY) -> None:
    """Touch the file every so many seconds while `connected` says yes, until cancelled."""
    path = pulse_file(data_dir)
    while True:
        if connected():
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
            except OSError as error:
                log.warning("the pulse cannot be written", file=str(path), error=str(error))
        await asyncio.sleep(every)


def is_alive(data_dir: Path) -> bool:
    """Tell whether a bot with this data folder has been connected within `STALE` seconds."""
    try:
        return time.time() - pulse_file(data_dir).stat().st_mtime < STALE
    except OSError:
        return False
