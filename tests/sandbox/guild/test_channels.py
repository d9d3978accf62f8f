"""Channels over raw REST, both sides of each border."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.model import Channel, Overwrite
from sandbox.permissions import P
from tests.support.bodies import wrong
from tests.support.guild import names

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.server import Server
    from sandbox.world import Event
    from tests.support.stand_in import Http, Place

TEXT, VOICE, CATEGORY, ANNOUNCEMENT, STAGE, FORUM = 0, 2, 4, 5, 13, 15


@pytest.fixture
def managing(may: Callable[..., None]) -> None:
    """Let the bot manage channels and roles."""
    may(P.MANAGE_CHANNELS, P.MANAGE_ROLES)


@pytest.fixture
def base(place: Place, managing: None) -> str:  # noqa: ARG001
    """The path of the guild's channels."""
    return f"/guilds/{place.guild.id}/channels"


ACCEPTED: list[dict[str, Any]] = [
    {"name": "n"},
    {"name": "n" * 100},
    {"name": "n", "topic": "t" * 1024},
    {"name": "n", "type": FORUM, "topic": "t" * 4096},
    {"name": "n", "rate_limit_per_user": 21600},
    {"name": "n", "nsfw": True, "position": 3},
    {"name": "n", "type": VOICE, "bitrate": 8000, "user_limit": 99},
    {"name": "N C", "type": CATEGORY},
    {"name": "n", "default_auto_archive_duration": 60, "default_thread_rate_limit_per_user": 21600},
    {"name": "n", "type": FORUM, "available_tags": [{"name": "t" * 20}]},
    {"name": "n", "type": FORUM, "available_tags": [{"name": f"tag {number}"} for number in range(20)]},
    {"name": "n", "type": FORUM, "default_reaction_emoji": {"emoji_name": "👍"}, "default_sort_order": 1},
    {"name": "n", "type": FORUM, "default_forum_layout": 2, "default_tag_setting": "match_all"},
]
REFUSED: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({}, {"name": "BASE_TYPE_REQUIRED"}),
    ({"name": ""}, {"name": "BASE_TYPE_BAD_LENGTH"}),
    ({"name": "n" * 101}, {"name": "BASE_TYPE_BAD_LENGTH"}),
    ({"name": "!!!"}, {"name": "BASE_TYPE_BAD_LENGTH"}),
    ({"name": "n", "type": 99}, {"type": "BASE_TYPE_CHOICES"}),
    ({"name": "n", "type": 11}, {"type": "BASE_TYPE_CHOICES"}),
    ({"name": "n", "type": ANNOUNCEMENT}, {"type": "BASE_TYPE_CHOICES"}),
    ({"name": "n", "topic": "t" * 1025}, {"topic": "BASE_TYPE_MAX_LENGTH"}),
    ({"name": "n", "type": FORUM, "topic": "t" * 4097}, {"topic": "BASE_TYPE_MAX_LENGTH"}),
    ({"name": "n", "rate_limit_per_user": 21601}, {"rate_limit_per_user": "NUMBER_TYPE_MAX"}),
    ({"name": "n", "rate_limit_per_user": -1}, {"rate_limit_per_user": "NUMBER_TYPE_MIN"}),
    ({"name": "n", "type": VOICE, "bitrate": 7999}, {"bitrate": "NUMBER_TYPE_MIN"}),
    ({"name": "n", "type": VOICE, "user_limit": 100}, {"user_limit": "NUMBER_TYPE_MAX"}),
    ({"name": "n", "nsfw": "very"}, {"nsfw": "BOOLEAN_TYPE_CONVERT"}),
    ({"name": "n", "default_auto_archive_duration": 61}, {"default_auto_archive_duration": "BASE_TYPE_CHOICES"}),
    ({"name": "n", "parent_id": "1"}, {"parent_id": "CHANNEL_PARENT_INVALID"}),
    ({"name": "n", "type": FORUM, "available_tags": [{"name": ""}]}, {"available_tags.0.name": "BASE_TYPE_BAD_LENGTH"}),
    (
        {"name": "n", "type": FORUM, "available_tags": [{"name": "t" * 21}]},
        {"available_tags.0.name": "BASE_TYPE_BAD_LENGTH"},
    ),
    (
        {"name": "n", "type": FORUM, "available_tags": [{"name": f"{number}"} for number in range(21)]},
        {"available_tags": "BASE_TYPE_MAX_LENGTH"},
    ),
    ({"name": "n", "type": FORUM, "default_sort_order": 2}, {"default_sort_order": "BASE_TYPE_CHOICES"}),
    (
        {"name": "n", "permission_overwrites": [{"id": "1", "type": 0}]},
        {"permission_overwrites.0.id": "CHANNEL_OVERWRITE_TARGET_UNKNOWN"},
    ),
]


@pytest.mark.parametrize("body", ACCEPTED, ids=str)
async def test_made(http: Http, base: str, body: dict[str, Any]) -> None:
    answer = await http.post(base, json=body)
    assert answer.status == 201, answer.json
    got = await http.get(f"/channels/{answer.json['id']}")
    assert got.json == answer.json
    for name, value in body.items():
        if name not in {"available_tags", "default_reaction_emoji"}:
            assert answer.json[name] == value


@pytest.mark.parametrize(("body", "errors"), REFUSED, ids=lambda part: str(part)[:60])
async def test_refused(http: Http, base: str, body: dict[str, Any], errors: dict[str, str], place: Place) -> None:
    before = len(place.world.channels)
    assert wrong(await http.post(base, json=body)) == errors
    assert len(place.world.channels) == before


@pytest.mark.parametrize(
    ("sent", "kind", "kept"),
    [
        ("Hello World", TEXT, "hello-world"),
        ("  Ça  va?  ", TEXT, "ça-va"),
        ("a--b", FORUM, "a-b"),
        ("Hello World", VOICE, "Hello World"),
        ("Hello World", CATEGORY, "Hello World"),
        ("投票 室", TEXT, "投票-室"),
    ],
)
async def test_names_are_spelled_as_discord_spells_them(http: Http, base: str, sent: str, kind: int, kept: str) -> None:
    assert (await http.post(base, json={"name": sent, "type": kind})).json["name"] == kept


async def test_tag_names_are_unique(http: Http, base: str) -> None:
    tags = [{"name": "One"}, {"name": "one"}]
    answer = await http.post(base, json={"name": "n", "type": FORUM, "available_tags": tags})
    assert (answer.status, answer.json["code"]) == (400, 40061)


async def test_announcements_and_stages_need_a_community(http: Http, base: str, place: Place) -> None:
    place.guild.features.append("COMMUNITY")
    for kind in (ANNOUNCEMENT, STAGE):
        assert (await http.post(base, json={"name": "n", "type": kind})).status == 201


async def test_five_hundred_channels(http: Http, base: str, place: Place) -> None:
    have = sum(channel.thread is None for channel in place.world.channels.values())
    for number in range(499 - have):
        place.build.channel(place.guild, f"c{number}")
    assert (await http.post(base, json={"name": "last"})).status == 201
    answer = await http.post(base, json={"name": "one-more"})
    assert (answer.status, answer.json["code"]) == (400, 30013)


async def test_fifty_channels_in_a_category(http: Http, base: str, place: Place) -> None:
    parent = place.build.channel(place.guild, "Full", CATEGORY)
    for number in range(49):
        place.build.channel(place.guild, f"c{number}", parent_id=parent.id)
    body = {"name": "last", "parent_id": str(parent.id)}
    assert (await http.post(base, json=body)).status == 201
    assert wrong(await http.post(base, json=body)) == {"parent_id": "CHANNEL_PARENT_MAX_CHANNELS"}
    general = place.channel("general")
    body = {"name": "odd", "parent_id": str(general.id)}
    assert wrong(await http.post(base, json=body)) == {"parent_id": "CHANNEL_PARENT_INVALID_TYPE"}


async def test_a_channel_takes_its_categorys_overwrites(http: Http, base: str, place: Place) -> None:
    deny = Overwrite(id=place.guild.id, type=0, deny=int(P.SEND_MESSAGES))
    parent = place.build.channel(place.guild, "Quiet", CATEGORY, overwrites=[deny])
    made = (await http.post(base, json={"name": "in", "parent_id": str(parent.id)})).json
    assert made["permission_overwrites"] == [
        {"id": str(place.guild.id), "type": 0, "allow": "0", "deny": str(int(P.SEND_MESSAGES))}
    ]
    own = (await http.post(base, json={"name": "own", "parent_id": str(parent.id), "permission_overwrites": []})).json
    assert own["permission_overwrites"] == []


@pytest.mark.usefixtures("managing")
async def test_changing(http: Http, place: Place, told: list[Event]) -> None:
    general = place.channel("general")
    path = f"/channels/{general.id}"
    answer = await http.patch(path, json={"name": "The Hall", "topic": None, "rate_limit_per_user": 5, "position": 9})
    assert answer.status == 200
    assert (answer.json["name"], answer.json["topic"], answer.json["rate_limit_per_user"]) == ("the-hall", None, 5)
    assert names(told) == ["CHANNEL_UPDATE"]
    assert told[0].data == answer.json
    assert wrong(await http.patch(path, json={"name": ""})) == {"name": "BASE_TYPE_BAD_LENGTH"}
    assert wrong(await http.patch(path, json={"topic": "t" * 1025})) == {"topic": "BASE_TYPE_MAX_LENGTH"}
    assert wrong(await http.patch(path, json={"type": VOICE})) == {"type": "CHANNEL_TYPE_INVALID"}
    place.guild.features.append("NEWS")
    assert (await http.patch(path, json={"type": ANNOUNCEMENT})).json["type"] == ANNOUNCEMENT


@pytest.mark.usefixtures("managing")
async def test_forum_tags_keep_their_ids(http: Http, place: Place) -> None:
    forum = place.channel("motions")
    old = (await http.get(f"/channels/{forum.id}")).json["available_tags"]
    sent = [{**old[1], "name": "law"}, {"name": "new", "emoji_name": "🆕", "moderated": True}]
    changed = (await http.patch(f"/channels/{forum.id}", json={"available_tags": sent, "flags": 16})).json
    assert [tag["name"] for tag in changed["available_tags"]] == ["law", "new"]
    assert changed["available_tags"][0]["id"] == old[1]["id"]
    assert changed["available_tags"][1]["emoji_name"] == "🆕"
    assert changed["flags"] == 16
    answer = await http.patch(f"/channels/{forum.id}", json={"available_tags": [{"id": "1", "name": "x"}]})
    assert wrong(answer) == {"available_tags.0.id": "BASE_TYPE_CHOICES"}


@pytest.mark.usefixtures("managing")
async def test_deleting(http: Http, place: Place, told: list[Event]) -> None:
    debates = place.channel("debates")
    thread = place.build.thread(debates, "t", place.user("Ada"))
    answer = await http.delete(f"/channels/{debates.id}")
    assert (answer.status, answer.json["id"]) == (200, str(debates.id))
    assert names(told) == ["CHANNEL_DELETE"]
    for gone in (debates.id, thread.id):
        answer = await http.get(f"/channels/{gone}")
        assert (answer.status, answer.json["code"]) == (404, 10003)
    commons = place.channel("Commons")
    children = [channel for channel in place.world.channels.values() if channel.parent_id == commons.id]
    assert (await http.delete(f"/channels/{commons.id}")).status == 200
    assert children
    assert all(channel.parent_id is None for channel in children)


@pytest.mark.usefixtures("managing")
async def test_a_community_keeps_its_rules(http: Http, place: Place) -> None:
    place.guild.features.append("COMMUNITY")
    place.guild.rules_channel_id = place.channel("digest").id
    answer = await http.delete(f"/channels/{place.guild.rules_channel_id}")
    assert (answer.status, answer.json["code"]) == (400, 50074)


async def test_moving(http: Http, base: str, place: Place, told: list[Event]) -> None:
    general, digest = place.channel("general"), place.channel("digest")
    body = [{"id": str(general.id), "position": 7}, {"id": str(digest.id), "parent_id": None, "position": 1}]
    assert (await http.patch(base, json=body)).status == 204
    assert (general.position, digest.position, digest.parent_id) == (7, 1, None)
    assert names(told) == ["CHANNEL_UPDATE", "CHANNEL_UPDATE"]
    answer = await http.patch(base, json=[{"id": "1", "position": 1}])
    assert (answer.status, answer.json["code"]) == (404, 10003)
    assert wrong(await http.patch(base, json=[{"id": str(general.id), "position": -1}])) == {
        "0.position": "NUMBER_TYPE_MIN"
    }


async def test_without_the_right(http: Http, place: Place, may: Callable[..., None]) -> None:
    may()
    general = place.channel("general")
    answers = [
        await http.post(f"/guilds/{place.guild.id}/channels", json={"name": "n"}),
        await http.patch(f"/guilds/{place.guild.id}/channels", json=[]),
        await http.patch(f"/channels/{general.id}", json={"name": "n"}),
        await http.delete(f"/channels/{general.id}"),
        await http.put(f"/channels/{general.id}/permissions/{place.guild.id}", json={"type": 0}),
        await http.delete(f"/channels/{general.id}/permissions/{place.guild.id}"),
    ]
    assert [(answer.status, answer.json["code"]) for answer in answers] == [(403, 50013)] * 6


async def test_out_of_sight(http: Http, place: Place) -> None:
    room = place.channel("mod-room")
    for answer in (
        await http.get(f"/channels/{room.id}"),
        await http.patch(f"/channels/{room.id}", json={"name": "n"}),
        await http.delete(f"/channels/{room.id}"),
    ):
        assert (answer.status, answer.json["code"]) == (403, 50001)
    listed = (await http.get(f"/guilds/{place.guild.id}/channels")).json
    assert "mod-room" in {channel["name"] for channel in listed}


class TestOverwrites:
    """PUT and DELETE of a channel's overwrites."""

    @pytest.mark.usefixtures("managing")
    async def test_set_change_delete(self, http: Http, place: Place, told: list[Event]) -> None:
        general, chika = place.channel("general"), place.user("Chika")
        path = f"/channels/{general.id}/permissions/{chika.id}"
        send = int(P.SEND_MESSAGES)
        assert (await http.put(path, json={"type": 1, "deny": str(send)})).status == 204
        assert general.overwrites == [Overwrite(id=chika.id, type=1, deny=send)]
        assert (await http.put(path, json={"type": 1, "allow": send})).status == 204
        assert general.overwrites == [Overwrite(id=chika.id, type=1, allow=send)]
        assert (await http.delete(path)).status == 204
        assert general.overwrites == []
        answer = await http.delete(path)
        assert (answer.status, answer.json["code"]) == (404, 10009)
        assert names(told) == ["CHANNEL_UPDATE"] * 3

    @pytest.mark.usefixtures("managing")
    async def test_unknown_target(self, http: Http, place: Place) -> None:
        answer = await http.put(f"/channels/{place.channel('general').id}/permissions/1", json={"type": 0})
        assert (answer.status, answer.json["code"]) == (404, 10009)

    @pytest.mark.usefixtures("managing")
    async def test_only_rights_that_the_bot_has(self, http: Http, place: Place) -> None:
        path = f"/channels/{place.channel('general').id}/permissions/{place.guild.id}"
        for bits in (P.KICK_MEMBERS, P.MANAGE_ROLES, P.ADMINISTRATOR):
            for side in ("allow", "deny"):
                answer = await http.put(path, json={"type": 0, side: str(int(bits))})
                assert (answer.status, answer.json["code"]) == (403, 50013), (bits, side)
        assert (await http.put(path, json={"type": 0, "deny": str(int(P.ATTACH_FILES))})).status == 204

    @pytest.mark.usefixtures("managing")
    async def test_what_a_bot_has_locked_it_can_open(self, http: Http, place: Place) -> None:
        path = f"/channels/{place.channel('general').id}/permissions/{place.guild.id}"
        send = str(int(P.SEND_MESSAGES))
        assert (await http.put(path, json={"type": 0, "deny": send})).status == 204
        assert (await http.put(path, json={"type": 0, "allow": send})).status == 204
        assert (await http.delete(path)).status == 204

    async def test_an_administrator_may_all(self, http: Http, place: Place, may: Callable[..., None]) -> None:
        may(P.ADMINISTRATOR)
        path = f"/channels/{place.channel('general').id}/permissions/{place.guild.id}"
        assert (await http.put(path, json={"type": 0, "allow": str(int(P.MANAGE_ROLES))})).status == 204

    @pytest.mark.usefixtures("managing")
    async def test_threads_and_dms_have_none(self, http: Http, place: Place) -> None:
        thread = place.build.thread(place.channel("debates"), "t", place.user("Ada"))
        direct = place.build.direct(place.user("Ada"), place.user("Rostrum"))
        for channel in (thread, direct):
            answer = await http.put(f"/channels/{channel.id}/permissions/{place.guild.id}", json={"type": 0})
            assert (answer.status, answer.json["code"]) == (400, 50024)

    async def test_changing_them_with_the_channel_needs_manage_roles(
        self, http: Http, place: Place, may: Callable[..., None]
    ) -> None:
        may(P.MANAGE_CHANNELS)
        path = f"/channels/{place.channel('general').id}"
        wanted = [{"id": str(place.guild.id), "type": 0, "deny": str(int(P.SEND_MESSAGES))}]
        answer = await http.patch(path, json={"permission_overwrites": wanted})
        assert (answer.status, answer.json["code"]) == (403, 50013)
        may(P.MANAGE_CHANNELS, P.MANAGE_ROLES)
        assert (await http.patch(path, json={"permission_overwrites": wanted})).status == 200
        assert wrong(await http.patch(path, json={"permission_overwrites": wanted * 2})) == {
            "permission_overwrites.1": "BASE_TYPE_DUPLICATE"
        }

    @pytest.mark.usefixtures("managing")
    async def test_who_gains_sight_learns_of_the_threads(self, http: Http, place: Place, told: list[Event]) -> None:
        debates, ben, esi = place.channel("debates"), place.user("Ben"), place.user("Esi")
        thread = place.build.thread(debates, "t", ben)
        place.build.thread(debates, "secret", ben, 12)
        debates.overwrites = [Overwrite(id=esi.id, type=1, deny=int(P.VIEW_CHANNEL))]
        assert (await http.delete(f"/channels/{debates.id}/permissions/{esi.id}")).status == 204
        (sync,) = [event for event in told if event.name == "THREAD_LIST_SYNC"]
        assert sync.users == frozenset({esi.id})
        assert sync.data["channel_ids"] == [str(debates.id)]
        assert [one["id"] for one in sync.data["threads"]] == [str(thread.id)]


@pytest.mark.usefixtures("managing")
async def test_deleting_a_channel_takes_its_webhooks_and_invites(
    http: Http, place: Place, server: Server, may: Callable[..., None]
) -> None:
    may(P.MANAGE_CHANNELS, P.MANAGE_WEBHOOKS, P.CREATE_INSTANT_INVITE)
    polls: Channel = place.channel("polls")
    invite = (await http.post(f"/channels/{polls.id}/invites", json={})).json
    hook = (await http.post(f"/channels/{polls.id}/webhooks", json={"name": "hook"})).json
    assert (await http.delete(f"/channels/{polls.id}")).status == 200
    assert (await http.get(f"/invites/{invite['code']}")).json["code"] == 10006
    assert (await http.get(f"/webhooks/{hook['id']}")).json["code"] == 10015
    assert not server.world.webhooks
