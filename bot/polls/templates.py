"""Polls to start from: questions that communities about open and closed models ask again and again."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.polls.types import PollKind

SOURCE = Path(__file__).parents[1] / "data" / "polls.toml"


@dataclass(frozen=True, slots=True)
class Template:
    """A poll to start from; `closes` is typed text such as "in 3 days"."""

    key: str
    title: str
    question: str
    options: tuple[str, ...]
    kind: PollKind
    closes: str


@cache
def templates() -> tuple[Template, ...]:
    """Return all templates, in the order in which they are offered."""
    with SOURCE.open("rb") as source:
        entries = tomllib.load(source)["template"]
    return tuple(
        Template(
            key=entry["key"],
            title=entry["title"],
            question=entry["question"],
            options=tuple(entry["options"]),
            kind=PollKind(entry["kind"]),
            closes=entry["closes"],
        )
        for entry in entries
    )


def template(key: str) -> Template | None:
    """Return the template with this key."""
    return next((one for one in templates() if one.key == key), None)
