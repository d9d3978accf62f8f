"""How polls are counted, as people choose it, read it and check it, with a restart somewhere in the middle."""

import json
from io import BytesIO

import aiohttp
from PIL import Image

from sandbox.driver import Person, SeenMessage, Stage
from tests.support.poll_flow import (
    Breaks,
    ballot,
    breaks_at,
    cast,
    close,
    opens,
    people,
    post,
    put_up,
    receipt,
    set_rules,
    shows,
    turnout,
    write,
)
from tests.support.ranking_flow import presses, votes

THREE = "Amber\nBasil\nClove"
NAMES = ("Ada", "Ben", "Chika", "Dmitri", "Esi")
# instant runoff elects Amber, whoever compares two by two Basil
BALLOTS = (
    ("Amber", "Basil", "Clove"),
    ("Amber", "Basil", "Clove"),
    ("Basil", "Amber", "Clove"),
    ("Clove", "Basil", "Amber"),
    ("Clove", "Basil", "Amber"),
)
OTHER = "Count by another rule"


async def five_vote(stage: Stage, card: SeenMessage) -> None:
    for person, options in zip(await people(stage, *NAMES), BALLOTS, strict=True):
        await votes(person, card, *options)


async def chosen(person: Person, message: SeenMessage, select: str, choice: str) -> SeenMessage:
    return await (await person.choose(message, select, choice)).message()


async def fetched(message: SeenMessage, name: str) -> bytes:
    """Return what a picture or file on a card holds."""
    media = [item["media"] for part in message.components for item in part.get("items", [])]
    media += [part["file"] for part in message.components if "file" in part]
    url = next(one["url"] for one in media if name in one["url"])
    async with aiohttp.request("GET", url) as answer:
        return await answer.read()


@breaks_at("written", "chosen", "posted", "closed", "counted", "compared")
async def test_a_method_is_chosen_explained_and_compared(ada: Person, stage: Stage, breaks: Breaks) -> None:
    preview = await write(ada, options=THREE, kind="Ranked")
    await breaks("written")
    preview = await chosen(ada, preview, "Counted by", "Counted by the Schulze method")
    assert "Counted by the Schulze method; ties by lot, drawn already." in preview.text
    await breaks("chosen")
    card = await put_up(ada, preview)
    (esi,) = await people(stage, "Esi")
    await breaks("posted")
    explained = await receipt(esi, card, "How it counts")
    assert explained.ephemeral
    assert "Options are compared two by two" in explained.text
    lot = [line for line in explained.text.splitlines() if line[:3] in {"1. ", "2. ", "3. "}]
    assert sorted(line[3:] for line in lot) == ["Amber", "Basil", "Clove"]
    assert (await receipt(ada, card, "How it counts")).text == explained.text, "the lot is the same for all"
    await five_vote(stage, card)
    await turnout(ada, card, "**5 votes**")
    result = await close(ada, card)
    assert "Winner by the Schulze method: Basil" in result.text
    await breaks("closed")
    counted = await receipt(esi, result, "How counted")
    assert "Basil beats every other option one by one." in counted.text
    assert "**Order.** 1. Basil · 2. Amber · 3. Clove" in counted.text
    assert "1 Amber     2  3" in counted.text, "the comparisons are there as text"
    assert counted.alternative_texts == [
        "Ballots that prefer the row to the column, 3 rows and 3 columns. The text has the same numbers."
    ]
    assert Image.open(BytesIO(await fetched(counted, "counted.png"))).format == "PNG"
    await breaks("counted")
    compared = await chosen(esi, counted, OTHER, "All rules at once")
    assert compared.id == counted.id
    assert "**The winner depends on the rule.**" in compared.text
    assert "Instant runoff: **Amber**" in compared.text
    assert "The Schulze method: **Basil** · **the poll's rule**" in compared.text
    await breaks("compared")
    other = await chosen(esi, compared, OTHER, "Count by instant runoff")
    assert "**This is not the rule of this poll**, which is the Schulze method." in other.text
    assert "Round 1: Basil goes out with 1." in other.text
    assert "Round 2: Amber has 3." in other.text
    assert "How counted" in (await presses(esi, other, "By the poll's rule")).text


@breaks_at("closed", "counted")
async def test_everybody_can_count_again(ada: Person, stage: Stage, breaks: Breaks) -> None:
    card = await post(ada, options=THREE, kind="Ranked")
    (farid,) = await people(stage, "Farid")
    await five_vote(stage, card)
    result = await close(ada, card)
    await breaks("closed")
    counted = await receipt(farid, result, "How counted")
    await breaks("counted")
    told = await receipt(farid, counted, "Recount file")
    assert told.ephemeral
    assert "all ballots, without names" in told.text
    assert "not that the operator was honest" in told.text
    content = json.loads(await fetched(told, "poll-1.json"))
    assert "Amber" in json.dumps(content)
    assert all(str(person.id) not in json.dumps(content) for person in await people(stage, *NAMES))


@breaks_at("weighed", "posted", "voted")
async def test_votes_of_a_role_count_more(ada: Person, stage: Stage, breaks: Breaks) -> None:
    preview = await write(ada, settings=["Results while open, for everybody"])
    form = await opens(ada, preview, "Weights")
    mistake = await (await form.submit(roles=["Moderator"], times="11")).message()
    assert "a number from 2 to 10" in mistake.text
    form = await (await ada.click(mistake, "Try again")).opened()
    preview = await (await form.submit(times="3")).message()
    said = "3 times, all others once."
    assert said in preview.text
    await breaks("weighed")
    form = await opens(ada, preview, "Weights")
    assert "3" in json.dumps(form.raw), "the form opens with what is set"
    preview = await (await form.submit()).message()
    assert said in preview.text
    card = await put_up(ada, preview)
    assert said in card.text
    ben, chika, esi = await people(stage, "Ben", "Chika", "Esi")
    await breaks("posted")
    await receipt(ben, card, "Closed")
    await receipt(chika, card, "Open")
    await receipt(esi, card, "Open")
    await breaks("voted")
    shown = await turnout(ada, card, "**3 votes**")
    assert "2. Closed\n`██████░░░░` 60 % · 3" in shown.text, "a weight; how many people, beside it, would tell too much"
    panel = await receipt(ada, card, "Manage")
    assert "**Weights** (people have voted)" in panel.text
    result = await close(ada, card)
    assert "Most votes: Closed" in result.text
    assert "3 ballots weigh 5 together" in result.text
    counted = await receipt(chika, result, "How counted")
    assert "**Weights.** Votes of members with" in counted.text
    assert "Equal votes stay a tie" in counted.text


async def test_weights_that_do_not_fit(ada: Person) -> None:
    preview = await write(ada)
    for typed, says in (
        ({"roles": ["Moderator"]}, "Please write how many times"),
        ({"times": "3"}, "Please choose the roles"),
        ({"roles": ["Moderator"], "times": "x"}, "no whole number"),
        ({"roles": ["Moderator"], "times": "2", "roles_too": ["Moderator"], "times_too": "3"}, "chosen twice"),
    ):
        form = await opens(ada, preview, "Weights")
        preview = await (await form.submit(typed)).message()
        assert says in preview.text
        form = await (await ada.click(preview, "Try again")).opened()
        preview = await (await form.submit(roles=[], times="", roles_too=[], times_too="")).message()
        assert "Preview" in preview.text
        assert "all others once" not in preview.text


@breaks_at("posted", "voted")
async def test_star_on_an_open_poll(ada: Person, stage: Stage, breaks: Breaks) -> None:
    preview = await write(ada, options=THREE, kind="Score", settings=["always"])
    assert "Counted by mean score." in preview.text
    card = await put_up(ada, preview)
    await breaks("posted")
    panel = await receipt(ada, card, "Manage")
    changed = await chosen(ada, panel, "Counted by", "Counted by STAR")
    assert "Counted by STAR; ties by lot, drawn already." in changed.text
    await shows(ada, card, "Counted by STAR")
    ben, chika, esi = await people(stage, "Ben", "Chika", "Esi")
    for person, scores in ((ben, "541"), (chika, "431"), (esi, "050")):
        modal = await ballot(person, await ada.again(card))
        marks = dict(zip(modal.fields, scores, strict=True))
        labels = {"5": "5 (best)", "0": "0 (worst)"}
        await (await modal.submit({name: labels.get(mark, mark) for name, mark in marks.items()})).done()
        await turnout(ada, card, f"**{(ben, chika, esi).index(person) + 1} vote")
    await breaks("voted")
    panel = await receipt(ada, card, "Manage")
    assert not panel.selects, "people have voted"
    so_far = await receipt(chika, card, "Results")
    assert "Ahead by STAR: Amber" in so_far.text
    counted = await receipt(chika, so_far, "How counted")
    assert "Finalists: Amber (9 points) and Basil (12 points)." in counted.text
    assert "Ballots that score one higher: Amber 2, Basil 1." in counted.text
    assert "The poll is still open" in counted.text
    assert "Recount file" not in [button.label for button in counted.buttons]
    assert "Winner by STAR: Amber" in (await close(ada, card)).text


async def test_a_quorum_and_a_poll_without_votes(ada: Person, stage: Stage) -> None:
    preview = await set_rules(ada, await write(ada, options=THREE, kind="Ranked"), quorum="3")
    card = await put_up(ada, preview)
    (ben,) = await people(stage, "Ben")
    empty = await close(ada, await post(ada, options=THREE, kind="Ranked", question="Nobody?"))
    counted = await receipt(ben, empty, "How counted")
    assert "Nobody voted." in counted.text
    assert not counted.selects
    await votes(ben, card, "Clove")
    result = await close(ada, card)
    counted = await receipt(ben, result, "How counted")
    assert "3 votes were needed, 1 came: it was missed." in counted.text
    assert "since a list of fewer than five ballots would say" in (await receipt(ben, counted, "Recount file")).text


async def test_no_other_way_to_count_one_choice(ada: Person, stage: Stage) -> None:
    card = await post(ada, options="\n".join(f"Herb {number}" for number in range(1, 8)))
    (ben,) = await people(stage, "Ben")
    await cast(ben, card, "Herb 3")
    counted = await receipt(ben, await close(ada, card), "How counted")
    assert "**Most votes.**" in counted.text
    assert not counted.selects
    assert "Recount file" in [button.label for button in counted.buttons]
