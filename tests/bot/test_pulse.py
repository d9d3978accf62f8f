"""The pulse is there while the bot is connected, and only then."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from typing import TYPE_CHECKING

import pytest

from bot.__main__ import main
from bot.pulse import STALE, beat, is_alive, pulse_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@contextlib.asynccontextmanager
async def beating(folder: Path, *, connected: bool) -> AsyncIterator[None]:
    task = asyncio.create_task(beat(folder, lambda: connected, every=0.01))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_a_connected_bot_is_alive_until_it_falls_silent(tmp_path: Path) -> None:
    folder = tmp_path / "not yet there"
    assert not is_alive(folder)
    async with beating(folder, connected=True):
        async with asyncio.timeout(30):
            while not is_alive(folder):
                await asyncio.sleep(0.01)
    silent = time.time() - STALE - 1
    os.utime(pulse_file(folder), (silent, silent))
    assert not is_alive(folder)


async def test_a_bot_that_is_not_connected_shows_no_pulse(tmp_path: Path) -> None:
    async with beating(tmp_path, connected=False):
        await asyncio.sleep(0.05)
    assert not is_alive(tmp_path)


async def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    task = asyncio.create_task(beat(in_the_way, lambda: True, every=0.01))
    await asyncio.sleep(0.05)
    assert not task.done()
    task.cancel()


def test_check_alive_says_so_by_its_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ROSTRUM_DATA_DIR", str(tmp_path))
    assert main(["check", "--alive"]) == 1
    assert "not connected" in capsys.readouterr().out
    pulse_file(tmp_path).touch()
    assert main(["check", "--alive"]) == 0
