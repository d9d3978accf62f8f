"""Keyboard, screen reader, contrast, motion and narrow screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.page.acting import SOON, Seat, probe

if TYPE_CHECKING:
    from sandbox.server import Server
    from tests.page.conftest import OpenSeat
    from tests.page.showcase import Showcase
    from tests.support.stand_in import Place


async def filled(seat: OpenSeat, showcase: Showcase, place: Place, **options: object) -> Seat:
    """A tab at a card of all controls, a native poll, an embed-like mix of text and an ephemeral answer."""
    channel = place.channel("polls").id
    await showcase.send(
        channel,
        content="# Title\n-# small\n> quote\n`code` [link](https://example.org) <@1> ||x|| <t:0:R>\n```py\nx\n```",
    )
    await showcase.send(channel, view=showcase.controls())
    tab = await seat("Ben", channel="polls", **options)
    await tab.button("Primary").click()
    await expect(tab.message("primary: pressed")).to_be_visible(timeout=SOON)
    await tab.page.mouse.move(0, 0)
    return tab


@pytest.mark.parametrize("look", ["light", "dark"])
async def test_names_and_contrast(seat: OpenSeat, showcase: Showcase, place: Place, look: str) -> None:
    """Everything that can be worked has a name, and every text stands out from its ground (WCAG AA), in both looks."""
    tab = await filled(seat, showcase, place, color_scheme=look)
    for step in ("channel", "suggestions", "form", "menu"):
        if step == "suggestions":
            await tab.composer.fill("/")
            await expect(tab.page.locator(".suggest-row.active")).to_be_visible(timeout=SOON)
        if step == "form":
            await tab.composer.fill("")
            await tab.run_command("/form")
            await tab.page.keyboard.press("Enter")
            await expect(tab.dialog).to_be_visible(timeout=SOON)
            await tab.dialog.get_by_role("button", name="Submit").click()
        if step == "menu":
            await tab.page.keyboard.press("Escape")
            await tab.message("Questions that need").click(button="right")
            await expect(tab.page.get_by_role("menu")).to_be_visible(timeout=SOON)
        assert await probe(tab.page, "nameless") == [], step
        assert await probe(tab.page, "poor") == [], step


async def test_the_look_can_be_chosen_and_stays(seat: OpenSeat) -> None:
    """The switch overrides the system's wish, also after a reload."""
    tab = await seat("Ada", color_scheme="light")
    paper = "getComputedStyle(document.body).backgroundColor"
    light = await tab.page.evaluate(paper)
    await tab.page.get_by_role("button", name="Use the dark look").click()
    dark = await tab.page.evaluate(paper)
    assert dark != light
    await tab.page.reload()
    await expect(tab.page.get_by_role("button", name="Use the light look")).to_be_visible(timeout=SOON)
    assert await tab.page.evaluate(paper) == dark


async def test_the_focus_is_seen_and_stays_in_dialogs(seat: OpenSeat, showcase: Showcase) -> None:
    """Tab goes round inside a dialog and never out of it; what has the focus is marked."""
    del showcase
    tab = await seat("Ben", channel="polls")
    await tab.run_command("/form")
    await tab.page.keyboard.press("Enter")
    await expect(tab.dialog).to_be_visible(timeout=SOON)
    seen = set()
    for _ in range(14):
        await tab.page.keyboard.press("Tab")
        inside, marked, name = await probe(tab.page, "focus")
        assert inside
        assert marked, name
        seen.add(name)
    assert {"Close", "Cancel", "Submit"} <= seen


async def test_regions_and_the_way_to_the_field(seat: OpenSeat) -> None:
    """Landmarks have names; the first Tab offers the way to the message field; F6 walks through all regions."""
    tab = await seat("Ada")
    page = tab.page
    for role, name in (
        ("navigation", "Channels"),
        ("main", None),
        ("complementary", "Members"),
        ("feed", "Messages"),
        ("toolbar", "Act as"),
    ):
        await expect(page.get_by_role(role, name=name)).to_have_count(1)  # type: ignore[arg-type]
    first = "() => [...document.querySelectorAll('a, button, input, textarea')].find(e => e.tabIndex >= 0).textContent"
    assert await page.evaluate(first) == "Skip to the message field"
    await page.locator(".skip").focus()
    await expect(page.locator(".skip")).to_be_in_viewport()
    await page.keyboard.press("Enter")
    await expect(tab.composer).to_be_focused()
    for region in (".members", ".topbar", ".sidebar", ".stage", ".composer"):
        await page.keyboard.press("F6")
        assert await page.evaluate("s => !!document.activeElement.closest(s)", region), region
    await tab.region(".sidebar")
    for name in ("general", "polls"):
        assert await tab.focused() == name
        await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await expect(page.locator(".channel-title h1")).to_have_text("polls")


async def test_news_is_said(seat: OpenSeat, server: Server, place: Place) -> None:
    """New messages are announced politely with who wrote them; somebody typing is shown."""
    tab = await seat("Ben", channel="general")
    body = {"channel_id": str(place.channel("general").id)}
    await server.people.act(place.user("ada").id, "typing", body)
    await expect(tab.page.locator(".typing")).to_have_text("Ada is typing…", timeout=SOON)
    await server.people.act(place.user("ada").id, "post", body | {"content": "some **news**"})
    await expect(tab.page.locator("#voice")).to_have_text("Ada: some news", timeout=SOON)
    assert await tab.page.locator("#voice").get_attribute("aria-live") == "polite"
    await expect(tab.page.locator(".typing")).to_be_empty()
    await server.people.act(
        place.user("ada").id, "post", {"channel_id": str(place.channel("polls").id), "content": "elsewhere"}
    )
    await expect(tab.page.locator(".channel.unread")).to_contain_text("polls", timeout=SOON)


async def test_drawers_on_a_narrow_screen(seat: OpenSeat) -> None:
    """Channels and members are drawers: out of reach while closed, closed by Esc, the focus given back."""
    tab = await seat("Ada", viewport={"width": 390, "height": 780})
    page = tab.page
    assert await page.locator(".sidebar").evaluate("e => e.inert")
    assert await page.locator(".members").evaluate("e => e.inert")
    await page.get_by_role("button", name="Channels").click()
    await expect(page.get_by_role("button", name="Channels")).to_have_attribute("aria-expanded", "true")
    assert await page.evaluate("!!document.activeElement.closest('.sidebar')")
    assert await page.locator(".main").evaluate("e => e.inert")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Channels")).to_be_focused()
    await page.get_by_role("button", name="Channels").click()
    await page.locator(".channel", has_text="debates").click()
    await expect(page.locator(".channel-title h1")).to_have_text("debates")
    assert await page.locator(".sidebar").evaluate("e => e.inert")
    await page.get_by_role("button", name="Members").click()
    await expect(page.locator(".member", has_text="Chika")).to_be_in_viewport()


async def test_motion_is_reduced_where_asked(seat: OpenSeat, showcase: Showcase) -> None:
    """Nothing turns or breathes for who asked for stillness."""
    tab = await seat("Ben", channel="polls", reduced_motion="reduce")
    await tab.run_command("/think")
    await tab.page.keyboard.press("Enter")
    dots = tab.page.locator(".thinking .dots i").first
    await expect(dots).to_be_visible(timeout=SOON)
    assert await dots.evaluate("e => getComputedStyle(e).animationIterationCount") == "1"
    showcase.go_on.set()
    await expect(tab.message("Open weights help.")).to_be_visible(timeout=SOON)
