"""What did not fit in a form, with what was typed; the card itself keeps it, so that a restart loses nothing.

Each field's text stands in a component of its own number, in a code block; the ids of roles stand as mentions. What was
chosen in the form is in the key of the button: the kind, and the first letters of the settings.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import discord
from discord import ui

from bot.errors import InvalidInputError, NotFoundError
from bot.polls.types import PollKind
from cogs.polls.controls import retry_button
from cogs.polls.forms import ALWAYS, ASKED, PROPOSE, PUBLIC, REMIND, VOTED
from cogs.ui.cards import Tone, card, rows, rule
from cogs.ui.forms import Filled
from cogs.ui.submitted import Submitted
from cogs.ui.text import clip, plain

_FIRST = 101
"""The number of the component with the first field."""
_LETTERS = {PUBLIC: "p", VOTED: "v", ALWAYS: "a", REMIND: "r", PROPOSE: "o"}
_ROLE = re.compile(r"<@&(\d{1,19})>")
_BROKEN_FENCE = "`\u200b`\u200b`"
_NO_KIND = "none"


@dataclass(frozen=True, slots=True)
class Retry:
    """A form to be opened again: its action, its key, and how it opens."""

    form: str
    key: str
    filled: Filled


def mistake_card(error: InvalidInputError, submitted: Submitted, form: str, key: str) -> ui.LayoutView:
    """Say what does not fit and give back what was typed."""
    given: list[ui.Item[Any]] = []
    for number, (name, label) in enumerate(ASKED[form].fields.items(), start=_FIRST):
        shown = _shown(submitted, name)
        if shown is not None:
            mark = " ← here" if name == error.field else ""
            given.append(ui.TextDisplay(f"**{label}{mark}**\n{shown}", id=number))
    return card(
        "Not quite",
        plain(str(error)),
        rule(),
        *given,
        *rows([retry_button(f"{form}-{key}-{_chosen_key(submitted)}")]),
        tone=Tone.TROUBLE,
        footer="Nothing was changed. “Try again” opens the form with what you typed.",
    )


def read_mistake(message: discord.Message | None, key: str) -> Retry:
    """Return the form that a mistake card gives back.

    Raises:
        NotFoundError: the key is none of such a card.
    """
    form, _, rest = key.partition("-")
    form_key, _, chosen = rest.partition("-")
    asked = ASKED.get(form)
    if asked is None:
        raise NotFoundError("This form cannot be opened again. Please start anew.")
    texts = dict(_texts(message.components if message else ()))
    filled: dict[str, str | tuple[str, ...]] = dict(_settings(chosen))
    for number, name in enumerate(asked.fields, start=_FIRST):
        _, _, shown = texts.get(number, "").partition("\n")
        filled[name] = tuple(_ROLE.findall(shown)) if name.startswith("roles") else _unfenced(shown)
    return Retry(form, form_key, filled)


def _shown(submitted: Submitted, name: str) -> str | None:
    if name.startswith("roles"):
        return " ".join(f"<@&{role_id}>" for role_id in submitted.ids(name)) or None
    text = submitted.text(name)
    # forms take less than this; a forged one must not burst the card
    return f"```\n{clip(text, 2600).replace('```', _BROKEN_FENCE)}\n```" if text else None


def _unfenced(shown: str) -> str:
    return shown.removeprefix("```\n").removesuffix("\n```").replace(_BROKEN_FENCE, "```")


def _chosen_key(submitted: Submitted) -> str:
    kinds = submitted.chosen("kind", [kind.value for kind in PollKind])
    letters = "".join(_LETTERS[name] for name in submitted.chosen("settings", _LETTERS))
    return f"{kinds[0] if kinds else _NO_KIND}-{letters}"


def _settings(chosen: str) -> Mapping[str, str | tuple[str, ...]]:
    kind, _, letters = chosen.partition("-")
    return {"kind": kind, "settings": tuple(name for name, letter in _LETTERS.items() if letter in letters)}


def _texts(components: Iterable[Any]) -> Iterator[tuple[int, str]]:
    for component in components:
        if isinstance(component, discord.TextDisplay) and component.id is not None:
            yield component.id, component.content
        yield from _texts(getattr(component, "children", ()))
