"""Moves of people who ask models on the page, and the models that they have there."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.async_api import expect

from tests.page.acting import SOON, Seat
from tests.support.ask_flow import MODELS

if TYPE_CHECKING:
    from playwright.async_api import Locator

_SERVED = """
[models.servedly]
name = "Servedly"
maker = "Servers"
backend = "openai_api"
address = "{address}"
model = "test-model"
openness = "open"
licence = "MIT"
tasks = ["answer", "code"]
"""


def converted() -> Path:
    """Return where the small model is converted once for all runs; the worker's own tests keep it there too."""
    kept = Path(tempfile.gettempdir()) / f"rostrum-tests-{os.getuid()}"
    kept.mkdir(mode=0o700, exist_ok=True)
    return kept / "converted"


def models_file(folder: Path, address: str) -> Path:
    """Write an operator's file with two scripted models and one behind `address`."""
    path = folder / "models.toml"
    path.write_text(MODELS + _SERVED.replace("{address}", address), "utf-8")
    return path


class Table:
    """A tab and the moves of somebody who asks models; keeps a picture of each step where PAGE_PICTURES says."""

    def __init__(self, tab: Seat, out: Path, name: str = "asking") -> None:
        self.tab = tab
        self.page = tab.page
        self._out = out
        self._name = name

    async def picture(self, step: str) -> None:
        await self.page.screenshot(path=self._out / f"{self._name}-{step}.png", animations="disabled")

    def suggested(self, text: str) -> Locator:
        """A row of what is offered while one types."""
        return self.page.locator(".suggest-row", has_text=re.compile(re.escape(text)))

    async def begin(self, command: str, question: str = "") -> Locator:
        """Open a command's form by mouse and type into its first field."""
        await self.tab.composer.click()
        await self.page.keyboard.type(command)
        await self.page.locator(".suggest-row.active", has_text=command).click(timeout=SOON)
        form = self.page.locator(".command-form")
        await expect(form).to_be_visible()
        await self.page.keyboard.type(question)
        return form

    async def run(self, form: Locator) -> None:
        """Run what is filled in; taking the last choice from a list may have done so already."""
        if await form.count():
            await form.get_by_role("button", name="Run").click()
        await expect(form).to_have_count(0, timeout=SOON)

    async def command(self, command: str, text: str) -> Locator:
        """Use a command without options and return the card that comes."""
        await self.run(await self.begin(command))
        return await self.held(self.tab.message(text).last)

    async def ask(self, question: str, *, model: str = "") -> None:
        """Ask; `model` is typed and the first of the list taken."""
        form = await self.begin("/ask", question)
        if model:
            await form.get_by_role("button", name="model").click()
            await self.page.keyboard.type(model)
            row = self.suggested(model).first if model[0].isupper() else self.page.locator(".suggest-row.active")
            await expect(row).to_contain_text(re.compile(re.escape(model), re.IGNORECASE), timeout=SOON)
            await row.click()
        await self.run(form)

    async def held(self, message: Locator) -> Locator:
        """Wait for a message and return it by its id: others that answer it repeat its words."""
        await expect(message).to_be_visible(timeout=SOON)
        return self.page.locator(f"#{await message.get_attribute('id')}")

    async def answered(self, *texts: str) -> Locator:
        """Wait for the end of an answer that says all of this, and return its message."""
        message = self.page.locator(".message")
        for text in texts:
            message = message.filter(has_text=text)
        return await self.held(message.filter(has_text="Written by an AI").last)

    async def panel(self, button: str, within: Locator, text: str) -> Locator:
        """Press a button and return the card that comes of it."""
        await self.tab.button(button, within).click()
        return await self.held(self.tab.message(text).last)

    async def submit(self, button: str, within: Locator, text: str) -> None:
        """Press a button that opens a form, fill its only field, and send it."""
        await self.tab.button(button, within).click()
        field = self.tab.dialog.locator("textarea, input").first
        await expect(field).to_be_focused(timeout=SOON)
        await field.fill(text)
        await self.tab.dialog.get_by_role("button", name="Submit").click()
        await expect(self.tab.dialog).to_have_count(0, timeout=SOON)

    async def open_menu(self, text: str) -> None:
        """Open the menu of the last message that says this."""
        message = self.tab.message(text).last
        await message.scroll_into_view_if_needed()
        await message.click(button="right", position={"x": 12, "y": 6})

    async def from_menu(self, text: str, name: str) -> None:
        """Choose from a message's menu."""
        await self.open_menu(text)
        await self.page.get_by_role("menuitem", name=name).click(timeout=SOON)

    async def write_back(self, text: str, written: str) -> None:
        """Reply to a message with a message."""
        await self.from_menu(text, "Reply")
        await expect(self.page.locator(".composer-bar")).to_contain_text("Answering")
        await self.page.keyboard.type(written)
        await self.page.keyboard.press("Enter")
