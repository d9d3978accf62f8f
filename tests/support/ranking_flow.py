"""Ranked ballots on the stage."""

from sandbox.driver import Person, SeenMessage
from tests.support.poll_flow import receipt


async def ranks(person: Person, message: SeenMessage, *options: str) -> SeenMessage:
    """Add options by their labels, one after the other."""
    for option in options:
        menu = next(select for select in message.selects if select.label.startswith("Add your"))
        label = next(one["label"] for one in menu.raw["options"] if one["label"].endswith(option))
        message = await (await person.choose(message, menu.custom_id, label)).message()
    return message


async def presses(person: Person, message: SeenMessage, *buttons: str) -> SeenMessage:
    for button in buttons:
        message = await (await person.click(message, button)).message()
    return message


async def votes(person: Person, card: SeenMessage, *options: str) -> SeenMessage:
    return await presses(person, await ranks(person, await receipt(person, card, "Vote"), *options), "Submit")
