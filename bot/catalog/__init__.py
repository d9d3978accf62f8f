"""Model cards, the catalogue that holds them, and what follows from a card by itself."""

from bot.catalog.catalogue import REASONS, RESERVED, Catalog
from bot.catalog.reading import SHIPPED, load_catalog
from bot.catalog.rules import Lack, LackKind, lacks, receiver_of, where_of
from bot.catalog.types import ModelCard, Openness, Price, Shape, Task, Training, Where

__all__ = [
    "REASONS",
    "RESERVED",
    "SHIPPED",
    "Catalog",
    "Lack",
    "LackKind",
    "ModelCard",
    "Openness",
    "Price",
    "Shape",
    "Task",
    "Training",
    "Where",
    "lacks",
    "load_catalog",
    "receiver_of",
    "where_of",
]
