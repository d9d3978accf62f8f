"""Refreshing: many touches, few edits, the last state always shown."""

import asyncio

import pytest

from cogs.ui.stream import Refresher


class Edits:
    """Counts edits and remembers what was shown."""

    def __init__(self) -> None:
        self.state = 0
        self.shown: list[int] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.begun = asyncio.Event()

    async def __call__(self, _key: int) -> None:
        state = self.state
        self.begun.set()
        await self.gate.wait()
        self.shown.append(state)


@pytest.fixture
def edits() -> Edits:
    return Edits()


async def until(edits: Edits, state: int) -> None:
    async with asyncio.timeout(5):
        while not edits.shown or edits.shown[-1] != state:
            await asyncio.sleep(0.005)


async def test_many_touches_are_few_edits_and_the_last_is_shown(edits: Edits) -> None:
    refresher = Refresher(edits, every=0.05)
    for state in range(1, 101):
        edits.state = state
        refresher.touch(7)
        await asyncio.sleep(0.001)
    await until(edits, 100)
    assert len(edits.shown) < 20
    await refresher.close()


async def test_closing_shows_what_is_waiting_at_once(edits: Edits) -> None:
    refresher = Refresher(edits, every=60)
    refresher.touch(7)
    await until(edits, 0)
    edits.state = 5
    refresher.touch(7)
    async with asyncio.timeout(2):
        await refresher.close()
    assert edits.shown == [0, 5]


async def test_settling_waits_for_what_is_under_way_and_drops_the_rest(edits: Edits) -> None:
    refresher = Refresher(edits, every=0.01)
    edits.gate.clear()
    refresher.touch(7)
    await edits.begun.wait()
    refresher.touch(7)
    settled = asyncio.create_task(refresher.settle(7))
    await asyncio.sleep(0.02)
    assert not settled.done()
    edits.gate.set()
    async with asyncio.timeout(2):
        await settled
    await asyncio.sleep(0.05)
    assert edits.shown == [0]
    await refresher.settle(7)


async def test_an_edit_that_fails_does_not_stop_the_next() -> None:
    calls: list[int] = []
    done = asyncio.Event()

    async def refresh(key: int) -> None:
        calls.append(key)
        if len(calls) == 1:
            raise ConnectionError
        done.set()

    refresher = Refresher(refresh, every=0.01)
    refresher.touch(1)
    while not calls:
        await asyncio.sleep(0.001)
    refresher.touch(1)
    async with asyncio.timeout(2):
        await done.wait()
    await refresher.close()
