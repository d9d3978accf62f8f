"""Failures on their way to whoever should hear of them, over sockets; what members wrote is not among it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from io import StringIO

import discord
import pytest

from bot import timers
from bot.clock import utc_now
from bot.errors import InvalidInputError, OutcomeUnknownError, ServiceError
from cogs.ui import errors
from cogs.ui.reports import concerns, guild_of
from sandbox.audit import Actor
from sandbox.channels import delete_channel
from sandbox.driver import SeenMessage
from sandbox.server import Server
from tests.support.bells import PLACE, Bells
from tests.support.written import lines, written

__all__ = ["written"]

LOG_PLACE = "#general"


@pytest.fixture
async def logging_to(bells: Bells, server: Server) -> int:
    """The server has a log channel."""
    guild = next(iter(server.world.guilds.values()))
    place = await (await bells.stage.person("Ben")).place(LOG_PLACE)
    await bells.client.app.guilds.set_channel(guild.id, "log", int(place.id))
    return guild.id


async def told(bells: Bells) -> list[SeenMessage]:
    ben = await bells.stage.person("Ben")
    return [seen for seen in await ben.see(LOG_PLACE) if "Trouble with" in seen.text]


async def test_a_failure_that_nobody_sees_reaches_the_log_and_the_server(
    bells: Bells, logging_to: int, written: StringIO
) -> None:
    for _ in range(3):
        await bells.client.reporter.report(ServiceError("inside"), "closing a poll", logging_to)
    (shown,) = await told(bells)
    assert "Trouble with closing a poll" in shown.text
    assert "inside" not in shown.text
    failed = [line for line in lines(written) if line["event"] == "failed"]
    assert len(failed) == 3
    assert failed[0]["reference"] in shown.text
    await bells.client.reporter.report(KeyError("other"), "closing a poll", logging_to)
    assert len(await told(bells)) == 2


async def test_a_server_without_a_log_channel_or_with_a_lost_one_stops_nothing(
    bells: Bells, logging_to: int, server: Server, written: StringIO
) -> None:
    guild = server.world.guilds[logging_to]
    place = int((await (await bells.stage.person("Ben")).place(LOG_PLACE)).id)
    delete_channel(server.world, server.world.channels[place], Actor(guild.owner_id))
    await bells.client.reporter.report(ServiceError("x"), "closing a poll", logging_to)
    await bells.client.app.guilds.set_channel(logging_to, "log", None)
    await bells.client.reporter.report(ServiceError("x"), "opening a poll", logging_to)
    await bells.client.reporter.report(ServiceError("x"), "sweeping")
    assert len([line for line in lines(written) if line["event"] == "failed"]) == 3


async def test_a_timer_that_keeps_failing_is_told_where_it_concerns(
    bells: Bells, logging_to: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timers, "FIRST_RETRY", timedelta(milliseconds=5))

    async def rings(_key: int) -> None:
        with concerns(logging_to):
            raise ServiceError("inside")

    bells.client.app.timers.listen("bell_due", rings)
    bells.client.app.timers.arm("bell_due", 7, utc_now())
    async with asyncio.timeout(30):
        while not await told(bells):
            await asyncio.sleep(0.01)
    bells.client.app.timers.cancel("bell_due", 7)
    assert "a timer (bell)" in (await told(bells))[0].text


def test_what_concerns_no_server_says_so() -> None:
    assert guild_of(ValueError()) is None
    with pytest.raises(ValueError, match="x") as caught, concerns(7):
        raise ValueError("x")
    assert guild_of(caught.value) == 7


@pytest.mark.parametrize(
    "error",
    [
        InvalidInputError("name", "“sesame” is no name."),
        ServiceError("'sesame'"),
        OutcomeUnknownError("“sesame”"),
        KeyError("sesame"),
        ValueError('invalid: "sesame"'),
    ],
)
async def test_the_log_never_holds_what_somebody_wrote(
    bells: Bells, logging_to: int, written: StringIO, error: Exception
) -> None:
    error.__cause__ = KeyError("sesame")
    bells.cog.fail, bells.cog.text = error, "sesame"
    card = await bells.card()
    await (await bells.ada.slash(PLACE, "bell", how="refuse", tune="sesame")).message()
    await (await bells.ada.click(card, "refuse")).message()
    await (await bells.ada.click(card, "reply")).message()
    await (await bells.ada.choose(card, None, "Ave")).message()
    modal = await (await bells.ada.click(card, "ask")).opened()
    await (await modal.submit({"Name": "sesame"})).done()
    again = await bells.card()
    modal = await (await bells.ada.click(again, "ask")).opened()
    await (await modal.submit({"Name": "nobody's"})).done()
    await bells.client.reporter.report(error, "closing a poll", logging_to)
    bells.client.app.timers.listen("bell_due", _raiser(error))
    bells.client.app.timers.arm("bell_due", 7, utc_now())

    async with asyncio.timeout(30):
        while not any(line.get("timer") == "bell_due" for line in lines(written)):
            await asyncio.sleep(0.01)
    bells.client.app.timers.cancel("bell_due", 7)
    assert "sesame" not in written.getvalue().lower()
    assert not [line for line in lines(written) if "stand-in-token" in str(line)]


async def test_the_log_names_a_control_without_what_its_key_carries(bells: Bells, written: StringIO) -> None:
    bells.cog.fail = ServiceError("x")
    card = await bells.card()
    await (await bells.ada.click(card, "refuse")).message()
    (failed,) = [line for line in lines(written) if line["event"] == "failed"]
    assert failed["control"] == "bells:v1:refuse"


async def test_a_refusal_by_discord_in_a_handler_is_told(bells: Bells) -> None:
    card = await bells.card()
    channel = bells.client.get_partial_messageable(int(card.channel_id))
    try:
        await channel.get_partial_message(1).edit(content="x")
    except discord.NotFound as error:
        bells.cog.fail = error
    answer = await (await bells.ada.click(card, "refuse")).message()
    assert errors.REFUSED[errors.UNKNOWN_MESSAGE] in answer.text
    assert "Reference" not in answer.text


def _raiser(error: Exception) -> Callable[[int], Awaitable[None]]:
    async def listen(_key: int) -> None:
        raise error

    return listen
