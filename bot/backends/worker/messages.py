"""What the parent asks for, checked once at the door."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

Kind = Literal["directory", "hub", "package"]
Device = Literal["auto", "cpu", "cuda"]
Shape = Literal["causal", "seq2seq", "extractive", "embedding"]

DEFAULT_MAX_TOKENS = 512
MAX_STOPS = 16
MAX_TEXTS = 4096


class MalformedError(Exception):
    """A frame lacks what it needs; the text names it."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Where a model's weights are: in a directory, under a name at the hub, or in an installed package."""

    kind: Kind
    name: str


@dataclass(frozen=True, slots=True)
class Load:
    """What to load and within which bounds."""

    weights: Weights
    shape: Shape
    cache: str
    device: Device = "auto"
    threads: int = 1
    memory_mb: int = 4096
    context: int | None = None
    max_batch_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing that was said, by `user` or `assistant`."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Generate:
    """One question, with how to sample the answer; None leaves that to the model."""

    id: int
    turns: tuple[Turn, ...]
    system: str = ""
    task: str = "answer"
    question: str = ""
    passage: str = ""
    language: str = ""
    max_tokens: int = DEFAULT_MAX_TOKENS
    temperature: float | None = None
    top_p: float | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None

    @property
    def last_text(self) -> str:
        """What was said last."""
        return self.turns[-1].text if self.turns else ""


@dataclass(frozen=True, slots=True)
class Embed:
    """Texts whose meaning is to be measured."""

    id: int
    texts: tuple[str, ...]


def weights_of(frame: Mapping[str, Any]) -> Weights:
    """Read where weights are.

    Raises:
        MalformedError: something is missing.
    """
    weights = frame.get("weights")
    if not isinstance(weights, dict):
        raise MalformedError("weights")
    given = cast("dict[str, Any]", weights)
    kind, name = given.get("kind"), given.get("name")
    if kind not in {"directory", "hub", "package"} or not isinstance(name, str) or not name:
        raise MalformedError("weights")
    return Weights(kind, name)


def load_of(frame: Mapping[str, Any]) -> Load:
    """Read a `load`.

    Raises:
        MalformedError: something is missing or wrong.
    """
    shape, device = frame.get("shape"), frame.get("device", "auto")
    if shape not in {"causal", "seq2seq", "extractive", "embedding"}:
        raise MalformedError("shape")
    if device not in {"auto", "cpu", "cuda"}:
        raise MalformedError("device")
    return Load(
        weights_of(frame),
        shape,
        _text(frame, "cache"),
        device,
        max(1, _whole(frame, "threads", 1)),
        max(1, _whole(frame, "memory_mb", 4096)),
        _whole(frame, "context", 0) or None,
        _whole(frame, "max_batch_tokens", 0) or None,
    )


def generate_of(frame: Mapping[str, Any]) -> Generate:
    """Read a `generate`.

    Raises:
        MalformedError: something is missing or wrong.
    """
    given: list[Any] = frame.get("turns") or []
    turns = tuple(Turn(str(turn["role"]), str(turn["text"])) for turn in given)
    stops: list[Any] = frame.get("stop") or []
    seed = frame.get("seed")
    return Generate(
        id_of(frame),
        turns,
        _text(frame, "system"),
        _text(frame, "task") or "answer",
        _text(frame, "question"),
        _text(frame, "passage"),
        _text(frame, "language"),
        max(1, _whole(frame, "max_tokens", DEFAULT_MAX_TOKENS)),
        _number(frame, "temperature"),
        _number(frame, "top_p"),
        tuple(str(stop) for stop in stops[:MAX_STOPS] if stop),
        None if seed is None else _whole(frame, "seed", 0),
    )


def embed_of(frame: Mapping[str, Any]) -> Embed:
    """Read an `embed`.

    Raises:
        MalformedError: something is missing or wrong.
    """
    texts = frame.get("texts")
    if not isinstance(texts, list) or len(cast("list[Any]", texts)) > MAX_TEXTS:
        raise MalformedError("texts")
    return Embed(id_of(frame), tuple(str(text) for text in cast("list[Any]", texts)))


def id_of(frame: Mapping[str, Any]) -> int:
    """Read the number by which answers refer to a request.

    Raises:
        MalformedError: there is none.
    """
    value = frame.get("id")
    if not isinstance(value, int) or isinstance(value, bool):
        raise MalformedError("id")
    return value


def _text(frame: Mapping[str, Any], name: str) -> str:
    value = frame.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise MalformedError(name)
    return value


def _whole(frame: Mapping[str, Any], name: str, default: int) -> int:
    value = frame.get(name)
    if value is None:
        return default
    if not isinstance(value, int):
        raise MalformedError(name)
    return value


def _number(frame: Mapping[str, Any], name: str) -> float | None:
    value = frame.get(name)
    if value is None:
        return None
    if not isinstance(value, int | float) or not 0 <= value <= 100:  # noqa: PLR2004
        raise MalformedError(name)
    return float(value)
