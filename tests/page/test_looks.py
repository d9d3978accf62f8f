"""Pictures of the page, wide and narrow, light and dark; PAGE_PICTURES=FOLDER keeps them (the README's are made so)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from sandbox.driver import Stage
from tests.page.acting import SOON, probe

if TYPE_CHECKING:
    from sandbox.driver import Person
    from sandbox.server import Server
    from tests.page.conftest import OpenSeat
    from tests.support.stand_in import Place

LARGEST = 300_000
SIZES = {"wide": {"width": 1280, "height": 1150}, "narrow": {"width": 390, "height": 844}}


async def vote(person: Person, question: str, option: str) -> None:
    """Vote, and put the receipt away."""
    card = await person.wait_message("#polls", containing=question)
    await person.dismiss(await (await person.click(card, option)).message())


async def ask(person: Person, question: str, *options: str) -> None:
    """Post a poll in #polls."""
    response = await person.slash("#polls", "poll create")
    modal = await response.opened()
    submitted = await modal.submit({"Question": question, "Options": "\n".join(options), "Closes": "in 2 days"})
    preview = await submitted.message()
    await person.click(preview, "Post")
    await person.dismiss(preview)


@pytest.mark.usefixtures("rostrum")
async def test_wide_and_narrow_light_and_dark(seat: OpenSeat, server: Server, place: Place, tmp_path: Path) -> None:
    """The first screen of the README: a closed poll, an open one, and people around them."""
    out = Path(os.environ.get("PAGE_PICTURES") or tmp_path)
    polls = str(place.channel("polls").id)
    first = (
        "Should courts publish the weights of models they use?",
        "Yes, always",
        "After the appeal",
        "No, evaluations are enough",
    )
    second = ("Which motion do we debate on Friday?", "Secret test sets", "Licences for weights", "Compute thresholds")
    async with Stage(server) as stage:
        people = {name: await stage.person(name) for name in ("Ada", "Ben", "Chika", "Dmitri", "Esi")}
        await ask(people["Ada"], *first)
        for name, option in (("Ada", 1), ("Ben", 2), ("Chika", 1), ("Dmitri", 1), ("Esi", 3)):
            await vote(people[name], first[0], first[option])
        card = await people["Ada"].wait_message("#polls", containing="5 votes")
        manage = await (await people["Ada"].click(card, "Manage")).message()
        await people["Ada"].click(manage, "Close now")
        await people["Ada"].wait_message("#polls", containing="Poll closed")
        await server.people.act(
            place.user("dmitri").id,
            "post",
            {"channel_id": polls, "content": "Three of five. The spreadsheet predicted four."},
        )
        await server.people.act(
            place.user("chika").id,
            "post",
            {
                "channel_id": polls,
                "content": "Then Friday's motion should be about **test sets**. Can we vote on that?",
            },
        )
        await ask(people["Ben"], *second)
        for name, option in (("Chika", 1), ("Dmitri", 2), ("Esi", 1)):
            await vote(people[name], second[0], second[option])
        await people["Dmitri"].wait_message("#polls", containing="3 votes")
    for size, viewport in SIZES.items():
        for look in ("light", "dark"):
            tab = await seat("Esi", channel="polls", viewport=viewport, color_scheme=look, device_scale_factor=1)
            await expect(tab.message(second[0])).to_contain_text("3 votes", timeout=SOON)
            await expect(tab.page.locator(".toast")).to_have_count(0)
            await probe(tab.page, "pictures")
            await tab.page.evaluate("document.activeElement.blur()")
            await tab.page.mouse.move(0, 0)
            file = out / (f"page-{look}.png" if size == "wide" else f"page-narrow-{look}.png")
            await tab.page.screenshot(path=file, animations="disabled")
            assert file.stat().st_size < LARGEST
            assert server.gatekeeper.capability not in await tab.page.content()
