"""What people do with models on the stage: two scripted ones, an open one on this machine and a closed one elsewhere.

A question that holds `script:` is answered as it says (see bot/backends/scripted.py), by whichever of them is asked.
"""

from pathlib import Path

import pytest

from sandbox.driver import NotFound, Person, SeenMessage, Stage
from tests.support.running import Rostrum

PLACE = "#general"
OPEN, CLOSED = "Openly", "Closedly"
MODELS = """
[models.openly]
name = "Openly"
maker = "Openers"
backend = "scripted"
address = "http://127.0.0.1:9/v1"
model = "say Tea is a drink."
openness = "open"
licence = "Apache-2.0"
tasks = ["answer", "summarise", "translate", "code"]
images = true

[models.closedly]
name = "Closedly"
maker = "Closers"
backend = "scripted"
address = "https://models.example/v1"
model = "say Coffee is a drink."
openness = "closed"
licence = "None"
tasks = ["answer", "summarise", "translate", "code"]
"""


@pytest.fixture
def models(rostrum: Rostrum, tmp_path: Path) -> Path:
    """The operator's models; the open one answers where nobody chose."""
    file = tmp_path / "models.toml"
    file.write_text(MODELS, "utf-8")
    rostrum.environ |= {
        "ROSTRUM_MODELS_FILE": str(file),
        "ROSTRUM_DEFAULT_MODEL": "openly",
        "ROSTRUM_DATA_DIR": str(tmp_path / "data"),
    }
    return file


def change_models(file: Path, old: str, new: str) -> None:
    """Change the operator's file; a restart reads it."""
    file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")


async def start(rostrum: Rostrum, stage: Stage) -> None:
    await rostrum.start()
    await stage.wait_online("Rostrum")
    person = await stage.person("Ada")
    await person.wait(lambda: _knows(person), what="the bot's commands")


async def restart(rostrum: Rostrum, stage: Stage) -> None:
    await rostrum.stop()
    await stage.wait_online("Rostrum", online=False)
    await start(rostrum, stage)


async def _knows(person: Person) -> bool:
    return {command["name"] for command in await person.commands(PLACE)} >= {"ask", "compare", "Translate"}


@pytest.fixture
async def ada(rostrum: Rostrum, stage: Stage, models: Path) -> Person:
    """The bot is online and has its models; Ada is there."""
    assert models.suffix == ".toml"
    await start(rostrum, stage)
    return await stage.person("Ada")


async def ask(person: Person, question: str = "What is tea?", place: object = PLACE, **options: object) -> SeenMessage:
    """Ask, and return the message that the answer grows in."""
    return await (await person.slash(place, "ask", {"question": question, **options})).message()


async def answered(person: Person, message: SeenMessage, text: str = "") -> SeenMessage:
    """Wait until an answer has its receipt, and says `text`."""

    async def done() -> SeenMessage:
        seen = await person.again(message)
        # where nothing was written there is no such line
        title = seen.text.split("\n", 1)[0]
        ended = "Written by an AI" in seen.text or title.endswith((" gave no answer", " was interrupted"))
        if ended and text in seen.text:
            return seen
        raise NotFound(f"it says so far: {seen}")

    return await person.wait(done, what=f"the end of an answer with {text!r}")


async def shows(person: Person, message: SeenMessage, text: str) -> SeenMessage:
    """Wait until a message says something."""

    async def shown() -> SeenMessage:
        seen = await person.again(message)
        if text in seen.text:
            return seen
        raise NotFound(f"it says so far: {seen}")

    return await person.wait(shown, what=f"{text!r} in the message")


async def panel(person: Person, message: SeenMessage, button: str = "More") -> SeenMessage:
    """Press a button and return the card that comes of it."""
    return await (await person.click(message, button)).message()
