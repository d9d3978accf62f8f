"""One child's life: load what is ordered, then answer until told to stop or the parent is gone."""

import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.backends.frames import BlockingFrames, Frame, FrameError
from bot.backends.worker import memory
from bot.backends.worker.answering import Answer
from bot.backends.worker.downloading import downloaded
from bot.backends.worker.engine import Engine, Heart
from bot.backends.worker.locating import located, refuse_too_large
from bot.backends.worker.messages import MalformedError, embed_of, generate_of, load_of, weights_of
from bot.backends.worker.outbox import Outbox
from bot.backends.worker.trouble import WorkerError, as_worker_error
from bot.errors import Trouble

MOST_REQUESTS = 256
"""So many requests may wait and run; more are turned away."""
_LEAST_BYTES = 2
"""Weights are loaded with at least so many bytes each."""
_WATCH_SECONDS = 0.5
_DRAIN_SECONDS = 5.0
_FAR_OVER = 1.25


class Serving:
    """Reads what the parent asks for and hands it on; answers pings itself, whatever the model does."""

    def __init__(self, connection: BlockingFrames) -> None:
        self._connection = connection
        self._outbox = Outbox(connection.write)
        self._heart = Heart()
        self._answers: dict[int, Answer] = {}
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._device = "cpu"
        self._is_begun = False

    def run(self) -> None:
        """Serve until the end; ends the process."""
        threading.Thread(target=self._outbox.run, name="outbox", daemon=True).start()
        try:
            while (frame := self._connection.read()) is not None:
                self._take(frame)
        except FrameError as error:
            self._refuse(None, Trouble.MALFORMED, str(error))
            self._end(1)
        # the parent is gone: nobody is left to answer
        os._exit(0)

    def _begin(self, frame: Frame) -> None:
        """Load on a thread of its own, libraries included: pings are answered meanwhile."""
        try:
            if frame["do"] == "download":
                downloaded(weights_of(frame).name, Path(str(frame.get("cache", "."))), self._progress)
                self._outbox.put({"is": "downloaded"})
                self._end(0)
            order = load_of(frame)
            place = located(order.weights, Path(order.cache or "."), self._progress)
            refuse_too_large(place, _LEAST_BYTES, order.memory_mb, 0)
            from bot.backends.worker import building  # noqa: PLC0415 - the libraries take seconds

            built = building.build(order, place, self._heart, self._die, self._progress)
            built.engine.start()
        except MalformedError as error:
            self._refuse(None, Trouble.MALFORMED, str(error))
            self._end(1)
        except Exception as error:  # noqa: BLE001 - whatever it is, the parent is told before the end
            failed = as_worker_error(error)
            self._refuse(None, failed.trouble, str(failed))
            self._end(1)
        else:
            self._device = built.device
            self._engine = built.engine
            self._outbox.put(
                {
                    "is": "ready",
                    "context": built.context,
                    "parameters": built.parameters,
                    "device": built.device,
                    "memory_mb": memory.used_mb(built.device),
                }
            )
            self._watch(order.memory_mb, built.engine)

    def _take(self, frame: Frame) -> None:
        match frame.get("do"):
            case "ping":
                self._pong(frame)
            case "cancel":
                self._cancel(frame)
            case "load" | "download" if not self._is_begun:
                self._is_begun = True
                threading.Thread(target=self._begin, args=(frame,), name="loading", daemon=True).start()
            case "generate" | "embed":
                self._ask(frame)
            case "stop":
                self._end(0)
            case _:
                self._refuse(frame.get("id"), Trouble.MALFORMED, "no such order")

    def _ask(self, frame: Frame) -> None:
        try:
            request = embed_of(frame) if frame["do"] == "embed" else generate_of(frame)
        except (MalformedError, TypeError, KeyError, AttributeError) as error:
            self._refuse(frame.get("id"), Trouble.MALFORMED, f"a request lacks or twists {error}")
            return
        engine = self._engine
        if engine is None:
            self._refuse(request.id, Trouble.BUSY, "the model is not loaded yet")
            return
        answer = Answer(request.id, self._outbox, self._forget)
        with self._lock:
            is_known, is_full = request.id in self._answers, len(self._answers) >= MOST_REQUESTS
            if not is_known and not is_full:
                self._answers[request.id] = answer
        if is_known or is_full:
            text = "this id is in use" if is_known else "too many requests wait already"
            self._refuse(request.id, Trouble.BUSY, text)
            return
        try:
            engine.submit(request, answer)
        except WorkerError as error:
            answer.fail(error.trouble, str(error))

    def _cancel(self, frame: Mapping[str, Any]) -> None:
        with self._lock:
            answer = self._answers.get(frame.get("id", -1))
        if answer is not None:
            answer.cancel()
            if self._engine is not None:
                self._engine.wake()

    def _forget(self, answer: Answer) -> None:
        with self._lock:
            self._answers.pop(answer.id, None)

    def _pong(self, frame: Mapping[str, Any]) -> None:
        running = self._engine.running if self._engine is not None else 0
        stuck = self._heart.silence() if running else 0.0
        used = memory.used_mb(self._device)
        self._outbox.pong(
            {
                "is": "pong",
                "id": frame.get("id"),
                "memory_mb": used,
                "running": running,
                "stuck_seconds": round(stuck, 3),
            }
        )

    def _watch(self, allowed: int, engine: Engine) -> None:
        """See that memory stays within its bound: the largest request ends first, in the last resort the process."""
        while True:
            time.sleep(_WATCH_SECONDS)
            if memory.used_mb(self._device) <= allowed:
                continue
            memory.give_back()
            used = memory.used_mb(self._device)
            if used <= allowed:
                continue
            text = f"{used} MB are in use and {allowed} allowed"
            answer = engine.shed()
            if answer is not None:
                answer.fail(Trouble.NO_MEMORY, text)
                engine.wake()
            elif used > allowed * _FAR_OVER:
                self._refuse(None, Trouble.NO_MEMORY, text)
                self._end(1)

    def _progress(self, what: str, done: float) -> None:
        self._outbox.put({"is": "progress", "what": what, "done": done, "of": 1.0})

    def _refuse(self, request: object, trouble: Trouble, text: str) -> None:
        self._outbox.put({"is": "error", "id": request, "kind": trouble.value, "text": text})

    def _die(self, text: str) -> None:
        self._refuse(None, Trouble.WORKER_DIED, text)
        self._end(1)

    def _end(self, code: int) -> None:
        """End the process at once: threads of libraries would hold a gentle end up for seconds."""
        self._outbox.drain(_DRAIN_SECONDS if code else 1.0)
        os._exit(code)
