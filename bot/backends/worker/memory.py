"""How much memory the child has and may have."""

import contextlib
import ctypes
import gc
import os
import resource
from pathlib import Path

MIB = 1024 * 1024
_SPARE_MB = 1024
"""Address space beside the memory that is really used: stacks of threads, arenas, buffers that are never touched."""


def used_mb(device: str) -> int:
    """Return how much memory the model's process holds: the process's own, or the accelerator's."""
    if device == "cuda":
        from bot.backends.worker.libraries import torch  # noqa: PLC0415 - seconds, and it may not be loaded yet

        return int(torch.cuda.memory_reserved() // MIB)
    return resident_mb()


def resident_mb() -> int:
    """Return how much of the machine's memory this process holds."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        # not on Linux: the most it ever held, in KiB
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return pages * os.sysconf("SC_PAGE_SIZE") // MIB


def bound(memory_mb: int, device: str) -> None:
    """Have allocations far over `memory_mb` fail instead of drawing the machine's memory killer."""
    if device == "cuda":
        from bot.backends.worker.libraries import torch  # noqa: PLC0415 - as above

        total = torch.cuda.get_device_properties(0).total_memory
        torch.cuda.set_per_process_memory_fraction(min(1.0, memory_mb * MIB / total))
        return
    limit = (memory_mb + _SPARE_MB) * MIB
    # refused where a lower limit already holds
    with contextlib.suppress(OSError, ValueError):
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (limit if hard < 0 else min(limit, hard), hard))


def give_back() -> None:
    """Hand memory that nothing uses back to the machine; the C library keeps it otherwise."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
