"""The unmodified discord.py client manages roles, members, bans, events, invites, and reads the audit log."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import discord
import pytest

from sandbox.audit import Actor
from sandbox.events import subscribe
from sandbox.members import join_guild, kick, leave_guild
from sandbox.permissions import P

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.server import Server
    from tests.support.stand_in import Place


@pytest.fixture
def powers(may: Callable[..., None]) -> None:
    """Make the bot an administrator before it connects."""
    may(P.ADMINISTRATOR)


@pytest.fixture
def intents() -> discord.Intents:
    chosen = discord.Intents.default()
    chosen.members = True
    return chosen


@pytest.fixture
async def guild(powers: None, start: Callable[..., Any], intents: discord.Intents, place: Place) -> discord.Guild:  # noqa: ARG001
    """The seeded guild as a client sees it whose application may use the members intent."""
    place.app.flags = 1 << 15
    client = await start(discord.Client(intents=intents, guild_ready_timeout=0.1))
    found = client.get_guild(place.guild.id)
    assert found is not None
    return found


def soon(guild: discord.Guild, name: str) -> asyncio.Task[Any]:
    """Return the task of the next event of a name."""
    return asyncio.ensure_future(guild._state._get_client().wait_for(name, timeout=30))


async def test_roles(guild: discord.Guild) -> None:
    created = soon(guild, "guild_role_create")
    role = await guild.create_role(
        name="Voter", colour=discord.Colour.teal(), hoist=True, permissions=discord.Permissions(send_messages=True)
    )
    assert (await created).id == role.id
    assert (role.name, role.colour, role.hoist) == ("Voter", discord.Colour.teal(), True)
    assert role.permissions == discord.Permissions(send_messages=True)
    updated = soon(guild, "guild_role_update")
    await role.edit(name="Elector", mentionable=True)
    _, after = await updated
    assert (after.name, after.mentionable) == ("Elector", True)
    await role.edit(position=2)
    positions = {one.name: one.position for one in await guild.fetch_roles()}
    assert positions["Elector"] == 2
    assert sorted(positions.values()) == list(range(5))
    assert (await guild.role_member_counts())[role] == 0
    deleted = soon(guild, "guild_role_delete")
    await role.delete()
    assert (await deleted).id == role.id


async def test_members(guild: discord.Guild, place: Place) -> None:
    chika = await guild.fetch_member(place.user("Chika").id)
    debater = discord.utils.get(guild.roles, name="Debater")
    assert debater is not None
    updated = soon(guild, "member_update")
    await chika.add_roles(debater)
    _, after = await updated
    assert after.roles[1:] == [debater]
    await chika.remove_roles(debater)
    await chika.edit(nick="C", roles=[debater])
    fetched = await guild.fetch_member(chika.id)
    assert (fetched.nick, fetched.roles[1:]) == ("C", [debater])
    await chika.timeout(timedelta(minutes=5), reason="shouting")
    assert (await guild.fetch_member(chika.id)).is_timed_out()
    await chika.timeout(None)
    assert not (await guild.fetch_member(chika.id)).is_timed_out()
    assert [one.name async for one in guild.fetch_members(limit=None)]
    await guild.me.edit(nick="Speaker")
    assert place.world.members[place.guild.id][guild.me.id].nick == "Speaker"
    with pytest.raises(discord.NotFound) as caught:
        await guild.fetch_member(1)
    assert caught.value.code == 10013


async def test_coming_and_going(guild: discord.Guild, place: Place, server: Server) -> None:
    gita = place.build.person("Gita")
    joined = soon(guild, "member_join")
    join_guild(server, place.guild, gita.id)
    assert (await joined).global_name == "Gita"
    left = soon(guild, "member_remove")
    leave_guild(server.world, place.guild, gita.id)
    assert (await left).id == gita.id
    left = soon(guild, "member_remove")
    await guild.kick(discord.Object(place.user("Farid").id), reason="spam")
    assert (await left).global_name == "Farid"


async def test_bans(guild: discord.Guild, place: Place) -> None:
    esi = place.user("Esi")
    banned = soon(guild, "member_ban")
    await guild.ban(discord.Object(esi.id), reason="spam", delete_message_seconds=3600)
    assert (await banned)[1].id == esi.id
    assert [(ban.user.id, ban.reason) async for ban in guild.bans()] == [(esi.id, "spam")]
    assert (await guild.fetch_ban(discord.Object(esi.id))).reason == "spam"
    unbanned = soon(guild, "member_unban")
    await guild.unban(discord.Object(esi.id))
    assert (await unbanned)[1].id == esi.id
    with pytest.raises(discord.NotFound) as caught:
        await guild.fetch_ban(discord.Object(esi.id))
    assert caught.value.code == 10026
    result = await guild.bulk_ban([discord.Object(esi.id), discord.Object(place.user("Ada").id)])
    assert ([one.id for one in result.banned], [one.id for one in result.failed]) == ([esi.id], [place.user("Ada").id])


async def test_events(guild: discord.Guild, place: Place, server: Server) -> None:
    start = discord.utils.utcnow() + timedelta(hours=1)
    created = soon(guild, "scheduled_event_create")
    event = await guild.create_scheduled_event(
        name="Debate",
        description="Shall we publish?",
        start_time=start,
        end_time=start + timedelta(hours=1),
        entity_type=discord.EntityType.external,
        privacy_level=discord.PrivacyLevel.guild_only,
        location="#debates",
    )
    assert (await created).id == event.id
    assert (event.location, event.start_time, event.creator_id) == ("#debates", start, guild.me.id)
    interested = soon(guild, "scheduled_event_user_add")
    subscribe(server.world, server.world.events[event.id], place.user("Chika").id)
    _, user = await interested
    assert user.id == place.user("Chika").id
    assert [one.id async for one in event.users()] == [user.id]
    assert (await guild.fetch_scheduled_event(event.id)).user_count == 1
    updated = soon(guild, "scheduled_event_update")
    running = await event.start()
    _, after = await updated
    assert after.status is discord.EventStatus.active
    await running.end()
    with pytest.raises(discord.HTTPException) as caught:
        await guild._state.http.edit_scheduled_event(guild.id, event.id, name="late", reason=None)
    assert caught.value.code == 180000
    voice = await guild.create_voice_channel("Hall")
    other = await voice.guild.create_scheduled_event(
        name="Talk", start_time=start, channel=voice, privacy_level=discord.PrivacyLevel.guild_only
    )
    assert [one.id for one in await guild.fetch_scheduled_events()] == [other.id]
    await other.cancel()
    deleted = soon(guild, "scheduled_event_delete")
    await other.delete()
    assert (await deleted).id == other.id


async def test_invites_and_settings(guild: discord.Guild, place: Place) -> None:
    general = guild.get_channel(place.channel("general").id)
    assert isinstance(general, discord.TextChannel)
    created = soon(guild, "invite_create")
    invite = await general.create_invite(max_age=60, max_uses=2)
    assert (await created).code == invite.code
    assert [one.code for one in await guild.invites()] == [invite.code]
    assert [one.code for one in await general.invites()] == [invite.code]
    client = guild._state._get_client()
    assert (await client.fetch_invite(invite.code)).approximate_member_count == 7
    await invite.delete()
    updated = soon(guild, "guild_update")
    await guild.edit(name="The Open Answer", description="d", system_channel=None)
    _, after = await updated
    assert (after.name, after.description, after.system_channel) == ("The Open Answer", "d", None)
    assert (await client.fetch_guild(guild.id)).approximate_member_count == 7
    assert [one.name async for one in client.fetch_guilds()] == ["The Open Answer"]


async def test_audit_log(guild: discord.Guild, place: Place, server: Server) -> None:
    heard = soon(guild, "audit_log_entry_create")
    channel = await guild.create_text_channel("new", reason="because")
    assert (await heard).reason == "because"
    role = await guild.create_role(name="r")
    await role.edit(colour=discord.Colour.red())
    await channel.set_permissions(guild.default_role, send_messages=False)
    member = await guild.fetch_member(place.user("Chika").id)
    await member.add_roles(role)
    await member.edit(nick="C")
    thread = await channel.create_thread(name="t", type=discord.ChannelType.public_thread)
    await thread.edit(locked=True)
    await guild.ban(discord.Object(place.user("Esi").id))
    kick(server.world, place.guild, place.user("Farid").id, Actor(place.user("Ada").id, "noise"))
    actions = [entry.action async for entry in guild.audit_logs(oldest_first=True, limit=None)]
    a = discord.AuditLogAction
    assert actions == [
        a.channel_create,
        a.role_create,
        a.role_update,
        a.overwrite_create,
        a.member_role_update,
        a.member_update,
        a.thread_create,
        a.thread_update,
        a.ban,
        a.kick,
    ]
    newest = [entry async for entry in guild.audit_logs(limit=1)]
    assert (newest[0].reason, newest[0].user) == ("noise", guild.get_member(place.user("Ada").id))


async def test_application_and_users(guild: discord.Guild, place: Place) -> None:
    client = guild._state._get_client()
    info = await client.application_info()
    assert (info.name, info.id, info.owner.global_name) == ("Rostrum", place.app.id, "Ada")
    ada = await client.fetch_user(place.user("Ada").id)
    assert ada.global_name == "Ada"
    channel = await ada.create_dm()
    assert channel.recipient == ada
    assert (await ada.send("hello")).channel.id == channel.id
    assert client.user is not None
    await client.user.edit(username="Speaker")
    assert (await client.fetch_user(place.app.user_id)).name == "Speaker"
    emoji = await client.create_application_emoji(
        name="gavel",
        image=bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010806000000"),
    )
    assert [one.name for one in await client.fetch_application_emojis()] == ["gavel"]
    await emoji.delete()


async def test_the_bot_is_added_and_removed(guild: discord.Guild, place: Place, server: Server) -> None:
    second = place.build.guild("Second", place.user("Ben"))
    added = soon(guild, "guild_join")
    join_guild(server, second, place.app.user_id)
    joined = await added
    assert (joined.name, joined.me.id) == ("Second", guild.me.id)
    removed = soon(guild, "guild_remove")
    await joined.leave()
    assert (await removed).id == second.id
