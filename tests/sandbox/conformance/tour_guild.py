"""The part of the tour through a guild: channels, threads, roles, members, bans, events, invites, accounts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import discord

from sandbox.audit import Actor
from sandbox.channels import delete_overwrite, set_overwrite
from sandbox.events import subscribe, unsubscribe
from sandbox.members import join_guild
from sandbox.model import Emoji
from sandbox.permissions import P

if TYPE_CHECKING:
    from tests.sandbox.conformance.tour import Tour

PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010806000000")


async def channels(tour: Tour) -> None:
    guild, call = tour.guild, tour.call
    made = await call("POST /guilds/{guild_id}/channels", guild.create_text_channel("tour"))
    await call("GET /guilds/{guild_id}/channels", guild.fetch_channels())
    await call("GET /channels/{channel_id}", tour.client.fetch_channel(made.id))
    await call("PATCH /channels/{channel_id}", made.edit(topic="about"))
    await call("PATCH /guilds/{guild_id}/channels", made.move(beginning=True))
    overwrite = "/channels/{channel_id}/permissions/{overwrite_id}"
    await call(f"PUT {overwrite}", made.set_permissions(guild.default_role, add_reactions=False))
    await call(f"DELETE {overwrite}", made.set_permissions(guild.default_role, overwrite=None))
    news = tour.channel("announcements")
    # checked but not carried out: nothing here is carried from one server to another
    await tour.refused("POST /channels/{channel_id}/followers", 0, news.follow(destination=made))
    await call("POST /channels/{channel_id}/invites", made.create_invite())
    invite = (await call("GET /channels/{channel_id}/invites", made.invites()))[0]
    await call("GET /guilds/{guild_id}/invites", guild.invites())
    await call("GET /invites/{code}", tour.client.fetch_invite(invite.code))
    await call("DELETE /invites/{code}", invite.delete())
    await call("DELETE /channels/{channel_id}", made.delete())


async def threads(tour: Tour) -> None:
    guild, call, debates = tour.guild, tour.call, tour.channel("debates")
    starter = await debates.send("Shall we?")
    await call("POST /channels/{channel_id}/messages/{message_id}/threads", starter.create_thread(name="from"))
    thread = await call("POST /channels/{channel_id}/threads", debates.create_thread(name="private"))
    await call("POST /channels/{channel_id}/threads", tour.channel("motions").create_thread(name="p", content="c"))
    chika = discord.Object(tour.place.user("Chika").id)
    members = "/channels/{channel_id}/thread-members"
    await call(f"PUT {members}/{{user_id}}", thread.add_user(chika))
    await call(f"GET {members}/{{user_id}}", thread.fetch_member(chika.id))
    await call(f"GET {members}", thread.fetch_members())
    await call(f"DELETE {members}/{{user_id}}", thread.remove_user(chika))
    await call(f"DELETE {members}/@me", thread.leave())
    await call(f"PUT {members}/@me", thread.join())
    await call("GET /guilds/{guild_id}/threads/active", guild.active_threads())
    await thread.edit(archived=True)
    archived = "/channels/{channel_id}/threads/archived"
    await call(f"GET {archived}/public", debates.archived_threads())
    assert [one.id for one in await call(f"GET {archived}/private", debates.archived_threads(private=True))]
    joined = debates.archived_threads(private=True, joined=True)
    assert await call("GET /channels/{channel_id}/users/@me/threads/archived/private", joined)
    await thread.delete()


async def lose_and_regain_sight(tour: Tour) -> None:
    """A bot that gains sight of a channel learns of its threads."""
    world, debates = tour.server.world, tour.place.channel("debates")
    owner = Actor(tour.place.user("Ada").id)
    hidden = {"type": 1, "deny": str(int(P.VIEW_CHANNEL))}
    set_overwrite(world, debates, tour.place.app.user_id, owner, hidden)
    delete_overwrite(world, debates, tour.place.app.user_id, owner)
    await tour.until("THREAD_LIST_SYNC")


async def roles_and_members(tour: Tour) -> None:
    guild, call = tour.guild, tour.call
    role = await call("POST /guilds/{guild_id}/roles", guild.create_role(name="Voter"))
    await call("GET /guilds/{guild_id}/roles", guild.fetch_roles())
    one = "/guilds/{guild_id}/roles/{role_id}"
    await call(f"GET {one}", guild.fetch_role(role.id))
    await call(f"PATCH {one}", role.edit(name="Elector"))
    await call("PATCH /guilds/{guild_id}/roles", role.edit(position=2))
    await call("GET /guilds/{guild_id}/roles/member-counts", guild.role_member_counts())
    members = "/guilds/{guild_id}/members"
    chika = await call(f"GET {members}/{{user_id}}", guild.fetch_member(tour.place.user("Chika").id))
    assert await call(f"GET {members}", guild.fetch_members(limit=None))
    await call(f"PUT {members}/{{user_id}}/roles/{{role_id}}", chika.add_roles(role))
    await call(f"DELETE {members}/{{user_id}}/roles/{{role_id}}", chika.remove_roles(role))
    await call(f"PATCH {members}/{{user_id}}", chika.edit(nick="C"))
    await call(f"PATCH {members}/@me", guild.me.edit(nick="Speaker"))
    assert [member.id for member in await guild.query_members(user_ids=[chika.id], cache=False)] == [chika.id]
    await call(f"DELETE {one}", role.delete())
    farid, esi = (discord.Object(tour.place.user(name).id) for name in ("Farid", "Esi"))
    await call(f"DELETE {members}/{{user_id}}", guild.kick(farid))
    ban = "/guilds/{guild_id}/bans/{user_id}"
    await call(f"PUT {ban}", guild.ban(esi, reason="noise"))
    await call(f"GET {ban}", guild.fetch_ban(esi))
    await call("GET /guilds/{guild_id}/bans", guild.bans())
    await call(f"DELETE {ban}", guild.unban(esi))
    await call("POST /guilds/{guild_id}/bulk-ban", guild.bulk_ban([farid]))
    join_guild(tour.server, tour.place.guild, esi.id)
    await call("GET /guilds/{guild_id}/audit-logs", guild.audit_logs())


async def events(tour: Tour) -> None:
    guild, call, base = tour.guild, tour.call, "/guilds/{guild_id}/scheduled-events"
    start = discord.utils.utcnow() + timedelta(hours=1)
    making = guild.create_scheduled_event(
        name="Debate",
        start_time=start,
        end_time=start + timedelta(hours=1),
        entity_type=discord.EntityType.external,
        privacy_level=discord.PrivacyLevel.guild_only,
        location="#debates",
    )
    event = await call(f"POST {base}", making)
    chika = tour.place.user("Chika").id
    subscribe(tour.server.world, tour.server.world.events[event.id], chika)
    assert [one.id for one in await call(f"GET {base}/{{event_id}}/users", event.users())] == [chika]
    unsubscribe(tour.server.world, tour.server.world.events[event.id], chika)
    await call(f"GET {base}", guild.fetch_scheduled_events())
    await call(f"GET {base}/{{event_id}}", guild.fetch_scheduled_event(event.id))
    await call(f"PATCH {base}/{{event_id}}", event.edit(name="Debates"))
    await call(f"DELETE {base}/{{event_id}}", event.delete())


async def accounts(tour: Tour) -> None:
    client, call = tour.client, tour.call
    assert client.user is not None
    await call("GET /users/{user_id}", client.fetch_user(tour.place.user("Ada").id))
    await call("PATCH /users/@me", client.user.edit(username="Speaker"))
    assert tour.record.served["GET /users/@me"], "login asks who the bot is"
    tour.covered.add("GET /users/@me")
    await call("GET /users/@me/guilds", client.fetch_guilds())
    ada = client.get_user(tour.place.user("Ada").id)
    assert ada is not None
    await call("POST /users/@me/channels", ada.create_dm())
    info = await call("GET /oauth2/applications/@me", client.application_info())
    await call("PATCH /applications/@me", info.edit(description="d"))
    await call("GET /gateway/bot", client.http.get_bot_gateway())
    emojis = "/applications/{application_id}/emojis"
    emoji = await call(f"POST {emojis}", client.create_application_emoji(name="gavel", image=PNG))
    await call(f"GET {emojis}", client.fetch_application_emojis())
    await call(f"GET {emojis}/{{emoji_id}}", client.fetch_application_emoji(emoji.id))
    await call(f"PATCH {emojis}/{{emoji_id}}", emoji.edit(name="bell"))
    await call(f"DELETE {emojis}/{{emoji_id}}", emoji.delete())
    assert await call("GET /applications/{application_id}/entitlements", client.entitlements()) == []
    assert await call("GET /applications/{application_id}/skus", client.fetch_skus()) == []


async def the_guild(tour: Tour) -> None:
    guild, call, client, world = tour.guild, tour.call, tour.client, tour.server.world
    number = world.next_id()
    world.save(Emoji(id=number, guild_id=guild.id, name="gavel", user_id=tour.place.user("Ada").id))
    await call("GET /guilds/{guild_id}/emojis", guild.fetch_emojis())
    await call("GET /guilds/{guild_id}/emojis/{emoji_id}", guild.fetch_emoji(number))
    await call("GET /guilds/{guild_id}", client.fetch_guild(guild.id))
    await call("PATCH /guilds/{guild_id}", guild.edit(description="d"))
    await call("GET /guilds/{guild_id}/preview", client.fetch_guild_preview(guild.id))
    await tour.refused("GET /guilds/{guild_id}/welcome-screen", 10069, guild.welcome_screen())
    empty: dict[str, Any] = {
        "stickers": guild.fetch_stickers(),
        "integrations": guild.integrations(),
        "auto-moderation/rules": guild.fetch_automod_rules(),
        "templates": guild.templates(),
    }
    for name, asking in empty.items():
        assert await call(f"GET /guilds/{{guild_id}}/{name}", asking) == []


async def a_second_guild(tour: Tour) -> None:
    second = tour.place.build.guild("Second", tour.place.user("Ben"))
    join_guild(tour.server, second, tour.place.app.user_id)
    await tour.until("GUILD_CREATE", 2)
    there = tour.client.get_guild(second.id)
    assert there is not None
    await tour.call("DELETE /users/@me/guilds/{guild_id}", there.leave())
