"""A gateway client without any library's help: says exactly what a test wants said."""

from __future__ import annotations

import asyncio
import zlib
from typing import TYPE_CHECKING, Any, Self

import aiohttp
import orjson
import zstandard

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.server import Server

WAIT = 30.0
PROPERTIES = {"os": "linux", "browser": "raw", "device": "raw"}


class ClosedByServer(Exception):  # noqa: N818 - an end is not always an error
    """The server closed the connection."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"closed with {code}")
        self.code = code


class RawGateway:
    """One connection; `async with RawGateway(server) as gateway`."""

    def __init__(self, server: Server, query: str = "v=10&encoding=json", *, token: str | None = None) -> None:
        self.server = server
        self.query = query
        self.token = server.options.bot_token if token is None else token
        self.seq: int | None = None
        self.session_id: str | None = None
        self.kinds: list[aiohttp.WSMsgType] = []
        self._inflate = zlib.decompressobj()
        self._zstd = zstandard.ZstdDecompressor().decompressobj()
        self._http = aiohttp.ClientSession()

    async def __aenter__(self) -> Self:
        self.socket = await self._http.ws_connect(
            f"{self.server.gateway_url}?{self.query}", autoclose=False, max_msg_size=0
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()
        await self._http.close()

    async def receive(self, timeout: float = WAIT) -> dict[str, Any]:
        """Return the next payload, or raise ClosedByServer."""
        message = await self.socket.receive(timeout)
        if message.type not in {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY}:
            raise ClosedByServer(self.socket.close_code)
        self.kinds.append(message.type)
        payload = orjson.loads(self._unpack(message.data))
        if payload["s"] is not None:
            self.seq = payload["s"]
        if payload["t"] == "READY":
            self.session_id = payload["d"]["session_id"]
        return payload

    def _unpack(self, data: str | bytes) -> str | bytes:
        if isinstance(data, str):
            return data
        if "zlib-stream" in self.query:
            assert data.endswith(b"\x00\x00\xff\xff")
            return self._inflate.decompress(data)
        if "zstd-stream" in self.query:
            return self._zstd.decompress(data)
        return zlib.decompress(data)

    async def send(self, op: int, body: Any) -> None:
        """Send a payload."""
        await self.socket.send_str(orjson.dumps({"op": op, "d": body}).decode())

    async def until(self, *names: str, timeout: float = WAIT) -> dict[str, Any]:
        """Return the data of the next event with one of these names; whatever comes before is dropped."""
        async with asyncio.timeout(timeout):
            while True:
                payload = await self.receive(timeout)
                if payload["t"] in names:
                    return payload["d"]

    async def until_op(self, op: int) -> dict[str, Any]:
        """Return the next payload with this op."""
        async with asyncio.timeout(WAIT):
            while True:
                payload = await self.receive()
                if payload["op"] == op:
                    return payload

    async def quiet(self, *names: str) -> list[str]:
        """Return which of these events came before the answer to a heartbeat sent now."""
        await self.send(1, self.seq)
        seen: list[str] = []
        while True:
            payload = await self.receive()
            if payload["op"] == 11:
                return [name for name in seen if not names or name in names]
            seen.append(payload["t"])

    async def identify(self, intents: int = 1, **fields: Any) -> dict[str, Any]:
        """Say HELLO's answer and IDENTIFY; return READY's data."""
        await self.send_identify(intents, **fields)
        return await self.until("READY")

    async def send_identify(self, intents: Any = 1, **fields: Any) -> None:
        """Send IDENTIFY; fields set to ... are left out."""
        body = {"token": self.token, "intents": intents, "properties": PROPERTIES, **fields}
        await self.send(2, {key: value for key, value in body.items() if value is not ...})

    async def resume(self, other: RawGateway, seq: int | None = None) -> None:
        """Resume another connection's session."""
        self.session_id = other.session_id
        wanted = other.seq if seq is None else seq
        await self.send(6, {"token": self.token, "session_id": other.session_id, "seq": wanted})

    async def closed(self, timeout: float = WAIT) -> int | None:
        """Wait for the server's close and return its code."""
        try:
            async with asyncio.timeout(timeout):
                while True:
                    await self.receive(timeout)
        except ClosedByServer as end:
            return end.code


def names(payloads: Iterable[dict[str, Any]]) -> list[str]:
    """Return the event names of payloads."""
    return [payload["t"] for payload in payloads]
