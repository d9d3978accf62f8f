"""Comparisons: choosing the models, and their answers below each other."""

from collections.abc import Mapping, Sequence

from discord import ui

from bot.asking.types import Offer, TurnRecord
from bot.db.schema import TurnPhase
from cogs.asking.cards.words import WRITTEN_BY_AI, asked, name_of, short_receipt
from cogs.asking.controls import compare_menu, go_button, open_button, stop_button
from cogs.ui.cards import Part, Tone, card, rows, rule
from cogs.ui.errors import as_said
from cogs.ui.model_text import defuse
from cogs.ui.pieces import split
from cogs.ui.text import clip, plain

MOST_COMPARED = 4
FEWEST_COMPARED = 2
_ROOM = 2800
"""Characters for all answers together."""


def choose_card(question: str, key: str, offers: Sequence[Offer], chosen: Sequence[str]) -> ui.LayoutView:
    """Offer the models to compare, with some chosen already."""
    usable = [offer for offer in offers if not offer.why_not]
    shown = f"> {plain(clip(' '.join(question.split()), 600))}"
    if len(usable) < FEWEST_COMPARED:
        return card(
            "Compare",
            shown,
            "It takes two models to compare, and fewer can be used here. `/models` says what is missing.",
            tone=Tone.TROUBLE,
        )
    enough = len(chosen) >= FEWEST_COMPARED
    return card(
        "Compare",
        shown,
        ui.ActionRow(compare_menu(key, usable, chosen, MOST_COMPARED)),
        *rows([go_button(key, disabled=not enough)]),
        footer=f"Two to four models answer the same question. {'' if enough else 'Choose one more.'}".strip(),
    )


def comparison_card(turns: Sequence[TurnRecord], texts: Mapping[int, str], notices: Mapping[int, str]) -> ui.LayoutView:
    """Show all answers as far as they have come, long ones cut, each with its button."""
    parts: list[Part] = [quoted] if (quoted := asked(turns[0])) else []
    room = _ROOM // len(turns)
    for number, turn in enumerate(turns, start=1):
        parts += [rule(), _answer(turn, number, room, texts.get(turn.turn_id, ""), notices.get(turn.turn_id, ""))]
    under_way = [turn.turn_id for turn in turns if turn.phase is TurnPhase.RUNNING]
    buttons = [
        open_button(turn.turn_id, f"{number}. {clip(name_of(turn), 60)}")
        for number, turn in enumerate(turns, start=1)
        if turn.phase is not TurnPhase.RUNNING
    ]
    if under_way:
        buttons.append(stop_button(*under_way))
    small = f"-# {WRITTEN_BY_AI} The buttons open each answer in full, for you alone."
    return card("Comparison", *parts, rule(), small, *rows(buttons), tone=Tone.DRAFT if under_way else Tone.NEUTRAL)


def _answer(turn: TurnRecord, number: int, room: int, written: str, notice: str) -> str:
    lines = [f"**{number}. {name_of(turn)}**"]
    if turn.phase is TurnPhase.RUNNING:
        text = defuse(written)
        lines.append(_beginning(text, room - 260) if text else f"*{plain(clip(notice, 100)) or 'Thinking…'}*")
        return "\n".join(lines)
    if turn.phase is TurnPhase.DELETED:
        return f"{lines[0]}\n*Deleted.*"
    text = defuse(turn.answer)
    if text:
        lines.append(_beginning(text, room - 260))
    if turn.phase is TurnPhase.INTERRUPTED:
        lines.append("*Interrupted by a restart. Open it to try again.*")
    elif turn.phase is TurnPhase.STOPPED:
        lines.append("*Stopped.*")
    elif turn.phase is TurnPhase.FAILED:
        lines.append(f"*{as_said(clip(turn.trouble, 200)) or 'No answer.'}*")
    elif not text:
        lines.append("*Nothing that could be shown.*")
    lines.append(f"-# {clip(short_receipt(turn), 250)}")
    return "\n".join(lines)


def _beginning(text: str, room: int) -> str:
    """Return the beginning of a text, with its blocks of code closed."""
    pieces = split(text, room)
    return pieces[0] if len(pieces) == 1 else f"{pieces[0]}\n*…*"
