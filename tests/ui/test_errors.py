"""From what went wrong to what the person reads."""

import pytest
from discord import app_commands

from bot.errors import ClosedError, InvalidInputError, NotAllowedError, RostrumError, ServiceError, UserError
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
