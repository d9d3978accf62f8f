"""The whole bot with two scripted models on a clock that the test moves; moderators have a log channel."""

from tests.bad_days.conftest import logged
from tests.support.arena_flow import ada, clock
from tests.support.ask_flow import models
from tests.support.running import options, rostrum, server, stage
from tests.support.written import written

__all__ = ["ada", "clock", "logged", "models", "options", "rostrum", "server", "stage", "written"]
