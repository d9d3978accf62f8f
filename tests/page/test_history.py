"""Long channels: pages that come while scrolling, few elements, a place that holds still."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from playwright.async_api import expect

from tests.page.acting import SOON, Seat, probe

if TYPE_CHECKING:
    from sandbox.server import Server
    from tests.page.conftest import OpenSeat
    from tests.support.stand_in import Place

MANY = 10_000
MOST_ELEMENTS = 260
FLOOD = 150
SLUGGISH = 250
"""How long (ms) the page may at most be deaf; generous, for a busy machine."""


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


async def test_a_flood_leaves_the_reader_in_peace(seat: OpenSeat, place: Place, server: Server) -> None:
    """Fifty messages a second: the place holds, the pill counts, the field answers, the document stays small."""
    channel = place.channel("debates")
    for number in range(100):
        place.build.message(channel, place.user("ada"), f"number {number}")
    tab = await seat("Ben", channel="debates")
    await expect(tab.message("number 99")).to_be_visible(timeout=SOON)
    await tab.page.evaluate("document.querySelector('.feed').scrollTop = 900")
    pill = tab.page.locator(".jump")
    await expect(pill).to_have_text("Latest messages")
    at = await probe(tab.page, "reading")
    await probe(tab.page, "watchDelays")
    body = {"channel_id": str(channel.id)}

    async def flood() -> None:
        loop = asyncio.get_running_loop()
        start = loop.time()
        for number in range(FLOOD):
            await server.people.act(place.user("ada").id, "post", body | {"content": f"number {100 + number}"})
            await asyncio.sleep(max(0.0, start + number / 50 - loop.time()))

    flooding = asyncio.create_task(flood())
    await tab.composer.focus()
    await tab.page.keyboard.type("a long enough thought to be typed while it pours", delay=30)
    await flooding
    await expect(tab.composer).to_have_value("a long enough thought to be typed while it pours")
    await expect(pill).to_have_text(re.compile(rf"^{FLOOD} new messages$"), timeout=SOON)
    top = await tab.page.evaluate("id => document.getElementById(id)?.getBoundingClientRect().top", at[0])
    assert top is not None, "what one reads is not thrown away"
    assert abs(top - at[1]) < 3
    delays = await probe(tab.page, "delays")
    assert delays["p95"] < SLUGGISH, delays
    assert await tab.page.locator(".message").count() <= MOST_ELEMENTS
    await pill.click()
    await expect(tab.message(f"number {99 + FLOOD}")).to_be_visible(timeout=SOON)
    await expect(pill).to_be_hidden()


async def test_a_growing_answer_stays_in_view_or_out_of_the_way(seat: OpenSeat, place: Place, server: Server) -> None:
    """A message that is edited again and again: at the end its last line stays in view; further up nothing moves."""
    channel = place.channel("debates")
    for number in range(60):
        place.build.message(channel, place.user("ada"), f"number {number}")
    growing = place.build.message(channel, place.user("ada"), "word")
    tab = await seat("Ben", channel="debates")
    await expect(tab.message("number 59")).to_be_visible(timeout=SOON)

    async def grow(count: int) -> None:
        text = "\n".join(f"line {line}" for line in range(count))
        await server.people.act(
            growing.author_id,
            "edit",
            {"channel_id": str(channel.id), "message_id": str(growing.id), "content": text},
        )
        await expect(tab.message(f"line {count - 1}")).to_have_count(1, timeout=SOON)

    for count in (10, 20, 40, 60):
        await grow(count)
        assert await tab.page.locator(".feed").evaluate("e => e.scrollHeight - e.scrollTop - e.clientHeight") < 2
    await tab.page.evaluate("document.querySelector('.feed').scrollTop = 300")
    at = await probe(tab.page, "reading")
    for count in (90, 120, 150):
        await grow(count)
        now = await probe(tab.page, "reading")
        assert now[0] == at[0]
        assert abs(now[1] - at[1]) < 3
    assert await tab.page.locator("#voice").inner_text() == "", "an edit is not news"
