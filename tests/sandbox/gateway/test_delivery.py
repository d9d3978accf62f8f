"""Who hears what: intents, visibility, withheld content, shards, direct messages and slow readers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from sandbox.gateway import connection as connections
from sandbox.gateway.intents import PRIVILEGED, Intent, needed
from sandbox.messages import Sender, create_message
from sandbox.model import Overwrite
from sandbox.permissions import P
from tests.support.raw_gateway import RawGateway

if TYPE_CHECKING:
    from sandbox.model import Message, User
    from sandbox.server import Server
    from tests.support.stand_in import Place

ALL = sum(Intent)
EVERY_FLAG = sum(flag for flag in PRIVILEGED.values())
GUILD_EVENTS = {
    Intent.GUILDS: (
        "GUILD_UPDATE GUILD_ROLE_CREATE GUILD_ROLE_UPDATE GUILD_ROLE_DELETE CHANNEL_CREATE CHANNEL_UPDATE "
        "CHANNEL_DELETE CHANNEL_PINS_UPDATE "
        "THREAD_CREATE THREAD_UPDATE THREAD_DELETE THREAD_LIST_SYNC THREAD_MEMBER_UPDATE "
        "STAGE_INSTANCE_CREATE STAGE_INSTANCE_UPDATE STAGE_INSTANCE_DELETE"
    ),
    Intent.GUILD_MEMBERS: "GUILD_MEMBER_ADD GUILD_MEMBER_UPDATE GUILD_MEMBER_REMOVE THREAD_MEMBERS_UPDATE",
    Intent.GUILD_MODERATION: "GUILD_AUDIT_LOG_ENTRY_CREATE GUILD_BAN_ADD GUILD_BAN_REMOVE",
    Intent.GUILD_EXPRESSIONS: "GUILD_EMOJIS_UPDATE GUILD_STICKERS_UPDATE",
    Intent.GUILD_INTEGRATIONS: "GUILD_INTEGRATIONS_UPDATE INTEGRATION_CREATE INTEGRATION_UPDATE INTEGRATION_DELETE",
    Intent.GUILD_WEBHOOKS: "WEBHOOKS_UPDATE",
    Intent.GUILD_INVITES: "INVITE_CREATE INVITE_DELETE",
    Intent.GUILD_VOICE_STATES: "VOICE_STATE_UPDATE",
    Intent.GUILD_PRESENCES: "PRESENCE_UPDATE",
    Intent.GUILD_MESSAGES: "MESSAGE_CREATE MESSAGE_UPDATE MESSAGE_DELETE MESSAGE_DELETE_BULK",
    Intent.GUILD_MESSAGE_REACTIONS: (
        "MESSAGE_REACTION_ADD MESSAGE_REACTION_REMOVE MESSAGE_REACTION_REMOVE_ALL MESSAGE_REACTION_REMOVE_EMOJI"
    ),
    Intent.GUILD_MESSAGE_TYPING: "TYPING_START",
    Intent.GUILD_SCHEDULED_EVENTS: (
        "GUILD_SCHEDULED_EVENT_CREATE GUILD_SCHEDULED_EVENT_UPDATE GUILD_SCHEDULED_EVENT_DELETE "
        "GUILD_SCHEDULED_EVENT_USER_ADD GUILD_SCHEDULED_EVENT_USER_REMOVE"
    ),
    Intent.AUTO_MODERATION_CONFIGURATION: (
        "AUTO_MODERATION_RULE_CREATE AUTO_MODERATION_RULE_UPDATE AUTO_MODERATION_RULE_DELETE"
    ),
    Intent.AUTO_MODERATION_EXECUTION: "AUTO_MODERATION_ACTION_EXECUTION",
    Intent.GUILD_MESSAGE_POLLS: "MESSAGE_POLL_VOTE_ADD MESSAGE_POLL_VOTE_REMOVE",
}
DIRECT_EVENTS = {
    Intent.DIRECT_MESSAGES: "MESSAGE_CREATE MESSAGE_UPDATE MESSAGE_DELETE CHANNEL_PINS_UPDATE",
    Intent.DIRECT_MESSAGE_REACTIONS: (
        "MESSAGE_REACTION_ADD MESSAGE_REACTION_REMOVE MESSAGE_REACTION_REMOVE_ALL MESSAGE_REACTION_REMOVE_EMOJI"
    ),
    Intent.DIRECT_MESSAGE_TYPING: "TYPING_START",
    Intent.DIRECT_MESSAGE_POLLS: "MESSAGE_POLL_VOTE_ADD MESSAGE_POLL_VOTE_REMOVE",
}
ALWAYS = ("INTERACTION_CREATE", "APPLICATION_COMMAND_PERMISSIONS_UPDATE", "ENTITLEMENT_CREATE")


def post(server: Server, place: Place, author: User, text: str, channel: str = "general", **body: Any) -> Message:
    where = place.channel(channel)
    sender = Sender(author.id, bits=(1 << 53) - 1)
    return create_message(server, where, sender, {"content": text, **body})


@pytest.mark.parametrize("intent", list(GUILD_EVENTS))
async def test_guild_events_need_their_intent(server: Server, place: Place, intent: Intent) -> None:
    place.app.flags = EVERY_FLAG
    wanted = GUILD_EVENTS[intent].split()
    async with RawGateway(server) as having, RawGateway(server) as lacking:
        await having.identify(intents=int(intent))
        await lacking.identify(intents=ALL & ~intent & ~(Intent.GUILDS if "THREAD_MEMBERS_UPDATE" in wanted else 0))
        await lacking.quiet()
        await having.quiet()
        for name in wanted:
            server.world.emit(name, {"guild_id": str(place.guild.id), "user": {"id": "5"}}, guild_id=place.guild.id)
        assert await having.quiet() == wanted
        assert await lacking.quiet() == []


@pytest.mark.parametrize("intent", list(DIRECT_EVENTS))
async def test_direct_events_need_their_intent(server: Server, place: Place, intent: Intent) -> None:
    place.app.flags = EVERY_FLAG
    channel = place.build.direct(place.user("Ada"), server.world.users[place.app.user_id])
    wanted = DIRECT_EVENTS[intent].split()
    async with RawGateway(server) as having, RawGateway(server) as lacking:
        await having.identify(intents=int(intent))
        await lacking.identify(intents=ALL & ~intent)
        await lacking.quiet()
        for name in wanted:
            server.world.emit(name, {"channel_id": str(channel.id)}, channel_id=channel.id)
        assert await having.quiet() == wanted
        assert await lacking.quiet() == []


@pytest.mark.parametrize("name", ALWAYS)
async def test_some_events_need_no_intent(server: Server, place: Place, name: str) -> None:
    async with RawGateway(server) as gateway:
        await gateway.identify(intents=0)
        server.world.emit(name, {}, guild_id=place.guild.id, users=frozenset({place.app.user_id}))
        server.world.emit(name, {}, users=frozenset({place.app.user_id}))
        assert await gateway.quiet() == [name, name]


def test_the_stages_own_events_are_for_people_only() -> None:
    assert needed("INTERACTION_STATE", in_guild=True) is None
    assert needed("BOT_STATE", in_guild=False) is None
    assert needed("CHANNEL_CREATE", in_guild=False) is None


async def test_own_member_and_thread_membership_are_heard_without_the_members_intent(
    server: Server, place: Place
) -> None:
    own, guild = str(place.app.user_id), place.guild.id
    async with RawGateway(server) as gateway:
        await gateway.identify(intents=int(Intent.GUILDS))
        await gateway.quiet()
        server.world.emit("GUILD_MEMBER_UPDATE", {"user": {"id": "5"}}, guild_id=guild)
        server.world.emit("GUILD_MEMBER_UPDATE", {"user": {"id": own}}, guild_id=guild)
        server.world.emit("THREAD_MEMBERS_UPDATE", {"added_members": [{"user_id": "5"}]}, guild_id=guild)
        both = {"id": "1", "added_members": [{"user_id": "5"}, {"user_id": own}], "removed_member_ids": ["7"]}
        server.world.emit("THREAD_MEMBERS_UPDATE", both, guild_id=guild)
        server.world.emit("THREAD_MEMBERS_UPDATE", {"removed_member_ids": [own]}, guild_id=guild)
        assert (await gateway.until("GUILD_MEMBER_UPDATE"))["user"]["id"] == own
        assert await gateway.until("THREAD_MEMBERS_UPDATE") == {"id": "1", "added_members": [{"user_id": own}]}
        assert await gateway.until("THREAD_MEMBERS_UPDATE") == {"removed_member_ids": [own]}


async def test_hidden_channels_are_heard_of_but_not_heard(server: Server, place: Place) -> None:
    hidden = place.channel("mod-room")
    async with RawGateway(server) as gateway:
        await gateway.identify(intents=int(Intent.GUILDS | Intent.GUILD_MESSAGES))
        await gateway.quiet()
        server.world.emit("CHANNEL_UPDATE", {}, guild_id=place.guild.id, channel_id=hidden.id)
        post(server, place, place.user("Ben"), "quietly", channel="mod-room")
        assert await gateway.quiet() == ["CHANNEL_UPDATE"]
        hidden.overwrites.append(Overwrite(id=place.app.user_id, type=1, allow=int(P.VIEW_CHANNEL)))
        post(server, place, place.user("Ben"), "aloud", channel="mod-room")
        assert await gateway.quiet() == ["MESSAGE_CREATE"]


async def test_private_threads_are_for_their_members(server: Server, place: Place) -> None:
    for role in list(server.world.guild_roles[place.guild.id].values()):
        role.permissions &= ~int(P.MANAGE_THREADS)
    thread = place.build.thread(place.channel("general"), "quiet corner", place.user("Ada"), type=12)
    async with RawGateway(server) as gateway:
        await gateway.identify(intents=int(Intent.GUILDS | Intent.GUILD_MESSAGES))
        await gateway.quiet()
        post(server, place, place.user("Ada"), "alone", channel="quiet corner")
        assert await gateway.quiet() == []
        assert thread.thread is not None
        thread.thread.members[place.app.user_id] = server.world.now()
        post(server, place, place.user("Ada"), "together", channel="quiet corner")
        assert "MESSAGE_CREATE" in await gateway.quiet()


async def test_ephemeral_messages_and_other_bots_interactions_stay_away(server: Server, place: Place) -> None:
    async with RawGateway(server) as gateway:
        await gateway.identify(intents=ALL & ~sum(PRIVILEGED))
        await gateway.quiet()
        channel = place.channel("general")
        only = frozenset({place.user("Ada").id})
        server.world.emit("MESSAGE_CREATE", {}, guild_id=place.guild.id, channel_id=channel.id, users=only)
        server.world.emit("INTERACTION_CREATE", {}, guild_id=place.guild.id, users=only)
        assert await gateway.quiet() == []


async def test_content_is_withheld_without_its_intent(server: Server, place: Place) -> None:
    place.app.flags = EVERY_FLAG
    ada, own = place.user("Ada"), server.world.users[place.app.user_id]
    embed = {"title": "A title"}
    async with RawGateway(server) as having, RawGateway(server) as lacking:
        await having.identify(intents=int(Intent.GUILD_MESSAGES | Intent.MESSAGE_CONTENT))
        await lacking.identify(intents=int(Intent.GUILD_MESSAGES))
        message = post(server, place, ada, "for those who may read")
        seen, hidden = await having.until("MESSAGE_CREATE"), await lacking.until("MESSAGE_CREATE")
        assert seen["content"] == "for those who may read"
        assert (hidden["content"], hidden["embeds"], hidden["attachments"], hidden["components"]) == ("", [], [], [])
        assert hidden["id"] == seen["id"] == str(message.id)
        assert hidden["author"] == seen["author"]
        post(server, place, ada, f"hello <@{own.id}>")
        assert (await lacking.until("MESSAGE_CREATE"))["content"] == f"hello <@{own.id}>"
        post(server, place, own, "my own", embeds=[embed])
        mine = await lacking.until("MESSAGE_CREATE")
        assert mine["content"] == "my own"
        assert mine["embeds"][0]["title"] == "A title"


async def test_polls_of_people_are_withheld_too(server: Server, place: Place) -> None:
    async with RawGateway(server) as lacking:
        await lacking.identify(intents=int(Intent.GUILD_MESSAGES))
        poll = {"question": {"text": "Tea?"}, "answers": [{"poll_media": {"text": "Yes"}}], "duration": 1}
        post(server, place, place.user("Ada"), "", poll=poll)
        assert "poll" not in await lacking.until("MESSAGE_CREATE")


async def test_replies_carry_only_what_may_be_read(server: Server, place: Place) -> None:
    ada, own = place.user("Ada"), server.world.users[place.app.user_id]
    secret, mine = post(server, place, ada, "a secret"), post(server, place, own, "an answer")
    async with RawGateway(server) as lacking:
        await lacking.identify(intents=int(Intent.GUILD_MESSAGES))
        reference = {"message_id": str(secret.id), "channel_id": str(secret.channel_id)}
        post(server, place, ada, f"<@{own.id}> look", message_reference=reference)
        seen = await lacking.until("MESSAGE_CREATE")
        assert seen["content"] == f"<@{own.id}> look"
        assert seen["referenced_message"]["content"] == ""
        post(server, place, ada, "to you", message_reference={**reference, "message_id": str(mine.id)})
        seen = await lacking.until("MESSAGE_CREATE")
        assert seen["referenced_message"]["content"] == "an answer"
        # a reply that pings names its author among the mentions, and so may be read
        assert seen["content"] == "to you"


async def test_direct_messages_are_read_whole_and_on_the_first_shard_only(server: Server, place: Place) -> None:
    own = server.world.users[place.app.user_id]
    channel = place.build.direct(place.user("Ada"), own)
    foreign = place.build.direct(place.user("Ada"), place.user("Ben"))
    intents = int(Intent.DIRECT_MESSAGES)
    async with RawGateway(server) as zero, RawGateway(server) as one:
        await zero.identify(intents=intents, shard=[0, 2])
        await one.identify(intents=intents, shard=[1, 2])
        for where in (channel, foreign):
            create_message(server, where, Sender(place.user("Ada").id, bits=(1 << 53) - 1), {"content": "psst"})
        assert (await zero.until("MESSAGE_CREATE"))["content"] == "psst"
        assert await zero.quiet() == []
        assert await one.quiet() == []
        assert server.gateway.online(own.id)


async def test_guilds_are_shared_out_by_their_ids(server: Server, place: Place) -> None:
    ids = [(number << 22) | 7 for number in range(1000, 1006)]
    for number in ids:
        guild = place.build.guild(f"Guild {number}", place.user("Ada"), guild_id=number)
        place.build.install(guild, place.app)
    async with RawGateway(server) as zero, RawGateway(server) as one, RawGateway(server) as two:
        expected: dict[int, set[str]] = {0: set(), 1: set(), 2: set()}
        for number in [*ids, place.guild.id]:
            expected[(number >> 22) % 3].add(str(number))
        for index, gateway in enumerate((zero, one, two)):
            ready = await gateway.identify(intents=1, shard=[index, 3])
            assert ready["shard"] == [index, 3]
            assert {guild["id"] for guild in ready["guilds"]} == expected[index]
            created = {(await gateway.until("GUILD_CREATE"))["id"] for _ in expected[index]}
            assert created == expected[index]
        server.world.emit("GUILD_UPDATE", {"id": str(ids[1])}, guild_id=ids[1])
        homes = [await gateway.quiet() for gateway in (zero, one, two)]
        assert [bool(home) for home in homes] == [index == (ids[1] >> 22) % 3 for index in range(3)]
        own = frozenset({place.app.user_id})
        server.world.emit("INTERACTION_CREATE", {}, guild_id=ids[2], users=own)
        homes = [await gateway.quiet() for gateway in (zero, one, two)]
        assert [bool(home) for home in homes] == [index == (ids[2] >> 22) % 3 for index in range(3)]


async def test_online_asks_for_the_guilds_shard(server: Server, place: Place) -> None:
    shard = (place.guild.id >> 22) % 2
    async with RawGateway(server) as gateway:
        await gateway.identify(shard=[shard, 2])
        assert server.gateway.online(place.app.user_id, place.guild.id)
        assert not server.gateway.online(place.app.user_id, place.guild.id + (1 << 22))
        assert server.gateway.online(place.app.user_id) is (shard == 0)


async def test_joining_and_leaving_a_guild(server: Server, place: Place) -> None:
    other = place.build.guild("Another", place.user("Ben"))
    async with RawGateway(server) as gateway:
        await gateway.identify(intents=1)
        await gateway.quiet()
        server.world.emit("GUILD_UPDATE", {}, guild_id=other.id)
        assert await gateway.quiet() == []
        place.build.install(other, place.app)
        own = frozenset({place.app.user_id})
        server.world.emit("GUILD_CREATE", {}, guild_id=other.id, users=own)
        created = await gateway.until("GUILD_CREATE")
        # by the absence of "unavailable" clients know that the guild is new to them
        assert (created["id"], "unavailable" in created) == (str(other.id), False)
        server.world.emit("GUILD_UPDATE", {}, guild_id=other.id)
        server.world.emit("GUILD_DELETE", {"id": str(other.id)}, guild_id=other.id, users=own)
        server.world.emit("GUILD_UPDATE", {}, guild_id=other.id)
        assert await gateway.quiet() == ["GUILD_UPDATE", "GUILD_DELETE"]


async def test_a_guild_is_joined_also_without_its_intent(server: Server, place: Place) -> None:
    other = place.build.guild("Another", place.user("Ben"))
    async with RawGateway(server) as gateway:
        await gateway.identify(intents=int(Intent.GUILD_MESSAGE_TYPING))
        own = frozenset({place.app.user_id})
        place.build.install(other, place.app)
        server.world.emit("GUILD_CREATE", {}, guild_id=other.id, users=own)
        server.world.emit("TYPING_START", {}, guild_id=other.id)
        server.world.emit("GUILD_DELETE", {"id": str(other.id)}, guild_id=other.id, users=own)
        server.world.emit("TYPING_START", {}, guild_id=other.id)
        assert await gateway.quiet() == ["TYPING_START"]


async def test_a_guild_that_is_down_for_a_while_is_not_left(server: Server, place: Place) -> None:
    guild = place.guild.id
    async with RawGateway(server) as gateway:
        await gateway.identify(intents=1)
        await gateway.quiet()
        server.world.emit("GUILD_DELETE", {"id": str(guild), "unavailable": True}, guild_id=guild)
        server.world.emit("GUILD_UPDATE", {}, guild_id=guild)
        assert await gateway.quiet() == ["GUILD_DELETE", "GUILD_UPDATE"]


async def test_events_that_nobody_knows_are_noted(server: Server, place: Place) -> None:
    async with RawGateway(server) as gateway:
        await gateway.identify(intents=1)
        server.world.emit("GUILD_PAINTED", {}, guild_id=place.guild.id)
        assert await gateway.quiet("GUILD_PAINTED") == []
    assert server.gateway.unknown_events == {"GUILD_PAINTED"}
    server.gateway.unknown_events.clear()


@pytest.mark.parametrize("query", ["", "&compress=zlib-stream", "&compress=zstd-stream"])
async def test_compression_keeps_one_context(server: Server, place: Place, query: str) -> None:
    async with RawGateway(server, f"v=10&encoding=json{query}") as gateway:
        await gateway.identify(intents=int(Intent.GUILDS | Intent.GUILD_MESSAGES), compress=bool(query))
        await gateway.until("GUILD_CREATE")
        own = server.world.users[place.app.user_id]
        texts = ["x", "é" * 1_900, "y", "\N{ROSETTE}" * 500]
        for text in texts:
            post(server, place, own, text)
        assert [(await gateway.until("MESSAGE_CREATE"))["content"] for _ in texts] == texts
        kind = aiohttp.WSMsgType.BINARY if query else aiohttp.WSMsgType.TEXT
        assert set(gateway.kinds) == {kind}


async def test_payload_compression_packs_larger_payloads(server: Server) -> None:
    async with RawGateway(server) as gateway:
        await gateway.identify(compress=True)
        await gateway.until("GUILD_CREATE")
        assert gateway.kinds[0] is aiohttp.WSMsgType.TEXT
        assert gateway.kinds[-1] is aiohttp.WSMsgType.BINARY


async def test_an_event_is_as_it_was_when_it_happened(server: Server, place: Place) -> None:
    async with RawGateway(server) as gateway:
        await gateway.identify(intents=1)
        await gateway.quiet()
        data = {"name": "before"}
        server.world.emit("GUILD_ROLE_UPDATE", data, guild_id=place.guild.id)
        data["name"] = "after"
        assert (await gateway.until("GUILD_ROLE_UPDATE"))["name"] == "before"


async def test_a_bot_that_does_not_read_is_cut_off_and_holds_up_nobody(
    server: Server, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "QUEUED_BYTES", 4 << 20)
    async with RawGateway(server) as reader, RawGateway(server) as sleeper:
        await reader.identify(intents=1)
        await sleeper.identify(intents=1)
        await reader.quiet()
        transport = sleeper.socket._response.connection.transport
        transport.pause_reading()
        big = {"filler": "x" * 200_000}
        for _ in range(100):
            server.world.emit("GUILD_UPDATE", big, guild_id=place.guild.id)
            assert (await reader.until("GUILD_UPDATE")) == big
        async with asyncio.timeout(30):
            while len(server.gateway.connections) > 1:
                await asyncio.sleep(0.01)
        assert await reader.quiet() == []
        transport.abort()


async def test_dropped_heartbeat_acks(server: Server) -> None:
    async with RawGateway(server) as gateway:
        await gateway.identify()
        await gateway.quiet()
        server.faults.drop_heartbeat_acks(times=2)
        for _ in range(3):
            await gateway.send(1, gateway.seq)
        await gateway.until_op(11)
        with pytest.raises(TimeoutError):
            await gateway.receive(timeout=0.1)


async def test_bot_state_is_told_once_for_each_change(server: Server, place: Place) -> None:
    told: list[bool] = []
    server.world.subscribe(lambda event: told.append(event.data["online"]) if event.name == "BOT_STATE" else None)
    async with RawGateway(server) as first, RawGateway(server) as second:
        await first.identify()
        await second.identify()
        assert told == [True]
        await first.socket.close(code=1000)
        await second.quiet()
        assert told == [True]
        await second.socket.close(code=4000)
        async with asyncio.timeout(30):
            while len(told) < 2:
                await asyncio.sleep(0.01)
    assert told == [True, False]
    assert not server.gateway.online(place.app.user_id)
