"""A poll of each kind on the page with the real bot: written, voted in by three people, changed, closed, read."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.page.acting import SOON, Seat, probe, until
from tests.page.conftest import running_bot

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence

    from playwright.async_api import Locator

    from sandbox.server import Server
    from tests.page.conftest import OpenSeat
    from tests.support.stand_in import Place

pytestmark = [pytest.mark.usefixtures("rostrum"), pytest.mark.timeout(120)]

MONTHS = [date(2026, month, 1).strftime("%B") for month in range(1, 13)]
MODELS = ("Llama", "Mistral", "Qwen", "OLMo", "Gemma", "DeepSeek")


class Table:
    """A tab in #polls and the moves of people who poll; keeps a picture of each step where PAGE_PICTURES says."""

    def __init__(self, tab: Seat, out: Path, name: str) -> None:
        self.tab = tab
        self.page = tab.page
        self.out = out
        self.name = name
        self._steps = 0

    async def picture(self, step: str) -> None:
        self._steps += 1
        await self.page.screenshot(path=self.out / f"{self.name}-{self._steps:02}-{step}.png", animations="disabled")

    def field(self, name: str) -> Locator:
        return self.tab.dialog.locator(f"[data-field={name}]")

    def option(self, name: str) -> Locator:
        """A radio button or checkbox of the open form."""
        return self.tab.dialog.locator("label.option").filter(has=self.page.get_by_text(name, exact=True))

    async def submit(self) -> None:
        await self.tab.dialog.get_by_role("button", name="Submit").click()
        await expect(self.tab.dialog).to_have_count(0, timeout=SOON)

    async def sees(self, text: str) -> Locator:
        """Wait for the last message that says this."""
        message = self.tab.message(text).last
        await expect(message).to_be_visible(timeout=SOON)
        return message

    async def write(self, question: str, options: Sequence[str], kind: str, *settings: str) -> Locator:
        """Fill in the form by mouse; return the preview."""
        await self.tab.run_command("/poll cr")
        await self.page.keyboard.press("Enter")
        await expect(self.tab.dialog).to_be_visible(timeout=SOON)
        await self.field("question").fill(question)
        await self.field("options").fill("\n".join(options))
        await self.option(kind).click()
        await self.field("closes").fill("in 2 hours")
        for setting in settings:
            await self.option(setting).click()
        await self.picture("form")
        await self.submit()
        preview = await self.sees("Preview:")
        await expect(preview).to_contain_text("Only you can see this")
        await self.picture("preview")
        return preview

    async def post(self, preview: Locator) -> None:
        await self.tab.button("Post", preview).click()
        await self.sees("is open in")
        await expect(self.tab.button("Manage")).to_be_visible(timeout=SOON)
        await self.picture("posted")

    async def opens(self, button: str = "Vote") -> None:
        await self.tab.button(button).click()
        await expect(self.tab.dialog).to_be_visible(timeout=SOON)

    async def pick(self, number: int, name: str) -> None:
        """Choose in one of the menus of the open form."""
        await self.tab.dialog.get_by_role("combobox").nth(number).click()
        await self.page.get_by_role("option", name=name).first.click()

    async def counted(self, votes: int, *, again: bool = False) -> None:
        """The receipt confirms without saying what was chosen, and the card counts."""
        receipt = await self.sees("Vote counted")
        await expect(receipt).to_contain_text(
            "place of your earlier vote" if again else "Your vote is in", timeout=SOON
        )
        noun = "vote" if votes == 1 else "votes"
        await expect(self.tab.message(f"{votes} {noun}").first).to_be_visible(timeout=SOON)
        await self.picture("voted")

    async def close(self) -> Locator:
        """Close the poll by its panel; return the card with the result, in both looks and on a narrow screen."""
        if "Ada" not in await self.page.locator('.person[aria-pressed="true"]').inner_text():
            await self.tab.become("Ada")
        await self.tab.button("Manage").click()
        panel = await self.sees("Manage:")
        await self.picture("panel")
        await self.tab.button("Close now", panel).click()
        result = await self.sees("Poll closed")
        chart = result.locator("img").first
        assert await chart.get_attribute("alt")
        # pictures load when they come near the view
        await chart.scroll_into_view_if_needed()
        assert await chart.evaluate("async image => { await image.decode(); return image.naturalWidth; }") > 0
        await self.picture("result")
        assert await probe(self.page, "poor") == []
        await self.page.set_viewport_size({"width": 390, "height": 844})
        await self.page.emulate_media(color_scheme="dark")
        await chart.scroll_into_view_if_needed()
        await self.picture("result-narrow-dark")
        assert await probe(self.page, "wide") == []
        return result


async def seated(seat: OpenSeat, tmp_path: Path, name: str) -> Table:
    kept = os.environ.get("PAGE_PICTURES")
    return Table(await seat("Ada", channel="polls"), Path(kept) if kept else tmp_path, name)


async def test_single_by_buttons_for_a_role(seat: OpenSeat, tmp_path: Path) -> None:
    """Rules set by the form hold: who lacks the role is told which; the missed quorum is named."""
    at = await seated(seat, tmp_path, "single")
    preview = await at.write("Which day?", ("Monday", "Friday"), "Single choice")
    await at.tab.button("Rules", preview).click()
    await at.pick(0, "Moderator")
    # beside the list, as one does: what was ticked stays
    await at.tab.dialog.get_by_role("heading").first.click()
    await at.field("quorum").fill("3")
    await at.picture("rules")
    await at.submit()
    await expect(preview).to_contain_text("@Moderator", timeout=SOON)
    await at.post(preview)
    await at.tab.button("Friday").click()
    await expect(await at.sees("Not allowed")).to_contain_text("@Moderator")
    await at.picture("refused")
    await at.tab.become("Ben")
    await at.tab.button("Friday").click()
    await at.counted(1)
    await at.tab.button("Monday").click()
    await at.counted(1, again=True)
    result = await at.close()
    await expect(result).to_contain_text("Quorum missed: 1 of 3 votes needed.")
    await expect(result).to_contain_text("Monday: 1 vote · 100 %")


async def test_single_of_twelve_by_ballot(
    seat: OpenSeat, server: Server, rostrum: asyncio.subprocess.Process, place: Place, tmp_path: Path
) -> None:
    """More options than buttons: a menu. The bot is started anew between two votes."""
    at = await seated(seat, tmp_path, "twelve")
    await at.post(await at.write("Which month?", MONTHS, "Single choice"))
    await at.opens()
    await at.pick(0, "May")
    await at.picture("ballot")
    await at.submit()
    await at.counted(1)
    rostrum.terminate()
    await rostrum.wait()
    await until(lambda: not server.gateway.online(place.app.user_id))
    async with running_bot(server, tmp_path):
        await expect(at.page.locator(".banner")).to_be_hidden(timeout=SOON)
        await at.opens("Change")
        await expect(at.tab.dialog.get_by_role("combobox")).to_contain_text("May")
        await at.pick(0, "December")
        await at.submit()
        await at.counted(1, again=True)
        for votes, name in enumerate(("Ben", "Chika"), start=2):
            await at.tab.become(name)
            await at.opens()
            await at.pick(0, "December")
            await at.submit()
            await at.counted(votes)
        result = await at.close()
        await expect(result).to_contain_text("Most votes: December")
        await expect(result).to_contain_text("December: 3 votes · 100 %")


async def test_multiple(seat: OpenSeat, tmp_path: Path) -> None:
    """One to two of three: too many are refused in the form; names are shown."""
    at = await seated(seat, tmp_path, "multiple")
    settings = ("Show names", "Results while open, for everybody")
    preview = await at.write("Who speaks?", ("Weights", "Data", "Licences"), "Multiple choice", *settings)
    await at.tab.button("Rules", preview).click()
    await at.field("most").fill("2")
    await at.submit()
    await expect(preview).to_contain_text("Choose 1 to 2", timeout=SOON)
    await at.post(preview)
    await at.opens()
    for name in ("Weights", "Data", "Licences"):
        await at.option(name).click()
    await at.tab.dialog.get_by_role("button", name="Submit").click()
    await expect(at.tab.dialog).to_contain_text("Please choose at most 2.")
    await at.picture("too-many")
    await at.option("Data").click()
    await at.submit()
    await at.counted(1)
    for votes, (name, choice) in enumerate((("Ben", "Weights"), ("Chika", "Data")), start=2):
        await at.tab.become(name)
        await at.opens()
        await at.option(choice).click()
        await at.submit()
        await at.counted(votes)
    await at.opens("Change")
    await expect(at.tab.dialog.get_by_label("Data", exact=True)).to_be_checked()
    await at.option("Data").click()
    await at.option("Licences").click()
    await at.submit()
    await at.counted(3, again=True)
    await at.tab.button("Voters").click()
    await expect(await at.sees("Voters:")).to_contain_text("2. Data (0)")
    await at.picture("voters")
    result = await at.close()
    await expect(result).to_contain_text("A tie: Weights, Licences")
    await expect(result).to_contain_text("Weights: 2 votes · 67 %")


async def test_approval(seat: OpenSeat, tmp_path: Path) -> None:
    """Any number, none too."""
    at = await seated(seat, tmp_path, "approval")
    await at.post(await at.write("Which could you live with?", ("Apache-2.0", "MIT"), "Approval"))
    for votes, (name, choices) in enumerate(
        (("Ada", ("MIT",)), ("Ben", ("MIT", "Apache-2.0")), ("Chika", ())), start=1
    ):
        if name != "Ada":
            await at.tab.become(name)
        await at.opens()
        for choice in choices:
            await at.option(choice).click()
        await at.submit()
        await at.counted(votes)
    await at.opens("Change")
    await expect(at.tab.dialog.locator("input:checked")).to_have_count(0)
    await at.option("Apache-2.0").click()
    await at.submit()
    await at.counted(3, again=True)
    result = await at.close()
    await expect(result).to_contain_text("Percent of 3 ballots")
    await expect(result).to_contain_text("MIT: 2 approvals · 67 %")


async def test_score_on_two_pages(seat: OpenSeat, tmp_path: Path) -> None:
    """Six options do not fit on one page: nothing is counted before the second."""
    at = await seated(seat, tmp_path, "score")
    await at.post(await at.write("How good is their German?", MODELS, "Score"))
    for votes, (name, first, last) in enumerate((("Ada", "5", "1"), ("Ben", "3", "2"), ("Chika", "4", "0")), start=1):
        if name != "Ada":
            await at.tab.become(name)
        await at.opens()
        await at.pick(0, first)
        await at.picture("page-1")
        await at.submit()
        unfinished = await at.sees("Not counted yet")
        await expect(unfinished).to_contain_text("Page 1 of 2")
        await at.picture("continue")
        await at.tab.button("Continue", unfinished).click()
        await expect(at.tab.dialog).to_contain_text("2 of 2", timeout=SOON)
        await at.pick(0, last)
        await at.submit()
        await at.counted(votes)
    await at.opens("Change")
    await expect(at.tab.dialog.get_by_role("combobox").first).to_contain_text("4")
    await at.pick(0, "5")
    await at.submit()
    await at.tab.button("Continue").click()
    await expect(at.tab.dialog.get_by_role("combobox").first).to_contain_text("0", timeout=SOON)
    await at.submit()
    await at.counted(3, again=True)
    result = await at.close()
    await expect(result).to_contain_text("Highest score: Llama")
    await expect(result).to_contain_text("Llama: 4.3 of 5 · 3 scores")
    await expect(result).to_contain_text("Mistral: no score")


class Keys(Table):
    """The same by keyboard alone."""

    async def on(self, name: str, *, back: bool = False) -> None:
        """Go to what is called so, and press Enter."""
        await self.tab.tab_to(name, back=back)
        await self.page.keyboard.press("Enter")

    async def on_latest(self, name: str, *, back: bool = False) -> None:
        """Go to the last message first."""
        await self.tab.region(".stage")
        await self.page.keyboard.press("End")
        await self.on(name, back=back)

    async def become(self, name: str) -> None:
        """Turn into somebody else."""
        await self.tab.region(".topbar")
        await self.page.keyboard.press("Home")
        for _ in range(8):
            if name in await self.tab.focused():
                break
            await self.page.keyboard.press("ArrowRight")
        await self.page.keyboard.press("Enter")
        await expect(self.page.locator(".member", has_text=name)).to_contain_text("you", timeout=SOON)
        await expect(self.tab.button("Vote")).to_be_visible(timeout=SOON)

    async def put_up(self, question: str, options: Sequence[str], place: int) -> None:
        """Write and post a poll of the kind at this place of the form."""
        press, type_in = self.page.keyboard.press, self.page.keyboard.type
        await self.tab.region(".composer")
        await self.tab.run_command("/poll cr")
        await press("Enter")
        await expect(self.tab.dialog).to_be_visible(timeout=SOON)
        await type_in(question)
        await press("Tab")
        for number, option in enumerate(options):
            if number:
                await press("Enter")
            await type_in(option)
        await press("Tab")
        for _ in range(place):
            await press("ArrowDown")
        await press("Tab")
        await type_in("in 2 hours")
        await self.on("Submit")
        await expect(await self.sees("Preview:")).to_contain_text("Ranked")
        await self.on("Post")
        await expect(self.tab.button("Vote")).to_be_visible(timeout=SOON)

    async def choose(self, menu: str, typed: str) -> None:
        """Choose in a menu of the last message what begins so."""
        box = self.page.get_by_role("combobox", name=menu).last
        await expect(box).to_be_visible(timeout=SOON)
        await box.focus()
        await self.page.keyboard.press("ArrowDown")
        await self.page.keyboard.type(typed)
        await self.page.keyboard.press("Enter")

    async def rank(self, *options: str) -> None:
        """Put options into an empty order and send it."""
        for place, option in zip(("1st", "2nd"), options, strict=False):
            menu = f"Add your {place} choice"
            await self.choose(menu, option)
            await expect(self.page.get_by_role("combobox", name=menu)).to_have_count(0, timeout=SOON)
        await expect(self.tab.button("Submit")).to_be_enabled(timeout=SOON)
        await self.picture("ballot")
        await self.on_latest("Submit")


async def test_ranked_by_keyboard(seat: OpenSeat, tmp_path: Path) -> None:
    """Three people rank, one changes the order, the creator closes: no mouse."""
    mouse = await seated(seat, tmp_path, "ranked")
    at = Keys(mouse.tab, mouse.out, mouse.name)
    await at.put_up("Which licence first?", ("Apache-2.0", "MIT"), 4)
    for votes, (name, ranks) in enumerate(
        (("Ada", ("Apache", "MIT")), ("Ben", ("MIT", "Apache")), ("Chika", ("Apache",))), start=1
    ):
        if name != "Ada":
            await at.become(name)
        await at.on_latest("Vote", back=votes == 1)
        await at.rank(*ranks)
        await at.counted(votes)
    await at.on_latest("Change")
    await expect(await at.sees("This ballot is counted.")).to_contain_text("1st Apache-2.0")
    await at.choose("Move one, or take it out", "Apache")
    await expect(at.tab.button("Take out")).to_be_visible(timeout=SOON)
    await at.picture("moving")
    await at.on_latest("Take out")
    await at.rank("MIT")
    await at.counted(3, again=True)
    await at.become("Ada")
    await at.on_latest("Manage", back=True)
    await at.sees("Manage:")
    await at.on("Close now")
    result = await at.sees("Poll closed")
    await expect(result).to_contain_text("Winner by instant runoff: MIT")
    await at.picture("result")
    await at.on_latest("How counted", back=True)
    counted = await at.sees("How counted:")
    await expect(counted).to_contain_text("Round 1: MIT has 2.")
    chart = counted.locator("img").first
    # pictures load when they come near the view
    await chart.scroll_into_view_if_needed()
    assert await chart.evaluate("async image => { await image.decode(); return image.naturalWidth; }") > 0
    await at.picture("counted")
