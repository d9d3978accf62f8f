"""The whole bot on the stage with scripted models, or with whatever models a test writes down."""

from tests.support.ask_flow import ada, models
from tests.support.running import options, rostrum, server, stage
from tests.support.written import written

__all__ = ["ada", "models", "options", "rostrum", "server", "stage", "written"]
