"""What polls look like; each function shows one frozen value."""

from collections.abc import Mapping, Sequence

from discord import ui

from bot.errors import InvalidInputError
from bot.polls.types import Poll, PollCount, PollResult, VoteReceipt
from cogs.polls.controls import (
    QUESTIONS,
    close_button,
    draft_buttons,
    manage_button,
    retry_button,
    vote_buttons,
)
from cogs.ui.cards import Tone, card, picture, rows, rule
from cogs.ui.charts import Bar
from cogs.ui.text import block, clip, count, plain, when

CHART = "result.png"
_MOST_NAMED = 3


def preview_card(poll: Poll) -> ui.LayoutView:
    """Show a draft to its creator."""
    return card(
        f"Preview: {plain(poll.question)}",
        _numbered(poll.options),
        f"Closes {when(poll.closes_at, 'F')}, {when(poll.closes_at)}.",
        rule(),
        *rows(draft_buttons(poll.poll_id)),
        tone=Tone.DRAFT,
        footer="Nobody else sees this yet. Times are shown in each reader's own zone.",
    )


def open_card(count_: PollCount) -> ui.LayoutView:
    """Show an open poll: how many have voted, but not for what."""
    poll = count_.poll
    return card(
        plain(poll.question),
        _numbered(poll.options),
        f"**{count(count_.turnout, 'vote')}** · closes {when(poll.closes_at)}",
        rule(),
        *rows(vote_buttons(poll)),
        *rows([manage_button(poll.poll_id)]),
        footer="One press votes, another changes it. Votes are secret; the count is shown at the end.",
    )


def result_card(result: PollResult) -> ui.LayoutView:
    """Show a closed poll: the chart and the same in words."""
    poll = result.poll
    closed_at = poll.closed_at or poll.closes_at
    return card(
        plain(poll.question),
        f"**{_outcome(result)}**",
        picture(CHART, alternative_text(result)),
        _written(result),
        tone=Tone.GOOD,
        footer=f"Poll closed {when(closed_at, 'f')} · {count(result.turnout, 'vote')}",
    )


def chart_bars(result: PollResult) -> list[Bar]:
    """Return what the chart shows."""
    return [
        Bar(option, f"{count(votes, 'vote')} · {percent} %", percent / 100, leading)
        for option, votes, percent, leading in _lines(result)
    ]


def alternative_text(result: PollResult) -> str:
    """Say what the chart shows, for those who hear it."""
    lines = [f"{option}: {count(votes, 'vote')}, {percent} percent" for option, votes, percent, _ in _lines(result)]
    return clip(f"Bar chart. {'; '.join(lines)}.", 1024)


def receipt_card(receipt: VoteReceipt) -> ui.LayoutView:
    """Tell a voter what stands."""
    choice = plain(receipt.poll.options[receipt.position])
    if receipt.previous is None:
        text = f"Your vote: **{choice}**"
    elif receipt.previous == receipt.position:
        text = f"Your vote was already **{choice}**, and it stands."
    else:
        text = f"Your vote: **{choice}** (changed from {plain(receipt.poll.options[receipt.previous])})"
    return card(
        "Vote counted",
        text,
        tone=Tone.GOOD,
        footer=f"Only you see this. Another press changes it; the poll closes {when(receipt.poll.closes_at)}.",
    )


def manage_card(count_: PollCount) -> ui.LayoutView:
    """Show what creator and moderators can do."""
    poll = count_.poll
    return card(
        f"Manage: {plain(poll.question)}",
        f"**{count(count_.turnout, 'vote')}** so far · closes by itself {when(poll.closes_at)}",
        *rows([close_button(poll.poll_id)]),
        tone=Tone.DRAFT,
        footer="Closing shows the result at once and cannot be undone.",
    )


def list_card(counts: Sequence[PollCount], most: int) -> ui.LayoutView:
    """Show the open polls of a server."""
    if not counts:
        return card("Open polls", "There is none right now. `/poll create` starts one.", tone=Tone.DRAFT)
    lines = [
        f"- {_linked(count_.poll)} · {count(count_.turnout, 'vote')} · closes {when(count_.poll.closes_at)}"
        for count_ in counts
    ]
    footer = f"The first {most} to close are shown." if len(counts) == most else None
    return card("Open polls", "\n".join(lines), footer=footer)


def posted_card(poll: Poll) -> ui.LayoutView:
    """Say that a poll was posted."""
    return card("Posted", f"{_linked(poll)} is open until {when(poll.closes_at, 'F')}.", tone=Tone.GOOD)


def discarded_card() -> ui.LayoutView:
    """Say that a draft is gone."""
    return card("Discarded", "The draft is gone. `/poll create` starts a new one.", tone=Tone.DRAFT)


def closed_card(result: PollResult) -> ui.LayoutView:
    """Say to who closed it that a poll is closed."""
    return card("Closed", f"{_linked(result.poll)}: {_outcome(result)}.", tone=Tone.GOOD)


def mistake_card(error: InvalidInputError, typed: Mapping[str, str], key: str) -> ui.LayoutView:
    """Say what does not fit and give back what was typed."""
    given = [
        f"{question.label}{' ← here' if question.name == error.field else ''}\n{block(typed[question.name])}"
        for question in QUESTIONS
        if typed.get(question.name)
    ]
    return card(
        "Not quite",
        plain(str(error)),
        rule(),
        *given,
        *rows([retry_button(key)]),
        tone=Tone.TROUBLE,
        footer="Nothing was posted. “Try again” opens the form with what you typed.",
    )


def _numbered(options: Sequence[str]) -> str:
    return "\n".join(f"{place}. {plain(option)}" for place, option in enumerate(options, start=1))


def _written(result: PollResult) -> str:
    return "\n".join(
        f"{place}. {plain(option)}: {count(votes, 'vote')} · {percent} %{' · **first**' if leading else ''}"
        for place, (option, votes, percent, leading) in enumerate(_lines(result), start=1)
    )


def _outcome(result: PollResult) -> str:
    leaders = [option for option, _, _, leading in _lines(result) if leading]
    if not leaders:
        return "Nobody voted"
    if len(leaders) == 1:
        return f"Most votes: {plain(leaders[0])}"
    if len(leaders) > _MOST_NAMED:
        return f"A tie between {len(leaders)} options"
    return f"A tie: {', '.join(plain(leader) for leader in leaders)}"


def _lines(result: PollResult) -> list[tuple[str, int, int, bool]]:
    return list(zip(result.poll.options, result.votes, result.percents, result.leading, strict=True))


def _linked(poll: Poll) -> str:
    question = plain(clip(poll.question, 80))
    if poll.message_id is None:
        return f"**{question}**"
    return f"[{question}](https://discord.com/channels/{poll.guild_id}/{poll.channel_id}/{poll.message_id})"
