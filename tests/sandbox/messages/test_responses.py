"""What comes back fits Discord's own description of a message."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from PIL import Image

from sandbox.messages import create_message, sender_in
from tests.support.bodies import V2, button, container, gallery, poll, row, section, select, text

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.server import Server
    from tests.support.stand_in import Http, Place

Json = dict[str, Any]
URL = "https://a.example/b.png"


@pytest.fixture(scope="module")
def described(api_description: Path) -> Json:
    components = json.loads(api_description.read_bytes())["components"]
    # forwards (1) are documented and known to clients, but missing here
    components["schemas"]["MessageReferenceType"] = {"type": "integer", "enum": [0, 1]}
    return components


def complaints(described: Json, name: str, found: object) -> list[str]:
    whole = {"$ref": f"#/components/schemas/{name}", "components": described}
    validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True, ignore_unknown_formats=True)
    return [
        f"{'/'.join(map(str, error.instance_path))}: {error.message[:300]}" for error in validator.iter_errors(found)
    ]


BODIES: dict[str, Json] = {
    "plain": {"content": "hello", "nonce": "n"},
    "embed": {
        "embeds": [
            {
                "title": "t",
                "description": "d",
                "url": URL,
                "color": 5,
                "timestamp": "2026-11-24T12:00:00Z",
                "footer": {"text": "f", "icon_url": URL},
                "author": {"name": "a", "url": URL, "icon_url": URL},
                "image": {"url": "attachment://pic.png"},
                "thumbnail": {"url": URL},
                "fields": [{"name": "n", "value": "v"}],
            }
        ]
    },
    "classic components": {
        "content": "x",
        "components": [
            row(
                button("a", emoji={"name": "✅"}, disabled=True),
                button(style=5, custom_id="", url=URL),
                button(style=6, custom_id="", label=None, sku_id="5"),
            ),
            row(select(placeholder="p", min_values=0)),
            row(select("u", kind=5, default_values=[{"id": "1", "type": "user"}])),
            row(select("c", kind=8, channel_types=[0])),
            row(select("m", kind=7)),
        ],
    },
    "layout": {
        "flags": V2,
        "components": [
            text(),
            section(text(), accessory={"type": 11, "media": {"url": "attachment://pic.png"}, "description": "alt"}),
            section(),
            gallery(URL, "attachment://pic.png"),
            {"type": 13, "file": {"url": "attachment://raw.json"}},
            {"type": 14},
            container(text(), row(button()), {"type": 14, "divider": False}, accent_color=5, spoiler=True),
            container(row(select("r", kind=6))),
        ],
    },
    "poll": {"poll": poll()},
}


@pytest.mark.parametrize("name", BODIES)
async def test_sent_messages(http: Http, place: Place, described: Json, name: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (3, 2)).save(out, "PNG")
    files = {"files[0]": ("pic.png", out.getvalue()), "files[1]": ("raw.json", b"{}")}
    path = f"/channels/{place.channel('general').id}/messages"
    sent = await http.post(path, json=BODIES[name], files=files)
    assert sent.status == 200, sent.json
    assert complaints(described, "MessageResponse", sent.json) == []
    read = await http.get(f"{path}/{sent.json['id']}")
    assert complaints(described, "MessageResponse", read.json) == []


async def test_replies_forwards_pins_reactions_and_webhooks(
    server: Server, http: Http, place: Place, described: Json
) -> None:
    general = place.channel("general")
    place.app.flags |= 1 << 19
    path = f"/channels/{general.id}/messages"
    ada = place.user("Ada")
    hers = create_message(server, general, sender_in(server.world, general, ada.id), {"content": "x"})
    where = {"message_id": str(hers.id), "channel_id": str(general.id)}
    for body in ({"content": "y", "message_reference": where}, {"message_reference": where | {"type": 1}}):
        sent = await http.post(path, json=body)
        assert sent.status == 200, sent.json
    await http.put(f"{path}/{hers.id}/reactions/%F0%9F%91%8D/@me")
    await http.put(f"{path}/pins/{hers.id}")
    server.world.save(thread := place.build.thread(general, "talk", ada))
    hers.thread_id = thread.id
    listed = (await http.get(path)).json
    assert len(listed) >= 4
    for message in listed:
        assert complaints(described, "MessageResponse", message) == []
    assert complaints(described, "PinnedMessagesResponse", (await http.get(f"{path}/pins")).json) == []
    place.world.guild_roles[place.guild.id][place.guild.id].permissions |= 1 << 29
    made = (await http.post(f"/channels/{general.id}/webhooks", json={"name": "x"})).json
    assert complaints(described, "GuildIncomingWebhookResponse", made) == []
    said = await http.post(f"/webhooks/{made['id']}/{made['token']}?wait=true", json={"content": "x"}, auth=False)
    assert complaints(described, "MessageResponse", said.json) == []
