"""Packed weights (GGUF) made into plain ones, once: packed they load in 15 s and run slowly."""

import contextlib
import fcntl
import os
import re
import shutil
from collections.abc import Callable, Generator
from pathlib import Path

from bot.backends.worker.trouble import WorkerError, is_full_disk
from bot.errors import Trouble

Progress = Callable[[str, float], None]
"""Takes what is being done and how much of it is done, 0 to 1."""

_GROWTH = 4
"""Plain weights (16 bits) are at most so many times as large as packed ones (4 bits and more)."""
_STEPS = {"tokenizer": 0.05, "weights": 0.35, "saving": 0.8}


def converted(packed: Path, name: str, cache: Path, progress: Progress) -> Path:
    """Return the directory with the plain form of `packed`, made now if it is not there.

    Two processes that want the same make it once. What is there is whole: it gets its name when all of it is written.

    Raises:
        WorkerError: the disk is full (what was half written is removed), or the weights are of no use.
    """
    size = packed.stat().st_size
    target = cache / f"{re.sub(r'[^A-Za-z0-9._-]+', '-', name)}-{packed.stem}-{size}"
    if (target / "config.json").exists():
        return target
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with locked(cache / f".{target.name}.lock"):
            if not (target / "config.json").exists():
                _make(packed, target, size, progress)
    except OSError as error:
        if is_full_disk(error):
            raise _no_disk(cache, size) from error
        raise WorkerError(Trouble.WEIGHTS, f"{cache} cannot be written to: {error.strerror}") from error
    return target


def _make(packed: Path, target: Path, size: int, progress: Progress) -> None:
    for leftover in target.parent.glob(f".{target.name}.part-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    if shutil.disk_usage(target.parent).free < size * _GROWTH:
        raise _no_disk(target.parent, size)
    part = target.parent / f".{target.name}.part-{os.getpid()}"
    try:
        part.mkdir()
        _convert(packed, part, progress)
        part.rename(target)
    except Exception as error:
        if is_full_disk(error):
            raise _no_disk(target.parent, size) from error
        raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
    progress("converting", 1.0)


def _convert(packed: Path, part: Path, progress: Progress) -> None:
    from bot.backends.worker.libraries import quiet, torch, transformers  # noqa: PLC0415 - seconds, and seldom

    quiet()
    given = {"gguf_file": packed.name, "local_files_only": True, "trust_remote_code": False}
    progress("converting", _STEPS["tokenizer"])
    transformers.AutoTokenizer.from_pretrained(str(packed.parent), **given).save_pretrained(part)
    progress("converting", _STEPS["weights"])
    config = transformers.GgufConfig(dequantize=True)
    model = transformers.AutoModelForCausalLM.from_pretrained(
        str(packed.parent), quantization_config=config, dtype=torch.bfloat16, **given
    )
    progress("converting", _STEPS["saving"])
    model.save_pretrained(part)


def _no_disk(place: Path, size: int) -> WorkerError:
    needed = size * _GROWTH // (1024 * 1024)
    return WorkerError(Trouble.NO_DISK, f"converting the weights needs about {needed} MB in {place}, which is full")


@contextlib.contextmanager
def locked(path: Path) -> Generator[None]:
    """Keep other processes that want the same out, until the end."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
