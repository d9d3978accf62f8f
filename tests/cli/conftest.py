"""The bot's database address for the command line, and a stand-in for it to talk to."""

from tests.support.running import options, server, stage

__all__ = ["options", "server", "stage"]
