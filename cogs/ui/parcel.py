"""Files on their way into one: what is kept beside an answer is a single file."""

import asyncio
from collections.abc import Sequence
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import discord


async def pack(name: str, files: Sequence[discord.File]) -> tuple[str | None, bytes | None]:
    """Return the name and content of one file that holds `files`, which stay ready to be sent."""
    contents = [(file.filename, _content(file)) for file in files]
    if not contents:
        return None, None
    if len(contents) == 1:
        return contents[0]
    stem = "".join(char if char.isascii() and char.isalnum() else "-" for char in name.lower())
    return f"{stem}.zip", await asyncio.to_thread(_zip, contents)


def _content(file: discord.File) -> bytes:
    content = file.fp.read()
    file.reset(seek=True)
    return content


def _zip(contents: Sequence[tuple[str, bytes]]) -> bytes:
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for name, content in contents:
            archive.writestr(name, content)
    return target.getvalue()
