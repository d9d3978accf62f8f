"""One poll of each kind as people live it, each with a restart of the bot somewhere in the middle."""

import json
import re

import pytest

from sandbox.driver import Modal, Person, SeenMessage, Stage
from tests.support.poll_flow import (
    EARLIER,
    Breaks,
    ballot,
    breaks_at,
    cast,
    close,
    people,
    post,
    put_up,
    receipt,
    set_rules,
    turnout,
    write,
)

FOUR = "Amber\nBasil\nClove\nDill"
SIX = f"{FOUR}\nEndive\nFennel"
TWELVE = "\n".join(f"Herb {number}" for number in range(1, 13))


def marked(modal: Modal) -> list[str]:
    """What is chosen when a ballot opens."""
    return [
        option["label"]
        for field in modal.fields.values()
        for option in field.get("options", [])
        if option.get("default")
    ]


@breaks_at("written", "posted", "opened", "voted")
async def test_a_single_choice_of_twelve(ada: Person, stage: Stage, breaks: Breaks) -> None:
    preview = await write(ada, options=TWELVE)
    assert "12. Herb 12" in preview.text
    await breaks("written")
    card = await put_up(ada, preview)
    assert [button.label for button in card.buttons] == ["Vote", "Manage"]
    assert "Choose one" in card.text
    ben, chika = await people(stage, "Ben", "Chika")
    await breaks("posted")
    modal = await ballot(ben, card)
    assert marked(modal) == []
    await breaks("opened")
    voted = await (await modal.submit(choice="Herb 7")).message()
    assert voted.ephemeral
    assert "Vote counted" in voted.text
    assert "Herb" not in voted.text
    await breaks("voted")
    assert marked(await ballot(ben, card)) == ["Herb 7"]
    changed = await cast(ben, voted, "Herb 2", "Change")
    assert (changed.id, EARLIER in changed.text) == (voted.id, True), "the receipt is replaced"
    await cast(chika, card, "Herb 2")
    await turnout(ada, card, "**2 votes**")
    assert "2. Herb 2: 2 votes · 100 % (34–100 %) · **first**" in (await close(ada, card)).text


@breaks_at("written", "ruled", "voted")
async def test_a_multiple_choice_with_bounds(ada: Person, stage: Stage, breaks: Breaks) -> None:
    preview = await write(ada, options=FOUR, kind="Multiple choice")
    assert "Choose 1 to 4" in preview.text
    await breaks("written")
    preview = await set_rules(ada, preview, fewest="2", most="3")
    assert "Choose 2 to 3" in preview.text
    await breaks("ruled")
    card = await put_up(ada, preview)
    assert "Choose 2 to 3" in card.text
    ben, chika, esi = await people(stage, "Ben", "Chika", "Esi")
    await cast(ben, card, ["Amber", "Dill"])
    await breaks("voted")
    assert marked(await ballot(ben, card)) == ["Amber", "Dill"]
    await cast(chika, card, ["Dill", "Clove", "Basil"])
    await cast(esi, card, ["Dill", "Clove"])
    await turnout(ada, card, "**3 votes**")
    text = (await close(ada, card)).text
    assert "Most votes: Dill" in text
    assert "4. Dill: 3 votes · 100 % (44–100 %) · **first**" in text
    assert "3. Clove: 2 votes · 67 %" in text
    assert "Percent of 3 ballots" in text


@breaks_at("posted", "voted")
async def test_an_approval_where_none_is_a_vote(ada: Person, stage: Stage, breaks: Breaks) -> None:
    card = await post(ada, options=TWELVE, kind="Approval")
    assert "Approve any number, or none" in card.text
    await breaks("posted")
    ben, chika = await people(stage, "Ben", "Chika")
    await cast(ben, card, ["Herb 1", "Herb 12"])
    await breaks("voted")
    assert marked(await ballot(ben, card)) == ["Herb 1", "Herb 12"]
    assert "Vote counted" in (await cast(chika, card, [])).text
    await turnout(ada, card, "**2 votes**")
    text = (await close(ada, card)).text
    assert "A tie: Herb 1, Herb 12" in text
    assert "1. Herb 1: 1 approval · 50 %" in text
    assert "2. Herb 2: 0 approvals · 0 %" in text


async def page(person: Person, message: SeenMessage, marks: dict[str, str], button: str = "Continue") -> SeenMessage:
    return await (await (await ballot(person, message, button)).submit(marks)).message()


@breaks_at("opened", "half", "voted")
async def test_scores_over_two_pages(ada: Person, stage: Stage, breaks: Breaks) -> None:
    card = await post(ada, options=SIX, kind="Score")
    assert "Score each from 0 to 5" in card.text
    ben, chika = await people(stage, "Ben", "Chika")
    modal = await ballot(ben, card)
    assert modal.title.startswith("1 of 2: ")
    assert list(modal.fields) == ["1. Amber", "2. Basil", "3. Clove", "4. Dill", "5. Endive"]
    await breaks("opened")
    half = await (await modal.submit({"1. Amber": "5 (best)", "2. Basil": "0 (worst)"})).message()
    assert half.ephemeral
    assert "Not counted yet" in half.text
    assert "Page 1 of 2 is filled in, 1 option to go" in half.text
    assert "**0 votes**" in (await ben.again(card)).text
    await breaks("half")
    voted = await page(ben, half, {"6. Fennel": "4"})
    assert (voted.id, "Vote counted" in voted.text) == (half.id, True), "the page card is replaced"
    await breaks("voted")
    modal = await ballot(ben, voted, "Change")
    assert marked(modal) == ["5 (best)", "0 (worst)"]
    half = await (await modal.submit({"2. Basil": "1"})).message()
    assert marked(await ballot(ben, half, "Continue")) == ["4"], "also on the second page"
    assert EARLIER in (await page(ben, half, {})).text
    half = await page(chika, card, {"1. Amber": "2"}, "Vote")
    await page(chika, half, {"6. Fennel": "4"})
    await turnout(ada, card, "**2 votes**")
    text = (await close(ada, card)).text
    assert "Highest score: Fennel" in text
    assert "1. Amber: 3.5 of 5 · 2 scores (0.0–5.0)" in text
    assert "2. Basil: 1.0 of 5 · 1 score" in text
    assert "3. Clove: no score" in text


@breaks_at("posted", "voted")
async def test_a_public_poll_with_results_for_those_who_voted(ada: Person, stage: Stage, breaks: Breaks) -> None:
    preview = await write(ada, settings=["Show names", "Results while open, for those who voted"])
    assert "Votes are public" in preview.text
    card = await put_up(ada, preview)
    assert [button.label for button in card.buttons] == ["Open", "Closed", "Hybrid", "Results", "Voters", "Manage"]
    await breaks("posted")
    ben, chika = await people(stage, "Ben", "Chika")
    for button in ("Results", "Voters"):
        assert "vote first" in (await receipt(ben, card, button)).text
    await receipt(ben, card, "Closed")
    await breaks("voted")
    so_far = await receipt(ben, card, "Results")
    assert so_far.ephemeral
    assert "So far" in so_far.text
    assert "2. Closed: 1 vote · 100 %" in so_far.text
    assert so_far.alternative_texts
    voters = await receipt(ben, card, "Voters")
    assert f"**2. Closed** (1)\n<@{ben.id}>" in voters.text
    assert "vote first" in (await receipt(chika, card, "Results")).text
    result = await close(ada, card)
    assert [button.label for button in result.buttons] == ["Voters", "How counted", "Manage"]
    assert f"<@{ben.id}>" in (await receipt(chika, result, "Voters")).text


async def test_results_for_everybody_stand_on_the_card(ada: Person, stage: Stage) -> None:
    preview = await write(ada, settings=["always"])
    assert "give single votes away" in preview.text
    card = await put_up(ada, preview)
    (ben,) = await people(stage, "Ben")
    await receipt(ben, card, "Hybrid")
    shown = await turnout(ada, card, "**1 vote**")
    assert "3. Hybrid\n`██████████` 100 % · 1" in shown.text
    assert "1. Open\n`░░░░░░░░░░` 0 % · 0" in shown.text
    assert "3. Hybrid: 1 vote" in (await receipt(ada, card, "Results")).text


@pytest.mark.parametrize("kind", ["Single choice", "Multiple choice", "Approval", "Score", "Ranked"])
async def test_twenty_five_longest_options_fit_everywhere(ada: Person, kind: str) -> None:
    options = [f"{number:02}" + "𝔘*_<"[:4] * 19 + "漢字" for number in range(25)]
    assert {len(option) for option in options} == {80}
    typed = {"question": "*" * 300, "options": "\n".join(options), "settings": ["public", "always", "remind"]}
    mistake = await write(ada, kind=kind, closes="x" * 60, **typed)
    assert "not a time" in mistake.text
    modal = await (await ada.click(mistake, "Try again")).opened()
    preview = await (await modal.submit(closes="in 3 days")).message()
    assert "25. 24" in preview.text
    card = await put_up(ada, preview)
    if kind == "Ranked":
        message = await ranked_whole(ada, card)
    elif kind == "Score":
        modal = await ballot(ada, card)
        message = await (await modal.submit(dict.fromkeys(list(modal.fields), "5 (best)"))).message()
        for _ in range(4):
            modal = await ballot(ada, message, "Continue")
            message = await (await modal.submit(dict.fromkeys(list(modal.fields), "5 (best)"))).message()
    else:
        few = ["0"] if kind == "Single choice" else [str(place) for place in range(25)]
        message = await cast(ada, card, few)
    assert "Vote counted" in message.text
    shown = await turnout(ada, card, "**1 vote**")
    assert "25. 24" in shown.text
    named = 1 if kind in {"Single choice", "Ranked"} else 25
    assert (await receipt(ada, card, "Voters")).text.count(f"<@{ada.id}>") == named
    result = await close(ada, card)
    assert "25. 24" in result.text
    counted = await receipt(ada, result, "How counted")
    assert counted.ephemeral
    if kind in {"Score", "Ranked"}:
        for rule in [option["value"] for option in counted.selects[0].raw["options"]]:
            counted = await (await ada.choose(counted, None, rule)).message()
            assert re.match("### (How counted|Counted another way|By every rule)", counted.text)


async def ranked_whole(person: Person, card: SeenMessage) -> SeenMessage:
    """Rank 25 options, the last first, and move the second one up."""
    message = await receipt(person, card, "Vote")
    for place in range(24, -1, -1):
        menu = next(select for select in message.selects if select.label.startswith("Add your"))
        message = await (await person.choose(message, menu.custom_id, str(place))).message()
    message = await (await person.choose(message, None, "23")).message()
    message = await (await person.click(message, "Up")).message()
    assert "**2nd** 25" in message.text or "**2nd** 24" in message.text
    return await (await person.click(message, "Submit")).message()


def test_what_a_page_carries_is_one_character_an_option() -> None:
    """As long as the longest poll needs, a key fits into an id."""
    from cogs.polls.controls import BallotKey, ballot_of, continue_button  # noqa: PLC0415

    key = BallotKey(10**18 - 1, "ffff", "o" * 20)
    assert ballot_of(str(key)) == key
    assert len(json.dumps(continue_button(key).custom_id)) < 100
