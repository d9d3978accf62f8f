"""From what went wrong to what the person reads."""

import sqlite3
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest
from discord import app_commands
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.errors import (
    ClosedError,
    InvalidInputError,
    NotAllowedError,
    NotYetError,
    OutcomeUnknownError,
    RostrumError,
    ServiceError,
    UserError,
)
from bot.refs import ALPHABET, new_reference
from cogs.ui.errors import describe, error_card


@pytest.mark.parametrize("error", [UserError("Say it."), ClosedError("Say it."), InvalidInputError("x", "Say it.")])
def test_what_the_person_can_mend_is_shown_as_it_is(error: UserError) -> None:
    trouble = describe(error)
    assert (trouble.text, trouble.reference) == ("Say it.", None)


@pytest.mark.parametrize("error", [ServiceError("db at 10.0.0.1"), ConnectionResetError("x"), TimeoutError()])
def test_what_may_pass_is_an_apology_with_a_reference(error: Exception) -> None:
    trouble = describe(error)
    assert "try again" in trouble.text
    assert trouble.reference
    assert "10.0.0.1" not in trouble.text


@pytest.mark.parametrize("error", [KeyError("secret"), RostrumError("secret"), ZeroDivisionError()])
def test_the_unexpected_never_shows_its_inside(error: Exception) -> None:
    trouble = describe(error)
    assert "secret" not in trouble.text
    assert trouble.reference
    assert trouble.reference in str(error_card(error, trouble).to_components())


def test_stale_commands_say_what_to_do() -> None:
    assert "Reload Discord" in describe(app_commands.CommandNotFound("old", [])).text


def test_missing_rights_are_named() -> None:
    assert "Manage Messages" in describe(app_commands.MissingPermissions(["manage_messages"])).text


def test_refusals_are_titled_so() -> None:
    error = NotAllowedError("No.")
    assert "Not allowed" in str(error_card(error, describe(error)).to_components())


def test_references_can_be_read_out() -> None:
    references = {new_reference() for _ in range(1000)}
    assert len(references) == 1000
    assert all(len(one) == 7 and set(one) <= set(ALPHABET) for one in references)


def refused(code: int, status: int = 400, kind: type[discord.HTTPException] = discord.HTTPException) -> Exception:
    answer: Any = SimpleNamespace(status=status, reason="No")
    return kind(answer, {"code": code, "message": "sesame"})


@pytest.mark.parametrize(
    ("error", "says", "advises"),
    [
        (refused(10003, 404, discord.NotFound), "channel that this belongs to has been deleted", "another channel"),
        (refused(10008, 404, discord.NotFound), "message that this belongs to has been deleted", "command again"),
        (refused(10007, 404, discord.NotFound), "no longer in this server", "somebody else"),
        (refused(50001, 403, discord.Forbidden), "cannot see the channel", "View Channel"),
        (refused(50013, 403, discord.Forbidden), "does not let me", "missing permission"),
        (refused(0, 403, discord.Forbidden), "does not let me", "missing permission"),
        (refused(50083), "archived", "writing a message in it"),
        (refused(160005), "locked", "moderator can unlock"),
        (refused(40060), "too slow", "try again"),
        (discord.RateLimited(5), "slow down", "try again in a minute"),
    ],
)
def test_what_discord_refuses_says_what_to_do(error: Exception, says: str, advises: str) -> None:
    trouble = describe(error)
    assert says in trouble.text
    assert advises in trouble.text
    assert "sesame" not in trouble.text
    assert trouble.reference is None


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (refused(0, 429), "slow down"),
        (refused(0, 503, discord.DiscordServerError), "Discord has trouble"),
        (OutcomeUnknownError("x"), "not known whether this was stored"),
        (OutcomeUnknownError("x"), "counts once"),
        (aiohttp.ServerDisconnectedError(), "try again"),
        (refused(50035), "written down for the operator"),
    ],
)
def test_what_the_operator_should_know_has_a_reference(error: Exception, says: str) -> None:
    trouble = describe(error)
    assert says in trouble.text
    assert trouble.reference
    assert describe(error).reference == trouble.reference
    wrapped = app_commands.CommandInvokeError(SimpleNamespace(name="x"), error)  # pyright: ignore[reportArgumentType]
    assert describe(wrapped) == trouble


def of_sqlite(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("sesame")
    error.sqlite_errorcode = code
    return error


def of_postgres(state: str) -> Exception:
    error = Exception("sesame")
    error.sqlstate = state  # pyright: ignore[reportAttributeAccessIssue]
    return error


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (DBAPIError("x", None, of_postgres("57P03")), True),
        (DBAPIError("x", None, of_postgres("53100")), True),
        (DBAPIError("x", None, of_postgres("08003")), True),
        (DBAPIError("x", None, of_postgres("22003")), False),
        (OperationalError("x", None, of_sqlite(sqlite3.SQLITE_BUSY)), True),
        (OperationalError("x", None, of_sqlite(sqlite3.SQLITE_FULL)), True),
        (OperationalError("x", None, of_sqlite(sqlite3.SQLITE_IOERR_WRITE)), True),
        (OperationalError("x", None, of_sqlite(sqlite3.SQLITE_ERROR)), False),
        (IntegrityError("x", None, sqlite3.IntegrityError("sesame")), False),
        (OperationalError("x", None, Exception("gone")), True),
        (InterfaceError("x", None, Exception("gone")), True),
        (DBAPIError("x", None, Exception("gone"), connection_invalidated=True), True),
        (ProgrammingError("x", None, Exception("no such column")), False),
        (PoolTimeoutError("all in use"), True),
    ],
)
def test_a_database_that_is_away_is_told_from_a_mistake(error: Exception, away: bool) -> None:
    trouble = describe(error)
    assert ("cannot reach my database" in trouble.text) is away
    assert ("written down for the operator" in trouble.text) is not away
    assert "sesame" not in trouble.text
    assert trouble.reference


def test_what_comes_too_early_is_titled_so() -> None:
    error = NotYetError("Wait.")
    assert "Not ready yet" in str(error_card(error, describe(error)).to_components())
