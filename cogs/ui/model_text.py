"""What a model wrote, on its way into a card: Markdown stays Markdown, but it pings nobody and passes for nothing else.

Code keeps its characters, except those that cannot be seen. Everywhere else mentions, invitations and addresses behind
other words lose their effect, headings become bold lines, and small print stays ordinary print: a card's title and its
receipt are the bot's own.
"""

import re
from urllib.parse import unquote

__all__ = ["defuse"]

_FENCE = "```"
_LINE_BREAKS = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")
# what turns text around, what has no shape, and what hides text from eyes but not from models
_UNSEEN = re.compile("[\u202a-\u202e\u2066-\u2069\u2060-\u2064\ufeff\ufff9-\ufffb\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
# these characters are a part of some flags, and of nothing else that is seen
_TAGS = re.compile("(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0000-\U000e007f]+")
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_PILES = re.compile(f"([{_MARKS}]{{4}})[{_MARKS}]+")
# an escaped mark, a block of code, code in a line; what is left is prose
_CODE = re.compile(r"(\\[^\w\s])|```[\s\S]*?```|(?<!`)(`{1,2})(?!`)[\s\S]*?(?<!`)\2(?!`)")

# quotes and lists, in which Discord shows headings too
_BEFORE = r"^((?:[ \t>]|(?:[-*+]|\d{1,9}[.)])[ \t])*+)"
_HEADINGS = re.compile(_BEFORE + r"#{1,6}[ \t]+(\S[^\n]*)$", re.MULTILINE)
# what follows may be code, and would be the heading
_OPEN_HEADINGS = re.compile(_BEFORE + r"(#{1,6}[ \t]+)$", re.MULTILINE)
_SMALL = re.compile(_BEFORE + r"-#(?=\s|$)", re.MULTILINE)
_MENTIONS = re.compile(r"<(?=@[!&]?\d|#\d|/[^\n<>:]{1,100}:\d|id:\w)")
_EVERYBODY = re.compile(r"@(?=everyone|here)", re.IGNORECASE)
_INVITES = re.compile(r"((?:discord\.gg|discord(?:app)?\.com/invite|dsc\.gg)/+)(?=\S)", re.IGNORECASE)
_LINKS = re.compile(
    r"(?<!\\)!?\[((?:\\.|[^\[\]\\\n]|\[[^\[\]\n]{0,200}\]){0,1000})\]"
    r"\([ \t]*<?([a-z][a-z0-9+.-]{1,15}:[^\s<>()]{1,2000}(?:\([^\s()<>]{0,500}\)[^\s()<>]{0,500})?)>?"
    r"(?:[ \t]+(?:\"[^\"\n]{0,500}\"|'[^'\n]{0,500}'))?[ \t]*\)",
    re.IGNORECASE,
)
_MASK = re.compile(r"\](?=\()")
_GAPS = re.compile(r"\n(?:[ \t\u200b\u3164\u2800]*\n){3,}")
_BLANK = re.compile(r"[\s\u200b-\u200d\u3164\u2800\u115f\u1160]*")


def defuse(text: str) -> str:
    """Return a model's text as a card may show it; empty when there is nothing to be seen in it.

    It may be cut off anywhere, as while it is still being written: a block of code that is open is closed.
    """
    text = _PILES.sub(r"\1", _TAGS.sub("", _UNSEEN.sub("", _LINE_BREAKS.sub("\n", text))))
    if _BLANK.fullmatch(text):
        return ""
    text = _rest_closed(text)
    parts: list[str] = []
    prose: list[str] = []
    at = 0
    for found in _CODE.finditer(text):
        prose.append(text[at : found.start()])
        at = found.end()
        if found[1]:
            # an escaped mark belongs to the prose around it
            prose.append(found[0])
            continue
        parts += (_tame("".join(prose), is_start=not parts), found[0])
        prose.clear()
    prose.append(text[at:])
    parts.append(_tame("".join(prose), is_start=not parts))
    return "".join(parts).strip("\n")


def _rest_closed(text: str) -> str:
    """Close the block of code that is open at the end."""
    at = 0
    while (opening := text.find(_FENCE, at)) >= 0:
        closing = text.find(_FENCE, opening + len(_FENCE))
        if closing < 0:
            body = text[opening + len(_FENCE) :]
            if not body.strip("`").strip():
                # nothing is in it yet
                return text[:opening]
            return text.rstrip("`\n") + "\n" + _FENCE
        at = closing + len(_FENCE)
    return text


def _tame(prose: str, *, is_start: bool) -> str:
    """Take the effect from prose; one that follows code does not begin a line."""
    if not prose:
        return prose
    prose = _GAPS.sub("\n\n", prose)
    prose = _LINKS.sub(_spelled, prose)
    prose = _MASK.sub(r"]\\", prose)
    prose = _MENTIONS.sub(r"\\<", prose)
    prose = _EVERYBODY.sub("@\u200b", prose)
    prose = _INVITES.sub("\\1\u200b", prose)
    first, rest = ("", prose) if is_start else _first_line(prose)
    rest = _OPEN_HEADINGS.sub(r"\1\\\2", _HEADINGS.sub(_bold, rest))
    return first + _SMALL.sub(r"\1\\-#", rest)


def _first_line(prose: str) -> tuple[str, str]:
    end = prose.find("\n") + 1
    return (prose[:end], prose[end:]) if end else (prose, "")


def _bold(match: re.Match[str]) -> str:
    words = match[2].rstrip("# \t").replace("**", "").strip() or match[2]
    return f"{match[1]}**{words}**"


def _spelled(match: re.Match[str]) -> str:
    words, address = " ".join(match[1].split()), match[2]
    return address if not words or _same(words) == _same(address) else f"{words} ({address})"


def _same(address: str) -> str:
    """Return what two spellings of one address have in common."""
    bare = unquote(address.replace("\\", "")).casefold().strip("<> ")
    return bare.removeprefix("https://").removeprefix("http://").rstrip("/")
