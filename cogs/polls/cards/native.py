"""Discord's own polls: what their creator is told before, and what can be done with them after."""

from typing import Any

from discord import ButtonStyle, ui

from bot.polls.native import why_not
from bot.polls.types import Poll, PollCount, PollPhase
from cogs.polls.cards.words import KINDS, linked
from cogs.polls.controls import FEATURE, manage_button
from cogs.ui.cards import Tone, card, rows, rule
from cogs.ui.controls import Control, control_id
from cogs.ui.text import clip, count, plain, when

OWN = "Discord's own poll"


def offer_rows(poll: Poll) -> list[ui.Item[Any]]:
    """Return the button on a draft's preview that hands it over to Discord, where Discord can take it."""
    if why_not(poll, poll.created_at) is not None:
        return []
    return rows([Control.button(control_id(FEATURE, "offernative", str(poll.poll_id)), "Post as Discord's own poll")])


def offer_card(poll: Poll, hours: int) -> ui.LayoutView:
    """Say what it means, before it is done."""
    options = "\n".join(f"{place}. {plain(option)}" for place, option in enumerate(poll.options, 1))
    several = " Its result counts votes, not voters." if poll.rules.most > 1 else ""
    key = str(poll.poll_id)
    return card(
        f"{OWN}: {plain(poll.question)}",
        options,
        "Everybody who sees it can vote in it and see who voted for what, also while it is open.\n"
        "It cannot be edited or opened again, and it sends no reminder.\n"
        f"Discord's polls run whole hours: this one would run {count(hours, 'hour')}.\n"
        f"At its end Discord posts the result, and I keep it in `/poll list`.{several}",
        rule(),
        *rows(
            [
                Control.button(control_id(FEATURE, "postnative", key), "Post it so", style=ButtonStyle.primary),
                Control.button(control_id(FEATURE, "preview", key), "Back"),
            ]
        ),
        tone=Tone.DRAFT,
        footer="Nobody else sees this yet.",
    )


def native_posted_card(poll: Poll) -> ui.LayoutView:
    """Say that it was posted."""
    return card(
        "Posted",
        f"{linked(poll)} is {OWN} in <#{poll.channel_id}> until {when(poll.closes_at, 'F')}.",
        *rows([manage_button(poll.poll_id)]),
        tone=Tone.GOOD,
        footer="You find it again in `/poll list`, under Mine.",
    )


def native_ended_card(poll: Poll) -> ui.LayoutView:
    """Say that it was ended."""
    return card(
        "Closed",
        f"{linked(poll)} takes no more votes. Discord counts them once more, posts the result, and I keep it in "
        "`/poll list`.",
        *rows([manage_button(poll.poll_id)]),
        tone=Tone.GOOD,
    )


def native_panel_card(count_: PollCount) -> ui.LayoutView:
    """Show what can be done with one of Discord's own polls."""
    poll = count_.poll
    is_open, key = poll.phase is PollPhase.OPEN, str(poll.poll_id)
    buttons = [
        Control.button(
            control_id(FEATURE, "endnative", key), "Close now", style=ButtonStyle.danger, disabled=not is_open
        ),
        Control.button(control_id(FEATURE, "clone", key), "Clone"),
        Control.button(control_id(FEATURE, "export", key), "Export", disabled=not poll.imported),
        Control.button(control_id(FEATURE, "delete", key), "Delete", style=ButtonStyle.danger),
    ]
    return card(
        f"Manage: {plain(clip(poll.question, 200))}",
        f"**{OWN}** · **{KINDS[poll.kind][0]}** · {native_state(count_)}",
        rule(),
        *rows(buttons),
        tone=Tone.DRAFT,
        footer="Only you see this; only the creator and moderators get it.",
    )


def native_state(count_: PollCount) -> str:
    """Say in a few words how far one of Discord's own polls is."""
    poll = count_.poll
    if poll.phase is PollPhase.OPEN:
        return f"closes by itself {when(poll.closes_at)}"
    end = f"closed {when(poll.closed_at or poll.closes_at)}"
    if poll.phase is PollPhase.CLOSED:
        return f"{end} · Discord is counting"
    return f"{count(count_.turnout, 'vote')} · {end}" if poll.imported else f"{end} · its count is lost"


def link_button(poll: Poll) -> ui.Button[Any]:
    """Lead to one of Discord's own polls."""
    return ui.Button(label="Go to it", url=address(poll))


def address(poll: Poll) -> str:
    """Return where a poll stands, or its channel while that is not known."""
    place = f"https://discord.com/channels/{poll.guild_id}/{poll.channel_id}"
    return place if poll.message_id is None else f"{place}/{poll.message_id}"
