"""Parts of message and modal bodies, and a short way to read what was refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.errors import ApiError, FormError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.stand_in import Answer

Json = dict[str, Any]
V2 = 1 << 15


def refused(check: Callable[[], object]) -> dict[str, str]:
    """Return the 50035 that `check` raises as {dotted path: code}."""
    with pytest.raises(FormError) as caught:
        check()
    return {".".join(map(str, field.path)): field.code for field in caught.value.fields}


def refused_with(check: Callable[[], object]) -> tuple[int, int]:
    """Return the status and Discord's code of the ApiError that `check` raises."""
    with pytest.raises(ApiError) as caught:
        check()
    return caught.value.status, caught.value.code


def wrong(answer: Answer) -> dict[str, str]:
    """Return the nested errors of a 50035 answer as {dotted path: code}."""
    assert (answer.status, answer.json["code"]) == (400, 50035), answer
    found: dict[str, str] = {}

    def walk(node: Json, path: tuple[str, ...]) -> None:
        for key, inner in node.items():
            if key == "_errors":
                found[".".join(path)] = inner[0]["code"]
            else:
                walk(inner, (*path, key))

    walk(answer.json["errors"], ())
    return found


def button(custom_id: str = "press", **fields: object) -> Json:
    """A button that can be pressed; `custom_id=""` leaves it out."""
    made = {"type": 2, "style": 1, "label": "Press", "custom_id": custom_id} | fields
    return {key: value for key, value in made.items() if value not in ("", None)}


def select(custom_id: str = "choose", count: int = 3, kind: int = 3, **fields: object) -> Json:
    """A select menu; string selects have options named 0, 1, 2..."""
    made: Json = {"type": kind, "custom_id": custom_id} | fields
    if kind == 3 and "options" not in fields:
        made["options"] = [{"label": f"Option {number}", "value": str(number)} for number in range(count)]
    return made


def row(*components: Json, **fields: object) -> Json:
    """An action row."""
    return {"type": 1, "components": list(components)} | fields


def text(content: str = "Words", **fields: object) -> Json:
    """A text display."""
    return {"type": 10, "content": content} | fields


def container(*components: Json, **fields: object) -> Json:
    """A container."""
    return {"type": 17, "components": list(components)} | fields


def section(*components: Json, accessory: Json | None = None) -> Json:
    """A section beside a button."""
    return {"type": 9, "components": list(components or [text()]), "accessory": accessory or button("beside")}


def gallery(*urls: str) -> Json:
    """A media gallery."""
    return {"type": 12, "items": [{"media": {"url": url}} for url in urls]}


def label(component: Json, text: str = "Label", **fields: object) -> Json:
    """A label of a modal around one component."""
    return {"type": 18, "label": text, "component": component} | fields


def text_input(custom_id: str = "input", **fields: object) -> Json:
    """A text input."""
    return {"type": 4, "custom_id": custom_id, "style": 1} | fields


def modal(*components: Json, **fields: object) -> Json:
    """A modal."""
    return {"custom_id": "modal", "title": "Title", "components": list(components)} | fields


def poll(count: int = 2, **fields: object) -> Json:
    """A native poll to create."""
    named = [{"poll_media": {"text": f"Answer {number}"}} for number in range(count)]
    return {"question": {"text": "Open or closed?"}, "answers": named} | fields
