"""Weights come from a hub when somebody says so, and every way in which they do not come is told with what to do."""

import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.backends.base import Completion
from bot.backends.local import LocalBackend, LocalOptions, WorkerPool, fetch
from bot.backends.local.weights import find_weights
from bot.errors import ModelError, Trouble
from tests.backends.contract import events_of, prompt_of
from tests.backends.worker.cards import card_of
from tests.backends.worker.hub import Hub

MB = 10**6
LARGE = 40 * MB
"""The hub's library writes ten megabytes at a time, so that less than that is never told, nor gone on with."""


@pytest.fixture
async def hub(tiny_models: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hub]:
    async with Hub() as served:
        served.add("nobody/tiny", tiny_models / "llama")
        served.add("nobody/gated", tiny_models / "llama")
        served.add("nobody/pickled", tiny_models / "pickled")
        served.gated = {"nobody/gated"}
        served.repos["nobody/large"] = {"config.json": b"{}", "model.safetensors": bytes(LARGE)}
        monkeypatch.setenv("HF_ENDPOINT", served.address)
        yield served


@pytest.fixture
def options(tmp_path: Path) -> LocalOptions:
    return LocalOptions(models_dir=tmp_path / "models")


async def told(name: str, options: LocalOptions, token: str | None = None) -> list[str]:
    """Fetch a model; return what was told meanwhile."""
    return [notice.text async for notice in fetch(card_of(name), options, token)]


async def refusal(name: str, options: LocalOptions, token: str | None = None) -> tuple[Trouble, str]:
    with pytest.raises(ModelError) as caught:
        await told(name, options, token)
    return caught.value.trouble, caught.value.detail


async def test_what_is_fetched_answers_and_is_not_fetched_again(hub: Hub, options: LocalOptions) -> None:
    # other forms of the same weights, which nothing loads
    hub.repos["nobody/tiny"] |= {"consolidated.safetensors": b"x", "original/model.safetensors": b"x", "tf.h5": b"x"}
    card = card_of("nobody/tiny")
    assert find_weights(card, options) is None
    notices = await told("nobody/tiny", options)
    assert (notices[0], notices[-1]) == ("Fetching Tiny (0 %)", "Fetching Tiny (100 %)")
    fetched = [path for path, _ in hub.fetched]
    assert "model.safetensors" in fetched
    assert not {"consolidated.safetensors", "original/model.safetensors", "tf.h5"} & set(fetched)
    await told("nobody/tiny", options)
    assert len(hub.fetched) == len(fetched)
    pool = WorkerPool(options)
    try:
        last = (await events_of(LocalBackend(card, pool), prompt_of(max_tokens=9, temperature=0.0)))[-1]
    finally:
        await pool.close()
    assert isinstance(last, Completion)
    assert last.text == "abcdefgh"


async def test_a_connection_that_breaks_off_is_taken_up_where_it_was(hub: Hub, options: LocalOptions) -> None:
    hub.breaks["model.safetensors"] = LARGE * 3 // 4
    notices = await told("nobody/large", options)
    assert len(notices) > 3
    assert len(set(notices)) == len(notices)
    ranges = [asked for path, asked in hub.fetched if path == "model.safetensors"]
    assert ranges[0] == ""
    assert int(ranges[1].removeprefix("bytes=").removesuffix("-")) >= LARGE // 4


async def test_a_fetch_that_was_stopped_is_gone_on_with(hub: Hub, options: LocalOptions) -> None:
    hub.stalls["model.safetensors"] = LARGE * 3 // 4
    notices = fetch(card_of("nobody/large"), options)
    async for notice in notices:
        if not notice.text.endswith("(0 %)"):
            break
    await notices.aclose()
    assert find_weights(card_of("nobody/large"), options) is None
    hub.stalls.clear()
    before = len(hub.fetched)
    await told("nobody/large", options)
    # the small file was whole
    assert [path for path, _ in hub.fetched[before:]] == ["model.safetensors"]
    blobs = list(options.models_dir.glob("hub/models--nobody--large/blobs/*"))
    assert sorted(blob.stat().st_size for blob in blobs) == [2, LARGE]


@pytest.mark.parametrize(
    ("name", "token", "trouble", "detail"),
    [
        ("nobody/gated", None, Trouble.WEIGHTS, "accept the licence on the model's page and set HF_TOKEN"),
        ("nobody/gated", "hf-stranger", Trouble.WEIGHTS, "with the account that HF_TOKEN is of"),
        ("nobody/tiny", "hf-wrong", Trouble.KEY, "the hub does not know HF_TOKEN"),
        ("nobody/nothing", None, Trouble.NO_SUCH_MODEL, "the hub has no model nobody/nothing"),
        ("no such//name", None, Trouble.NO_SUCH_MODEL, "the hub has no model"),
        ("nobody/pickled", None, Trouble.WEIGHTS, "nobody/pickled has no safetensors; other forms are not loaded"),
    ],
)
async def test_what_cannot_be_fetched_is_told(
    hub: Hub, options: LocalOptions, name: str, token: str | None, trouble: Trouble, detail: str
) -> None:
    kind, text = await refusal(name, options, token)
    assert (kind, detail in text) == (trouble, True), text
    assert [path for path, _ in hub.fetched if path.endswith((".safetensors", ".bin"))] == []
    assert token is None or token not in text


async def test_who_accepted_the_licence_gets_gated_weights(hub: Hub, options: LocalOptions) -> None:
    await told("nobody/gated", options, hub.member)
    assert find_weights(card_of("nobody/gated"), options) is not None


async def test_a_hub_out_of_reach_is_told(hub: Hub, options: LocalOptions, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.is_down = True
    assert (await refusal("nobody/tiny", options))[0] is Trouble.UNREACHABLE
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{closed.getsockname()[1]}")
        assert await refusal("nobody/tiny", options) == (
            Trouble.UNREACHABLE,
            "the hub cannot be reached to fetch nobody/tiny",
        )


async def test_a_full_disk_is_told_and_nothing_half_stays(hub: Hub, options: LocalOptions) -> None:
    # with a size that files may not pass, writing fails as on a full disk
    limited = ("/bin/sh", "-c", 'ulimit -f 1000; exec "$@"', "sh", sys.executable, "-m", "bot.backends.worker")
    kind, text = await refusal("nobody/large", replace(options, command=limited))
    assert (kind, text) == (Trouble.NO_DISK, "there is no room on the disk for the weights of nobody/large")
    assert list(options.models_dir.glob("hub/**/*.incomplete")) == []
    hub.repos["nobody/large"]["model.safetensors"] = bytes(1)
    assert (await told("nobody/large", options))[-1] == "Fetching Tiny (100 %)"
