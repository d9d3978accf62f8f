"""Timers: they fire once when due, at once when overdue, and again when their listener failed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot import timers as module
from bot.clock import utc_now
from bot.timers import Timers


@pytest.fixture
async def timers() -> AsyncIterator[Timers]:
    made = Timers()
    yield made
    await made.close()


async def test_due_overdue_and_cancelled(timers: Timers) -> None:
    fired: asyncio.Queue[int] = asyncio.Queue()
    timers.listen("bell", fired.put)
    timers.arm("bell", 1, utc_now() - timedelta(days=3))
    timers.arm("bell", 2, utc_now() + timedelta(milliseconds=80))
    timers.arm("bell", 3, utc_now() + timedelta(milliseconds=40))
    timers.cancel("bell", 3)
    timers.cancel("bell", 99)
    timers.start()
    async with asyncio.timeout(5):
        assert [await fired.get(), await fired.get()] == [1, 2]
    assert fired.empty()


async def test_arming_again_moves_it(timers: Timers) -> None:
    fired: asyncio.Queue[int] = asyncio.Queue()
    timers.listen("bell", fired.put)
    timers.start()
    timers.arm("bell", 1, utc_now() + timedelta(hours=1))
    timers.arm("bell", 1, utc_now())
    async with asyncio.timeout(5):
        assert await fired.get() == 1


async def test_a_listener_that_fails_is_called_again(timers: Timers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_RETRY", timedelta(milliseconds=20))
    calls: list[int] = []
    done = asyncio.Event()

    async def listener(key: int) -> None:
        calls.append(key)
        if len(calls) < 3:
            raise ConnectionError("not now")
        done.set()

    timers.listen("bell", listener)
    timers.start()
    timers.arm("bell", 7, utc_now())
    async with asyncio.timeout(5):
        await done.wait()
    assert calls == [7, 7, 7]


async def test_one_listener_an_event(timers: Timers) -> None:
    async def listener(_key: int) -> None: ...

    timers.listen("bell", listener)
    with pytest.raises(ValueError, match="listener already"):
        timers.listen("bell", listener)
    timers.mute("bell")
    timers.listen("bell", listener)


async def test_closing_lets_what_runs_end() -> None:
    timers = Timers()
    begun, ended = asyncio.Event(), asyncio.Event()

    async def listener(_key: int) -> None:
        begun.set()
        await asyncio.sleep(0.1)
        ended.set()

    timers.listen("bell", listener)
    timers.start()
    timers.arm("bell", 1, utc_now())
    async with asyncio.timeout(5):
        await begun.wait()
        await timers.close()
    assert ended.is_set()
