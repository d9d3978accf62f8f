"""The count of a poll, at its end or so far: the chart and the same in words; and who voted for what."""

from collections.abc import Sequence
from typing import Any

from discord import ui

from bot.polls.types import Poll, PollKind, PollResult, PollVoters, Tally
from cogs.polls.cards.words import METHOD_WORDS, linked, options_text, size
from cogs.polls.controls import counted_button, manage_button, voters_button
from cogs.ui.cards import MOST_TEXT, Tone, card, picture, rows, rule
from cogs.ui.charts import Bar
from cogs.ui.controls import Control
from cogs.ui.text import clip, count, plain, when

CHART = "result.png"
HIGHEST_SCORE = 5
_MOST_NAMED = 3
_ALTERNATIVE = 1024


def result_card(result: PollResult) -> ui.LayoutView:
    """Show a closed poll in its channel."""
    poll = result.poll
    voters = [voters_button(poll.poll_id)] if poll.is_public and result.turnout else []
    buttons = [*voters, *_counted(poll), manage_button(poll.poll_id)]
    return _card(result, plain(poll.question), rows(buttons), _closed(result))


def private_result_card(result: PollResult) -> ui.LayoutView:
    """Show a count to one person: so far, or at the end where the card in the channel cannot be seen."""
    poll = result.poll
    if poll.closed_at is None:
        footer = f"The poll closes {when(poll.closes_at)}."
        return _card(result, f"So far: {plain(poll.question)}", rows(_counted(poll)), footer)
    return _card(result, plain(poll.question), rows(_counted(poll)), _closed(result))


def closed_card(result: PollResult, shown: bool) -> ui.LayoutView:
    """Say to who closed it that a poll is closed."""
    text = f"{linked(result.poll)}\n{outcome(result)}."
    if not shown:
        text += "\nIts card could not be changed: it is gone, or I may not post there. `/poll list` keeps the result."
    return card("Closed", text, tone=Tone.GOOD)


def voters_card(voters: PollVoters) -> ui.LayoutView:
    """Show who voted for what, as many names as fit."""
    poll = voters.poll
    title = f"Voters: {plain(poll.question)}"
    footer = _voters_note(poll)
    room = MOST_TEXT - size(title) - size(footer) - 100
    text = ""
    for most in (100, 50, 25, 12, 6, 3, 1, 0):
        text = "\n".join(
            f"**{place + 1}. {plain(clip(option, 40))}** ({len(members)}){_names(members, most)}"
            for place, (option, members) in enumerate(zip(poll.options, voters.members, strict=True))
        )
        if size(text) <= room:
            break
    return card(title, text, footer=footer)


def chart_bars(result: PollResult) -> list[Bar]:
    """Return what the chart shows."""
    mark = _mark(result)
    return [
        Bar(
            option,
            _value(result, place),
            result.percents[place] / 100,
            result.leading[place],
            *_bounds(result, place),
            mark=mark,
        )
        for place, option in enumerate(result.poll.options)
    ]


def alternative_text(result: PollResult) -> str:
    """Say what the chart shows, for those who hear it."""
    lines = [f"{option}: {_spoken(result, place)}" for place, option in enumerate(result.poll.options)]
    whole = f"Bar chart. {'; '.join(lines)}."
    if len(whole) <= _ALTERNATIVE:
        return whole
    longest = max(8, (_ALTERNATIVE - 12) // len(lines) - 30)
    lines = [f"{clip(option, longest)}: {_spoken(result, place)}" for place, option in enumerate(result.poll.options)]
    return clip(f"Bar chart. {'; '.join(lines)}.", _ALTERNATIVE)


def outcome(result: PollResult) -> str:
    """Say in a few words who leads."""
    if not result.turnout:
        return "Nobody voted"
    if result.tally is not None:
        return _winner(result, result.tally)
    leaders = [option for option, leads in zip(result.poll.options, result.leading, strict=True) if leads]
    what = {PollKind.SCORE: "Highest score", PollKind.APPROVAL: "Most approved"}
    if not leaders:
        return "No option got a vote" if result.poll.kind is not PollKind.SCORE else "No option got a point"
    if len(leaders) == 1:
        return f"{what.get(result.poll.kind, 'Most votes')}: {plain(leaders[0])}"
    if len(leaders) > _MOST_NAMED:
        return f"A tie between {len(leaders)} options"
    return f"A tie: {', '.join(plain(leader) for leader in leaders)}"


def _winner(result: PollResult, tally: Tally) -> str:
    if tally.winner is None:
        return "No ballot names an option"
    by = METHOD_WORDS[tally.method].name
    return f"{'Winner' if result.poll.closed_at else 'Ahead'} by {by}: {plain(result.poll.options[tally.winner])}"


def _counted(poll: Poll) -> list[Control]:
    # Discord's own polls are counted there
    return [] if poll.is_native else [counted_button(poll.poll_id)]


def _card(result: PollResult, title: str, controls: Sequence[ui.Item[Any]], footer: str) -> ui.LayoutView:
    poll, head = result.poll, f"**{outcome(result)}**"
    notes = "\n".join(f"-# {note}" for note in _notes(result))
    if result.missed_quorum:
        verdict = "Quorum missed" if poll.closed_at else "Quorum not reached yet"
        head += f"\n**{verdict}**: {result.turnout:,} of {count(poll.rules.quorum or 0, 'vote')} needed."
    written = options_text(
        result.poll.options, (title, head, notes, footer), lambda place, option: _line(result, place, option)
    )
    return card(
        title,
        head,
        picture(CHART, alternative_text(result)),
        written,
        *([notes] if notes else []),
        *([rule()] if controls else []),
        *controls,
        tone=Tone.GOOD,
        footer=footer,
    )


def _closed(result: PollResult) -> str:
    closed_at = result.poll.closed_at or result.poll.closes_at
    return f"Poll closed {when(closed_at, 'f')} · {count(result.turnout, 'vote')}"


def _notes(result: PollResult) -> list[str]:
    """Say what the figures mean, where that is not plain."""
    poll = result.poll
    notes: list[str] = []
    if poll.is_native:
        notes.append(
            "Counted by Discord in a poll of its own."
            + (" These are votes, not voters." if poll.rules.most > 1 else "")
        )
    if result.tally is not None and result.tally.tie_breaks:
        notes.append("Ties were broken on the way; “How counted” says which and how.")
    if poll.rules.weights and result.turnout:
        notes.append(
            f"Some votes count more: {count(result.turnout, 'ballot')} weigh {result.weight:,} together, "
            "and the numbers are these weights."
        )
    if poll.kind is PollKind.RANKED:
        notes.append("The numbers are first choices; the winner comes from whole rankings, as “How counted” shows.")
        if sum(result.votes) > result.weight:
            notes.append("Ballots that put several first count here for each of them; in rounds they are shared.")
    elif poll.kind in {PollKind.MULTIPLE, PollKind.APPROVAL} and not poll.is_native:
        whole = "all weights" if poll.rules.weights else count(result.turnout, "ballot")
        notes.append(f"Percent of {whole}; a ballot may name several options.")
    elif poll.kind is PollKind.SCORE:
        notes.append("Mean of the scores that were given, from 0 to 5.")
        if result.tally is not None:
            notes.append("The winner comes from the sums and a last round of two, as “How counted” shows.")
    if any(low is not None for low, _ in (_bounds(result, place) for place in range(len(poll.options)))):
        notes.append("In brackets: 95 % interval, as if these voters were drawn by lot from many.")
    return notes


def _line(result: PollResult, place: int, option: str) -> str:
    first = f" · **{_mark(result)}**" if result.leading[place] else ""
    return f"{place + 1}. {option}: {_value(result, place)}{_interval(result, place)}{first}"


def _mark(result: PollResult) -> str:
    """Return the word for who leads: by a method that has a winner this may be another than has most."""
    if result.tally is None:
        return "first"
    return "winner" if result.poll.closed_at else "ahead"


def _value(result: PollResult, place: int) -> str:
    if result.poll.kind is PollKind.SCORE:
        estimate = result.estimates[place]
        if estimate.value is None:
            return "no score"
        return f"{estimate.value:.1f} of {HIGHEST_SCORE} · {count(estimate.amount, 'score')}"
    return f"{count(result.votes[place], _noun(result.poll))} · {result.percents[place]} %"


def _spoken(result: PollResult, place: int) -> str:
    if result.poll.kind is PollKind.SCORE:
        return _value(result, place).replace(" · ", ", ")
    return f"{count(result.votes[place], _noun(result.poll))}, {result.percents[place]} percent"


def _noun(poll: Poll) -> str:
    return {PollKind.RANKED: "first choice", PollKind.APPROVAL: "approval"}.get(poll.kind, "vote")


def _interval(result: PollResult, place: int) -> str:
    low, high = _bounds(result, place)
    if low is None or high is None:
        return ""
    if result.poll.kind is PollKind.SCORE:
        return f" ({low * HIGHEST_SCORE:.1f}–{high * HIGHEST_SCORE:.1f})"
    return f" ({low * 100:.0f}–{high * 100:.0f} %)"


def _bounds(result: PollResult, place: int) -> tuple[float | None, float | None]:
    """Return the interval as parts of the whole bar."""
    if not result.estimates or not result.turnout:
        return None, None
    estimate = result.estimates[place]
    if estimate.low is None or estimate.high is None:
        return None, None
    whole = HIGHEST_SCORE if result.poll.kind is PollKind.SCORE else 1
    return estimate.low / whole, estimate.high / whole


def _names(members: Sequence[int], most: int) -> str:
    if not members:
        return ""
    named = " ".join(f"<@{member}>" for member in members[:most])
    more = f"and {len(members) - most:,} more" if named else count(len(members), "member")
    return f"\n{named if len(members) <= most else f'{named} {more}'.strip()}"


def _voters_note(poll: Poll) -> str:
    if poll.kind is PollKind.SCORE:
        return "Named are those who gave an option their highest score."
    if poll.kind is PollKind.RANKED:
        return "Named are those who put an option first."
    return "Only you see this list; nobody was notified."
