"""Ids of controls: who takes them, and what comes of one that nobody takes."""

import pytest
from discord.ext import commands

from bot.errors import NotFoundError
from cogs.ui.controls import Control, Interaction, Menu, Switchboard, control_id, on_choose, on_press, on_submit
from cogs.ui.forms import Choice
from cogs.ui.submitted import Submitted


class BellCog(commands.Cog):
    """Takes three controls."""

    @on_press("bells", "ring")
    async def ring(self, interaction: Interaction, key: str) -> None:
        """Ring."""

    @on_choose("bells", "tune")
    async def tune(self, interaction: Interaction, key: str, values: tuple[str, ...]) -> None:
        """Tune."""

    @on_submit("bells", "cast")
    async def cast(self, interaction: Interaction, key: str, submitted: Submitted) -> None:
        """Cast."""


def test_ids_find_their_method_and_key() -> None:
    board, cog = Switchboard(), BellCog()
    board.connect(cog)
    assert board.find("press", control_id("bells", "ring", "17-2")) == (cog.ring, "17-2")
    assert board.find("submit", control_id("bells", "cast")) == (cog.cast, "")
    assert board.find("choose", control_id("bells", "tune", "3")) == (cog.tune, "3")
    board.disconnect(cog)
    with pytest.raises(NotFoundError):
        board.find("press", control_id("bells", "ring", "17-2"))


@pytest.mark.parametrize(
    "custom_id",
    [
        "",
        "bells",
        "bells:v2:ring:1",
        "bells:v0:ring:1",
        "bells:v1:tune:1",
        "bells:v1:ring:1\n",
        "bells:v\u0661:ring:1",
        "bells:v" + "1" * 5000 + ":ring:1",
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
    assert button.label is not None
    assert (len(button.label), button.label[-1]) == (80, "…")


def test_menus_fit_discord() -> None:
    choices = [Choice(str(number), "x" * 200, "y" * 200) for number in range(25)]
    shown = Menu.of(control_id("bells", "tune"), choices, placeholder="p" * 200, chosen=("3",)).to_component_dict()
    assert len(shown["options"]) == 25
    assert {len(option["label"]) for option in shown["options"]} == {100}
    assert [option["value"] for option in shown["options"] if option["default"]] == ["3"]


@pytest.mark.parametrize("key", ["a" * 61, "a:b", "a b", "é"])
def test_a_key_that_no_id_carries_is_seen_when_it_is_built(key: str) -> None:
    with pytest.raises(ValueError, match="no id"):
        control_id("bells", "ring", key)
