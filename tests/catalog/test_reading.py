"""Models files: what an operator writes, what becomes of it, and the one line that says what does not fit."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bot.catalog import Catalog, Openness, Shape, Task, Training, Where, load_catalog, receiver_of, where_of
from bot.errors import SettingsError

MINE = """
[models.mine]
name = "Mine"
address = "http://127.0.0.1:8000/v1"
model = "mine-7b"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mine.toml"


def read(file: Path, text: str) -> Catalog:
    file.write_text(text, "utf-8")
    return load_catalog(file)


def test_three_lines_are_a_model(file: Path) -> None:
    catalog = read(file, MINE)
    card = catalog.cards["mine"]
    assert (card.name, card.model, card.backend, card.address) == (
        "Mine", "mine-7b", "openai_api", "http://127.0.0.1:8000/v1",
    )  # fmt: skip
    assert card.openness is Openness.CLOSED
    assert dict(card.reasons) == {"access": "Not stated by whoever runs this bot."}
    assert (card.maker, card.family, card.licence) == ("not stated", "Mine", "not stated")
    assert card.tasks == frozenset(Task)
    assert card.is_added
    assert (card.training, card.training_note) == (
        Training.NO,
        "It runs on the bot's machine: nothing is sent to anybody.",
    )
    assert where_of(card) is Where.MACHINE
    assert list(catalog.cards)[-1] == "mine", "after those that are shipped"
    assert not catalog.cards["smollm2-135m"].is_added


def test_elsewhere_nothing_is_known_of_training(file: Path) -> None:
    card = read(file, MINE.replace("127.0.0.1:8000", "llm.example"))
    assert card.cards["mine"].training is Training.UNKNOWN
    assert not card.cards["mine"].training_note


def test_like_takes_over_what_the_weights_are_but_not_how_they_are_served(file: Path) -> None:
    catalog = read(file, MINE + 'like = "llama-3.1-8b"\n')
    mine, llama = catalog.cards["mine"], catalog.cards["llama-3.1-8b"]
    same = ("maker", "family", "openness", "reasons", "licence", "licence_url", "attribution", "context", "parameters")
    assert all(getattr(mine, name) == getattr(llama, name) for name in (*same, "conditions", "tasks", "sources"))
    assert (mine.key_setting, mine.gated, mine.backend) == ("", False, "openai_api")
    assert mine.attribution == "Built with Llama"


def test_like_a_closed_model_keeps_its_makers_terms(file: Path) -> None:
    text = MINE.replace("127.0.0.1:8000", "proxy.example") + 'like = "gemini-3.8-flash"\n'
    mine = read(file, text).cards["mine"]
    assert mine.attest == "gemini"
    assert "under 18" in mine.attestation
    assert any("adults" in condition for condition in mine.conditions)
    assert mine.price is None, "somebody else's price"
    assert mine.training is Training.NO


def test_a_model_like_one_of_the_operators_own(file: Path) -> None:
    catalog = read(
        file,
        MINE
        + 'openness = "open"\nlicence = "MIT"\n[models.other]\nlike = "mine"\npackage = "my-pack"\nname = "Other"\n',
    )
    other = catalog.cards["other"]
    assert (other.openness, other.licence, other.backend, other.model) == (Openness.OPEN, "MIT", "local", "my-pack")
    assert dict(other.reasons) == {"access": "Whoever runs this bot states that it is open."}


def test_a_table_under_a_shipped_key_changes_what_it_says_and_nothing_else(file: Path) -> None:
    price = '{ read = 1.25, written = "10", source = "our contract", looked_up = 2026-11-28 }'
    card = read(file, f"[models.gpt-6-luna]\nprice = {price}\n").cards["gpt-6-luna"]
    assert card.price
    assert card.price.cost(1_000_000, 100_000) == Decimal("2.25")
    assert (card.price.source, card.price.looked_up) == ("our contract", date(2026, 11, 28))
    assert (card.address, card.key_setting, card.model) == (
        "https://api.openai.com/v1", "OPENAI_API_KEY", "gpt-6-luna",
    )  # fmt: skip
    assert card.is_added


def test_what_was_not_looked_up_is_of_the_model_and_its_service(file: Path) -> None:
    text = """
[services.ours]
name = "Ours"
backend = "openai_api"
address = "https://llm.example/v1"
not_looked_up = ["training"]
[models.first]
service = "ours"
name = "First"
model = "first"
sources = ["https://maker.example/first"]
looked_up = 2026-11-28
not_looked_up = ["parameters", "code", "code"]
[models.second]
like = "first"
service = "ours"
name = "Second"
model = "second"
[models.third]
like = "first"
service = "ours"
name = "Third"
model = "third"
sources = ["https://maker.example/third"]
"""
    first, second, third = (read(file, text).cards[key] for key in ("first", "second", "third"))
    assert first.not_looked_up == second.not_looked_up == ("code", "parameters", "training")
    assert first.looked_up == second.looked_up == date(2026, 11, 28)
    assert third.looked_up is None, "its pages were not read on the other's day"


def test_effort_is_its_makers_word_and_stays_there(file: Path) -> None:
    like = MINE + 'like = "claude-opus-5.5"\n'
    elsewhere = read(file, like).cards["mine"]
    assert (elsewhere.effort, elsewhere.sampling) == ("", False)
    assert read(file, like + 'effort = "high"\n').cards["mine"].effort == "high"
    assert read(file, '[models."claude-opus-5.5"]\nname = "Opus"\n').cards["claude-opus-5.5"].effort == "low"


def test_a_shipped_model_at_an_address_of_ones_own(file: Path) -> None:
    text = '[models."llama-3.1-8b"]\naddress = "http://localhost:11434/v1/"\nmodel = "llama3.1:8b"\nname = "Llama"\n'
    card = read(file, text).cards["llama-3.1-8b"]
    assert (card.backend, card.address, card.model) == ("openai_api", "http://localhost:11434/v1", "llama3.1:8b")
    assert (card.key_setting, card.gated, card.package, card.shape) == ("", False, "", Shape.CAUSAL)
    assert (card.openness, card.attribution) == (Openness.RESTRICTED, "Built with Llama")


def test_a_model_for_single_tasks_behind_an_address(file: Path) -> None:
    card = read(file, MINE + 'like = "flan-t5-large"\n').cards["mine"]
    assert (card.shape, card.tasks) == (Shape.CAUSAL, {Task.ANSWER, Task.SUMMARISE, Task.TRANSLATE})
    here = read(file, '[models.mine]\nlike = "flan-t5-large"\nname = "Mine"\nmodel = "/srv/t5"\n').cards["mine"]
    assert (here.backend, here.shape) == ("local", Shape.SEQ2SEQ)


def test_a_new_model_of_a_shipped_service(file: Path) -> None:
    card = read(
        file, '[models.gpt-7]\nlike = "gpt-6-luna"\nservice = "openai"\nname = "GPT-7"\nmodel = "gpt-7"\n'
    ).cards["gpt-7"]
    assert (card.key_setting, card.provider, card.backend) == ("OPENAI_API_KEY", "OpenAI", "openai_api")
    assert card.price is None


def test_a_service_of_ones_own_that_trains_has_to_be_attested(file: Path) -> None:
    text = """
[services.cheap]
name = "Cheap"
backend = "openai_api"
address = "https://cheap.example/v1"
key_setting = "CHEAP_API_KEY"
training = "yes"
conditions = ["Not on Sundays."]
sources = ["https://cheap.example/terms"]

[models.one]
service = "cheap"
name = "One"
model = "one"
conditions = ["Small."]
sources = ["https://cheap.example/one"]
"""
    card = read(file, text).cards["one"]
    assert (card.attest, card.provider) == ("training:cheap", "Cheap")
    assert card.conditions == ("Not on Sundays.", "Small.")
    assert card.sources == ("https://cheap.example/terms", "https://cheap.example/one")


def test_a_shipped_service_through_another_address(file: Path) -> None:
    moved = '[services.openai]\naddress = "https://eu.example/v1"\nname = "EU"\nkey_setting = "EU_API_KEY"\n'
    catalog = read(file, moved)
    card, other = catalog.cards["gpt-6-luna"], catalog.cards["claude-haiku-5.5"]
    assert (card.address, card.key_setting, card.provider) == ("https://eu.example/v1", "EU_API_KEY", "EU")
    assert other.address == "https://api.anthropic.com"
    assert list(catalog.cards) == list(load_catalog().cards)


def test_a_makers_key_goes_to_another_host_only_where_that_is_said(file: Path) -> None:
    away = '[services.openai]\naddress = "https://proxy.example/v1"\n'
    with pytest.raises(SettingsError, match=r"\[services.openai\] name: say who is at the new address"):
        read(file, away)
    with pytest.raises(SettingsError, match=r"\[services.openai\] key_setting: say which key goes to the new address"):
        read(file, away + 'name = "Proxy"\n')
    # at the same host nothing has to be said
    catalog = read(file, '[services.openai]\naddress = "https://api.openai.com/v2"\n')
    assert catalog.cards["gpt-6-luna"].key_setting == "OPENAI_API_KEY"
    # nor does one model that is reached elsewhere keep its maker's key
    catalog = read(file, '[models.gpt-6-luna]\naddress = "https://proxy.example/v1"\nmodel = "gpt"\n')
    assert catalog.cards["gpt-6-luna"].key_setting == ""


def test_a_closed_model_behind_a_program_on_this_machine_runs_at_its_makers_all_the_same(file: Path) -> None:
    near = "http://127.0.0.1:4000/v1"
    text = f"""
[services.openai]
name = "LiteLLM"
address = "{near}"
key_setting = "LITELLM_API_KEY"
[models.mine]
like = "claude-haiku-5.5"
name = "Mine"
address = "{near}"
model = "haiku"
[models.ours]
name = "Ours"
address = "{near}"
model = "ours"
openness = "closed"
[models.unsaid]
name = "Unsaid"
address = "{near}"
model = "unsaid"
[models.weights]
like = "llama-3.1-8b"
name = "Weights"
address = "{near}"
model = "llama"
"""
    cards = read(file, text).cards
    assert [where_of(cards[key]) for key in ("gpt-6-luna", "mine")] == [Where.ELSEWHERE] * 2
    assert receiver_of(cards["gpt-6-luna"]) == "OpenAI by way of LiteLLM"
    assert receiver_of(cards["mine"]) == "Anthropic"
    assert "nothing is sent" not in cards["mine"].training_note
    for key in ("ours", "unsaid", "weights"):
        assert (where_of(cards[key]), receiver_of(cards[key])) == (Where.MACHINE, ""), key


def test_weights_in_a_folder_and_on_the_hub(file: Path) -> None:
    text = """
[models.folder]
name = "Folder"
model = "~/weights"
[models.hub]
name = "Hub"
backend = "local"
model = "somebody/t5"
shape = "seq2seq"
parameters = "1.5B"
context = 512
training = "unknown"
[models.span]
name = "Span"
backend = "local"
model = "./bert"
shape = "extractive"
"""
    cards = read(file, text).cards
    assert (cards["folder"].backend, cards["folder"].tasks) == ("local", frozenset(Task))
    assert cards["hub"].parameters == 1_500_000_000
    assert cards["hub"].tasks == {Task.ANSWER, Task.SUMMARISE, Task.TRANSLATE}
    assert cards["span"].tasks == {Task.ANSWER}
    assert cards["hub"].training is Training.UNKNOWN


def test_a_scripted_model_needs_no_address(file: Path) -> None:
    card = read(file, '[models.play]\nname = "Play"\nbackend = "scripted"\nmodel = "play"\n').cards["play"]
    assert (card.backend, card.address) == ("scripted", "")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('adress = "http://x"', "no field is named 'adress'; did you mean address?"),
        ("zzzz = 1", "no field is named 'zzzz'"),
        ("name = 3", "name: must be text, in quotes"),
        ('name = " "', "name: must be one line of text that is not blank"),
        ('name = "a\\nb"', "name: must be one line of text that is not blank"),
        (f'name = "{"x" * 61}"', "name: must have at most 60 characters"),
        ('model = ""', "model: must be one line of text that is not blank"),
        ('maker = ""', "maker: must be one line of text that is not blank"),
        ("family = []", "family: must be text, in quotes"),
        ('openness = "ajar"', "openness: must be 'open', 'restricted' or 'closed'"),
        ("reasons = 3", "reasons: must be a table"),
        ('reasons = { vibes = "good" }', "reasons.vibes: there is no such field"),
        (f'reasons = {{ code = "{"x" * 301}" }}', "reasons.code: must have at most 300 characters"),
        ('tasks = "code"', "tasks: must be a list, in square brackets"),
        ('tasks = ["sing"]', "tasks.0: must be 'answer', 'summarise', 'translate' or 'code'"),
        ('backend = "magic"', "backend: must be 'local', 'openai_api', 'anthropic_api', 'gemini_api' or 'scripted'"),
        ('licence = ""', "licence: must be one line of text that is not blank"),
        ('licence_url = "apache.org"', "licence_url: must be an address such as http://127.0.0.1:8000/v1"),
        ("attribution = true", "attribution: must be text, in quotes"),
        ("context = 0", "context: must be above 0"),
        ('context = "8x"', 'context: must be a whole number, or one such as "135M" or "8B"'),
        ("context = 1.5", "context: must be a whole number"),
        ("parameters = true", "parameters: must be a whole number"),
        ("price = 3", "price: must be a table"),
        ('price = { read = 1, written = 2, looked_up = 2026-11-28 }', "price.source: is missing"),
        ('price = { read = 1, written = 2, source = "x" }', "price.looked_up: is missing"),
        ('price = { read = 1, source = "x", looked_up = 2026-11-28 }', "price.written: is missing"),
        ('price = { read = -1, written = 2, source = "x", looked_up = 2026-11-28 }', "price.read: must be 0 or above"),
        ('price = { read = "two", written = 2, source = "x", looked_up = 2026-11-28 }', "price.read: must be a number"),
        ('price = { read = [], written = 2, source = "x", looked_up = 2026-11-28 }', "price.read: must be a number"),
        ('price = { read = nan, written = 2, source = "x", looked_up = 2026-11-28 }', "price.read: must be a number"),
        ('price = { read = 1, written = 2, source = "x", looked_up = "soon" }', "price.looked_up: must be a date such"),
        ('training = "maybe"', "training: must be 'no', 'yes' or 'unknown'"),
        ('training_note = ""', "training_note: must be one line of text that is not blank"),
        ('conditions = "none"', "conditions: must be a list, in square brackets"),
        ('conditions = ["a", "b", "c", "d", "e", "f", "g"]', "conditions: must have at most 6 entries"),
        ('conditions = [""]', "conditions.0: must be one line of text that is not blank"),
        ('attest = "I Do"', "attest: must be a name in small letters such as training:groq"),
        ("attestation = 1", "attestation: must be text, in quotes"),
        ('key_setting = "my key"', "key_setting: must name a variable of the environment such as GROQ_API_KEY"),
        ('key_setting = "ROSTRUM_X_API_KEY"', "key_setting: must name a variable of the environment such as"),
        ('address = "ftp://x/v1"', "address: must be an address such as http://127.0.0.1:8000/v1"),
        ('address = "http://x:99999/v1"', "address: must be an address such as"),
        ('address = "http://me:pw@x/v1"', "address: must be an address such as"),
        ('address = "http://x/v1?key=1"', "address: must be an address without ? and #"),
        ('address = "http://x y/v1"', "address: must be an address such as"),
        ('address = "http://ü.example/v1"', "address: must be an address such as"),
        ('shape = "round"', "shape: must be 'causal', 'seq2seq', 'extractive' or 'embedding'"),
        ("package = 1", "package: must be text, in quotes"),
        ('images = "yes"', "images: must be true or false"),
        ("gated = 1", "gated: must be true or false"),
        ("sampling = 1", "sampling: must be true or false"),
        ('effort = ""', "effort: must be one line of text that is not blank"),
        ('sources = ["a book"]', "sources.0: must be an address such as"),
        ('looked_up = "yesterday"', "looked_up: must be a date such as 2026-11-28"),
        ('not_looked_up = ["price"]', "not_looked_up.0: must be 'weights', 'code', 'data', 'licence', 'access', "),
        ('like = "lama-3.1-8b"', "like: no model before it is named 'lama-3.1-8b'; did you mean llama-3.1-8b?"),
        ("like = 1", "like: must be text, in quotes"),
        ('service = "open-ai"', "service: none is named 'open-ai'; did you mean openai?"),
        ("service = 1", "service: must be text, in quotes"),
    ],
)  # fmt: skip
def test_a_field_that_does_not_fit_is_named(file: Path, line: str, said: str) -> None:
    replaced = line.partition(" =")[0]
    kept = "\n".join(old for old in MINE.splitlines() if not old.startswith(f"{replaced} ="))
    with pytest.raises(SettingsError) as caught:
        read(file, f"{kept}\n{line}\n")
    told = str(caught.value)
    assert told.startswith(f"{file}: [models.mine]")
    assert said in told
    assert "\n" not in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[models.x]\nmodel = 'm'\naddress = 'http://x'\n", "[models.x] name: is missing"),
        ("[models.x]\nname = 'X'\naddress = 'http://x'\n", "[models.x] model: is missing"),
        ("[models.x]\nname = 'X'\nmodel = 'm'\n", "[models.x] address: is missing; write one such as"),
        ("[models.x]\nname = 'X'\nmodel = 'm'\nbackend = 'local'\naddress = 'http://x'\n", "address: a model of the"),
        (MINE + "package = 'p'\n", "[models.mine] package: only models of the backend local have one"),
        (MINE + "gated = true\n", "[models.mine] gated: only models of the backend local have one"),
        (MINE + "shape = 'seq2seq'\n", "[models.mine] shape: only models of the backend local have one"),
        ("[models.Mine]\n", "[models.Mine]: a key has 1 to 40 small letters, digits, dots, dashes or underscores"),
        ("[models.hybrid]\n", "[models.hybrid]: hybrid is what members say to leave the choice to the bot"),
        ("[services.Mine]\n", "[services.Mine]: a key has 1 to 40 small letters"),
        ("[services.x]\nname = 'X'\n", "[services.x] backend: is missing"),
        ("[services.x]\nbackend = 'local'\nname = 'X'\n", "[services.x] address: is missing"),
        ("[model.x]\n", "no table is named 'model'; did you mean models?"),
        ("models = 3\n", "models: must be tables such as [models.my-llama]"),
        ("[models]\nx = 3\n", "models.x: must be a table, [models.x], with fields under it"),
        ("[models.x\n", "cannot be read as TOML"),
        ("[models.x]\nname = '\x00'\n", "cannot be read as TOML"),
    ],
)  # fmt: skip
def test_a_table_that_does_not_fit_is_named(file: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(file, text)
    assert str(caught.value).startswith(f"{file}: ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_or_no_text(file: Path) -> None:
    with pytest.raises(SettingsError, match=r"mine\.toml: there is no such models file"):
        load_catalog(file)
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match=r"mine\.toml: cannot be read as TOML"):
        load_catalog(file)
    with pytest.raises(SettingsError, match="cannot be read as TOML"):
        load_catalog(file.parent)


def test_an_empty_file_adds_nothing(file: Path) -> None:
    assert list(read(file, "").cards) == list(load_catalog().cards)
