"""The panel behind Manage and the lists, as people use them; with restarts in between."""

import csv
import io
import json
from typing import Any

import aiohttp
import pytest

from sandbox.driver import Person, SeenMessage, Stage
from sandbox.server import Server
from tests.support.forging import press_forged
from tests.support.poll_flow import (
    PLACE,
    Breaks,
    breaks_at,
    close,
    people,
    post,
    receipt,
    result_of,
    shows,
    turnout,
)


async def panel(person: Person, card: SeenMessage) -> SeenMessage:
    return await receipt(person, card, "Manage")


def disabled(message: SeenMessage) -> list[str]:
    return [button.label for button in message.buttons if button.disabled]


async def press(person: Person, message: SeenMessage, button: str) -> SeenMessage:
    return await (await person.click(message, button)).message()


async def test_only_creator_and_moderators_manage(ada: Person, stage: Stage) -> None:
    card = await post(ada)
    ben, chika = await people(stage, "Ben", "Chika")
    refused = await panel(chika, card)
    assert refused.ephemeral
    assert "Only the poll's creator and moderators" in refused.text
    own, bens = await panel(ada, card), await panel(ben, card)
    await (await ben.click(bens, "Close now")).done()
    assert "Nobody voted" in (await result_of(chika, card)).text
    await (await ada.click(own, "Close now")).done()
    await ada.wait_message(PLACE, "closed already", where=lambda seen: seen.ephemeral)


@breaks_at("panel", "opened", "voted")
async def test_an_open_poll_is_edited(ada: Person, server: Server, breaks: Breaks) -> None:
    card = await post(ada)
    shown = await panel(ada, card)
    assert disabled(shown) == ["Reopen", "Export"]
    assert "**Reopen** (it is open)" in shown.text
    assert "**Export** (results are hidden until it closes)" in shown.text
    await breaks("panel")
    modal = await (await ada.click(shown, "Edit")).opened()
    assert list(modal.fields) == ["Question", "Options", "Kind", "Closes", "Settings"]
    await breaks("opened")
    changed = await (await modal.submit(question="Better?", options="Yes\nNo", closes="in 5 hours")).message()
    assert (changed.id, "changed." in changed.text) == (shown.id, True)
    now = await shows(ada, card, "Better?")
    assert [button.label for button in now.buttons] == ["Yes", "No", "Manage"]
    stale = await (await press_forged(server, ada, card, card.buttons[0].custom_id)).message()
    assert "options of this poll were changed" in stale.text, "a press on what was shown before counts for nothing"
    await receipt(ada, now, "No")
    await breaks("voted")
    shown = await press(ada, changed, "Manage")
    modal = await (await ada.click(shown, "Edit")).opened()
    assert list(modal.fields) == ["Question", "Closes", "Settings"], "somebody has voted"
    mistake = await (await modal.submit(closes="yesterday")).message()
    assert "Not quite" in mistake.text
    modal = await (await ada.click(mistake, "Try again")).opened()
    await (await modal.submit(closes="in 3 hours", question="Best?")).done()
    await shows(ada, card, "Best?")


async def test_secret_votes_never_become_public(ada: Person) -> None:
    card = await post(ada)
    modal = await (await ada.click(await panel(ada, card), "Edit")).opened()
    refused = await (await modal.submit(settings=["public"])).message()
    assert "cannot become public" in refused.text


@breaks_at("closed", "opened")
async def test_a_closed_poll_is_reopened_unless_it_was_hidden(ada: Person, stage: Stage, breaks: Breaks) -> None:
    card = await post(ada, settings=["voted"])
    (ben,) = await people(stage, "Ben")
    await receipt(ben, card, "Closed")
    result = await close(ada, card)
    await breaks("closed")
    shown = await panel(ada, result)
    assert disabled(shown) == ["Edit", "Rules", "Weights", "Close now", "Remind"]
    assert "**Edit, Rules, Weights, Close, Remind** (it is closed)" in shown.text
    modal = await (await ada.click(shown, "Reopen")).opened()
    await breaks("opened")
    mistake = await (await modal.submit(closes="2020-01-01 12:00")).message()
    assert "already passed" in mistake.text
    modal = await (await ada.click(mistake, "Try again")).opened()
    done = await (await modal.submit(closes="in 2 days")).message()
    assert "open again" in done.text
    now = await shows(ada, card, "**1 vote** · closes <t:")
    assert now.attachments == []
    assert now.alternative_texts == []
    await receipt(ben, now, "Open")
    assert "1. Open: 1 vote · 100 %" in (await close(ada, now)).text

    hidden = await post(ada, question="Hidden?")
    shown = await panel(ada, await close(ada, hidden))
    assert "Reopen" in disabled(shown)
    assert "its hidden results have been seen" in shown.text


@breaks_at("panel", "cloned")
async def test_a_clone_is_a_draft_like_it(ada: Person, stage: Stage, breaks: Breaks) -> None:
    card = await post(ada, kind="Score", settings=["public", "voted"])
    (ben,) = await people(stage, "Ben")
    shown = await panel(ben, card)
    await breaks("panel")
    preview = await press(ben, shown, "Clone")
    assert "Preview: Which" in preview.text
    assert "**Score**" in preview.text
    assert "Votes are public" in preview.text
    await breaks("cloned")
    assert "Posted" in (await press(ben, preview, "Post")).text
    assert (await ben.wait_message(PLACE, "closes <t:", after=preview)).id != card.id


@breaks_at("panel", "asked")
async def test_a_poll_is_deleted_after_asking(ada: Person, stage: Stage, breaks: Breaks) -> None:
    card = await post(ada)
    (ben,) = await people(stage, "Ben")
    voted = await receipt(ben, card, "Open")
    shown = await panel(ada, card)
    await breaks("panel")
    asked = await press(ada, shown, "Delete")
    assert "cannot be undone" in asked.text
    kept = await press(ada, asked, "Keep it")
    assert "Manage:" in kept.text
    asked = await press(ada, kept, "Delete")
    await breaks("asked")
    deleted = await press(ada, asked, "Delete for good")
    assert "are gone" in deleted.text
    assert await ada.find_message(card.channel_id, card.id) is None
    gone = await press(ben, voted, "Change")
    assert "no longer exists" in gone.text
    listed = await (await ada.slash(PLACE, "poll list")).message()
    assert "There is none right now" in listed.text


async def files_of(person: Person, message: SeenMessage) -> tuple[list[list[str]], dict[str, Any]]:
    shown = await press(person, message, "Export")
    assert shown.ephemeral
    files = [part for part in shown.components if part["type"] == 13]
    names = [part["name"] for part in files]
    assert names[:2] == ["poll-1.csv", "poll-1.json"]
    assert names[2:] in ([], ["poll-1.abif"]), "and ballots for other tools where they are listed"
    async with aiohttp.ClientSession() as session:
        table, data = [await (await session.get(part["file"]["url"])).read() for part in files[:2]]
    return list(csv.reader(io.StringIO(table.decode("utf-8-sig")))), json.loads(data)["content"]


@breaks_at("voted", "closed")
async def test_an_export_hands_over_both_files(ada: Person, stage: Stage, breaks: Breaks) -> None:
    card = await post(ada, options="Open\n=1+1", settings=["voted"])
    voters = await people(stage, "Ada", "Ben", "Chika", "Dmitri", "Esi")
    for voter in voters:
        await receipt(voter, card, "Open")
    await breaks("voted")
    await turnout(ada, card, "**5 votes**")
    _, data = await files_of(ada, await panel(ada, card))
    assert "ballots" not in data or not data["ballots"], "an open poll exports totals only"
    result = await close(ada, card)
    await breaks("closed")
    table, data = await files_of(ada, await panel(ada, result))
    assert len(data["ballots"]) == 5
    written = json.dumps(data) + json.dumps(table)
    assert not [voter.id for voter in voters if voter.id in written]
    assert "=1+1" not in [cell for row in table for cell in row], "no formula reaches a spreadsheet"


@breaks_at("posted", "listed")
async def test_lists_of_open_mine_and_closed(ada: Person, stage: Stage, breaks: Breaks) -> None:
    card = await post(ada)
    other = await post(ada, question="Second?", kind="Approval")
    (ben,) = await people(stage, "Ben")
    await receipt(ben, card, "Open")
    await breaks("posted")
    listed = await (await ben.slash(PLACE, "poll list")).message()
    assert listed.ephemeral
    assert f"/{card.channel_id}/{card.id})" in listed.text
    assert "1 vote ·" in listed.text
    assert [button.label for button in listed.buttons if button.label == "Vote"] == ["Vote", "Vote"]
    await breaks("listed")
    mine = await press(ben, listed, "Mine")
    assert mine.id == listed.id
    assert "Second?" not in mine.text
    modal = await (await ben.click(mine, "My ballot")).opened()
    assert [option["label"] for option in modal.fields["Choose one"]["options"] if option.get("default")] == ["Open"]
    voted = await (await modal.submit(choice="Hybrid")).message()
    assert "place of your earlier vote" in voted.text
    closed = await press(ben, await (await ben.slash(PLACE, "poll list")).message(), "Closed")
    assert "There is none yet" in closed.text
    await close(ada, other)
    closed = await press(ben, await (await ben.slash(PLACE, "poll list")).message(), "Closed")
    assert "Second?" in closed.text
    result = await press(ben, closed, "Result")
    assert result.ephemeral
    assert "Nobody voted" in result.text


async def test_long_lists_have_pages(ada: Person) -> None:
    for number in range(11):
        await post(ada, question=f"Number {number}?", closes=f"in {number + 1} hours")
    listed = await (await ada.slash(PLACE, "poll list")).message()
    assert "Page 1 of 2" in listed.text
    assert "Number 10" not in listed.text
    second = await press(ada, listed, "Next")
    assert "Page 2 of 2" in second.text
    assert "Number 10" in second.text
    assert "Number 0" in (await press(ada, second, "Previous")).text


@pytest.mark.parametrize("button", ["Close now", "Edit", "Rules", "Remind", "Clone", "Export", "Delete"])
async def test_rights_are_asked_for_at_every_press(ada: Person, stage: Stage, server: Server, button: str) -> None:
    """Ben opens the panel as a moderator, and is none any more when he presses."""
    card = await post(ada, settings=["always", "remind"])
    (ben,) = await people(stage, "Ben")
    shown = await panel(ben, card)
    modal = None
    if button in {"Edit", "Rules"}:
        modal = await (await ben.click(shown, button)).opened()
    for members in server.world.members.values():
        members[int(ben.id)].roles.clear()
    refused = await (await modal.submit({}) if modal else await ben.click(shown, button)).message()
    assert "Only the poll's creator and moderators" in refused.text
    assert "closes <t:" in (await ada.again(card)).text
