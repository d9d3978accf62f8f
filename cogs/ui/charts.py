"""Charts, drawn in a thread. The text beside a chart says the same: a picture is never the only way."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from cogs.ui import lettering
from cogs.ui.drawing import EDGE, FAINT, GAP, INK, INTERVAL_NOTE, LEADING, PLAIN, QUIET, WIDTH, Canvas, circle


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, the words behind it, its share from 0 to 1, and whether it leads, which `mark` says.

    `low` and `high` are shares too: the ends of the 95 % interval, where there is one.
    """

    label: str
    value: str
    share: float
    leading: bool = False
    low: float | None = None
    high: float | None = None
    mark: str = "first"


@dataclass(frozen=True, slots=True)
class _Measures:
    """Sizes in pixels: the height of a row, of its text and of its bar, and the space between the two."""

    row: int
    text: int
    bar: int
    space: int


# many options are drawn closer together, or the picture would be shrunk until nobody can read it
_MEASURES = {10: _Measures(64, 20, 22, 8), 16: _Measures(54, 19, 17, 7), 25: _Measures(47, 18, 13, 6)}


async def draw_bars(
    bars: Sequence[Bar], *, ends: tuple[str, str] | None = None, folders: tuple[str, ...] | None = None
) -> bytes:
    """Draw horizontal bars as a PNG.

    `ends` says what the left and the right end of a bar stand for where that is not 0 and 100 %. `folders` are searched
    for fonts besides those that packages bring; left out, they are those of this system.
    """
    return await asyncio.to_thread(_draw, tuple(bars), ends, folders)


def _draw(bars: tuple[Bar, ...], ends: tuple[str, str] | None, folders: tuple[str, ...] | None) -> bytes:
    measures = next((some for most, some in _MEASURES.items() if len(bars) <= most), _MEASURES[25])
    intervals = any(bar.low is not None and bar.high is not None for bar in bars)
    below = measures.text + 18 if ends or intervals else 0
    between = measures.row - measures.text - measures.space - measures.bar
    canvas = Canvas(WIDTH, 2 * EDGE + measures.row * len(bars) - between + below, folders)
    pen = _Pen(canvas, measures)
    for place, bar in enumerate(bars):
        pen.bar(bar, EDGE + place * measures.row)
    if below:
        pen.notes(canvas.image.height - EDGE + 4, ends, intervals=intervals)
    return canvas.png()


class _Pen:
    """Draws the parts of one chart."""

    def __init__(self, canvas: Canvas, measures: _Measures) -> None:
        self._canvas = canvas
        self._measures = measures

    def bar(self, bar: Bar, top: int) -> None:
        """Draw one row: label and value on one line, the bar below them."""
        measures = self._measures
        full = WIDTH - 2 * EDGE
        # a word as well as a colour: some people see no difference between the two colours
        value = self._line(f"{bar.value} · {bar.mark}" if bar.leading else bar.value, full * 0.7)
        label = self._line(bar.label, full - value.width - GAP)
        # one line for all fonts, or their different heights would make the rows dance
        baseline = top + measures.text - 2
        self._write(label, EDGE, baseline, INK)
        self._write(value, WIDTH - EDGE - value.width, baseline, INK)
        upper = top + measures.text + measures.space
        self._rounded(EDGE, upper, full, FAINT)
        if bar.share > 0:
            length = max(measures.bar, full * min(bar.share, 1.0))
            self._rounded(EDGE, upper, length, LEADING if bar.leading else PLAIN)
        if bar.low is not None and bar.high is not None:
            left, right = (EDGE + full * min(max(share, 0.0), 1.0) for share in (bar.low, bar.high))
            self._canvas.whisker(left, right, upper + measures.bar / 2, measures.bar * 0.32)

    def notes(self, baseline: int, ends: tuple[str, str] | None, *, intervals: bool) -> None:
        """Say below the bars what their ends and the whiskers mean."""
        size = self._measures.text - 4
        room = (WIDTH - 2 * EDGE) / 3
        left, right = ends or ("", "")
        self._canvas.put(left, EDGE, baseline, size=size, room=room)
        self._canvas.put(right, WIDTH - EDGE, baseline, size=size, room=room, side=1)
        if intervals:
            note = self._canvas.line(INTERVAL_NOTE, size, room)
            start = (WIDTH - note.width - 42) / 2
            self._canvas.whisker(start, start + 30, baseline - size * 0.35, size * 0.36)
            self._canvas.write(note, start + 42, baseline, QUIET, size)

    def _line(self, text: str, room: float) -> lettering.Line:
        return self._canvas.line(text, self._measures.text, room)

    def _write(self, line: lettering.Line, x: float, baseline: float, colour: str) -> None:
        self._canvas.write(line, x, baseline, colour, self._measures.text)

    def _rounded(self, left: float, top: float, length: float, colour: str) -> None:
        height, radius = self._measures.bar, self._measures.bar // 2
        right = int(left + length)
        self._canvas.drawing.rectangle((left + radius, top, right - radius - 1, top + height - 1), colour)
        cap = circle(height)
        self._canvas.image.paste(colour, (int(left), int(top)), cap)
        self._canvas.image.paste(colour, (right - height, int(top)), cap)
