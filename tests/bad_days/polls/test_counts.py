"""Counts of ballots that tell little, of people who are gone, and files that were changed, as people see them.

Where each of these is tested: here what people read, and below what is counted.

- no ballots: `test_a_quorum_and_a_poll_without_votes` in tests/polls/test_flow_counted.py;
  `test_nobody_wins_when_nobody_says_anything` in tests/polls/tallies/test_examples.py
- one ballot, all tied: `test_one_ballot...` and `test_all_tied...` (flow); `test_one_ballot_and_all_tied` in
  tests/polls/tallies/test_examples.py
- people erased after closing: `test_an_erased_voter...` (flow); `test_what_the_service_hands_out_counts_again` in
  tests/polls/test_recount_flow.py, `test_erased_people_stay_in_the_list_without_a_name` in tests/polls/test_export.py
- a changed recount file: `test_a_recount_file_that_was_changed` (flow); tests/polls/test_recount.py and
  tests/cli/test_recount.py
- ABIF of others: tests/cli/test_recount.py (as a command) and tests/polls/test_recount_abif.py
- hostile ballots: `test_five_and_twenty_options...` (flow), `test_forged_controls` in tests/polls/test_flow_ranked.py;
  tests/polls/test_ranking.py
"""

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.db.schema import VoterRow
from bot.recount import recount
from sandbox.driver import Person, SeenMessage, Stage
from sandbox.server import Server
from tests.polls.test_flow_counted import BALLOTS, NAMES, THREE, chosen, fetched, five_vote
from tests.support.ahead import Ahead
from tests.support.forging import press_forged
from tests.support.poll_flow import ballot, close, people, post, put_up, receipt, shows, turnout, write
from tests.support.ranking_flow import presses, votes
from tests.support.running import Rostrum

RANKED = (
    "Counted by instant runoff",
    "Counted by Borda points",
    "Counted by the Schulze method",
    "Counted by ranked pairs",
)
PLAIN = ("Counted by mean score", "Counted by STAR")


async def ranked(person: Person, method: str) -> SeenMessage:
    preview = await write(person, options=THREE, kind="Ranked")
    if method != RANKED[0]:
        preview = await chosen(person, preview, "Counted by", method)
    return await put_up(person, preview)


async def lot_of(person: Person, card: SeenMessage) -> list[str]:
    """The order in which options win ties, as everybody can read it before they vote."""
    explained = await receipt(person, card, "How it counts")
    return [line[3:] for line in explained.text.splitlines() if line[:3] in {"1. ", "2. ", "3. "}]


async def recount_file(person: Person, result: SeenMessage, name: str = "poll-1.json") -> bytes:
    counted = await receipt(person, result, "How counted")
    return await fetched(await receipt(person, counted, "Recount file"), name)


@pytest.mark.parametrize("method", RANKED)
async def test_one_ballot_decides_by_every_rule(ada: Person, stage: Stage, method: str) -> None:
    card = await ranked(ada, method)
    (ben,) = await people(stage, "Ben")
    await votes(ben, card, "Clove", "Amber")
    result = await close(ada, card)
    assert f"Winner by {method.removeprefix('Counted by ')}: Clove" in result.text
    counted = await receipt(ada, result, "How counted")
    compared = await chosen(ada, counted, "Count by another rule", "All rules at once")
    assert compared.text.count("**Clove**") == 5
    assert "The winner depends on the rule" not in compared.text


@pytest.mark.parametrize("method", RANKED)
async def test_all_tied_is_decided_by_the_lot_that_all_could_read(ada: Person, stage: Stage, method: str) -> None:
    card = await ranked(ada, method)
    lot = await lot_of(ada, card)
    orders = (("Amber", "Basil", "Clove"), ("Basil", "Clove", "Amber"), ("Clove", "Amber", "Basil"))
    for person, order in zip(await people(stage, *NAMES[:3]), orders, strict=True):
        await votes(person, card, *order)
    result = await close(ada, card)
    won = [option for option in lot if f"Winner by {method.removeprefix('Counted by ')}: {option}" in result.text]
    assert len(won) == 1
    if method in (RANKED[1], RANKED[2]):
        assert won == lot[:1], "all are level at once, so that the lot alone decides"
    told = [line for line in (await receipt(ada, result, "How counted")).text.splitlines() if " lot" in line]
    assert told
    assert (await receipt(ada, result, "How counted")).text == (
        await receipt(await stage.person("Esi"), result, "How counted")
    ).text


async def test_scores_that_are_all_alike(ada: Person, stage: Stage) -> None:
    preview = await write(ada, options=THREE, kind="Score")
    card = await put_up(ada, await chosen(ada, preview, "Counted by", PLAIN[1]))
    lot = await lot_of(ada, card)
    for number, person in enumerate(await people(stage, "Ben", "Chika"), 1):
        modal = await ballot(person, await ada.again(card))
        await (await modal.submit(dict.fromkeys(modal.fields, "5 (best)"))).done()
        await turnout(ada, card, f"**{number} vote")
    result = await close(ada, card)
    assert f"Winner by STAR: {lot[0]}" in result.text
    assert "lot" in (await receipt(ada, result, "How counted")).text


async def test_an_erased_voter_is_in_no_recount_file_and_the_count_stays(
    ada: Person, stage: Stage, rostrum: Rostrum, ahead: Ahead, tmp_path: Path
) -> None:
    card = await post(ada, options=THREE, kind="Ranked")
    await five_vote(stage, card)
    result = await close(ada, card)
    (esi, ben), ids = await people(stage, "Esi", "Ben"), [one.id for one in await people(stage, *NAMES)]
    before = await recount_file(esi, result)
    for person in (ben, ada):
        await rostrum.app.forget_user(int(person.id))
    await ahead.restart()
    after = await recount_file(esi, result)
    assert json.loads(before)["content"] == json.loads(after)["content"]
    assert "Winner by instant runoff: Amber" in (await esi.again(result)).text
    path = tmp_path / "poll.json"
    for file in (before, after):
        assert not [number for number in ids if number.encode() in file]
        path.write_bytes(file)
        assert recount(path, json.loads(before)["signature"]["public_key"]).status == 0
    async with rostrum.app.database.read() as connection:
        known = set((await connection.execute(select(VoterRow.member_id))).scalars())
    assert {int(ben.id), int(ada.id)}.isdisjoint(known)
    assert int(esi.id) in known
    assert (await rostrum.app.export_user(int(ben.id)))["polls"]["votes"] == []


async def test_a_recount_file_that_was_changed(ada: Person, stage: Stage, tmp_path: Path) -> None:
    card = await post(ada, options=THREE, kind="Ranked")
    await five_vote(stage, card)
    file, path = await recount_file(ada, await close(ada, card)), tmp_path / "poll.json"
    key = json.loads(file)["signature"]["public_key"]
    path.write_bytes(file)
    assert recount(path, key).status == 0
    document = json.loads(file)
    ballots = document["content"]["ballots"]
    # Amber wins with one of those who ranked Basil first; all alike elect another, or at least have other rounds
    document["content"]["ballots"] = [ballots[0]] * len(ballots)
    path.write_text(json.dumps(document), "utf-8")
    assert recount(path, key).status == 13
    path.write_bytes(file)
    assert recount(path, "A" * 43 + "=").status == 20
    assert len(BALLOTS) == 5


async def test_five_and_twenty_options_and_ballots_that_nobody_can_make(
    ada: Person, stage: Stage, server: Server
) -> None:
    options = [f"Herb {letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXY"]
    card = await post(ada, options="\n".join(options), kind="Ranked")
    (esi,) = await people(stage, "Esi")
    opened = await receipt(esi, card, "Vote")
    tag = opened.selects[0].custom_id.split("-")[1]
    letters = "abcdefghijklmnopqrstuvwxy"
    for order, says in (
        (letters + "a", "cannot be read"),
        (letters[:-1] + "z", ""),
        ("a" + "B" * 24, "cannot be read"),
        ("ä", ""),
        ("0", ""),
        (letters.upper(), "cannot be read"),
        ("a" + letters[1:].upper(), "Vote counted"),
        (letters[::-1], "Vote counted"),
    ):
        pressed = await press_forged(server, esi, card, f"polls:v1:rankcast:1-{tag}-{order}-")
        told = (await pressed.message()).text
        assert says in told, (order, told)
        assert ("Vote counted" in told) == (says == "Vote counted"), (order, told)
        assert "wrong on my side" not in told, (order, told)
    again = await receipt(esi, card, "Vote")
    assert "**1st** Herb Y" in again.text
    assert "**25th** Herb A" in again.text
    await presses(esi, again, "Clear")
    await shows(ada, card, "**1 vote**")
    result = await close(ada, card)
    assert "Winner by instant runoff: Herb Y" in result.text
    assert "Herb Y has 1" in (await receipt(esi, result, "How counted")).text
