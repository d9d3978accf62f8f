"""Scheduled events over raw REST and by the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.audit import Actor
from sandbox.events import create_event, due, modify_event, subscribe, unsubscribe
from sandbox.model import Overwrite
from sandbox.permissions import P
from sandbox.server import Options, Server
from tests.support.bodies import wrong
from tests.support.guild import names
from tests.support.stand_in import Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.world import Event
    from tests.support.stand_in import Http

STAGE, VOICE, EXTERNAL = 1, 2, 3


def at(place: Place, **delta: float) -> str:
    return (place.world.now() + timedelta(**delta)).isoformat()


def external(place: Place, **fields: Any) -> dict[str, Any]:
    return {
        "name": "Debate",
        "privacy_level": 2,
        "entity_type": EXTERNAL,
        "scheduled_start_time": at(place, hours=1),
        "scheduled_end_time": at(place, hours=2),
        "entity_metadata": {"location": "The hall"},
        **fields,
    }


def in_voice(place: Place, **fields: Any) -> dict[str, Any]:
    channel = place.build.channel(place.guild, "Hall", VOICE)
    kept = {"name", "privacy_level", "scheduled_start_time"}
    body = {name: value for name, value in external(place).items() if name in kept}
    return {**body, "entity_type": VOICE, "channel_id": str(channel.id), **fields}


@pytest.fixture
def base(place: Place) -> str:
    return f"/guilds/{place.guild.id}/scheduled-events"


async def test_an_external_event(http: Http, base: str, place: Place, told: list[Event]) -> None:
    answer = await http.post(base, json=external(place, name="n" * 100, description="d" * 1000))
    assert answer.status == 200, answer.json
    made = answer.json
    assert (made["status"], made["entity_metadata"], made["channel_id"]) == (1, {"location": "The hall"}, None)
    assert made["creator_id"] == str(place.app.user_id)
    assert names(told) == ["GUILD_SCHEDULED_EVENT_CREATE"]
    assert told[0].data == made
    assert (await http.get(base)).json == [made]
    counted = await http.get(f"{base}/{made['id']}", params={"with_user_count": "true"})
    assert counted.json == {**made, "user_count": 0}


async def test_an_event_in_a_channel(http: Http, base: str, place: Place) -> None:
    made = (await http.post(base, json=in_voice(place))).json
    assert (made["entity_type"], made["entity_metadata"], made["scheduled_end_time"]) == (VOICE, None, None)


REFUSED: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"name": None}, {"name": "BASE_TYPE_REQUIRED"}),
    ({"name": ""}, {"name": "BASE_TYPE_BAD_LENGTH"}),
    ({"name": "n" * 101}, {"name": "BASE_TYPE_BAD_LENGTH"}),
    ({"description": "d" * 1001}, {"description": "BASE_TYPE_MAX_LENGTH"}),
    ({"privacy_level": 1}, {"privacy_level": "BASE_TYPE_CHOICES"}),
    ({"privacy_level": None}, {"privacy_level": "BASE_TYPE_REQUIRED"}),
    ({"entity_type": 4}, {"entity_type": "BASE_TYPE_CHOICES"}),
    ({"scheduled_start_time": None}, {"scheduled_start_time": "BASE_TYPE_REQUIRED"}),
    ({"scheduled_start_time": "soon"}, {"scheduled_start_time": "DATE_TIME_TYPE_PARSE"}),
    ({"scheduled_end_time": None}, {"scheduled_end_time": "BASE_TYPE_REQUIRED"}),
    ({"entity_metadata": None}, {"entity_metadata": "BASE_TYPE_REQUIRED"}),
    ({"entity_metadata": {}}, {"entity_metadata.location": "BASE_TYPE_REQUIRED"}),
    ({"entity_metadata": {"location": "l" * 101}}, {"entity_metadata.location": "BASE_TYPE_BAD_LENGTH"}),
    ({"channel_id": "1"}, {"channel_id": "BASE_TYPE_CHOICES"}),
]


@pytest.mark.parametrize(("change", "errors"), REFUSED, ids=str)
async def test_refused(http: Http, base: str, place: Place, change: dict[str, Any], errors: dict[str, str]) -> None:
    found = wrong(await http.post(base, json=external(place, **change)))
    if "entity_type" in errors:
        found = {name: code for name, code in found.items() if name == "entity_type"}
    assert found == errors
    assert place.world.events == {}


async def test_times(http: Http, base: str, place: Place) -> None:
    past = external(place, scheduled_start_time=at(place, seconds=-1))
    assert wrong(await http.post(base, json=past)) == {"scheduled_start_time": "GUILD_SCHEDULED_EVENT_SCHEDULE_PAST"}
    assert (await http.post(base, json=external(place, scheduled_start_time=at(place, seconds=5)))).status == 200
    far = external(place, scheduled_start_time=at(place, days=366 * 7), scheduled_end_time=at(place, days=366 * 8))
    assert wrong(await http.post(base, json=far)) == {"scheduled_start_time": "GUILD_SCHEDULED_EVENT_SCHEDULE_TOO_FAR"}
    early = external(place, scheduled_end_time=at(place, minutes=30))
    assert wrong(await http.post(base, json=early)) == {
        "scheduled_end_time": "GUILD_SCHEDULED_EVENT_SCHEDULE_END_BEFORE_START"
    }


async def test_channels_that_do_not_fit(http: Http, base: str, place: Place) -> None:
    body = in_voice(place)
    assert wrong(await http.post(base, json={**body, "channel_id": None})) == {"channel_id": "BASE_TYPE_REQUIRED"}
    text = str(place.channel("general").id)
    assert wrong(await http.post(base, json={**body, "channel_id": text})) == {
        "channel_id": "GUILD_SCHEDULED_EVENT_CHANNEL_TYPE_INVALID"
    }
    answer = await http.post(base, json={**body, "channel_id": "1"})
    assert (answer.status, answer.json["code"]) == (404, 10003)


async def test_a_hundred_open_events(http: Http, base: str, place: Place) -> None:
    ada = Actor(place.user("Ada").id)
    events = [create_event(place.world, place.guild, ada, external(place)) for _ in range(99)]
    assert (await http.post(base, json=external(place))).status == 200
    answer = await http.post(base, json=external(place))
    assert (answer.status, answer.json["code"]) == (400, 30038)
    modify_event(place.world, events[0], ada, {"status": 4})
    assert (await http.post(base, json=external(place))).status == 200


async def test_permissions(http: Http, base: str, place: Place, may: Callable[..., None]) -> None:
    may(P.MANAGE_EVENTS, only=True)
    answer = await http.post(base, json=external(place))
    assert (answer.status, answer.json["code"]) == (403, 50013)
    may(P.CREATE_EVENTS, only=True)
    own = (await http.post(base, json=external(place))).json["id"]
    others = create_event(place.world, place.guild, Actor(place.user("Ada").id), external(place)).id
    assert (await http.patch(f"{base}/{own}", json={"name": "Mine"})).status == 200
    for answer in (await http.patch(f"{base}/{others}", json={"name": "n"}), await http.delete(f"{base}/{others}")):
        assert (answer.status, answer.json["code"]) == (403, 50013)
    assert (await http.delete(f"{base}/{own}")).status == 204
    may(P.MANAGE_EVENTS, only=True)
    assert (await http.patch(f"{base}/{others}", json={"name": "n"})).status == 200
    assert (await http.delete(f"{base}/{others}")).status == 204


async def test_a_stage_needs_its_moderators(http: Http, base: str, place: Place, may: Callable[..., None]) -> None:
    stage = place.build.channel(place.guild, "Stage", 13)
    body = {**in_voice(place), "entity_type": STAGE, "channel_id": str(stage.id)}
    assert (await http.post(base, json=body)).json["code"] == 50013
    may(P.CREATE_EVENTS, P.MANAGE_CHANNELS, P.MUTE_MEMBERS, P.MOVE_MEMBERS)
    assert (await http.post(base, json=body)).status == 200


async def test_an_event_in_a_hidden_channel_is_hidden(http: Http, base: str, place: Place, told: list[Event]) -> None:
    body = in_voice(place)
    made = (await http.post(base, json=body)).json
    assert told[0].channel_id == int(body["channel_id"])
    hidden = [Overwrite(id=place.guild.id, type=0, deny=int(P.VIEW_CHANNEL))]
    place.world.channels[int(body["channel_id"])].overwrites = hidden
    assert (await http.get(base)).json == []
    answer = await http.get(f"{base}/{made['id']}")
    assert (answer.status, answer.json["code"]) == (404, 10070)


async def test_unknown(http: Http, base: str) -> None:
    for answer in (await http.get(f"{base}/1"), await http.patch(f"{base}/1", json={}), await http.delete(f"{base}/1")):
        assert (answer.status, answer.json["code"]) == (404, 10070)


class TestLife:
    """From scheduled to active to over, and no other way."""

    @pytest.mark.parametrize("way", [(2, 3), (4,)])
    async def test_ways(self, http: Http, base: str, place: Place, way: tuple[int, ...], told: list[Event]) -> None:
        path = f"{base}/{(await http.post(base, json=external(place))).json['id']}"
        for status in way:
            assert (await http.patch(path, json={"status": status})).json["status"] == status
        assert names(told)[1:] == ["GUILD_SCHEDULED_EVENT_UPDATE"] * len(way)
        answer = await http.patch(path, json={"name": "Too late"})
        assert (answer.status, answer.json["code"]) == (400, 180000)
        assert (await http.get(base)).json == []

    @pytest.mark.parametrize(("before", "after"), [((), 3), ((2,), 4), ((2,), 1)])
    async def test_no_ways(self, http: Http, base: str, place: Place, before: tuple[int, ...], after: int) -> None:
        path = f"{base}/{(await http.post(base, json=external(place))).json['id']}"
        for status in before:
            await http.patch(path, json={"status": status})
        assert wrong(await http.patch(path, json={"status": after})) == {
            "status": "GUILD_SCHEDULED_EVENT_INVALID_STATUS_TRANSITION"
        }

    async def test_the_start_of_a_running_event_stays(self, http: Http, base: str, place: Place) -> None:
        path = f"{base}/{(await http.post(base, json=external(place))).json['id']}"
        assert (await http.patch(path, json={"scheduled_start_time": at(place, minutes=90)})).status == 200
        await http.patch(path, json={"status": 2})
        assert wrong(await http.patch(path, json={"scheduled_start_time": at(place, minutes=91)})) == {
            "scheduled_start_time": "GUILD_SCHEDULED_EVENT_INVALID_START_BY_STATUS"
        }
        assert (await http.patch(path, json={"scheduled_end_time": at(place, hours=3)})).status == 200

    async def test_becoming_external(self, http: Http, base: str, place: Place) -> None:
        path = f"{base}/{(await http.post(base, json=in_voice(place))).json['id']}"
        assert wrong(await http.patch(path, json={"entity_type": EXTERNAL, "channel_id": None})) == {
            "scheduled_end_time": "BASE_TYPE_REQUIRED",
            "entity_metadata": "BASE_TYPE_REQUIRED",
        }
        body = {
            "entity_type": EXTERNAL,
            "channel_id": None,
            "scheduled_end_time": at(place, hours=2),
            "entity_metadata": {"location": "Outside"},
        }
        assert (await http.patch(path, json=body)).json["entity_metadata"] == {"location": "Outside"}

    def test_by_the_clock(self) -> None:
        now = [datetime(2026, 11, 1, tzinfo=UTC)]
        still = Server(Options(port=0), clock=lambda: now[0])
        place = Place(still.world)
        ada = Actor(place.user("Ada").id)
        started = create_event(place.world, place.guild, ada, external(place))
        forgotten = create_event(place.world, place.guild, ada, external(place))
        now[0] += timedelta(hours=1)
        modify_event(place.world, started, ada, {"status": 2})
        now[0] += timedelta(minutes=59, seconds=59)
        due(still)
        assert (started.status, forgotten.status) == (2, 1)
        now[0] += timedelta(seconds=1)
        due(still)
        assert (started.status, forgotten.status) == (3, 1)
        now[0] += timedelta(hours=4)
        due(still)
        assert forgotten.status == 4


async def test_interested_people(http: Http, base: str, place: Place, told: list[Event]) -> None:
    made = (await http.post(base, json=external(place))).json
    event, people = place.world.events[int(made["id"])], [place.user(name).id for name in ("Chika", "Ben", "Esi")]
    told.clear()
    for user_id in people:
        subscribe(place.world, event, user_id)
        subscribe(place.world, event, user_id)
    unsubscribe(place.world, event, people[2])
    unsubscribe(place.world, event, people[2])
    assert names(told) == ["GUILD_SCHEDULED_EVENT_USER_ADD"] * 3 + ["GUILD_SCHEDULED_EVENT_USER_REMOVE"]
    path = f"{base}/{made['id']}/users"
    listed = (await http.get(path)).json
    assert [int(one["user"]["id"]) for one in listed] == sorted(people[:2])
    assert "member" not in listed[0]
    page = (await http.get(path, params={"limit": "1", "with_member": "true"})).json
    assert page[0]["member"]["user"]["id"] == listed[0]["user"]["id"]
    rest = (await http.get(path, params={"after": page[0]["user"]["id"]})).json
    assert rest == listed[1:]
    assert (await http.get(path, params={"before": listed[1]["user"]["id"]})).json == listed[:1]
