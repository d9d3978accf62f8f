"""What a worker says, checked as it comes; a frame that fits none of these means that it cannot be trusted any more."""

from typing import Literal, TypeAlias

import msgspec

from bot.backends.frames import Frame, FrameError
from bot.errors import Trouble


class Progress(msgspec.Struct, tag_field="is", tag="progress", frozen=True):
    """How far it is with getting the model ready: `done` of `of`, in whatever unit."""

    what: str
    done: float = 0
    of: float = 0


class Ready(msgspec.Struct, tag_field="is", tag="ready", frozen=True):
    """The model answers from now on."""

    context: int | None = None
    parameters: int | None = None
    device: str = "cpu"
    memory_mb: float = 0


class Downloaded(msgspec.Struct, tag_field="is", tag="downloaded", frozen=True):
    """Weights were fetched."""


class Begun(msgspec.Struct, tag_field="is", tag="begun", frozen=True):
    """A request was taken; so many tokens of its prompt did not fit."""

    id: int
    prompt_tokens: int | None = None
    dropped_tokens: int = 0


class Text(msgspec.Struct, tag_field="is", tag="chunk", frozen=True):
    """A piece of an answer."""

    id: int
    text: str


class Done(msgspec.Struct, tag_field="is", tag="done", frozen=True):
    """An answer is complete."""

    id: int
    finish: Literal["stop", "length", "cancelled"] = "stop"
    completion_tokens: int | None = None
    score: float | None = None


class Vectors(msgspec.Struct, tag_field="is", tag="vectors", frozen=True):
    """Meanings, one vector a text."""

    id: int
    vectors: list[list[float]]


class Pong(msgspec.Struct, tag_field="is", tag="pong", frozen=True):
    """It lives; `stuck_seconds` is how long its model made no progress although there is work."""

    id: int
    memory_mb: float = 0
    running: int = 0
    stuck_seconds: float = 0


class Failed(msgspec.Struct, tag_field="is", tag="error", frozen=True):
    """A request failed; without an id, the model could not be loaded."""

    id: int | None = None
    kind: str = ""
    text: str = ""


Said: TypeAlias = Progress | Ready | Downloaded | Begun | Text | Done | Vectors | Pong | Failed


def read(frame: Frame) -> Said:
    """Return what a frame says.

    Raises:
        FrameError: nothing that a worker may say.
    """
    try:
        return msgspec.convert(frame, Said)
    except msgspec.ValidationError as error:
        raise FrameError(f"a frame that no worker sends: {error}") from None


def trouble_of(kind: str) -> Trouble:
    """Return what kind of trouble a worker reports; MALFORMED for one that nobody knows."""
    try:
        return Trouble(kind)
    except ValueError:
        return Trouble.MALFORMED
