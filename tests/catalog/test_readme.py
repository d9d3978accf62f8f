"""README's table of how models are switched on: every shipped model is in it, its example is read as it stands."""

import re
import tomllib
from pathlib import Path

from bot.catalog import SHIPPED, Openness, Where, load_catalog, where_of
from bot.catalog.forms import ModelForm, ServiceForm
from tests.conftest import ROOT

SECTION = re.split(r"^## ", (ROOT / "README.md").read_text("utf-8"), flags=re.MULTILINE)
TEXT = next(part for part in SECTION if part.startswith("Switch on models"))
ROWS = [line.split(" | ") for line in TEXT.splitlines() if line.startswith("| ") and "`" in line]
CARDS = load_catalog().cards


def test_every_shipped_model_has_its_row() -> None:
    named = [key for row in ROWS for key in re.findall(r"`([^`]+)`", row[1])]
    assert sorted(named) == sorted(CARDS)


def test_every_key_and_attestation_is_named_in_its_row() -> None:
    for row in ROWS:
        for key in re.findall(r"`([^`]+)`", row[1]):
            for name in (CARDS[key].key_setting, CARDS[key].attest):
                assert not name or f"`{name}`" in row[2], key


def test_the_example_is_a_models_file(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    file = tmp_path / "models.toml"
    file.write_text(example, "utf-8")
    cards = load_catalog(file).cards
    written = set(tomllib.loads(example)["models"])
    assert written == {key for key, card in cards.items() if card.is_added}
    assert (cards["my-llama"].openness, where_of(cards["my-llama"])) == (Openness.RESTRICTED, Where.MACHINE)
    assert cards["llama-3.2-1b"].backend == "local"
    assert cards["gpt-next"].key_setting == "OPENAI_API_KEY"
    assert cards["gpt-next"].price is None


def test_every_field_is_explained_where_operators_are_sent() -> None:
    header = SHIPPED.read_text("utf-8").partition("\n[")[0]
    for form in (ModelForm, ServiceForm):
        assert [name for name in form.model_fields if not re.search(rf"\b{name}\b", header)] == []
