"""/server setup as those who manage a server live it, on the real client over sockets, with restarts in between."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
import pytest
from structlog.testing import capture_logs

from bot import timers
from bot.clock import utc_now
from bot.guilds import service
from bot.polls.service import POLL_DUE
from cogs.guilds import cog as cog_module
from cogs.ui.submitted import Submitted
from sandbox import channels, roles
from sandbox.audit import Actor
from sandbox.driver import NotFound, Person, Refused, SeenMessage, Stage
from sandbox.members import join_guild
from sandbox.model import Guild
from sandbox.seed import Builder
from sandbox.server import Server
from tests.support.poll_flow import start
from tests.support.running import Rostrum

HERE = "#general"
LOG = "#mod-room"


@pytest.fixture
async def ada(rostrum: Rostrum, stage: Stage) -> Person:
    """The bot is online and knows its commands; Ada owns the server."""
    await start(rostrum, stage)
    return await stage.person("Ada")


async def until_logged(lines: list[Any], event: str) -> None:
    async with asyncio.timeout(30):
        while not any(line["event"] == event for line in lines):
            await asyncio.sleep(0.01)


@pytest.fixture
async def ready(rostrum: Rostrum, stage: Stage) -> Person:
    """As `ada`, and the library is done with the servers it found at its start: the next one is a new one."""
    with capture_logs() as lines:
        await start(rostrum, stage)
        await until_logged(lines, "ready")
    return await stage.person("Ada")


async def setup(person: Person, **options: str) -> SeenMessage:
    return await (await person.slash(HERE, "server setup", **options)).message()


async def again(rostrum: Rostrum, stage: Stage) -> None:
    await rostrum.stop()
    await stage.wait_online("Rostrum", online=False)
    await start(rostrum, stage)


def bot_of(server: Server) -> int:
    return next(iter(server.world.applications.values())).user_id


async def close(server: Server, person: Person, place: str, **denied: bool) -> None:
    """Take permissions from the bot in a channel, as its owner does in the channel's settings."""
    channel = server.world.channels[int((await person.place(place)).id)]
    body = {"type": 1, "deny": str(discord.Permissions(**denied).value), "allow": "0"}
    channels.set_overwrite(server.world, channel, bot_of(server), Actor(int(person.id)), body)


async def open_up(server: Server, person: Person, place: str) -> None:
    channel = server.world.channels[int((await person.place(place)).id)]
    body = {"type": 1, "deny": "0", "allow": str(discord.Permissions(view_channel=True).value)}
    channels.set_overwrite(server.world, channel, bot_of(server), Actor(int(person.id)), body)


async def checked(person: Person, card: SeenMessage, wanted: str) -> SeenMessage:
    """Press Check again until it says so: the bot hears of changed channels over its socket."""

    async def pressed() -> SeenMessage | None:
        seen = await (await person.click(card, "Check again")).message()
        return seen if wanted in seen.text else None

    return await person.wait(pressed, what=f"a check that says {wanted!r}")


async def test_setup_from_the_command_to_polls_in_the_servers_zone(
    ada: Person, rostrum: Rostrum, stage: Stage, server: Server
) -> None:
    card = await setup(ada)
    assert card.ephemeral
    assert "read in **UTC** (the bot's own" in card.text
    assert "Log: not set" in card.text
    assert "✅ This channel" in card.text
    assert [button.label for button in card.buttons] == [
        "Time and language", "Channels", "Models", "Check again", "Who may use what",
    ]  # fmt: skip
    assert card.buttons[-1].url == f"discord://-/guilds/{(await ada.place(HERE)).guild_id}/settings/integrations"

    form = await (await ada.click(card, "Time and language")).opened()
    assert "Berlin" in form.text
    saved = await (await form.submit({"Time zone": "berlin", "language": "Deutsch"})).message()
    assert saved.id == card.id, "the card is replaced"
    assert "Saved." in saved.text
    assert "**Europe/Berlin**" in saved.text
    assert "Deutsch and English" in saved.text

    await open_up(server, ada, LOG)
    form = await (await ada.click(saved, "Channels")).opened()
    await again(rostrum, stage)
    saved = await (await form.submit({"log": LOG, "polls": "#polls"})).message()
    log_id, polls_id = (await ada.place(LOG)).id, (await ada.place("#polls")).id
    assert f"Log: <#{log_id}>" in saved.text
    assert f"Polls: <#{polls_id}>" in saved.text
    line = await ada.wait_message(LOG, "Server settings changed")
    assert line.text == f"Server settings changed by <@{ada.id}>: log in <#{log_id}>, polls in <#{polls_id}>."
    assert line.raw["mentions"] == []

    await again(rostrum, stage)
    card = await setup(ada)
    assert "**Europe/Berlin**" in card.text
    form = await (await ada.click(card, "Time and language")).opened()
    assert form.fields["Time zone"]["value"] == "Europe/Berlin"
    help_page = await (await ada.slash(HERE, "help", topic="times")).message()
    assert "time zone Europe/Berlin and in Deutsch or English" in help_page.text
    assert "`Fr 18:00`" in help_page.text
    await (await form.submit({"language": "Français"})).done()
    line = await ada.wait_message(LOG, "Français")
    assert "time zone Europe/Berlin, language Français." in line.text


async def test_typed_times_are_read_in_the_servers_zone_and_language(ada: Person, rostrum: Rostrum) -> None:
    card = await setup(ada)
    form = await (await ada.click(card, "Time and language")).opened()
    await (await form.submit({"zone": "Tokyo", "language": "Español"})).done()
    form = await (await ada.slash("#polls", "poll create")).opened()
    typed = {"question": "¿Cuál?", "options": "Uno\nDos", "closes": "mañana 18:00"}
    preview = await (await form.submit(typed)).message()
    guild_id = int((await ada.place(HERE)).guild_id or 0)
    there = datetime.now(UTC).astimezone(await rostrum.app.guilds.zone(guild_id))
    assert str(there.tzinfo) == "Asia/Tokyo"
    closes = (there + timedelta(days=1)).replace(hour=18, minute=0, second=0, microsecond=0)
    assert f"<t:{int(closes.timestamp())}:" in preview.text


async def test_a_section_opens_its_form_at_once_also_after_a_restart(
    ada: Person, rostrum: Rostrum, stage: Stage
) -> None:
    form = await (await ada.slash(HERE, "server setup", section="Time and language")).opened()
    saved = await (await form.submit({"zone": "New York", "language": "English"})).message()
    assert saved.ephemeral
    assert "**America/New_York**" in saved.text
    form = await (await ada.slash(HERE, "server setup", section="Channels")).opened()
    await again(rostrum, stage)
    assert "Polls: <#" in (await (await form.submit({"polls": HERE})).message()).text
    form = await (await ada.slash(HERE, "server setup", section="Channels")).opened()
    assert [one["id"] for one in form.fields["Polls"]["default_values"]] == [(await ada.place(HERE)).id]
    emptied = await (await form.submit({"polls": []})).message()
    assert "Polls: not set" in emptied.text


async def test_a_zone_that_does_not_fit_is_given_back(ada: Person, rostrum: Rostrum, stage: Stage) -> None:
    card = await setup(ada)
    form = await (await ada.click(card, "Time and language")).opened()
    mistake = await (await form.submit({"zone": "UTC+1", "language": "Deutsch"})).message()
    assert "knows no summer time" in mistake.text
    assert "Nothing was changed" in mistake.text
    form = await (await ada.click(mistake, "Try again")).opened()
    assert form.fields["Time zone"]["value"] == "UTC+1"
    mistake = await (await form.submit({"zone": "Berlinn **"})).message()
    assert "Did you mean Europe/Berlin?" in mistake.text
    await again(rostrum, stage)
    form = await (await ada.click(mistake, "Try again")).opened()
    assert not form.fields["Time zone"].get("value"), "after a restart it opens with what is set"
    saved = await (await form.submit({"zone": "Berlin", "language": "Deutsch"})).message()
    assert (saved.id, "**Europe/Berlin**" in saved.text) == (mistake.id, True)


async def test_a_channel_closed_to_the_bot_is_saved_and_says_what_to_mend(
    ada: Person, rostrum: Rostrum, stage: Stage, server: Server
) -> None:
    await close(server, ada, "#digest", send_messages=True, attach_files=True)
    card = await setup(ada)
    form = await (await ada.click(card, "Channels")).opened()
    saved = await (await form.submit({"log": LOG, "polls": "#digest"})).message()
    assert "Saved." in saved.text
    saved = await checked(ada, saved, "Attach Files")
    assert (
        "**Send Messages** is missing (to post cards). Grant it in Edit Channel → Permissions → Rostrum." in saved.text
    )
    assert "**Attach Files** is missing" in saved.text
    log_lines = saved.text.partition("Log, ")[2].partition("Polls, ")[0]
    assert "**View Channel** is missing" in log_lines, "moderators' rooms are closed to bots at first"
    assert "Send Messages" not in log_lines, "who does not see a channel lacks no more than that"

    await again(rostrum, stage)
    await open_up(server, ada, "#digest")
    await open_up(server, ada, LOG)
    mended = await checked(ada, saved, "✅ Polls")
    mended = await checked(ada, mended, "✅ Log")
    assert "❌" not in mended.text


async def test_what_the_bots_role_lacks_is_granted_elsewhere(ada: Person, server: Server) -> None:
    guild = next(iter(server.world.guilds.values()))
    role = next(role for role in server.world.roles.values() if role.managed)
    held = discord.Permissions(role.permissions)
    held.update(attach_files=False)
    everyone = server.world.roles[guild.id]
    plain = discord.Permissions(everyone.permissions)
    plain.update(attach_files=False)
    roles.modify_role(server.world, guild, role, Actor(int(ada.id)), {"permissions": str(held.value)})
    roles.modify_role(server.world, guild, everyone, Actor(int(ada.id)), {"permissions": str(plain.value)})
    card = await checked(ada, await setup(ada), "❌")
    assert (
        "**Attach Files** is missing (to post result charts). Grant it in Server Settings → Roles → Rostrum"
        in card.text
    )


async def test_a_deleted_channel_is_let_go_and_the_log_says_so(
    ada: Person, rostrum: Rostrum, stage: Stage, server: Server
) -> None:
    card = await setup(ada)
    await open_up(server, ada, LOG)
    form = await (await ada.click(card, "Channels")).opened()
    saved = await (await form.submit({"log": LOG, "polls": "#digest"})).message()
    digest = server.world.channels[int((await ada.place("#digest")).id)]
    channels.delete_channel(server.world, digest, Actor(int(ada.id)))
    line = await ada.wait_message(LOG, "was deleted")
    assert "#digest was deleted. Server settings now: log in <#" in line.text
    assert "no channel for polls" in line.text
    saved = await checked(ada, saved, "Polls: not set")

    # deleted while the bot was away: it is found at use
    await rostrum.stop()
    await stage.wait_online("Rostrum", online=False)
    mod_room = server.world.channels[int((await ada.place(LOG)).id)]
    channels.delete_channel(server.world, mod_room, Actor(int(ada.id)))
    await start(rostrum, stage)
    assert "❌ Log: the channel has been deleted" in (await (await ada.click(saved, "Check again")).message()).text
    form = await (await ada.click(saved, "Time and language")).opened()
    with capture_logs() as lines:
        assert "Saved." in (await (await form.submit({"zone": "Rome", "language": "English"})).message()).text
        await until_logged(lines, "a log channel could not be told")


async def test_only_those_who_manage_the_server_set_it_up(
    ada: Person, rostrum: Rostrum, stage: Stage, server: Server
) -> None:
    ben, chika = await stage.person("Ben"), await stage.person("Chika")
    with pytest.raises((Refused, NotFound)):
        await setup(chika)
    guild = next(iter(server.world.guilds.values()))
    moderator = next(role for role in server.world.roles.values() if role.name == "Moderator")
    allowed = discord.Permissions(moderator.permissions)
    owner = Actor(int(ada.id))
    card = await setup(ben)
    form = await (await ben.click(card, "Time and language")).opened()
    allowed.update(manage_guild=False)
    roles.modify_role(server.world, guild, moderator, owner, {"permissions": str(allowed.value)})
    # a card and a form from before the right was taken away
    for button in ("Time and language", "Channels", "Check again"):
        answer = await (await ben.click(card, button)).message()
        assert "Only people who manage this server" in answer.text
    refused = await (await form.submit({"zone": "Rome", "language": "English"})).message()
    assert "Only people who manage this server" in refused.text
    assert not (await rostrum.app.guilds.get(guild.id)).has_own_zone


async def new_server(server: Server, *, can_post: bool = True) -> Guild:
    """A second server of Ada's, with Chika in it, which the bot then joins."""
    build, people = Builder(server.world), {user.global_name: user for user in server.world.users.values()}
    guild = build.guild("Second", people["Ada"])
    lobby = build.channel(guild, "lobby")
    guild.system_channel_id = lobby.id
    if not can_post:
        role = server.world.roles[guild.id]
        held = discord.Permissions(role.permissions)
        held.update(send_messages=False)
        role.permissions = held.value
    build.join(guild, people["Chika"])
    join_guild(server, guild, bot_of(server))
    return guild


def greetings(server: Server) -> list[int]:
    """The channels in which the bot has greeted, once for each time."""
    return [
        message.channel_id
        for messages in server.world.messages.values()
        for message in messages.values()
        if "Hello, I am Rostrum" in str(message.components)
    ]


async def test_a_new_server_is_greeted_once_in_its_system_channel(
    ready: Person, rostrum: Rostrum, stage: Stage, server: Server
) -> None:
    guild = await new_server(server)
    async with Stage(server) as later:
        owner, chika = await later.person("Ada"), await later.person("Chika")
        welcome = await owner.wait_message("Second/#lobby", "Hello, I am Rostrum")
        assert [button.label for button in welcome.buttons] == ["Set up"]
        refused = await (await chika.click(welcome, "Set up")).message()
        assert refused.ephemeral
        assert "Only people who manage this server" in refused.text

        await again(rostrum, stage)
        card = await (await owner.click(welcome, "Set up")).message()
        assert card.ephemeral
        assert "Server setup" in card.text
        form = await (await owner.click(card, "Time and language")).opened()
        await (await form.submit({"zone": "Lima", "language": "Español"})).done()
        assert (await rostrum.app.guilds.get(guild.id)).time_zone == "America/Lima"
        assert not (await rostrum.app.guilds.get(int((await ready.place(HERE)).guild_id or 0))).has_own_zone
    assert greetings(server) == [guild.system_channel_id], "a restart is no arrival"


@pytest.mark.parametrize("reason", ["closed", "long there"])
async def test_where_no_greeting_is_wanted_there_is_none(
    ready: Person, server: Server, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await setup(ready)
    if reason == "long there":
        monkeypatch.setattr(cog_module, "NEWLY_JOINED", timedelta(seconds=-1))
    with capture_logs() as lines:
        await new_server(server, can_post=reason != "closed")
        async with Stage(server) as later:
            await (await (await later.person("Ada")).slash("Second/#lobby", "help")).message()
    assert greetings(server) == []
    assert any("not greeted" in line["event"] for line in lines) == (reason == "closed")


async def test_a_timer_that_keeps_failing_is_told_in_the_log_channel_once(
    ada: Person, rostrum: Rostrum, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timers, "FIRST_RETRY", timedelta(milliseconds=5))
    await open_up(server, ada, LOG)
    form = await (await ada.slash(HERE, "server setup", section="Channels")).opened()
    await (await form.submit({"log": LOG})).done()
    form = await (await ada.slash("#polls", "poll create")).opened()
    typed = {"question": "Secret words?", "options": "A\nB", "closes": "in 2 hours"}
    preview = await (await form.submit(typed)).message()
    await (await ada.click(preview, "Post")).done()

    calls = 0

    async def fails(_key: int) -> None:
        nonlocal calls
        calls += 1
        raise RuntimeError("Secret words?")

    rostrum.app.timers.mute(POLL_DUE)
    rostrum.app.timers.listen(POLL_DUE, fails)
    with capture_logs() as lines:
        rostrum.app.timers.arm(POLL_DUE, 1, utc_now())
        told = await ada.wait_message(LOG, "a timer (poll)")
        async with asyncio.timeout(30):
            while calls < timers.TOLD_AFTER + 2:
                await asyncio.sleep(0.01)
    reference = told.text.partition("Reference ")[2].strip()
    assert reference
    assert {line["reference"] for line in lines if line["event"] == "timer failed"} == {reference}
    assert "Secret" not in told.text
    log_id = int((await ada.place(LOG)).id)
    assert len([one for one in server.world.messages[log_id].values() if "a timer" in str(one.components)]) == 1


async def test_settings_that_memory_let_go_are_loaded_before_a_form_could_overwrite_them(
    ada: Person, rostrum: Rostrum, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = await setup(ada)
    form = await (await ada.click(card, "Channels")).opened()
    card = await (await form.submit({"polls": "#digest"})).message()
    monkeypatch.setattr(service, "MOST_KEPT", 1)
    await rostrum.app.guilds.set_channel(404, "log", 1)
    loaded = await (await ada.click(card, "Channels")).message()
    assert "Press once more" in loaded.text
    form = await (await ada.click(loaded, "Channels")).opened()
    assert [one["id"] for one in form.fields["Polls"]["default_values"]] == [(await ada.place("#digest")).id]
    await rostrum.app.guilds.set_channel(404, "log", 1)
    shown = await setup(ada, section="Channels")
    assert "Polls: <#" in shown.text


async def test_channels_from_elsewhere_are_refused(
    ada: Person, rostrum: Rostrum, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The form offers those of this server, but anybody can send any id; the bot is in the other server too."""
    other = await new_server(server)
    lobby = int(other.system_channel_id or 0)
    form = await (await ada.slash(HERE, "server setup", section="Channels")).opened()
    with pytest.raises(Refused):
        await ada.act("modal", {"interaction_id": form.response.id, "values": {"polls": [str(lobby)], "log": []}})
    for strange in (lobby, 1 << 62):
        monkeypatch.setattr(Submitted, "ids", lambda _self, _name, strange=strange: (strange,))
        form = await (await ada.slash(HERE, "server setup", section="Channels")).opened()
        answer = await (await form.submit({})).message()
        assert "That channel is not in this server" in answer.text
    guild_id = int((await ada.place(HERE)).guild_id or 0)
    assert await rostrum.app.guilds.channel(guild_id, "polls") is None


async def test_a_log_that_moves_says_so_in_the_old_place_too(ada: Person) -> None:
    for log_place in ("#digest", "#debates"):
        form = await (await ada.slash(HERE, "server setup", section="Channels")).opened()
        await (await form.submit({"log": log_place})).done()
    wanted = f"log in <#{(await ada.place('#debates')).id}>"
    await ada.wait_message("#digest", wanted)
    await ada.wait_message("#debates", wanted)
