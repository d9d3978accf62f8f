"""What `rostrum models` prints: each model with how it is, what is missing and what to do; for people or as JSON."""

import asyncio
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from bot.backends.base import Backend, Health, State
from bot.catalog import ModelCard, Openness, Price, Where, receiver_of, where_of

STATES: Mapping[State, str] = {
    State.READY: "ready",
    State.ASLEEP: "asleep",
    State.MISSING: "not set up",
    State.TROUBLED: "in trouble",
}
"""How each state is called."""
_HEADINGS = ("KEY", "NAME", "CLASS", "BACKEND", "STATE", "WHAT TO KNOW")
_NARROWEST = 30
"""Characters that the last column needs to be broken into lines; on a narrower terminal it goes on as it likes."""
_GAP = "  "
_NOT_KNOWN = Health(State.MISSING, "not known to the backends")


@dataclass(frozen=True, slots=True)
class Line:
    """A model and how it is."""

    card: ModelCard
    health: Health

    @property
    def answers(self) -> bool:
        """Whether it can be asked now: it is well, and made for that."""
        return self.health.usable and bool(self.card.tasks)


def told(health: Health) -> str:
    """Return what there is to know beside the state, which some backends begin with."""
    word = STATES[health.state]
    return health.text.removeprefix(f"{word}: ") if health.text != word else ""


def lines_of(cards: Iterable[ModelCard], health: Mapping[str, Health]) -> list[Line]:
    """Put each card beside its health, by class and within a class in the catalogue's order."""
    order = list(Openness)
    lines = [Line(card, health.get(card.key, _NOT_KNOWN)) for card in cards]
    return sorted(lines, key=lambda line: order.index(line.card.openness))


async def probe_all(backends: Sequence[Backend]) -> dict[str, Health]:
    """Ask every other side, all at once, whether it would answer."""

    async def ask(backend: Backend) -> Health:
        try:
            return await backend.probe()
        except Exception as error:  # noqa: BLE001 - one that cannot be asked must not hide the others
            return Health(State.TROUBLED, f"could not be asked ({type(error).__name__})")

    found = await asyncio.gather(*(ask(backend) for backend in backends))
    return {backend.card.key: health for backend, health in zip(backends, found, strict=True)}


def all_is_well(lines: Iterable[Line]) -> bool:
    """Tell whether somebody can answer, and nobody who is set up is in trouble."""
    listed = list(lines)
    return any(line.answers for line in listed) and all(line.health.state is not State.TROUBLED for line in listed)


def table(lines: Sequence[Line], width: int | None = None) -> str:
    """Return a table in plain text; with `width`, that of a terminal, the last column is broken into lines."""
    cells = [_HEADINGS, *(_cells(line) for line in lines)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(_HEADINGS) - 1)]
    indent = sum(widths) + len(_GAP) * len(widths)
    room = width - indent if width else 0
    return "\n".join(_row(row, widths, indent, room) for row in cells) + f"\n\n{_summary(lines)}"


def as_json(lines: Iterable[Line]) -> str:
    """Return the same and more for machines."""
    listed = [_object(line) for line in lines]
    return orjson.dumps(listed, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode()


def _cells(line: Line) -> tuple[str, ...]:
    card, health = line.card, line.health
    said = [told(health), *(f"{name}: {text}" for name, text in health.details.items() if text)]
    known = "; ".join(_printable(text) for text in said if text)
    return (card.key, card.name, card.openness.value, card.backend, STATES[health.state], known)


def _row(row: Sequence[str], widths: Sequence[int], indent: int, room: int) -> str:
    head = "".join(cell.ljust(width) + _GAP for cell, width in zip(row[:-1], widths, strict=True))
    if room < _NARROWEST:
        return (head + row[-1]).rstrip()
    parts = textwrap.wrap(row[-1], room, break_on_hyphens=False, break_long_words=False) or [""]
    return (head + ("\n" + " " * indent).join(parts)).rstrip()


def _summary(lines: Sequence[Line]) -> str:
    counts = {state: sum(line.health.state is state for line in lines) for state in State}
    said = ", ".join(f"{count} {STATES[state]}" for state, count in counts.items() if count)
    return f"{len(lines)} {'model' if len(lines) == 1 else 'models'}" + (f": {said}." if said else ".")


def _object(line: Line) -> dict[str, Any]:
    card, health = line.card, line.health
    return {
        "key": card.key,
        "name": card.name,
        "maker": card.maker,
        "family": card.family,
        "class": card.openness,
        "reasons": dict(card.reasons),
        "tasks": sorted(card.tasks),
        "backend": card.backend,
        "model": card.model,
        "where": where_of(card),
        "address": card.address if where_of(card) is not Where.WORKER else "",
        "receiver": receiver_of(card),
        "licence": card.licence,
        "licence_url": card.licence_url,
        "attribution": card.attribution,
        "conditions": list(card.conditions),
        "context": card.context,
        "parameters": card.parameters,
        "price": _price(card.price),
        "training": card.training,
        "training_note": card.training_note,
        "key_setting": card.key_setting,
        "attest": card.attest,
        "sources": list(card.sources),
        "looked_up": card.looked_up,
        "not_looked_up": list(card.not_looked_up),
        "is_added": card.is_added,
        "state": health.state,
        "usable": health.usable,
        "text": health.text,
        "details": dict(health.details),
    }


def _price(price: Price | None) -> dict[str, Any] | None:
    if price is None:
        return None
    return {
        "read": str(price.read),
        "written": str(price.written),
        "currency": "USD",
        "tokens": 1_000_000,
        "source": price.source,
        "looked_up": price.looked_up,
    }


def _printable(text: str) -> str:
    """Return text that cannot move a terminal's cursor about."""
    return "".join(char if char.isprintable() else " " for char in text)
