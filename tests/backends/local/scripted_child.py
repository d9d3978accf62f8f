"""A worker that does as it is told: a real process that speaks the protocol over its socket and runs no model.

How it loads stands in `load.json` in its weights' folder; how it answers, in the question. What it hears is written to
`heard.jsonl` there.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

from bot.backends.answer import Answer
from bot.backends.base import Prompt, Turn
from bot.backends.frames import BlockingFrames

Frame = dict[str, Any]


class Script:
    def __init__(self, connection: socket.socket) -> None:
        self.wire = BlockingFrames(connection)
        self.connection = connection
        self.lock = threading.Lock()
        self.cancelled: set[int] = set()
        self.folder = Path()
        self.plan: Frame = {}
        self.stuck = 0.0
        self.running: set[int] = set()

    def say(self, **frame: Any) -> None:
        with self.lock:
            self.wire.write({name.rstrip("_"): value for name, value in frame.items()})

    def note(self, frame: Frame) -> None:
        with (self.folder / "heard.jsonl").open("a") as file:
            file.write(json.dumps(frame | {"pid": os.getpid()}) + "\n")

    def load(self, frame: Frame) -> None:
        self.folder = Path(frame["weights"]["name"])
        self.plan = json.loads((self.folder / "load.json").read_text())
        self.note(frame)
        if self.plan.get("silent"):
            time.sleep(600)
        for step in range(self.plan.get("steps", 2)):
            self.say(is_="progress", what=self.plan.get("what", "loading"), done=step, of=self.plan.get("steps", 2))
            time.sleep(self.plan.get("pause", 0))
        while self.plan.get("hold") and not (self.folder / "go").exists():
            self.say(is_="progress", what="loading", done=1, of=2)
            time.sleep(0.02)
        if "error" in self.plan:
            self.say(is_="error", id=None, kind=self.plan["error"], text="the reason")
            sys.exit(1)
        if self.plan.get("dies"):
            raise RuntimeError("secret words of a member")
        memory = self.plan.get("memory_mb", 100)
        self.say(is_="ready", context=512, parameters=1000, device="cpu", memory_mb=memory)

    def download(self, frame: Frame) -> None:
        self.folder = Path(frame["cache"])
        self.folder.mkdir(exist_ok=True)
        self.note(frame | {"environ": dict(os.environ)})
        self.say(is_="progress", what="downloading", done=1, of=4)
        match frame["weights"]["name"]:
            case "nobody/gated":
                self.say(is_="error", id=None, kind="weights", text="they are gated")
            case "nobody/dies":
                os._exit(4)
            case "nobody/babbles":
                self.say(is_="progress", what=None)
            case "nobody/slow":
                time.sleep(600)
            case _:
                self.say(is_="ready")
                self.say(is_="downloaded")
        sys.exit(0)

    def serve(self) -> None:
        while frame := self.wire.read():
            match frame["do"]:
                case "load":
                    self.load(frame)
                case "download":
                    self.download(frame)
                case "generate":
                    self.note(frame)
                    threading.Thread(target=self.generate, args=(frame,), daemon=True).start()
                case "embed":
                    vectors = [[float(len(text)), 0.5] for text in frame["texts"]]
                    self.say(is_="vectors", id=frame["id"], vectors=vectors)
                case "cancel":
                    self.note(frame)
                    self.cancelled.add(frame["id"])
                case "ping":
                    memory = self.plan.get("memory_later", self.plan.get("memory_mb", 100))
                    pong = {"memory_mb": memory, "running": len(self.running), "stuck_seconds": self.stuck}
                    self.say(is_="pong", id=frame["id"], **pong)
                case _:
                    self.note(frame)
                    sys.exit(0)

    def follow(self, frame: Frame, steps: Frame) -> None:
        """Say some pieces, up to a stop text; then fail, stall or end."""
        number = frame["id"]
        turns = tuple(Turn("user", turn["text"]) for turn in frame["turns"])
        answer = Answer(Prompt(turns, max_tokens=frame["max_tokens"] * 100, stop=tuple(frame["stop"])))
        self.running.add(number)
        for piece in steps.get("say", ()):
            if number not in self.cancelled and (shown := answer.add(piece)):
                self.say(is_="chunk", id=number, text=shown)
        if rest := answer.rest():
            self.say(is_="chunk", id=number, text=rest)
        while steps.get("stall") and number not in self.cancelled:
            time.sleep(0.01)
        self.running.discard(number)
        if "fail" in steps:
            self.say(is_="error", id=number, kind=steps["fail"], text="the reason")
        else:
            finish = "cancelled" if number in self.cancelled else "stop"
            self.say(is_="done", id=number, finish=finish, completion_tokens=len(answer.text))

    def generate(self, frame: Frame) -> None:  # noqa: C901, PLR0912, PLR0915 - one branch for each deed
        number, words = frame["id"], frame["turns"][-1]["text"].split()
        self.say(is_="begun", id=number, prompt_tokens=len(words), dropped_tokens=3)
        plan = self.folder / "next.json"
        if plan.exists():
            steps = json.loads(plan.read_text())
            plan.unlink()
            self.follow(frame, steps)
            return
        deed = words[0]
        if deed.endswith("-once"):
            mark = self.folder / "done-once"
            deed = "count" if mark.exists() else deed.removesuffix("-once")
            mark.touch()
        if deed.startswith("late-"):
            deed = deed.removeprefix("late-")
            self.say(is_="chunk", id=number, text="so far ")
            while not (self.folder / "go").exists():
                time.sleep(0.01)
        match deed:
            case "die":
                os._exit(3)
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "freeze":
                os.kill(os.getpid(), signal.SIGSTOP)
            case "stand-still":
                self.stuck = 1000.0
            case "babble":
                with self.lock:
                    self.connection.sendall(b"\xff\xff\xff\xff no frame")
            case "nonsense":
                self.say(is_="chunk", id=number, text=["no", "text"])
            case "fail":
                self.say(is_="error", id=number, kind=" ".join(words[1:]), text="the reason")
            case "give-up":
                self.say(is_="done", id=number, finish="cancelled", completion_tokens=0)
            case "flood":
                while number not in self.cancelled:
                    self.say(is_="chunk", id=number, text="x" * 100)
                self.say(is_="done", id=number, finish="cancelled", completion_tokens=0)
            case "flood-deaf":
                while True:
                    self.say(is_="chunk", id=number, text="x" * 10_000)
            case "for-ever":
                while number not in self.cancelled:
                    self.say(is_="chunk", id=number, text="on ")
                    time.sleep(0.02)
                self.say(is_="done", id=number, finish="cancelled", completion_tokens=9)
            case "count":
                count = int(words[1]) if words[1:] else 3
                for place in range(count):
                    self.say(is_="chunk", id=number, text=f"{place} ")
                self.say(is_="done", id=number, finish="stop", completion_tokens=count, score=0.25)
            case _:
                self.follow(frame, {"say": ["You asked: ", frame["turns"][-1]["text"]]})


if __name__ == "__main__":
    Script(socket.socket(fileno=int(sys.argv[sys.argv.index("--fd") + 1]))).serve()
    os._exit(0)
