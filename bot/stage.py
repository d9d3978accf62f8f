"""What `rostrum sandbox` puts beside the bot: a second model, reached over HTTP as a model elsewhere would be.

It is the small model's weights behind `transformers serve`, on a loopback port: a server that others wrote, so that
what speaks to it is what would speak to any OpenAI-compatible server. It starts once the bot has made the weights
ready, and only where what it needs is installed.
"""

import asyncio
import importlib.util
import json
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import httpx
import structlog

from bot.backends.local.child import clean_environment

KEY = "smollm2-served"
NEEDS = ("fastapi", "openai", "torch", "transformers", "uvicorn")
LIKE, NAME = "smollm2-135m", "SmolLM2 135M, served"
_WEIGHTS = "*SmolLM2-135M*/config.json"
_COMMAND = (sys.executable, "-c", "from transformers.cli.transformers import main; main()", "serve")
_LOOK_EVERY, _STOP_SECONDS, _START_SECONDS = 1.0, 5.0, 120.0

log = structlog.stdlib.get_logger(__name__)


def can_serve(needs: Sequence[str] = NEEDS) -> bool:
    """Tell whether what the second model needs is installed, without importing it."""
    return all(importlib.util.find_spec(name) is not None for name in needs)


class SecondModel:
    """Use `models_file` for the bot's settings, then `async with second:` around the bot."""

    def __init__(self, folder: Path, models_dir: Path, own_models: Path | None = None) -> None:
        self._folder = folder
        self._served = folder / "served"
        self._models_dir = models_dir
        self._own_models = own_models
        self.port = _free_port()
        self.is_up = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def address(self) -> str:
        """Where it speaks Chat Completions."""
        return f"http://127.0.0.1:{self.port}/v1"

    def models_file(self) -> Path:
        """Write the models file that knows it, beside what the operator's own file has; return its path.

        Raises:
            OSError: the operator's file cannot be read.
        """
        own = self._own_models.read_text("utf-8") + "\n" if self._own_models else ""
        # that server knows a model by its folder alone
        model = str(self._served)
        fields = {"like": LIKE, "name": NAME, "backend": "openai_api", "address": self.address, "model": model}
        # a JSON string is a TOML string too
        table = "\n".join(f"{name} = {json.dumps(value)}" for name, value in fields.items())
        path = self._folder / "models.toml"
        path.write_text(f"{own}[models.{KEY}]\n{table}\n", "utf-8")
        return path

    async def __aenter__(self) -> "SecondModel":
        self._task = asyncio.create_task(self._run(), name="second-model")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        weights = await self._weights()
        self._served.symlink_to(weights)
        process = await asyncio.create_subprocess_exec(
            *_COMMAND,
            str(self._served),
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env=clean_environment(self._folder, 1),
            cwd=self._folder,
            start_new_session=True,
        )
        try:
            await self._wait_up(process)
            code = await process.wait()
            log.warning("the second model's server ended", exit_status=code)
        finally:
            await _stop(process)

    async def _weights(self) -> Path:
        """Wait until the bot has made the small model's weights ready: that takes a while once, ever."""
        while True:
            found = await asyncio.to_thread(lambda: sorted(self._models_dir.glob(_WEIGHTS)))
            # what is half made is hidden
            if whole := [path.parent for path in found if not path.parent.name.startswith(".")]:
                return whole[0]
            await asyncio.sleep(_LOOK_EVERY)

    async def _wait_up(self, process: asyncio.subprocess.Process) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
            with suppress(TimeoutError):
                async with asyncio.timeout(_START_SECONDS):
                    while process.returncode is None:
                        with suppress(httpx.HTTPError):
                            if (await client.get(f"{self.address}/models")).is_success:
                                self.is_up.set()
                                return
                        await asyncio.sleep(_LOOK_EVERY)


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    for number, seconds in ((signal.SIGTERM, _STOP_SECONDS), (signal.SIGKILL, _STOP_SECONDS)):
        with suppress(ProcessLookupError):
            process.send_signal(number)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await process.wait()
            return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
