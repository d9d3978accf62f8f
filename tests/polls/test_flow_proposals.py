"""Members propose options, creators and moderators decide, with the real client; with restarts in between."""

import pytest

from sandbox.driver import Person, SeenMessage, Stage
from sandbox.server import Server
from tests.support.forging import press_forged
from tests.support.poll_flow import Breaks, breaks_at, cast, close, people, post, receipt, shows

PROPOSE = "Propose an option"


async def press(person: Person, message: SeenMessage, button: str) -> SeenMessage:
    return await (await person.click(message, button)).message()


async def propose(person: Person, card: SeenMessage, option: str) -> SeenMessage:
    modal = await (await person.click(card, PROPOSE)).opened()
    return await (await modal.submit({"option": option})).message()


async def decide(person: Person, shown: SeenMessage, what: str) -> SeenMessage:
    """Accept or decline the first that is shown."""
    first = next(button for button in shown.buttons if button.label == what)
    return await press(person, shown, first.custom_id)


async def open_proposals(person: Person, card: SeenMessage, amount: int) -> SeenMessage:
    panel = await receipt(person, card, "Manage")
    return await press(person, panel, f"Proposals ({amount})")


@breaks_at("posted", "proposed", "shown", "accepted")
async def test_an_option_is_proposed_accepted_and_voted_for(ada: Person, stage: Stage, breaks: Breaks) -> None:
    card = await post(ada, settings=["propose"])
    assert [button.label for button in card.buttons][-2:] == [PROPOSE, "Manage"]
    ben, chika = await people(stage, "Ben", "Chika")
    await receipt(ben, card, "Open")
    await breaks("posted")
    said = await propose(chika, card, "  Council *of* @everyone ")
    assert said.ephemeral
    assert "Council \\*of\\*" in said.text
    assert "waits for the poll's creator or a moderator" in said.text
    await propose(chika, card, "Lot")
    waiting = await shows(ada, card, "2 proposals wait for a decision")
    assert "Council" not in waiting.text, "nobody reads it in the channel before it is accepted"
    await breaks("proposed")
    shown = await open_proposals(ada, card, 2)
    assert shown.ephemeral
    assert f"proposed by <@{chika.id}>" in shown.text
    assert "1 ballot stands already" in shown.text
    assert [button.label for button in shown.buttons] == ["Accept", "Decline", "Accept", "Decline", "Back"]
    await breaks("shown")
    accepted = await decide(ada, shown, "Accept")
    assert accepted.id == shown.id
    assert "is accepted." in accepted.text
    now = await shows(ada, card, "4. Council")
    assert "1 proposal waits" in (await shows(ada, card, "1 proposal waits")).text
    assert [button.label for button in now.buttons][:4] == ["Open", "Closed", "Hybrid", "Council *of* @everyone"]
    await breaks("accepted")
    declined = await decide(ada, accepted, "Decline")
    assert "is declined." in declined.text
    assert "Nothing waits for a decision" in declined.text
    now = await shows(ada, card, "**1 vote**")
    assert "Vote counted" in (await receipt(chika, now, "Council *of* @everyone")).text
    result = await close(ada, now)
    assert "1. Open: 1 vote · 50 %" in result.text
    assert "4. Council \\*of\\*" in result.text
    assert PROPOSE not in [button.label for button in result.buttons]


async def test_what_does_not_fit_is_given_back(ada: Person, stage: Stage) -> None:
    card = await post(ada, settings=["propose"])
    (ben,) = await people(stage, "Ben")
    mistake = await propose(ben, card, "OPEN")
    assert "Not quite" in mistake.text
    assert "option of this poll already" in mistake.text
    modal = await (await ben.click(mistake, "Try again")).opened()
    assert modal.raw["components"][0]["component"]["value"] == "OPEN"
    said = await (await modal.submit({"option": "`Open`\n# weights"})).message()
    assert said.id == mistake.id
    assert "Proposed" in said.text
    assert "\n# weights" not in said.text
    for text in ("One", "Two"):
        said = await propose(ben, said, text)
    refused = await propose(ben, said, "Three")
    assert "3 proposals of yours wait" in refused.text


async def test_two_moderators_decide_at_the_same_moment(ada: Person, stage: Stage) -> None:
    card = await post(ada, settings=["propose"])
    ben, chika = await people(stage, "Ben", "Chika")
    await propose(chika, card, "Council")
    await shows(ada, card, "1 proposal waits")
    adas, bens = await open_proposals(ada, card, 1), await open_proposals(ben, card, 1)
    first = await decide(ada, adas, "Accept")
    late = await decide(ben, bens, "Accept")
    assert "is accepted." in first.text
    assert late.id == bens.id
    assert "was accepted a moment ago" in late.text
    assert "Nothing waits" in late.text
    back = await press(ben, late, "Back")
    assert "Manage:" in back.text
    assert back.button("Proposals (0)").disabled


async def test_the_list_has_pages_and_ends_with_the_poll(ada: Person, stage: Stage) -> None:
    card = await post(ada, settings=["propose"])
    for name in ("Ben", "Chika"):
        (person,) = await people(stage, name)
        for number in range(3):
            await propose(person, card, f"{name} {number}")
    await shows(ada, card, "6 proposals wait")
    shown = await open_proposals(ada, card, 6)
    assert "Page 1 of 2" in shown.text
    second = await press(ada, shown, "Next")
    assert "Chika 2" in second.text
    assert "Chika 1" not in second.text
    emptied = await decide(ada, second, "Decline")
    assert "Page " not in emptied.text, "there is one page left"
    await close(ada, card)
    late = await decide(ada, emptied, "Accept")
    assert "poll is closed" in late.text
    assert all(button.disabled for button in late.buttons if button.label == "Accept")
    assert "is declined" in (await decide(ada, late, "Decline")).text


async def test_an_added_option_is_told_on_ballots(ada: Person, stage: Stage) -> None:
    card = await post(ada, settings=["propose"], kind="Multiple choice")
    (ben,) = await people(stage, "Ben")
    voted = await cast(ben, card, ["Open"])
    await propose(ben, card, "Council")
    await press(ada, await open_proposals(ada, await shows(ada, card, "1 proposal waits"), 1), "Accept")
    now = await shows(ada, card, "4. Council")
    modal = await (await ben.click(voted, "Change")).opened()
    assert "The last option was added after you voted" in str(modal.raw)
    assert "Vote counted" in (await (await modal.submit({"choice": ["Open", "Council"]})).message()).text
    assert "4. Council: 1 vote" in (await close(ada, now)).text


@pytest.mark.parametrize(
    ("custom_id", "says"),
    [
        ("polls:v1:propose:1", "takes no proposals"),
        ("polls:v1:propose:x", "no longer exists"),
        ("polls:v1:proposals:1-0", "Only the poll's creator"),
        ("polls:v1:accept:1-1-0", "Only the poll's creator"),
        ("polls:v1:decline:1-1-0", "Only the poll's creator"),
        ("polls:v1:accept:1-x-0", "no longer exists"),
        ("polls:v1:accept:77-1-0", "no longer exists"),
    ],
)
async def test_forged_presses(ada: Person, stage: Stage, server: Server, custom_id: str, says: str) -> None:
    card = await post(ada)
    (esi,) = await people(stage, "Esi")
    seen = await (await press_forged(server, esi, card, custom_id)).message()
    assert seen.ephemeral
    assert says in seen.text


async def test_a_proposal_that_is_gone_says_so(ada: Person, server: Server) -> None:
    card = await post(ada, settings=["propose"])
    for action in ("accept", "decline"):
        seen = await (await press_forged(server, ada, card, f"polls:v1:{action}:1-99-0")).message()
        assert seen.ephemeral
        assert "proposal is gone" in seen.text
    assert "0 votes" in (await ada.again(card)).text
