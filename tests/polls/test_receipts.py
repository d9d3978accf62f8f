"""Receipts that are kept built."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.polls.types import Poll, PollPhase, VoteReceipt
from cogs.polls.cards.ballot import receipt_card
from cogs.polls.receipts import Receipts

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
POLL = Poll(1, 2, 3, None, 4, "Tea?", ("Yes", "No"), PollPhase.OPEN, NOW, NOW + timedelta(hours=1), None)


async def test_a_receipt_is_built_once_and_says_what_a_new_one_would() -> None:
    receipts = Receipts()
    first, changed = VoteReceipt(POLL, changed=False), VoteReceipt(POLL, changed=True)
    card = receipts.card(first)
    assert receipts.card(VoteReceipt(replace(POLL), changed=False)) is card
    assert receipts.card(changed) is not card
    assert receipts.card(first).to_components() == receipt_card(first).to_components()
    assert receipts.card(changed).to_components() == receipt_card(changed).to_components()


async def test_an_edited_poll_has_a_new_receipt() -> None:
    receipts = Receipts()
    receipts.card(VoteReceipt(POLL, changed=False))
    edited = VoteReceipt(replace(POLL, question="Coffee?"), changed=False)
    assert "Coffee?" in str(receipts.card(edited).to_components())


async def test_the_oldest_go() -> None:
    receipts = Receipts()
    first = receipts.card(VoteReceipt(POLL, changed=False))
    for number in range(2, 300):
        receipts.card(VoteReceipt(replace(POLL, poll_id=number), changed=False))
    assert receipts.card(VoteReceipt(POLL, changed=False)) is not first
