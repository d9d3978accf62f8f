"""How numbers went over time: a line each, told apart by marks and by the name at its end. Drawn in a thread."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from cogs.ui.drawing import EDGE, FAINT, INK, LEADING, MARKS, PAPER, PLAIN, WIDTH, Axis, Canvas, nothing

_COLOURS = (PLAIN, LEADING, "#e58a66", "#8fb4ef", "#cf9bd8", "#a5cf85", "#dfe3e1", "#e79ab0")
MOST_LINES = len(_COLOURS)
_HEIGHT = 380
"""Pixels of the part that holds the lines."""
_TEXT, _SMALL = 19, 17
_MARK = 15
_APART = 28
"""Pixels between the names of two lines."""
_NAMES = 0.3
"""The share of the width that the names may take."""
_MOST_MARKS = 30


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its name, and its value at each label below; None where it has none, and the line is interrupted."""

    label: str
    values: Sequence[float | None]


async def draw_lines(
    lines: Sequence[Line], labels: Sequence[str], *, axis: str = "", folders: tuple[str, ...] | None = None
) -> bytes:
    """Draw up to eight lines over `labels` as a PNG.

    `axis` says what the numbers at the left are. `folders` are searched for fonts besides those that packages bring;
    left out, they are those of this system.

    Raises:
        ValueError: there are more lines than can be told apart, or a line has not one value for each label.
    """
    if len(lines) > MOST_LINES:
        raise ValueError(f"{len(lines)} lines cannot be told apart")
    if any(len(line.values) != len(labels) for line in lines):
        raise ValueError("a line needs one value for each label")
    return await asyncio.to_thread(_draw, tuple(lines), tuple(labels), axis, folders)


def _draw(lines: tuple[Line, ...], labels: tuple[str, ...], axis: str, folders: tuple[str, ...] | None) -> bytes:
    if not any(_known(line) for line in lines):
        return nothing(folders)
    return _Plot(lines, labels, axis, folders).png()


def _known(line: Line) -> list[int]:
    """Return the places where a line has a value that can be drawn."""
    return [place for place, value in enumerate(line.values) if value is not None and abs(value) < 1e300]  # noqa: PLR2004


class _Plot:
    """Draws the parts of one chart."""

    def __init__(
        self, lines: tuple[Line, ...], labels: tuple[str, ...], axis: str, folders: tuple[str, ...] | None
    ) -> None:
        self._top = EDGE + (_SMALL + 16 if axis else 6)
        self._canvas = Canvas(WIDTH, self._top + _HEIGHT + _SMALL + 16 + EDGE - 8, folders)
        self._lines, self._labels, self._axis = lines, labels, axis
        values = [line.values[place] for line in lines for place in _known(line)]
        self._scale = Axis(values, self._top + _HEIGHT - 10, self._top + 10, most=8)
        room = WIDTH * _NAMES - _MARK
        names = max(self._canvas.line(line.label, _TEXT, room).width for line in lines)
        ticks = max((self._canvas.line(name, _SMALL, WIDTH / 4).width for _, name in self._scale.ticks), default=0)
        self._left = EDGE + ticks + 16
        self._right = WIDTH - EDGE - names - _MARK - 34
        self._names = names

    def png(self) -> bytes:
        """Draw it all."""
        canvas = self._canvas
        canvas.put(self._axis, EDGE, EDGE + _SMALL - 4, size=_SMALL, room=WIDTH - 2 * EDGE)
        for number, name in self._scale.ticks:
            y = self._scale.place(number)
            canvas.drawing.line((self._left, y, self._right, y), FAINT, 2)
            canvas.put(name, self._left - 14, y + _SMALL * 0.35, size=_SMALL, room=WIDTH / 4, side=1)
        self._times()
        for line, colour in zip(self._lines, _COLOURS, strict=False):
            self._strokes(line, colour)
        for line, colour, shape in zip(self._lines, _COLOURS, MARKS, strict=False):
            self._marks(line, colour, shape)
        self._ends()
        return canvas.png()

    def _x(self, place: int) -> float:
        if len(self._labels) == 1:
            return (self._left + self._right) / 2
        return self._left + 12 + place * (self._right - self._left - 24) / (len(self._labels) - 1)

    def _point(self, line: Line, place: int) -> tuple[float, float]:
        return self._x(place), self._scale.place(line.values[place] or 0.0)

    def _times(self) -> None:
        """Write as many labels below as there is room for, the last of them in any case."""
        most = (self._right - self._left) / 2.5
        widest = max(self._canvas.line(label, _SMALL, most).width for label in self._labels) + 18
        between = (self._right - self._left) / max(1, len(self._labels) - 1)
        each = max(1, -int(-widest // between))
        baseline = self._top + _HEIGHT + _SMALL + 8
        for place in range(len(self._labels) - 1, -1, -each):
            self._canvas.put(self._labels[place], self._x(place), baseline, size=_SMALL, room=most, side=0.5)

    def _strokes(self, line: Line, colour: str) -> None:
        # places that follow one another have one difference between what they are and how many came before
        for _, run in groupby(enumerate(_known(line)), key=lambda pair: pair[1] - pair[0]):
            points = [self._point(line, place) for _, place in run]
            if len(points) > 1:
                self._canvas.path(points, PAPER, 7)
                self._canvas.path(points, colour, 3)

    def _marks(self, line: Line, colour: str, shape: str) -> None:
        places = _known(line)
        each = -(-len(places) // _MOST_MARKS)
        for place in places[::-1][:: max(1, each)]:
            self._canvas.mark(shape, self._point(line, place), _MARK, colour)

    def _ends(self) -> None:
        """Write the names at the right, each as near to the end of its line as the others let it."""
        ends = sorted(
            (self._point(line, places[-1])[1], number, places[-1])
            for number, line in enumerate(self._lines)
            if (places := _known(line))
        )
        for (end, number, place), y in zip(ends, _spread([end for end, _, _ in ends], self._top, _HEIGHT), strict=True):
            colour, line = _COLOURS[number], self._lines[number]
            x = self._right + 26
            start = self._x(place) + _MARK
            if place == len(self._labels) - 1:
                self._canvas.path([(start, end), (x - _MARK, y)], FAINT, 2)
            self._canvas.mark(MARKS[number], (x, y), _MARK, colour)
            left = x + _MARK / 2 + 8
            self._canvas.put(line.label, left, y + _TEXT * 0.35, size=_TEXT, room=WIDTH - EDGE - left + 1, colour=INK)


def _spread(wanted: list[float], top: float, height: float) -> list[float]:
    """Return places that are apart, in the same order, as near to those `wanted` (which rise) as that lets them."""
    groups: list[list[float]] = []
    for place in wanted:
        groups.append([place])
        while len(groups) > 1 and _first(groups[-2]) + _APART * len(groups[-2]) > _first(groups[-1]):
            groups[-2:] = [groups[-2] + groups[-1]]
    places = [_first(group) + _APART * at for group in groups for at in range(len(group))]
    # the outermost may have been pushed out of the picture
    for at in range(len(places)):
        places[at] = max(places[at], top + 8 + _APART * at)
    for at in range(len(places)):
        behind = len(places) - 1 - at
        places[at] = min(places[at], top + height - 8 - _APART * behind)
    return places


def _first(group: list[float]) -> float:
    """Return where the first of names that touch stands, so that all of them are least far from where they should."""
    return sum(place - _APART * at for at, place in enumerate(group)) / len(group)
