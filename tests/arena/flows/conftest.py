"""The whole bot with two scripted models and a clock that the test moves, on the stage."""

from tests.support.arena_flow import ada, clock
from tests.support.ask_flow import models
from tests.support.running import options, rostrum, server, stage

__all__ = ["ada", "clock", "models", "options", "rostrum", "server", "stage"]
