"""Clients that send rubbish or too much at once: told off, and nobody else notices."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.support.raw_gateway import RawGateway

if TYPE_CHECKING:
    from sandbox.server import Server
    from tests.support.stand_in import Http, Place


@pytest.mark.parametrize(
    "rubbish",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        b"NONSENSE\r\n\r\n",
        b"GET /api/v10/gateway HTTP/1.1\r\n\r\n",
        b"POST /api/v10/x HTTP/1.1\r\nHost: {host}\r\nContent-Length: -5\r\n\r\n",
        b"POST /api/v10/x HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"GET /api/v10/%ff%00%zz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: {host}\r\n\r\n",
        b"\r\n" * 1_000,
    ],
)
async def test_rubbish_over_tcp(server: Server, http: Http, rubbish: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(rubbish.replace(b"{host}", f"127.0.0.1:{server.port}".encode()))
    writer.write_eof()
    async with asyncio.timeout(60):
        answer = await reader.read()
    writer.close()
    assert b" 200 " not in answer[:20]
    assert (await http.get("/users/@me")).status == 200
    server.unknown_routes.clear()


@pytest.mark.parametrize(
    "frame",
    [
        b"\x8f\x80\x00\x00\x00\x00",
        b"\xf1\x80\x00\x00\x00\x00",
        b"\x81\x05hello",
        b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00",
        b"\x81\x82\x00\x00\x00\x00\xff\xfe",
        bytes(range(256)) * 2,
    ],
)
async def test_rubbish_below_the_frames(server: Server, frame: bytes) -> None:
    async with RawGateway(server) as healthy:
        await healthy.identify()
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(
            f"GET /gateway?v=10&encoding=json HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        await reader.readuntil(b"\r\n\r\n")
        writer.write(frame)
        writer.write_eof()
        async with asyncio.timeout(60):
            await reader.read()
        writer.close()
        await healthy.quiet()
        async with asyncio.timeout(60):
            while len(server.gateway.connections) > 1:
                await asyncio.sleep(0.01)


async def test_two_hundred_connections_that_never_identify(server: Server, http: Http) -> None:
    pairs = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(200)]
    async with RawGateway(server) as gateway:
        await gateway.identify()
        assert (await http.get("/users/@me")).status == 200
    for _, writer in pairs:
        writer.close()


async def test_five_hundred_calls_at_once(server: Server, http: Http, place: Place) -> None:
    path = f"/channels/{place.channel('general').id}/messages"
    async with RawGateway(server) as gateway:
        await gateway.identify(intents=1 | 1 << 9)
        await gateway.until("GUILD_CREATE")
        answers = await asyncio.gather(*(http.post(path, json={"content": str(n)}) for n in range(500)))
        assert {answer.status for answer in answers} == {200}
        heard = [(await gateway.until("MESSAGE_CREATE"))["content"] for _ in range(500)]
        assert sorted(heard, key=int) == [str(n) for n in range(500)]


async def test_a_body_that_breaks_off(server: Server, http: Http) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    head = (
        f"POST /api/v10/users/@me/channels HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        f"Authorization: Bot {http.token}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"
    )
    writer.write(head.encode())
    await writer.drain()
    writer.close()
    assert (await http.get("/users/@me")).status == 200
