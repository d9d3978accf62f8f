"""Members over raw REST: nicknames, roles, timeouts, kicks and bans, joining and leaving."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.errors import ApiError
from sandbox.members import join_guild, leave_guild
from sandbox.permissions import P
from tests.support.bodies import wrong
from tests.support.guild import names, role_of_bot

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.model import Member
    from sandbox.server import Server
    from sandbox.world import Event
    from tests.support.stand_in import Http, Place


@pytest.fixture
def base(place: Place) -> str:
    return f"/guilds/{place.guild.id}/members"


def member(place: Place, name: str) -> Member:
    return place.world.members[place.guild.id][place.user(name).id]


class TestReading:
    """GET of members."""

    async def test_get(self, http: Http, base: str, place: Place) -> None:
        got = await http.get(f"{base}/{place.user('Ben').id}")
        assert got.json["user"]["global_name"] == "Ben"
        assert len(got.json["roles"]) == 1
        assert (await http.get(f"{base}/1")).json["code"] == 10013
        stranger = place.build.person("Stranger")
        answer = await http.get(f"{base}/{stranger.id}")
        assert (answer.status, answer.json["code"]) == (404, 10007)
        assert (await http.get(f"/guilds/1/members/{stranger.id}")).json["code"] == 10004

    async def test_the_list_needs_the_members_intent(self, http: Http, base: str, place: Place) -> None:
        answer = await http.get(base)
        assert (answer.status, answer.json["code"]) == (403, 50001)
        place.app.flags = 1 << 14
        assert len((await http.get(base)).json) == 1
        everybody = (await http.get(base, params={"limit": "1000"})).json
        ids = [int(one["user"]["id"]) for one in everybody]
        assert ids == sorted(place.world.members[place.guild.id])
        rest = (await http.get(base, params={"limit": "2", "after": str(ids[2])})).json
        assert [int(one["user"]["id"]) for one in rest] == ids[3:5]
        assert wrong(await http.get(base, params={"limit": "1001"})) == {"limit": "NUMBER_TYPE_MAX"}
        assert wrong(await http.get(base, params={"limit": "0"})) == {"limit": "NUMBER_TYPE_MIN"}

    async def test_search(self, http: Http, base: str, place: Place) -> None:
        member(place, "Esi").nick = "Adamant"
        found = (await http.get(f"{base}/search", params={"query": "AD", "limit": "5"})).json
        assert [one["user"]["global_name"] for one in found] == ["Ada", "Esi"]
        assert len((await http.get(f"{base}/search", params={"query": "ad"})).json) == 1
        assert wrong(await http.get(f"{base}/search")) == {"query": "BASE_TYPE_BAD_LENGTH"}


class TestChanging:
    """PATCH of members, each field with its own permission."""

    async def test_nicknames(
        self, http: Http, base: str, place: Place, may: Callable[..., None], told: list[Event]
    ) -> None:
        path = f"{base}/{place.user('Chika').id}"
        answer = await http.patch(path, json={"nick": "C"})
        assert (answer.status, answer.json["code"]) == (403, 50013)
        may(P.MANAGE_NICKNAMES)
        answer = await http.patch(path, json={"nick": "n" * 32})
        assert (answer.status, answer.json["nick"]) == (200, "n" * 32)
        assert names(told) == ["GUILD_MEMBER_UPDATE"]
        assert wrong(await http.patch(path, json={"nick": "n" * 33})) == {"nick": "BASE_TYPE_MAX_LENGTH"}
        assert (await http.patch(path, json={"nick": ""})).json["nick"] is None
        assert (await http.patch(f"{base}/{place.user('Ada').id}", json={"nick": "A"})).json["code"] == 50013

    async def test_ones_own_nickname(self, http: Http, base: str, place: Place) -> None:
        assert (await http.patch(f"{base}/@me", json={"nick": "Speaker's Corner"})).json["nick"] == "Speaker's Corner"
        place.world.roles[place.guild.id].permissions &= ~int(P.CHANGE_NICKNAME)
        assert (await http.patch(f"{base}/@me", json={"nick": "no"})).json["code"] == 50013

    async def test_timeouts(self, http: Http, base: str, place: Place, may: Callable[..., None]) -> None:
        path, now = f"{base}/{place.user('Chika').id}", place.world.now()
        until = {"communication_disabled_until": (now + timedelta(days=28)).isoformat()}
        assert (await http.patch(path, json=until)).json["code"] == 50013
        may(P.MODERATE_MEMBERS)
        answer = await http.patch(path, json=until)
        assert answer.status == 200
        assert answer.json["communication_disabled_until"] == until["communication_disabled_until"]
        late = {"communication_disabled_until": (now + timedelta(days=28, minutes=1)).isoformat()}
        assert wrong(await http.patch(path, json=late)) == {
            "communication_disabled_until": "GUILD_MEMBER_COMMUNICATION_DISABLED_TOO_LONG"
        }
        assert wrong(await http.patch(path, json={"communication_disabled_until": "soon"})) == {
            "communication_disabled_until": "DATE_TIME_TYPE_PARSE"
        }
        answer = await http.patch(path, json={"communication_disabled_until": None})
        assert answer.json["communication_disabled_until"] is None

    async def test_owner_administrators_and_oneself_are_not_timed_out(
        self, http: Http, base: str, place: Place, may: Callable[..., None]
    ) -> None:
        may(P.MODERATE_MEMBERS)
        until = {"communication_disabled_until": (place.world.now() + timedelta(hours=1)).isoformat()}
        next(one for one in place.world.roles.values() if one.name == "Moderator").permissions |= int(P.ADMINISTRATOR)
        for name in ("Ada", "Ben", "Rostrum"):
            answer = await http.patch(f"{base}/{place.user(name).id}", json=until)
            assert (answer.status, answer.json["code"]) == (403, 50013), name

    async def test_roles(
        self, http: Http, base: str, place: Place, may: Callable[..., None], told: list[Event]
    ) -> None:
        chika = member(place, "Chika")
        roles = {one.name: one for one in place.world.roles.values()}
        path = f"{base}/{chika.user_id}"
        one = f"{path}/roles/{roles['Debater'].id}"
        assert (await http.put(one)).json["code"] == 50013
        may(P.MANAGE_ROLES)
        assert (await http.put(one)).status == 204
        assert (await http.put(one)).status == 204
        assert chika.roles == [roles["Debater"].id]
        assert names(told) == ["GUILD_MEMBER_UPDATE"]
        wanted = [str(roles["Moderator"].id)]
        assert (await http.patch(path, json={"roles": wanted})).json["roles"] == wanted
        assert (await http.delete(f"{path}/roles/{roles['Moderator'].id}")).status == 204
        assert chika.roles == []
        assert wrong(await http.patch(path, json={"roles": ["1"]})) == {"roles": "BASE_TYPE_CHOICES"}
        assert (await http.put(f"{path}/roles/1")).json["code"] == 10011
        for bad in (place.guild.id, role_of_bot(place).id):
            assert (await http.put(f"{path}/roles/{bad}")).json["code"] == 50028
        above = place.build.role(place.guild, "Above")
        for answer in (
            await http.put(f"{path}/roles/{above.id}"),
            await http.patch(path, json={"roles": [str(above.id)]}),
        ):
            assert (answer.status, answer.json["code"]) == (403, 50013)

    async def test_voice_is_not_spoken_here(
        self, http: Http, base: str, place: Place, may: Callable[..., None]
    ) -> None:
        path = f"{base}/{place.user('Chika').id}"
        assert (await http.patch(path, json={"mute": True})).json["code"] == 50013
        may(P.MUTE_MEMBERS, P.MOVE_MEMBERS)
        for body in ({"mute": True}, {"channel_id": str(place.channel("general").id)}):
            answer = await http.patch(path, json=body)
            assert (answer.status, answer.json["code"]) == (400, 40032)


class TestLeaving:
    """Kicks, bans, and going by oneself."""

    async def test_kick(self, http: Http, base: str, place: Place, may: Callable[..., None], told: list[Event]) -> None:
        thread = place.build.thread(place.channel("debates"), "t", place.user("Chika"))
        path = f"{base}/{place.user('Chika').id}"
        assert (await http.delete(path)).json["code"] == 50013
        may(P.KICK_MEMBERS)
        assert (await http.delete(path)).status == 204
        assert names(told) == ["GUILD_MEMBER_REMOVE", "GUILD_DELETE"]
        assert thread.thread is not None
        assert thread.thread.members == {}
        assert (await http.delete(path)).json["code"] == 10007
        assert (await http.delete(f"{base}/{place.user('Ada').id}")).json["code"] == 50013
        above = place.build.role(place.guild, "Above")
        member(place, "Esi").roles.append(above.id)
        assert (await http.delete(f"{base}/{place.user('Esi').id}")).json["code"] == 50013

    async def test_ban_and_unban(
        self, http: Http, server: Server, place: Place, may: Callable[..., None], told: list[Event]
    ) -> None:
        path, chika = f"/guilds/{place.guild.id}/bans", place.user("Chika")
        one = f"{path}/{chika.id}"
        for answer in (await http.put(one, json={}), await http.get(path), await http.get(one), await http.delete(one)):
            assert (answer.status, answer.json["code"]) == (403, 50013)
        may(P.BAN_MEMBERS)
        assert (await http.get(one)).json["code"] == 10026
        assert (await http.delete(one)).json["code"] == 10026
        assert (await http.put(one, json={}, reason="loud")).status == 204
        assert names(told) == ["GUILD_BAN_ADD", "GUILD_MEMBER_REMOVE", "GUILD_DELETE"]
        assert (await http.get(one)).json == {"user": told[0].data["user"], "reason": "loud"}
        assert [ban["user"]["id"] for ban in (await http.get(path)).json] == [str(chika.id)]
        with pytest.raises(ApiError) as caught:
            join_guild(server, place.guild, chika.id)
        assert caught.value.code == 40007
        told.clear()
        assert (await http.delete(one)).status == 204
        assert names(told) == ["GUILD_BAN_REMOVE"]
        join_guild(server, place.guild, chika.id)
        assert (await http.put(f"{path}/{place.user('Ada').id}", json={})).json["code"] == 50013
        assert (await http.put(f"{path}/1", json={})).json["code"] == 10013

    async def test_a_ban_deletes_recent_messages(
        self, http: Http, place: Place, may: Callable[..., None], told: list[Event]
    ) -> None:
        may(P.BAN_MEMBERS)
        general, esi = place.channel("general"), place.user("Esi")
        mine = [one.id for one in place.world.messages[general.id].values() if one.author_id == esi.id]
        path = f"/guilds/{place.guild.id}/bans/{esi.id}"
        errors = wrong(await http.put(path, json={"delete_message_seconds": 604801}))
        assert errors == {"delete_message_seconds": "NUMBER_TYPE_MAX"}
        assert (await http.put(path, json={"delete_message_seconds": 604800})).status == 204
        gone = [int(event.data["id"]) for event in told if event.name == "MESSAGE_DELETE"]
        assert mine
        assert set(mine) <= set(gone)

    async def test_bulk_ban(self, http: Http, place: Place, may: Callable[..., None]) -> None:
        path = f"/guilds/{place.guild.id}/bulk-ban"
        ada, chika, esi = (str(place.user(name).id) for name in ("Ada", "Chika", "Esi"))
        may(P.BAN_MEMBERS)
        assert (await http.post(path, json={"user_ids": [chika]})).json["code"] == 50013
        may(P.BAN_MEMBERS, P.MANAGE_GUILD)
        answer = await http.post(path, json={"user_ids": [ada, chika, esi]})
        assert answer.json == {"banned_users": [chika, esi], "failed_users": [ada]}
        answer = await http.post(path, json={"user_ids": [ada, chika]})
        assert (answer.status, answer.json["code"]) == (400, 500000)
        many = [str(number) for number in range(1, 202)]
        assert wrong(await http.post(path, json={"user_ids": many})) == {"user_ids": "BASE_TYPE_MAX_LENGTH"}

    async def test_joining_is_greeted(self, server: Server, place: Place, told: list[Event]) -> None:
        gita = place.build.person("Gita")
        join_guild(server, place.guild, gita.id)
        assert names(told) == ["GUILD_MEMBER_ADD", "MESSAGE_CREATE"]
        assert told[0].data["guild_id"] == str(place.guild.id)
        assert (told[1].data["type"], told[1].data["author"]["id"]) == (7, str(gita.id))
        leave_guild(server.world, place.guild, gita.id)
        assert names(told)[2:] == ["GUILD_MEMBER_REMOVE", "GUILD_DELETE"]

    async def test_the_owner_cannot_leave(self, server: Server, place: Place) -> None:
        with pytest.raises(ApiError) as caught:
            leave_guild(server.world, place.guild, place.user("Ada").id)
        assert caught.value.code == 50055

    async def test_the_bot_leaves(self, http: Http, place: Place, told: list[Event]) -> None:
        path = f"/users/@me/guilds/{place.guild.id}"
        assert (await http.delete(path)).status == 204
        answers: list[Any] = [await http.get(f"/guilds/{place.guild.id}"), await http.delete(path)]
        assert [(one.status, one.json["code"]) for one in answers] == [(403, 50001), (404, 10004)]
        assert told[1].users == frozenset({place.app.user_id})
