"""People who have left the server, whom no event tells of: their votes and polls stay, and others go on with them."""

from sandbox.driver import Person, Stage
from sandbox.server import Server
from tests.support.forging import press_forged
from tests.support.poll_flow import PLACE, people, post, put_up, receipt, result_of, write


def go(server: Server, person: Person) -> None:
    """Take somebody out of the server without a word to anybody."""
    for members in server.world.members.values():
        members.pop(int(person.id), None)


async def test_the_vote_of_a_member_who_left_keeps_its_name(ada: Person, stage: Stage, server: Server) -> None:
    card = await put_up(ada, await write(ada, settings=["Show names", "Results while open, for everybody"]))
    ben, chika = await people(stage, "Ben", "Chika")
    await receipt(ben, card, "Closed")
    go(server, ben)
    voters = await receipt(chika, card, "Voters")
    assert f"<@{ben.id}>" in voters.text
    panel = await receipt(ada, card, "Manage")
    await (await ada.click(panel, "Close now")).done()
    assert "Most votes: Closed" in (await result_of(ada, card)).text


async def test_a_moderator_goes_on_with_the_poll_of_a_creator_who_left(
    ada: Person, stage: Stage, server: Server
) -> None:
    ben, chika = await people(stage, "Ben", "Chika")
    card = await post(chika)
    go(server, chika)
    await receipt(ada, card, "Open")
    panel = await receipt(ben, card, "Manage")
    await (await ben.click(panel, "Close now")).done()
    assert "Most votes: Open" in (await result_of(ben, card)).text


async def test_a_press_on_the_card_of_a_deleted_poll(ada: Person, stage: Stage, server: Server) -> None:
    card, other = await post(ada), await post(ada, question="Another?")
    button = card.buttons[0].custom_id
    panel = await receipt(ada, card, "Manage")
    asked = await (await ada.click(panel, "Delete")).message()
    await (await ada.click(asked, "Delete for good")).done()
    await ada.wait_message(PLACE, "are gone")
    # as from a card that could not be deleted
    (ben,) = await people(stage, "Ben")
    response = await press_forged(server, ben, other, button)
    assert "no longer exists" in (await response.message()).text
