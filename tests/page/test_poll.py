"""A whole poll on the page with the real bot: once by mouse, once by keyboard, each as several people."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.page.acting import SOON, Seat

if TYPE_CHECKING:
    from tests.page.conftest import OpenSeat

QUESTION = "Should courts publish the weights of models they use?"
OPTIONS = ("Yes, always", "After the appeal", "No, evaluations are enough")

pytestmark = [pytest.mark.usefixtures("rostrum"), pytest.mark.timeout(120)]


def pictures(tmp_path: Path) -> Path:
    """Where pictures go: ROSTRUM_PICTURES names a folder to keep them in."""
    kept = os.environ.get("PAGE_PICTURES")
    return Path(kept) if kept else tmp_path


async def write_poll(tab: Seat) -> None:
    """Fill in the form, which has the focus, by keyboard."""
    await expect(tab.dialog).to_be_visible(timeout=SOON)
    await tab.page.keyboard.type(QUESTION)
    await tab.page.keyboard.press("Tab")
    for place, option in enumerate(OPTIONS):
        await tab.page.keyboard.type(option)
        if place < len(OPTIONS) - 1:
            await tab.page.keyboard.press("Enter")
    # past the kind, which is one stop
    await tab.page.keyboard.press("Tab")
    await tab.page.keyboard.press("Tab")
    await tab.page.keyboard.type("in 2 hours")


async def test_by_mouse_as_four_people(seat: OpenSeat, tmp_path: Path) -> None:
    """Ada asks, everybody votes, one changes their mind, Ada closes it."""
    out = pictures(tmp_path)
    tab = await seat("Ada", channel="polls")
    page = tab.page
    await tab.composer.click()
    await page.keyboard.type("/poll")
    await page.locator(".suggest-row", has_text="/poll create").click()
    await page.locator(".command-form").get_by_role("button", name="Run").click()
    await write_poll(tab)
    await page.screenshot(path=out / "poll-form.png")
    await tab.dialog.get_by_role("button", name="Submit").click()
    preview = tab.message("Preview:")
    await expect(preview).to_contain_text("Only you can see this", timeout=SOON)
    await tab.button("Post", preview).click()
    await expect(tab.button(OPTIONS[0])).to_be_visible(timeout=SOON)

    votes = (("Ada", 0), ("Ben", 1), ("Chika", 2), ("Esi", 0), ("Chika", 0))
    for count, (name, option) in enumerate(votes, start=1):
        if name != "Ada":
            await tab.become(name)
        await tab.button(OPTIONS[option]).click()
        receipt = tab.message("Vote counted").last
        await expect(receipt).to_contain_text("Only you can see this", timeout=SOON)
        turnout = min(count, 4)
        await expect(tab.message(f"{turnout} vote").first).to_be_visible(timeout=SOON)
    await page.screenshot(path=out / "poll-open.png")

    await tab.become("Ada")
    await tab.button("Manage").click()
    await tab.button("Close now").click()
    result = tab.message("Poll closed")
    await expect(result).to_contain_text("3 votes", timeout=SOON)
    await expect(result).to_contain_text("75 %")
    chart = result.locator("img").first
    assert await chart.get_attribute("alt")
    # pictures out of sight are not loaded
    await chart.scroll_into_view_if_needed()
    assert await chart.evaluate("async image => { await image.decode(); return image.naturalWidth; }") > 0
    await result.scroll_into_view_if_needed()
    await page.screenshot(path=out / "poll-result.png")
    await tab.become("Dmitri")
    await expect(tab.message("Poll closed")).to_be_visible(timeout=SOON)
    await expect(tab.message("Vote counted")).to_have_count(0)


async def test_by_keyboard_as_three_people(seat: OpenSeat) -> None:
    """The same without touching the mouse once."""
    tab = await seat("Ada", channel="polls")
    page, press = tab.page, tab.page.keyboard.press
    await tab.region(".composer")
    await page.keyboard.type("/poll cr")
    await expect(page.locator(".suggest-row.active")).to_contain_text("/poll create", timeout=SOON)
    await press("Enter")
    await expect(page.locator(".command-form")).to_be_visible()
    await press("Enter")
    await write_poll(tab)
    await tab.tab_to("Submit")
    await press("Enter")
    await expect(tab.message("Preview:")).to_be_visible(timeout=SOON)
    await expect(tab.dialog).to_have_count(0)
    await tab.region(".stage")
    await press("End")
    await tab.tab_to("Post")
    await press("Enter")
    await expect(tab.button(OPTIONS[0])).to_be_visible(timeout=SOON)

    for name, option in (("Ada", 0), ("Ben", 0), ("Chika", 1)):
        if name != "Ada":
            await tab.region(".topbar")
            for _ in range(8):
                if name in await tab.focused():
                    break
                await press("ArrowRight")
            await press("Enter")
            await expect(page.locator(".member", has_text=name)).to_contain_text("you", timeout=SOON)
            await expect(tab.button(OPTIONS[option])).to_be_visible(timeout=SOON)
        await tab.region(".stage")
        await press("End")
        await tab.tab_to(OPTIONS[option])
        await press("Space")
        await expect(tab.message("Vote counted").last).to_be_visible(timeout=SOON)
        assert await tab.focused() == OPTIONS[option], "the focus stays on the button through the edit"

    await tab.region(".topbar")
    await press("Home")
    await press("Enter")
    await expect(page.locator(".member", has_text="Ada")).to_contain_text("you", timeout=SOON)
    await expect(tab.message("3 votes").first).to_be_visible(timeout=SOON)
    await tab.region(".stage")
    await press("End")
    await tab.tab_to("Manage", back=True)
    await press("Enter")
    await expect(tab.button("Close now")).to_be_visible(timeout=SOON)
    await tab.tab_to("Close now")
    await press("Enter")
    await expect(tab.message("Poll closed")).to_contain_text("2 votes", timeout=SOON)


async def test_three_tabs_at_once(seat: OpenSeat, rostrum: asyncio.subprocess.Process) -> None:
    """Three people press in the same moment and change their minds; each sees the count and only their own receipt.

    Then the bot is killed: each is told, and a press is answered with what is wrong.
    """
    tabs = [await seat(name, channel="polls") for name in ("Ada", "Ben", "Chika")]
    await tabs[0].run_command("/poll cr")
    await tabs[0].page.keyboard.press("Enter")
    await write_poll(tabs[0])
    await tabs[0].dialog.get_by_role("button", name="Submit").click()
    await tabs[0].button("Post", tabs[0].message("Preview:")).click()
    for step in (0, 1):
        for tab in tabs:
            await expect(tab.button(OPTIONS[0])).to_be_visible(timeout=SOON)
        await asyncio.gather(*(tab.button(OPTIONS[(n + step) % 3]).click() for n, tab in enumerate(tabs)))
        for tab in tabs:
            await expect(tab.message("3 votes").first).to_be_visible(timeout=SOON)
            said = "place of your earlier vote" if step else "Your vote is in"
            await expect(tab.message("Vote counted").last).to_contain_text(said, timeout=SOON)
    rostrum.kill()
    for tab in tabs:
        await expect(tab.page.locator(".banner")).to_contain_text("Rostrum is offline", timeout=SOON)
    await tabs[1].button(OPTIONS[0]).click()
    await expect(tabs[1].page.locator(".control-error")).to_contain_text("offline", timeout=SOON)
