"""A database of each kind, a clock that the test moves, and the whole bot on a stand-in."""

from tests.support.databases import clock, database
from tests.support.running import options, rostrum, server, stage

__all__ = ["clock", "database", "options", "rostrum", "server", "stage"]
