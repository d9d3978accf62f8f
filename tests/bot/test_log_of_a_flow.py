"""What the log of a real flow holds at its most talkative: references that people were shown, and nobody's words."""

import json
import logging
import re
from collections.abc import Iterator
from io import StringIO
from typing import cast

import pytest
import structlog
from sqlalchemy import text

from bot import log
from bot.config import Settings
from sandbox.driver import Person
from tests.support.poll_flow import post, receipt, write
from tests.support.running import Rostrum


@pytest.fixture
def written() -> Iterator[StringIO]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    log.set_up(Settings.load({"ROSTRUM_LOG_FORMAT": "json", "ROSTRUM_LOG_LEVEL": "debug"}))
    stream = StringIO()
    cast("logging.StreamHandler[StringIO]", root.handlers[0]).setStream(stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in log.OURS:
        logging.getLogger(name).setLevel(logging.NOTSET)
    structlog.reset_defaults()


async def test_the_reference_is_in_the_log_and_what_members_wrote_is_not(
    written: StringIO, ada: Person, rostrum: Rostrum
) -> None:
    await write(ada, question="Sesame?", closes="sesame o'clock")
    card = await post(ada, question="Sesame?", options="Sesame\nPoppy")
    async with rostrum.app.database.write() as connection:
        await connection.execute(text("DROP TABLE poll_ballots"))
    told = [await receipt(ada, card, "Sesame"), await write(ada, question="Sesame again?")]
    async with rostrum.app.database.write() as connection:
        await connection.execute(text("DROP TABLE poll_options"))
    told.append(await write(ada, question="Sesame, at last?"))

    assert "sesame" not in written.getvalue().lower()
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert {line["logger"] for line in lines} >= {"cogs.ui.errors", "discord.gateway"}
    failed = {line["reference"]: line for line in lines if line["event"] == "failed"}
    shown = [match[1] for message in told if (match := re.search(r"Reference (\w+)", message.text))]
    assert len(shown) == 2
    assert set(shown) == set(failed)
    assert all("no such table" in json.dumps(line["exception"]) for line in failed.values())
    assert all("no such table" not in message.text for message in told)
