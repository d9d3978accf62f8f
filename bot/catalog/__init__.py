"""Model cards, the catalogue that holds them, and what follows from a card by itself."""

from bot.catalog.catalogue import REASONS, RESERVED, Catalog
from bot.catalog.reading import SHIPPED, load_catalog
from bot.catalog.rules import Lack, LackKind, directory_of, lacks, receiver_of, weights_of, where_of
from bot.catalog.types import ModelCard, Openness, Price, Shape, Task, Training, Weights, Where

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
    "Weights",
    "Where",
    "directory_of",
    "lacks",
    "load_catalog",
    "receiver_of",
    "weights_of",
    "where_of",
]
