"""Discord's own polls and proposed options on the page with the real bot, as three people; pictures where asked for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.page.acting import SOON
from tests.page.test_poll_kinds import Table

if TYPE_CHECKING:
    from tests.page.conftest import OpenSeat

pytestmark = [pytest.mark.usefixtures("rostrum"), pytest.mark.timeout(120)]

QUESTION, OPTIONS = "Which <b>models</b>?", ("Open", "Closed", "*Hybrid*")


async def test_discords_own_poll_from_the_form_to_the_result(seat: OpenSeat, tmp_path: Path) -> None:
    out = Path(os.environ.get("PAGE_PICTURES") or tmp_path)
    tab = await seat("Ada", channel="polls")
    table = Table(tab, out, "native")
    preview = await table.write(QUESTION, OPTIONS, "Multiple choice", "Show names")
    await tab.button("Post as Discord's own poll", preview).click()
    offer = await table.sees("see who voted for what")
    await table.picture("offer")
    await tab.button("Post it so", offer).click()
    await table.sees("is Discord's own poll")
    poll = tab.page.locator(".poll").last
    await expect(poll.locator(".poll-question")).to_contain_text(QUESTION)
    for name, chosen in (("Ben", ("Open", "*Hybrid*")), ("Chika", ("Open",))):
        await tab.become(name)
        for option in chosen:
            await poll.locator("label.choice", has_text=option).click()
        await table.picture("choosing")
        await poll.get_by_role("button", name="Vote").click()
        await expect(poll.locator(".result.mine")).to_have_count(len(chosen), timeout=SOON)
    await poll.get_by_role("button", name="Take back my vote").click()
    await expect(poll.locator(".poll-total")).to_contain_text("2 votes", timeout=SOON)
    await table.picture("taken-back")
    await poll.locator("label.choice", has_text="Open").click()
    await poll.get_by_role("button", name="Vote").click()
    await expect(poll.locator(".poll-total")).to_contain_text("3 votes", timeout=SOON)

    await tab.become("Ada")
    await tab.run_command("/poll li")
    await tab.page.keyboard.press("Enter")
    await tab.button("Mine", await table.sees("Open polls")).click()
    await tab.button("Manage", await table.sees("My open polls")).click()
    await tab.button("Close now", await table.sees("Manage:")).click()
    await expect(tab.page.locator(".poll").first).to_contain_text("final result", timeout=SOON)
    await expect(tab.page.locator(".message.system", has_text="closed a poll")).to_be_visible(timeout=SOON)
    await table.picture("closed")
    await tab.page.locator(".poll").first.get_by_role("button", name="Who voted").click()
    await expect(tab.dialog).to_contain_text("Ben, Chika", timeout=SOON)
    await table.picture("voters")
    await tab.page.keyboard.press("Escape")
    await expect(tab.dialog).to_have_count(0)
    await tab.run_command("/poll li")
    await tab.page.keyboard.press("Enter")
    await tab.button("Closed", await table.sees("Open polls")).click()
    await tab.button("Result", await table.sees("Closed polls")).click()
    result = await table.sees("votes, not voters")
    await expect(result).to_contain_text("Open: 2 votes · 67 %")
    await result.scroll_into_view_if_needed()
    await table.picture("kept")


async def test_an_option_is_proposed_and_accepted(seat: OpenSeat, tmp_path: Path) -> None:
    out = Path(os.environ.get("PAGE_PICTURES") or tmp_path)
    tab = await seat("Ada", channel="polls")
    table = Table(tab, out, "proposal")
    preview = await table.write(
        "Who should decide?", ("Members", "Nobody"), "Single choice", "Members may propose options"
    )
    await tab.button("Post", preview).click()
    card = tab.page.locator(".message:not(.ephemeral)", has_text="Who should decide?")
    await tab.become("Ben")
    await tab.button("Propose an option").click()
    await table.field("option").fill("A *council*, drawn by lot")
    await table.picture("proposing")
    await table.submit()
    await table.sees("waits for the poll's creator")
    await tab.become("Ada")
    await expect(card).to_contain_text("1 proposal waits", timeout=SOON)
    await tab.button("Manage").click()
    await tab.button("Proposals (1)", await table.sees("Manage:")).click()
    proposals = await table.sees("proposed by")
    await table.picture("deciding")
    await tab.button("Accept", proposals).click()
    await expect(card).to_contain_text("A *council*, drawn by lot", timeout=SOON)
    await tab.become("Chika")
    await tab.button("A *council*, drawn by lot").click()
    await table.sees("Vote counted")
    await table.picture("voted")
