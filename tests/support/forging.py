"""What no decent client would send: the stand-in is made to believe that the message or form had it.

The stand-in refuses controls and choices that a message or form does not have, as Discord does. An old card, a race or
a client of somebody's own may still bring such a thing to the bot.
"""

from sandbox.driver import Modal, Person, SeenMessage
from sandbox.driver.response import Response
from sandbox.driver.seen import walk
from sandbox.server import Server

GROUPS = frozenset({3, 21, 22})
MENU = 3


async def press_forged(server: Server, person: Person, message: SeenMessage, custom_id: str) -> Response:
    """Press a button that the message does not have, in place of its last one."""
    stored = server.world.messages[int(message.channel_id)][int(message.id)]
    buttons = [part for part in walk(stored.components) if part["type"] == 2]
    kept = dict(buttons[-1])
    buttons[-1].update(custom_id=custom_id, disabled=False)
    try:
        return await person.click(await person.again(message), custom_id)
    finally:
        buttons[-1].clear()
        buttons[-1].update(kept)


def offer(server: Server, modal: Modal, *values: str) -> None:
    """Let a form have further values in all that can be chosen, and as many of them as one likes."""
    stored = server.world.interactions[int(modal.response.id)].modal
    assert stored is not None
    for raw in (stored, modal.raw):
        for part in walk(raw["components"]):
            if part["type"] in GROUPS:
                part["options"] += [{"label": value, "value": value, "description": None} for value in values]
                part.update(min_values=0, max_values=25, required=False)


async def choose_forged(server: Server, person: Person, message: SeenMessage, custom_id: str, value: str) -> Response:
    """Choose what a menu of the message does not offer; `custom_id` may be another than the menu has."""
    stored = server.world.messages[int(message.channel_id)][int(message.id)]
    menu = next(part for part in walk(stored.components) if part["type"] == MENU)
    kept = dict(menu)
    menu.update(custom_id=custom_id, options=[*menu["options"], {"label": value, "value": value}])
    try:
        return await person.choose(await person.again(message), custom_id, value)
    finally:
        menu.clear()
        menu.update(kept)
