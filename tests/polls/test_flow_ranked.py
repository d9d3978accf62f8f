"""Ranked ballots as people make them by taps, with a restart of the bot somewhere in the middle."""

import pytest

from sandbox.driver import Person, SeenMessage, Stage
from sandbox.server import Server
from tests.support.forging import choose_forged, press_forged
from tests.support.poll_flow import (
    EARLIER,
    PLACE,
    Breaks,
    breaks_at,
    close,
    opens,
    people,
    post,
    put_up,
    receipt,
    shows,
    turnout,
    write,
)
from tests.support.ranking_flow import presses, ranks, votes

FOUR = "Amber\nBasil\nClove\nDill"
MOVE = "Move one, or take it out"


def order(message: SeenMessage) -> list[str]:
    return [line for line in message.text.splitlines() if line.startswith("**") and line[2].isdigit()]


def enabled(message: SeenMessage) -> list[str]:
    return [button.label for button in message.buttons if not button.raw.get("disabled")]


@breaks_at("posted", "opened", "half", "moved", "voted", "closed")
async def test_a_ranking_by_taps(ada: Person, stage: Stage, breaks: Breaks) -> None:
    preview = await write(ada, options=FOUR, kind="Ranked")
    assert "Counted by instant runoff; ties by lot, drawn already." in preview.text
    card = await put_up(ada, preview)
    assert [button.label for button in card.buttons] == ["Vote", "How it counts", "Manage"]
    ben, chika, esi = await people(stage, "Ben", "Chika", "Esi")
    await breaks("posted")
    empty = await receipt(ben, card, "Vote")
    assert empty.ephemeral
    assert "Not counted yet" in empty.text
    assert enabled(empty) == []
    await breaks("opened")
    half = await ranks(ben, empty, "Clove", "Amber")
    assert half.id == empty.id, "the card is replaced"
    assert order(half) == ["**1st** Clove", "**2nd** Amber"]
    assert "2 options not ranked" in half.text
    assert "**0 votes**" in (await ben.again(card)).text
    await breaks("half")
    moved = await (await ben.choose(half, MOVE, "2nd: Amber")).message()
    assert "→ **Amber**" in moved.text
    moved = await presses(ben, moved, "Up")
    assert order(moved) == ["**1st** → **Amber**", "**2nd** Clove"]
    await breaks("moved")
    assert order(await presses(ben, moved, "Down", "Undo")) == ["**1st** Amber", "**2nd** Clove"]
    voted = await presses(ben, await ranks(ben, moved, "Dill"), "Equal to the one before", "Submit")
    assert "Vote counted" in voted.text
    assert "Amber" not in voted.text, "a receipt proves nothing to others"
    await breaks("voted")
    again = await receipt(ben, voted, "Change")
    assert "This ballot is counted" in again.text
    assert order(again) == ["**1st** Amber", "**2nd** Clove = Dill"]
    assert "Submit" not in enabled(again)
    out = await (await ben.choose(again, MOVE, "2nd: Clove")).message()
    changed = await presses(ben, out, "Take out")
    assert "Not counted yet" in changed.text
    assert EARLIER in (await presses(ben, changed, "Submit")).text
    await votes(chika, card, "Basil", "Clove")
    await votes(esi, card, "Amber")
    await turnout(ada, card, "**3 votes**")
    result = await close(ada, card)
    assert "Winner by instant runoff: Amber" in result.text
    assert "1. Amber: 2 first choices · 67 %" in result.text
    assert "**winner**" in result.text
    assert [button.label for button in result.buttons] == ["How counted", "Manage"]
    await breaks("closed")
    counted = await receipt(chika, result, "How counted")
    assert counted.ephemeral
    assert "Round 1: Amber has 2." in counted.text


async def test_undo_goes_back_and_clear_can_be_taken_back(ada: Person) -> None:
    card = await post(ada, options=FOUR, kind="Ranked")
    three = await ranks(ada, await receipt(ada, card, "Vote"), "Basil", "Dill", "Amber")
    cleared = await presses(ada, three, "Clear")
    assert order(cleared) == []
    back = await presses(ada, cleared, "Undo")
    assert order(back) == ["**1st** Basil", "**2nd** Dill", "**3rd** Amber"]
    tied = await presses(ada, back, "Equal to the one before")
    assert order(tied) == ["**1st** Basil", "**2nd** Dill = Amber"]
    untied = await presses(ada, tied, "Untie the last")
    assert order(untied) == order(back)
    tied = await presses(ada, untied, "Undo")
    assert order(tied) == ["**1st** Basil", "**2nd** Dill = Amber"]
    assert order(await presses(ada, tied, "Undo", "Undo")) == ["**1st** Basil"], "from there back, one after the other"


async def test_submitting_twice_is_one_vote(ada: Person, server: Server) -> None:
    card = await post(ada, options=FOUR, kind="Ranked")
    ballot = await ranks(ada, await receipt(ada, card, "Vote"), "Basil")
    submit = ballot.button("Submit").custom_id
    voted = await presses(ada, ballot, "Submit")
    twice = await (await press_forged(server, ada, voted, submit)).message()
    assert EARLIER in twice.text
    await turnout(ada, card, "**1 vote**")


async def test_a_poll_that_closes_while_somebody_ranks(ada: Person, stage: Stage) -> None:
    card = await post(ada, options=FOUR, kind="Ranked")
    (ben,) = await people(stage, "Ben")
    ballot = await ranks(ben, await receipt(ben, card, "Vote"), "Basil")
    await close(ada, card)
    menu = next(select for select in ballot.selects if select.label.startswith("Add your"))
    chosen = await (await ben.choose(ballot, menu.custom_id, "1. Amber")).message()
    assert "takes no more votes" in chosen.text
    assert "takes no more votes" in (await presses(ben, ballot, "Submit")).text
    assert "Nobody voted" in (await ben.again(card)).text


async def test_options_that_change_while_somebody_ranks(ada: Person, stage: Stage) -> None:
    card = await post(ada, options=FOUR, kind="Ranked")
    (ben,) = await people(stage, "Ben")
    ballot = await ranks(ben, await receipt(ben, card, "Vote"), "Basil")
    panel = await receipt(ada, card, "Manage")
    form = await opens(ada, panel, "Edit")
    await (await form.submit(options="Basil\nAmber\nClove")).done()
    await ada.wait_message(PLACE, "changed.", where=lambda seen: seen.ephemeral)
    told = await presses(ben, ballot, "Submit")
    assert "were changed a moment ago, so nothing was counted" in told.text
    assert "Vote counted" in (await votes(ben, await ada.again(card), "Basil")).text


async def test_an_option_that_is_added_while_somebody_ranks(ada: Person, stage: Stage) -> None:
    card = await post(ada, options=FOUR, kind="Ranked", settings=["propose"])
    ben, chika = await people(stage, "Ben", "Chika")
    await votes(chika, card, "Dill", "Amber")
    ballot = await ranks(ben, await receipt(ben, card, "Vote"), "Basil", "Clove")
    form = await (await ben.click(card, "Propose")).opened()
    await (await form.submit(option="Endive")).done()
    await shows(ada, card, "1 proposal")
    panel = await receipt(ada, card, "Manage")
    listed = await presses(ada, panel, "Proposals (1)")
    await presses(ada, listed, "Accept")
    warned = await presses(ben, ballot, "Submit")
    assert "An option was added: Endive" in warned.text
    assert "Not counted yet" in warned.text
    assert "Vote counted" in (await presses(ben, warned, "Submit")).text
    again = await receipt(chika, card, "Vote")
    assert "An option was added: Endive" in again.text
    assert order(again) == ["**1st** Dill", "**2nd** Amber"]
    assert "Winner by instant runoff" in (await close(ada, card)).text


@pytest.mark.parametrize(
    ("custom_id", "says"),
    [
        ("polls:v1:rankcast:1-{tag}-a-", "Vote counted"),
        ("polls:v1:rankcast:1-{tag}--", "rank at least one"),
        ("polls:v1:rankcast:1-{tag}-aa-", "cannot be read"),
        ("polls:v1:rankcast:1-{tag}-A-", "cannot be read"),
        ("polls:v1:rankcast:1-{tag}-e-", "no such option"),
        ("polls:v1:rankcast:1-beef-a-", "were changed"),
        ("polls:v1:rankcast:77-{tag}-a-", "no longer exists"),
        ("polls:v1:rankcast:x", "no longer exists"),
        ("polls:v1:rankup:1-{tag}-a-", "not in your order"),
        ("polls:v1:rankup:1-{tag}-a-b", "not in your order"),
        ("polls:v1:rankdown:1-{tag}-a-zz", "no such option"),
        ("polls:v1:rankout:1-{tag}-ab-b", "**1st** Amber"),
        ("polls:v1:rankundo:1-{tag}-aB-", "Amber = Basil"),
        ("polls:v1:ranktie:1-{tag}--", "Choose your first choice"),
        ("polls:v1:rankclear:1-{tag}--", "Choose your first choice"),
        ("polls:v1:counted:1", "hidden until it closes"),
        ("polls:v1:recount:1", "hidden until it closes"),
        ("polls:v1:counted:77", "no longer exists"),
        ("polls:v1:explain:77", "no longer exists"),
        ("polls:v1:weights:77", "is gone"),
    ],
)
async def test_forged_controls(ada: Person, stage: Stage, server: Server, custom_id: str, says: str) -> None:
    card = await post(ada, options=FOUR, kind="Ranked")
    (esi,) = await people(stage, "Esi")
    tag = (await receipt(esi, card, "Vote")).selects[0].custom_id.split("-")[1]
    pressed = await press_forged(server, esi, card, custom_id.replace("{tag}", tag))
    assert says in (await pressed.message()).text


@pytest.mark.parametrize(
    ("custom_id", "value", "says"),
    [
        ("polls:v1:rank:1-{tag}--", "4", "no such option"),
        ("polls:v1:rank:1-{tag}--", "-1", "no such option"),
        ("polls:v1:rank:1-{tag}--", "999999", "no such option"),
        ("polls:v1:rank:1-{tag}--", "１", "**1st** Basil"),
        ("polls:v1:rank:1-{tag}-a-", "0", "**1st** Amber"),
        ("polls:v1:rankpick:1-{tag}-a-", "1", "not in your order"),
        ("polls:v1:method:1", "borda", "Only the poll's creator"),
        ("polls:v1:method:1", "dictatorship", "no such way to count"),
        ("polls:v1:compare:1", "all", "hidden until it closes"),
        ("polls:v1:compare:77", "all", "no longer exists"),
    ],
)
async def test_forged_choices(ada: Person, stage: Stage, server: Server, custom_id: str, value: str, says: str) -> None:
    card = await post(ada, options=FOUR, kind="Ranked")
    (esi,) = await people(stage, "Esi")
    ballot = await receipt(esi, card, "Vote")
    tag = ballot.selects[0].custom_id.split("-")[1]
    told = await (await choose_forged(server, esi, ballot, custom_id.replace("{tag}", tag), value)).message()
    assert says in told.text
    assert "**0 votes**" in (await ada.again(card)).text


async def test_a_rule_that_ballots_cannot_be_counted_by(ada: Person, server: Server) -> None:
    card = await post(ada, options=FOUR, kind="Ranked")
    await votes(ada, card, "Dill")
    counted = await receipt(ada, await close(ada, card), "How counted")
    told = await (await choose_forged(server, ada, counted, counted.selects[0].custom_id, "star")).message()
    assert "cannot be counted that way" in told.text
