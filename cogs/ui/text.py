"""Text that people wrote, on its way into a message."""

import re
from datetime import datetime
from typing import Literal
from unicodedata import bidirectional

from discord.utils import format_dt

_MARKS = re.compile(r"([\\*_~`|<>\[\]])")
_EVERYBODY = re.compile(r"@(?=everyone|here)")
_LINE_STARTS = re.compile(r"^(\s*)(#{1,3}|-#|[-+]|\d+(?=[.)]))(?=[\s.)])", re.MULTILINE)


def plain(text: str) -> str:
    """Return `text` so that Discord shows it letter for letter: no formatting, mentions or links in disguise."""
    # a zero-width space after the @: it would not ping anybody, but look as if it had
    escaped = _LINE_STARTS.sub(_escape_start, _EVERYBODY.sub("@\u200b", _MARKS.sub(r"\\\1", text)))
    # isolated, or the numbers that follow a right-to-left text would be drawn in front of it
    return f"\u2068{escaped}\u2069" if any(bidirectional(char) in {"R", "AL"} for char in text) else escaped


def _escape_start(match: re.Match[str]) -> str:
    space, mark = match.groups()
    return f"{space}{mark}\\" if mark[0].isdigit() else f"{space}\\{mark}"


def clip(text: str, length: int) -> str:
    """Return `text` cut to `length` characters, the last of them … when something is missing."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def block(text: str) -> str:
    """Return `text` in a code block, which shows it exactly and is easy to copy."""
    return "```\n" + text.replace("```", "`\u200b`\u200b`") + "\n```"


def when(at: datetime, style: Literal["R", "F", "f", "t"] = "R") -> str:
    """Return a time that every reader sees in their own zone; R is "in 3 days"."""
    return format_dt(at, style)


def count(amount: int, one: str, many: str | None = None) -> str:
    """Return an amount with its noun: `1 vote`, `2 votes`."""
    return f"{amount:,} {one if amount == 1 else many or one + 's'}"
