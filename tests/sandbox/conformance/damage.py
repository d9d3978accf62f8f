"""Calls of real clients, damaged: a value replaced, a field lost, doubled or grown, an id of something else."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from random import Random

RUBBISH: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        1,
        2,
        3,
        4,
        5,
        7,
        8,
        9,
        11,
        15,
        25,
        26,
        64,
        1 << 15,
        -1,
        0.5,
        1e300,
        1 << 40,
        (1 << 63) - 1,
    ),
    *(
        "",
        " ",
        "0",
        "1",
        "-1",
        "a",
        "@everyone",
        "\U0001f600",
        "\u0661",
        "\u00b2",
        "\x00",
        *("9" * 25, "9" * 4400),
        "a" * 101,
        "a" * 4001,
    ),
    *("attachment://a", "https://a.example/x", "javascript:1", "http://[", "data:image/png;base64,AAAA"),
    *("2099-01-01T00:00:00Z", "2000-01-01", "1e5", [], {}, [[]], [{}], [None], {"a": {}}, {"type": 1}, [{"type": 2}]),
)


def damaged(body: Any, chance: Random, times: int = 1) -> Any:
    """Return a copy of a JSON value with some places in it made wrong."""
    made = copy.deepcopy(body)
    for _ in range(times):
        made = _damage_one(made, chance)
    return made


def _damage_one(body: Any, chance: Random) -> Any:
    places = list(_places(body))
    if not places or chance.random() < 0.03:
        return chance.choice(RUBBISH)
    holder, key = chance.choice(places)
    match chance.randrange(6):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, list):
            holder.extend(copy.deepcopy(holder[key]) for _ in range(chance.choice((1, 4, 25, 41))))
        case 2:
            holder[key] = [holder[key]]
        case 3:
            _, other = chance.choice(places)
            holder[key] = copy.deepcopy(holder[other]) if _has(holder, other) else {str(other): holder[key]}
        case _:
            holder[key] = copy.deepcopy(chance.choice(RUBBISH))
    return body


def _has(holder: Any, key: Any) -> bool:
    return key in holder if isinstance(holder, dict) else isinstance(key, int) and key < len(holder)


def _places(value: Any) -> Any:
    """Yield (container, key) of every value inside."""
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    else:
        return
    for key, inner in items:
        yield value, key
        yield from _places(inner)
