"""Reading request bodies: JSON or multipart, with Discord's limits and refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

import orjson
from aiohttp import BodyPartReader, hdrs, web

from sandbox.errors import ApiError, form_error
from sandbox.rest.call import Upload

if TYPE_CHECKING:
    from aiohttp import MultipartReader

LARGEST_FILE = 10 << 20
LARGEST_BODY = 25 << 20
LARGEST_JSON = 8 << 20
_LONGEST_REASON = 512


def too_large() -> ApiError:
    """Return 40005: a file or the whole request is too large."""
    return ApiError(413, 40005, "Request entity too large")


def invalid_json() -> ApiError:
    """Return 50109: the body is not JSON."""
    return ApiError(400, 50109, "The request body contains invalid JSON.")


async def read_body(request: web.Request) -> tuple[object, list[Upload]]:
    """Return the JSON of a request (None when there is no body) and its files."""
    if not request.body_exists:
        return None, []
    if (request.content_length or 0) > LARGEST_BODY:
        raise too_large()
    kind = request.content_type
    if kind == "multipart/form-data":
        try:
            return await _multipart(await request.multipart())
        except ValueError as error:
            raise form_error(code="MULTIPART_INVALID", message="The multipart body cannot be read.") from error
    try:
        raw = await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise too_large() from error
    if not raw:
        return None, []
    if kind != "application/json":
        message = "Expected \"Content-Type\" header to be one of {'application/json', 'multipart/form-data'}."
        raise form_error(code="CONTENT_TYPE_INVALID", message=message)
    return _parse(raw), []


async def _multipart(reader: MultipartReader) -> tuple[object, list[Upload]]:
    body: object = None
    fields: dict[str, str] = {}
    files: list[Upload] = []
    total = 0
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader):
            raise form_error(code="MULTIPART_INVALID", message="Nested multipart bodies are not read.")
        name = part.name or ""
        content = await _content(part, LARGEST_BODY - total)
        total += len(content)
        if part.filename is not None:
            if len(content) > LARGEST_FILE:
                raise too_large()
            kind = part.headers.get(hdrs.CONTENT_TYPE, "application/octet-stream")
            files.append(Upload(name, part.filename, kind, content))
        elif name == "payload_json":
            body = _parse(content)
        else:
            fields[name] = content.decode("utf-8", "replace")
    return (body if body is not None else fields or None), files


async def _content(part: BodyPartReader, left: int) -> bytes:
    chunks = bytearray()
    while chunk := await part.read_chunk():
        chunks += chunk
        if len(chunks) > left:
            raise too_large()
    return bytes(chunks)


def _parse(raw: bytes) -> object:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise invalid_json() from error


def read_reason(request: web.Request) -> str | None:
    """Return the percent-decoded X-Audit-Log-Reason, or raise 50035 when it is too long."""
    text = request.headers.get("X-Audit-Log-Reason")
    if text is None:
        return None
    reason = unquote(text)
    if len(reason) > _LONGEST_REASON:
        message = f"Must be {_LONGEST_REASON} or fewer in length."
        raise form_error("reason", code="BASE_TYPE_MAX_LENGTH", message=message)
    return reason or None
