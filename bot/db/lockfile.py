"""A lock beside a file that one process holds and the system lets go of when that process dies, however it dies."""

import contextlib
import os
import sys
from pathlib import Path
from typing import IO, Self

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class LockFile:
    """A held lock; `release` lets it go."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    @classmethod
    def take(cls, path: Path) -> Self | None:
        """Take the lock at `path`, or return None when another holds it (this process included).

        Raises:
            OSError: the file cannot be made.
        """
        file = path.open("a+", encoding="ascii")
        try:
            _lock(file)
        except OSError:
            file.close()
            return None
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        return cls(file)

    @staticmethod
    def holder(path: Path) -> str:
        """Say which process wrote itself into the lock, as ` (process 17)`; empty when that cannot be read."""
        with contextlib.suppress(OSError, ValueError):
            return f" (process {int(path.read_text('ascii'))})"
        return ""

    def release(self) -> None:
        """Let the lock go; the file stays, since removing it would race with the next one to open it."""
        self._file.close()


def _lock(file: IO[str]) -> None:
    if sys.platform == "win32":
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
