"""What people do with polls on the stage."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from bot.clock import Clock, utc_now
from sandbox.driver import Modal, Person, SeenMessage, Stage
from tests.support.running import Rostrum

PLACE = "#polls"
TYPED = {"question": "Which *models*?", "options": "Open\nClosed\nHybrid", "closes": "in 2 hours"}
EARLIER = "place of your earlier vote"


async def start(rostrum: Rostrum, stage: Stage, clock: Clock = utc_now) -> None:
    await rostrum.start(clock)
    await stage.wait_online("Rostrum")
    person = await stage.person("Ada")
    await person.wait(lambda: _knows(person), what="the bot's commands")


async def restart(rostrum: Rostrum, stage: Stage, clock: Clock = utc_now) -> None:
    await rostrum.stop()
    await stage.wait_online("Rostrum", online=False)
    await start(rostrum, stage, clock)


async def _knows(person: Person) -> bool:
    return {command["name"] for command in await person.commands(PLACE)} >= {"poll", "help"}


class Breaks:
    """Named points of a flow; at one of them, which the test is run for, the bot is restarted.

    `await breaks("voted")` marks a point. Decorate the test with `breaks_at` and the points it passes.
    """

    def __init__(self, at: str, again: Callable[[], Awaitable[None]]) -> None:
        self.at = at
        self.passed: list[str] = []
        self._again = again

    async def __call__(self, point: str) -> None:
        self.passed.append(point)
        if point == self.at:
            await self._again()


def breaks_at(*points: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("breaks", points, indirect=True)


@pytest.fixture
async def breaks(request: pytest.FixtureRequest, rostrum: Rostrum, stage: Stage) -> AsyncIterator[Breaks]:
    made = Breaks(request.param, lambda: restart(rostrum, stage))
    yield made
    assert made.at in made.passed, "the point of the restart was not reached"


async def form(person: Person) -> Modal:
    return await (await person.slash(PLACE, "poll create")).opened()


async def write(person: Person, **typed: Any) -> SeenMessage:
    """Fill in the form and return what comes back."""
    return await (await (await form(person)).submit({**TYPED, **typed})).message()


async def opens(person: Person, message: SeenMessage, button: str) -> Modal:
    """Press what opens a form; after a restart, when memory has it no more, that is one press more."""
    pressed = await (await person.click(message, button)).done()
    if pressed.modal:
        return pressed.modal
    loaded = await pressed.message()
    assert "loaded again" in loaded.text, loaded.text
    assert loaded.id == message.id
    return await (await person.click(loaded, "Open the form")).opened()


async def set_rules(person: Person, preview: SeenMessage, **rules: Any) -> SeenMessage:
    return await (await (await opens(person, preview, "Rules")).submit(rules)).message()


async def put_up(person: Person, preview: SeenMessage) -> SeenMessage:
    """Post a draft and return the poll's card."""
    await (await person.click(preview, "Post")).done()
    # not the response's message: on a slow machine that is the deferred preview
    await shows(person, preview, "Posted")
    return await person.wait_message(PLACE, "closes <t:", where=lambda seen: not seen.ephemeral)


async def post(person: Person, **typed: Any) -> SeenMessage:
    """Write and post a poll; return its card."""
    return await put_up(person, await write(person, **typed))


async def receipt(person: Person, card: SeenMessage, option: str) -> SeenMessage:
    return await (await person.click(card, option)).message()


async def ballot(person: Person, message: SeenMessage, button: str = "Vote") -> Modal:
    """Open the private ballot."""
    return await (await person.click(message, button)).opened()


async def cast(person: Person, message: SeenMessage, choice: Any, button: str = "Vote") -> SeenMessage:
    """Vote by the ballot of a kind that has one field."""
    return await (await (await ballot(person, message, button)).submit({"choice": choice})).message()


async def close(person: Person, card: SeenMessage) -> SeenMessage:
    """Close a poll by its panel; return its card with the result."""
    panel = await receipt(person, card, "Manage")
    closed = await (await person.click(panel, "Close now")).message()
    assert closed.text.startswith("### Closed"), closed.text
    return await result_of(person, card)


async def people(stage: Stage, *names: str) -> list[Person]:
    return [await stage.person(name) for name in names]


async def result_of(person: Person, card: SeenMessage) -> SeenMessage:
    return await shows(person, card, "Poll closed")


async def turnout(person: Person, card: SeenMessage, votes: str) -> SeenMessage:
    return await shows(person, card, votes)


async def shows(person: Person, card: SeenMessage, text: str) -> SeenMessage:
    """Wait until a message says something."""

    async def shown() -> SeenMessage | None:
        seen = await person.again(card)
        return seen if text in seen.text else None

    return await person.wait(shown, what=f"{text!r} on the card")


@pytest.fixture
async def ada(rostrum: Rostrum, stage: Stage) -> Person:
    """The bot is online and knows its commands; Ada is there."""
    await start(rostrum, stage)
    return await stage.person("Ada")
