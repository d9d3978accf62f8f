"""What the log holds at its most talkative."""

import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any, cast

import pytest
import structlog

from bot import log
from bot.config import Settings


@pytest.fixture
def written() -> Iterator[StringIO]:
    """All that is written to the log, as lines of JSON."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    log.set_up(Settings.load({"ROSTRUM_LOG_FORMAT": "json", "ROSTRUM_LOG_LEVEL": "debug"}))
    stream = StringIO()
    cast("logging.StreamHandler[StringIO]", root.handlers[0]).setStream(stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in log.OURS:
        logging.getLogger(name).setLevel(logging.NOTSET)
    structlog.reset_defaults()


def lines(written: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]
