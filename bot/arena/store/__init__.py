"""Battles, votes and what is left out of boards in the database: each method is one transaction."""

from bot.arena.store.battles import BattleStore, NewBattle
from bot.arena.store.boards import BoardStore
from bot.arena.store.people import PeopleStore, forget_votes
from bot.arena.store.votes import VoteStore

__all__ = ["BattleStore", "BoardStore", "NewBattle", "PeopleStore", "VoteStore", "forget_votes"]
