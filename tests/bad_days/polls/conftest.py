"""The whole bot on the stage, on a clock that can be set forward."""

from tests.bad_days.conftest import ahead, logged
from tests.support.poll_flow import ada
from tests.support.running import options, rostrum, server, stage
from tests.support.written import written

__all__ = ["ada", "ahead", "logged", "options", "rostrum", "server", "stage", "written"]
