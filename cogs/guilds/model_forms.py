"""The forms that set what models may do in a server."""

import re
from collections.abc import Sequence
from decimal import Decimal

from discord import ui

from bot.asking.types import Offer, Persona
from bot.backends.allowances.rules import MICROS
from bot.errors import InvalidInputError
from bot.guilds.types import ModelSettings
from cogs.guilds.controls import FEATURE
from cogs.ui.controls import control_id
from cogs.ui.forms import Checks, Choice, Choices, Filled, Note, Question, Roles, Text, form

OPERATORS = "default"
"""The choice that leaves it to whoever runs the bot."""
NO_LIMIT = "no limit"
LONGEST_NAME, LONGEST_PERSONA = 40, 1500
_LONGEST_WORDS = 4000
_MOST_OFFERED = 24
_SCORES = (50, 70, 80, 90, 95)
_NUMBER = re.compile(r"(\d+(?:[.,]\d+)?)\s*([km]?)", re.IGNORECASE)
_THOUSANDS = re.compile(r"(?<=\d)[ ,._'\u00a0\u202f](?=\d{3}(?!\d))")
_FACTORS = {"": 1, "k": 1_000, "m": 1_000_000}
_MOST = 10**12


def rules_form(
    models: ModelSettings, offers: Sequence[Offer], *, has_provider: bool, filled: Filled | None = None
) -> ui.Modal:
    """Ask what may be used and what is held back; `has_provider` when the operator set a moderation endpoint."""
    choices = [Choice(OPERATORS, "What whoever runs the bot has set")]
    choices += [Choice(offer.value, offer.label, offer.why_not) for offer in offers[:_MOST_OFFERED]]
    if models.model and models.model not in {choice.value for choice in choices}:
        choices[-1:] = [Choice(models.model, models.model, "not in the catalogue any more")]
    questions: list[Question | Note] = [
        Checks(
            "allowed",
            "What may be used",
            "Holds in every feature of the bot",
            [
                Choice("open_only", "Open models only", "No restricted and no closed model answers"),
                Choice("stays_here", "Nothing leaves this machine", "Only models that run beside the bot answer"),
                Choice("asks_private", "Answers are private", "Unless a member asks for a public one"),
            ],
        ),
        Choices("model", "Who answers where nobody chose", "Members and channels may choose another", choices),
        Text(
            "words",
            "Words that are held back",
            "One word or phrase a line; questions and answers with one of them are held back",
            _LONGEST_WORDS,
            long=True,
            required=False,
        ),
    ]
    if has_provider:
        scores = sorted({*_SCORES, *([models.moderation] if models.moderation else [])})
        questions.append(
            Choices(
                "moderation",
                "The provider's moderation",
                "Shows questions and answers to the provider that whoever runs the bot has set",
                [Choice(OPERATORS, "Off"), *(Choice(str(score), f"Hold back from {score} % on") for score in scores)],
            )
        )
    return form("What models may do", control_id(FEATURE, "rules"), questions, filled or rules_filled(models))


def rules_filled(models: ModelSettings) -> Filled:
    """Return what the form opens with."""
    return {
        "allowed": [name for name in ("open_only", "stays_here", "asks_private") if getattr(models, name)],
        "model": models.model or OPERATORS,
        "words": "\n".join(models.blocked_words),
        "moderation": str(models.moderation or OPERATORS),
    }


def limits_form(filled: Filled) -> ui.Modal:
    """Ask how much may be used."""
    questions = (
        Text("member", "Tokens a member may use a day", f"Such as 50k; “{NO_LIMIT}”; empty: the bot's own bound", 20,
             required=False),
        Text("server", "Tokens the server may use a day", f"For all members together; empty: {NO_LIMIT}", 20,
             required=False),
        Text("dollars", "US dollars the server may spend a month", "Such as 5 or 2.50; empty: the bot's own bound", 20,
             required=False),
        Roles("role", "A role with a bound of its own", "The most generous role of a member counts", most=1),
        Text("role_tokens", "Tokens a member with that role may use a day",
             f"“{NO_LIMIT}” for none; empty takes the role's bound away", 20, required=False),
    )  # fmt: skip
    return form("How much may be used", control_id(FEATURE, "limits"), questions, filled)


def persona_form(channel_id: int, offers: Sequence[Offer], filled: Filled) -> ui.Modal:
    """Ask how models are to speak; in a channel (`channel_id` is not 0) also which one answers there."""
    questions: list[Question | Note] = [
        Note("Models are told this before each question. Nothing in it hides that an AI answers."),
        Text("name", "A name for it", "Shown with the answers, such as “Plain speaker”", LONGEST_NAME, required=False),
        Text(
            "text",
            "How to speak",
            "Empty: nothing special",
            LONGEST_PERSONA,
            "Answer in three sentences, for readers without a technical background.",
            long=True,
            required=False,
        ),
    ]
    if channel_id:
        choices = [Choice(OPERATORS, "As in the rest of the server")]
        choices += [Choice(offer.value, offer.label, offer.why_not) for offer in offers[:_MOST_OFFERED]]
        questions.append(Choices("model", "Who answers in this channel", "Where members chose nobody", choices))
    title = "In this channel" if channel_id else "In the whole server"
    return form(title, control_id(FEATURE, "persona", str(channel_id)), questions, filled)


def persona_filled(persona: Persona | None, model: str | None) -> Filled:
    """Return what the form opens with."""
    return {
        "name": persona.name if persona else "",
        "text": persona.text if persona else "",
        "model": model or OPERATORS,
    }


def read_tokens(typed: str, field: str) -> int | None:
    """Return the number of tokens; None for no limit.

    Raises:
        InvalidInputError: it is no amount.
    """
    amount = _amount(typed, field, "Write an amount such as 50,000 or 50k")
    return None if amount is None else int(amount)


def read_micros(typed: str, field: str) -> int | None:
    """Return millionths of a US dollar; None for no limit.

    Raises:
        InvalidInputError: it is no amount.
    """
    amount = _amount(
        typed.replace("$", "").replace("USD", ""), field, "Write an amount of US dollars such as 5 or 2.50"
    )
    return None if amount is None else int(amount * MICROS)


def _amount(typed: str, field: str, advice: str) -> Decimal | None:
    bare = " ".join(typed.split()).casefold()
    if bare in {NO_LIMIT, "none", "unlimited", "∞"}:
        return None
    match = _NUMBER.fullmatch(_THOUSANDS.sub("", bare))
    amount = Decimal(match[1].replace(",", ".")) * _FACTORS[match[2]] if match else None
    if amount is None or amount > _MOST:
        raise InvalidInputError(field, f"{advice}, or “{NO_LIMIT}”.")
    return amount
