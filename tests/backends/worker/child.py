"""A real worker at the other end of a real socket pair, with blocking calls for tests."""

import itertools
import os
import queue
import resource
import socket
import subprocess
import sys
import threading
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from bot.backends.frames import BlockingFrames, Frame

PATIENCE = 100.0
"""Seconds after which a test gives up; far more than anything takes on a loaded machine."""
ROOT = Path(__file__).parents[3]


def hooked(hooks: Path) -> list[str]:
    """Return the command that starts the worker with a test's switches in the folder `hooks`."""
    return [sys.executable, "-m", "tests.backends.worker.hooked_child", "--hooks", str(hooks)]


@dataclass(frozen=True)
class Reply:
    """All that came for one request."""

    begun: Frame
    chunks: tuple[str, ...]
    done: Frame

    @property
    def text(self) -> str:
        return "".join(self.chunks)


class Child:
    """One worker. What it sends is sorted by request; what belongs to none is in `news`."""

    def __init__(self, *, file_bytes: int | None = None, hooks: Path | None = None) -> None:
        ours, theirs = socket.socketpair()
        given = {
            "PATH": os.environ["PATH"],
            "HOME": "/nonexistent",
            "LANG": "C.UTF-8",
            "OMP_NUM_THREADS": "1",
            "HF_HUB_OFFLINE": "1",
            "TRANSFORMERS_OFFLINE": "1",
            "TOKENIZERS_PARALLELISM": "false",
        }
        command = [sys.executable, "-m", "bot.backends.worker"] if hooks is None else hooked(hooks)
        self.process = subprocess.Popen(
            [*command, "--fd", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env=given,
            cwd=ROOT,
            stderr=subprocess.PIPE,
        )
        theirs.close()
        if file_bytes is not None:
            # with a size that files may not pass, writing fails as on a full disk
            resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
        self._socket = ours
        self._frames = BlockingFrames(ours)
        self._ids = itertools.count(1)
        self._queues: defaultdict[Any, queue.Queue[Frame | None]] = defaultdict(queue.Queue)
        self.news: queue.Queue[Frame | None] = queue.Queue()
        self.stderr = b""
        self.ended: list[Any] = []
        self._threads = [threading.Thread(target=self._read), threading.Thread(target=self._log)]
        for thread in self._threads:
            thread.start()

    def _read(self) -> None:
        while True:
            try:
                frame = self._frames.read()
            except OSError:
                frame = None
            if frame is None:
                break
            if frame["is"] in {"done", "error"}:
                self.ended.append(frame.get("id"))
            (self.news if frame.get("id") is None else self._queues[frame["is"] == "pong", frame["id"]]).put(frame)
        for waiting in [*self._queues.values(), self.news]:
            waiting.put(None)

    def _log(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as stream:
            self.stderr = stream.read()

    def send(self, **frame: Any) -> None:
        self._frames.write(frame)

    def send_raw(self, data: bytes) -> None:
        self._socket.sendall(data)

    def load(
        self, weights: Path | str, shape: str, cache: Path | str = "", *, kind: str = "directory", **more: Any
    ) -> None:
        where = {"kind": kind, "name": str(weights)}
        self.send(do="load", weights=where, shape=shape, cache=str(cache), **{"device": "cpu", "threads": 1, **more})

    def await_news(self, kind: str) -> Frame:
        """Return the first news of a kind; progress before it is passed over, anything else fails."""
        while True:
            frame = self.news.get(timeout=PATIENCE)
            if frame is not None and frame["is"] == kind:
                return frame
            assert frame is not None, f"the worker ended instead: {self.stderr[-2000:]!r}"
            assert frame["is"] == "progress", frame

    def begin(self, text: str = "hello", **more: Any) -> int:
        number = next(self._ids)
        turns = [{"role": "user", "text": text}]
        self.send(**{"do": "generate", "id": number, "turns": turns, "max_tokens": 16, **more})
        return number

    def next(self, number: int) -> Frame:
        frame = self._queues[False, number].get(timeout=PATIENCE)
        assert frame is not None, f"the worker ended: {self.stderr[-2000:]!r}"
        return frame

    def finish(self, number: int) -> Reply:
        begun: Frame = {}
        chunks: list[str] = []
        while True:
            frame = self.next(number)
            match frame["is"]:
                case "begun":
                    begun = frame
                case "chunk":
                    chunks.append(frame["text"])
                case _:
                    return Reply(begun, tuple(chunks), frame)

    def ask(self, text: str = "hello", **more: Any) -> Reply:
        return self.finish(self.begin(text, **more))

    def embed(self, texts: list[str]) -> Frame:
        number = next(self._ids)
        self.send(do="embed", id=number, texts=texts)
        return self.next(number)

    def ping(self) -> Frame:
        number = next(self._ids)
        self.send(do="ping", id=number)
        frame = self._queues[True, number].get(timeout=PATIENCE)
        assert frame is not None
        return frame

    def cpu_seconds(self) -> float:
        times = psutil.Process(self.process.pid).cpu_times()
        return times.user + times.system

    def wait(self) -> int:
        code = self.process.wait(PATIENCE)
        for thread in self._threads:
            thread.join(PATIENCE)
        return code

    def close(self) -> None:
        """Hang up, as a parent that has died does; the worker must end by itself."""
        if self.process.poll() is None:
            self._socket.shutdown(socket.SHUT_RDWR)
        try:
            self.wait()
        finally:
            self.process.kill()
            self._socket.close()
