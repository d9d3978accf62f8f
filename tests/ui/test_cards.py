"""What all cards have in common."""

from cogs.ui.cards import card, rows
from cogs.ui.controls import Control, control_id


async def test_the_library_need_not_remember_a_card() -> None:
    view = card("A bell", "It rings.", *rows([Control.button(control_id("bells", "ring", "1"), "Ring")]))
    # what every way of sending asks before it keeps a view: a private one would stay for 15 minutes
    assert view.is_finished()
    assert not view.is_dispatching()
    assert len(list(view.walk_children())) == 5
