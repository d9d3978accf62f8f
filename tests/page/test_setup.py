"""/server setup on the page with the real bot: the card, both forms, a mistake, and what is to be mended."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import discord
import pytest
from playwright.async_api import expect

from sandbox import channels
from sandbox.audit import Actor
from tests.page.acting import SOON

if TYPE_CHECKING:
    from sandbox.server import Server
    from tests.page.conftest import OpenSeat
    from tests.support.stand_in import Place

pytestmark = [pytest.mark.usefixtures("rostrum"), pytest.mark.timeout(120)]


async def test_a_server_is_set_up_by_hand(seat: OpenSeat, server: Server, place: Place, tmp_path: Path) -> None:
    out = Path(os.environ.get("PAGE_PICTURES", tmp_path))
    digest = place.channel("digest")
    denied = {"type": 1, "deny": str(discord.Permissions(send_messages=True, attach_files=True).value), "allow": "0"}
    channels.set_overwrite(server.world, digest, place.app.user_id, Actor(place.user("ada").id), denied)
    tab = await seat("Ada", channel="general")
    page = tab.page
    await tab.run_command("/server")
    await page.locator(".command-form").get_by_role("button", name="Run").click()
    card = tab.message("Server setup")
    await expect(card).to_contain_text("Only you can see this", timeout=SOON)
    await expect(card).to_contain_text("✅ This channel")
    await page.screenshot(path=out / "setup-card.png")

    await tab.button("Time and language", card).click()
    zone = tab.dialog.get_by_label("Time zone")
    await zone.fill("Berln")
    await tab.dialog.get_by_text("Deutsch").click()
    await page.screenshot(path=out / "setup-time.png")
    await tab.dialog.get_by_role("button", name="Submit").click()
    mistake = tab.message("Did you mean Europe/Berlin")
    await expect(mistake).to_be_visible(timeout=SOON)
    await page.screenshot(path=out / "setup-mistake.png")
    await tab.button("Try again", mistake).click()
    await tab.dialog.get_by_label("Time zone").fill("Berlin")
    await tab.dialog.get_by_role("button", name="Submit").click()
    await expect(card).to_contain_text("Europe/Berlin", timeout=SOON)
    await expect(card).to_contain_text("Deutsch and English")

    await tab.button("Channels", card).click()
    await expect(tab.dialog).to_contain_text("Polls", timeout=SOON)
    await page.screenshot(path=out / "setup-channels.png")
    await page.keyboard.press("Escape")
    await page.set_viewport_size({"width": 420, "height": 900})
    await page.emulate_media(color_scheme="dark")
    await page.screenshot(path=out / "setup-narrow.png")
