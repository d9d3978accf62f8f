"""Log lines: JSON with one object a line, network trouble in one line, tracebacks for our own faults."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot import log
from bot.config import Settings


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in log.OURS:
        logging.getLogger(name).setLevel(logging.NOTSET)
    structlog.reset_defaults()


def set_up(**environ: str) -> structlog.stdlib.BoundLogger:
    log.set_up(Settings.load({f"ROSTRUM_{name.upper()}": value for name, value in environ.items()}))
    return structlog.stdlib.get_logger("bot.test")


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(log_format="json").warning("poll closed", poll=7)
    logging.getLogger("discord.gateway").info("shard %s is there", 0)
    ours, theirs = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert (ours["event"], ours["poll"], ours["level"], ours["logger"]) == ("poll closed", 7, "warning", "bot.test")
    assert theirs["event"] == "shard 0 is there"
    assert theirs["timestamp"].endswith("Z")


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_a_lost_connection_is_one_line(capsys: pytest.CaptureFixture[str], log_format: str) -> None:
    set_up(log_format=log_format)
    try:
        raise ConnectionRefusedError(111, "refused")
    except OSError:
        logging.getLogger("discord.client").exception("Attempting a reconnect")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert "ConnectionRefusedError" in lines[0]
    assert "Traceback" not in lines[0]


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_our_own_faults_keep_their_traceback(capsys: pytest.CaptureFixture[str], log_format: str) -> None:
    logger = set_up(log_format=log_format)
    try:
        int("x")
    except ValueError:
        logger.exception("failed", reference="ABC")
    written = capsys.readouterr().err
    assert "test_log.py" in written
    assert "ABC" in written


def test_levels(capsys: pytest.CaptureFixture[str]) -> None:
    logger = set_up(log_level="warning")
    logger.info("not this")
    logging.getLogger("alembic.runtime").info("nor this")
    logger.error("but this")
    assert [line.split("]")[1].split()[0:2] for line in capsys.readouterr().err.splitlines()] == [["but", "this"]]


@pytest.mark.parametrize(("log_format", "log_level"), [("console", "debug"), ("json", "debug"), ("json", "info")])
def test_libraries_never_tell_what_members_wrote(
    capsys: pytest.CaptureFixture[str], log_format: str, log_level: str
) -> None:
    logger = set_up(log_format=log_format, log_level=log_level)
    for name in ("discord.http", "discord.gateway", "discord.client", "aiohttp.client", "sqlalchemy.engine", "asyncio"):
        logging.getLogger(name).debug("MESSAGE_CREATE %s", {"content": "what somebody wrote"})
    logging.getLogger("discord.shard").info("shard 0 is there")
    logger.debug("ours")
    written = capsys.readouterr().err
    assert "somebody" not in written
    assert "shard 0 is there" in written
    assert ("ours" in written) is (log_level == "debug")


def test_for_people_libraries_speak_only_of_trouble(capsys: pytest.CaptureFixture[str]) -> None:
    logger = set_up()
    logging.getLogger("discord.client").info("logging in using static token")
    logging.getLogger("discord.gateway").warning("can't keep up")
    logger.info("ready")
    lines = capsys.readouterr().err.splitlines()
    assert ["can't keep up" in lines[0], "ready" in lines[1], len(lines)] == [True, True, 2]


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_no_interaction_token_and_no_value_of_a_variable_shows(
    capsys: pytest.CaptureFixture[str], log_format: str
) -> None:
    logger = set_up(log_format=log_format)
    theirs = "We are being rate limited. POST %s responded with 429."
    for path in (
        "/webhooks/12/sEcReT-token",
        "/webhooks/12/sEcReT-token/messages/@original",
        "/interactions/5/sEcReT/callback",
    ):
        logging.getLogger("discord.http").warning(theirs, "http://127.0.0.1/api/v10" + path)
        logger.warning("late", address=path)
    written_by_a_member = "sEcReT confession"
    try:
        int(written_by_a_member[:0])
    except ValueError:
        logger.exception("failed")
    written = capsys.readouterr().err
    assert "sEcReT" not in written
    assert "/webhooks/12/" in written
    assert "ValueError" in written
