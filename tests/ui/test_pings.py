"""Nothing that is sent pings anybody unless a handler says so for that one message, whichever way it is sent."""

from typing import Any

import discord

from sandbox.server import Server
from tests.support.bells import Bells


def pinged(server: Server) -> list[Any]:
    """Who was pinged by each message of the bot."""
    everything = [one for channel in server.world.messages.values() for one in channel.values()]
    ours = [one for one in everything if one.author_id in bots(server)]
    return [(one.mention_everyone, tuple(one.mentions), tuple(one.mention_roles)) for one in ours]


def bots(server: Server) -> set[int]:
    return {one.user_id for one in server.world.applications.values()}


async def test_no_way_of_sending_pings(bells: Bells, server: Server) -> None:
    guild = next(iter(server.world.guilds.values()))
    role = next(role for role in server.world.roles.values() if role.guild_id == guild.id and role.id != guild.id)
    ben = await bells.stage.person("Ben")
    bells.cog.text = bells.cog.words = f"@everyone @here <@{ben.id}> <@&{role.id}> ding"
    card = await bells.card()
    rude = await bells.ada.click(card, "rude")
    await rude.done()
    await bells.ada.wait_message(card.channel_id, "ding?", where=lambda one: not one.ephemeral)
    for how in ("reply", "public", "raw", "kept"):
        await (await bells.ada.click(card, how)).message()
    assert len(pinged(server)) >= 10
    assert {one for one in pinged(server) if one != (False, (), ())} == set()


async def test_a_ping_that_is_meant_gets_through(bells: Bells, server: Server) -> None:
    ben = await bells.stage.person("Ben")
    card = await bells.card()
    channel = bells.client.get_partial_messageable(int(card.channel_id))
    only_ben = discord.AllowedMentions(users=[discord.Object(int(ben.id))])
    await channel.send(f"<@{ben.id}> @everyone", allowed_mentions=only_ben)
    found = [one for one in pinged(server) if one != (False, (), ())]
    assert len(found) == 1
    assert found[0][0] is False
