"""What people do with polls on the stage."""

import pytest

from bot.clock import Clock, utc_now
from sandbox.driver import Person, SeenMessage, Stage
from tests.support.running import Rostrum

PLACE = "#polls"
TYPED = {"question": "Which *models*?", "options": "Open\nClosed\nHybrid", "closes": "in 2 hours"}


async def start(rostrum: Rostrum, stage: Stage, clock: Clock = utc_now) -> None:
    await rostrum.start(clock)
    await stage.wait_online("Rostrum")
    person = await stage.person("Ada")
    await person.wait(lambda: _knows(person), what="the bot's commands")


async def _knows(person: Person) -> bool:
    return {command["name"] for command in await person.commands(PLACE)} >= {"poll", "help"}


async def write(person: Person, **typed: str) -> SeenMessage:
    """Fill in the form and return what comes back."""
    modal = await (await person.slash(PLACE, "poll create")).opened()
    return await (await modal.submit({**TYPED, **typed})).message()


async def post(person: Person, **typed: str) -> SeenMessage:
    """Write and post a poll; return its card."""
    preview = await write(person, **typed)
    await (await person.click(preview, "Post")).done()
    return await person.wait_message(PLACE, "closes <t:", where=lambda seen: not seen.ephemeral)


async def receipt(person: Person, card: SeenMessage, option: str) -> SeenMessage:
    return await (await person.click(card, option)).message()


async def people(stage: Stage, *names: str) -> list[Person]:
    return [await stage.person(name) for name in names]


async def result_of(person: Person, card: SeenMessage) -> SeenMessage:
    async def closed() -> SeenMessage | None:
        seen = await person.again(card)
        return seen if "Poll closed" in seen.text else None

    return await person.wait(closed, what="the result")


async def turnout(person: Person, card: SeenMessage, votes: str) -> SeenMessage:
    async def shown() -> SeenMessage | None:
        seen = await person.again(card)
        return seen if votes in seen.text else None

    return await person.wait(shown, what=f"a turnout of {votes}")


@pytest.fixture
async def ada(rostrum: Rostrum, stage: Stage) -> Person:
    """The bot is online and knows its commands; Ada is there."""
    await start(rostrum, stage)
    return await stage.person("Ada")
