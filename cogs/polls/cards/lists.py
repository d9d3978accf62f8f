"""The lists of polls."""

from typing import Any

from discord import ui

from bot.polls.types import PollCount, PollLists, PollPage
from cogs.polls.cards.native import OWN, link_button, native_state
from cogs.polls.cards.words import linked
from cogs.polls.controls import ballot_button, list_buttons, manage_button, results_button
from cogs.ui.cards import Tone, card, rows
from cogs.ui.text import count, when

_TITLES = {PollLists.OPEN: "Open polls", PollLists.MINE: "My open polls", PollLists.CLOSED: "Closed polls"}
_NOTHING = {
    PollLists.OPEN: "There is none right now. `/poll create` starts one.",
    PollLists.MINE: "You have voted in no open poll here and made none. `/poll create` starts one.",
    PollLists.CLOSED: "There is none yet.",
}


def list_card(page: PollPage) -> ui.LayoutView:
    """Show a page of a list, each poll with the button that matters, and the way to the others."""
    parts = [_row(page.which, count_) for count_ in page.counts] or [_NOTHING[page.which]]
    return card(
        _TITLES[page.which],
        *parts,
        *rows(list_buttons(page.which, page.page, page.pages)),
        tone=Tone.NEUTRAL if page.counts else Tone.DRAFT,
        footer=f"Page {page.page + 1} of {page.pages}. Only you see this list.",
    )


def _row(which: PollLists, count_: PollCount) -> ui.Item[Any]:
    poll = count_.poll
    if poll.is_native and which is not PollLists.CLOSED:
        button = manage_button(poll.poll_id) if which is PollLists.MINE else link_button(poll)
        return ui.Section(f"{linked(poll)}\n{OWN} · {native_state(count_)}", accessory=button)
    if which is PollLists.CLOSED:
        end = f"closed {when(poll.closed_at or poll.closes_at)}"
        button = results_button(poll.poll_id, "Result")
    else:
        end = f"closes {when(poll.closes_at)}"
        button = ballot_button(poll.poll_id, "My ballot" if which is PollLists.MINE else "Vote")
    return ui.Section(f"{linked(poll)}\n{count(count_.turnout, 'vote')} · {end}", accessory=button)
