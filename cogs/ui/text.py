"""Text that people wrote, on its way into a message."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from unicodedata import bidirectional

from discord.utils import format_dt

from cogs.ui.graphemes import graphemes
from cogs.ui.pieces import split

__all__ = ["block", "clip", "count", "listed", "plain", "split", "when"]

_MARKS = re.compile(r"([\\*_~`|<>\[\]])")
_EVERYBODY = re.compile(r"@(?=everyone|here)")
_INVITES = re.compile(r"((?:discord\.gg|discord(?:app)?\.com/invite|dsc\.gg)/)(?=\w)", re.IGNORECASE)
_LINE_STARTS = re.compile(r"^(\s*)(#{1,3}|-#|[-+]|\d+(?=[.)]))(?=[\s.)])", re.MULTILINE)
# inside an address a backslash would be taken for a part of it, and _ is common there
_ADDRESS_MARKS = re.compile(r"([\\*~`|<>\[\]])")
_ADDRESSES = re.compile(r"(https?://[^\s<]+[^\s<.,:;\"'\]])")
_LINE_BREAKS = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")
# what turns text around would go on after the text's end; the other characters have no shape at all
_UNSEEN = re.compile("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0e-\x1f\x7f]")
_ISOLATE, _END = "\u2068", "\u2069"


def plain(text: str) -> str:
    """Return `text` so that Discord shows it letter for letter: no formatting, mentions or links in disguise.

    Characters that turn text around are left out, and invitations do not work.
    """
    text = _UNSEEN.sub("", _LINE_BREAKS.sub("\n", text))
    parts = _ADDRESSES.split(text)
    parts[::2] = [_MARKS.sub(r"\\\1", part) for part in parts[::2]]
    parts[1::2] = [_ADDRESS_MARKS.sub(r"\\\1", part) for part in parts[1::2]]
    # a zero-width space after the @: it would not ping anybody, but look as if it had
    escaped = _EVERYBODY.sub("@\u200b", _INVITES.sub("\\1\u200b", "".join(parts)))
    escaped = _LINE_STARTS.sub(_escape_start, escaped)
    # isolated, or the numbers that follow a right-to-left text would be drawn in front of it
    turned = any(bidirectional(char) in {"R", "AL"} for char in text)
    return f"{_ISOLATE}{escaped}{_END}" if turned else escaped


def _escape_start(match: re.Match[str]) -> str:
    space, mark = match.groups()
    return f"{space}{mark}\\" if mark[0].isdigit() else f"{space}\\{mark}"


def clip(text: str, length: int) -> str:
    """Return `text` cut to `length` characters, the last of them … when something is missing.

    No letter loses its marks, no escape its mark, and what `plain` isolated stays so.
    """
    if len(text) <= length:
        return text
    kept = _begin(text, length - 1)
    if kept.count(_ISOLATE) > kept.count(_END):
        return _begin(text, length - 2) + "…" + _END if length > len(_ISOLATE) + 1 else "…"
    return kept + "…"


def _begin(text: str, room: int) -> str:
    kept = ""
    for grapheme in graphemes(text):
        if len(kept) + len(grapheme) > room:
            break
        kept += grapheme
    kept = kept.rstrip()
    slashes = len(kept) - len(kept.rstrip("\\"))
    return kept[:-1] if slashes % 2 else kept


def block(text: str) -> str:
    """Return `text` in a code block, which shows it exactly and is easy to copy."""
    return "```\n" + re.sub(r"`{3,}", lambda run: "\u200b".join(run[0]), text) + "\n```"


def when(at: datetime, style: Literal["R", "F", "f", "t"] = "R") -> str:
    """Return a time that every reader sees in their own zone; R is "in 3 days"."""
    return format_dt(at, style)


def count(amount: int, one: str, many: str | None = None) -> str:
    """Return an amount with its noun: `1 vote`, `2 votes`."""
    return f"{amount:,} {one if amount == 1 else many or one + 's'}"


def listed(words: Sequence[str]) -> str:
    """Return words as a sentence has them: `a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
