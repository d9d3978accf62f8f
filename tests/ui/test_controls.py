"""Ids of controls: who takes them, and what comes of one that nobody takes."""

from collections.abc import Mapping

import discord
import pytest
from discord.ext import commands

from bot.errors import NotFoundError
from cogs.ui.controls import Control, Interaction, Switchboard, control_id, on_press, on_submit
from cogs.ui.forms import Question, Typed, form, submitted


class BellCog(commands.Cog):
    """Takes two controls."""

    @on_press("bells", "ring")
    async def ring(self, interaction: Interaction, key: str) -> None:
        """Ring."""

    @on_submit("bells", "cast")
    async def cast(self, interaction: Interaction, key: str, values: Mapping[str, str]) -> None:
        """Cast."""


def test_ids_find_their_method_and_key() -> None:
    board, cog = Switchboard(), BellCog()
    board.connect(cog)
    assert board.find("press", control_id("bells", "ring", "17-2")) == (cog.ring, "17-2")
    assert board.find("submit", control_id("bells", "cast")) == (cog.cast, "")
    board.disconnect(cog)
    with pytest.raises(NotFoundError):
        board.find("press", control_id("bells", "ring", "17-2"))


@pytest.mark.parametrize(
    "custom_id",
    [
        "",
        "bells",
        "bells:v2:ring:1",
        "bells:v1:toll:1",
        "bells:v1:cast:1",
        "bells:v1:ring:1:2",
        "bells:v1:ring:" + "9" * 61,
    ],
)
def test_what_nobody_takes_is_of_another_version(custom_id: str) -> None:
    board = Switchboard()
    board.connect(BellCog())
    with pytest.raises(NotFoundError, match="another version"):
        board.find("press", custom_id)


def test_buttons_fit_discord() -> None:
    button = Control.button(control_id("bells", "ring"), "x" * 100)
    assert button.item.label == "x" * 80
    assert button.is_persistent()


def test_a_form_comes_filled_in_and_its_answers_are_read() -> None:
    questions = (Question("name", "Name", "Of the bell", 5), Question("tone", "Tone", "How", 5, long=True))
    modal = form("Bell", control_id("bells", "cast"), questions, {"name": "Great bell"})
    first = modal.to_dict()["components"][0]["component"]
    assert (first["custom_id"], first["value"], first["max_length"]) == ("name", "Great", 5)
    assert discord.TextStyle(modal.to_dict()["components"][1]["component"]["style"]) is discord.TextStyle.paragraph
    labelled = {"components": [{"type": 18, "component": {"type": 4, "custom_id": "name", "value": "Big"}}]}
    in_rows = {"components": [{"type": 1, "components": [{"type": 4, "custom_id": "name", "value": "Big"}]}]}
    assert submitted(labelled) == submitted(in_rows) == {"name": "Big"}
    assert submitted({}) == {}


def test_what_was_typed_is_kept_for_a_while() -> None:
    typed = Typed()
    for number in range(600):
        typed.keep(str(number), {"n": str(number)})
    assert typed.get("0") is None
    assert typed.get("599") == {"n": "599"}
    typed.drop("599")
    typed.drop("599")
    assert typed.get("599") is None
