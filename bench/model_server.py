"""The other end of the bench of streams: a server of Chat Completions that writes as fast as it is read, or at a pace.

    python bench/model_server.py

It prints its address. The model's name says what to do: `2000x50` is 2,000 tokens, 50 a second; `2000x0` all at once.
Each token is an event and an HTTP chunk of its own, as servers of models write them. It is bare asyncio, so that it is
not what is measured; unpaced events go out several to a write.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress

import uvloop

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nCache-Control: no-cache\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)
AT_ONCE = 8
"""Events in one write where nothing sets the pace."""
SENTENCE = ("open", "models", "are", "weighed", "against", "closed", "ones", "and", "hybrids", "every", "day", "\n")


def tokens(count: int) -> list[str]:
    """Return the tokens of an answer."""
    return [SENTENCE[number % len(SENTENCE)] + " " for number in range(count)]


def chunk(value: object) -> bytes:
    """Return an event as one HTTP chunk."""
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
    data = f"data: {text}\n\n".encode()
    return b"%x\r\n%b\r\n" % (len(data), data)


def event(delta: dict[str, str], finish: str | None = None) -> bytes:
    """Return a chunk of Chat Completions, with the fields that servers send along."""
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    value = {
        "id": "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
        "object": "chat.completion.chunk",
        "created": 1764325000,
        "model": "bench",
        "system_fingerprint": "fp_50cad350e4",
        "choices": [choice],
        "usage": None,
    }
    return chunk(value)


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the requests of one connection."""
    # uvloop says RuntimeError where somebody has left in the middle
    with suppress(ConnectionError, RuntimeError, asyncio.IncompleteReadError):
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = int(next(line for line in head.split("\r\n") if line.startswith("content-length:")).split(":")[1])
            body = json.loads(await reader.readexactly(length))
            count, pace = (int(part) for part in body["model"].split("x"))
            await stream(writer, [event({"content": token}) for token in tokens(count)], pace)
    writer.close()


async def stream(writer: asyncio.StreamWriter, events: list[bytes], pace: int) -> None:
    """Write an answer."""
    loop = asyncio.get_running_loop()
    writer.write(HEAD + event({"role": "assistant", "content": ""}))
    started = loop.time()
    if pace:
        for number, one in enumerate(events, 1):
            writer.write(one)
            await asyncio.sleep(max(0.0, started + number / pace - loop.time()))
    else:
        for start in range(0, len(events), AT_ONCE):
            writer.write(b"".join(events[start : start + AT_ONCE]))
            await writer.drain()
    usage = {"prompt_tokens": 12, "completion_tokens": len(events), "total_tokens": 12 + len(events)}
    writer.write(event({}, "stop") + chunk({"choices": [], "usage": usage}) + chunk("[DONE]") + b"0\r\n\r\n")
    await writer.drain()


async def main() -> None:
    """Serve until killed."""
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        uvloop.run(main())
