"""What the log of a real flow holds at its most talkative: references that people were shown, and nobody's words."""

import json
import re
from io import StringIO

from sqlalchemy import text

from sandbox.driver import Person
from tests.support.poll_flow import post, receipt, write
from tests.support.running import Rostrum
from tests.support.written import lines as read
from tests.support.written import written

__all__ = ["written"]


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
    lines = read(written)
    assert {line["logger"] for line in lines} >= {"cogs.ui.errors", "discord.gateway"}
    failed = {line["reference"]: line for line in lines if line["event"] == "failed"}
    shown = [match[1] for message in told if (match := re.search(r"Reference (\w+)", message.text))]
    assert len(shown) == 2
    assert set(shown) == set(failed)
    assert all("no such table" in json.dumps(line["exception"]) for line in failed.values())
    assert all("no such table" not in message.text for message in told)
