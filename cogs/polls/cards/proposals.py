"""Options that members propose: the button and form, what the proposer hears, and what creator and moderators see."""

from typing import Any

from discord import ButtonStyle, ui

from bot.polls.proposals import FIELD, refuse_adding
from bot.polls.rules import MOST_OPTIONS, OPTION_LENGTH
from bot.polls.types import Poll, PollPhase, Proposal, Proposals
from cogs.polls.cards.words import linked
from cogs.polls.controls import FEATURE, manage_button, number_of
from cogs.ui.cards import Tone, card, rows
from cogs.ui.controls import Control, control_id
from cogs.ui.forms import Filled, Text, form
from cogs.ui.text import clip, count, plain, when

A_PAGE = 5


def propose_buttons(poll: Poll) -> list[Control]:
    """Return the button on an open poll's card with which members propose an option, where they may."""
    if not poll.takes_proposals or len(poll.options) >= MOST_OPTIONS:
        return []
    return [Control.button(control_id(FEATURE, "propose", str(poll.poll_id)), "Propose an option")]


def waiting_text(poll: Poll) -> str:
    """Say how many proposals wait, or nothing when none does."""
    if not poll.waiting:
        return ""
    return f"{count(poll.waiting, 'proposal')} {'waits' if poll.waiting == 1 else 'wait'} for a decision."


def deciding_rows(poll: Poll) -> list[ui.Item[Any]]:
    """Return what the panel of an open poll has for its proposals."""
    if poll.phase is not PollPhase.OPEN or not (poll.takes_proposals or poll.waiting):
        return []
    label = f"Proposals ({poll.waiting})"
    style = ButtonStyle.primary if poll.waiting else ButtonStyle.secondary
    button = Control.button(
        control_id(FEATURE, "proposals", f"{poll.poll_id}-0"), label, style=style, disabled=not poll.waiting
    )
    return rows([button])


def proposal_form(poll_id: int, filled: Filled) -> ui.Modal:
    """Ask for an option."""
    asked = Text(FIELD, "Option", "What should people be able to vote for as well?", OPTION_LENGTH)
    return form("Propose an option", control_id(FEATURE, "suggest", str(poll_id)), [asked], filled)


def proposed_card(poll: Poll, proposal: Proposal) -> ui.LayoutView:
    """Say that a proposal waits."""
    return card(
        "Proposed",
        f"{linked(poll)}\n**{plain(proposal.text)}** waits for the poll's creator or a moderator. "
        "If they accept it, it appears on the card.",
        *rows(propose_buttons(poll)),
        tone=Tone.GOOD,
        footer="Only you see this.",
    )


def proposals_card(shown: Proposals, page: int = 0, said: str = "", *, failed: bool = False) -> ui.LayoutView:
    """Show one page, counted from 0, of what waits, after what was `said` about the last decision."""
    poll = shown.count.poll
    pages = max(1, -(-len(shown.waiting) // A_PAGE))
    page = min(page, pages - 1)
    refusal = refuse_adding(poll, poll.created_at)
    parts: list[Any] = [f"{linked(poll)} · {count(len(poll.options), 'option')}"]
    if said:
        parts.append(plain(said))
    if refusal:
        parts.append(str(refusal))
    elif shown.waiting and shown.count.turnout:
        parts.append(
            f"{count(shown.count.turnout, 'ballot')} {'stands' if shown.count.turnout == 1 else 'stand'} already. "
            "An accepted option is added behind the others; whoever has voted can add it to their ballot."
        )
    for proposal in shown.waiting[page * A_PAGE : (page + 1) * A_PAGE]:
        by = f"<@{proposal.member_id}>" if proposal.member_id else "somebody"
        parts.append(f"**{plain(proposal.text)}**\n-# proposed by {by} {when(proposal.made_at)}")
        parts += rows(_deciding(proposal, page, can_accept=refusal is None))
    if not shown.waiting:
        parts.append("Nothing waits for a decision.")
    where = f"Page {page + 1} of {pages}. " if pages > 1 else ""
    return card(
        f"Proposals: {plain(clip(poll.question, 120))}",
        *parts,
        *rows([*_turning(poll.poll_id, page, pages), manage_button(poll.poll_id, "Back")]),
        tone=Tone.TROUBLE if failed else Tone.DRAFT,
        footer=f"{where}Only you see this; nobody is told that a proposal was declined.",
    )


def page_of(key: str) -> tuple[int, int]:
    """Return poll id and page from a key.

    Raises:
        NotFoundError: it is no such key.
    """
    poll_id, _, page = key.partition("-")
    return number_of(poll_id), number_of(page)


def decision_of(key: str) -> tuple[int, int, int]:
    """Return poll id, proposal id and page from a key.

    Raises:
        NotFoundError: it is no such key.
    """
    poll_id, _, rest = key.partition("-")
    proposal_id, _, page = rest.partition("-")
    return number_of(poll_id), number_of(proposal_id), number_of(page)


def _deciding(proposal: Proposal, page: int, *, can_accept: bool) -> list[Control]:
    key = f"{proposal.poll_id}-{proposal.proposal_id}-{page}"
    return [
        Control.button(
            control_id(FEATURE, "accept", key), "Accept", style=ButtonStyle.primary, disabled=not can_accept
        ),
        Control.button(control_id(FEATURE, "decline", key), "Decline"),
    ]


def _turning(poll_id: int, page: int, pages: int) -> list[Control]:
    if pages == 1:
        return []
    return [
        Control.button(
            control_id(FEATURE, "proposals", f"{poll_id}-{max(page - 1, 0)}"), "Previous", disabled=page == 0
        ),
        Control.button(control_id(FEATURE, "proposals", f"{poll_id}-{page + 1}"), "Next", disabled=page + 1 >= pages),
    ]
