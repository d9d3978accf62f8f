"""What all charts are drawn with: paper, ink, words, whiskers, marks, lines and the ticks of an axis.

Pillow and HarfBuzz are imported when the first chart is drawn, since most starts of the bot draw none.
"""

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

from cogs.ui import fonts, lettering

if TYPE_CHECKING:
    from PIL import Image

WIDTH = 800
EDGE = 28
GAP = 24
"""Pixels between a label and what is said at its right."""
PAPER, INK, QUIET, FAINT = "#1f2728", "#f1f4f2", "#b4bfc0", "#38444a"
PLAIN, LEADING = "#74b3ac", "#e2b552"
INTERVAL_NOTE = "95 % interval"
NOTHING_NOTE = "There is nothing to show yet."
MARKS = ("circle", "square", "up", "diamond", "down", "plus", "cross", "star")
"""Shapes that are told apart without their colour."""

_FINE = 4
"""How many times larger lines are drawn before they are made smooth."""
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_FEWEST_PLAIN, _MOST_PLAIN = 1e-4, 1e7


class Canvas:
    """A dark picture, and what is put on it."""

    def __init__(self, width: int, height: int, folders: tuple[str, ...] | None) -> None:
        """Start an empty picture; `folders` are searched for fonts besides those that packages bring."""
        from PIL import Image, ImageDraw  # noqa: PLC0415

        self.image = Image.new("RGB", (width, height), PAPER)
        self.drawing = ImageDraw.Draw(self.image)
        self._shelf = fonts.shelf(folders)

    def line(self, text: str, size: float, room: float) -> lettering.Line:
        """Lay out as much of a text as fits."""
        return lettering.fit(text, size, room, self._shelf)

    def write(self, line: lettering.Line, x: float, baseline: float, colour: str, size: float) -> None:
        """Write a line from `x` on."""
        lettering.draw(self.image, line, (x, baseline), colour, int(size) + 8)

    def put(
        self, text: str, x: float, baseline: float, *, size: float, room: float, colour: str = QUIET, side: float = 0.0
    ) -> lettering.Line:
        """Fit a text and write it: `side` is the share of its width that stands left of `x` (0, 0.5 or 1)."""
        line = self.line(text, size, room)
        self.write(line, x - side * line.width, baseline, colour, size)
        return line

    def clear(self, left: float, top: float, right: float, bottom: float) -> None:
        """Make a part of the picture paper again, for words."""
        self.drawing.rectangle((round(left), round(top), round(right), round(bottom)), PAPER)

    def whisker(
        self, left: float, right: float, middle: float, reach: float, ends: tuple[bool, bool] = (True, True)
    ) -> None:
        """Draw an interval; `ends` says which of its ends are in the picture, the others get an arrow."""
        # dark below light: it must be seen on a bar and beside it
        for width, colour in ((4, PAPER), (2, INK)):
            more = (width - 2) / 2
            self.drawing.line((left - more, middle, right + more, middle), colour, width)
            for x, is_end, inwards in ((left, ends[0], 1), (right, ends[1], -1)):
                if is_end:
                    self.drawing.line((x, middle - reach - more, x, middle + reach + more), colour, width)
                    continue
                for way in (-1, 1):
                    tip = (x, middle, x + inwards * reach, middle + way * reach)
                    self.drawing.line(tip, colour, width)

    def mark(self, shape: str, middle: tuple[float, float], size: int, colour: str, *, hollow: bool = False) -> None:
        """Draw one of the `MARKS` with a rim of paper, so that it is seen on lines."""
        x, y = middle
        for name, grown, ink in ((shape, size + 6, PAPER), (shape, size, colour), (shape, size - 7, PAPER)):
            if ink == PAPER and grown < size and not hollow:
                break
            self.image.paste(ink, (round(x - grown / 2), round(y - grown / 2)), _mask(name, grown))

    def path(self, points: Sequence[tuple[float, float]], colour: str, width: int) -> None:
        """Draw a smooth line through points."""
        from PIL import Image, ImageDraw  # noqa: PLC0415

        left, top = (math.floor(min(point[axis] for point in points)) - width for axis in (0, 1))
        right, bottom = (math.ceil(max(point[axis] for point in points)) + width for axis in (0, 1))
        large = Image.new("L", (_FINE * (right - left), _FINE * (bottom - top)))
        fine = [(_FINE * (x - left), _FINE * (y - top)) for x, y in points]
        ImageDraw.Draw(large).line(fine, 255, _FINE * width, joint="curve")
        self.image.paste(colour, (left, top), large.reduce(_FINE))

    def png(self) -> bytes:
        """Return the picture as a file."""
        from PIL import Image  # noqa: PLC0415

        target = BytesIO()
        # few colours: a quarter of the bytes, in half the time
        self.image.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(target, "PNG")
        return target.getvalue()


def nothing(folders: tuple[str, ...] | None) -> bytes:
    """Draw that there is nothing to draw."""
    canvas = Canvas(WIDTH, 2 * EDGE + 20, folders)
    canvas.put(NOTHING_NOTE, EDGE, EDGE + 17, size=20, room=WIDTH - 2 * EDGE)
    return canvas.png()


def finite(values: Iterable[float | None]) -> list[float]:
    """Return the values that have a place on an axis."""
    # what is larger than this cannot be subtracted from its opposite, what is smaller cannot be divided
    return [
        value if abs(value) > 1e-300 else 0.0  # noqa: PLR2004
        for value in values
        if value is not None and abs(value) < 1e300  # noqa: PLR2004
    ]


class Axis:
    """Where numbers stand between two ends in pixels, and the round numbers named beside it."""

    def __init__(self, values: Iterable[float | None], start: float, end: float, most: int = 6) -> None:
        """Make an axis that holds all `values` with a little room around them."""
        known = finite(values) or [0.0]
        low, high = min(known), max(known)
        largest = max(abs(low), abs(high))
        # numbers that are all the same, or that floats hardly tell apart, still need an axis
        room = 0.04 * (high - low) if high - low > 1e-9 * largest else 0.01 * largest or 1.0
        self.low, self.high = low - room, high + room
        self._start, self._end = start, end
        self.ticks = _ticks(self.low, self.high, most)

    def place(self, value: float) -> float:
        """Return the pixel of a number; what is beyond an end is put there."""
        if math.isnan(value):
            return self._start
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self._start + share * (self._end - self._start)

    def holds(self, value: float) -> bool:
        """Tell whether a number is between the ends."""
        return self.low <= value <= self.high


def _ticks(low: float, high: float, most: int) -> tuple[tuple[float, str], ...]:
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(share for share in _STEPS if share * power >= rough * (1 - 1e-9)) * power
    first, last = math.ceil(low / step), math.floor(high / step)
    return tuple((number * step, _name(number * step, step)) for number in range(first, last + 1))


def _name(value: float, step: float) -> str:
    places = -math.floor(math.log10(step)) + (0 if _is_whole(step) else 1)
    if step < _FEWEST_PLAIN or abs(value) >= _MOST_PLAIN:
        # as many digits as two neighbours need to differ
        digits = math.floor(math.log10(abs(value))) + places + 1 if value else 1
        text = f"{value:.{min(max(digits, 1), 15)}g}"
    else:
        text = f"{value:,.{max(0, places)}f}"
    return f"−{text[1:]}" if text.startswith("-") else text


def _is_whole(step: float) -> bool:
    """Tell whether a step has one digit, as 0.2 has and 0.25 has not."""
    digits = step / 10.0 ** math.floor(math.log10(step))
    return abs(digits - round(digits)) < 1e-6  # noqa: PLR2004


@lru_cache(maxsize=64)
def _mask(shape: str, size: int) -> "Image.Image":
    """Return a smooth shape as a mask; what Pillow draws by itself has steps."""
    from PIL import Image, ImageDraw  # noqa: PLC0415

    whole = 8 * size
    large = Image.new("L", (whole, whole))
    pen = ImageDraw.Draw(large)
    if shape == "circle":
        pen.ellipse((0, 0, whole - 1, whole - 1), 255)
    else:
        pen.polygon([(x * (whole - 1), y * (whole - 1)) for x, y in _outline(shape)], 255)
    return large.reduce(8)


def circle(size: int) -> "Image.Image":
    """Return a smooth circle as a mask."""
    return _mask("circle", size)


def _outline(shape: str) -> Sequence[tuple[float, float]]:
    """Return the corners of a shape within a square from 0 to 1."""
    if shape == "star":
        corners = [(0.5 if corner % 2 == 0 else 0.22, math.pi * corner / 5) for corner in range(10)]
        return [(0.5 + reach * math.sin(turn), 0.52 - reach * math.cos(turn)) for reach, turn in corners]
    plus = [(0.33, 0), (0.67, 0), (0.67, 0.33), (1, 0.33), (1, 0.67), (0.67, 0.67)]
    plus += [(1 - x, 1 - y) for x, y in plus]
    if shape == "cross":
        half = math.sqrt(0.5)
        return [(0.5 + half * (x - y) * 0.92, 0.5 + half * (x + y - 1) * 0.92) for x, y in plus]
    return {
        "square": [(0.08, 0.08), (0.92, 0.08), (0.92, 0.92), (0.08, 0.92)],
        "diamond": [(0.5, 0), (1, 0.5), (0.5, 1), (0, 0.5)],
        "up": [(0.5, 0.02), (1, 0.94), (0, 0.94)],
        "down": [(0.5, 0.98), (0, 0.06), (1, 0.06)],
        "plus": plus,
    }[shape]
