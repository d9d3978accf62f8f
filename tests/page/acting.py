"""Moves that people make on the page, for tests: as a hand with a mouse or with a keyboard would."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.async_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.async_api import Locator, Page

SOON = 30_000
"""How long (ms) anything on the page may take to happen on a busy machine."""
PROBES = (Path(__file__).parent / "probes.js").read_text()
SETTLED = """() => Promise.all(
    document.getAnimations().filter((one) => one instanceof CSSTransition).map((one) => one.finished.catch(() => null)),
)"""
"""Waits for transitions to end: half-way a button has a colour that it has for a moment only."""


async def probe(page: Page, name: str, argument: object = None) -> Any:
    """Ask the page about itself, once nothing is on its way from one look to another; probes.js says what."""
    await page.evaluate(SETTLED)
    return await page.evaluate(f"(argument) => {PROBES}.{name}(argument)", argument)


async def downloaded(page: Page, link: Locator) -> Any:
    """Take the file behind a link, and read it as JSON."""
    async with page.expect_download() as download:
        await link.click()
    path = await (await download.value).path()
    return json.loads(await asyncio.to_thread(path.read_text, "utf-8"))


async def until(condition: Callable[[], Any], seconds: float = 30) -> None:
    """Wait until a condition of this process holds."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


@dataclass
class Seat:
    """One tab of the page."""

    page: Page
    problems: list[str] = field(default_factory=list)

    @property
    def composer(self) -> Locator:
        """The field where messages are written."""
        return self.page.locator(".composer-input")

    @property
    def dialog(self) -> Locator:
        """The open dialog."""
        return self.page.locator("dialog[open]")

    def message(self, text: str) -> Locator:
        """The messages that hold a text."""
        return self.page.locator(".message", has_text=text)

    def button(self, name: str, within: Locator | None = None) -> Locator:
        """The last button with exactly this name."""
        scope = within if within is not None else self.page.locator(".feed")
        return scope.get_by_role("button", name=re.compile(rf"^{re.escape(name)}$")).last

    async def open(self, channel: str) -> None:
        """Go to a channel by mouse."""
        await self.page.locator(".channel", has_text=channel).first.click()
        await expect(self.page.locator(".channel-title h1")).to_contain_text(channel)
        await expect(self.page.locator(".message, .forum, .intro-card").first).to_be_visible(timeout=SOON)

    async def become(self, name: str) -> None:
        """Turn into somebody else by mouse, and wait until their world is there."""
        await self.page.locator(".person", has_text=name).click()
        await expect(self.page.locator('.person[aria-pressed="true"]')).to_contain_text(name)
        await expect(self.page.locator(".member", has_text=name)).to_contain_text("you", timeout=SOON)

    async def run_command(self, typed: str) -> None:
        """Type the beginning of a command, take the first that fits, by keyboard alone."""
        await self.composer.focus()
        await self.page.keyboard.type(typed)
        await expect(self.page.locator(".suggest-row.active")).to_be_visible(timeout=SOON)
        await self.page.keyboard.press("Enter")
        await expect(self.page.locator(".command-form")).to_be_visible()

    async def focused(self) -> str:
        """What has the focus, as its name or text."""
        return await self.page.evaluate(
            "() => { const e = document.activeElement;"
            " return (e.getAttribute('aria-label') || e.textContent || e.tagName).trim(); }"
        )

    async def tab_to(self, name: str, *, back: bool = False, most: int = 60) -> None:
        """Press Tab until what has the focus is called so."""
        for _ in range(most):
            if (await self.focused()) == name:
                return
            await self.page.keyboard.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"{name!r} is not reached by Tab; the focus is on {await self.focused()!r}")

    async def region(self, selector: str) -> None:
        """Press F6 until the focus is inside a region."""
        for _ in range(8):
            if await self.page.evaluate("s => !!document.activeElement.closest(s)", selector):
                return
            await self.page.keyboard.press("F6")
        raise AssertionError(f"F6 does not reach {selector}")
