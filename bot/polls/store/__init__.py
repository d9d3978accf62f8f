"""Polls in the database: each method is one transaction, and rows do not leave it."""

from bot.polls.store.ballots import BallotStore
from bot.polls.store.native import NativeStore
from bot.polls.store.people import PeopleStore
from bot.polls.store.polls import PollStore
from bot.polls.store.proposals import ProposalStore

__all__ = ["BallotStore", "NativeStore", "PeopleStore", "PollStore", "ProposalStore"]
