"""The whole bot on a stand-in."""

from tests.support.running import options, rostrum, server, stage

__all__ = ["options", "rostrum", "server", "stage"]
