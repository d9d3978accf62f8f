"""A bot that is online and answers only what a test sends, byte for byte, with a person in front of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.driver import Person, SeenMessage
    from sandbox.server import Server
    from tests.support.stand_in import Answer, Http

EPHEMERAL, LOADING, V2 = 64, 128, 1 << 15
COMMANDS: list[dict[str, Any]] = [
    {"name": "hi", "description": "Say hi."},
    {
        "name": "pick",
        "description": "Pick.",
        "options": [
            {"type": 3, "name": "model", "description": "Which", "autocomplete": True},
            {"type": 4, "name": "number", "description": "How many", "autocomplete": True},
        ],
    },
    {"name": "Ask", "type": 3},
    {"name": "Challenge", "type": 2},
]
ROW = [{"type": 1, "components": [{"type": 2, "style": 1, "label": "Vote", "custom_id": "vote"}]}]
MODAL: dict[str, Any] = {
    "custom_id": "ask",
    "title": "Ask",
    "components": [{"type": 18, "label": "Why", "component": {"type": 4, "style": 1, "custom_id": "why"}}],
}


class Clock:
    """The time now, moved forward at will."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class Raw:
    """A bot that is online but answers only what the test sends, and the people in front of it."""

    def __init__(self, server: Server, http: Http, ada: Person) -> None:
        self.server, self.http, self.ada = server, http, ada
        self.events: list[dict[str, Any]] = []
        self.autocompletes: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.others: list[tuple[str, dict[str, Any], Any]] = []
        server.world.subscribe(self._hear)

    def _hear(self, event: Any) -> None:
        if event.name == "INTERACTION_CREATE":
            self.events.append(event.data)
            if event.data["type"] == 4:
                self.autocompletes.put_nowait(event.data)
        else:
            self.others.append((event.name, event.data, event.users))

    async def asked(self) -> dict[str, Any]:
        async with asyncio.timeout(30):
            return await self.autocompletes.get()

    async def slash(self, name: str = "hi", **options: Any) -> Any:
        response = await self.ada.slash("#general", name, options)
        return response, self.events[-1]

    async def answer(self, event: dict[str, Any], kind: Any, data: Any = ..., *, full: bool = True) -> Answer:
        body = {"type": kind} | ({} if data is ... else {"data": data})
        path = f"/interactions/{event['id']}/{event['token']}/callback"
        return await self.http.post(path, json=body, auth=False, params={"with_response": "1"} if full else None)

    async def edit(self, event: dict[str, Any], **body: Any) -> Answer:
        return await self.http.patch(self.hook(event, "/messages/@original"), json=body, auth=False)

    async def follow(self, event: dict[str, Any], **body: Any) -> Answer:
        return await self.http.post(self.hook(event), json=body, auth=False)

    def hook(self, event: dict[str, Any], rest: str = "") -> str:
        return f"/webhooks/{event['application_id']}/{event['token']}{rest}"

    async def original(self, event: dict[str, Any]) -> Answer:
        return await self.http.get(self.hook(event, "/messages/@original"), auth=False)


async def with_button(raw: Raw, **more: Any) -> tuple[SeenMessage, dict[str, Any]]:
    response, event = await raw.slash()
    assert (await raw.answer(event, 4, {"content": "Vote!", "components": ROW, **more})).status == 200
    return await response.message(), event


def codes(answer: Answer) -> tuple[int, int]:
    return answer.status, answer.json["code"]
