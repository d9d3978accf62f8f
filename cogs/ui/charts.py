"""Charts, drawn in a thread. The text beside a chart says the same: a picture is never the only way.

Pillow and HarfBuzz are imported when the first chart is drawn, since most starts of the bot draw none.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

from cogs.ui import fonts, lettering

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

WIDTH = 800
_EDGE = 28
_GAP = 24
"""Pixels between a label and what is said at its right."""
_PAPER, _INK, _QUIET, _FAINT = "#1f2728", "#f1f4f2", "#b4bfc0", "#38444a"
PLAIN, LEADING = "#74b3ac", "#e2b552"
INTERVAL_NOTE = "95 % interval"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, the words behind it, its share from 0 to 1, and whether it leads.

    `low` and `high` are shares too: the ends of the 95 % interval, where there is one.
    """

    label: str
    value: str
    share: float
    leading: bool = False
    low: float | None = None
    high: float | None = None


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
    from PIL import Image, ImageDraw  # noqa: PLC0415

    shelf = fonts.shelf(folders)
    measures = next((some for most, some in _MEASURES.items() if len(bars) <= most), _MEASURES[25])
    intervals = any(bar.low is not None and bar.high is not None for bar in bars)
    below = measures.text + 18 if ends or intervals else 0
    between = measures.row - measures.text - measures.space - measures.bar
    image = Image.new("RGB", (WIDTH, 2 * _EDGE + measures.row * len(bars) - between + below), _PAPER)
    pen = _Pen(image, ImageDraw.Draw(image), shelf, measures)
    for place, bar in enumerate(bars):
        pen.bar(bar, _EDGE + place * measures.row)
    if below:
        pen.notes(image.height - _EDGE + 4, ends, intervals=intervals)
    target = BytesIO()
    # few colours: a quarter of the bytes, in half the time
    image.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(target, "PNG")
    return target.getvalue()


class _Pen:
    """Draws the parts of one chart."""

    def __init__(
        self, image: "Image.Image", drawing: "ImageDraw.ImageDraw", shelf: fonts.Shelf, measures: _Measures
    ) -> None:
        self._image = image
        self._drawing = drawing
        self._shelf = shelf
        self._measures = measures

    def bar(self, bar: Bar, top: int) -> None:
        """Draw one row: label and value on one line, the bar below them."""
        measures = self._measures
        full = WIDTH - 2 * _EDGE
        # a word as well as a colour: some people see no difference between the two colours
        value = self._line(f"{bar.value} · first" if bar.leading else bar.value, full * 0.7)
        label = self._line(bar.label, full - value.width - _GAP)
        # one line for all fonts, or their different heights would make the rows dance
        baseline = top + measures.text - 2
        self._write(label, _EDGE, baseline, _INK)
        self._write(value, WIDTH - _EDGE - value.width, baseline, _INK)
        upper = top + measures.text + measures.space
        self._rounded(_EDGE, upper, full, _FAINT)
        if bar.share > 0:
            length = max(measures.bar, full * min(bar.share, 1.0))
            self._rounded(_EDGE, upper, length, LEADING if bar.leading else PLAIN)
        if bar.low is not None and bar.high is not None:
            left, right = (_EDGE + full * min(max(share, 0.0), 1.0) for share in (bar.low, bar.high))
            self._whisker(left, right, upper + measures.bar / 2, measures.bar * 0.32)

    def notes(self, baseline: int, ends: tuple[str, str] | None, *, intervals: bool) -> None:
        """Say below the bars what their ends and the whiskers mean."""
        size = self._measures.text - 4
        room = (WIDTH - 2 * _EDGE) / 3
        left, right = (lettering.fit(text, size, room, self._shelf) for text in ends or ("", ""))
        self._write(left, _EDGE, baseline, _QUIET)
        self._write(right, WIDTH - _EDGE - right.width, baseline, _QUIET)
        if intervals:
            note = lettering.fit(INTERVAL_NOTE, size, room, self._shelf)
            start = (WIDTH - note.width - 42) / 2
            self._whisker(start, start + 30, baseline - size * 0.35, size * 0.36)
            self._write(note, start + 42, baseline, _QUIET)

    def _line(self, text: str, room: float) -> lettering.Line:
        return lettering.fit(text, self._measures.text, room, self._shelf)

    def _write(self, line: lettering.Line, x: float, baseline: float, colour: str) -> None:
        lettering.draw(self._image, line, (x, baseline), colour, self._measures.text + 8)

    def _rounded(self, left: float, top: float, length: float, colour: str) -> None:
        height, radius = self._measures.bar, self._measures.bar // 2
        right = int(left + length)
        self._drawing.rectangle((left + radius, top, right - radius - 1, top + height - 1), colour)
        cap = _circle(height)
        self._image.paste(colour, (int(left), int(top)), cap)
        self._image.paste(colour, (right - height, int(top)), cap)

    def _whisker(self, left: float, right: float, middle: float, reach: float) -> None:
        # dark below light: it must be seen on the bar and beside it
        for width, colour in ((4, _PAPER), (2, _INK)):
            more = (width - 2) / 2
            for line in (
                (left - more, middle, right + more, middle),
                (left, middle - reach - more, left, middle + reach + more),
                (right, middle - reach - more, right, middle + reach + more),
            ):
                self._drawing.line(line, colour, width)


@lru_cache(maxsize=len(_MEASURES))
def _circle(size: int) -> "Image.Image":
    """Return a smooth circle as a mask; what Pillow draws by itself has steps."""
    from PIL import Image, ImageDraw  # noqa: PLC0415

    large = Image.new("L", (8 * size, 8 * size))
    ImageDraw.Draw(large).ellipse((0, 0, 8 * size - 1, 8 * size - 1), 255)
    return large.reduce(8)
