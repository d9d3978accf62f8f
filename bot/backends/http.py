"""Speaking to other people's servers: one bounded pool, no redirects, no more read than allowed."""

import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import cast
from urllib.parse import urlsplit

import httpx

MOST_CONNECTIONS = 128
"""Connections at once, to all servers together."""
MOST_IDLE = 32
CONNECT_SECONDS = 10.0
SILENCE_SECONDS = 300.0
"""How long one read may take before it is given up, if nobody else gave up before."""
LARGEST_ERROR = 64 * 1024
"""Bytes that are read of an error's body."""
LONGEST_WAIT = 86_400.0

_LOOPBACK = ("all://localhost", "all://127.0.0.1", "all://[::1]")


def new_client(silence: float = SILENCE_SECONDS, tls: ssl.SSLContext | None = None) -> httpx.AsyncClient:
    """Return the client that all backends share; certificates are verified, redirects are not followed.

    Proxies of the environment are respected, except for this machine: what is to stay here does not go through them.
    Answers come uncompressed, so that a few bytes cannot become many.
    """
    # reading all certificates takes a while: once is enough
    tls = tls or httpx.create_ssl_context()
    limits = httpx.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=MOST_IDLE, keepalive_expiry=30)
    return httpx.AsyncClient(
        verify=tls,
        limits=limits,
        timeout=httpx.Timeout(silence, connect=CONNECT_SECONDS, pool=60),
        follow_redirects=False,
        headers={"user-agent": "Rostrum", "accept-encoding": "identity"},
        mounts={place: httpx.AsyncHTTPTransport(verify=tls, limits=limits) for place in _LOOPBACK},
    )


def stream_of(response: httpx.Response) -> httpx.AsyncByteStream:
    """Return a response's body as it comes; what httpx puts around it costs as much as the reading itself."""
    return cast("httpx.AsyncByteStream", response.stream)


async def read_some(response: httpx.Response, most: int) -> tuple[bytes, bool]:
    """Read a body, `most` bytes of it, and say whether that was all."""
    body = bytearray()
    async for data in stream_of(response):
        body += data
        if len(body) > most:
            return bytes(body[:most]), False
    return bytes(body), True


def is_address(address: str) -> bool:
    """Tell whether an address can be asked: http or https, a host, and nothing secret in it."""
    try:
        parts = urlsplit(address)
        _ = parts.port, httpx.URL(address)
    except (ValueError, httpx.InvalidURL):
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not (parts.username or parts.password)


def base_of(address: str, version: str) -> str:
    """Return an address without the slash at its end; `version` (such as /v1) is added where it has no path."""
    plain = address.rstrip("/")
    return plain if urlsplit(plain).path else plain + version


def is_key(key: str) -> bool:
    """Tell whether a header can carry a key; one that it cannot would be quoted by the library's error."""
    return bool(key) and key.isascii() and key.isprintable() and " " not in key


def retry_after_of(headers: httpx.Headers, now: datetime) -> float | None:
    """Return the seconds that the other side asks to wait: written in milliseconds, in seconds or as a date."""
    if (milliseconds := _number(headers.get("retry-after-ms"))) is not None:
        return min(milliseconds / 1000, LONGEST_WAIT)
    written = headers.get("retry-after")
    if (seconds := _number(written)) is not None:
        return min(seconds, LONGEST_WAIT)
    if not written:
        return None
    try:
        moment = parsedate_to_datetime(written)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(0.0, (moment - now).total_seconds()), LONGEST_WAIT)


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None
