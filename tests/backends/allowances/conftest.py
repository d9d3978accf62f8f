"""Allowances on each database, with a clock that the test moves."""

import pytest

from bot.backends.allowances import AllowanceService
from bot.config import Settings
from bot.db.session import Database
from tests.support.databases import clock, database
from tests.support.polls import SetClock

__all__ = ["clock", "database"]


@pytest.fixture
def settings() -> Settings:
    return Settings.load({"ROSTRUM_MEMBER_TOKENS_A_DAY": "1000", "ROSTRUM_SERVER_DOLLARS_A_MONTH": "1"})


@pytest.fixture
async def allowances(database: Database, clock: SetClock, settings: Settings) -> AllowanceService:
    service = AllowanceService(database, clock, settings)
    await service.start()
    return service
