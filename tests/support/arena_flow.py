"""What people do in the arena on the stage, with two scripted models and a clock that the test moves."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.driver import Person, SeenMessage, Stage
from tests.support.ahead import Ahead
from tests.support.ask_flow import PLACE, shows
from tests.support.running import Rostrum

PROMPT = "What is best in the morning?"
NOT_THIS_ONE = """
[models."smollm2-135m"]
tasks = ["summarise"]
"""
"""The model whose weights are installed beside the tests is not to meet the scripted ones."""
LONG_ENOUGH = timedelta(seconds=30)
"""After this everybody has read both answers, and may begin another battle."""


@pytest.fixture
async def clock(rostrum: Rostrum, stage: Stage, models: Path) -> Ahead:
    """The bot is online with its models, on a clock that is moved by `clock.by`."""
    with models.open("a", encoding="utf-8") as file:
        file.write(NOT_THIS_ONE)
    moved = Ahead(rostrum, stage)
    await rostrum.start(moved)
    await stage.wait_online("Rostrum")
    person = await stage.person("Ada")

    async def known() -> bool:
        return {command["name"] for command in await person.commands(PLACE)} >= {"arena", "help"}

    await person.wait(known, what="the bot's commands")
    return moved


@pytest.fixture
async def ada(stage: Stage, clock: Ahead) -> Person:
    """The bot is online; Ada is there."""
    assert not clock.by
    return await stage.person("Ada")


async def begin(person: Person, prompt: str = PROMPT, **options: object) -> SeenMessage:
    """Begin a battle, and return its message."""
    return await (await person.slash(PLACE, "arena battle", {"prompt": prompt, **options})).message()


async def fight(person: Person, prompt: str = PROMPT, **options: object) -> SeenMessage:
    """Begin a battle, and wait for both answers."""
    return await shows(person, await begin(person, prompt, **options), "Which answer is better?")


async def until(check: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds that no event tells of."""
    async with asyncio.timeout(30):
        while not await check():
            await asyncio.sleep(0.02)


async def read(person: Person, message: SeenMessage, clock: Ahead) -> None:
    """Let time pass until everybody has read both answers, and may begin another battle."""
    battle_id = int(message.button("Tie").custom_id.rsplit(":", 1)[1].split("-")[0])
    guild_id = int((await person.place(PLACE)).guild_id or 0)

    async def noted() -> bool:
        return (await clock.app.arena.get(battle_id, guild_id)).shown_at is not None

    await until(noted)
    clock.by += LONG_ENOUGH


async def press(person: Person, message: SeenMessage, button: str) -> SeenMessage:
    """Press a button and return the card that comes of it."""
    return await (await person.click(message, button)).message()


async def pick(person: Person, message: SeenMessage, values: object, select: str | None = None) -> SeenMessage:
    """Choose in a menu and return the card that comes of it."""
    return await (await person.choose(message, select, values)).message()


async def closed(person: Person, message: SeenMessage) -> SeenMessage:
    """Close a battle by its panel; return its card with the result."""
    panel = await press(person, message, "Manage")
    await press(person, panel, "Close now")
    return await shows(person, message, "Closed <t:")
