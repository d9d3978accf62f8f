"""A model that hangs is told by pings, and memory that runs over ends the largest request first."""

import time
from pathlib import Path

import pytest

from tests.backends.worker.child import PATIENCE, Child
from tests.backends.worker.conftest import Start
from tests.backends.worker.tiny import WALK

ALLOWED = 1200
OVER = 1300
"""More than is allowed, but not so much that the process itself has to end."""


@pytest.fixture(params=["llama", "bloom"])
def child(request: pytest.FixtureRequest, spawn: Start, tiny_models: Path, tmp_path: Path) -> Child:
    """A worker with switches: one that serves requests together, and one that serves them in turns."""
    started = spawn(hooks=tmp_path)
    started.load(tiny_models / request.param, "causal", memory_mb=ALLOWED)
    started.await_news("ready")
    return started


def stall(child: Child, folder: Path) -> None:
    (folder / "stall").write_text(str(child.process.pid))


def stuck(child: Child, longer_than: float) -> float:
    """Wait until pings say that the model has stood still for so long."""
    end = time.monotonic() + PATIENCE
    while (pong := child.ping())["stuck_seconds"] <= longer_than:
        assert time.monotonic() < end, "nobody noticed that the model hangs"
        time.sleep(0.05)
    assert pong["running"] > 0
    return pong["stuck_seconds"]


def test_a_model_that_hangs_is_told_whoever_else_comes(child: Child, tmp_path: Path) -> None:
    assert child.ping()["stuck_seconds"] == 0
    stall(child, tmp_path)
    numbers = [child.begin(temperature=0.0, max_tokens=20)]
    before = stuck(child, 1.0)
    # that more is asked is no progress
    numbers += [child.begin(temperature=0.0, max_tokens=20) for _ in range(3)]
    assert stuck(child, before) > before
    (tmp_path / "stall").unlink()
    assert [child.finish(number).text for number in numbers] == [(WALK * 2)[:20].lstrip()] * 4
    assert child.ping()["stuck_seconds"] == 0


def test_memory_that_runs_over_ends_the_largest_requests_first(child: Child, tmp_path: Path) -> None:
    # slow enough that none of them ends by itself meanwhile
    (tmp_path / "pace").write_text("100")
    words = {"small": "hello", "large": "why " * 100, "middling": "why " * 30}
    numbers = {name: child.begin(text, temperature=0.0, max_tokens=250) for name, text in words.items()}
    for number in numbers.values():
        assert child.next(number)["is"] == "begun"
    (tmp_path / "ballast").write_text(str(OVER))
    ends = {name: child.finish(number).done for name, number in numbers.items()}
    assert {end["kind"] for end in ends.values()} == {"no memory"}
    assert child.ended == [numbers[name] for name in ("large", "middling", "small")]
    assert f"{ALLOWED} allowed" in ends["large"]["text"]
    for switch in ("ballast", "pace"):
        (tmp_path / switch).unlink()
    end = time.monotonic() + PATIENCE
    while child.ping()["memory_mb"] >= ALLOWED:
        assert time.monotonic() < end, "the memory did not come back"
        time.sleep(0.05)
    assert child.ask(temperature=0.0, max_tokens=9).text == WALK[:9].lstrip()


def test_a_process_far_over_its_memory_without_work_ends(spawn: Start, tiny_models: Path, tmp_path: Path) -> None:
    child = spawn(hooks=tmp_path)
    child.load(tiny_models / "bert", "embedding", memory_mb=ALLOWED)
    child.await_news("ready")
    (tmp_path / "ballast").write_text(str(round(ALLOWED * 1.4)))
    frame = child.await_news("error")
    assert (frame["kind"], child.wait()) == ("no memory", 1)
