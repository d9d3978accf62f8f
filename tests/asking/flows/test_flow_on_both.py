"""An answer's whole life, a restart in its middle, with the data in each of the two databases."""

import pytest

from sandbox.driver import Person, SeenMessage, Stage
from tests.support.ask_flow import answered, ask, panel, restart, shows
from tests.support.running import Rostrum


async def say(person: Person, message: SeenMessage, text: str) -> SeenMessage:
    form = await (await person.click(message, "Reply")).opened()
    return await (await form.submit({"say": text})).message()


@pytest.fixture
def sqlite_url(database_url: str) -> str:
    """Where `rostrum` keeps its data, here in either."""
    return database_url


async def test_ask_reply_retry_rate_and_a_restart_in_the_middle(ada: Person, rostrum: Rostrum, stage: Stage) -> None:
    first = await answered(ada, await ask(ada), "Tea is a drink.")
    reply = await answered(ada, await say(ada, first, "script: say More tea."), "More tea.")
    again = await answered(ada, await panel(ada, await panel(ada, reply, "Retry"), "Openly again"), "More tea.")
    assert "👍 1 · 👎 0" in (await panel(ada, again, "👍")).text

    cut = await ask(ada, "script: say Tea is | wait 60 | say never")
    await shows(ada, cut, "Tea is")
    await restart(rostrum, stage)
    cut = await shows(ada, cut, "I was restarted while this was being written")
    assert cut.has("Retry")
    assert await rostrum.app.asking.interrupted() == []
    # what was there before goes on
    assert "👍 0 · 👎 1" in (await panel(ada, again, "👎")).text
    await answered(ada, await say(ada, again, "script: say Still here."), "Still here.")
