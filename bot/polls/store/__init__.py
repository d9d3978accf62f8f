"""Polls in the database: each method is one transaction, and rows do not leave it."""

from bot.polls.store.ballots import BallotStore
from bot.polls.store.people import PeopleStore
from bot.polls.store.polls import PollStore

__all__ = ["BallotStore", "PeopleStore", "PollStore"]
