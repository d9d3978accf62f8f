"""Models on this machine on their bad days, as a member sees them: the real pool, and real workers of tiny models."""

import functools
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.backends.local import LocalOptions, Patience
from sandbox.driver import File, NotFound, Person, SeenMessage, Stage
from tests.backends.local.lab import CHILD, until
from tests.backends.worker.conftest import tiny_models
from tests.support.ask_flow import ask, panel, shows, start
from tests.support.running import Rostrum

__all__ = ["tiny_models"]

pytestmark = pytest.mark.timeout(600)
QUICK = Patience(ping_every=0.1, load_again=0.0)
# as on a full disk while the file of that name is there: no file may become longer than the least weights
CRAMPED = """
import os, resource, runpy, sys
if os.path.exists(sys.argv[1]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
del sys.argv[1]
runpy.run_module("bot.backends.worker", run_name="__main__", alter_sys=True)
"""
TABLE = """
[models.tiny]
name = "Tiny"
maker = "Testers"
backend = "local"
model = "{weights}"
openness = "open"
licence = "MIT"
context = 512
parameters = 100000
tasks = ["answer"]
"""


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Have workers started otherwise."""

    def start_with(*command: str) -> None:
        options = {"patience": QUICK, **({"command": command} if command else {})}
        monkeypatch.setattr("bot.backends.local.LocalOptions", functools.partial(LocalOptions, **options))

    return start_with


async def open_bot(rostrum: Rostrum, stage: Stage, folder: Path, weights: Path) -> Person:
    file = folder / "models.toml"
    file.write_text(TABLE.format(weights=weights), "utf-8")
    rostrum.environ |= {
        "ROSTRUM_MODELS_FILE": str(file),
        "ROSTRUM_DEFAULT_MODEL": "tiny",
        "ROSTRUM_MODELS_DIR": str(folder / "converted"),
    }
    await start(rostrum, stage)
    return await stage.person("Ada")


def pid_of(rostrum: Rostrum) -> int:
    """Return the process that runs the model; 0 where none does."""
    backend: Any = rostrum.app.registry.get("tiny")
    while hasattr(backend, "inner"):
        backend = backend.inner
    return backend._pool.pids.get("tiny", 0)


async def ended(person: Person, message: SeenMessage, text: str = "") -> SeenMessage:
    """Wait as long as a busy machine takes to start a worker."""

    async def over() -> SeenMessage:
        seen = await person.again(message)
        if not seen.has("Stop") and text in seen.text:
            return seen
        raise NotFound(f"it says so far: {seen}")

    return await person.wait(over, timeout=200, what=f"the end of an answer with {text!r}")


async def test_a_worker_that_is_killed_in_the_middle_of_an_answer(
    rostrum: Rostrum, stage: Stage, tmp_path: Path, command: Callable[..., None]
) -> None:
    """What was written stays, one is told, and Retry has it from a new worker."""
    command(sys.executable, str(CHILD))
    weights = tmp_path / "tiny"
    weights.mkdir()
    (weights / "config.json").write_text("{}")
    (weights / "model.safetensors").write_bytes(b"0" * 1000)
    (weights / "load.json").write_text("{}")
    ada = await open_bot(rostrum, stage, tmp_path, weights)
    message = await shows(ada, await ask(ada, "for-ever"), "on on")
    os.kill(pid_of(rostrum), signal.SIGKILL)
    cut = await ended(ada, message, "stopped in the middle of its work")
    assert "on on" in cut.text
    assert [button.label for button in cut.buttons] == ["Retry", "Another model", "More"]
    again = await shows(ada, await panel(ada, cut, "Retry"), "on on")
    assert "Stopped" in (await panel(ada, again, "Stop")).text
    await ended(ada, again, "*Stopped.*")


async def test_a_real_worker_that_is_killed_and_a_text_that_is_far_too_long(
    rostrum: Rostrum, stage: Stage, tmp_path: Path, command: Callable[..., None], tiny_models: Path
) -> None:
    """Who saw nothing yet is served by the next worker; of 200,000 characters what fits is read, as the card says."""
    command()
    ada = await open_bot(rostrum, stage, tmp_path, tiny_models / "llama")
    first = await ended(ada, await ask(ada, "hello"))
    assert first.has("Reply")
    killed = pid_of(rostrum)
    os.kill(killed, signal.SIGSTOP)
    message = await ask(ada, "hello again", private=True)
    os.kill(killed, signal.SIGKILL)
    served = await ended(ada, message)
    assert served.has("Reply")
    assert pid_of(rostrum) not in {0, killed}
    long = File("long.txt", b"all the tea in the world " * 8000)
    done = await ended(ada, await ask(ada, "What is it about?", file=long))
    assert done.has("Reply")
    assert "tokens of the text" in done.text


async def test_a_disk_that_is_full_while_weights_are_converted(
    rostrum: Rostrum, stage: Stage, tmp_path: Path, command: Callable[..., None], tiny_models: Path
) -> None:
    """One is told; nothing half-made is left; and when there is room again, Retry is all it takes."""
    full = tmp_path / "full"
    full.touch()
    command(sys.executable, "-c", CRAMPED, str(full))
    ada = await open_bot(rostrum, stage, tmp_path, tiny_models / "packed")
    failed = await ended(ada, await ask(ada, "hello"))
    assert "There is no room on the disk to prepare Tiny" in failed.text
    assert str(tmp_path) not in failed.text
    assert [button.label for button in failed.buttons] == ["Retry", "Another model", "More"]
    converted = tmp_path / "converted"
    assert [path for path in converted.iterdir() if path.is_dir()] == []
    await until(lambda: pid_of(rostrum) == 0)
    full.unlink()
    done = await ended(ada, await panel(ada, failed, "Retry"))
    assert done.has("Reply")
    assert len([path for path in converted.iterdir() if path.is_dir()]) == 1
