"""A worker as a process: started with nothing of the bot's but one end of a socket pair, and always reaped.

Its environment is made from nothing, so that no secret is in it. It has a session of its own, so that Ctrl-C reaches
the bot alone, which then stops it; and when the bot is killed, its socket ends, and the worker with it.
"""

import asyncio
import os
import re
import shutil
import signal
import socket
import tempfile
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import bot
from bot.backends.frames import Decoder, Frame, encode
from bot.backends.local.options import LocalOptions

# a worker needs these to find its programs and the machine's accelerator; none of them is a secret
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "CUDA_HOME", "NVIDIA_VISIBLE_DEVICES")
# and whoever fetches weights these, to get out
_NETWORK = (
    "HF_ENDPOINT",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
)
_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
_READ_BYTES = 64 * 1024
_TAIL_BYTES = 4096
_REAP_SECONDS = 5
_ERROR_NAME = re.compile(r"[A-Za-z_.]{1,80}")


def clean_environment(scratch: Path, threads: int, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the whole environment of a worker, which lives in `scratch` and uses so many threads."""
    count = str(threads)
    made = {
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": count,
        "MKL_NUM_THREADS": count,
        "OPENBLAS_NUM_THREADS": count,
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }
    root = Path(bot.__file__).resolve().parent.parent
    if not any(part in {"site-packages", "dist-packages"} for part in root.parts):
        made["PYTHONPATH"] = str(root)
    return {name: environ[name] for name in _PASSED_ON if name in environ} | made


def fetching_environment(scratch: Path, token: str | None, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the whole environment of a child that only fetches weights: it may use the network, and shows `token`."""
    made = clean_environment(scratch, 1, environ)
    passed_on = {name: environ[name] for name in (*_NETWORK, *map(str.lower, _NETWORK)) if name in environ}
    secret = {"HF_TOKEN": token} if token else {}
    return {name: value for name, value in made.items() if name not in _OFFLINE} | passed_on | secret


class Child:
    """One worker process and the bot's end of the wire to it."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        scratch: Path,
    ) -> None:
        self._process = process
        self._reader = reader
        self._writer = writer
        self._tail = b""
        self._scratch = scratch
        self._listening = asyncio.create_task(self._listen(), name="worker-stderr")

    @classmethod
    async def start(cls, options: LocalOptions, environment: Callable[[Path], dict[str, str]] | None = None) -> Self:
        """Start a process; must run in the main thread, or the worker would die with the thread.

        `environment` makes another than the usual for the folder in which it lives.

        Raises:
            OSError: it cannot be started.
        """
        scratch = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="rostrum-worker-"))
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        reader, writer = await asyncio.open_connection(sock=ours)
        try:
            process = await asyncio.create_subprocess_exec(
                *options.command,
                "--fd",
                str(theirs.fileno()),
                pass_fds=(theirs.fileno(),),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                cwd=scratch,
                env=environment(scratch) if environment else clean_environment(scratch, options.threads),
                start_new_session=True,
            )
        except BaseException:
            await asyncio.shield(_let_go(writer, scratch))
            raise
        finally:
            theirs.close()
        return cls(process, reader, writer, scratch)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def send(self, frame: Mapping[str, Any]) -> None:
        """Have a frame go out, without waiting; one that has died takes everything and answers nothing."""
        if not self._writer.is_closing():
            self._writer.write(encode(frame))

    async def drained(self) -> None:
        """Wait until there is room for more."""
        with suppress(ConnectionError):
            await self._writer.drain()

    async def frames(self) -> AsyncGenerator[Frame]:
        """Yield what it says until it closes its end.

        Raises:
            FrameError: what it says is no frame.
        """
        decoder = Decoder()
        while True:
            try:
                data = await self._reader.read(_READ_BYTES)
            except ConnectionError:
                return
            if not data:
                return
            for frame in decoder.feed(data):
                yield frame
            # whoever floods the wire shares the loop with everybody else
            await asyncio.sleep(0)

    def kill(self) -> None:
        """End it at once; it cannot object."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def end(self, grace: float) -> None:
        """Ask it to stop, kill it when it does not, and leave nothing behind: no process, no socket, no folder."""
        try:
            if grace > 0 and self._process.returncode is None:
                self.send({"do": "stop"})
                with suppress(TimeoutError):
                    async with asyncio.timeout(grace):
                        await self._process.wait()
        finally:
            self.kill()
            self._writer.transport.abort()
            await asyncio.shield(self._clear())

    async def how_it_died(self) -> str:
        """Say, for the operator, how it ended; nothing that it wrote is repeated but the name of an error."""
        try:
            async with asyncio.timeout(1):
                status = await self._process.wait()
        except TimeoutError:
            return "it closed its connection"
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                await asyncio.shield(self._listening)
        if status < 0:
            name = signal.Signals(-status).name
            return f"killed by {name}" + (", perhaps for want of memory" if name == "SIGKILL" else "")
        error = self._last_error()
        return f"exit status {status}" + (f" ({error})" if error else "")

    def _last_error(self) -> str:
        lines = self._tail.decode("utf-8", "replace").strip().splitlines()
        name = lines[-1].partition(":")[0].strip() if lines else ""
        return name if _ERROR_NAME.fullmatch(name) else ""

    async def _listen(self) -> None:
        assert self._process.stderr  # noqa: S101 - it is a pipe
        with suppress(ConnectionError):
            while data := await self._process.stderr.read(_READ_BYTES):
                self._tail = (self._tail + data)[-_TAIL_BYTES:]

    async def _clear(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_REAP_SECONDS):
                await self._process.wait()
        self._listening.cancel()
        with suppress(asyncio.CancelledError):
            await self._listening
        await _let_go(self._writer, self._scratch)


async def _let_go(writer: asyncio.StreamWriter, scratch: Path) -> None:
    writer.transport.abort()
    with suppress(ConnectionError):
        await writer.wait_closed()
    await asyncio.to_thread(shutil.rmtree, scratch, ignore_errors=True)
