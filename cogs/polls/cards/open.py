"""A poll before its end: the preview its creator sees, and the card in the channel."""

from collections.abc import Sequence
from typing import Any

from discord import ui

from bot.polls.counting import FULL_METHODS
from bot.polls.types import Poll, PollCount, PollKind, PollResult, PollReveal
from cogs.polls.cards.native import offer_rows
from cogs.polls.cards.proposals import propose_buttons, waiting_text
from cogs.polls.cards.words import KINDS, counting, how, is_revealed, linked, options_text, secrecy, who
from cogs.polls.controls import (
    draft_buttons,
    manage_button,
    method_menu,
    results_button,
    rules_of_count_button,
    voters_button,
    voting_buttons,
)
from cogs.ui.cards import Tone, card, rows, rule
from cogs.ui.text import count, plain, when

_BAR = 10
"""Blocks of a bar in text."""


def preview_card(poll: Poll) -> ui.LayoutView:
    """Show a draft to its creator, with all that people will see."""
    title = f"Preview: {plain(poll.question)}"
    lines = [
        f"**{KINDS[poll.kind][0]}**: {how(poll)}. {counting(poll)}".rstrip(),
        f"Closes {when(poll.closes_at, 'F')}, {when(poll.closes_at)}.",
        who(poll.rules) or "Everybody who sees the card may vote.",
        secrecy(poll),
        f"One reminder, {when(poll.remind_at, 'f')}." if poll.remind_at else "No reminder.",
        *(["Members may propose options; you accept or decline them."] if poll.takes_proposals else []),
        f"**Post** puts it into <#{poll.channel_id}>.",
    ]
    if not poll.is_public and is_revealed(poll):
        lines.insert(4, "With few voters, results that move give single votes away.")
    text = "\n".join(lines)
    footer = "Nobody else sees this yet. Times are shown in each reader's own zone."
    return card(
        title,
        options_text(poll.options, (title, text, footer)),
        text,
        rule(),
        *([ui.ActionRow(menu)] if (menu := method_menu(poll)) else []),
        *rows(draft_buttons(poll.poll_id)),
        *offer_rows(poll),
        tone=Tone.DRAFT,
        footer=footer,
    )


def open_card(shown: PollCount | PollResult) -> ui.LayoutView:
    """Show an open poll: how many have voted, and for what where all may see it."""
    poll = shown.poll
    title = plain(poll.question)
    state = f"{how(poll)} · **{count(shown.turnout, 'vote')}** · closes {when(poll.closes_at)}"
    text = "\n".join(line for line in (state, counting(poll), who(poll.rules), waiting_text(poll)) if line)
    footer = f"{secrecy(poll)} {_changing(poll)}"
    if isinstance(shown, PollResult) and shown.turnout and poll.reveal is PollReveal.ALWAYS:
        result = shown
        options = options_text(poll.options, (title, text, footer), lambda place, option: _bar(result, place, option))
    else:
        options = options_text(poll.options, (title, text, footer))
    return card(
        title,
        options,
        text,
        rule(),
        *_controls(poll),
        footer=footer,
    )


def posted_card(poll: Poll) -> ui.LayoutView:
    """Say that a poll was posted."""
    where = f" in <#{poll.channel_id}>"
    return card("Posted", f"{linked(poll)} is open{where} until {when(poll.closes_at, 'F')}.", tone=Tone.GOOD)


def discarded_card() -> ui.LayoutView:
    """Say that a draft is gone."""
    return card("Discarded", "The draft is gone. `/poll create` starts a new one.", tone=Tone.DRAFT)


def reminder_text(poll: Poll, members: Sequence[int]) -> str:
    """Say as plain text, which alone gives useful notifications, that a poll is about to close."""
    mentions = " ".join(f"<@{member}>" for member in members)
    text = f"{linked(poll, 150)} closes {when(poll.closes_at)}. Votes can be cast and changed until then."
    return f"{text} {mentions}".rstrip()


def _controls(poll: Poll) -> list[ui.Item[Any]]:
    voting, rest = voting_buttons(poll), [*propose_buttons(poll), *_looking(poll), manage_button(poll.poll_id)]
    # a lone Vote button stands beside the others; options have a row for themselves
    return rows([*voting, *rest]) if len(voting) == 1 else [*rows(voting), *rows(rest)]


def _looking(poll: Poll) -> list[ui.Item[Any]]:
    explained: list[ui.Item[Any]] = [rules_of_count_button(poll.poll_id)] if poll.method in FULL_METHODS else []
    if not is_revealed(poll):
        return explained
    return [*explained, results_button(poll.poll_id), *([voters_button(poll.poll_id)] if poll.is_public else [])]


def _changing(poll: Poll) -> str:
    if poll.kind is PollKind.SINGLE:
        return "A vote can be changed until then." if poll.reveal is PollReveal.CLOSING else "A vote can be changed."
    return "Votes can be changed until the poll closes."


def _bar(result: PollResult, place: int, option: str) -> str:
    percent = result.percents[place]
    full = round(percent * _BAR / 100)
    # never weights and people beside each other: that would tell whom few heavy votes went to
    if result.poll.kind is PollKind.SCORE:
        amount = f"{_mean(result, place)} of 5 · {result.estimates[place].amount:,}"
    else:
        amount = f"{percent} % · {result.votes[place]:,}"
    return f"{place + 1}. {option}\n`{'█' * full}{'░' * (_BAR - full)}` {amount}"


def _mean(result: PollResult, place: int) -> str:
    value = result.estimates[place].value if result.estimates else None
    return "–" if value is None else f"{value:.1f}"
