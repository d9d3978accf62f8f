"""Answers that say who wrote them: names are masked, and an answer that says nothing else makes a battle void. Pure.

Masked in both answers are the names of both models, of their makers and families, however they are spaced, written in
capitals or inflected; and whatever else somebody who says that they are an AI says that they are called, or were made
by. Words that name nothing by themselves ("open", "AI", "language model") stay. Names that are words of their own
("Command", "Haiku") are masked where they are written like a name.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.catalog import ModelCard

MASK = "█████"

_GENERIC_WORDS = (
    "a ai and api base beta chat chatbot cloud code coder company deep experimental face flash for foundation "
    "generative gmbh group hugging inc innovation instant instruct institute intelligence it lab labs language large "
    "latest lite llm lm local ltd max medium micro mini mind model models moe nano of open plus preview pro reasoning "
    "research restricted closed scientific seek small space star systems team tech technologies technology text the "
    "thinking tiny turbo ultra university vision"
)
_GENERIC = frozenset(_GENERIC_WORDS.split())
"""What stands in names and names nobody: it is masked as a part of a whole name only."""
_NAMING_WORDS = (
    "alibaba allen alpaca amazon apple arctic bard bloom camel claude codex cohere command dolly dolphin falcon gemini "
    "gemma gopher granite grok haiku hermes koala llama meta mistral nemo nova opus orca palm perplexity phi scout "
    "solar sonnet stable together titan writer zephyr maverick"
)
_WORDS = frozenset(_NAMING_WORDS.split())
"""Names that are words, or people's names, too."""
_ELSEWHERE: Mapping[str, str] = {
    "alibaba": "阿里巴巴 阿里云 アリババ 알리바바 Алибаба",
    "anthropic": "アンソロピック 앤트로픽 Антропик Anthropik",
    "baidu": "百度 Байду",
    "claude": "克劳德 クロード 클로드 Клод",
    "deepseek": "深度求索 ディープシーク 딥시크 Дипсик",
    "ernie": "文心一言 文心",
    "gemini": "ジェミニ 제미나이 Джемини",
    "glm": "智谱清言 智谱",
    "google": "谷歌 グーグル 구글 Гугл",
    "hunyuan": "混元",
    "mistral": "ミストラル 미스트랄 Мистраль",
    "moonshot": "月之暗面",
    "qwen": "通义千问 通義千問 千问 通义 Tongyi Qianwen Квен",
    "tencent": "腾讯 テンセント 텐센트",
}
"""What they are called in other scripts, or at home."""
_LETTER = "A-Za-z0-9À-ÖØ-öø-ÿ"
_BORDER, _END = f"(?<![{_LETTER}])", f"(?![{_LETTER}])"
_GAP = "[\\s\\-_.*\u00ad\u200b-\u200d\u2060\u2010-\u2013]{0,3}"
_JOINT = "[\\-_.*\u00ad\u200b-\u200d\u2060\u2010-\u2013]{0,2}"
_INFLECTED = "(?:['’´`]?s|['’])?"
_VERSION = f"(?:{_GAP}v?\\d+(?:[.,]\\d+)*(?:[bkm]|o)?(?![{_LETTER}]))*"
_PIECES = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+")
_SPLIT = re.compile(r"[\s\-_/.:(),]+")
_FEWEST = 3

# somebody speaks of themselves as of an AI
_AI = re.compile(
    r"\b(?:ai|a\.i\.|artificial intelligence|language model|llm|chat ?bot|(?:virtual |digital |ai )?assistant"
    r"|ki|künstliche intelligenz|sprachmodell\w*|assistent\w*|ia|intelligence artificielle|modèle de lang\w+"
    r"|inteligencia artificial|modelo de lengua\w+|asistente)\b",
    re.IGNORECASE,
)
_SELF = re.compile(
    r"\b(?:i|i['’]m|my|me|as an?|ich|mein\w*|mich|als|je|j['’]\w+|mon|ma|en tant qu\w+|me|m['’]\w+|soy|mi|yo|como|fui"
    r"|he sido)\b",
    re.IGNORECASE,
)
_NAME = r"((?:the )?(?:[A-ZÀ-Þ]|\d)[\w\-.]*\w(?:[ \-](?:(?:and|und|et|y|&) )?[A-ZÀ-Þ\d][\w\-.]*\w|[ \-]\d[\w.]*)*)"
_SAYS = re.compile(
    r"(?:\b(?i:i am|i['’]m|my name is|call me|named|called|known as|ich bin|ich heiße|mein name ist|namens|je suis"
    r"|je m['’]appelle|mon nom est|appelée?|soy|me llamo|mi nombre es|llamad[oa]"
    r"|(?:created|developed|trained|built|made|designed|provided|hosted|powered|offered) by"
    r"|(?:model|assistant|chatbot|ai) (?:from|by|of)"
    r"|(?:entwickelt|trainiert|erstellt|gebaut|geschaffen|bereitgestellt) (?:worden )?(?:von|durch)|von"
    r"|(?:créée?|développée?|entraînée?|conçue?|proposée?|fournie?) par"
    r"|(?:cread[oa]|desarrollad[oa]|entrenad[oa]|diseñad[oa]|hech[oa]) por))[\s:*_\"“„«]+" + _NAME
)
_GERMAN_PASSIVE = re.compile(
    r"\b(?:von|durch) " + _NAME + r"(?= (?:entwickelt|trainiert|erstellt|gebaut|geschaffen|bereitgestellt))"
)
_SENTENCES = re.compile(r"[^\n]*?(?:[.!?](?=\s|$)|[。！？]|\n|$)\s*")
_KEPT = frozenset({"ai", "an ai", "llm", "discord", "ki", "ia", "i", "the ai"})
_MASKS = re.compile(f"{MASK}(?:[\\s\\-_,/]{{0,2}}{MASK})+")
_LEFT = 20
"""Letters beside what an answer says about itself that make it worth a vote."""


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without names; `is_all_about_itself` where nothing worth a vote is left."""

    text: str
    places: int
    is_all_about_itself: bool = False


class Identity:
    """The names of the two models of a battle."""

    def __init__(self, *cards: ModelCard) -> None:
        strong: set[str] = set()
        weak: set[str] = set()
        for card in cards:
            # what is written with blanks is no model's name at its backend
            model = "" if " " in card.model else card.model.rpartition("/")[2]
            for name in (card.name, card.maker, card.family, model, card.key):
                for pattern, is_weak in _patterns(name):
                    (weak if is_weak else strong).add(pattern)
                strong.update(_elsewhere(name))
        self._strong = _any_of(strong)
        self._weak = _any_of(weak)

    def mask(self, text: str) -> Masked:
        """Return a text with every name masked."""
        masked = self._strong.sub(_masked, text) if self._strong else text
        masked = self._weak.sub(_masked_if_name, masked) if self._weak else masked
        own: list[bool] = []
        sentences: list[str] = []
        for sentence in _sentences(masked):
            is_own = bool(_AI.search(sentence) and _SELF.search(sentence))
            own.append(is_own or (MASK in sentence and bool(_SAYS_MASK.search(sentence))))
            sentences.append(_unnamed(sentence) if is_own else sentence)
        masked = _MASKS.sub(MASK, "".join(sentences))
        places = masked.count(MASK)
        rest = "".join(one for one, is_own in zip(sentences, own, strict=True) if not is_own)
        left = sum(letter.isalnum() for letter in rest.replace(MASK, ""))
        return Masked(masked, places, bool(places) and left < _LEFT)


_SAYS_MASK = re.compile(
    r"\b(?:i am|i['’]m|my name is|ich bin|ich heiße|mein name ist|je suis|je m['’]appelle|soy|me llamo|mi nombre es"
    rf"|by|von|par|por)\b.{{0,40}}{MASK}|^\W*{MASK}\W*$",
    re.IGNORECASE | re.DOTALL,
)


def _any_of(patterns: set[str]) -> re.Pattern[str] | None:
    """Return what finds any of these, the longest first."""
    if not patterns:
        return None
    ordered = sorted(patterns, key=lambda pattern: (-len(pattern), pattern))
    return re.compile(f"{_BORDER}(?:chat[\\s\\-]?)?(?:{'|'.join(ordered)}){_VERSION}{_INFLECTED}{_END}", re.IGNORECASE)


def _patterns(name: str) -> Iterator[tuple[str, bool]]:
    """Yield what finds a name: all of it, and each of its words that names something by itself.

    The second says whether it is a name only where it is written like one.
    """
    words = [word for word in _SPLIT.split(name) if word]
    pieces = [piece for word in words for piece in _PIECES.findall(word)]
    named = [piece for piece in pieces if not piece.isdigit()]
    if not named:
        return
    letters = "".join(named).lower()
    is_generic = all(piece.lower() in _GENERIC for piece in named)
    if len(pieces) > 1:
        if is_generic:
            # "OpenAI" and "open-ai" are names, "open AI" is none
            yield _JOINT.join(re.escape(piece) for piece in pieces), False
        yield _GAP.join(re.escape(piece) for piece in pieces), is_generic or _is_word(letters)
    elif not is_generic:
        yield re.escape("".join(pieces)), len(letters) < _FEWEST or _is_word(letters)
    for word in words:
        parts = [part for part in _PIECES.findall(word) if not part.isdigit()]
        whole = "".join(parts).lower()
        if len(whole) < _FEWEST or whole in _GENERIC:
            continue
        is_generic = all(part.lower() in _GENERIC for part in parts)
        if is_generic:
            yield _JOINT.join(re.escape(part) for part in parts), False
        yield _GAP.join(re.escape(part) for part in parts), is_generic or _is_word(whole)


def _elsewhere(name: str) -> Iterator[str]:
    """Yield what finds the words of a name as others write them."""
    for word in _SPLIT.split(name):
        letters = "".join(piece for piece in _PIECES.findall(word) if not piece.isdigit())
        yield from map(re.escape, _ELSEWHERE.get(letters.lower(), "").split())


def _is_word(letters: str) -> bool:
    return letters in _WORDS


def _masked(_found: re.Match[str]) -> str:
    return MASK


def _masked_if_name(found: re.Match[str]) -> str:
    """Mask what is written like a name: each of its words begins with a capital."""
    words = [word for word in _SPLIT.split(found[0]) if word[:1].isalpha()]
    return MASK if all(word[:1].isupper() for word in words) else found[0]


def _sentences(text: str) -> Iterator[str]:
    for found in _SENTENCES.finditer(text):
        if found[0]:
            yield found[0]


def _unnamed(sentence: str) -> str:
    """Mask what somebody who says that they are an AI is called, or was made by."""

    def hide(found: re.Match[str]) -> str:
        said = found[1]
        if said.lower().rstrip(".") in _KEPT:
            return found[0]
        return found[0][: found.start(1) - found.start()] + MASK + found[0][found.end(1) - found.start() :]

    return _GERMAN_PASSIVE.sub(hide, _SAYS.sub(hide, sentence))
