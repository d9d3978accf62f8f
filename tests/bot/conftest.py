"""The bot running against a stand-in."""

from tests.support.poll_flow import ada
from tests.support.running import options, rostrum, server, stage

__all__ = ["ada", "options", "rostrum", "server", "stage"]
