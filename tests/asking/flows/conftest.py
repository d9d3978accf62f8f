"""The whole bot with scripted models, on the stage."""

from tests.support.ask_flow import ada, models
from tests.support.running import options, rostrum, server, stage

__all__ = ["ada", "models", "options", "rostrum", "server", "stage"]
