"""Amounts as people type them, and the forms and lines of what a server sets for models."""

from dataclasses import replace

import pytest
from discord import ui

from bot.asking.types import Offer, Persona
from bot.backends.allowances import Allowance, AllowanceKind
from bot.errors import InvalidInputError
from bot.guilds.types import GuildSettings, ModelSettings
from cogs.guilds.model_cards import ModelSetup, limits_line, models_card, models_line, named, persona_line
from cogs.guilds.model_forms import persona_filled, persona_form, read_micros, read_tokens, rules_form

GUILD = 5
OFFERS = (Offer("any-open", "Any open model"), Offer("tiny", "Tiny", "set TINY_API_KEY"))


@pytest.mark.parametrize(
    ("typed", "tokens"),
    [("50,000", 50_000), ("50 000", 50_000), ("50.000", 50_000), ("50k", 50_000), ("1.5M", 1_500_000), ("0", 0)],
)
def test_tokens_are_read_as_people_write_them(typed: str, tokens: int) -> None:
    assert read_tokens(typed, "member") == tokens


@pytest.mark.parametrize("typed", ["no limit", "None", " unlimited ", "No  Limit"])
def test_no_limit_is_said_in_words(typed: str) -> None:
    assert read_tokens(typed, "member") is None
    assert read_micros(typed, "dollars") is None


@pytest.mark.parametrize(("typed", "micros"), [("5", 5_000_000), ("$2.50", 2_500_000), ("2,5 USD", 2_500_000)])
def test_dollars_are_kept_in_millionths(typed: str, micros: int) -> None:
    assert read_micros(typed, "dollars") == micros


@pytest.mark.parametrize("typed", ["many", "-5", "1e99", "5 euros", "9" * 30, "²"])
def test_what_is_no_amount_is_refused_with_the_field(typed: str) -> None:
    with pytest.raises(InvalidInputError, match="no limit") as caught:
        read_tokens(typed, "server")
    assert caught.value.field == "server"


def test_the_form_offers_models_and_keeps_one_that_is_gone() -> None:
    many = tuple(Offer(f"m{n}", f"M {n}") for n in range(40))
    modal = rules_form(ModelSettings(model="gone"), many, has_provider=True).to_dict()
    (menu,) = [part["component"] for part in modal["components"] if part["component"].get("custom_id") == "model"]
    assert len(menu["options"]) == 25
    assert [option["value"] for option in menu["options"] if option.get("default")] == ["gone"]
    names = [part["component"]["custom_id"] for part in modal["components"]]
    assert names == ["allowed", "model", "words", "moderation"]
    without = rules_form(ModelSettings(), OFFERS, has_provider=False).to_dict()
    assert "moderation" not in str(without)


def test_the_card_says_when_the_providers_moderation_is_not_asked() -> None:
    asked = ModelSettings(moderation=80)
    stays = replace(asked, stays_here=True)
    for models, is_here, said in (
        (asked, False, "scores at 80 % or more"),
        (stays, False, "not asked: nothing may leave this machine"),
        (stays, True, "scores at 80 % or more"),
    ):
        settings = GuildSettings(GUILD, "UTC", "en", has_own_zone=False, channels={}, models=models)
        setup = ModelSetup(settings, (), (), {}, {}, 9, 0, "", has_provider=True, provider_is_here=is_here)
        view = models_card(setup, "key")
        assert said in "\n".join(item.content for item in view.walk_children() if isinstance(item, ui.TextDisplay))


def test_a_channel_has_a_model_of_its_own_and_a_server_has_it_elsewhere() -> None:
    filled = persona_filled(Persona(GUILD, 9, "Plain", "Speak plainly."), "tiny")
    assert "Speak plainly." in str(persona_form(9, OFFERS, filled).to_dict())
    assert "'value': 'tiny'" in str(persona_form(9, OFFERS, filled).to_dict())
    assert "'value': 'tiny'" not in str(persona_form(0, OFFERS, persona_filled(None, None)).to_dict())


def test_the_log_is_told_in_words() -> None:
    names = {"tiny": "Tiny *1*"}
    models = ModelSettings(open_only=True, stays_here=True, model="tiny", blocked_words=("a", "b"), moderation=70)
    assert models_line(models, names) == (
        "open models only, nothing leaves this machine, answers public unless asked otherwise, "
        "by default Tiny \\*1\\*, 2 words held back, provider's moderation from 70 %"
    )
    bounds = [
        Allowance(GUILD, AllowanceKind.MEMBER, 0, 1000, None),
        Allowance(GUILD, AllowanceKind.ROLE, 77, None, None),
        Allowance(GUILD, AllowanceKind.SERVER, 0, 90_000, 2_500_000),
    ]
    assert limits_line(bounds) == (
        "each member: 1,000 tokens a day; <@&77>: no limit; the server: 90,000 tokens a day, $2.50 a month"
    )
    assert limits_line([]) == "no limits of the server's own"
    assert persona_line(Persona(GUILD, 9, "Plain", "x"), 9, "any-open", names) == (
        "in <#9> models speak as “Plain”, and any open model answers"
    )
    assert persona_line(None, 0, None, names) == "in the whole server models speak as they do"
    assert named("gone", names) == "gone (not in the catalogue any more)"
