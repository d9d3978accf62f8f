"""Bad days on the page: bots that are silent or gone, a stage that goes away and returns, refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import expect

from sandbox.interactions import ANSWER_SECONDS, core
from sandbox.server import Options, Server
from tests.page.acting import SOON, Seat

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from playwright.async_api import Browser

    from tests.page.conftest import OpenSeat
    from tests.page.showcase import Showcase
    from tests.support.stand_in import Place


async def test_a_silent_bot_is_told_beside_the_button_and_in_a_notice(
    seat: OpenSeat, showcase: Showcase, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After three seconds, with what to do; the button can be pressed again and the notice goes when it works."""
    monkeypatch.setattr(core, "ANSWER_SECONDS", ANSWER_SECONDS)
    await showcase.send(place.channel("polls").id, view=showcase.controls())
    tab = await seat("Ben", channel="polls")
    await tab.button("Silent").click()
    await expect(tab.button("Silent")).to_have_attribute("aria-busy", "true")
    beside = tab.page.locator(".row-block", has=tab.page.get_by_role("button", name="Silent")).locator(".control-error")
    await expect(beside).to_contain_text("did not respond in time. Try again", timeout=SOON)
    await expect(tab.page.locator(".toast.problem")).to_have_attribute("role", "alert")
    await expect(tab.page.locator(".toast.problem")).to_contain_text("if it keeps happening")
    await expect(tab.button("Silent")).not_to_have_attribute("aria-busy", "true")
    await tab.page.get_by_role("button", name="Close this notice").click()
    await expect(tab.page.locator(".toast")).to_have_count(0)
    await tab.button("Silent").click()
    await expect(beside).to_have_count(0)


async def test_a_silent_command_says_so(seat: OpenSeat, showcase: Showcase, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slash command without an answer ends in a notice; the field is free meanwhile."""
    del showcase
    monkeypatch.setattr(core, "ANSWER_SECONDS", ANSWER_SECONDS)
    tab = await seat("Ben", channel="polls")
    await tab.run_command("/mute")
    await tab.page.keyboard.press("Enter")
    await expect(tab.page.locator(".composer-status")).to_contain_text("Waiting for an answer", timeout=SOON)
    await expect(tab.composer).to_be_focused()
    await expect(tab.page.locator(".toast.problem")).to_contain_text("did not respond in time", timeout=SOON)
    await expect(tab.page.locator(".composer-status")).to_be_empty()


async def test_a_bot_that_leaves_and_comes_back(seat: OpenSeat, showcase: Showcase, place: Place) -> None:
    """A banner while it is away; a press meanwhile is answered at once with what is wrong."""
    await showcase.send(place.channel("polls").id, view=showcase.controls())
    tab = await seat("Ben", channel="polls")
    banner = tab.page.locator(".banner", has_text="is offline")
    await expect(banner).to_have_count(0)
    await showcase.close()
    await expect(banner).to_contain_text("Rostrum is offline.", timeout=SOON)
    await tab.button("Primary").click()
    await expect(tab.page.locator(".control-error")).to_contain_text("offline", timeout=SOON)
    await expect(tab.page.locator(".member", has_text="Rostrum")).to_contain_text("offline")


async def test_the_stage_goes_away_and_returns(browser: Browser, tmp_path: Path) -> None:
    """A banner, no lost draft, and afterwards what happened meanwhile is there, once."""
    state = tmp_path / "stage.db"
    first = Server(Options(port=0, capability="the-same", state=state))
    await first.start()
    port = first.port
    context = await browser.new_context(viewport={"width": 1280, "height": 820})
    tab = Seat(await context.new_page())
    await tab.page.goto(f"{first.url}/#the-same")
    await expect(tab.message("The best kind")).to_be_visible(timeout=SOON)
    await tab.composer.fill("a long thought")
    await first.close()
    await expect(tab.page.locator(".banner.problem")).to_contain_text("connection to the stage is lost", timeout=SOON)
    await tab.composer.press("Enter")
    await expect(tab.page.locator(".toast.problem")).to_contain_text("could not be reached", timeout=SOON)
    await expect(tab.composer).to_have_value("a long thought")

    async with Server(Options(port=port, capability="the-same", state=state)) as second:
        ada = next(user for user in second.world.users.values() if user.global_name == "Ada")
        general = next(channel for channel in second.world.channels.values() if channel.name == "general")
        await second.people.act(ada.id, "post", {"channel_id": str(general.id), "content": "while you were away"})
        await expect(tab.page.locator(".banner.problem")).to_have_count(0, timeout=SOON)
        await expect(tab.message("while you were away")).to_have_count(1, timeout=SOON)
        await expect(tab.composer).to_have_value("a long thought")
        await expect(tab.composer).to_be_focused()
        await tab.composer.press("Enter")
        await expect(tab.message("a long thought")).to_have_count(1, timeout=SOON)
        await context.close()


async def test_a_stage_with_another_capability_shows_the_gate(browser: Browser) -> None:
    """A restart that made a new capability cannot be entered by the old cookie; the page says where the address is."""
    first = Server(Options(port=0))
    await first.start()
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(first.page_url)
    await expect(page.locator(".message").first).to_be_visible(timeout=SOON)
    port = first.port
    await first.close()
    async with Server(Options(port=port)):
        await expect(page.get_by_role("heading", level=1)).to_have_text("This address is not complete", timeout=SOON)
        await context.close()


async def test_what_one_may_not(seat: OpenSeat, place: Place) -> None:
    """A channel that can be read only says so; a message over the limit is kept with a word; a refusal is shown."""
    tab = await seat("Ben", channel="general")
    await tab.composer.fill("x" * 2001)
    await expect(tab.page.locator(".composer-count")).to_have_text("-1")
    await tab.composer.press("Enter")
    await expect(tab.page.locator(".toast.problem")).to_contain_text("at most 2000 characters")
    assert len(await tab.composer.input_value()) == 2001
    await tab.composer.fill("")
    chika = await seat("Chika", channel="general")
    await expect(chika.page.locator(".channel", has_text="mod-room")).to_have_count(0)
    await chika.message("Welcome to").hover()
    await chika.message("Welcome to").get_by_role("button", name="More").click()
    await expect(chika.page.get_by_role("menuitem", name="Copy text")).to_be_visible()
    await expect(chika.page.get_by_role("menuitem", name="Delete")).to_have_count(0)
    del place
