"""A wire between the bot and PostgreSQL that a test can cut at a chosen moment."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

SOCKET = ".s.PGSQL.5432"


class Wire:
    """Passes everything on, until told to cut.

    `cut_answer`: the next thing sent reaches the server, and what it says to that reaches nobody: it was stored.
    `cut_question`: the next thing sent reaches nobody: it was not stored.
    `down`: who connects is hung up on.
    """

    def __init__(self, server: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="wire-"))
        self.cut_answer = False
        self.cut_question = False
        self.down = False
        self.cuts = 0
        self.server = server
        self._writers: set[asyncio.StreamWriter] = set()

    def hang_up(self) -> None:
        """Break every connection now."""
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.down:
            writer.transport.abort()
            return
        to_read, to_write = await asyncio.open_unix_connection(self.server / SOCKET)
        if self.down:
            # everybody was hung up on while this one was being put through
            for end in (writer, to_write):
                end.transport.abort()
            return
        self._writers |= {writer, to_write}
        asked = asyncio.Event()
        tasks = [
            asyncio.ensure_future(self._up(reader, to_write, asked)),
            asyncio.ensure_future(self._back(to_read, writer, asked)),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            for end in (writer, to_write):
                end.transport.abort()
                self._writers.discard(end)

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: asyncio.Event) -> None:
        while data := await reader.read(65_536):
            if self.cut_question:
                self.cut_question = False
                self.cuts += 1
                return
            if self.cut_answer:
                self.cut_answer = False
                self.cuts += 1
                asked.set()
            writer.write(data)

    @staticmethod
    async def _back(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: asyncio.Event) -> None:
        while data := await reader.read(65_536):
            if asked.is_set():
                return
            writer.write(data)


@asynccontextmanager
async def wire_to(server: Path) -> AsyncIterator[Wire]:
    """Give a wire to the server with this socket folder."""
    wire = Wire(server)
    listening = await asyncio.start_unix_server(wire._serve, wire.folder / SOCKET)
    try:
        yield wire
    finally:
        listening.close()
        wire.hang_up()
        shutil.rmtree(wire.folder)
