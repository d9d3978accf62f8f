"""Coming in: the capability is used once and leaves no trace; without it there is a page that helps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.async_api import expect

from sandbox.security import cookie_name
from sandbox.server import Options, Server
from tests.page.acting import SOON, probe

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.page.conftest import OpenSeat


async def test_the_capability_leaves_no_trace(seat: OpenSeat, server: Server) -> None:
    """Not in the address, the history, the document, the title or any storage; the cookie cannot be read."""
    tab = await seat("Ada")
    secret = server.gatekeeper.capability
    traces = await probe(tab.page, "traces")
    assert secret not in traces
    assert await tab.page.evaluate("document.cookie") == ""
    cookie = next(one for one in await tab.page.context.cookies() if one["name"] == cookie_name(server.port))
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    await tab.page.go_back()
    assert secret not in tab.page.url


async def test_a_reload_needs_no_capability(seat: OpenSeat) -> None:
    """The cookie keeps one in, as the same person in the same channel, with the draft."""
    tab = await seat("Ben", channel="debates")
    await tab.composer.fill("half a thought")
    await tab.page.reload()
    await expect(tab.page.locator('.person[aria-pressed="true"]')).to_contain_text("Ben", timeout=SOON)
    await expect(tab.page.locator(".channel-title h1")).to_have_text("debates")
    await expect(tab.composer).to_have_value("half a thought")


async def test_without_the_capability_nothing_is_shown(browser: Browser, server: Server) -> None:
    """Neither a wrong one nor none at all lets anybody in, and the page says how to get the address."""
    for fragment in ("", "#wrong"):
        context = await browser.new_context()
        page = await context.new_page()
        await page.goto(f"{server.url}/{fragment}")
        await expect(page.get_by_role("heading", level=1)).to_have_text("This address is not complete", timeout=SOON)
        await expect(page.locator(".gate-next")).to_contain_text("terminal")
        assert "wrong" not in await page.content()
        assert await page.locator(".message").count() == 0
        await context.close()


async def test_each_tab_stays_somebody(seat: OpenSeat) -> None:
    """Two tabs of one browser are two people, and a third opens as whom the menu says."""
    ada = await seat("Ada", channel="polls")
    ben = await seat("Ben", channel="polls", beside=ada)
    await ada.page.bring_to_front()
    await expect(ada.page.locator('.person[aria-pressed="true"]')).to_contain_text("Ada")
    await expect(ben.page.locator('.person[aria-pressed="true"]')).to_contain_text("Ben")
    await ada.composer.fill("from one tab to the other")
    await ada.page.keyboard.press("Enter")
    await expect(ben.message("from one tab to the other")).to_be_visible(timeout=SOON)
    await expect(ben.page.locator(".channel", has_text="mod-room")).to_have_count(1)

    await ada.page.get_by_role("button", name="All people").click()
    async with ada.page.context.expect_page() as opening:
        await ada.page.get_by_role("group", name="In a new tab").get_by_role("menuitem", name="Chika").click()
    chika = await opening.value
    await expect(chika.locator('.person[aria-pressed="true"]')).to_contain_text("Chika", timeout=SOON)
    await expect(chika.locator(".channel", has_text="general")).to_have_count(1, timeout=SOON)
    await expect(chika.locator(".channel", has_text="mod-room")).to_have_count(0)
    assert re.search(r"[?&]as=\d+", chika.url)


async def test_two_stages_in_one_browser(seat: OpenSeat) -> None:
    """A second stage on another port leaves one inside the first: cookies know hosts but no ports."""
    tab = await seat("Ada")
    async with Server(Options(port=0)) as other:
        beside = await tab.page.context.new_page()
        await beside.goto(other.page_url)
        await expect(beside.locator(".message").first).to_be_visible(timeout=SOON)
        await tab.page.reload()
        await expect(tab.message("The best kind")).to_be_visible(timeout=SOON)
        await beside.reload()
        await expect(beside.locator(".message").first).to_be_visible(timeout=SOON)
        await beside.close()


async def test_back_leads_to_where_and_whom_one_was(seat: OpenSeat) -> None:
    """Channels and people are steps in the tab's history."""
    tab = await seat("Ada", channel="general")
    title, me = tab.page.locator(".channel-title h1"), tab.page.locator('.person[aria-pressed="true"]')
    await tab.open("polls")
    await tab.become("Ben")
    await tab.open("debates")
    for channel, person in (("polls", "Ben"), ("polls", "Ada"), ("general", "Ada")):
        await tab.page.go_back()
        await expect(title).to_have_text(channel, timeout=SOON)
        await expect(me).to_contain_text(person)
    await tab.page.go_forward()
    await expect(title).to_have_text("polls", timeout=SOON)
    await expect(tab.message("Questions that need")).to_be_visible(timeout=SOON)
