"""Answers in their messages: while they are written, when they are done, and when something came in between."""

from collections.abc import Sequence
from dataclasses import replace

from discord import ui

from bot.asking.types import TurnRecord
from bot.db.schema import TurnPhase
from cogs.asking.cards.words import BY_AI, asked, heading, receipt, running_receipt
from cogs.asking.controls import again_button, more_button, reply_button, retry_button, stop_button, thumb_buttons
from cogs.ui.cards import MOST_TEXT, Part, Tone, card, rows, rule
from cogs.ui.errors import as_said
from cogs.ui.model_text import defuse
from cogs.ui.pieces import split
from cogs.ui.text import plain

A_PAGE = 3600
"""Characters of an answer in one message."""
_WITH_ALL = 2800
"""Characters where question and small print are in the same message."""
_NOTHING = "*The model wrote nothing that could be shown.*"
_INTERRUPTED = "I was restarted while this was being written. Retry to have it from the beginning."
_SMALL_PRINT = 900


def running_pages(turn: TurnRecord, text: str, notice: str = "", hint: str = "") -> list[ui.LayoutView]:
    """Show an answer as far as it has come; `notice` is what there is to tell meanwhile."""
    pages = _pages(defuse(text))
    state = plain(notice) if notice else "Writing…" if text.strip() else "Thinking…"
    small = [f"-# {part}" for part in (state, hint, running_receipt(turn)) if part]
    views = [_page(turn, pages, page) for page in range(len(pages) - 1)]
    body = ([pages[-1]] if pages[-1] else []) + ["\n".join(small)]
    title = heading(turn) if len(pages) == 1 else _later_title(turn, len(pages))
    first = [asked(turn)] if len(pages) == 1 else []
    views.append(card(title, *_parts(first, body), *rows([stop_button(turn.turn_id)]), tone=Tone.DRAFT))
    return views


def final_pages(turn: TurnRecord, *, shared_by: int | None = None) -> list[ui.LayoutView]:
    """Show an answer that has ended, however it did, with its receipt and controls."""
    pages = _pages(defuse(turn.answer))
    views = [_page(turn, pages, page) for page in range(len(pages) - 1)]
    failed = turn.phase in (TurnPhase.FAILED, TurnPhase.INTERRUPTED)
    body = [pages[-1]] if pages[-1] else []
    if turn.phase is TurnPhase.STOPPED:
        body.append("*Stopped.*" if body else "*Stopped before anything was written.*")
    elif turn.phase is TurnPhase.INTERRUPTED:
        body.append(_INTERRUPTED)
    elif turn.phase is TurnPhase.FAILED:
        body.append(as_said(turn.trouble) or "Please try again, or choose another model.")
    elif not body:
        body.append(_NOTHING)
    small = [f"Shared by <@{shared_by}>"] if shared_by else []
    if turn.trouble and not failed:
        small.append(as_said(turn.trouble))
    # what was shared is read by others
    small += receipt(replace(turn, is_private=False) if shared_by else turn)
    title = heading(turn) if len(pages) == 1 else _later_title(turn, len(pages))
    first = [asked(turn)] if len(pages) == 1 else []
    views.append(
        card(
            title,
            *_parts(first, body),
            rule(),
            _small_print(small),
            *rows(_controls(turn)),
            tone=Tone.TROUBLE if failed else Tone.NEUTRAL,
        )
    )
    return views


def deleted_page(turn: TurnRecord, by_moderators: bool = False) -> ui.LayoutView:
    """Stand where an answer was that cannot be removed."""
    who = "A moderator deleted this answer." if by_moderators else "This answer was deleted."
    return card("Deleted", who, tone=Tone.DRAFT, footer=f"It was number {turn.turn_id}.")


def _pages(text: str) -> list[str]:
    """Cut the text so that each part fits with what stands around it; at least one part, which may be empty."""
    pieces = split(text, A_PAGE)
    room = _WITH_ALL if len(pieces) <= 1 else MOST_TEXT - _SMALL_PRINT
    if pieces and len(pieces[-1]) > room:
        pieces = [*pieces[:-1], *split(pieces[-1], room)]
    return pieces or [""]


def _page(turn: TurnRecord, pages: Sequence[str], page: int) -> ui.LayoutView:
    """Show a part that others follow."""
    title = heading(turn) if page == 0 else _later_title(turn, page + 1)
    first = [asked(turn, 120)] if page == 0 else []
    return card(title, *_parts(first, [pages[page]]), footer=f"{BY_AI} · goes on in the next message")


def _later_title(turn: TurnRecord, number: int) -> str:
    return f"{heading(turn)} · part {number}"


def _parts(first: Sequence[str], body: Sequence[str]) -> list[Part]:
    return [part for part in (*first, *body) if part]


def _small_print(lines: Sequence[str]) -> str:
    kept: list[str] = []
    for line in lines:
        if sum(map(len, kept)) + len(line) > _SMALL_PRINT - 200 and kept:
            break
        kept.append(f"-# {line}")
    return "\n".join(kept)


def _controls(turn: TurnRecord) -> list[ui.Item[ui.LayoutView]]:
    key = turn.turn_id
    if turn.phase in (TurnPhase.FAILED, TurnPhase.INTERRUPTED):
        return [again_button(key), retry_button(key, "Another model"), more_button(key)]
    if turn.phase is TurnPhase.STOPPED:
        return [reply_button(key), retry_button(key), more_button(key)]
    return [reply_button(key), retry_button(key), *thumb_buttons(key), more_button(key)]
