"""What models may do in a server, set by hand on the real client over sockets, with restarts in between."""

import pytest

from bot.backends.allowances import AllowanceKind
from bot.guilds.types import ModelSettings
from sandbox.driver import Person, SeenMessage, Stage
from tests.guilds.test_flow import HERE, again
from tests.support.poll_flow import start
from tests.support.running import Rostrum


@pytest.fixture
async def ada(rostrum: Rostrum, stage: Stage) -> Person:
    await start(rostrum, stage)
    return await stage.person("Ada")


async def models_card(person: Person) -> SeenMessage:
    return await (await person.slash(HERE, "server setup", section="Models")).message()


async def guild_of(person: Person) -> int:
    return int((await person.place(HERE)).guild_id or 0)


async def test_what_models_may_do_is_set_shown_and_outlives_a_restart(
    ada: Person, rostrum: Rostrum, stage: Stage
) -> None:
    overview = await (await ada.slash(HERE, "server setup")).message()
    assert "models of every class" in overview.text
    card = await (await ada.click(overview, "Models")).message()
    assert card.id == overview.id
    assert "Open, restricted and closed models may answer." in card.text
    assert "50,000 tokens a day (the bot's own)" in card.text

    form = await (await ada.click(card, "What models may do")).opened()
    chosen = {"allowed": ["open_only", "stays_here"], "model": "any-open", "words": "secret plan\n\nsecret plan"}
    saved = await (await form.submit(chosen)).message()
    assert saved.id == card.id
    assert "Only **open** models answer." in saved.text
    assert "**Nothing leaves this machine.**" in saved.text
    assert "1 word or phrase of this server's own" in saved.text

    await again(rostrum, stage)
    guild_id = await guild_of(ada)
    found = (await rostrum.app.guilds.get(guild_id)).models
    assert found == ModelSettings(open_only=True, stays_here=True, model="any-open", blocked_words=("secret plan",))
    shown = await (await ada.click(saved, "What models may do")).message()
    assert "Press once more" in shown.text, "after a restart the form has to be looked up"
    form = await (await ada.click(shown, "What models may do")).opened()
    assert form.fields["Words that are held back"]["value"] == "secret plan"
    back = await (await ada.click(shown, "Back")).message()
    assert "only open models; nothing leaves this machine" in back.text


async def test_limits_are_set_by_member_role_and_server(ada: Person, rostrum: Rostrum) -> None:
    card = await models_card(ada)
    form = await (await ada.click(card, "Limits")).opened()
    wrong = await (await form.submit({"member": "plenty", "dollars": "2"})).message()
    assert "That did not fit" in wrong.text
    form = await (await ada.click(wrong, "Try again")).opened()
    assert form.fields["Tokens a member may use a day"]["value"] == "plenty"
    assert form.fields["US dollars the server may spend a month"]["value"] == "2", "nothing that was typed is lost"
    saved = await (await form.submit({"member": "20k", "server": "90,000", "dollars": "2"})).message()
    assert "each member: 20,000 tokens a day" in saved.text
    assert "the server: 90,000 tokens a day, $2.00 a month" in saved.text
    guild_id = await guild_of(ada)
    bounds = {one.kind: one for one in await rostrum.app.allowances.list(guild_id)}
    assert bounds[AllowanceKind.MEMBER].tokens_a_day == 20_000
    assert bounds[AllowanceKind.SERVER].micros_a_month == 2_000_000

    form = await (await ada.click(saved, "Limits")).opened()
    assert form.fields["Tokens a member may use a day"]["value"] == "20,000"
    saved = await (await form.submit({"member": "", "server": "", "dollars": ""})).message()
    assert "each member: 50,000 tokens a day (the bot's own)" in saved.text
    assert await rostrum.app.allowances.list(guild_id) == ()


async def test_a_persona_for_the_server_and_one_with_a_model_for_a_channel(ada: Person, rostrum: Rostrum) -> None:
    card = await models_card(ada)
    form = await (await ada.click(card, "How they speak")).opened()
    saved = await (await form.submit({"name": "Plain", "text": "Speak plainly."})).message()
    assert "whole server: **Plain**, Speak plainly." in saved.text
    form = await (await ada.click(saved, "This channel")).opened()
    saved = await (await form.submit({"name": "Short", "text": "One sentence.", "model": "any-open"})).message()
    here = (await ada.place(HERE)).id
    assert f"<#{here}>: **Short**" in saved.text
    assert f"<#{here}> is answered by any open model" in saved.text
    form = await (await ada.click(saved, "This channel")).opened()
    assert form.fields["How to speak"]["value"] == "One sentence."
    saved = await (await form.submit({"name": "", "text": ""})).message()
    assert "**Short**" not in saved.text
    assert len(await rostrum.app.asking.personas(await guild_of(ada))) == 1


async def test_each_change_is_told_in_the_log_without_pinging_anybody(ada: Person, rostrum: Rostrum) -> None:
    card = await models_card(ada)
    form = await (await ada.click(card, "What models may do")).opened()
    log = int((await ada.place("#polls")).id)
    await rostrum.app.guilds.set_channel(await guild_of(ada), "log", log)
    await (await form.submit({"allowed": ["asks_private"]})).done()
    line = await ada.wait_message("#polls", "Models in this server")
    assert f"changed by <@{ada.id}>" in line.text
    assert "answers private unless asked otherwise" in line.text
    assert line.raw["mentions"] == []
