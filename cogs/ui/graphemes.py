"""What readers take for one character: a letter with its marks, a flag, a family of emoji (after Unicode TR 29)."""

from collections.abc import Iterator
from unicodedata import category, combining

_JOINER = "\u200d"
_SKINS = range(0x1F3FB, 0x1F400)
_TAGS = range(0xE0020, 0xE0080)
_FLAGS = range(0x1F1E6, 0x1F200)
_LEAD_JAMO = (range(0x1100, 0x1160), range(0xA960, 0xA97D))
_LATER_JAMO = (range(0x1160, 0x1200), range(0xD7B0, 0xD7FC))
_SYLLABLES = range(0xAC00, 0xD7A4)
_VIRAMA = 9
_LONGEST = 64
"""Code points; more marks than this on one letter are noise, and a piece of text must end somewhere."""


def graphemes(text: str) -> Iterator[str]:
    """Cut `text` into what readers take for one character each; joined they are `text` again."""
    start = 0
    flags = 0
    for at in range(1, len(text)):
        before, char = text[at - 1], text[at]
        flags = flags + 1 if ord(before) in _FLAGS else 0
        if at - start >= _LONGEST or not _belongs(before, char, flags):
            yield text[start:at]
            start = at
    if text:
        yield text[start:]


def _belongs(before: str, char: str, flags: int) -> bool:
    """Tell whether no cut may come between two characters; `flags` counts the flag letters that end with `before`."""
    if before < "\u0300" and char < "\u0300":
        return before == "\r" and char == "\n"
    if before in "\r\n":
        return False
    if category(char) in {"Mn", "Me", "Mc"} or char in {_JOINER, "\u200c"} or ord(char) in _SKINS or ord(char) in _TAGS:
        return True
    if before == _JOINER:
        # an emoji sequence, or two letters that are asked to join
        return category(char) in {"So", "Sm", "Lo", "Cn"}
    if ord(char) in _FLAGS:
        return flags % 2 == 1
    # a consonant under its virama has another shape than one alone
    return _is_syllable(ord(before), ord(char)) or (combining(before) == _VIRAMA and category(char) == "Lo")


def _is_syllable(before: int, char: int) -> bool:
    if any(char in part for part in _LATER_JAMO):
        return before in _SYLLABLES or any(before in part for part in (*_LEAD_JAMO, *_LATER_JAMO))
    follows_lead = char in _SYLLABLES or any(char in part for part in _LEAD_JAMO)
    return follows_lead and any(before in part for part in _LEAD_JAMO)
