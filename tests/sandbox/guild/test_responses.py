"""Every answer of the guild side fits Discord's own description of it."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

from sandbox.events import subscribe
from sandbox.permissions import P

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from sandbox.server import Server
    from tests.support.stand_in import Answer, Http, Place

Json = dict[str, Any]
PIXEL = "data:image/png;base64,iVBORw0KGgo="


class Description:
    """Finds the schema of an answer and holds the answer against it."""

    def __init__(self, path: Path) -> None:
        whole = json.loads(path.read_bytes())
        self.components: Json = whole["components"]
        self.paths: list[tuple[re.Pattern[str], Json]] = [
            (re.compile(re.sub(r"\\\{.*?\\\}", "[^/]+", re.escape(template))), operations)
            for template, operations in sorted(whole["paths"].items(), key=lambda item: item[0].count("{"))
        ]

    def complaints(self, method: str, path: str, answer: Answer) -> list[str]:
        """Return what the description finds wrong with an answer."""
        operations = next(found for pattern, found in self.paths if pattern.fullmatch(path))
        responses = operations[method.lower()]["responses"]
        if str(answer.status) not in responses:
            return [f"{method} {path}: status {answer.status} is none of {sorted(responses)}"]
        content = responses[str(answer.status)].get("content", {})
        if not content:
            return [] if answer.json is None else [f"{method} {path}: a body where none is expected"]
        schema = content["application/json"]["schema"]
        validator = jsonschema_rs.Draft202012Validator({**schema, "components": self.components})
        errors = list(validator.iter_errors(answer.json))
        return [f"{method} {path} {list(error.instance_path)}: {error.message[:200]}" for error in errors]


class Checked:
    """Calls that must succeed and whose answers must fit the description."""

    def __init__(self, http: Http, place: Place, path: Path) -> None:
        self._http, self._description = http, Description(path)
        self.guild, self.app = f"/guilds/{place.guild.id}", f"/applications/{place.app.id}"
        self.complaints: list[str] = []

    async def __call__(self, method: str, path: str, **options: Any) -> Any:
        """Return the body of the answer."""
        answer = await self._http.request(method, path, **options)
        assert answer.status < 300, (method, path, answer.json)
        self.complaints += self._description.complaints(method, path, answer)
        return answer.json


@pytest.fixture
async def call(http: Http, api_description: Path, place: Place, may: Callable[..., None]) -> AsyncIterator[Checked]:
    place.guild.features.append("COMMUNITY")
    place.app.flags = 1 << 15
    may(P.ADMINISTRATOR)
    checked = Checked(http, place, api_description)
    yield checked
    assert not checked.complaints, "\n".join(checked.complaints)


async def test_accounts(call: Checked, place: Place) -> None:
    chika = place.user("Chika").id
    for path in ("/users/@me", f"/users/{chika}", "/users/@me/guilds", "/applications/@me", "/oauth2/applications/@me"):
        await call("GET", path)
    await call("PATCH", "/users/@me", json={"username": "Rostrum"})
    await call("PATCH", "/applications/@me", json={"description": {"default": "d"}})
    await call("POST", "/users/@me/channels", json={"recipient_id": str(chika)})
    await call("GET", f"/users/@me/guilds/{place.guild.id}/member")
    emoji = await call("POST", f"{call.app}/emojis", json={"name": "gavel", "image": PIXEL})
    await call("GET", f"{call.app}/emojis")
    await call("GET", f"{call.app}/emojis/{emoji['id']}")
    await call("PATCH", f"{call.app}/emojis/{emoji['id']}", json={"name": "hammer"})
    await call("DELETE", f"{call.app}/emojis/{emoji['id']}")
    await call("DELETE", f"/users/@me/guilds/{place.guild.id}")


async def test_the_guild(call: Checked) -> None:
    for path in ("", "/preview", "/channels", "/roles", "/roles/member-counts", "/threads/active", "/emojis", "/bans"):
        await call("GET", call.guild + path)
    await call("GET", call.guild, params={"with_counts": "true"})
    await call("PATCH", call.guild, json={"name": "The Open Question"})


@pytest.mark.parametrize("kind", [0, 2, 4, 5, 13, 15])
async def test_channels(call: Checked, place: Place, kind: int) -> None:
    chika = place.user("Chika").id
    body: Json = {"name": f"kind-{kind}", "type": kind}
    if kind == 15:
        body |= {"available_tags": [{"name": "t", "emoji_name": "👍"}], "default_reaction_emoji": {"emoji_name": "👍"}}
    made = await call("POST", f"{call.guild}/channels", json=body)
    path = f"/channels/{made['id']}"
    await call("GET", path)
    await call("PATCH", path, json={"position": 3})
    await call("PUT", f"{path}/permissions/{chika}", json={"type": 1, "allow": "1024"})
    await call("DELETE", f"{path}/permissions/{chika}")
    await call("PATCH", f"{call.guild}/channels", json=[{"id": made["id"], "position": 2}])
    if kind != 4:
        invite = await call("POST", f"{path}/invites", json={})
        for listed in (f"{path}/invites", f"{call.guild}/invites", f"/invites/{invite['code']}"):
            await call("GET", listed)
        await call("DELETE", f"/invites/{invite['code']}")
    await call("DELETE", path)


async def test_threads(call: Checked, place: Place) -> None:
    chika, forum = place.user("Chika").id, place.channel("motions")
    text = f"/channels/{place.channel('debates').id}"
    thread = await call("POST", f"{text}/threads", json={"name": "t", "type": 11})
    private = await call("POST", f"{text}/threads", json={"name": "p", "type": 12})
    first = {"name": "post", "message": {"content": "c"}, "applied_tags": [str(forum.available_tags[0].id)]}
    post = await call("POST", f"/channels/{forum.id}/threads", json=first)
    message = await call("POST", f"{text}/messages", json={"content": "c"})
    await call("POST", f"{text}/messages/{message['id']}/threads", json={"name": "from"})
    members = f"/channels/{thread['id']}/thread-members"
    await call("PUT", f"{members}/{chika}")
    await call("GET", members)
    await call("GET", members, params={"with_member": "true"})
    await call("GET", f"{members}/{chika}")
    await call("GET", f"{call.guild}/threads/active")
    for one in (thread, private, post):
        await call("PATCH", f"/channels/{one['id']}", json={"archived": True})
        await call("GET", f"/channels/{one['id']}")
    for path in ("threads/archived/public", "threads/archived/private", "users/@me/threads/archived/private"):
        await call("GET", f"{text}/{path}")
    await call("DELETE", f"/channels/{thread['id']}")


async def test_roles_and_members(call: Checked, place: Place) -> None:
    member = f"{call.guild}/members/{place.user('Chika').id}"
    role = await call("POST", f"{call.guild}/roles", json={"name": "r", "color": 5})
    path = f"{call.guild}/roles/{role['id']}"
    await call("GET", path)
    await call("PATCH", path, json={"hoist": True})
    await call("PATCH", f"{call.guild}/roles", json=[{"id": role["id"], "position": 2}])
    await call("PUT", f"{member}/roles/{role['id']}")
    until = (place.world.now() + timedelta(hours=1)).isoformat()
    await call("PATCH", member, json={"nick": "C", "communication_disabled_until": until})
    await call("PATCH", f"{call.guild}/members/@me", json={"nick": "R"})
    await call("GET", member)
    await call("GET", f"{call.guild}/members", params={"limit": "10"})
    await call("GET", f"{call.guild}/members/search", params={"query": "c"})
    await call("DELETE", f"{member}/roles/{role['id']}")
    await call("DELETE", path)
    await call("DELETE", member)


async def test_bans(call: Checked, place: Place) -> None:
    ban = f"{call.guild}/bans/{place.user('Esi').id}"
    await call("PUT", ban, json={})
    await call("GET", f"{call.guild}/bans")
    await call("GET", ban)
    await call("DELETE", ban)
    await call("POST", f"{call.guild}/bulk-ban", json={"user_ids": [str(place.user("Chika").id)]})


async def test_events(call: Checked, place: Place, server: Server) -> None:
    stage, voice = place.build.channel(place.guild, "s", 13), place.build.channel(place.guild, "v", 2)
    start, end = ((place.world.now() + timedelta(hours=hours)).isoformat() for hours in (1, 2))
    common = {"name": "e", "privacy_level": 2, "scheduled_start_time": start}
    external = {**common, "entity_type": 3, "entity_metadata": {"location": "l"}, "scheduled_end_time": end}
    bodies = [external, *({**common, "entity_type": n, "channel_id": str(c.id)} for n, c in ((1, stage), (2, voice)))]
    base = f"{call.guild}/scheduled-events"
    events = [await call("POST", base, json=body) for body in bodies]
    subscribe(server.world, server.world.events[int(events[0]["id"])], place.user("Chika").id)
    await call("GET", base, params={"with_user_count": "true"})
    await call("GET", f"{base}/{events[0]['id']}")
    await call("GET", f"{base}/{events[0]['id']}/users", params={"with_member": "true"})
    await call("PATCH", f"{base}/{events[0]['id']}", json={"status": 2})
    await call("DELETE", f"{base}/{events[1]['id']}")


@pytest.mark.parametrize("local", [False, True])
async def test_commands(call: Checked, local: bool) -> None:
    base = f"{call.app}{call.guild if local else ''}/commands"
    options = [
        {"type": 3, "name": "s", "description": "d", "required": True, "choices": [{"name": "a", "value": "b"}]},
        {"type": 4, "name": "i", "description": "d", "min_value": 1, "max_value": 5},
        {"type": 7, "name": "c", "description": "d", "channel_types": [0]},
        {"type": 3, "name": "auto", "description": "d", "autocomplete": True},
    ]
    command = {"name": "poll", "description": "d", "options": options, "name_localizations": {"de": "umfrage"}}
    created = await call("POST", base, json=command)
    await call("GET", f"{base}/{created['id']}")
    await call("PATCH", f"{base}/{created['id']}", json={"description": "e"})
    group = {"type": 2, "name": "g", "description": "d", "options": [{"type": 1, "name": "s", "description": "d"}]}
    menus = [{"name": "Ask", "type": 3}, {"name": "Who", "type": 2}]
    await call("PUT", base, json=[{**command, "options": [group]}, *menus])
    await call("GET", base)
    await call("GET", base, params={"with_localizations": "true"})
    await call("GET", f"{call.app}{call.guild}/commands/permissions")


async def test_the_audit_log(call: Checked, place: Place) -> None:
    text, chika = f"/channels/{place.channel('debates').id}", place.user("Chika").id
    await call("PATCH", text, json={"topic": "new", "nsfw": True}, reason="r")
    await call("PUT", f"{text}/permissions/{chika}", json={"type": 1, "allow": "1024"})
    await call("PATCH", f"{call.guild}/members/{chika}", json={"nick": "C"})
    thread = await call("POST", f"{text}/threads", json={"name": "t", "type": 11})
    await call("PATCH", f"/channels/{thread['id']}", json={"locked": True})
    await call("GET", f"{call.guild}/audit-logs", params={"limit": "100"})
