"""A ranked poll on the page with the real bot: three people rank by taps on a phone, and the count is taken apart."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from tests.page.acting import SOON, Seat, downloaded, probe
from tests.page.test_poll_kinds import Table

if TYPE_CHECKING:
    from playwright.async_api import Locator

    from tests.page.conftest import OpenSeat

pytestmark = [pytest.mark.usefixtures("rostrum"), pytest.mark.timeout(150)]

QUESTION = "Which licence should our model have?"
OPTIONS = ("Apache-2.0", "MIT", "OpenRAIL", "GPL-3.0")
PHONE: dict[str, Any] = {"viewport": {"width": 420, "height": 860}, "has_touch": True, "color_scheme": "dark"}


class Count(Table):
    """A wide tab of somebody who wrote a ranked poll."""

    async def sees(self, text: str) -> Locator:
        """Wait for the last message that says this; return it whatever it says later."""
        message = await super().sees(text)
        return self.page.locator(f"#{await message.get_attribute('id')}")

    async def chosen(self, card: Locator, option: str, says: str) -> None:
        """Choose in the menu of a card what has this name."""
        await card.get_by_role("combobox").first.click()
        await self.page.get_by_role("option", name=option).click()
        await expect(card).to_contain_text(says, timeout=SOON)

    async def drawn(self, card: Locator) -> None:
        """The card has a picture, and it is there."""
        chart = card.locator("img").first
        await chart.scroll_into_view_if_needed()
        assert await chart.evaluate("async image => { await image.decode(); return image.naturalWidth; }") > 0


class Phone:
    """A ranked ballot on a narrow tab, moved by taps alone."""

    def __init__(self, tab: Seat, ballot: Locator) -> None:
        self.tab = tab
        self.ballot = ballot

    @classmethod
    async def opened(cls, tab: Seat, button: str = "Vote") -> Phone:
        """Open a ballot: by the poll's card, or by the receipt of a vote."""
        await expect(tab.button(button)).to_be_visible(timeout=SOON)
        await tab.button(button).tap()
        ballot = tab.page.locator(".message.ephemeral", has_text="The order is kept in this message").last
        await expect(ballot).to_be_visible(timeout=SOON)
        return cls(tab, ballot)

    async def says(self, *lines: str) -> None:
        for line in lines:
            await expect(self.ballot).to_contain_text(line, timeout=SOON)

    async def choose(self, menu: str, option: str) -> None:
        """Choose in one of the menus of the ballot."""
        await self.ballot.get_by_role("combobox", name=menu).tap()
        await self.tab.page.get_by_role("option", name=option).tap()

    async def rank(self, place: str, option: str) -> None:
        """Add an option behind the others."""
        await self.choose(f"Add your {place} choice", option)
        await self.says(f"{place} {option}")

    async def tap(self, button: str) -> None:
        await self.tab.button(button, self.ballot).tap()

    async def send(self) -> None:
        """Submit the order, which turns into a receipt."""
        await self.tap("Submit")
        receipt = self.tab.page.locator(".message.ephemeral", has_text="Vote counted").last
        await expect(receipt).to_be_visible(timeout=SOON)


async def test_three_people_rank_on_phones_and_take_the_count_apart(seat: OpenSeat, tmp_path: Path) -> None:
    out = Path(os.environ.get("PAGE_PICTURES") or tmp_path)
    at = Count(await seat("Ada", channel="polls"), out, "ranking")
    card = await put_up(at)
    await rank_with_every_move(await seat("Chika", channel="polls", **PHONE), out)

    ben = await seat("Ben", channel="polls", **PHONE)
    phone = await Phone.opened(ben)
    await phone.rank("1st", "MIT")
    await phone.send()
    phone = await Phone.opened(ben, "Change")
    await phone.says("This ballot is counted.", "1st MIT")
    await phone.rank("2nd", "GPL-3.0")
    await phone.says("Not counted yet")
    await phone.send()
    phone = await Phone.opened(await seat("Ada", channel="polls", **PHONE))
    await phone.rank("1st", "Apache-2.0")
    await phone.rank("2nd", "MIT")
    await phone.send()

    await expect(card).to_contain_text("3 votes", timeout=SOON)
    result = await at.close()
    await expect(result).to_contain_text("Winner by instant runoff: MIT")
    await expect(result).to_contain_text("3 ballots weigh 4 together")
    await at.page.set_viewport_size({"width": 1280, "height": 820})
    await take_apart(at)


async def put_up(at: Count) -> Locator:
    """Write a ranked poll, choose on its preview how it is counted, and post it; return its card."""
    ada = at.tab
    preview = await at.write(QUESTION, OPTIONS, "Ranked", "Members may propose options")
    await at.chosen(preview, "Counted by the Schulze method", "Counted by the Schulze method;")
    await at.chosen(preview, "Counted by instant runoff", "Counted by instant runoff; ties by lot, drawn already.")
    await ada.button("Weights", preview).click()
    await at.pick(0, "Moderator")
    await ada.dialog.get_by_role("heading").first.click()
    await at.field("times").fill("2")
    await at.submit()
    await expect(preview).to_contain_text("Moderator count 2 times, all others once.", timeout=SOON)
    await at.post(preview)
    card = ada.page.locator(".message:not(.ephemeral)", has_text=QUESTION).last
    await ada.button("How it counts", card).click()
    await expect(await at.sees("How it counts:")).to_contain_text("The lot was drawn when the poll was written")
    return card


async def rank_with_every_move(tab: Seat, out: Path) -> None:
    """Rank, undo, tie, untie, move, clear, and send in the end."""
    phone = await Phone.opened(tab)
    await phone.says("Not counted yet", "Choose your first choice below")
    await phone.rank("1st", "GPL-3.0")
    await phone.rank("2nd", "OpenRAIL")
    await phone.rank("3rd", "MIT")
    await phone.tap("Undo")
    await phone.says("2 options not ranked")
    await phone.tap("Equal to the one before")
    await phone.says("1st GPL-3.0 = OpenRAIL")
    await phone.tap("Untie the last")
    await phone.says("2nd OpenRAIL")
    await phone.choose("Move one, or take it out", "OpenRAIL")
    await phone.says("→ OpenRAIL")
    await tab.page.screenshot(path=out / "ranking-phone.png", animations="disabled")
    assert await probe(tab.page, "wide") == []
    assert await probe(tab.page, "poor") == []
    await phone.tap("Up")
    await phone.says("1st → OpenRAIL", "2nd GPL-3.0")
    await phone.tap("Clear")
    await phone.says("Choose your first choice below")
    await phone.rank("1st", "GPL-3.0")
    await phone.rank("2nd", "Apache-2.0")
    await phone.send()


async def take_apart(at: Count) -> None:
    """See each step of the count, the same ballots by other rules, and the file to count again."""
    ada = at.tab
    await ada.button("How counted").click()
    counted = await at.sees("How counted:")
    await expect(counted).to_contain_text("Round 1: ")
    await at.drawn(counted)
    await at.picture("counted")
    await at.chosen(counted, "Count by Borda points", "This is not the rule of this poll")
    await at.chosen(counted, "All rules at once", "By every rule")
    await expect(counted).to_contain_text("Instant runoff: MIT")
    await expect(counted).to_contain_text("the poll's rule")
    await at.picture("every-rule")
    await ada.button("Recount file", counted).click()
    handed = await at.sees("It holds")
    await expect(handed).to_contain_text("It holds totals only")
    file = await downloaded(at.page, handed.get_by_role("link", name="poll-"))
    assert file["signature"]["algorithm"] == "Ed25519"
    assert file["content"]["question"] == QUESTION
