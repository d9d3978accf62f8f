"""Small things that tests of the stand-in hold on to: a raw REST client and the seeded world by name."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
import orjson
import yarl

from sandbox.seed import Builder

if TYPE_CHECKING:
    from sandbox.model import Application, Channel, Guild, User
    from sandbox.world import World


@dataclass(frozen=True)
class Answer:
    """An answer over HTTP; `json` is None where there was no body."""

    status: int
    json: Any
    headers: Any
    raw: bytes


class Http:
    """REST as raw as it gets: `await http.post("/channels/1/messages", json={...})`."""

    def __init__(self, session: aiohttp.ClientSession, base: str, token: str) -> None:
        self.session = session
        self.base = base
        self.token = token

    async def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = ...,
        files: dict[str, tuple[str, bytes]] | None = None,
        data: Any = None,
        params: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        auth: bool = True,
        reason: str | None = None,
    ) -> Answer:
        """Send a request; `files` maps part names (files[0]) to (name, content) and makes it multipart."""
        sent = dict(headers or {})
        if auth:
            sent.setdefault("Authorization", f"Bot {self.token}")
        if reason is not None:
            sent["X-Audit-Log-Reason"] = reason
        if files is not None:
            form = aiohttp.FormData(quote_fields=False)
            if json is not ...:
                form.add_field("payload_json", orjson.dumps(json).decode(), content_type="application/json")
            for key, (name, content) in files.items():
                form.add_field(key, io.BytesIO(content), filename=name, content_type="application/octet-stream")
            data = form
        elif json is not ...:
            data = orjson.dumps(json)
            sent.setdefault("Content-Type", "application/json")
        url = yarl.URL(f"{self.base}/api/v10{path}", encoded=True)
        if params:
            url = url.with_query(params)
        async with self.session.request(method, url, data=data, headers=sent) as response:
            raw = await response.read()
            is_json = response.headers.get("Content-Type") == "application/json"
            return Answer(response.status, orjson.loads(raw) if is_json else None, response.headers, raw)

    async def get(self, path: str, **options: Any) -> Answer:
        """GET."""
        return await self.request("GET", path, **options)

    async def post(self, path: str, **options: Any) -> Answer:
        """POST."""
        return await self.request("POST", path, **options)

    async def put(self, path: str, **options: Any) -> Answer:
        """PUT."""
        return await self.request("PUT", path, **options)

    async def patch(self, path: str, **options: Any) -> Answer:
        """PATCH."""
        return await self.request("PATCH", path, **options)

    async def delete(self, path: str, **options: Any) -> Answer:
        """DELETE."""
        return await self.request("DELETE", path, **options)


@dataclass(frozen=True)
class Place:
    """The seeded world by name: `place.ada`, `place.channel("general")`, `place.app`."""

    world: World

    @property
    def guild(self) -> Guild:
        """The Open Question."""
        return next(iter(self.world.guilds.values()))

    @property
    def app(self) -> Application:
        """Rostrum."""
        return next(iter(self.world.applications.values()))

    @property
    def build(self) -> Builder:
        """Adds more."""
        return Builder(self.world)

    def channel(self, name: str) -> Channel:
        """Return a channel or thread by its name."""
        return next(channel for channel in self.world.channels.values() if channel.name == name)

    def user(self, name: str) -> User:
        """Return a person by the name that is shown."""
        return next(user for user in self.world.users.values() if name in {user.global_name, user.username})
