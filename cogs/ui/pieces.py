"""Long Markdown cut into messages: at paragraphs, lines, sentences or words, through nothing that must stay whole."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from cogs.ui.graphemes import graphemes

_FENCE = "```"
_CLOSING = "\n" + _FENCE
_OPENING = re.compile(r"```(?:([\w+.#-]{1,20})[ \t]*(?=\n))?\n?", re.ASCII)
_ROOM_FOR_FENCES = 48
"""Below this many characters a piece has no room for lines that close and open fences."""

# Discord takes these for one thing, or for something else once they are cut
_WHOLE = re.compile(
    r"""
    \\[^\w\s]                                                                         # an escaped mark
    | <(?:@[!&]?\d+|\#\d+|id:\w+|t:-?\d+(?::[tTdDfFR])?|a?:\w+:\d+|/[^\n<>:]{1,100}:\d+)>    # mentions, times, emoji
    | <https?://[^\s<>]+>
    | \[(?:\\.|[^\[\]\n\\]){1,1000}\]\([^\s()]{1,2000}(?:\([^\s()]{0,500}\)[^\s()]{0,500})?\)  # a link with a name
    | https?://[^\s<]+[^\s<.,:;"'\]]
    """,
    re.VERBOSE,
)
# cut through, these lose their look, but not their meaning
_TOGETHER = re.compile(
    r"(?<!`)(`{1,2})(?!`)[^\n]{1,800}?(?<!`)\1(?!`)"
    r"|\|\|[^|]{1,800}\|\||\*\*[^*\n]{1,800}\*\*|__[^_\n]{1,800}__|~~[^~\n]{1,800}~~"
    r"|(?<![\w*])\*[^\s*][^*\n]{0,800}\*|(?<!\w)_[^\s_][^_\n]{0,800}_(?!\w)"
)

# after these a cut may go between words at least
_SPOT = re.compile(r"[\s。！？]")
# elsewhere every character stands for itself
_JOINING = re.compile(r".?[\u0300-\U0010ffff]+|\r\n", re.DOTALL)
_HEADING = re.compile(r"^#{1,3} [^\n]*\n+", re.MULTILINE)


class _Cut(IntEnum):
    """How well a place is suited for a cut."""

    NEVER = 0
    THROUGH_WHOLE = 1
    THROUGH_WORD = 2
    THROUGH_LOOK = 3
    WORD = 4
    SENTENCE = 5
    LINE = 6
    PARAGRAPH = 7


# for each cut, what every other one becomes when it is the best there can be
_AT_MOST = tuple(bytes(min(cut, other) for other in range(256)) for cut in _Cut)

# what is looked for first, and from which share of the room on
_GOOD = (
    (_Cut.PARAGRAPH, 0.5),
    (_Cut.LINE, 0.5),
    (_Cut.SENTENCE, 0.5),
    (_Cut.WORD, 0.25),
    (_Cut.WORD, 0.0),
)
# what is left where there are no spaces
_BAD = (
    (_Cut.THROUGH_LOOK, 0.0),
    (_Cut.THROUGH_WORD, 0.0),
    (_Cut.THROUGH_WHOLE, 0.0),
    (_Cut.NEVER, 0.0),
)


@dataclass(frozen=True, slots=True)
class _Code:
    """A block of code: where its first line starts and ends, where its last line starts, and how it is opened again."""

    start: int
    body: int
    body_end: int
    end: int
    opening: str


def split(text: str, limit: int) -> list[str]:
    """Cut `text` into messages of 1 to `limit` characters.

    Put together they are `text` again, but for white space at the cuts and the lines that close a block of code and
    open it again. A blank text has no pieces.
    """
    if limit < 1:
        raise ValueError(f"a piece has at least one character, not {limit}")
    if not text.strip():
        return []
    if len(text) <= limit:
        return [text]
    return list(_Cutter(text, limit).pieces())


class _Cutter:
    """Knows where a text may be cut."""

    def __init__(self, text: str, limit: int) -> None:
        self._text = text
        self._limit = limit
        self._codes = list(_codes(text)) if limit >= _ROOM_FOR_FENCES else []
        self._code_starts = [code.start for code in self._codes]
        # for each place between two characters the best that a cut there can be
        self._most = bytearray([_Cut.PARAGRAPH]) * (len(text) + 1)
        self._mark()

    def pieces(self) -> Iterator[str]:
        """Cut the text."""
        at = 0
        while (at := self._after_space(at)) < len(self._text):
            code = self._code_at(at)
            opening = f"{code.opening}\n" if code else ""
            end = self._end(at, len(opening))
            code = self._code_at(end)
            if code:
                # the line that closes the block brings a line break of its own
                body = self._text[at:end].removesuffix("\n")
                yield f"{opening}{body}{_CLOSING}"
            else:
                piece = f"{opening}{self._text[at:end]}".rstrip()
                if piece:
                    yield piece
            at = end

    def _after_space(self, at: int) -> int:
        while at < len(self._text) and self._text[at].isspace() and not self._code_at(at):
            at += 1
        return at

    def _end(self, start: int, used: int) -> int:
        """Return where the piece that starts at `start` ends; `used` characters of it are taken."""
        furthest = min(start + self._limit - used, len(self._text))
        if furthest == len(self._text) and self._fits(start, furthest, used):
            return furthest
        # from the furthest to the nearest; few places are fit for more than a cut through a word, and all others are
        # looked at only when none of these will do
        spots = [found.end() for found in _SPOT.finditer(self._text, start, furthest)][::-1]
        for wishes, ends in ((_GOOD, spots), (_BAD, range(furthest, start, -1))):
            fitting = (end for end in ends if self._fits(start, end, used))
            rated: list[tuple[int, int]] = []
            for wish, share in wishes:
                end = self._best(wish, start + (furthest - start) * share, fitting, rated)
                if end is not None:
                    return end
        return start + 1

    def _best(self, wish: _Cut, least: float, fitting: Iterator[int], rated: list[tuple[int, int]]) -> int | None:
        """Return the furthest place from `least` on that is as good as wished; `rated` grows as far as needed."""
        for rate, end in rated:
            if end < least:
                return None
            if rate >= wish:
                return end
        for end in fitting:
            rated.append((self._rate(end), end))
            if end < least:
                return None
            if rated[-1][0] >= wish:
                return end
        return None

    def _fits(self, start: int, end: int, used: int) -> bool:
        closing = len(_CLOSING) if self._code_at(end) else 0
        return used + end - start + closing <= self._limit

    def _rate(self, at: int) -> int:
        """Tell how well a cut between `at` - 1 and `at` would be placed."""
        text = self._text
        before = text[at - 1]
        if before == "\n":
            suited = _Cut.PARAGRAPH if at > 1 and text[at - 2] == "\n" else _Cut.LINE
            # better before a block of code than through it
            suited = _Cut.SENTENCE if self._code_at(at) else suited
        elif before in "。！？" or (before.isspace() and at > 1 and text[at - 2] in ".!?…"):
            suited = _Cut.SENTENCE
        else:
            suited = _Cut.WORD if before.isspace() else _Cut.THROUGH_WORD
        return min(suited, self._most[at])

    def _code_at(self, at: int) -> _Code | None:
        """Return the block of code that a cut at `at` would go through."""
        place = bisect_right(self._code_starts, at) - 1
        if place < 0:
            return None
        code = self._codes[place]
        return code if code.body <= at < code.end else None

    def _mark(self) -> None:
        text = self._text
        for found in _TOGETHER.finditer(text):
            self._at_most(_Cut.THROUGH_LOOK, found.start() + 1, found.end())
        for found in _HEADING.finditer(text):
            # a heading goes with what it stands over
            self._at_most(_Cut.THROUGH_LOOK, found.start() + 1, found.end() + 1)
        for found in _WHOLE.finditer(text):
            self._at_most(_Cut.THROUGH_WHOLE, found.start() + 1, found.end())
        for code in self._codes:
            self._at_most(_Cut.PARAGRAPH, code.start, code.end, anew=True)
            # nothing but the first or the last line of a block would be an empty block
            self._at_most(_Cut.NEVER, code.start + 1, code.body + 1)
            self._at_most(_Cut.NEVER, code.body_end, code.end)
        for found in _JOINING.finditer(text):
            at = found.start()
            # with the character after it, which may belong to it too
            for grapheme in graphemes(text[at : found.end() + 1]):
                if len(grapheme) > 1:
                    self._at_most(_Cut.NEVER, at + 1, at + len(grapheme))
                at += len(grapheme)

    def _at_most(self, cut: _Cut, start: int, end: int, *, anew: bool = False) -> None:
        if anew:
            self._most[start:end] = bytes([cut]) * len(self._most[start:end])
        else:
            self._most[start:end] = self._most[start:end].translate(_AT_MOST[cut])


def _codes(text: str) -> Iterator[_Code]:
    """Find the blocks of code; one that is never closed goes to the end."""
    at = 0
    while found := _OPENING.search(text, at):
        closing = text.find(_FENCE, found.end())
        end = len(text) + 1 if closing < 0 else closing + len(_FENCE)
        body_end = len(text) + 1 if closing < 0 else closing - (text[closing - 1] == "\n")
        yield _Code(found.start(), found.end(), max(body_end, found.end()), end, _FENCE + (found[1] or ""))
        at = end
        if closing < 0:
            return
