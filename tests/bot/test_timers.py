"""Timers: they fire once when due, at once when overdue, and again when their listener failed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, time, timedelta

import pytest
from structlog.testing import capture_logs

from bot import timers as module
from bot.clock import utc_now
from bot.recurrence import daily
from bot.timers import TOLD_AFTER, Failure, Timers
from tests.support.polls import SetClock


@pytest.fixture
async def timers() -> AsyncIterator[Timers]:
    made = Timers()
    yield made
    await made.close()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """A clock that the test moves; timers look at it all the time."""
    monkeypatch.setattr(module, "LOOK_EVERY", timedelta(milliseconds=5))
    return SetClock(datetime(2026, 11, 24, 12, tzinfo=UTC))


@pytest.fixture
async def moved(clock: SetClock) -> AsyncIterator[Timers]:
    """Timers by a clock that the test moves."""
    made = Timers(clock)
    yield made
    await made.close()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0.002)


async def looked(timers: Timers) -> None:
    """Wait until the timers have looked at the clock a few times, so that what were to fire had its chance."""
    fired: list[int] = []

    async def listener(key: int) -> None:
        fired.append(key)

    timers.listen("looked", listener)
    for turn in range(3):
        await asyncio.sleep(module.LOOK_EVERY.total_seconds())
        timers.arm("looked", turn, datetime.min.replace(tzinfo=UTC))
        await until(lambda turn=turn: turn in fired)
    timers.mute("looked")


async def test_due_overdue_and_cancelled(timers: Timers) -> None:
    fired: asyncio.Queue[int] = asyncio.Queue()
    timers.listen("bell", fired.put)
    timers.arm("bell", 1, utc_now() - timedelta(days=3))
    timers.arm("bell", 2, utc_now() + timedelta(milliseconds=80))
    timers.arm("bell", 3, utc_now() + timedelta(milliseconds=40))
    timers.cancel("bell", 3)
    timers.cancel("bell", 99)
    timers.start()
    async with asyncio.timeout(30):
        assert [await fired.get(), await fired.get()] == [1, 2]
    assert fired.empty()


async def test_arming_again_moves_it(timers: Timers) -> None:
    fired: asyncio.Queue[int] = asyncio.Queue()
    timers.listen("bell", fired.put)
    timers.start()
    timers.arm("bell", 1, utc_now() + timedelta(hours=1))
    timers.arm("bell", 1, utc_now())
    async with asyncio.timeout(30):
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
    async with asyncio.timeout(30):
        await done.wait()
    assert calls == [7, 7, 7]


async def test_what_keeps_failing_is_told_once_under_one_reference(
    timers: Timers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_RETRY", timedelta(milliseconds=1))
    monkeypatch.setattr(module, "LAST_RETRY", timedelta(milliseconds=4))
    calls, told = 0, list[Failure]()

    async def listener(_key: int) -> None:
        nonlocal calls
        calls += 1
        raise ConnectionError("not now")

    async def hear(failure: Failure) -> None:
        told.append(failure)
        raise RuntimeError("whoever is told may fail too")

    timers.on_failure = hear
    timers.listen("bell", listener)
    timers.start()
    with capture_logs() as lines:
        timers.arm("bell", 7, utc_now())
        await until(lambda: calls >= TOLD_AFTER + 3)
    (failure,) = told
    assert (failure.event, failure.key, failure.attempts) == ("bell", 7, TOLD_AFTER)
    assert isinstance(failure.error, ConnectionError)
    assert {line["reference"] for line in lines} == {failure.reference}
    assert [line["attempts"] for line in lines[:3]] == [1, 2, 3]
    timers.cancel("bell", 7)
    assert timers._retries == {}, "a cancelled one is not tried again"


async def test_success_and_a_new_deadline_begin_a_new_count(timers: Timers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_RETRY", timedelta(milliseconds=1))
    calls = 0

    async def listener(_key: int) -> None:
        nonlocal calls
        calls += 1
        if calls != 3:
            raise ConnectionError("not now")

    timers.listen("bell", listener)
    timers.start()
    with capture_logs() as lines:
        timers.arm("bell", 7, utc_now())
        await until(lambda: calls == 3)
        timers.arm("bell", 7, utc_now())
        await until(lambda: len(lines) >= 3)
    assert [line["attempts"] for line in lines[:3]] == [1, 2, 1]
    assert lines[0]["reference"] != lines[2]["reference"]


async def test_one_listener_an_event(timers: Timers) -> None:
    async def listener(_key: int) -> None: ...

    timers.listen("bell", listener)
    with pytest.raises(ValueError, match="listener already"):
        timers.listen("bell", listener)
    timers.mute("bell")
    timers.listen("bell", listener)


async def test_what_is_due_while_nobody_listens_waits_for_a_listener(timers: Timers) -> None:
    fired: asyncio.Queue[int] = asyncio.Queue()
    timers.start()
    with capture_logs() as lines:
        for _ in range(2):
            timers.arm("bell", 1, utc_now())
        timers.arm("bell", 2, utc_now())
        timers.arm("other", 3, utc_now())
        timers.cancel("bell", 2)
        timers.listen("bell", fired.put)
        async with asyncio.timeout(30):
            assert await fired.get() == 1
    assert fired.empty()
    assert lines == []


async def test_one_key_never_runs_twice_at_once(timers: Timers) -> None:
    running, most, calls = 0, 0, 0
    go_on = asyncio.Event()

    async def listener(_key: int) -> None:
        nonlocal running, most, calls
        running, calls = running + 1, calls + 1
        most = max(most, running)
        await go_on.wait()
        running -= 1

    timers.listen("bell", listener)
    timers.start()
    timers.arm("bell", 1, utc_now())
    await until(lambda: calls == 1)
    for _ in range(3):
        timers.arm("bell", 1, utc_now())
    go_on.set()
    await until(lambda: calls == 2 and not running)
    assert most == 1


async def test_many_overdue_ones_each_fire_once_and_not_all_at_the_same_time(timers: Timers) -> None:
    running, most, fired = 0, 0, list[int]()

    async def listener(key: int) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        fired.append(key)

    timers.listen("bell", listener)
    for key in range(2000):
        timers.arm("bell", key, utc_now() - timedelta(hours=key))
    timers.start()
    await until(lambda: len(fired) >= 2000)
    assert sorted(fired) == list(range(2000))
    assert most <= module.MOST_AT_ONCE


async def test_a_deadline_in_a_year_and_one_that_is_moved_all_the_time(moved: Timers, clock: SetClock) -> None:
    fired: list[int] = []

    async def listener(key: int) -> None:
        fired.append(key)

    moved.listen("bell", listener)
    moved.start()
    moved.arm("bell", 1, clock.now + timedelta(days=365))
    for minutes in range(5000):
        moved.arm("bell", 2, clock.now + timedelta(days=1, minutes=minutes))
    assert len(moved._scheduler.get_jobs()) == 2, "what was moved does not pile up"
    clock.move(days=364)
    await until(lambda: fired == [2])
    clock.move(days=1)
    await until(lambda: fired == [2, 1])


async def test_a_clock_set_back_holds_deadlines_and_one_set_forward_fires_them(moved: Timers, clock: SetClock) -> None:
    fired: list[int] = []

    async def listener(key: int) -> None:
        fired.append(key)

    moved.listen("bell", listener)
    moved.start()
    moved.arm("bell", 1, clock.now + timedelta(hours=1))
    await looked(moved)
    clock.move(days=-30)
    await looked(moved)
    assert fired == []
    clock.move(days=30, hours=2)
    await until(lambda: fired == [1])
    clock.move(hours=-3)
    await looked(moved)
    clock.move(hours=3)
    await looked(moved)
    assert fired == [1], "what has fired is not due again because its time comes again"


async def test_what_comes_again_fires_each_day_once_whatever_the_clock_does(moved: Timers, clock: SetClock) -> None:
    fired: list[datetime] = []

    async def listener(_key: int) -> None:
        fired.append(clock.now)

    moved.listen("daily", listener)
    moved.start()
    noon = clock.now
    assert moved.every("daily", 0, daily(time(14)), UTC) == noon + timedelta(hours=2)
    clock.move(hours=2)
    await until(lambda: len(fired) == 1)
    # set back behind 14:00: that has fired
    clock.move(hours=-1)
    await looked(moved)
    clock.move(hours=1)
    await looked(moved)
    assert len(fired) == 1
    clock.move(days=1)
    await until(lambda: len(fired) == 2)
    # asleep for a week: once, not seven times
    clock.move(days=7)
    await until(lambda: len(fired) == 3)
    await looked(moved)
    assert len(fired) == 3
    # a year ahead by mistake, and back again: the next day is not in a year
    clock.move(days=365)
    await until(lambda: len(fired) == 4)
    clock.move(days=-365)
    await looked(moved)
    clock.move(days=2)
    await until(lambda: len(fired) == 5)
    moved.cancel("daily", 0)
    clock.move(days=3)
    await looked(moved)
    assert len(fired) == 5


async def test_what_came_again_while_the_bot_was_away_fires_once_at_start(moved: Timers, clock: SetClock) -> None:
    fired: asyncio.Queue[int] = asyncio.Queue()
    moved.listen("daily", fired.put)
    moved.every("daily", 1, daily(time(9)), UTC, last=clock.now - timedelta(days=5))
    moved.every("daily", 2, daily(time(9)), UTC, last=clock.now - timedelta(hours=1))
    moved.start()
    async with asyncio.timeout(30):
        assert await fired.get() == 1
    await looked(moved)
    assert fired.empty()
    clock.move(days=1)
    async with asyncio.timeout(30):
        assert {await fired.get(), await fired.get()} == {1, 2}


async def test_a_day_that_fails_is_tried_again_and_the_next_one_still_comes(
    moved: Timers, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_RETRY", timedelta(milliseconds=1))
    fired: list[datetime] = []

    async def listener(_key: int) -> None:
        fired.append(clock.now)
        if len(fired) < 3:
            raise ConnectionError("not now")

    moved.listen("daily", listener)
    moved.start()
    moved.every("daily", 0, daily(time(14)), UTC)
    clock.move(hours=2)
    with capture_logs():
        await until(lambda: len(fired) == 3)
    clock.move(days=1)
    await until(lambda: len(fired) == 4)


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
    async with asyncio.timeout(30):
        await begun.wait()
        await timers.close()
    assert ended.is_set()


async def test_nothing_fires_or_is_tried_again_after_closing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_RETRY", timedelta(milliseconds=1))
    timers = Timers()
    calls: list[int] = []

    async def listener(key: int) -> None:
        calls.append(key)
        raise ConnectionError("not now")

    timers.listen("bell", listener)
    timers.start()
    timers.arm("bell", 1, utc_now())
    with capture_logs():
        await until(lambda: bool(calls))
        await timers.close()
    seen = len(calls)
    timers.arm("bell", 2, utc_now())
    await asyncio.sleep(0.05)
    assert len(calls) == seen


async def test_one_that_stands_in_line_while_its_listener_goes_away_waits_for_the_next(
    timers: Timers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timers, "_slots", asyncio.Semaphore(1))
    begun, go_on = asyncio.Event(), asyncio.Event()
    fired: asyncio.Queue[int] = asyncio.Queue()

    async def slow(_key: int) -> None:
        begun.set()
        await go_on.wait()

    timers.listen("slow", slow)
    timers.listen("bell", fired.put)
    timers.start()
    timers.arm("slow", 1, utc_now() - timedelta(seconds=1))
    timers.arm("bell", 2, utc_now())
    async with asyncio.timeout(30):
        await begun.wait()
        timers.mute("bell")
        go_on.set()
        await until(lambda: not timers._running)
        assert fired.empty()
        timers.listen("bell", fired.put)
        assert await fired.get() == 2


async def test_closing_waits_for_nobody_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CLOSE_SECONDS", 0.02)
    timers = Timers()
    begun, ended = asyncio.Event(), asyncio.Event()

    async def listener(_key: int) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    timers.listen("bell", listener)
    timers.start()
    timers.arm("bell", 1, utc_now())
    async with asyncio.timeout(30):
        await begun.wait()
        await timers.close()
        await ended.wait()
