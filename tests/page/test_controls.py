"""Buttons, selects, forms, commands and menus of a bot, worked on the page; the bot says what reached it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import expect

from tests.page.acting import SOON, Seat
from tests.page.showcase import picture

if TYPE_CHECKING:
    from pathlib import Path

    from tests.page.conftest import OpenSeat
    from tests.page.showcase import Showcase
    from tests.support.stand_in import Place

import discord
from discord import ui


async def seated(seat: OpenSeat, showcase: Showcase, place: Place, person: str = "Ben") -> Seat:
    """A tab in #polls, where the card of all controls was just posted."""
    await showcase.send(place.channel("polls").id, view=showcase.controls())
    tab = await seat(person, channel="polls")
    await expect(tab.button("Primary")).to_be_visible(timeout=SOON)
    return tab


def role(place: Place, name: str) -> int:
    """The id of a role."""
    return next(one.id for one in place.world.roles.values() if one.name == name)


async def test_buttons_of_every_style(seat: OpenSeat, showcase: Showcase, place: Place) -> None:
    """Each press arrives once; the disabled one cannot be pressed; the link goes out; the receipt can be dismissed."""
    tab = await seated(seat, showcase, place)
    for label in ("Primary", "Secondary", "Success", "Danger"):
        await tab.button(label).click()
        await expect(tab.message(f"{label.lower()}: pressed")).to_contain_text("Only you can see this", timeout=SOON)
    assert [name for name, _ in showcase.heard] == ["primary", "secondary", "success", "danger"]
    off = tab.button("Off")
    await expect(off).to_be_disabled()
    await off.click(force=True)
    link = tab.page.get_by_role("link", name="Read more")
    assert await link.get_attribute("href") == "https://example.org/more"
    receipt = tab.message("danger: pressed")
    await receipt.get_by_role("button", name="Dismiss").click()
    await expect(receipt).to_have_count(0, timeout=SOON)
    assert len(showcase.heard) == 4


async def test_every_select(seat: OpenSeat, showcase: Showcase, place: Place) -> None:
    """Options, people, roles, anybody and channels; limits hold; search finds; keys suffice."""
    tab = await seated(seat, showcase, place)
    page, press = tab.page, tab.page.keyboard.press
    await page.get_by_role("combobox", name="Pick two").click()
    listed = page.get_by_role("listbox", name="Pick two")
    await listed.get_by_role("option", name="One").click()
    choose = page.get_by_role("button", name="Choose")
    await expect(choose).to_be_disabled()
    await listed.get_by_role("option", name="Three").click()
    await expect(listed.get_by_role("option", name="Two")).to_have_attribute("aria-disabled", "true")
    await choose.click()
    await expect(tab.message("string: One, Three")).to_be_visible(timeout=SOON)

    for label, typed, custom_id, number in (
        ("Pick a person", "chi", "user", place.user("chika").id),
        ("Pick a role", "deb", "role", role(place, "Debater")),
        ("Pick anybody", "mod", "mentionable", role(place, "Moderator")),
        ("Pick a channel", "deb", "channel", place.channel("debates").id),
    ):
        box = page.get_by_role("combobox", name=label)
        await box.focus()
        await press("ArrowDown")
        await page.keyboard.type(typed)
        await press("Enter")
        await expect(tab.message(f"{custom_id}: {number}")).to_be_visible(timeout=SOON)
        assert await box.evaluate("e => e === document.activeElement"), "the focus is back on the select"

    await page.get_by_role("combobox", name="Pick a person").click()
    await press("Escape")
    await expect(page.get_by_role("listbox")).to_have_count(0)
    assert len(showcase.heard) == 5


async def test_a_form_with_text_selects_and_files(
    seat: OpenSeat, showcase: Showcase, place: Place, tmp_path: Path
) -> None:
    """What is wrong is said beside the field; what is sent arrives whole, files with their bytes."""
    tab = await seat("Ben", channel="polls")
    page = tab.page
    await tab.run_command("/form")
    await page.keyboard.press("Enter")
    dialog = tab.dialog
    await expect(dialog).to_have_accessible_name("Set up a debate", timeout=SOON)
    await expect(dialog).to_contain_text("changed later")
    await page.keyboard.type("abc")
    await dialog.get_by_role("button", name="Submit").click()
    await expect(dialog.get_by_text("Please write at least 5 characters (now 3).")).to_be_visible()
    await expect(dialog.get_by_text("Please choose.")).to_be_visible()
    assert showcase.heard == []
    await dialog.get_by_label("Motion").fill("Weights are speech")
    await dialog.get_by_role("combobox", name="Format").click()
    await page.get_by_role("option", name="Lightning").click()
    await dialog.get_by_role("combobox", name="Judges").click()
    for name in ("Ada", "Esi"):
        await page.get_by_role("option", name=name).click()
    await page.get_by_role("button", name="Choose", exact=True).click()
    for name in ("one.txt", "two.txt"):
        (tmp_path / name).write_text(f"text of {name}")
    await dialog.locator('input[type="file"]').set_input_files([tmp_path / "one.txt", tmp_path / "two.txt"])
    await dialog.get_by_role("button", name="Remove one.txt").click()
    await page.keyboard.press("Control+Enter")
    await expect(tab.message("Thank you, noted.")).to_be_visible(timeout=SOON)
    await expect(dialog).to_have_count(0)
    assert showcase.heard == [
        {
            "motion": "Weights are speech",
            "format": ["Lightning"],
            "judges": [place.user("ada").id, place.user("esi").id],
            "evidence": [("two.txt", "text of two.txt")],
        }
    ]


async def test_a_form_with_choices(seat: OpenSeat, showcase: Showcase) -> None:
    """Radio group, checkbox group with a limit, checkbox, long text with what it held before."""
    tab = await seat("Ben", channel="polls")
    page = tab.page
    await tab.run_command("/preferences")
    await page.keyboard.press("Enter")
    await expect(tab.dialog).to_be_visible(timeout=SOON)
    await tab.dialog.get_by_role("radio", name="Secret").check()
    for day in ("Mon", "Tue", "Wed"):
        await tab.dialog.get_by_role("checkbox", name=day).check()
    await tab.dialog.get_by_role("button", name="Submit").click()
    await expect(tab.dialog.get_by_text("Please choose at most 2.")).to_be_visible()
    await tab.dialog.get_by_role("checkbox", name="Tue").uncheck()
    await tab.dialog.get_by_role("checkbox", name="I agree").check()
    await tab.dialog.get_by_role("button", name="Submit").click()
    await expect(tab.message("Kept.")).to_be_visible(timeout=SOON)
    assert showcase.heard == [{"seen": "secret", "days": ["Mon", "Wed"], "agree": True, "note": "As before"}]


async def test_leaving_a_form_asks_where_something_was_written(seat: OpenSeat, showcase: Showcase) -> None:
    """An untouched form closes at once; a touched one asks; the focus goes back to where people write."""
    del showcase
    tab = await seat("Ben", channel="polls")
    press = tab.page.keyboard.press
    for touched in (False, True):
        await tab.run_command("/form")
        await press("Enter")
        await expect(tab.dialog).to_be_visible(timeout=SOON)
        if touched:
            await tab.page.keyboard.type("some words")
            await press("Escape")
            await expect(tab.dialog.get_by_role("alertdialog")).to_be_visible()
            assert await tab.focused() == "Keep writing"
            await press("Enter")
            await expect(tab.dialog.get_by_label("Motion")).to_have_value("some words")
            await press("Escape")
            await tab.dialog.get_by_role("button", name="Discard").click()
        else:
            await press("Escape")
        await expect(tab.dialog).to_have_count(0)
        await expect(tab.composer).to_be_focused()


async def test_a_command_with_every_kind_of_option(
    seat: OpenSeat, showcase: Showcase, place: Place, tmp_path: Path
) -> None:
    """Required ones stand ready, others are added; suggestions come while typing; limits are said before sending."""
    tab = await seat("Ben", channel="polls")
    page, press = tab.page, tab.page.keyboard.press
    await tab.run_command("/am")  # letters in order are enough: /ask model
    form = page.locator(".command-form")
    await expect(form.get_by_role("combobox", name="question")).to_be_focused()
    await expect(form.locator(".command-hint")).to_contain_text("What you want to know")
    await expect(form.locator(".command-hint")).to_contain_text("3 to 100 characters")
    await page.keyboard.type("hi")
    await press("Control+Enter")
    await expect(form).to_contain_text("At least 3 characters.")
    await page.keyboard.type(", why?")
    await press("Enter")
    await page.keyboard.type("smo")
    await expect(page.locator(".suggest-row")).to_have_count(1, timeout=SOON)
    await expect(page.locator(".suggest-row")).to_have_text("SmolLM2 135M")
    for name in ("task", "times", "private", "who", "file"):
        await form.get_by_role("button", name=name, exact=True).click()
    await form.get_by_role("combobox", name="model").click()
    await page.locator(".suggest-row", has_text="SmolLM2").click()
    await form.get_by_role("combobox", name="task").fill("summ")
    await press("Enter")
    await form.get_by_role("combobox", name="times").fill("9")
    await press("Control+Enter")
    await expect(form).to_contain_text("At most 5.")
    await form.get_by_role("combobox", name="times").fill("3")
    await form.get_by_role("combobox", name="private").fill("y")
    await press("Enter")
    await form.get_by_role("combobox", name="who").fill("esi")
    await press("Enter")
    (tmp_path / "note.txt").write_text("from a file")
    await form.locator('input[type="file"]').set_input_files(tmp_path / "note.txt")
    await form.get_by_role("button", name="Run").click()
    await expect(tab.message("Asked SmolLM2 135M.")).to_be_visible(timeout=SOON)
    told = showcase.heard[-1]
    assert told == ("hi, why?", "SmolLM2 135M", "summarise", 3, True, place.user("esi").id, "from a file")
    assert ("typed", "smo") in showcase.heard
    await expect(tab.message("Asked SmolLM2 135M.")).to_contain_text("/ask model")
    await expect(tab.composer).to_be_focused()


async def test_menus_of_messages_and_people(seat: OpenSeat, showcase: Showcase, place: Place) -> None:
    """By right click, by the visible button and by keyboard; apps' commands are in a group with the app's name."""
    tab = await seat("Ben", channel="general")
    page, press = tab.page, tab.page.keyboard.press
    await tab.message("I brought numbers").click(button="right")
    await page.get_by_role("group", name="Rostrum").get_by_role("menuitem", name="Ask about this").click()
    await expect(tab.message("About that message.")).to_be_visible(timeout=SOON)
    numbers = next(m for m in place.world.messages[place.channel("general").id].values() if "numbers" in m.content)
    assert showcase.heard == [("Ask about this", numbers.id)]

    await tab.region(".stage")
    await press("Home")
    await press("ArrowDown")
    await press("Shift+F10")
    await expect(page.get_by_role("menu")).to_be_visible()
    await page.keyboard.type("cop")
    await press("Escape")
    await expect(page.get_by_role("menu")).to_have_count(0)
    assert "Chika" in await tab.focused(), "Esc gives the focus back to the message"

    await page.locator(".member", has_text="Esi").click()
    await page.get_by_role("menuitem", name="Challenge to debate").click()
    await expect(tab.message("was challenged.")).to_contain_text("@Esi", timeout=SOON)
    assert showcase.heard[-1] == ("Challenge to debate", place.user("esi").id)

    await tab.message("The best kind").hover()
    await tab.message("The best kind").get_by_role("button", name="More").click()
    await page.get_by_role("button", name="React with 🎉").click()
    chip = tab.message("The best kind").get_by_role("button", name="🎉, 1 person")
    await expect(chip).to_have_attribute("aria-pressed", "true", timeout=SOON)
    await chip.click()
    await expect(chip).to_have_count(0, timeout=SOON)


async def test_thinking_and_streaming_keep_place_and_focus(seat: OpenSeat, showcase: Showcase) -> None:
    """A deferred answer says that it thinks; edits come in place while somebody writes."""
    tab = await seat("Ben", channel="polls")
    await tab.run_command("/think")
    await tab.page.keyboard.press("Enter")
    await expect(tab.page.locator(".thinking")).to_contain_text("Rostrum is thinking", timeout=SOON)
    await tab.composer.click()
    await tab.page.keyboard.type("meanwhile")
    await tab.page.evaluate("window.kept = document.querySelector('.message:last-child')")
    showcase.go_on.set()
    await expect(tab.message("Open weights help.")).to_be_visible(timeout=SOON)
    assert await tab.page.evaluate("window.kept.isConnected && window.kept.textContent.includes('help')"), (
        "the element stayed"
    )
    await expect(tab.composer).to_be_focused()
    await expect(tab.composer).to_have_value("meanwhile")


async def test_pictures_open_large_with_their_words(seat: OpenSeat, showcase: Showcase, place: Place) -> None:
    """A gallery's pictures have alternative text and a viewer that arrows turn over."""
    view = ui.LayoutView(timeout=None)
    items = [discord.MediaGalleryItem(f"attachment://{n}.png", description=f"Chart number {n}") for n in (1, 2)]
    view.add_item(ui.MediaGallery(*items))
    files = [discord.File(picture(), f"{n}.png") for n in (1, 2)]
    await showcase.send(place.channel("polls").id, view=view, files=files)
    tab = await seat("Ben", channel="polls")
    await tab.page.get_by_role("button", name="Chart number 1. Open large.").click()
    large = tab.dialog.locator("img")
    await expect(large).to_have_attribute("alt", "Chart number 1")
    assert await large.evaluate("async image => { await image.decode(); return image.naturalWidth; }") == 320
    await tab.page.keyboard.press("ArrowRight")
    await expect(tab.dialog).to_contain_text("Chart number 2")
    await tab.page.keyboard.press("Escape")
    await expect(tab.dialog).to_have_count(0)
    assert await tab.focused() == "Chart number 1. Open large."
