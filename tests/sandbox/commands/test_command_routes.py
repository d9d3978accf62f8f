"""Application commands over raw REST: registering, overwriting, finding and losing them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox import commands
from sandbox.audit import Actor
from tests.support.bodies import wrong

if TYPE_CHECKING:
    from sandbox.server import Server
    from tests.support.stand_in import Http, Place

POLL = {"name": "poll", "description": "Ask the room"}
UMFRAGE = {**POLL, "name_localizations": {"de": "umfrage"}}


@pytest.fixture(params=["everywhere", "here"])
def base(request: pytest.FixtureRequest) -> str:
    """Each test once for global commands and once for those of a guild."""
    return request.getfixturevalue(request.param)


async def test_a_new_command_is_201_and_the_same_name_again_200(http: Http, base: str) -> None:
    first = await http.post(base, json=POLL)
    assert first.status == 201
    again = await http.post(base, json={**POLL, "description": "Ask everybody"})
    assert again.status == 200
    assert again.json["id"] == first.json["id"]
    assert again.json["version"] != first.json["version"]
    menu = await http.post(base, json={"name": "poll", "type": 2})
    assert menu.status == 201
    listed = (await http.get(base)).json
    assert [(one["name"], one["type"]) for one in listed] == [("poll", 1), ("poll", 2)]
    assert listed[0]["description"] == "Ask everybody"


async def test_an_unchanged_command_keeps_its_version(http: Http, base: str) -> None:
    first = (await http.post(base, json=POLL)).json
    assert (await http.post(base, json=POLL)).json["version"] == first["version"]
    assert (await http.put(base, json=[POLL])).json[0]["version"] == first["version"]


async def test_lists_leave_translations_out_unless_asked(http: Http, base: str) -> None:
    created = (await http.post(base, json=UMFRAGE)).json
    assert created["name_localizations"] == {"de": "umfrage"}
    assert "name_localizations" not in (await http.get(base)).json[0]
    full = await http.get(base, params={"with_localizations": "true"})
    assert full.json[0]["name_localizations"] == {"de": "umfrage"}


async def test_get_patch_delete(http: Http, base: str) -> None:
    created = (await http.post(base, json=UMFRAGE)).json
    path = f"{base}/{created['id']}"
    assert (await http.get(path)).json == created
    changed = await http.patch(path, json={"description": "Ask everybody"})
    assert (changed.status, changed.json["description"], changed.json["name"]) == (200, "Ask everybody", "poll")
    assert changed.json["name_localizations"] == {"de": "umfrage"}
    assert wrong(await http.patch(path, json={"name": "Bad Name"})) == {"name": "APPLICATION_COMMAND_INVALID_NAME"}
    assert (await http.delete(path)).status == 204
    for gone in (await http.get(path), await http.patch(path, json={}), await http.delete(path)):
        assert (gone.status, gone.json["code"]) == (404, 10063)


async def test_renaming_onto_another_is_refused(http: Http, base: str) -> None:
    await http.post(base, json=POLL)
    other = (await http.post(base, json={**POLL, "name": "ask"})).json
    answer = await http.patch(f"{base}/{other['id']}", json={"name": "poll"})
    assert wrong(answer) == {"name": "APPLICATION_COMMANDS_DUPLICATE_NAME"}


async def test_overwriting_keeps_what_stays_and_drops_the_rest(http: Http, base: str) -> None:
    before = (await http.put(base, json=[POLL, {**POLL, "name": "ask"}, {"name": "Ask", "type": 3}])).json
    after = (await http.put(base, json=[{"name": "Ask", "type": 3}, {**POLL, "description": "New"}])).json
    assert [one["id"] for one in after] == [before[2]["id"], before[0]["id"]]
    assert after[0]["version"] == before[2]["version"]
    assert after[1]["version"] != before[0]["version"]
    assert {one["name"] for one in (await http.get(base)).json} == {"Ask", "poll"}
    renamed = (await http.put(base, json=[{**POLL, "name": "vote", "id": before[0]["id"]}])).json
    assert [(one["id"], one["name"]) for one in renamed] == [(before[0]["id"], "vote")]
    assert (await http.put(base, json=[])).json == []
    assert (await http.get(base)).json == []


async def test_a_refused_overwrite_changes_nothing(http: Http, base: str) -> None:
    before = (await http.put(base, json=[POLL])).json
    answer = await http.put(base, json=[{**POLL, "name": "fine"}, {**POLL, "name": "Not Fine"}])
    assert wrong(answer) == {"1.name": "APPLICATION_COMMAND_INVALID_NAME"}
    answer = await http.put(base, json=[POLL, POLL])
    assert wrong(answer) == {"1": "APPLICATION_COMMANDS_DUPLICATE_NAME"}
    assert (await http.get(base, params={"with_localizations": "true"})).json == before


@pytest.mark.parametrize(("kind", "most"), [(1, 100), (2, 15), (3, 15)])
async def test_most_commands_of_a_type(http: Http, base: str, kind: int, most: int) -> None:
    def body(number: int) -> dict[str, Any]:
        return {"name": f"c{number}", "type": kind} | ({"description": "d"} if kind == 1 else {})

    assert (await http.put(base, json=[body(number) for number in range(most)])).status == 200
    answer = await http.post(base, json=body(most))
    assert (answer.status, answer.json["code"]) == (400, 30032)
    assert (await http.post(base, json=body(0))).status == 200
    answer = await http.put(base, json=[body(number) for number in range(most + 1)])
    assert (answer.status, answer.json["code"]) == (400, 30032)


async def test_global_and_guild_commands_are_apart(http: Http, everywhere: str, here: str, place: Place) -> None:
    world_wide = (await http.post(everywhere, json={**POLL, "contexts": [0], "dm_permission": False})).json
    local = (await http.post(here, json=POLL)).json
    assert "guild_id" not in world_wide
    assert (world_wide["contexts"], world_wide["integration_types"], world_wide["dm_permission"]) == ([0], [0], False)
    assert local["guild_id"] == str(place.guild.id)
    assert "contexts" not in local
    assert (await http.get(f"{here}/{world_wide['id']}")).json["code"] == 10063
    assert (await http.get(f"{everywhere}/{local['id']}")).json["code"] == 10063


async def test_other_applications_are_out_of_reach(http: Http, place: Place) -> None:
    other = place.build.application("Other", "other-token")
    answer = await http.post(f"/applications/{other.id}/commands", json=POLL)
    assert (answer.status, answer.json["code"]) == (403, 20012)
    answer = await http.get("/applications/1/commands")
    assert (answer.status, answer.json["code"]) == (404, 10002)
    elsewhere = place.build.guild("Elsewhere", place.user("Ben"))
    answer = await http.post(f"/applications/{place.app.id}/guilds/{elsewhere.id}/commands", json=POLL)
    assert (answer.status, answer.json["code"]) == (403, 50001)
    answer = await http.get(f"/applications/{place.app.id}/guilds/1/commands")
    assert (answer.status, answer.json["code"]) == (404, 10004)


async def test_permissions_are_read_and_not_written_by_bots(
    http: Http, here: str, everywhere: str, server: Server, place: Place
) -> None:
    created = (await http.post(everywhere, json=POLL)).json
    answer = await http.get(f"{here}/{created['id']}/permissions")
    assert (answer.status, answer.json["code"]) == (404, 10066)
    assert (await http.get(f"{here}/permissions")).json == []
    setting = {"id": str(place.user("Ben").id), "type": 2, "permission": False}
    answer = await http.put(f"{here}/{created['id']}/permissions", json={"permissions": [setting]})
    assert (answer.status, answer.json["code"]) == (403, 20001)
    command = server.world.commands[int(created["id"])]
    body = {"permissions": [setting]}
    commands.set_permissions(server.world, command, place.guild.id, Actor(place.user("Ada").id), body)
    expected = {
        "id": created["id"],
        "application_id": str(place.app.id),
        "guild_id": str(place.guild.id),
        "permissions": [setting],
    }
    assert (await http.get(f"{here}/{created['id']}/permissions")).json == expected
    assert (await http.get(f"{here}/permissions")).json == [expected]


async def test_the_nested_error_looks_like_discords(http: Http, here: str) -> None:
    answer = await http.post(here, json={"name": "poll", "description": "d", "options": [{"type": 3, "name": "a"}]})
    assert answer.json == {
        "message": "Invalid Form Body",
        "code": 50035,
        "errors": {
            "options": {
                "0": {"description": {"_errors": [{"code": "BASE_TYPE_REQUIRED", "message": "This field is required"}]}}
            }
        },
    }
