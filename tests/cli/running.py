"""`rostrum` in a process of its own."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Cli:
    """Runs `rostrum` in an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ: dict[str, str] = {}

    async def begin(self, *arguments: str) -> Process:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ROSTRUM_")}
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *arguments,
            cwd=self.folder, env={**kept, "PYTHONPATH": str(ROOT), **self.environ}, stdout=PIPE, stderr=PIPE,
        )  # fmt: skip

    async def run(self, *arguments: str) -> tuple[int | None, str, str]:
        """Return exit status, stdout and stderr."""
        process = await self.begin(*arguments)
        async with asyncio.timeout(120):
            out, err = await process.communicate()
        return process.returncode, out.decode(), err.decode()


async def opened(process: Process) -> tuple[str, str]:
    """Return the stand-in's address and the capability, from the first line that is printed."""
    assert process.stdout
    page = (await process.stdout.readline()).decode().rsplit(" ", 1)[1].strip()
    url, capability = page.split("/#")
    return url, capability
