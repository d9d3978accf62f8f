"""Growing messages: few edits, the last state always, fair turns, and an end when nobody can see them."""

import asyncio
import itertools
from collections.abc import Callable, Hashable, Sequence
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from discord import ui

from cogs.ui import live as live_module
from cogs.ui.cards import card
from cogs.ui.live import Growing, Live, OutOfTimeError
from cogs.ui.stream import Pace


def refused(kind: type[discord.HTTPException], status: int, code: int) -> discord.HTTPException:
    answer: Any = SimpleNamespace(status=status, reason="No")
    return kind(answer, {"code": code, "message": "No"})


class Messages:
    """Where pages go; raises what it is given to raise first."""

    def __init__(self, lane: Hashable = None, *troubles: Exception) -> None:
        self.pages: list[str] = []
        self.puts: list[tuple[int, str, float]] = []
        self.troubles = list(troubles)
        self._lane = lane

    def lane(self, page: int) -> Hashable:
        return self._lane or (id(self), page)

    async def put(self, page: int, view: ui.LayoutView) -> None:
        if self.troubles:
            raise self.troubles.pop(0)
        text = said(view)
        self.puts.append((page, text, asyncio.get_running_loop().time()))
        self.pages[page : page + 1] = [text]

    async def drop(self, page: int) -> None:
        assert page == len(self.pages) - 1
        self.pages.pop()


def said(view: ui.LayoutView) -> str:
    return next(item.content for item in view.walk_children() if isinstance(item, ui.TextDisplay))[4:]


def pages(*texts: str) -> Callable[[], Sequence[ui.LayoutView]]:
    return lambda: [card(text) for text in texts]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Live:
    monkeypatch.setattr(live_module, "_FIRST_PAUSE", 0.001)
    return Live(Pace(10_000), every=0.02)


async def test_many_states_are_few_edits_and_the_last_one_lands(quick: Live) -> None:
    messages = Messages()
    growing = quick.begin(messages)
    for state in range(200):
        growing.show(pages(f"{state}"))
        await asyncio.sleep(0)
    assert await growing.finish(pages("end"))
    assert messages.pages == ["end"]
    assert len(messages.puts) < 50


async def test_states_in_between_are_never_rendered(quick: Live) -> None:
    rendered: list[int] = []

    def render(state: int) -> Sequence[ui.LayoutView]:
        rendered.append(state)
        return [card(f"{state}")]

    growing = quick.begin(Messages())
    for state in range(1000):
        growing.show(lambda state=state: render(state))
    await growing.finish(pages("end"))
    assert len(rendered) < 5


async def test_a_text_grows_over_several_messages_and_shrinks_again(quick: Live) -> None:
    messages = Messages()
    growing = quick.begin(messages)
    growing.show(pages("one", "two", "three"))
    while len(messages.pages) < 3:
        await asyncio.sleep(0.001)
    assert messages.pages == ["one", "two", "three"]
    assert await growing.finish(pages("whole"))
    assert messages.pages == ["whole"]


async def test_what_is_shown_already_is_not_sent_again(quick: Live) -> None:
    messages = Messages()
    messages.pages = ["first"]
    growing = quick.begin(messages, [card("first")])
    assert await growing.finish(pages("first"))
    assert messages.puts == []


async def test_edits_in_one_lane_keep_their_distance(quick: Live) -> None:
    """Messages of a channel share Discord's bucket; the wait is that of the scheduler, never less."""
    both = [Messages("channel"), Messages("channel")]
    growing = [quick.begin(one) for one in both]
    for state in range(5):
        for one in growing:
            one.show(pages(f"{state}"))
        await asyncio.sleep(0.01)
    await asyncio.gather(*(one.finish(pages("end")) for one in growing))
    times = sorted(at for one in both for _, _, at in one.puts)
    assert all(later - earlier >= 0.019 for earlier, later in itertools.pairwise(times))
    assert [one.pages for one in both] == [["end"], ["end"]]


async def test_all_messages_get_their_turn_and_stay_within_the_pace() -> None:
    live = Live(Pace(200), every=0.001)
    many = [Messages() for _ in range(20)]
    growing = [live.begin(one) for one in many]
    for state in range(10):
        for one in growing:
            one.show(pages(f"{state}"))
        await asyncio.sleep(0.02)
    await asyncio.gather(*(one.finish(pages("end")) for one in growing))
    times = sorted(at for one in many for _, _, at in one.puts)
    # in all, since a busy machine hears of one later than of the next
    assert times[-1] - times[0] >= 0.0045 * (len(times) - 1)
    counts = [len(one.puts) for one in many]
    assert min(counts) >= 1
    assert max(counts) - min(counts) <= 2


@pytest.mark.parametrize(
    "error",
    [
        refused(discord.NotFound, 404, 10008),
        refused(discord.Forbidden, 403, 50001),
        refused(discord.HTTPException, 400, 50083),
    ],
)
async def test_a_message_that_is_gone_ends_it(quick: Live, error: discord.HTTPException) -> None:
    growing = quick.begin(Messages(None, error))
    growing.show(pages("text"))
    async with asyncio.timeout(5):
        await growing.over.wait()
    assert not await growing.finish(pages("end"))


async def test_time_that_is_up_is_told_apart_from_gone(quick: Live) -> None:
    growing: Growing = quick.begin(Messages(None, OutOfTimeError()))
    assert not await growing.finish(pages("end"))
    assert growing.late
    assert not growing.over.is_set()


@pytest.mark.parametrize(
    "error",
    [
        ConnectionError(),
        refused(discord.HTTPException, 500, 0),
        refused(discord.HTTPException, 429, 0),
        discord.RateLimited(0.01),
    ],
)
async def test_the_last_state_is_tried_again(quick: Live, error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "_REST", 0.01)
    messages = Messages(None, error, error)
    growing = quick.begin(messages)
    assert await growing.finish(pages("end"))
    assert messages.pages == ["end"]


async def test_it_is_given_up_in_the_end(quick: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "LONGEST_PAUSE", 0.002)
    growing = quick.begin(Messages(None, *[ConnectionError()] * 20))
    assert not await growing.finish(pages("end"))
    assert growing.over.is_set()


async def test_closing_lets_last_states_land_and_lets_go_of_the_rest(
    quick: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "_CLOSE_SECONDS", 0.2)
    messages = Messages()
    ending, open_ = quick.begin(messages), quick.begin(Messages())
    finishing = asyncio.create_task(ending.finish(pages("end")))
    await asyncio.sleep(0)
    await quick.close()
    assert await finishing
    assert messages.pages == ["end"]
    assert open_.task.cancelled()
