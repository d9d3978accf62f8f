"""What a server of models can be told to do with a request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias


@dataclass(frozen=True)
class Say:
    """Answer with these pieces, each an event of its own.

    `finish` None leaves the reason out. `ending`: "clean" as the protocol has it; "bare" without its last event;
    "cut" breaks the connection off; "stall" says nothing more and stays open; an error's kind, such as
    "overloaded_error", is sent as an event after a good status.
    """

    pieces: tuple[str, ...]
    finish: Literal["stop", "length", "filtered", "refused"] | None = "stop"
    tokens: tuple[int, int] | None = (7, 5)
    pause: float = 0.0
    ending: str = "clean"

    def __init__(self, *pieces: str, **rest: Any) -> None:
        object.__setattr__(self, "pieces", pieces)
        for name, value in rest.items():
            assert name in self.__dataclass_fields__, name
            object.__setattr__(self, name, value)


@dataclass(frozen=True)
class Echo:
    """Answer with the question's own words."""

    pause: float = 0.0


@dataclass(frozen=True)
class Refuse:
    """Answer with an error status; `body` None is the error that the protocol has for it."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


@dataclass(frozen=True)
class Raw:
    """Send exactly these bytes as the body, one write for each, and then end, cut or stall."""

    writes: tuple[bytes, ...]
    content_type: str = "text/event-stream"
    headers: Mapping[str, str] = field(default_factory=dict)
    ending: Literal["clean", "cut", "stall", "forever"] = "clean"
    """"forever" repeats the last write until the other side leaves."""


Plan: TypeAlias = Say | Echo | Refuse | Raw
