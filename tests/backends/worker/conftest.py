"""Weights, built or converted once, and workers shared by the tests of a module."""

import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.backends.worker import tiny
from tests.backends.worker.child import ROOT, Child

Start = Callable[..., Child]


def _kept() -> Path:
    """Return where weights outlive a run: building takes ten seconds, converting half a minute."""
    place = Path(tempfile.gettempdir()) / f"rostrum-tests-{os.getuid()}"
    place.mkdir(mode=0o700, exist_ok=True)
    return place


@pytest.fixture(scope="session")
def tiny_models() -> Path:
    """A directory with one tiny model of each architecture."""
    made_of = Path(tiny.__file__).read_bytes() + importlib.metadata.version("transformers").encode()
    place = _kept() / f"tiny-{hashlib.sha256(made_of).hexdigest()[:12]}"
    if not place.exists():
        part = Path(tempfile.mkdtemp(dir=_kept()))
        subprocess.run([sys.executable, "-m", "tests.backends.worker.tiny", part], cwd=ROOT, check=True, timeout=110)
        try:
            part.rename(place)
        except OSError:
            # another run was faster
            shutil.rmtree(part)
    return place


@pytest.fixture(scope="session")
def converted_cache() -> Path:
    """A cache in which SmolLM2 is converted once for all runs."""
    return _kept() / "converted"


@pytest.fixture(scope="module")
def shared() -> Iterator[Start]:
    """Start workers that live as long as the module's tests; the same order gives the same worker."""
    children: dict[str, Child] = {}

    def start(weights: Path | str, shape: str, cache: Path | str = "", **more: object) -> Child:
        key = repr((str(weights), shape, str(cache), sorted(more.items())))
        if key not in children:
            child = children[key] = Child()
            child.load(weights, shape, cache, **more)
            child.await_news("ready")
        return children[key]

    yield start
    for child in children.values():
        child.close()


@pytest.fixture
def spawn() -> Iterator[Start]:
    """Start workers of a test's own."""
    children: list[Child] = []

    def start(**more: object) -> Child:
        children.append(Child(**more))  # pyright: ignore[reportArgumentType]
        return children[-1]

    yield start
    for child in children:
        child.close()
