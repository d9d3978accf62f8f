"""What a server has set for models, as a card."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from discord import ui

from bot.asking.types import ANY_CLOSED, ANY_OPEN, HYBRID, Persona
from bot.backends.allowances import Allowance, AllowanceKind
from bot.backends.allowances.rules import MICROS
from bot.guilds.types import GuildSettings, ModelSettings
from cogs.guilds.controls import FEATURE
from cogs.ui.cards import card, rows, rule
from cogs.ui.controls import Control, control_id
from cogs.ui.text import clip, count, plain

_SELECTORS = {ANY_OPEN: "any open model", ANY_CLOSED: "any closed model", HYBRID: "hybrid: an open model first"}
_MOST_SHOWN = 8


@dataclass(frozen=True, slots=True)
class ModelSetup:
    """All that the card shows and its forms open with; `here` is the channel it was asked for in."""

    settings: GuildSettings
    allowances: Sequence[Allowance]
    personas: Sequence[Persona]
    channel_models: Mapping[int, str]
    names: Mapping[str, str]
    here: int
    default_tokens: int
    most_dollars: str
    has_provider: bool
    provider_is_here: bool = False

    def persona(self, channel_id: int) -> Persona | None:
        """Return what is set for a channel; 0 is the whole server."""
        return next((persona for persona in self.personas if persona.channel_id == channel_id), None)

    def allowance(self, kind: AllowanceKind, role_id: int = 0) -> Allowance | None:
        """Return what is set."""
        return next((one for one in self.allowances if one.kind is kind and one.role_id == role_id), None)


def models_card(setup: ModelSetup, key: str, note: str = "") -> ui.LayoutView:
    """Show all that concerns models; `key` leads the forms to what they open with."""
    models = setup.settings.models
    return card(
        "Models in this server",
        *([f"**{note}**"] if note else []),
        _allowed(models, setup),
        _held_back(models, setup),
        _limits(setup),
        _speaking(setup),
        rule(),
        *rows(
            [
                Control.button(control_id(FEATURE, "openrules", key), "What models may do"),
                Control.button(control_id(FEATURE, "openlimits", key), "Limits"),
                Control.button(control_id(FEATURE, "openpersona", f"{key}-0"), "How they speak"),
                Control.button(control_id(FEATURE, "openpersona", f"{key}-{setup.here}"), "This channel"),
                Control.button(control_id(FEATURE, "check"), "Back"),
            ]
        ),
        footer="Only you see this. `/models` shows which models there are and what each sends where.",
    )


def models_line(models: ModelSettings, names: Mapping[str, str]) -> str:
    """Say in a line what models may do: for the overview and the log."""
    said = [
        "open models only" if models.open_only else "models of every class",
        "nothing leaves this machine" if models.stays_here else "text may go to a model's maker",
        "answers private unless asked otherwise" if models.asks_private else "answers public unless asked otherwise",
        f"by default {named(models.model, names)}",
        f"{count(len(models.blocked_words), 'word')} held back",
        f"provider's moderation from {models.moderation} %" if models.moderation else "no provider's moderation",
    ]
    return ", ".join(said)


def limits_line(allowances: Sequence[Allowance]) -> str:
    """Say in a line what may be used, for the log."""
    return "; ".join(_bound(one) for one in allowances) or "no limits of the server's own"


def persona_line(persona: Persona | None, channel_id: int, model: str | None, names: Mapping[str, str]) -> str:
    """Say in a line how models speak somewhere, for the log."""
    where = f"in <#{channel_id}>" if channel_id else "in the whole server"
    speaks = f"models speak as “{plain(persona.name)}”" if persona else "models speak as they do"
    return f"{where} {speaks}" + (f", and {named(model, names)} answers" if channel_id else "")


def named(model: str | None, names: Mapping[str, str]) -> str:
    """Return the words for a choice."""
    if model is None:
        return "whoever the bot's operator set"
    return _SELECTORS.get(model) or plain(names.get(model, f"{model} (not in the catalogue any more)"))


def _allowed(models: ModelSettings, setup: ModelSetup) -> str:
    lines = [
        "Only **open** models answer." if models.open_only else "Open, restricted and closed models may answer.",
        "**Nothing leaves this machine.**"
        if models.stays_here
        else "Text may go to a model's maker; each answer says where it went.",
        "Answers are private unless a member wants a public one."
        if models.asks_private
        else "Answers are public unless a member wants a private one.",
        f"Where nobody chose: **{named(models.model, setup.names)}**.",
    ]
    return "**What may be used**\n" + "\n".join(f"- {line}" for line in lines)


def _held_back(models: ModelSettings, setup: ModelSetup) -> str:
    words = count(len(models.blocked_words), "word or phrase", "words and phrases")
    lines = [f"{words} of this server's own" if models.blocked_words else "no words of this server's own"]
    if models.moderation and setup.has_provider and models.stays_here and not setup.provider_is_here:
        lines.append("the provider's moderation is not asked: nothing may leave this machine")
    elif models.moderation and setup.has_provider:
        lines.append(f"what the provider's moderation scores at {models.moderation} % or more")
    elif setup.has_provider:
        lines.append("the provider's moderation is off")
    return "**What is held back**\n" + "\n".join(f"- {line}" for line in lines)


def _limits(setup: ModelSetup) -> str:
    own = [_bound(one) for one in setup.allowances]
    if setup.allowance(AllowanceKind.MEMBER) is None:
        tokens = f"{setup.default_tokens:,} tokens a day" if setup.default_tokens else "no limit"
        own.insert(0, f"each member: {tokens} (the bot's own)")
    if setup.most_dollars:
        own.append(f"the bot's own bound for a server: ${setup.most_dollars} a month")
    shown = [f"- {line}" for line in own[:_MOST_SHOWN]]
    if len(own) > _MOST_SHOWN:
        shown.append(f"- and {len(own) - _MOST_SHOWN} more")
    return "**Limits**\n" + "\n".join(shown)


def _bound(allowance: Allowance) -> str:
    whose = {
        AllowanceKind.MEMBER: "each member",
        AllowanceKind.ROLE: f"<@&{allowance.role_id}>",
        AllowanceKind.SERVER: "the server",
    }[allowance.kind]
    tokens = "no limit" if allowance.tokens_a_day is None else f"{allowance.tokens_a_day:,} tokens a day"
    money = "" if allowance.micros_a_month is None else f", ${allowance.micros_a_month / MICROS:,.2f} a month"
    return f"{whose}: {tokens}{money}"


def _speaking(setup: ModelSetup) -> str:
    lines = [
        f"- {f'<#{persona.channel_id}>' if persona.channel_id else 'whole server'}: **{plain(persona.name)}**, "
        f"{plain(clip(' '.join(persona.text.split()), 80))}"
        for persona in setup.personas[:_MOST_SHOWN]
    ]
    lines += [
        f"- <#{channel_id}> is answered by {named(model, setup.names)}"
        for channel_id, model in list(setup.channel_models.items())[:_MOST_SHOWN]
    ]
    return "**How models speak**\n" + ("\n".join(lines) or "- as they do: nothing is set")
