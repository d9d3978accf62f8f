"""Where weights are: in a directory, in an installed package, or at the hub (in its cache, unless it may download).

Nothing here needs the heavy libraries, so that what is missing is told at once; only converting does.
"""

import importlib.util
import json
from pathlib import Path
from typing import Any

from bot.backends.worker.converting import Progress, converted
from bot.backends.worker.downloading import downloaded
from bot.backends.worker.memory import MIB
from bot.backends.worker.messages import Weights
from bot.backends.worker.trouble import WorkerError
from bot.errors import Trouble

_DEPTHS = ("", "*/", "*/*/")
"""How deep in a directory weights are looked for."""


def located(weights: Weights, cache: Path, progress: Progress) -> Path:
    """Return a directory with a config, safetensors and a tokenizer.

    Raises:
        WorkerError: there is none, or it cannot be made.
    """
    if weights.kind == "hub":
        return downloaded(weights.name, cache, progress)
    place = _package(weights.name) if weights.kind == "package" else Path(weights.name)
    if not place.is_dir():
        raise WorkerError(Trouble.WEIGHTS, f"there is no directory {place}")
    plain = _plain_in(place)
    if plain is not None:
        return plain
    packed = _found(place, "*.gguf")
    if packed:
        return converted(packed[0], weights.name if weights.kind == "package" else place.name, cache, progress)
    raise WorkerError(
        Trouble.WEIGHTS, f"{place} holds no config.json with safetensors and no gguf; other forms are not loaded"
    )


def refuse_too_large(place: Path, bytes_each: int, memory_mb: int, used_mb: int) -> None:
    """Refuse before loading what could only end in the machine's memory running out.

    Raises:
        WorkerError: it is too large, or damaged.
    """
    needed = sum(_numbers_in(path) for path in place.glob("*.safetensors")) * bytes_each // MIB + used_mb
    if needed > memory_mb:
        text = f"the model needs about {needed} MB and may use {memory_mb}; raise ROSTRUM_LOCAL_MEMORY_MB"
        raise WorkerError(Trouble.NO_MEMORY, text)


def _package(name: str) -> Path:
    """Return a package's directory without running any of its code."""
    spec = importlib.util.find_spec(name) if name.isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        raise WorkerError(Trouble.WEIGHTS, f"the package {name} is not installed")
    return Path(next(iter(spec.submodule_search_locations)))


def _plain_in(place: Path) -> Path | None:
    """Return the first directory at or a little under `place` that holds a config and safetensors."""
    for config in _found(place, "config.json"):
        if any(config.parent.glob("*.safetensors")):
            return config.parent
    return None


def _found(place: Path, pattern: str) -> list[Path]:
    return [path for depth in _DEPTHS for path in sorted(place.glob(depth + pattern)) if path.is_file()]


def _numbers_in(path: Path) -> int:
    """Return how many weights a file of safetensors holds, from its head alone."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        try:
            head: dict[str, Any] = json.loads(file.read(min(length, path.stat().st_size)))
        except ValueError as error:
            raise WorkerError(Trouble.WEIGHTS, f"{path.name} is damaged: it has no readable head") from error
    count = 0
    for name, entry in head.items():
        if name != "__metadata__":
            size = 1
            for side in entry["shape"]:
                size *= side
            count += size
    return count
