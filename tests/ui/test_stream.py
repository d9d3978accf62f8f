"""Refreshing: many touches, few edits, the last state always shown."""

import asyncio
from collections import Counter
from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot.errors import NotFoundError
from cogs.ui import stream
from cogs.ui.cards import card
from cogs.ui.stream import Pace, Refresher
from sandbox.audit import Actor
from sandbox.channels import create_channel
from sandbox.server import Server
from tests.support.bells import Bells


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
    async with asyncio.timeout(30):
        while not edits.shown or edits.shown[-1] != state:
            await asyncio.sleep(0.005)


async def test_many_touches_are_few_edits_and_the_last_is_shown(edits: Edits) -> None:
    loop = asyncio.get_running_loop()
    refresher = Refresher(edits, every=0.05)
    began = loop.time()
    for state in range(1, 101):
        edits.state = state
        refresher.touch(7)
        await asyncio.sleep(0.001)
    await until(edits, 100)
    # the first at once, then one a while, however long the machine took
    assert len(edits.shown) <= 1 + (loop.time() - began) / 0.05
    assert edits.shown == sorted(set(edits.shown))
    await refresher.close()


async def test_closing_shows_what_is_waiting_at_once(edits: Edits) -> None:
    refresher = Refresher(edits, every=60)
    refresher.touch(7)
    await until(edits, 0)
    edits.state = 5
    refresher.touch(7)
    async with asyncio.timeout(30):
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
    async with asyncio.timeout(30):
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
    async with asyncio.timeout(30):
        await done.wait()
    await refresher.close()


def refused(kind: type[discord.HTTPException], status: int, code: int) -> discord.HTTPException:
    answer: Any = SimpleNamespace(status=status, reason="No")
    return kind(answer, {"code": code, "message": "No"})


@pytest.mark.parametrize(
    "error",
    [
        refused(discord.NotFound, 404, 10008),
        refused(discord.NotFound, 404, 10003),
        refused(discord.Forbidden, 403, 50001),
        refused(discord.Forbidden, 403, 50013),
        refused(discord.HTTPException, 400, 50083),
        NotFoundError("This poll no longer exists."),
    ],
)
async def test_a_message_that_is_gone_or_closed_to_us_is_left_alone(error: Exception) -> None:
    calls: list[int] = []
    second = asyncio.Event()

    async def refresh(key: int) -> None:
        calls.append(key)
        if key == 1:
            raise error
        second.set()

    refresher = Refresher(refresh, every=0.001, pace=Pace(10_000))
    refresher.touch(1)
    while not calls:
        await asyncio.sleep(0.001)
    for _ in range(20):
        refresher.touch(1)
        await asyncio.sleep(0.001)
    refresher.touch(2)
    async with asyncio.timeout(30):
        await second.wait()
    assert calls == [1, 2]
    # a new card for the same key
    await refresher.settle(1)
    refresher.touch(1)
    while calls[-1] != 1:
        await asyncio.sleep(0.001)
    await refresher.close()


async def test_what_is_closed_is_tried_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "CLOSED_SECONDS", 0.05)
    calls: list[int] = []

    async def refresh(key: int) -> None:
        calls.append(key)
        raise refused(discord.Forbidden, 403, 50001)

    refresher = Refresher(refresh, every=0.001, pace=Pace(10_000))
    async with asyncio.timeout(30):
        while len(calls) < 3:
            refresher.touch(1)
            await asyncio.sleep(0.005)
    await refresher.close()


async def test_what_fails_is_tried_again_by_itself_and_told_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "LONGEST_PAUSE", 0.01)
    calls: list[int] = []
    told = asyncio.Event()

    async def refresh(key: int) -> None:
        calls.append(key)
        raise refused(discord.DiscordServerError, 503, 0)

    async def failed(_key: int, error: Exception) -> None:
        assert isinstance(error, discord.DiscordServerError)
        told.set()

    refresher = Refresher(refresh, every=0.001, pace=Pace(10_000), failed=failed)
    refresher.touch(1)
    async with asyncio.timeout(30):
        await told.wait()
    assert len(calls) == 8
    await refresher.close()


@pytest.mark.parametrize("error", [discord.RateLimited(0.2), refused(discord.HTTPException, 429, 0)])
async def test_everything_rests_when_discord_says_so(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "_REST", 0.2)
    loop = asyncio.get_running_loop()
    calls: list[tuple[int, float]] = []
    done = asyncio.Event()

    async def refresh(key: int) -> None:
        calls.append((key, loop.time()))
        if len(calls) == 1:
            raise error
        if {1, 2, 3} <= {one for one, _ in calls[1:]}:
            done.set()

    refresher = Refresher(refresh, every=0.001, pace=Pace(100))
    for key in (1, 2, 3):
        refresher.touch(key)
    async with asyncio.timeout(30):
        await done.wait()
    assert calls[1][1] - calls[0][1] >= 0.19
    await refresher.close()


async def test_the_pace_is_kept_and_fair() -> None:
    loop = asyncio.get_running_loop()
    edits: Counter[int] = Counter()
    refresher: Refresher

    async def refresh(key: int) -> None:
        edits[key] += 1

    refresher = Refresher(refresh, every=0.001, pace=Pace(200))
    began = loop.time()
    # not for half a second, in which a busy machine may do next to nothing
    while sum(edits.values()) < 100:
        for key in range(20):
            refresher.touch(key)
        await asyncio.sleep(0.002)
    assert sum(edits.values()) <= 200 * (loop.time() - began) + 1
    assert max(edits.values()) - min(edits.values()) <= 2
    await refresher.close()


async def test_two_hundred_cards_all_the_time_make_no_storm_and_end_right(bells: Bells, server: Server) -> None:
    guild = next(iter(server.world.guilds.values()))
    owner = Actor(guild.owner_id)
    messages: list[discord.Message] = []
    for number in range(40):
        place = create_channel(server.world, guild, owner, {"name": f"cards-{number}"})
        channel = bells.client.get_partial_messageable(place.id, guild_id=guild.id)
        messages += await asyncio.gather(*(channel.send(view=card("Turnout 0")) for _ in range(5)))
    server.limits.enforce = True
    state = Counter[int]()
    times: list[float] = []
    loop = asyncio.get_running_loop()

    async def refresh(key: int) -> None:
        times.append(loop.time())
        await messages[key].edit(view=card(f"Turnout {state[key]}"))

    refresher = Refresher(refresh, pace=bells.client.pace)
    began = loop.time()
    while loop.time() - began < 2:
        for key in range(200):
            state[key] += 1
            refresher.touch(key)
        await asyncio.sleep(0.02)

    def shows(key: int) -> bool:
        held = server.world.messages[messages[key].channel.id][messages[key].id]
        return f"Turnout {state[key]}'" in str(held.components)

    async with asyncio.timeout(60):
        while not all(shows(key) for key in range(200)):
            await asyncio.sleep(0.1)
    assert server.limits.refused == 0
    # no five seconds with more than their share, but for the moment by which a busy machine notes a call late
    share = int(5 * stream.EDITS_A_SECOND) + 1
    assert all(times[index + share] - times[index] > 4.9 for index in range(len(times) - share))
    await refresher.close()


async def test_who_has_nothing_to_look_at_comes_before_all_who_wait() -> None:
    pace, order = Pace(a_second=20), list[str]()

    async def wait(name: str, *, first: bool = False) -> None:
        await (pace.first() if first else pace.turn())
        order.append(name)

    # the first goes at once, the second waits already
    waiting = [asyncio.create_task(wait(name)) for name in ("a", "b", "c")]
    await asyncio.sleep(0)
    began = asyncio.get_running_loop().time()
    await asyncio.gather(wait("d", first=True), wait("e", first=True), *waiting)
    assert order == ["a", "d", "e", "b", "c"]
    assert asyncio.get_running_loop().time() - began >= 4 * 0.05 * 0.9
