"""Whatever JSON is sent, the guild side answers with a refusal or does it; it never fails."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.audit import Actor
from sandbox.commands import register
from sandbox.errors import ApiError
from sandbox.events import create_event
from sandbox.model import Emoji
from sandbox.permissions import P
from sandbox.rest import (
    applications,
    bans,
    channels,
    commands,
    events,
    guilds,
    invites,
    members,
    roles,
    threads,
    users,
)
from sandbox.rest.call import Call
from sandbox.server import Options, Server
from tests.support.guild import role_of_bot
from tests.support.stand_in import Place

if TYPE_CHECKING:
    from sandbox.rest.call import Route

MODULES = (applications, bans, channels, commands, events, guilds, invites, members, roles, threads, users)
ROUTES = [route for module in MODULES for route in module.routes() if route.method in {"POST", "PUT", "PATCH"}]
FIELDS = (
    "name type topic position parent_id nsfw flags archived locked permissions allow deny id options choices value "
    "available_tags applied_tags message content roles nick communication_disabled_until user_ids scheduled_start_time "
    "scheduled_end_time entity_type entity_metadata location channel_id status privacy_level description contexts "
    "permission_overwrites default_reaction_emoji emoji_name emoji_id color colors primary_color recipient_id username "
    "name_localizations max_age max_uses image required min_value max_value min_length auto_archive_duration"
)
TELLING = [
    *(None, True, False, "", "0", "1", "-1", "de", "a", "\ud83d\ude00", "9" * 25, "2099-01-01T00:00:00Z", "2099-01-01"),
    *(0, 1, 2, 3, 4, 5, 11, 15, -1, 1 << 40, 1 << 70, 0.5, float("inf"), float("nan")),
]
LEAVES = st.sampled_from(TELLING) | st.text(max_size=5) | st.integers() | st.floats()


def bodies() -> st.SearchStrategy[Any]:
    names = st.sampled_from(FIELDS.split())
    return st.recursive(
        LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=6), max_leaves=15
    )


OBJECTS = st.dictionaries(st.sampled_from(FIELDS.split()), bodies(), max_size=10)


def call_of(server: Server, route: Route, body: object) -> Call:
    place = Place(server.world)
    motions = place.channel("motions")
    ids = {
        "application_id": place.app.id,
        "guild_id": place.guild.id,
        "channel_id": motions.id if route.path == "/channels/{channel_id}/threads" else place.channel("general").id,
        "user_id": place.user("Chika").id,
        "role_id": next(role.id for role in server.world.roles.values() if role.name == "Debater"),
        "overwrite_id": place.user("Esi").id,
        "message_id": next(iter(server.world.messages[place.channel("general").id])),
        "command_id": next(iter(server.world.commands)),
        "event_id": next(iter(server.world.events)),
        "emoji_id": next(iter(server.world.emojis[place.app.id])),
    }
    path = {name: str(number) for name, number in ids.items() if f"{{{name}}}" in route.path}
    return Call(server=server, app=place.app, path=path, query={}, body=body)


def fresh() -> Server:
    """Return a stand-in, not started, whose bot may do everything, with a command and an event."""
    server = Server(Options(port=0))
    place = Place(server.world)
    role_of_bot(place).permissions = int(P.ADMINISTRATOR)
    register(server.world, place.app, None, {"name": "poll", "description": "d"})
    server.world.save(Emoji(id=server.world.next_id(), guild_id=place.app.id, name="gavel", user_id=place.app.user_id))
    create_event(server.world, place.guild, Actor(place.app.user_id), event_body(server))
    return server


def event_body(server: Server) -> dict[str, Any]:
    soon = server.world.now() + timedelta(hours=1)
    return {
        "name": "e",
        "entity_type": 3,
        "privacy_level": 2,
        "scheduled_start_time": soon.isoformat(),
        "scheduled_end_time": (soon + timedelta(hours=1)).isoformat(),
        "entity_metadata": {"location": "l"},
    }


def valid(server: Server, route: Route) -> Any:
    """Return a body with much in it that fits the route, or at least does not hurt there."""
    place = Place(server.world)
    option = {"type": 3, "name": "a", "description": "d", "choices": [{"name": "n", "value": "v"}], "required": True}
    if "scheduled-events" in route.path:
        return event_body(server)
    if "commands" in route.path:
        inner = {"type": 1, "name": "s", "description": "d", "options": [option]}
        body = {"name": "ask", "description": "d", "options": [inner], "name_localizations": {"de": "frag"}}
        return [body] if route.method == "PUT" else body
    if route.method == "PATCH" and route.path in {"/guilds/{guild_id}/channels", "/guilds/{guild_id}/roles"}:
        moved = place.channel("digest") if route.path.endswith("channels") else place.world.roles[place.guild.id]
        return [{"id": str(moved.id), "position": 0}]
    if "overwrite_id" in route.path:
        return {"type": 1, "allow": "1", "deny": "2"}
    if route.path.endswith("/threads"):
        tags = [str(tag.id) for tag in place.channel("motions").available_tags]
        return {"name": "t", "applied_tags": tags, "message": {"content": "c"}, "auto_archive_duration": 60}
    return {
        "name": "name",
        "image": "data:image/png;base64,iVBORw0KGgo=",
        "type": 15 if route.path.endswith("/channels") else 0,
        "topic": "t",
        "available_tags": [{"name": "t", "emoji_name": "x"}],
        "permission_overwrites": [{"id": str(place.guild.id), "type": 0, "allow": "1", "deny": "2"}],
        "default_reaction_emoji": {"emoji_name": "x"},
        "permissions": "8",
        "colors": {"primary_color": 1},
        "roles": [str(next(role.id for role in server.world.roles.values() if role.name == "Debater"))],
        "communication_disabled_until": event_body(server)["scheduled_start_time"],
        "user_ids": [str(place.user("Esi").id)],
        "recipient_id": str(place.user("Esi").id),
        "description": {"default": "d"} if "@me" in route.path else "d",
    }


def places(part: object, *path: Any) -> list[tuple[Any, ...]]:
    """Return the way to every place in a body."""
    inside = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    return [path, *(found for key, inner in inside for found in places(inner, *path, key))]


def put(part: Any, path: tuple[Any, ...], new: object) -> Any:
    """Return a body with one place taken by something else."""
    if not path:
        return new
    part[path[0]] = put(part[path[0]], path[1:], new)
    return part


async def _handled(route: Route, call: Call) -> object:
    return await route.handler(call)


def refused_or_done(server: Server, route: Route, body: object) -> None:
    try:
        asyncio.run(_handled(route, call_of(server, route, body)))
    except ApiError as error:
        refusal = error
    else:
        return
    assert 400 <= refusal.status < 500
    assert refusal.body()["code"] == refusal.code


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=OBJECTS | bodies())
def test_rubbish(route: Route, body: object) -> None:
    refused_or_done(fresh(), route, body)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), new=bodies())
def test_one_wrong_part(route: Route, data: st.DataObject, new: object) -> None:
    server = fresh()
    body = valid(server, route)
    path = data.draw(st.sampled_from(places(body)))
    refused_or_done(server, route, put(body, path, new))


def test_most_of_these_bodies_are_taken() -> None:
    """Else a wrong part would not be reached."""
    refused: list[str] = []
    for route in ROUTES:
        server = fresh()
        try:
            asyncio.run(_handled(route, call_of(server, route, valid(server, route))))
        except ApiError as error:
            refused.append(f"{route.method} {route.path}: {error.code}")
    assert len(refused) < 10, refused


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_nothing_at_all(route: Route) -> None:
    refused_or_done(fresh(), route, None)
