"""How the driver reaches the stage: straight into a server of the same process, or over HTTP and a WebSocket."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import aiohttp
import orjson

from sandbox.driver.errors import NotFound, Refused, StageError, listed
from sandbox.errors import ApiError
from sandbox.rest.call import Upload

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from sandbox.server import Server

Json = dict[str, Any]
Push = "Callable[[str, Json], None]"


@dataclass(frozen=True, slots=True)
class File:
    """A file to upload: its name and bytes and, if they matter, a content type and a description (alternative text)."""

    name: str
    content: bytes
    content_type: str = "application/octet-stream"
    description: str | None = None


class Transport(Protocol):
    """What both ways offer; payloads and errors are the same in both."""

    async def everybody(self) -> Json:
        """Return people and applications."""
        ...

    async def world(self, uid: str) -> Json:
        """Return what a person sees of the world."""
        ...

    async def messages(
        self, uid: str, cid: str, limit: int = 50, before: str | None = None, after: str | None = None
    ) -> list[Json]:
        """Return messages, newest first."""
        ...

    async def pins(self, uid: str, cid: str) -> list[Json]:
        """Return pinned messages."""
        ...

    async def commands(self, uid: str, cid: str) -> list[Json]:
        """Return the commands a person may use in a channel."""
        ...

    async def act(self, uid: str, name: str, body: Json, files: Sequence[File] = ()) -> Any:  # noqa: ANN401 - per act
        """Do something as a person."""
        ...

    async def listen(self, uid: str, push: Callable[[str, Json], None]) -> Callable[[], Awaitable[None]]:
        """Call `push(name, data)` for each of a person's events from now on; returns what ends that."""
        ...

    async def download(self, url: str) -> bytes:
        """Return the bytes behind an attachment's url."""
        ...

    async def control(self, name: str, options: Json) -> Any:  # noqa: ANN401 - per fault
        """Ask for a fault by its name in sandbox/faults.py."""
        ...

    async def close(self) -> None:
        """Let go of the stage."""
        ...


class Local:
    """The server is in this process; nothing is copied, so payloads are not to be changed."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._ends: list[Callable[[], None]] = []

    async def everybody(self) -> Json:
        """Return people and applications."""
        return self._server.people.everybody()

    async def world(self, uid: str) -> Json:
        """Return what a person sees of the world."""
        with _refusals("looking around"):
            return self._server.people.world(int(uid))

    async def messages(
        self, uid: str, cid: str, limit: int = 50, before: str | None = None, after: str | None = None
    ) -> list[Json]:
        """Return messages, newest first."""
        with _refusals("reading messages"):
            return self._server.people.messages(
                int(uid), int(cid), limit=limit, before=_number(before), after=_number(after)
            )

    async def pins(self, uid: str, cid: str) -> list[Json]:
        """Return pinned messages."""
        with _refusals("reading pins"):
            return self._server.people.pins(int(uid), int(cid))

    async def commands(self, uid: str, cid: str) -> list[Json]:
        """Return the commands a person may use in a channel."""
        with _refusals("listing commands"):
            return self._server.people.commands(int(uid), int(cid))

    async def act(self, uid: str, name: str, body: Json, files: Sequence[File] = ()) -> Any:  # noqa: ANN401 - per act
        """Do something as a person."""
        uploads = [Upload(f"files[{n}]", file.name, file.content_type, file.content) for n, file in enumerate(files)]
        with _refusals(name):
            return await self._server.people.act(int(uid), name, body, uploads)

    async def listen(self, uid: str, push: Callable[[str, Json], None]) -> Callable[[], Awaitable[None]]:
        """Call `push(name, data)` for each of a person's events from now on; returns what ends that."""
        end = self._server.people.listen(int(uid), push)
        self._ends.append(end)

        async def stop() -> None:
            end()

        return stop

    async def download(self, url: str) -> bytes:
        """Return the bytes behind an attachment's url."""
        content = self._server.world.file(int(urlsplit(url).path.split("/")[-2]))
        if content is None:
            raise StageError(f"there is no file at {url}")
        return content

    async def control(self, name: str, options: Json) -> Any:  # noqa: ANN401 - per fault
        """Ask for a fault by its name in sandbox/faults.py."""
        act = self._server.faults.names().get(name)
        if act is None:
            raise NotFound(f"there is no fault {name!r}; there are {listed(self._server.faults.names())}")
        return act(**options)

    async def close(self) -> None:
        """Let go of the stage; the server runs on."""
        for end in self._ends:
            end()


class Remote:
    """The server is elsewhere on this machine; `capability` is the token in the page's address."""

    def __init__(self, url: str, capability: str) -> None:
        self._session = aiohttp.ClientSession(
            url.rstrip("/"), headers={"Authorization": f"Bearer {capability}"}, raise_for_status=False
        )
        self._listeners: set[asyncio.Task[None]] = set()

    async def everybody(self) -> Json:
        """Return people and applications."""
        return await self._ask("GET", "/people", "listing people")

    async def world(self, uid: str) -> Json:
        """Return what a person sees of the world."""
        return await self._ask("GET", f"/people/{uid}/world", "looking around")

    async def messages(
        self, uid: str, cid: str, limit: int = 50, before: str | None = None, after: str | None = None
    ) -> list[Json]:
        """Return messages, newest first."""
        query = {"limit": str(limit)} | ({"before": before} if before else {}) | ({"after": after} if after else {})
        return await self._ask("GET", f"/people/{uid}/channels/{cid}/messages", "reading messages", params=query)

    async def pins(self, uid: str, cid: str) -> list[Json]:
        """Return pinned messages."""
        return await self._ask("GET", f"/people/{uid}/channels/{cid}/pins", "reading pins")

    async def commands(self, uid: str, cid: str) -> list[Json]:
        """Return the commands a person may use in a channel."""
        return await self._ask("GET", f"/people/{uid}/channels/{cid}/commands", "listing commands")

    async def act(self, uid: str, name: str, body: Json, files: Sequence[File] = ()) -> Any:  # noqa: ANN401 - per act
        """Do something as a person."""
        path = f"/people/{uid}/acts/{name}"
        if not files:
            return await self._ask("POST", path, name, json=body)
        form = aiohttp.FormData()
        form.add_field("payload_json", orjson.dumps(body).decode(), content_type="application/json")
        for number, file in enumerate(files):
            form.add_field(f"files[{number}]", file.content, filename=file.name, content_type=file.content_type)
        return await self._ask("POST", path, name, data=form)

    async def listen(self, uid: str, push: Callable[[str, Json], None]) -> Callable[[], Awaitable[None]]:
        """Call `push(name, data)` for each of a person's events from now on; returns what ends that."""
        socket = await self._session.ws_connect(f"/people/{uid}/events", max_msg_size=0, heartbeat=30)
        hello = await socket.receive_json(timeout=10)
        if hello.get("t") != "HELLO":
            raise StageError(f"the event stream began with {hello!r}")

        async def pump() -> None:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.TEXT:
                    event = orjson.loads(message.data)
                    push(event["t"], event["d"])
            push("STAGE_CLOSED", {})

        task = asyncio.create_task(pump())
        self._listeners.add(task)

        async def stop() -> None:
            self._listeners.discard(task)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            await socket.close()

        return stop

    async def download(self, url: str) -> bytes:
        """Return the bytes behind an attachment's url."""
        async with self._session.get(url) as response:
            if response.status != 200:  # noqa: PLR2004 - HTTP's
                raise StageError(f"{url} answered {response.status}")
            return await response.read()

    async def control(self, name: str, options: Json) -> Any:  # noqa: ANN401 - per fault
        """Ask for a fault by its name in sandbox/faults.py."""
        return await self._ask("POST", f"/people/control/{name}", f"the fault {name}", json=options)

    async def close(self) -> None:
        """Let go of the stage."""
        for task in tuple(self._listeners):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self._session.close()

    async def _ask(self, method: str, path: str, what: str, **options: Any) -> Any:  # noqa: ANN401 - JSON of any shape
        async with self._session.request(method, path, **options) as response:
            raw = await response.read()
            body = orjson.loads(raw) if raw else None
            if response.status >= 400:  # noqa: PLR2004 - HTTP's
                raise Refused(what, response.status, body or {})
            return body


@contextlib.contextmanager
def _refusals(what: str):  # noqa: ANN202 - a context manager
    try:
        yield
    except ApiError as error:
        raise Refused(what, error.status, error.body()) from error


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)
