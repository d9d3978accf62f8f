"""The stage's second model: real weights behind the server that transformers brings, reached over HTTP by the bot."""

import asyncio
import shutil
from pathlib import Path

import psutil
import pytest

from bot.backends.base import Completion, Egress, Prompt, Turn
from bot.backends.registry import Registry
from bot.catalog import Where, load_catalog
from bot.clock import utc_now
from bot.config import Settings
from bot.stage import KEY, SecondModel, can_serve
from tests.backends.worker.conftest import tiny_models

__all__ = ["tiny_models"]


def test_what_is_not_installed_is_found_out_without_importing_it() -> None:
    assert can_serve()
    assert not can_serve(("torch", "no_such_package_anywhere"))


def test_an_operators_own_models_stay_beside_it(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[models.mine]\nname = "Mine"\naddress = "http://127.0.0.1:9/v1"\nmodel = "m"')
    second = SecondModel(tmp_path, tmp_path / "weights", own)
    cards = load_catalog(second.models_file()).cards
    assert cards["mine"].name == "Mine"
    assert cards[KEY].address == second.address
    assert cards[KEY].licence == cards["smollm2-135m"].licence


@pytest.mark.timeout(180)
async def test_it_comes_up_with_the_weights_answers_and_leaves_nothing_behind(
    tmp_path: Path, tiny_models: Path
) -> None:
    weights = tmp_path / "weights"
    half_made = weights / ".x-SmolLM2-135M.part-1"
    half_made.mkdir(parents=True)
    (half_made / "config.json").write_text("{}")
    second = SecondModel(tmp_path, weights)
    registry = Registry(load_catalog(second.models_file()), Settings.load({}), utc_now)
    try:
        async with second:
            shutil.copytree(tiny_models / "llama", tmp_path / "made")
            (tmp_path / "made").rename(weights / "x-SmolLM2-135M")
            async with asyncio.timeout(150):
                await second.is_up.wait()
            backend = registry.get(KEY)
            assert backend.where is Where.MACHINE
            assert (await backend.probe()).usable
            asked = Prompt((Turn("user", "hello"),), max_tokens=12)
            events = [event async for event in backend.complete(asked, Egress(open_only=True, stays_here=True))]
            end = events[-1]
            assert isinstance(end, Completion)
            assert "abcdef" in end.text
            children = psutil.Process().children(recursive=True)
            assert [child for child in children if "serve" in child.cmdline()]
    finally:
        await registry.close()
    assert [child for child in psutil.Process().children() if "serve" in child.cmdline()] == []
