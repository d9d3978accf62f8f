"""What a voter alone sees: the way to the ballot, what is not counted yet, and that a vote is counted."""

from discord import ui

from bot.polls.types import Poll, VoteReceipt
from cogs.polls.cards.words import how
from cogs.polls.controls import BallotKey, ballot_button, bell_button, continue_button
from cogs.ui.cards import Tone, card, rows
from cogs.ui.text import clip, count, plain, when


def ballot_card(poll: Poll, key: BallotKey, voted: bool) -> ui.LayoutView:
    """Offer the ballot, where it had to be fetched first."""
    standing = "You have voted; the ballot shows what stands." if voted else "You have not voted yet."
    return card(
        f"Your ballot: {_question(poll)}",
        f"{how(poll)}. {standing}",
        *rows([continue_button(key) if key.carried else ballot_button(poll.poll_id, "Open my ballot")]),
        footer=f"Only you see this. The poll closes {when(poll.closes_at)}.",
    )


def page_card(poll: Poll, key: BallotKey, pages: int, a_page: int) -> ui.LayoutView:
    """Say that a page is filled in and that nothing is counted before the last."""
    done = len(key.carried)
    left = count(len(poll.options) - done, "option")
    return card(
        f"Not counted yet: {_question(poll)}",
        f"Page {done // a_page} of {pages} is filled in, {left} to go. "
        "Your vote counts once you have sent the last page.",
        *rows([continue_button(key), ballot_button(poll.poll_id, "Start again")]),
        tone=Tone.TROUBLE,
        footer=f"Only you see this. What you chose is kept in this message. The poll closes {when(poll.closes_at)}.",
    )


def again_card(poll: Poll, text: str) -> ui.LayoutView:
    """Say why a ballot did not count and offer it once more."""
    return card(
        "Not counted",
        plain(text),
        *rows([ballot_button(poll.poll_id, "Open my ballot")]),
        tone=Tone.TROUBLE,
        footer="Your earlier vote stands, if you cast one.",
    )


def receipt_card(receipt: VoteReceipt) -> ui.LayoutView:
    """Tell a voter that the vote is counted, but not what it was: nobody can be made to show it."""
    poll = receipt.poll
    text = "It took the place of your earlier vote." if receipt.changed else "Your vote is in."
    rings = poll.remind_at is not None and poll.reminded_at is None
    return card(
        "Vote counted",
        f"{_question(poll)}\n{text}",
        *rows([ballot_button(poll.poll_id, "Change"), *([bell_button(poll.poll_id, on=False)] if rings else [])]),
        tone=Tone.GOOD,
        footer=f"Only you see this. The poll closes {when(poll.closes_at)}.",
    )


def bell_card(poll: Poll, on: bool) -> ui.LayoutView:
    """Say whether a reminder will come."""
    if on and poll.remind_at is not None:
        text = f"I will mention you in the poll's channel once, {when(poll.remind_at, 'f')}."
    elif on:
        text = "If the poll reminds people, I will mention you."
    else:
        text = "I will not mention you."
    return card(
        "Reminder" if on else "No reminder",
        f"{_question(poll)}\n{text}",
        *rows([ballot_button(poll.poll_id, "Change my vote"), bell_button(poll.poll_id, on=on)]),
        tone=Tone.GOOD,
        footer=f"Only you see this. The poll closes {when(poll.closes_at)}.",
    )


def _question(poll: Poll) -> str:
    return plain(clip(poll.question, 120))
