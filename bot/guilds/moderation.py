"""Words that a server does not want, found however they are written; and answers shown only as far as they are clear.

Compared is what a person reads: without case, accents and characters that nobody sees, blanks as one. A word counts as
a whole one ("ass" is not in "class"), unless a star says that it goes on (`spam*`), or its writing has no blanks
between words.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

_SCRIPTS_WITHOUT_BLANKS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
# in ASCII, what is not read as it stands
_UNEVEN = re.compile(r"[\x00-\x1f\x7f]|  ")
_STAR = "*"
# a letter that no blocked word has: what it follows may go on
_GOES_ON = "\u16a0"


class Words:
    """The words and phrases that a server blocks."""

    def __init__(self, words: Iterable[str]) -> None:
        patterns: dict[str, str] = {}
        longest = 0
        for word in words:
            bare = plain(word.strip().strip(_STAR)).strip()
            if bare:
                patterns[_pattern(bare, word.strip())] = word.strip()
                longest = max(longest, len(bare))
        # a match of several at one place is the first of them
        self._words = tuple(patterns.values())
        self._pattern = re.compile("|".join(f"({pattern})" for pattern in patterns)) if patterns else None
        self.longest = longest
        """Letters of the longest of them."""

    def __bool__(self) -> bool:
        return self._pattern is not None

    def find(self, text: str) -> str | None:
        """Return the word that is in a text, as the server wrote it; None when none is."""
        return self.find_plain(plain(text)) if self._pattern else None

    def find_plain(self, text: str, start: int = 0) -> str | None:
        """Do the same in a text that is `plain` already, from a place on."""
        found = self._pattern.search(text, start) if self._pattern else None
        return None if found is None or found.lastindex is None else self._words[found.lastindex - 1]


class Gate:
    """Lets an answer through as it comes, but never a part of what may yet become a blocked word."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._text = ""
        # what is plain, and for each of its letters where it came from
        self._plain = ""
        self._places: list[int] = []
        self._clear = 0
        self.found: str | None = None

    def feed(self, piece: str) -> str:
        """Take a piece more; return all that may be shown. Look at `found` first: then nothing more may be."""
        return self._pass(piece, whole=False)

    def end(self) -> str:
        """Return all of the text, which is known to be whole now; look at `found` first."""
        return self._pass("", whole=True)

    def _pass(self, piece: str, *, whole: bool) -> str:
        if not self._words:
            self._text += piece
            return self._text
        begun = len(self._text)
        self._text += piece
        if piece.isascii() and not _UNEVEN.search(piece) and not (piece[:1] == " " and self._plain.endswith(" ")):
            # most pieces of most answers, at a hundredth of the time
            self._plain += piece.lower()
            self._places.extend(range(begun, len(self._text)))
        else:
            self._read(piece, begun)
        # from one letter before what is not shown yet, for the border of its first word
        start = max(0, self._clear - 1)
        seen = self._plain[start:]
        # while more may come, the end of the text is not the end of a word
        self.found = self.found or self._words.find_plain(seen if whole else seen + _GOES_ON, self._clear - start)
        if whole:
            self._clear = len(self._plain)
            return self._text
        self._clear = max(0, len(self._plain) - self._words.longest)
        return self._text[: self._places[self._clear]] if self._clear < len(self._places) else self._text

    def _read(self, piece: str, begun: int) -> None:
        """Read a piece letter by letter."""
        for place, letter in enumerate(piece, begun):
            read = _plain_letter(letter)
            if read == " " and self._plain.endswith(" "):
                continue
            self._plain += read
            self._places.extend([place] * len(read))


def worst(scores: Mapping[str, float], least: float) -> tuple[str, float] | None:
    """Return the kind of harm with the highest score when that is `least` or more."""
    name = max(scores, key=lambda each: scores[each], default=None)
    return None if name is None or scores[name] < least else (name, scores[name])


def plain(text: str) -> str:
    """Return what a text reads like: without case, accents and unseen characters, every blank space one blank."""
    if text.isascii():
        return " ".join(text.lower().split()) if not (text[:1].isspace() or text[-1:].isspace()) else _spaced(text)
    return re.sub(" +", " ", "".join(_plain_letter(letter) for letter in text))


def _spaced(text: str) -> str:
    return re.sub(r"\s+", " ", text.lower())


@lru_cache(maxsize=4096)
def _plain_letter(letter: str) -> str:
    if letter.isspace():
        return " "
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", letter).casefold())
    # marks on letters, and what has no width
    return "".join(part for part in parts if unicodedata.category(part) not in {"Mn", "Me", "Cf", "Cc"})


def _pattern(bare: str, word: str) -> str:
    body = re.escape(bare)
    free = bool(_SCRIPTS_WITHOUT_BLANKS.search(bare))
    before = "" if free or word.startswith(_STAR) else r"(?<!\w)"
    after = "" if free or word.endswith(_STAR) else r"(?!\w)"
    return f"{before}{body}{after}"
