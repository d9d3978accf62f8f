"""Accounts, the application, guild settings, invites and the audit log over raw REST."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox.model import Emoji
from sandbox.permissions import P
from tests.support.bodies import wrong
from tests.support.guild import names

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.world import Event
    from tests.support.stand_in import Http, Place

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class TestUsers:
    """Oneself and others."""

    async def test_me_and_others(self, http: Http, place: Place) -> None:
        me = (await http.get("/users/@me")).json
        assert (me["id"], me["bot"]) == (str(place.app.user_id), True)
        ada = (await http.get(f"/users/{place.user('Ada').id}")).json
        assert (ada["global_name"], ada["bot"]) == ("Ada", False)
        assert "email" not in ada
        answer = await http.get("/users/1")
        assert (answer.status, answer.json["code"]) == (404, 10013)
        assert wrong(await http.get("/users/ada")) == {"user_id": "NUMBER_TYPE_COERCE"}

    async def test_renaming(self, http: Http, told: list[Event]) -> None:
        assert (await http.patch("/users/@me", json={"username": "Speaker"})).json["username"] == "Speaker"
        assert names(told) == ["USER_UPDATE"]
        for name in ("n", "n" * 33):
            assert wrong(await http.patch("/users/@me", json={"username": name})) == {
                "username": "BASE_TYPE_BAD_LENGTH"
            }
        for name in ("nn", "n" * 32):
            assert (await http.patch("/users/@me", json={"username": name})).status == 200

    async def test_guilds_in_pages(self, http: Http, place: Place) -> None:
        second = place.build.guild("Second", place.user("Ada"))
        place.build.install(second, place.app)
        place.build.guild("Third", place.user("Ada"))
        listed = (await http.get("/users/@me/guilds")).json
        assert [one["name"] for one in listed] == ["The Open Question", "Second"]
        assert not listed[0]["owner"]
        page = await http.get("/users/@me/guilds", params={"limit": "1", "after": listed[0]["id"]})
        assert [one["name"] for one in page.json] == ["Second"]
        page = await http.get("/users/@me/guilds", params={"before": listed[1]["id"], "with_counts": "true"})
        assert page.json[0]["approximate_member_count"] == 7
        assert wrong(await http.get("/users/@me/guilds", params={"limit": "201"})) == {"limit": "NUMBER_TYPE_MAX"}
        mine = await http.get(f"/users/@me/guilds/{second.id}/member")
        assert mine.json["user"]["id"] == str(place.app.user_id)

    async def test_direct_messages(self, http: Http, place: Place, told: list[Event]) -> None:
        ada = place.user("Ada")
        opened = (await http.post("/users/@me/channels", json={"recipient_id": str(ada.id)})).json
        assert opened["type"] == 1
        assert [one["id"] for one in opened["recipients"]] == [str(ada.id)]
        assert (await http.post("/users/@me/channels", json={"recipient_id": str(ada.id)})).json["id"] == opened["id"]
        assert [(event.name, event.users) for event in told] == [("CHANNEL_CREATE", frozenset({ada.id}))]
        assert (await http.get(f"/channels/{opened['id']}")).json == opened
        assert (await http.delete(f"/channels/{opened['id']}")).json["id"] == opened["id"]

    async def test_people_who_cannot_be_written_to(self, http: Http, place: Place) -> None:
        other = place.build.application("Other", "other-token", place.guild)
        answer = await http.post("/users/@me/channels", json={"recipient_id": str(other.user_id)})
        assert (answer.status, answer.json["code"]) == (400, 50007)
        for nobody in ("1", str(place.app.user_id)):
            answer = await http.post("/users/@me/channels", json={"recipient_id": nobody})
            assert (answer.status, answer.json["code"]) == (400, 50033)
        stranger = place.build.person("Stranger")
        opened = (await http.post("/users/@me/channels", json={"recipient_id": str(stranger.id)})).json
        answer = await http.post(f"/channels/{opened['id']}/messages", json={"content": "hello"})
        assert (answer.status, answer.json["code"]) == (403, 50007)

    async def test_dms_of_others_are_out_of_sight(self, http: Http, place: Place) -> None:
        channel = place.build.direct(place.user("Ada"), place.user("Ben"))
        answer = await http.get(f"/channels/{channel.id}")
        assert (answer.status, answer.json["code"]) == (403, 50001)
        mine = place.build.direct(place.user("Ada"), place.user("Rostrum"))
        answer = await http.patch(f"/channels/{mine.id}", json={"name": "n"})
        assert (answer.status, answer.json["code"]) == (403, 50003)


class TestApplication:
    """The application and its emojis."""

    async def test_itself(self, http: Http, place: Place) -> None:
        for path in ("/applications/@me", "/oauth2/applications/@me"):
            found = (await http.get(path)).json
            assert (found["id"], found["name"]) == (str(place.app.id), "Rostrum")
            assert found["owner"]["id"] == str(place.user("Ada").id)
        answer = await http.get("/oauth2/@me")
        assert answer.status == 401
        assert (await http.get("/applications/@me", auth=False)).status == 401

    async def test_description(self, http: Http) -> None:
        body = {"description": {"default": "d" * 400}}
        assert (await http.patch("/applications/@me", json=body)).json["description"] == "d" * 400
        body = {"description": {"default": "d" * 401}}
        assert wrong(await http.patch("/applications/@me", json=body)) == {
            "description.default": "BASE_TYPE_MAX_LENGTH"
        }

    async def test_emojis(self, http: Http, place: Place) -> None:
        base = f"/applications/{place.app.id}/emojis"
        image = "data:image/png;base64," + base64.b64encode(PIXEL).decode()
        made = await http.post(base, json={"name": "open_weights", "image": image})
        assert (made.status, made.json["name"], made.json["animated"]) == (201, "open_weights", False)
        one = f"{base}/{made.json['id']}"
        assert (await http.get(one)).json == made.json
        assert (await http.get(base)).json == {"items": [made.json]}
        async with http.session.get(f"{http.base}/cdn/emojis/{made.json['id']}.png") as picture:
            assert (picture.content_type, await picture.read()) == ("image/png", PIXEL)
        assert (await http.patch(one, json={"name": "renamed"})).json["name"] == "renamed"
        assert (await http.delete(one)).status == 204
        answer = await http.get(one)
        assert (answer.status, answer.json["code"]) == (404, 10014)
        assert wrong(await http.post(base, json={"name": "x", "image": image})) == {"name": "BASE_TYPE_BAD_LENGTH"}
        assert wrong(await http.post(base, json={"name": "a b", "image": image})) == {"name": "STRING_TYPE_REGEX"}
        assert wrong(await http.post(base, json={"name": "ab", "image": "data:,"})) == {"image": "IMAGE_INVALID"}
        large = "data:image/png;base64," + base64.b64encode(b"x" * (256 * 1024 + 1)).decode()
        assert wrong(await http.post(base, json={"name": "ab", "image": large})) == {"image": "BINARY_TYPE_MAX_SIZE"}


class TestGuild:
    """The guild itself."""

    async def test_reading(self, http: Http, place: Place) -> None:
        path = f"/guilds/{place.guild.id}"
        found = (await http.get(path)).json
        assert (found["name"], len(found["roles"])) == ("The Open Question", 4)
        assert "approximate_member_count" not in found
        counted = (await http.get(path, params={"with_counts": "true"})).json
        assert counted["approximate_member_count"] == 7
        preview = (await http.get(f"{path}/preview")).json
        assert preview["approximate_member_count"] == 7
        elsewhere = place.build.guild("Elsewhere", place.user("Ada"))
        answer = await http.get(f"/guilds/{elsewhere.id}")
        assert (answer.status, answer.json["code"]) == (403, 50001)
        assert (await http.get(f"/guilds/{elsewhere.id}/preview")).json["code"] == 10004
        for empty in ("stickers", "integrations"):
            assert (await http.get(f"{path}/{empty}")).json == []
        answer = await http.get(f"{path}/welcome-screen")
        assert (answer.status, answer.json["code"]) == (404, 10069)

    async def test_changing(self, http: Http, place: Place, may: Callable[..., None], told: list[Event]) -> None:
        path = f"/guilds/{place.guild.id}"
        assert (await http.patch(path, json={"name": "Other"})).json["code"] == 50013
        may(P.MANAGE_GUILD)
        body = {"name": "Other", "description": None, "system_channel_id": None, "preferred_locale": "de"}
        changed = (await http.patch(path, json=body)).json
        assert {name: changed[name] for name in body} == body
        assert names(told) == ["GUILD_UPDATE"]
        for name in ("n", "n" * 101):
            assert wrong(await http.patch(path, json={"name": name})) == {"name": "BASE_TYPE_BAD_LENGTH"}
        assert wrong(await http.patch(path, json={"system_channel_id": "1"})) == {
            "system_channel_id": "CHANNEL_INVALID"
        }
        assert wrong(await http.patch(path, json={"preferred_locale": "xx"})) == {
            "preferred_locale": "BASE_TYPE_CHOICES"
        }
        answer = await http.patch(path, json={"owner_id": str(place.app.user_id)})
        assert (answer.status, answer.json["code"]) == (403, 50013)

    async def test_emojis(self, http: Http, place: Place) -> None:
        emoji = Emoji(id=place.world.next_id(), guild_id=place.guild.id, name="gavel", user_id=place.user("Ada").id)
        place.world.save(emoji)
        base = f"/guilds/{place.guild.id}/emojis"
        assert [one["name"] for one in (await http.get(base)).json] == ["gavel"]
        assert (await http.get(f"{base}/{emoji.id}")).json["user"]["global_name"] == "Ada"
        assert (await http.get(f"{base}/1")).json["code"] == 10014


class TestInvites:
    """Invitations to channels."""

    async def test_life(self, http: Http, place: Place, may: Callable[..., None], told: list[Event]) -> None:
        general = place.channel("general")
        made = (await http.post(f"/channels/{general.id}/invites", json={"max_age": 0, "max_uses": 5})).json
        assert (made["max_age"], made["max_uses"], made["uses"], made["expires_at"]) == (0, 5, 0, None)
        again = (await http.post(f"/channels/{general.id}/invites", json={"max_age": 0, "max_uses": 5})).json
        assert again["code"] == made["code"]
        other = {"max_age": 0, "max_uses": 5, "unique": True}
        assert (await http.post(f"/channels/{general.id}/invites", json=other)).json["code"] != made["code"]
        assert names(told) == ["INVITE_CREATE", "INVITE_CREATE"]
        seen = (await http.get(f"/invites/{made['code']}", params={"with_counts": "true"})).json
        assert (seen["guild"]["name"], seen["approximate_member_count"]) == ("The Open Question", 7)
        assert "uses" not in seen
        for path in (f"/channels/{general.id}/invites", f"/guilds/{place.guild.id}/invites"):
            assert (await http.get(path)).json["code"] == 50013
        assert (await http.delete(f"/invites/{made['code']}")).json["code"] == 50013
        may(P.MANAGE_CHANNELS, P.MANAGE_GUILD)
        for path in (f"/channels/{general.id}/invites", f"/guilds/{place.guild.id}/invites"):
            assert len((await http.get(path)).json) == 2
        assert (await http.delete(f"/invites/{made['code']}")).json["code"] == made["code"]
        answer = await http.get(f"/invites/{made['code']}")
        assert (answer.status, answer.json["code"]) == (404, 10006)

    async def test_borders(self, http: Http, place: Place, may: Callable[..., None]) -> None:
        path = f"/channels/{place.channel('general').id}/invites"
        for body in ({"max_age": 604800}, {"max_uses": 100}):
            assert (await http.post(path, json=body)).status == 200
        assert wrong(await http.post(path, json={"max_age": 604801})) == {"max_age": "NUMBER_TYPE_MAX"}
        assert wrong(await http.post(path, json={"max_uses": 101})) == {"max_uses": "NUMBER_TYPE_MAX"}
        answer = await http.post(f"/channels/{place.channel('Commons').id}/invites", json={})
        assert (answer.status, answer.json["code"]) == (400, 50024)
        place.world.roles[place.guild.id].permissions &= ~int(P.CREATE_INSTANT_INVITE)
        may()
        assert (await http.post(path, json={})).json["code"] == 50013

    async def test_expiry(self, http: Http, place: Place) -> None:
        made = (await http.post(f"/channels/{place.channel('general').id}/invites", json={"max_age": 60})).json
        place.world.invites[made["code"]].created_at -= timedelta(seconds=60)
        assert (await http.get(f"/invites/{made['code']}")).json["code"] == 10006


async def test_audit_log(http: Http, place: Place, may: Callable[..., None], told: list[Event]) -> None:
    path = f"/guilds/{place.guild.id}/audit-logs"
    assert (await http.get(path)).json["code"] == 50013
    may(P.VIEW_AUDIT_LOG, P.MANAGE_CHANNELS, P.MANAGE_ROLES)
    general = place.channel("general")
    await http.patch(f"/channels/{general.id}", json={"topic": "New"}, reason="spring cleaning")
    await http.post(f"/guilds/{place.guild.id}/roles", json={"name": "r"})
    overwrite = {"type": 1, "deny": str(int(P.SEND_MESSAGES))}
    await http.put(f"/channels/{general.id}/permissions/{place.user('Esi').id}", json=overwrite)
    log = (await http.get(path)).json
    assert [line["action_type"] for line in log["audit_log_entries"]] == [13, 30, 11]
    oldest = log["audit_log_entries"][2]
    assert (oldest["reason"], oldest["target_id"]) == ("spring cleaning", str(general.id))
    assert [(one["key"], one["new_value"]) for one in oldest["changes"]] == [("topic", "New")]
    assert [user["id"] for user in log["users"]] == [str(place.app.user_id)]
    told_lines = [event for event in told if event.name == "GUILD_AUDIT_LOG_ENTRY_CREATE"]
    assert {event.users for event in told_lines} == {frozenset({place.app.user_id})}
    ids = [line["id"] for line in log["audit_log_entries"]]
    newer = (await http.get(path, params={"after": ids[2]})).json["audit_log_entries"]
    assert [line["id"] for line in newer] == ids[1::-1]
    older = (await http.get(path, params={"before": ids[0], "limit": "1"})).json["audit_log_entries"]
    assert [line["id"] for line in older] == ids[1:2]
    roles = (await http.get(path, params={"action_type": "30"})).json["audit_log_entries"]
    assert [line["id"] for line in roles] == ids[1:2]
    assert (await http.get(path, params={"user_id": "1"})).json["audit_log_entries"] == []
