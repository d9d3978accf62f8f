"""ABIF, the Aggregated Ballot Information Format of the electorama project: written, and read as others write it. Pure.

It has no finished standard. What is read here: `#` comments, the header `ABIF 1.0`, metadata `{"title": "..."}`,
candidates `=token:[Name]`, and ballots such as `27:A>B=C`, `27: A/5, B/3`, `27 * [Some One]>B`, `3:` for blank ones,
with further data `: {...}` after them. `>` ranks, `=` and `,` put side by side, `/` scores; scores between commas rank.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from bot.errors import InvalidInputError
from bot.polls.counting import UNRANKED, choices_of
from bot.polls.types import Poll, PollKind

LARGEST_FILE = 16 << 20
LONGEST_LINE = 20_000
MOST_CANDIDATES = 100
LONGEST_NAME = 300
MOST_BALLOTS = 1_000_000_000_000
"""In all; every figure of a count then fits what programs read alike."""
HIGHEST = 1_000_000
"""What a score may be at most."""
_DIGITS = 12
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NAME = re.compile(r"[^\s>=,/:#\[\]\"{}*]+(?:[ \t]+[^\s>=,/:#\[\]\"{}*]+)*")
_HEADER = re.compile(r"ABIF(?:[ \t]+\d+(?:\.\d+){0,3})?[ \t]*(?=$|[{#])")
# metadata as tools write it that do not quite write JSON; no part can take what the next one does, or a line of spaces
# would be tried in more ways than anybody can wait for
_LOOSE = re.compile(r"\{([^:{}#]*):([^{}#]*)\}")
_LOOSE_NAME = re.compile(r"\w+(?: +\w+)*")

Marks = tuple[bytes, tuple[int | None, ...] | None]
"""(ranks, scores): one of each a candidate; no scores where a ballot has none."""


@dataclass(frozen=True, slots=True)
class Abif:
    """What a file says: candidates by name, how often which ballot was cast, and texts beside them."""

    names: tuple[str, ...]
    ballots: Mapping[Marks, int]
    about: Mapping[str, str]
    is_ranked: bool
    """Whether any ballot puts one candidate before another with `>`."""

    @property
    def highest(self) -> int | None:
        """The highest score; None where there is none."""
        scores = [score for _, given in self.ballots for score in given or () if score is not None]
        return max(scores, default=None)


def write_abif(poll: Poll, listed: Sequence[tuple[bytes, int]]) -> str:
    """Write ballots, given as (ranks, weight); a ballot stands there as often as it weighs."""
    tokens = [
        _LETTERS[place] if len(poll.options) <= len(_LETTERS) else f"C{place + 1}" for place in range(len(poll.options))
    ]
    weighed = Counter[bytes]()
    for ranks, weight in listed:
        weighed[ranks] += weight
    lines = [
        "# Written by Rostrum: a poll's ballots without names, the same ones in one line",
        _about("version", "0.1"),
        _about("title", poll.question),
        _about("kind", poll.kind.value),
        _about("method", poll.method.value),
        _about("ties", poll.tie_seed.hex()),
    ]
    if any(weight != 1 for _, weight in listed):
        lines.append(f"# {len(listed)} people voted; each ballot is counted as often as it weighs")
    used = set[str]()
    for token, text in zip(tokens, poll.options, strict=False):
        plain = _plain(text)
        plain = f"{plain} {token}" if plain in used else plain
        used.add(plain)
        # brackets and number signs mean something here: the exact text is kept beside it
        lines += [] if plain == text else [_about(f"option {token}", text)]
        lines.append(f"={token}:[{plain}]")
    ordered = sorted(weighed.items(), key=lambda one: (-one[1], one[0]))
    lines += [f"{amount}:{_written(poll.kind, ranks, tokens)}" for ranks, amount in ordered]
    return "\n".join(lines) + "\n"


def _about(name: str, text: str) -> str:
    return json.dumps({name: text}, ensure_ascii=False).replace("#", "\\u0023")


def _plain(text: str) -> str:
    tidy = " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
    return tidy.translate(str.maketrans("[]#", "()＃")) or "?"


def _written(kind: PollKind, ranks: bytes, tokens: Sequence[str]) -> str:
    is_scored = kind is PollKind.SCORE
    named = sorted(choices_of(ranks), key=lambda place: -ranks[place] if is_scored else ranks[place])
    parts = list[str]()
    for before, place in zip([None, *named], named, strict=False):
        if before is not None:
            parts.append("=" if ranks[before] == ranks[place] else ">")
        parts.append(f"{tokens[place]}/{ranks[place]}" if is_scored else tokens[place])
    return "".join(parts)


def read_abif(data: bytes) -> Abif:
    """Read a file, made here or elsewhere.

    Raises:
        InvalidInputError: it cannot be read (file); says in which line and column.
    """
    if len(data) > LARGEST_FILE:
        raise InvalidInputError("file", f"The file is larger than {LARGEST_FILE >> 20} MB.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidInputError("file", f"Line {line}: this is not UTF-8.") from None
    found = _Found()
    for number, line in enumerate(text.split("\n"), 1):
        _read_line(_Line(number, line.replace("\r", "").replace("\ufeff", "")), found)
    if not found.names:
        raise InvalidInputError("file", "The file names no candidates: no line is like =A:[Name] or 27:A>B.")
    return found.whole()


class _Found:
    """What was read so far."""

    def __init__(self) -> None:
        self.names = list[str]()
        self.about = dict[str, str]()
        self.total = 0
        self.is_ranked = False
        self._by_token = dict[str, int]()
        self._by_name = dict[str, int]()
        self._ballots = Counter[tuple[tuple[int, int, int | None], ...]]()

    def place(self, at: "_Line", token: str) -> int:
        """Return which candidate a token or a name is; new ones are added."""
        place = self._by_token.get(token, self._by_name.get(token))
        return self._add(at, token, token) if place is None else place

    def declare(self, at: "_Line", token: str, name: str) -> None:
        """Take a line that says what a token stands for, also after ballots that used it."""
        place = self._by_token.get(token)
        if place is None:
            self._add(at, token, name)
        elif self.names[place] in {token, name}:
            self._by_name.pop(self.names[place], None)
            self.names[place] = name
            self._by_name[name] = place
        else:
            raise at.unfit(f"{token} stands for two names")

    def _add(self, at: "_Line", token: str, name: str) -> int:
        if len(self.names) == MOST_CANDIDATES:
            raise at.unfit(f"there are more than {MOST_CANDIDATES} candidates")
        if name in self._by_name:
            raise at.unfit("two candidates have this name")
        place = len(self.names)
        self.names.append(name)
        self._by_token[token] = self._by_name[name] = place
        return place

    def cast(self, at: "_Line", amount: int, marks: Sequence[tuple[int, int, int | None]]) -> None:
        """Count ballots, given as (candidate, tier from 0, score)."""
        self.total += amount
        if self.total > MOST_BALLOTS:
            raise at.unfit(f"there are more than {MOST_BALLOTS:,} ballots")
        self._ballots[tuple(marks)] += amount

    def whole(self) -> Abif:
        """Return all of it."""
        exact = {self._by_token[name.removeprefix("option ")]: text for name, text in self.about.items()
                 if name.startswith("option ") and name.removeprefix("option ") in self._by_token}  # fmt: skip
        names = tuple(exact.get(place, name) for place, name in enumerate(self.names))
        ballots = Counter[Marks]()
        for marks, amount in self._ballots.items():
            ballots[_packed(marks, len(names))] += amount
        return Abif(names, ballots, self.about, self.is_ranked)


def _packed(marks: Sequence[tuple[int, int, int | None]], candidates: int) -> Marks:
    ranks = bytearray([UNRANKED]) * candidates
    for place, tier, _ in marks:
        ranks[place] = tier
    given: dict[int, int | None] = {place: score for place, _, score in marks if score is not None}
    return bytes(ranks), tuple(given.get(place) for place in range(candidates)) if given else None


class _Line:
    """A line that is being read, from left to right."""

    def __init__(self, number: int, text: str) -> None:
        self._number = number
        self._text = text
        self._at = 0
        if len(text) > LONGEST_LINE:
            raise self.unfit(f"this line is longer than {LONGEST_LINE:,} characters")
        self.skip()

    def unfit(self, why: str) -> InvalidInputError:
        """Return the error to raise about what stands here."""
        return InvalidInputError("file", f"Line {self._number}, column {self._at + 1}: {why}.")

    def skip(self) -> None:
        """Go on to what is not a space."""
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1

    @property
    def next(self) -> str:
        """The character that stands here; empty at the end, and where a comment begins."""
        mark = self._text[self._at : self._at + 1]
        return "" if mark == "#" else mark

    def takes(self, mark: str) -> bool:
        """Go past one of these characters, if it stands here, and the spaces after it."""
        found = self.next != "" and self.next in mark
        if found:
            self._at += 1
            self.skip()
        return found

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Go past what a pattern takes from here, if it does."""
        found = pattern.match(self._text, self._at)
        if found:
            self._at = found.end()
            self.skip()
        return found

    def name(self) -> str:
        """Read a name: bare, in square brackets or in quotation marks."""
        closing = {"[": "]", '"': '"'}.get(self.next)
        if closing is None:
            found = self.match(_NAME)
            if found is None:
                raise self.unfit("a name is missing here")
            name = found[0]
        else:
            end = self._text.find(closing, self._at + 1)
            if end < 0:
                raise self.unfit(f"the {closing} that ends this name is missing")
            name = " ".join(self._text[self._at + 1 : end].split())
            if not name or len(name) > LONGEST_NAME:
                raise self.unfit(f"a name has 1 to {LONGEST_NAME} characters")
            self._at = end + 1
            self.skip()
        if len(name) > LONGEST_NAME:
            raise self.unfit(f"a name has 1 to {LONGEST_NAME} characters")
        return name

    def number(self, most: int, what: str) -> int:
        """Read a whole number."""
        start = self._at
        while self.next.isascii() and self.next.isdecimal():
            self._at += 1
        digits = self._text[start : self._at]
        if not digits or self.next == "." or len(digits) > _DIGITS or int(digits) > most:
            self._at = start
            raise self.unfit(f"{what} is a whole number from 0 to {most:,}")
        self.skip()
        return int(digits)

    def json(self) -> dict[str, Any]:
        """Read an object of JSON, or what some tools write for one."""
        try:
            value, end = json.JSONDecoder().raw_decode(self._text, self._at)
        except RecursionError:
            raise self.unfit("this is nested too deeply") from None
        except ValueError:
            return self._loose()
        self._at = end
        self.skip()
        return cast("dict[str, Any]", value)

    def _loose(self) -> dict[str, Any]:
        """Read one name and one text that are quoted otherwise than in JSON, or not at all."""
        found = _LOOSE.match(self._text, self._at)
        name, text = (_unquoted(part) for part in found.groups()) if found else ("", "")
        if found is None or not _LOOSE_NAME.fullmatch(name) or not {*"'\""}.isdisjoint(text):
            raise self.unfit("this is no JSON object in one line")
        self._at = found.end()
        self.skip()
        return {name: text}

    def end(self) -> None:
        """Make sure that nothing follows but a comment."""
        if self.next:
            raise self.unfit(f"{self.next} is not expected here")


def _unquoted(text: str) -> str:
    """Return a text without the spaces and the one quotation mark at each of its ends."""
    stripped = text.strip()
    stripped = stripped[1:] if stripped[:1] in {"'", '"'} else stripped
    return (stripped[:-1] if stripped[-1:] in {"'", '"'} else stripped).strip()


def _read_line(line: _Line, found: _Found) -> None:
    if line.next == "":
        return
    if line.next == "{" or line.match(_HEADER):
        if line.next == "{":
            about = line.json()
            found.about |= {str(name): str(text) for name, text in about.items() if isinstance(text, str | int)}
    elif line.next.isdecimal() and line.next.isascii():
        _read_ballots(line, found)
    else:
        line.takes("=")
        token = line.name()
        if not line.takes(":"):
            raise line.unfit("a line begins with how many ballots it stands for, as in 27:A>B, or names a candidate")
        found.declare(line, token, line.name())
    line.end()


def _read_ballots(line: _Line, found: _Found) -> None:
    amount = line.number(1_000_000_000, "how many ballots there are")
    if not line.takes(":*"):
        raise line.unfit("a colon is missing after how many ballots there are")
    marks, separators = list[tuple[int, int, int | None]](), set[str]()
    for place, tier, score in _names(line, found, separators):
        if any(place == other for other, _, _ in marks):
            raise line.unfit(f"{found.names[place]} stands twice on this ballot")
        marks.append((place, tier, score))
    if line.takes(":"):
        if line.next != "{":
            raise line.unfit("only an object of JSON follows a second colon")
        line.json()
    found.is_ranked |= ">" in separators
    if "," in separators and ">" not in separators and any(score is not None for _, _, score in marks):
        marks = _ordered_by_score(marks)
    found.cast(line, amount, marks)


def _names(line: _Line, found: _Found, separators: set[str]) -> Iterator[tuple[int, int, int | None]]:
    """Yield the candidates of a ballot with their tier and score."""
    tier, is_first = 0, True
    while (is_first and line.next not in {"", ":"}) or (not is_first and line.next in {">", "=", ","}):
        if not is_first:
            separator = line.next
            line.takes(">=,")
            separators.add(separator)
            tier += separator == ">"
        is_first = False
        place = found.place(line, line.name())
        score = line.number(HIGHEST, "a score") if line.takes("/") else None
        if line.next == "*":
            raise line.unfit("ballots that spread points (A*3) cannot be counted here")
        yield place, tier, score


def _ordered_by_score(marks: Sequence[tuple[int, int, int | None]]) -> list[tuple[int, int, int | None]]:
    """Rank by scores; who got none is not ranked."""
    scores = sorted({score for _, _, score in marks if score is not None}, reverse=True)
    return [(place, scores.index(score), score) for place, _, score in marks if score is not None]
