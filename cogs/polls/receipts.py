"""Receipts, kept as they were built: a receipt says nothing of the voter, so in a flood of votes most are the same."""

from collections import OrderedDict

from discord import ui

from bot.polls.types import Poll, VoteReceipt
from cogs.polls.cards.ballot import receipt_card

_KEPT = 200


class Receipts:
    """The cards of the last receipts; the one that came first goes first."""

    def __init__(self) -> None:
        self._cards: OrderedDict[tuple[int, bool], tuple[Poll, ui.LayoutView]] = OrderedDict()

    def card(self, receipt: VoteReceipt) -> ui.LayoutView:
        """Return the receipt's card, built anew when anything of the poll has changed."""
        key = (receipt.poll.poll_id, receipt.changed)
        kept = self._cards.get(key)
        if kept is None or kept[0] != receipt.poll:
            kept = self._cards[key] = (receipt.poll, receipt_card(receipt))
            if len(self._cards) > _KEPT:
                self._cards.popitem(last=False)
        return kept[1]
