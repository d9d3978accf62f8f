"""Names of models, makers and families do not show in answers, and words that name nobody stay."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arena.identity import MASK, Identity
from bot.catalog import ModelCard, load_catalog
from tests.support.asking import card


def named(name: str, maker: str, family: str, model: str) -> ModelCard:
    return card(re.sub(r"\W+", "-", name.lower()), name=name, maker=maker, family=family, model=model)


GPT = named("GPT-5 mini", "OpenAI", "GPT", "gpt-5-mini")
SMOL = named("SmolLM2 135M", "Hugging Face", "SmolLM2", "HuggingFaceTB/SmolLM2-135M-Instruct")
CLAUDE = named("Claude Haiku 4.5", "Anthropic", "Claude", "claude-haiku-4-5")
QWEN = named("Qwen3 0.6B", "Alibaba Cloud", "Qwen", "Qwen/Qwen3-0.6B")
ONE, OTHER = Identity(GPT, SMOL), Identity(CLAUDE, QWEN)
FILLER = "Tea is a drink that is made from dried leaves and hot water."


@pytest.mark.parametrize(
    "said",
    [
        "I am GPT-5 mini.",
        "gpt 5, gpt5 and GPT-5-mini",
        "ChatGPT",
        "OpenAI",
        "OPENAI's",
        "Open AI",
        "open-ai",
        "openai.com",
        "Open\u200bAI",
        "**OpenAI**",
        "SmolLM2",
        "Smol LM 2",
        "smollm-2 135M",
        "SMOLLM",
        "Hugging Face",
        "huggingface",
        "Hugging-Face’s",
    ],
)
def test_a_name_is_masked_however_it_is_written(said: str) -> None:
    masked = ONE.mask(f"{FILLER} {said} {FILLER}")
    assert masked.places >= 1
    assert not re.search(r"gpt|open.?ai|smol|hugging", masked.text, re.IGNORECASE), masked.text
    assert masked.text.count(FILLER) == 2
    assert not masked.is_all_about_itself


@pytest.mark.parametrize(
    "said",
    [
        "As an AI developed by Anthropic, I have no taste.",
        "As a large language model trained by Google, I have no taste.",
        "I'm an AI assistant called Bard.",
        "My name is Le Chat and I am an AI assistant.",
        "I am DeepSeek, an AI model.",
        "Ich bin ein Sprachmodell, das von DeepSeek entwickelt wurde.",
        "Ich bin eine KI und wurde entwickelt von Aleph Alpha.",
        "Je suis un modèle de langage développé par Mistral AI.",
        "Je m'appelle Lucie, une IA.",
        "Soy un asistente creado por Meta AI.",
        "Soy una IA entrenada por BSC.",
    ],
)
def test_whoever_an_answer_says_that_it_is_is_masked(said: str) -> None:
    masked = OTHER.mask(f"{said} {FILLER}")
    assert masked.places == 1, masked.text
    assert not re.search(
        r"anthropic|google|bard|chat\b|deepseek|aleph|mistral|lucie|meta|bsc", masked.text, re.IGNORECASE
    ), masked.text
    assert masked.text.endswith(FILLER)
    assert not masked.is_all_about_itself


@pytest.mark.parametrize(
    "said",
    [
        "An open AI model is a language model whose weights are open.",
        "I am an AI.",
        "I am an assistant called AI.",
        "As an AI language model, I have no taste.",
        "Python was developed by Guido van Rossum.",
        "I am Batman, said the man by the door.",
        "Here is a haiku: the leaves fall.",
        "Open the face of the cloud.",
        "My name is Sarah, and I want a table for two.",
    ],
)
def test_words_that_name_nobody_stay(said: str) -> None:
    for names in (ONE, OTHER):
        masked = names.mask(said)
        assert (masked.text, masked.places, masked.is_all_about_itself) == (said, 0, False)


def test_a_name_that_is_a_word_is_masked_where_it_is_written_like_a_name() -> None:
    masked = OTHER.mask("Haiku wrote this haiku about claude, and Claude is a name.")
    assert masked.text == f"{MASK} wrote this haiku about claude, and {MASK} is a name."


@pytest.mark.parametrize(
    "said",
    [
        "Claude.",
        "I am Claude, made by Anthropic.",
        "Anthropic",
        "Hello! I am an AI model created by Acme Labs.",
        "Qwen3!",
    ],
)
def test_an_answer_that_says_nothing_else_is_told(said: str) -> None:
    assert OTHER.mask(said).is_all_about_itself


def test_names_side_by_side_are_one_mask() -> None:
    assert OTHER.mask(f"Anthropic Claude Haiku 4.5: {FILLER}").places == 1


def test_a_text_in_another_script_is_masked_too() -> None:
    assert OTHER.mask("我是Qwen，由阿里云开发。茶是一种用茶叶和热水制成的饮料，在世界各地都很受欢迎。").text.startswith(
        f"我是{MASK}，"
    )


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("我是通义千问，由阿里巴巴开发。", f"我是{MASK}，由{MASK}开发。"),
        ("I am Tongyi Qianwen.", f"I am {MASK}."),
        ("Я Клод, модель компании Антропик.", f"Я {MASK}, модель компании {MASK}."),
        ("私はクロードです。", f"私は{MASK}です。"),
    ],
)
def test_names_are_masked_as_others_write_them(said: str, left: str) -> None:
    assert OTHER.mask(f"{said} {FILLER}").text == f"{left} {FILLER}"
    assert ONE.mask(f"通义千问 {FILLER}").places == 0, "only of the two who answer"


def test_names_of_nothing_but_numbers_and_generic_words_mask_nothing() -> None:
    odd = Identity(named("42", "AI", "open", "7"), named("Yi", "o3", "language model", "x"))
    assert odd.mask("42 open AI language models, 7 of them.").places == 0
    assert odd.mask(f"Yi and o3 know: {FILLER}").places == 2
    assert Identity().mask(FILLER).text == FILLER


CARDS = tuple(load_catalog(None).cards.values())


@given(
    st.sampled_from(CARDS),
    st.sampled_from(["name", "maker", "family"]),
    st.sampled_from([str, str.upper, str.title]),
    st.sampled_from([" ", "-", "", "_"]),
    st.sampled_from(["", "'s", "’s", ",", ".", "!", ":"]),
)
def test_no_name_of_the_catalogue_is_left(
    one: ModelCard, part: str, write: Callable[[str], str], gap: str, after: str
) -> None:
    name = str(getattr(one, part))
    said = write(name).replace(" ", gap) if gap else write(name)
    masked = Identity(one, SMOL).mask(f"{FILLER} It was {said}{after} {FILLER}")
    assert masked.text.count(FILLER) == 2
    if re.search(r"[^\W\d_]{3}", name):
        assert said not in masked.text, masked.text


@given(st.text(max_size=300))
def test_masking_again_changes_nothing_and_never_fails(text: str) -> None:
    once = ONE.mask(text)
    assert ONE.mask(once.text).text == once.text
