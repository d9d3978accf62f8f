"""Every setting is documented where operators look, with its true default; and nothing else is."""

from __future__ import annotations

import re
import tomllib

import pytest
from pydantic import SecretStr

from bot.catalog import load_catalog
from bot.config import PREFIX, Settings
from bot.errors import SettingsError
from tests.conftest import ROOT

FIELDS = Settings.model_fields
COMPOSE_ONLY = {"POSTGRES_PASSWORD"}
KEYS = {card.key_setting for card in load_catalog().cards.values()} - {""} | {"MODERATION_API_KEY"}


def shown(value: object) -> str:
    """A default as people write it."""
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_env_example_names_every_setting_and_default() -> None:
    text = (ROOT / ".env.example").read_text("utf-8")
    written = dict(re.findall(r"^#?([A-Z][A-Z0-9_]+)=(.*)$", text, re.MULTILINE))
    expected = {PREFIX + name.upper(): shown(field.default) for name, field in FIELDS.items()}
    assert written == expected | dict.fromkeys(COMPOSE_ONLY | KEYS, "")


def test_toml_example_names_every_setting_and_default() -> None:
    text = (ROOT / "rostrum.example.toml").read_text("utf-8")
    assert tomllib.loads(text) == {}, "the example only shows defaults, so that copying it changes nothing"
    live = tomllib.loads(re.sub(r"^#(?=[a-z_]+ = )", "", text, flags=re.MULTILINE))
    assert {name: shown(value) for name, value in live.items()} == {n: shown(f.default) for n, f in FIELDS.items()}


def test_readme_names_every_setting() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    named = set(re.findall(rf"`({PREFIX}[A-Z_]+)`", text))
    assert named == {PREFIX + name.upper() for name in FIELDS}


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in FIELDS.items() if not field.description] == []


def test_a_setting_that_is_not_documented_is_refused() -> None:
    with pytest.raises(SettingsError, match=f"{PREFIX}TIMEZONE.*{PREFIX}TIME_ZONE"):
        Settings.load({PREFIX + "TIMEZONE": "UTC"})
