"""Questions, answers and choices in the database: each method is one transaction, and rows do not leave here."""

from bot.asking.store.people import PeopleStore
from bot.asking.store.says import SayStore
from bot.asking.store.turns import TurnStore

__all__ = ["PeopleStore", "SayStore", "TurnStore"]
