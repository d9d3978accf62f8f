"""A card for whatever weights a test has."""

from typing import Any

from bot.catalog import ModelCard, Openness, Shape, Task


def card_of(model: str, **fields: Any) -> ModelCard:
    """Return the card of a local model whose weights are at `model`: a folder, or a name at the hub."""
    given: dict[str, Any] = {
        "key": "tiny",
        "name": "Tiny",
        "maker": "Nobody",
        "family": "tiny",
        "openness": Openness.OPEN,
        "reasons": {},
        "tasks": frozenset(Task),
        "backend": "local",
        "model": model,
        "licence": "MIT",
        "shape": Shape.CAUSAL,
    }
    return ModelCard(**given | fields)
