"""What people do among themselves on the page: polls of their own, threads, posts, answers, edits, pins."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from playwright.async_api import expect

from sandbox.audit import Actor
from sandbox.events import create_event, delete_event
from tests.page.acting import SOON

if TYPE_CHECKING:
    from sandbox.server import Server
    from tests.page.conftest import OpenSeat
    from tests.page.showcase import Showcase
    from tests.support.stand_in import Place


async def test_a_native_poll(seat: OpenSeat, showcase: Showcase, place: Place) -> None:
    """Written by a person, voted on by two, taken back by one."""
    del showcase, place
    tab = await seat("Ada", channel="polls")
    await tab.page.get_by_role("button", name="Attach a file and more").click()
    await tab.page.get_by_role("menuitem", name="New poll").click()
    await tab.dialog.get_by_label("Question").fill("Tea or coffee?")
    await tab.dialog.get_by_label("Answers, one a line").fill("Tea\nCoffee")
    await tab.dialog.get_by_role("button", name="Start the poll").click()
    poll = tab.page.locator(".poll")
    await poll.get_by_text("Tea", exact=True).click()
    await poll.get_by_role("button", name="Vote").click()
    await tab.become("Ben")
    await poll.get_by_text("Coffee", exact=True).click()
    await poll.get_by_role("button", name="Vote").click()
    await poll.get_by_role("button", name="Take back my vote").click()


async def test_threads_forum_and_direct_messages(seat: OpenSeat, server: object) -> None:
    """Places that people make: a thread on a message, a post with a tag, a conversation of two."""
    del server
    tab = await seat("Ada", channel="general")
    page = tab.page
    await tab.message("I brought numbers").click(button="right")
    await page.get_by_role("menuitem", name="Start a thread").click()
    await tab.dialog.get_by_label("Name").fill("Numbers")
    await tab.dialog.get_by_role("button", name="Start").click()
    await expect(page.locator(".channel-title h1")).to_contain_text("general / Numbers", timeout=SOON)
    await tab.composer.fill("first line")
    await page.keyboard.press("Enter")
    await expect(tab.message("first line")).to_be_visible(timeout=SOON)

    await tab.open("motions")
    await page.get_by_role("button", name="New post").click()
    await tab.dialog.get_by_label("Title").fill("Open-washing")
    await tab.dialog.get_by_label("Text").fill("Words matter.")
    await tab.dialog.get_by_role("checkbox", name="policy").check()
    await tab.dialog.get_by_role("button", name="Post").click()
    await expect(tab.message("Words matter.")).to_be_visible(timeout=SOON)
    await tab.open("motions")
    card = page.locator(".forum-card", has_text="Open-washing")
    await expect(card).to_contain_text("policy")

    await page.locator(".member", has_text="Ben").click()
    await page.get_by_role("menuitem", name="Message").click()
    await expect(page.locator(".channel-title h1")).to_have_text("Ben", timeout=SOON)
    await tab.composer.fill("between us")
    await page.keyboard.press("Enter")
    ben = await seat("Ben", channel="general")
    await ben.page.locator(".channel", has_text="Ada").click()
    await expect(ben.message("between us")).to_be_visible(timeout=SOON)


async def test_writing_editing_answering_and_pins(seat: OpenSeat, showcase: Showcase, place: Place) -> None:
    """Up edits the last message, an answer shows what it answers, a mention is completed, pins are listed."""
    tab = await seat("Ada", channel="general")
    page, press = tab.page, tab.page.keyboard.press
    await tab.composer.focus()
    await page.keyboard.type("hello @chi")
    await expect(page.locator(".suggest-row.active")).to_contain_text("@Chika", timeout=SOON)
    await press("Enter")
    await page.keyboard.type("and **all**")
    await press("Enter")
    mine = tab.message("hello")
    await expect(mine.locator(".mention")).to_have_text("@Chika", timeout=SOON)
    await press("ArrowUp")
    await expect(page.locator(".composer-bar")).to_contain_text("Editing")
    await press("End")
    await page.keyboard.type("!")
    await press("Enter")
    await expect(tab.message("and all!")).to_contain_text("edited", timeout=SOON)
    await tab.message("The best kind").hover()
    await tab.message("The best kind").get_by_role("button", name="Reply").click()
    await page.keyboard.type("agreed")
    await press("Enter")
    await expect(tab.message("agreed").locator(".lead")).to_contain_text("The best kind", timeout=SOON)
    message = next(iter(place.world.messages[place.channel("general").id].values()))
    await showcase.get_partial_messageable(place.channel("general").id).get_partial_message(message.id).pin()
    await page.get_by_role("button", name="Pinned messages").click()
    await expect(tab.dialog.locator(".pin")).to_contain_text("Welcome to The Open Question", timeout=SOON)
    await tab.dialog.get_by_role("button", name="Go to it").click()
    await expect(page.locator(".message.flash")).to_contain_text("Welcome")


async def test_pinning(seat: OpenSeat) -> None:
    """Who may pin does so from the message's menu and takes it back in the list; others are not offered it."""
    tab = await seat("Ben", channel="general")
    page = tab.page
    await tab.message("The best kind").click(button="right")
    await page.get_by_role("menuitem", name="Pin", exact=True).click()
    await expect(tab.message("pinned a message")).to_be_visible(timeout=SOON)
    await tab.message("The best kind").click(button="right")
    await expect(page.get_by_role("menuitem", name="Unpin")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Pinned messages").click()
    await tab.dialog.get_by_role("button", name="Unpin").click()
    await expect(tab.dialog).to_contain_text("Nothing is pinned here.", timeout=SOON)
    await page.keyboard.press("Escape")
    chika = await seat("Chika", channel="general")
    await chika.message("The best kind").click(button="right")
    await expect(chika.page.get_by_role("menuitem", name="Copy text")).to_be_visible()
    await expect(chika.page.get_by_role("menuitem", name="Pin", exact=True)).to_have_count(0)


async def test_scheduled_events(seat: OpenSeat, server: Server, place: Place) -> None:
    """A row with their number while any are planned; when, where and what behind it; it goes when the last is off."""
    tab = await seat("Chika", channel="general")
    row = tab.page.get_by_role("button", name="Events")
    await expect(row).to_have_count(0)
    start = server.world.now() + timedelta(days=1)
    body = {
        "name": "Weights on trial <b>",
        "description": "A **debate**.",
        "privacy_level": 2,
        "entity_type": 3,
        "entity_metadata": {"location": "The old library"},
        "scheduled_start_time": start.isoformat(),
        "scheduled_end_time": (start + timedelta(hours=2)).isoformat(),
    }
    event = create_event(server.world, place.guild, Actor(place.user("ada").id), body)
    await expect(row).to_contain_text("1", timeout=SOON)
    await row.click()
    listed = tab.dialog.get_by_role("listitem")
    await expect(listed.get_by_role("heading")).to_have_text("Weights on trial <b>")
    for text in (" to ", "The old library", "A debate."):
        await expect(listed).to_contain_text(text)
    await tab.page.keyboard.press("Escape")
    delete_event(server.world, event, Actor(place.user("ada").id))
    await expect(row).to_have_count(0, timeout=SOON)
