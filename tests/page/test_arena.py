"""The blind arena on the page with the real bot: battles of three people, of one, and without an end; the board."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.page.acting import SOON, downloaded, probe
from tests.page.conftest import running_bot
from tests.page.talking import Table
from tests.support.arena_flow import NOT_THIS_ONE, PROMPT
from tests.support.ask_flow import CLOSED, MODELS, OPEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from playwright.async_api import Locator

    from sandbox.server import Server
    from tests.page.conftest import OpenSeat

    OpenRing = Callable[..., Awaitable["Ring"]]

pytestmark = pytest.mark.timeout(120)
CUT_OFF = "script: say Half an answer | fail cut_off"


class Ring(Table):
    """A tab and the moves of somebody in the arena."""

    async def battle(self, prompt: str, *, private: bool = False) -> Locator:
        """Begin a battle by mouse; return its message."""
        form = await self.begin("/arena battle", prompt)
        if private:
            await form.get_by_role("button", name="private").click()
            await self.suggested("Yes").click()
        await self.run(form)
        return await self.held(self.page.locator(".message", has_text=prompt).last)

    async def says(self, card: Locator, *texts: str) -> None:
        for text in texts:
            await expect(card).to_contain_text(text, timeout=SOON)

    async def vote(self, card: Locator, button: str, *, says: str, turnout: int) -> Locator:
        """Press a verdict; return the receipt, which is this person's last one. The card counts on."""
        await self.tab.button(button, card).click()
        receipt = await self.held(self.page.locator(".message.ephemeral", has_text=f"You said: {says}").last)
        await self.says(receipt, "Only you can see this")
        await self.says(card, f"{turnout} member{'s have' if turnout > 1 else ' has'} voted")
        return receipt

    async def turn(self, card: Locator, button: str, title: str) -> None:
        """Press a button that shows something else on the same card."""
        await self.tab.button(button, card).click()
        await expect(card.get_by_role("heading").first).to_have_text(re.compile(re.escape(title)), timeout=SOON)

    async def drawn(self, card: Locator, spoken: str) -> None:
        """The card has a picture that is there, and says the same to those who hear it."""
        chart = card.locator("img").first
        await expect(chart).to_have_attribute("alt", re.compile(re.escape(spoken)), timeout=SOON)
        await chart.scroll_into_view_if_needed()
        assert await chart.evaluate("async image => { await image.decode(); return image.naturalWidth; }") > 0


@pytest_asyncio.fixture(loop_scope="session")
async def ring(server: Server, seat: OpenSeat, tmp_path: Path) -> AsyncIterator[OpenRing]:
    """`await ring("Ada")` sits down where the bot runs with two scripted models."""
    out = Path(os.environ.get("PAGE_PICTURES") or tmp_path)
    file = tmp_path / "models.toml"
    file.write_text(MODELS + NOT_THIS_ONE, "utf-8")

    async def sit(person: str, channel: str = "general") -> Ring:
        return Ring(await seat(person, channel=channel), out, "arena")

    async with running_bot(server, tmp_path, models_file=str(file)):
        yield sit


async def test_three_people_judge_two_answers_and_read_the_board(ring: OpenRing) -> None:
    """Nobody knows who wrote what until the end; a vote is changed, reasons are given, the board counts all of it."""
    at = await ring("Ada")
    battle = await at.battle(PROMPT)
    await at.says(battle, "Which answer is better?", "Tea is a drink.", "Coffee is a drink.", "Nobody has voted yet")
    for name in (OPEN, CLOSED):
        await expect(battle).not_to_contain_text(name)
    await at.picture("open")
    receipt = await at.vote(battle, "Tie", says="both are equally good", turnout=1)
    await expect(receipt).not_to_contain_text("earlier vote")
    await at.vote(battle, "A is better", says="A is better", turnout=1)
    receipt = at.page.locator(".message.ephemeral", has_text="took the place of your earlier vote")
    await receipt.get_by_role("combobox").click()
    for reason in ("Useful", "Clear"):
        await at.page.get_by_role("option", name=reason).click()
    await at.picture("reasons")
    await at.page.get_by_role("button", name="Choose").click()
    await expect(at.tab.message("Your reasons: useful, clear.")).to_be_visible(timeout=SOON)
    await at.tab.become("Ben")
    await at.vote(battle, "A is better", says="A is better", turnout=2)
    await at.tab.become("Chika")
    await at.vote(battle, "Both bad", says="both are bad", turnout=3)
    refused = await at.panel("Manage", battle, "Not allowed")
    await at.says(refused, "Only the person who began this battle, or a moderator")

    await at.tab.become("Ada")
    panel = await at.panel("Manage", battle, "Manage this battle")
    await at.says(panel, "3 members have voted.")
    await at.picture("panel")
    await at.tab.button("Close now", panel).click()
    await at.says(battle, "Preferred: A, ", "Reasons given: useful 1, clear 1.", "3 votes", OPEN, CLOSED)
    await at.says(battle, "nothing left the server", "the prompt went to models.example")
    assert await probe(at.page, "poor") == []
    await at.picture("result")
    about = await at.panel("About the models", battle, "says why a model is in its class")
    await at.says(about, "Licence: Apache-2.0", "by Openers", "by Closers")

    await read_board(at, await at.panel("Board", battle, "Arena board"))


async def read_board(at: Ring, board: Locator) -> None:
    """Press every button of a board."""
    # whoever is quick has not read both: such votes wait for who counts everything
    await at.turn(board, "Count everything", "Arena board · everything counted")
    await at.says(board, "3 votes by 3 members. 2 votes for one answer or a tie; 1 vote found both bad")
    await at.drawn(board, "preliminary")
    await at.picture("board")
    await at.turn(board, "Pairs", "Pairs")
    await at.drawn(board, "Win rates")
    await at.picture("pairs")
    await at.turn(board, "Back to the board", "Arena board")
    await at.turn(board, "History", "History")
    await at.turn(board, "Back to the board", "Arena board")
    await at.turn(board, "Fair play", "Fair play")
    await at.says(board, "Nothing is removed", "Nobody was ever excluded.")
    await at.turn(board, "Back to the board", "Arena board")
    await at.turn(board, "Classes", "Arena board by class")
    await at.turn(board, "Languages", "Arena board by language: English")
    await at.page.set_viewport_size({"width": 420, "height": 844})
    await at.page.emulate_media(color_scheme="dark")
    await at.drawn(board, "preliminary")
    assert await probe(at.page, "wide") == []
    assert await probe(at.page, "poor") == []
    await at.picture("board-narrow-dark")
    file = await at.panel("Vote file", board, "with voters as numbers in shuffled order")
    written = await downloaded(at.page, file.get_by_role("link", name="arena-votes.json"))
    assert written["signature"]["algorithm"] == "Ed25519"
    assert PROMPT not in json.dumps(written)


async def test_a_private_battle_by_keyboard_and_one_that_is_void(ring: OpenRing) -> None:
    """Alone, the vote is final and tells the names at once; where a model fails, all see that nothing was counted."""
    at = await ring("Chika")
    press, write = at.page.keyboard.press, at.page.keyboard.type
    await at.tab.region(".composer")
    await write("/arena battle")
    await expect(at.page.locator(".suggest-row.active")).to_contain_text("/arena battle", timeout=SOON)
    await press("Enter")
    form = at.page.locator(".command-form")
    await expect(form).to_be_visible()
    await write(PROMPT)
    await at.tab.tab_to("private")
    await press("Enter")
    await expect(at.suggested("Yes")).to_be_visible(timeout=SOON)
    await write("Y")
    await press("Enter")
    if await form.count():
        await at.tab.tab_to("Run")
        await press("Enter")
    battle = await at.held(at.tab.message("Which answer is better?").last)
    await at.says(battle, "Only you can see this", "Your vote is final")
    await at.picture("private")
    tea_first = "Tea is a drink." in (await battle.inner_text()).split("Answer B")[0]
    first, second = (OPEN, CLOSED) if tea_first else (CLOSED, OPEN)
    await at.tab.region(".stage")
    await press("End")
    await at.tab.tab_to("B is better")
    await press("Enter")
    await at.says(battle, "You said: B is better. Your vote is final.", f"A was {first}, B was {second}")
    await expect(at.tab.button("B is better", battle)).to_have_count(0)
    await at.picture("private-result")

    await at.tab.become("Dmitri")
    void = await at.battle(CUT_OFF)
    await at.says(void, "This battle is void", "Nothing was counted.", "/arena battle")
    await expect(void.get_by_role("button", name="A is better")).to_have_count(0)
    await at.picture("void")
    await at.tab.become("Ben")
    board = await at.command("/arena board", "Arena board")
    await at.tab.button("Count everything", board).click()
    await at.says(board, "1 vote by 1 member.")
