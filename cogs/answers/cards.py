"""What kept answers look like."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import discord
from discord import ui

from bot.answers.types import Answer, KeptAnswer
from cogs.ui.cards import Card, Tone, card, picture, rows
from cogs.ui.reply import open_button
from cogs.ui.text import clip, plain, when

_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
MOST_SHOWN = 20


def list_card(kept: Sequence[KeptAnswer]) -> ui.LayoutView:
    """Show what is kept for a person, a button for each."""
    if not kept:
        return card(
            "My private answers",
            "Nothing is kept for you in this server. An answer that takes longer than Discord waits is kept here.",
        )
    lines = [f"{number}. {_line(one)}" for number, one in enumerate(kept[:MOST_SHOWN], start=1)]
    buttons = [
        open_button(one.answer_id, f"{number}. {clip(one.title, 60)}")
        for number, one in enumerate(kept[:MOST_SHOWN], start=1)
    ]
    return card("My private answers", "\n".join(lines), *rows(buttons), footer="Only you see this and can open them.")


def opened_card(answer: Answer) -> tuple[ui.LayoutView, list[discord.File]]:
    """Show an answer as it would have been sent, and the file to send with it."""
    container: ui.Container[Any] = ui.Container(accent_colour=Tone.NEUTRAL.value)
    container.add_item(ui.TextDisplay(answer.body))
    files: list[discord.File] = []
    if answer.file_name and answer.file is not None:
        file = discord.File(BytesIO(answer.file), answer.file_name)
        files.append(file)
        is_picture = file.filename.lower().endswith(_PICTURES)
        # the text says the same as any picture
        container.add_item(
            picture(file.filename, answer.title) if is_picture else ui.File(f"attachment://{file.filename}")
        )
    return Card(container), files


def _line(one: KeptAnswer) -> str:
    state = f"kept until {when(one.gone_at, 'f')}" if one.is_ready else "not ready yet"
    return f"**{plain(one.title)}**, asked for {when(one.made_at)}, {state}"
