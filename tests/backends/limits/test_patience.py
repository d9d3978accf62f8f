"""Many waits, one timer: who takes too long is interrupted, and nobody else is."""

import asyncio

import pytest

from bot.backends.limits.line import Line
from bot.backends.limits.patience import Patience


async def test_each_wait_has_its_own_time() -> None:
    patience = Patience()
    for seconds in (60, 0.5, 60):
        assert await patience.wait(asyncio.sleep(0.001, "here"), seconds) == "here"
    with pytest.raises(TimeoutError):
        await patience.wait(asyncio.sleep(60), 0.02)
    # a short wait after a long one, and a long one after a short one
    await patience.wait(asyncio.sleep(0), 60)
    with pytest.raises(TimeoutError):
        await patience.wait(asyncio.sleep(60), 0.02)
    assert await patience.wait(asyncio.sleep(0.05, "late"), 60) == "late"
    patience.close()


async def test_between_two_waits_nobody_is_interrupted() -> None:
    patience = Patience()
    await patience.wait(asyncio.sleep(0), 0.01)
    await asyncio.sleep(0.05)
    await patience.wait(asyncio.sleep(0), 0.01)
    patience.close()


async def test_who_is_cancelled_is_cancelled() -> None:
    patience = Patience()
    begun = asyncio.Event()

    async def hang() -> None:
        begun.set()
        await asyncio.sleep(60)

    task = asyncio.create_task(patience.wait(hang(), 60))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    patience.close()


async def test_who_is_cancelled_when_time_runs_out_is_cancelled() -> None:
    patience = Patience()

    async def cancelled_as_well(task: asyncio.Task[object]) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            task.cancel()
            raise

    async def ask() -> None:
        task = asyncio.current_task()
        assert task is not None
        await patience.wait(cancelled_as_well(task), 0.02)

    task = asyncio.create_task(ask())
    with pytest.raises(asyncio.CancelledError):
        await task
    patience.close()


async def test_what_ends_in_its_own_way_when_interrupted_does_so() -> None:
    patience = Patience()

    async def ends_badly() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            raise ValueError("interrupted") from None

    with pytest.raises(ValueError, match="interrupted"):
        await patience.wait(ends_badly(), 0.02)
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    patience.close()


async def test_leaving_a_line_twice_does_nothing() -> None:
    line = Line(1, 1)
    first, second = line.join(), line.join()
    first.leave()
    first.leave()
    assert (second.is_served, line.served, line.waiting) == (True, 1, 0)
    second.move(0, is_served=True)
    await second.moved()
    second.move(0, is_served=True)
    second.leave()
    assert (line.served, line.waiting) == (0, 0)
