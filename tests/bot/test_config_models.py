"""Settings of models: keys under their makers' names, bounds, attestations, folders."""

from decimal import Decimal
from pathlib import Path

import pytest

from bot.config import Settings
from bot.errors import SettingsError


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_keys_of_makers_are_taken_under_their_own_names_and_shown_nowhere() -> None:
    environ = {"OPENAI_API_KEY": " sk-secret\n", "HF_TOKEN": "hf-secret", "GITHUB_TOKEN": "no", "GEMINI_API_KEY": " "}
    settings = Settings.load(environ)
    assert settings.key("OPENAI_API_KEY") == "sk-secret"
    assert settings.key("HF_TOKEN") == "hf-secret"
    assert settings.key("GITHUB_TOKEN") is None, "only what a model may need is read"
    assert settings.key("GEMINI_API_KEY") is None, "blank is as if it were not set"
    assert "secret" not in repr(settings) + str(settings.model_dump()) + settings.model_dump_json()
    assert settings.model_copy(update={"log_level": "error"}).key("OPENAI_API_KEY") == "sk-secret"


def test_attestations_are_a_list_with_commas() -> None:
    assert Settings.load({"ROSTRUM_ATTESTED": " Gemini, training:mistral-free ,,"}).attestations == {
        "gemini",
        "training:mistral-free",
    }
    assert Settings.load({}).attestations == frozenset()


def test_the_folder_of_weights_lies_in_the_data_folder_unless_set() -> None:
    assert Settings.load({"ROSTRUM_DATA_DIR": "here"}).models_folder == Path("here/models")
    assert Settings.load({"ROSTRUM_MODELS_DIR": "there"}).models_folder == Path("there")


def test_bounds_are_numbers() -> None:
    settings = Settings.load({"ROSTRUM_SERVER_DOLLARS_A_MONTH": "2.50", "ROSTRUM_MEMBER_TOKENS_A_DAY": "0"})
    assert settings.server_dollars_a_month == Decimal("2.50")
    assert settings.member_tokens_a_day == 0


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("LOCAL_MEMORY_MB", "much", "must be a whole number"),
        ("LOCAL_MEMORY_MB", "100", "greater than or equal to 512"),
        ("LOCAL_DEVICE", "tpu", "'auto', 'cpu' or 'cuda'"),
        ("SERVER_DOLLARS_A_MONTH", "cheap", "must be an amount"),
        ("SERVER_DOLLARS_A_MONTH", "-1", "greater than or equal to 0"),
        ("MODERATION_URL", "api.openai.com", "must be an address"),
        ("MODERATION_URL", "https://user:pass@host/v1", "must be an address"),
        ("MODERATION_URL", "http://[", "must be an address"),
    ],
)
def test_what_is_wrong_is_one_line_that_names_the_setting(name: str, value: str, says: str) -> None:
    with pytest.raises(SettingsError, match=f"ROSTRUM_{name}: .*{says}") as caught:
        Settings.load({f"ROSTRUM_{name}": value})
    assert "\n" not in str(caught.value)
    assert Settings.load({"ROSTRUM_MODERATION_URL": "https://host/v1/moderations"}).moderation_url.startswith("https")
