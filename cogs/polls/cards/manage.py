"""What creator and moderators see: the panel, its questions and its answers."""

from collections.abc import Sequence
from typing import Any

from discord import ui

from bot.polls.types import Poll, PollCount, PollExport, PollPhase, PollReveal
from cogs.polls.cards.native import native_panel_card
from cogs.polls.cards.proposals import deciding_rows
from cogs.polls.cards.words import KINDS, counting, linked, secrecy, who, why_totals
from cogs.polls.controls import (
    deletion_buttons,
    edit_button,
    manage_button,
    method_menu,
    panel_buttons,
    rules_button,
    weights_button,
)
from cogs.ui.cards import Tone, card, rows, rule
from cogs.ui.text import clip, count, plain, when

_BARRABLE = ("Edit", "Rules", "Weights", "Close", "Reopen", "Remind", "Export")


def panel_card(count_: PollCount) -> ui.LayoutView:
    """Show what can be done with a poll, and why what cannot be done cannot."""
    poll = count_.poll
    if poll.is_native:
        return native_panel_card(count_)
    barred = _barred(count_)
    impossible = ", ".join(barred)
    possible = [name for name in _BARRABLE if name not in impossible]
    end = (
        f"closes by itself {when(poll.closes_at)}"
        if _is_open(poll)
        else f"closed {when(poll.closed_at or poll.closes_at)}"
    )
    first = f"**{KINDS[poll.kind][0]}** · **{count(count_.turnout, 'vote')}** · {end}"
    lines = [first, counting(poll), secrecy(poll), who(poll.rules)]
    menu = method_menu(poll) if _is_open(poll) and not count_.turnout else None
    return card(
        f"Manage: {plain(clip(poll.question, 200))}",
        "\n".join(line for line in lines if line),
        rule(),
        *([ui.ActionRow(menu)] if menu else []),
        *rows(panel_buttons(poll.poll_id, count_.turnout > 0, possible)),
        *deciding_rows(poll),
        *([f"Not now: {'; '.join(f'**{name}** ({why})' for name, why in barred.items())}."] if barred else []),
        tone=Tone.DRAFT,
        footer="Closing shows the result at once. Only you see this; only the creator and moderators get it.",
    )


def deletion_card(count_: PollCount) -> ui.LayoutView:
    """Ask once more."""
    return card(
        "Delete this poll?",
        f"{linked(count_.poll)}, its {count(count_.turnout, 'vote')} and its card will be gone. "
        "This cannot be undone, and no result is kept.",
        *rows(deletion_buttons(count_.poll.poll_id)),
        tone=Tone.TROUBLE,
    )


def deleted_card(poll: Poll, card_gone: bool) -> ui.LayoutView:
    """Say that a poll is gone."""
    text = f"**{plain(clip(poll.question, 200))}** and its votes are gone."
    if not card_gone:
        text += " I could not remove its card; its buttons no longer do anything."
    return card("Deleted", text, tone=Tone.GOOD)


def changed_card(poll: Poll, what: str, shown: bool = True) -> ui.LayoutView:
    """Say that a change was made."""
    text = f"{linked(poll)}: {what}"
    if not shown:
        text += "\nIts card could not be changed: it is gone, or I may not post there."
    return card("Done", text, *rows([manage_button(poll.poll_id)]), tone=Tone.GOOD)


def form_card(poll: Poll, form: str) -> ui.LayoutView:
    """Offer a form of a draft that had to be fetched first."""
    button = {"rules": rules_button, "weights": weights_button}.get(form, edit_button)(poll.poll_id, "Open the form")
    text = f"**{plain(clip(poll.question, 200))}** is loaded again."
    return card("Here it is", text, *rows([button]), tone=Tone.DRAFT)


def export_card(export: PollExport, names: Sequence[str]) -> ui.LayoutView:
    """Hand the files over."""
    if export.only_totals:
        content = f"They hold {why_totals(export.poll)}."
    else:
        content = (
            "They list every ballot, without times: the CSV under a code that nobody can turn back into a person, the "
            "others without any."
        )
    return card(
        "Export",
        f"{linked(export.poll)}\n{content}",
        *_attached(names),
        tone=Tone.GOOD,
        footer="CSV for spreadsheets; JSON, signed, for `rostrum recount`; ABIF for other tools that count.",
    )


def _barred(count_: PollCount) -> dict[str, str]:
    """Return what cannot be done now, with a word why."""
    poll = count_.poll
    if _is_open(poll):
        barred = {"Reopen": "it is open"}
        if count_.turnout:
            barred["Weights"] = "people have voted"
        if poll.reminded_at is not None:
            barred["Remind"] = "people were reminded already"
        if poll.reveal is PollReveal.CLOSING:
            barred["Export"] = "results are hidden until it closes"
        return barred
    barred = {"Edit, Rules, Weights, Close, Remind": "it is closed"}
    if poll.reveal is PollReveal.CLOSING:
        barred["Reopen"] = "its hidden results have been seen"
    return barred


def _attached(names: Sequence[str]) -> list[ui.Item[Any]]:
    return [ui.File(f"attachment://{name}") for name in names]


def _is_open(poll: Poll) -> bool:
    return poll.phase is PollPhase.OPEN
