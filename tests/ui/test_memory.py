"""Nothing stays in the library for what was sent: thousands of receipts and forms leave its store of views empty."""

import asyncio
import gc
from typing import Any

from discord.ui.view import BaseView

from sandbox.driver import SeenMessage
from tests.support.bells import Bells

AT_ONCE, ROUNDS = 50, 20


def held(store: Any) -> dict[str, int]:
    return {
        name: len(getattr(store, name)) for name in ("_views", "_synced_message_views", "_modals", "_dynamic_items")
    }


def views() -> list[BaseView]:
    gc.collect()
    return [one for one in gc.get_objects() if isinstance(one, BaseView)]


async def test_receipts_and_forms_leave_nothing_behind(bells: Bells) -> None:
    card = await bells.card()
    store = bells.client._connection._view_store  # pyright: ignore[reportPrivateUsage]
    before, others = held(store), len(views())

    async def press(how: str) -> SeenMessage | None:
        response = await bells.ada.click(card, how)
        if how == "ask":
            await (await response.opened()).dismiss()
            return None
        return await response.message()

    for _ in range(ROUNDS):
        await asyncio.gather(*(press(how) for how in ("reply", "ask") for _ in range(AT_ONCE)))
    assert held(store) == before == dict.fromkeys(before, 0)
    # of the thousand that were sent; what earlier tests left may go meanwhile
    assert len(views()) - others < 10
