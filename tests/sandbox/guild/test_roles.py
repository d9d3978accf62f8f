"""Roles over raw REST, and who stands above whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.model import Overwrite
from sandbox.permissions import P
from tests.support.bodies import wrong
from tests.support.guild import names, role_of_bot

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.model import Role
    from sandbox.world import Event
    from tests.support.stand_in import Http, Place


@pytest.fixture
def base(place: Place, may: Callable[..., None]) -> str:
    may(P.MANAGE_ROLES)
    return f"/guilds/{place.guild.id}/roles"


def role(place: Place, name: str) -> Role:
    return next(one for one in place.world.roles.values() if one.name == name)


async def test_a_new_role_is_at_the_bottom(http: Http, base: str, place: Place, told: list[Event]) -> None:
    answer = await http.post(base, json={"name": "Voter", "color": 255, "hoist": True, "mentionable": True})
    assert answer.status == 200
    made = answer.json
    assert (made["position"], made["color"], made["hoist"], made["mentionable"]) == (1, 255, True, True)
    assert made["permissions"] == str(place.world.roles[place.guild.id].permissions)
    assert names(told)[0] == "GUILD_ROLE_CREATE"
    assert [one["name"] for one in (await http.get(base)).json] == [
        "@everyone",
        "Voter",
        "Moderator",
        "Debater",
        "Rostrum",
    ]
    assert (await http.get(f"{base}/{made['id']}")).json == made
    assert (await http.post(base, json={})).json["name"] == "new role"


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"name": "n" * 101}, {"name": "BASE_TYPE_BAD_LENGTH"}),
        ({"color": 0x1000000}, {"color": "NUMBER_TYPE_MAX"}),
        ({"color": -1}, {"color": "NUMBER_TYPE_MIN"}),
        ({"permissions": "all"}, {"permissions": "NUMBER_TYPE_COERCE"}),
        ({"hoist": "high"}, {"hoist": "BOOLEAN_TYPE_CONVERT"}),
    ],
    ids=str,
)
async def test_refused(http: Http, base: str, body: dict[str, Any], errors: dict[str, str], place: Place) -> None:
    assert wrong(await http.post(base, json=body)) == errors
    path = f"{base}/{role(place, 'Debater').id}"
    assert wrong(await http.patch(path, json=body)) == errors


async def test_borders(http: Http, base: str) -> None:
    made = (await http.post(base, json={"name": "n" * 100, "color": 0xFFFFFF, "permissions": "0"})).json
    assert (made["name"], made["color"], made["permissions"]) == ("n" * 100, 0xFFFFFF, "0")


async def test_paid_looks_are_refused(http: Http, base: str) -> None:
    answer = await http.post(base, json={"unicode_emoji": "🗳️"})
    assert (answer.status, answer.json["code"]) == (400, 50101)
    colours = {"primary_color": 1, "secondary_color": 2, "tertiary_color": None}
    assert (await http.post(base, json={"colors": colours})).json["code"] == 50101
    assert (await http.post(base, json={"colors": {**colours, "secondary_color": None}})).json["color"] == 1


async def test_two_hundred_and_fifty(http: Http, base: str, place: Place) -> None:
    for number in range(249 - len(place.world.roles)):
        place.build.role(place.guild, f"r{number}")
    assert (await http.post(base, json={})).status == 200
    answer = await http.post(base, json={})
    assert (answer.status, answer.json["code"]) == (400, 30005)


async def test_rights_that_the_bot_lacks_cannot_be_given(http: Http, base: str, place: Place) -> None:
    for bits in (P.KICK_MEMBERS, P.ADMINISTRATOR):
        answer = await http.post(base, json={"permissions": str(int(bits))})
        assert (answer.status, answer.json["code"]) == (403, 50013)
        answer = await http.patch(f"{base}/{role(place, 'Debater').id}", json={"permissions": str(int(bits))})
        assert (answer.status, answer.json["code"]) == (403, 50013)
    assert (await http.post(base, json={"permissions": str(int(P.ATTACH_FILES))})).status == 200


async def test_without_manage_roles(http: Http, base: str, place: Place, may: Callable[..., None]) -> None:
    may()
    debater = f"{base}/{role(place, 'Debater').id}"
    for answer in (
        await http.post(base, json={}),
        await http.patch(base, json=[]),
        await http.patch(debater, json={}),
        await http.delete(debater),
    ):
        assert (answer.status, answer.json["code"]) == (403, 50013)


async def test_changing_and_deleting(http: Http, base: str, place: Place, told: list[Event]) -> None:
    debater, chika = role(place, "Debater"), place.user("Chika")
    place.world.members[place.guild.id][chika.id].roles.append(debater.id)
    place.channel("general").overwrites = [Overwrite(id=debater.id, type=0, deny=1 << 11)]
    path = f"{base}/{debater.id}"
    answer = await http.patch(path, json={"name": "Speaker", "mentionable": False})
    assert (answer.json["name"], answer.json["mentionable"], answer.json["color"]) == ("Speaker", False, 0xB5651D)
    assert (await http.patch(path, json={"name": "Speaker"})).status == 200
    assert names(told) == ["GUILD_ROLE_UPDATE"]
    assert (await http.delete(path)).status == 204
    assert names(told)[1:] == ["GUILD_ROLE_DELETE", "GUILD_MEMBER_UPDATE"]
    assert place.world.members[place.guild.id][chika.id].roles == []
    assert place.channel("general").overwrites == []
    for answer in (await http.get(path), await http.patch(path, json={}), await http.delete(path)):
        assert (answer.status, answer.json["code"]) == (404, 10011)


async def test_roles_at_or_above_ones_own(http: Http, base: str, place: Place) -> None:
    above = place.build.role(place.guild, "Above")
    for one in (above, role_of_bot(place)):
        path = f"{base}/{one.id}"
        for answer in (await http.patch(path, json={"name": "n"}), await http.delete(path)):
            assert (answer.status, answer.json["code"]) == (403, 50013)


async def test_everyone_and_managed_roles_stay(http: Http, base: str, place: Place) -> None:
    everyone = place.world.roles[place.guild.id]
    answer = await http.delete(f"{base}/{everyone.id}")
    assert (answer.status, answer.json["code"]) == (400, 50028)
    role(place, "Debater").managed = True
    answer = await http.delete(f"{base}/{role(place, 'Debater').id}")
    assert (answer.status, answer.json["code"]) == (400, 50028)
    without = everyone.permissions & ~int(P.ATTACH_FILES)
    answer = await http.patch(f"{base}/{everyone.id}", json={"name": "all", "permissions": str(without)})
    assert (answer.json["name"], answer.json["permissions"]) == ("@everyone", str(without))


async def test_moving(http: Http, base: str, place: Place, told: list[Event]) -> None:
    moderator, debater = role(place, "Moderator"), role(place, "Debater")
    answer = await http.patch(base, json=[{"id": str(moderator.id), "position": 2}])
    assert [one["name"] for one in answer.json] == ["@everyone", "Debater", "Moderator", "Rostrum"]
    assert names(told) == ["GUILD_ROLE_UPDATE", "GUILD_ROLE_UPDATE"]
    answer = await http.patch(base, json=[{"id": str(moderator.id), "position": 1}])
    assert [one["name"] for one in answer.json] == ["@everyone", "Moderator", "Debater", "Rostrum"]
    for body in (
        [{"id": str(debater.id), "position": 3}],
        [{"id": str(role_of_bot(place).id), "position": 1}],
    ):
        answer = await http.patch(base, json=body)
        assert (answer.status, answer.json["code"]) == (403, 50013)
    answer = await http.patch(base, json=[{"id": str(place.guild.id), "position": 1}])
    assert (answer.status, answer.json["code"]) == (400, 50028)
    answer = await http.patch(base, json=[{"id": "1", "position": 1}])
    assert (answer.status, answer.json["code"]) == (404, 10011)


async def test_of_two_at_one_place_the_older_is_above(http: Http, base: str, place: Place) -> None:
    younger = place.build.role(place.guild, "Younger")
    younger.position = role_of_bot(place).position
    assert (await http.patch(f"{base}/{younger.id}", json={"name": "n"})).status == 200


async def test_member_counts(http: Http, base: str, place: Place) -> None:
    counts = (await http.get(f"{base}/member-counts")).json
    assert counts == {
        str(role(place, "Moderator").id): 1,
        str(role(place, "Debater").id): 0,
        str(role_of_bot(place).id): 1,
    }


async def test_who_gains_sight_by_a_role_learns_of_the_threads(
    http: Http, base: str, place: Place, told: list[Event], may: Callable[..., None]
) -> None:
    may(P.MANAGE_ROLES, P.MANAGE_CHANNELS)
    room, moderator = place.channel("mod-room"), role(place, "Moderator")
    place.build.thread(room, "t", place.user("Ben"))
    esi = place.user("Esi").id
    assert (await http.put(f"/guilds/{place.guild.id}/members/{esi}/roles/{moderator.id}")).status == 204
    assert [event.users for event in told if event.name == "THREAD_LIST_SYNC"] == [frozenset({esi})]
    room.overwrites = []
    everyone = place.world.roles[place.guild.id]
    everyone.permissions &= ~int(P.VIEW_CHANNEL)
    told.clear()
    body = {"permissions": str(everyone.permissions | int(P.VIEW_CHANNEL))}
    assert (await http.patch(f"{base}/{everyone.id}", json=body)).status == 200
    gained = {next(iter(event.users or ())) for event in told if event.name == "THREAD_LIST_SYNC"}
    assert {place.user("Chika").id, place.user("Farid").id} <= gained
    assert place.app.user_id not in gained
