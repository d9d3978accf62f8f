"""/models as members live it, on the real client over sockets, with a restart in between."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.guilds.types import ModelSettings
from sandbox.driver import Person, SeenMessage, Stage
from tests.support.running import Rostrum

HERE = "#general"
FILE = """
[models.openly]
name = "Openly *1*"
maker = "Openers"
backend = "scripted"
model = "say Tea."
address = "http://127.0.0.1:9/v1"
openness = "open"
licence = "Apache-2.0"

[models."away_2.0"]
name = "Away 2.0"
address = "https://models.example/v1"
model = "away"
openness = "closed"
key_setting = "AWAY_API_KEY"
"""


def write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")


@pytest.fixture
def file(rostrum: Rostrum, tmp_path: Path) -> Path:
    """The operator's models; what is installed on this machine makes no difference."""
    path = tmp_path / "models.toml"
    write(path, FILE)
    rostrum.environ |= {"ROSTRUM_MODELS_FILE": str(path), "ROSTRUM_MODELS_DIR": str(tmp_path / "weights")}
    return path


async def online(rostrum: Rostrum, stage: Stage) -> None:
    await rostrum.start()
    await stage.wait_online("Rostrum")
    ada = await stage.person("Ada")

    async def knows() -> bool:
        return any(command["name"] == "models" for command in await ada.commands(HERE))

    await ada.wait(knows, what="the command /models")


async def again(rostrum: Rostrum, stage: Stage) -> None:
    await rostrum.stop()
    await stage.wait_online("Rostrum", online=False)
    await online(rostrum, stage)


@pytest.fixture
async def ada(rostrum: Rostrum, stage: Stage, file: Path) -> Person:  # noqa: ARG001 - the file is read at the start
    await online(rostrum, stage)
    return await stage.person("Ada")


async def models(person: Person, **options: str) -> SeenMessage:
    return await (await person.slash(HERE, "models", **options)).message()


async def test_the_list_is_private_and_its_pages_turn_also_after_a_restart(
    ada: Person, rostrum: Rostrum, stage: Stage
) -> None:
    first = await models(ada)
    assert first.ephemeral
    assert first.text.startswith("### Models")
    assert "✅ Openly \\*1\\* · on this machine · ready" in first.text
    assert "Page 1 of " in first.text
    assert [button.label for button in first.buttons] == ["Back", "Next", "Check again"]
    pages = int(first.text.partition("Page 1 of ")[2].partition(".")[0])
    seen = first
    for number in range(2, pages + 1):
        if number == 2:
            await again(rostrum, stage)
        seen = await (await ada.click(seen, "Next")).message()
        assert seen.id == first.id, "the page takes the place of the one before"
        assert f"Page {number} of {pages}." in seen.text
    assert "⚪ Away 2.0 · at models.example · not set up: set AWAY\\_API\\_KEY" in seen.text
    assert "Next" in [button.label for button in seen.buttons if button.disabled]
    seen = await (await ada.click(seen, "Check again")).message()
    assert f"Page {pages} of {pages}." in seen.text
    seen = await (await ada.click(seen, "Back")).message()
    assert f"Page {pages - 1} of {pages}." in seen.text


async def test_a_models_card_and_the_way_back(ada: Person, rostrum: Rostrum, stage: Stage) -> None:
    first = await models(ada)
    card = await (await ada.choose(first, None, "Openly *1*")).message()
    assert card.id == first.id
    assert card.text.startswith("### Openly \\*1\\*\n**Open**: weights that anybody may run. By Openers")
    assert "✅ **Ready**" in card.text
    assert "as whoever runs the bot wrote it" in card.text
    await again(rostrum, stage)
    card = await (await ada.click(card, "Check again")).message()
    assert "✅ **Ready**" in card.text
    back = await (await ada.click(card, "All models")).message()
    assert back.id == first.id
    assert "Page 1 of " in back.text


async def test_a_key_switches_a_model_on_and_the_card_says_so(ada: Person, rostrum: Rostrum, stage: Stage) -> None:
    card = await models(ada, name="away_2.0")
    assert card.ephemeral
    assert "⚪ **Not set up**: set AWAY\\_API\\_KEY\nWhoever runs the bot can switch it on." in card.text
    assert "- Where: at models.example; what you ask is sent there." in card.text
    rostrum.environ["AWAY_API_KEY"] = "k3y-secret"
    await again(rostrum, stage)
    card = await (await ada.click(card, "Check again")).message()
    assert "✅ **Ready**" in card.text
    assert "k3y" not in card.text


async def test_names_complete_and_what_is_typed_is_found(ada: Person) -> None:
    offered = await ada.autocomplete(HERE, "models", "name", "")
    assert len(offered) == 25
    assert offered[0] == {"name": "Openly *1* · open · ready", "value": "openly"}
    offered = await ada.autocomplete(HERE, "models", "name", "away")
    assert offered == [{"name": "Away 2.0 · closed · not set up", "value": "away_2.0"}]
    assert await ada.autocomplete(HERE, "models", "name", "zzz") == []
    assert "### Llama 3.1 8B" in (await models(ada, name="llama-3.1-8b")).text
    assert "### Llama 3.1 8B" in (await models(ada, name="llama 3.1 8b")).text
    assert "### Codestral" in (await models(ada, name="codes")).text
    several = await models(ada, name="llama")
    assert "“llama” fits Llama 3.2 1B, Llama 3.2 3B and Llama 3.1 8B. Choose one from the list" in several.text
    assert "1 more. Choose" in (await models(ada, name="gpt-6")).text
    assert "There is no model “zzz” here. /models lists all." in (await models(ada, name="zzz")).text
    assert several.ephemeral


async def test_a_servers_rule_holds_in_the_list_too(ada: Person, rostrum: Rostrum) -> None:
    guild_id = int((await ada.place(HERE)).guild_id or 0)
    rules = replace(ModelSettings(), open_only=True, stays_here=True)
    await rostrum.app.guilds.set_models(guild_id, rules)
    seen = await models(ada)
    assert "This server's rule: open models only and nothing leaves the bot's machine." in seen.text
    card = await models(ada, name="gpt-6-luna")
    assert "⛔ Not in this server: this server allows open models only, and GPT-6 Luna is closed." in card.text


async def test_what_is_gone_says_so(ada: Person, rostrum: Rostrum, stage: Stage, file: Path) -> None:
    listed = await models(ada)
    card = await models(ada, name="away_2.0")
    write(file, "")
    await again(rostrum, stage)
    gone = await (await ada.click(card, "Check again")).message()
    assert "There is no model “away\\_2.0” any more. /models lists all." in gone.text
    gone = await (await ada.choose(listed, None, "Openly *1*")).message()
    assert "There is no model “openly” any more." in gone.text


async def test_help_explains_the_classes(ada: Person) -> None:
    page = await (await ada.slash(HERE, "help", topic="models")).message()
    assert page.ephemeral
    assert "**Restricted**: weights under conditions of use or access." in page.text
    assert "`/models name` explains" in page.text
