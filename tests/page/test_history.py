"""Long channels: pages that come while scrolling, few elements, a place that holds still."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from playwright.async_api import expect

from tests.page.acting import SOON, Seat, probe

if TYPE_CHECKING:
    from sandbox.server import Server
    from tests.page.conftest import OpenSeat
    from tests.support.stand_in import Place

MANY = 10_000
MOST_ELEMENTS = 260


async def first_and_last(tab: Seat) -> tuple[int, int]:
    """The numbers of the first and last message that are in the document."""
    numbers = await probe(tab.page, "numbers")
    return numbers[0], numbers[-1]


async def test_ten_thousand_messages(seat: OpenSeat, place: Place) -> None:
    """Opening takes one page; scrolling up brings older ones without holding all; the end is one press away."""
    channel = place.channel("debates")
    for number in range(MANY):
        place.build.message(channel, place.user("ada"), f"number {number}")
    tab = await seat("Ben", channel="debates")
    asked: list[str] = []
    tab.page.on("request", lambda request: "/messages" in request.url and asked.append(request.url))
    await expect(tab.message(f"number {MANY - 1}")).to_be_visible(timeout=SOON)
    assert (await first_and_last(tab))[0] >= MANY - 150
    oldest = MANY
    for _ in range(12):
        await tab.page.evaluate("document.querySelector('.feed').scrollTop = 0")
        await until_older(tab, oldest)
        oldest = (await first_and_last(tab))[0]
        assert await tab.page.locator(".message").count() <= MOST_ELEMENTS
    assert oldest < MANY - 500
    assert len(asked) < 30, "far from everything was asked for"

    jump = tab.page.get_by_role("button", name="Latest messages")
    await jump.click()
    await expect(tab.message(f"number {MANY - 1}")).to_be_visible(timeout=SOON)
    assert await tab.page.locator(".message").count() <= MOST_ELEMENTS


async def until_older(tab: Seat, than: int) -> None:
    """Wait until a message older than this one is there."""
    async with asyncio.timeout(SOON / 1000):
        while (await first_and_last(tab))[0] >= than:
            await asyncio.sleep(0.05)


async def test_the_place_holds_while_older_ones_come(seat: OpenSeat, place: Place, server: Server) -> None:
    """What one reads does not move when a page is put above it, nor when a message is edited above it."""
    channel = place.channel("debates")
    messages = [place.build.message(channel, place.user("ada"), f"number {number}") for number in range(400)]
    tab = await seat("Ben", channel="debates")
    await expect(tab.message("number 399")).to_be_visible(timeout=SOON)
    await tab.page.evaluate("document.querySelector('.feed').scrollTop = 700")
    before_id, before_top = await probe(tab.page, "reading")
    count = await tab.page.locator(".message").count()
    await tab.page.evaluate("document.querySelector('.feed').scrollTop = 500")
    await tab.page.wait_for_function("n => document.querySelectorAll('.message').length > n", arg=count, timeout=SOON)
    moved = await tab.page.evaluate("id => document.getElementById(id).getBoundingClientRect().top", before_id)
    assert abs(moved - before_top - 200) < 3, "it moved by what was scrolled and no more"
    first, _ = await first_and_last(tab)
    at = await probe(tab.page, "reading")
    await tab.page.evaluate("window.before = document.querySelector('.feed').scrollTop")
    server_message = messages[first + 2]
    body = {"channel_id": str(channel.id), "message_id": str(server_message.id), "content": "line\n" * 30}
    await server.people.act(server_message.author_id, "edit", body)
    await tab.page.wait_for_function("() => document.querySelector('.feed').textContent.includes('line')", timeout=SOON)
    assert (
        abs((await tab.page.evaluate("id => document.getElementById(id).getBoundingClientRect().top", at[0])) - at[1])
        < 3
    )
