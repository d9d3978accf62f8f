"""The driver: people on the stage, for flow tests and benches. Its docstrings are its manual.

    async with Stage(server) as stage:                     # or: await Stage.connect(url, capability)
        ada = await stage.person("Ada")
        response = await ada.slash("#polls", "poll create")
        modal = await response.opened()
        receipt = await (await modal.submit({"Question": "Tea?", "Comment": "now"})).message()
        await ada.click(receipt, "Post")
        card = await (await stage.person("Ben")).wait_message("#polls", containing="Tea?")

Whoever uses it needs no Discord account, no discord.py and no sleeping: every wait wakes on events and has a timeout
whose error tells what was seen instead.
"""

from sandbox.driver.errors import InteractionFailed, NotFound, Refused, StageError, WaitedInVain
from sandbox.driver.person import Person
from sandbox.driver.places import Place
from sandbox.driver.response import Modal, Response
from sandbox.driver.seen import Control, SeenFile, SeenMessage
from sandbox.driver.stage import Stage
from sandbox.driver.transport import File

__all__ = [
    "Control",
    "File",
    "InteractionFailed",
    "Modal",
    "NotFound",
    "Person",
    "Place",
    "Refused",
    "Response",
    "SeenFile",
    "SeenMessage",
    "Stage",
    "StageError",
    "WaitedInVain",
]
