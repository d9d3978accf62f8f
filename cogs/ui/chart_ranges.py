"""Estimates with their intervals on one axis: a dot and a whisker each. Drawn in a thread, as all charts are."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from cogs.ui.drawing import EDGE, FAINT, GAP, INK, INTERVAL_NOTE, PLAIN, QUIET, WIDTH, Axis, Canvas, finite, nothing

_ROOM = EDGE + 12
"""Pixels from the sides of the picture to the ends of the axis, so that dots and the first tick have room."""


@dataclass(frozen=True, slots=True)
class Range:
    """One row: its label, the words at its right, its estimate and the ends of the interval.

    Without an estimate (or one that is no number) it is only words, without both ends only a dot. `mark` is a word
    beside the label. A faded row has a hollow dot; its interval does not stretch the axis, and what does not fit ends
    in an arrow.
    """

    label: str
    value: str
    middle: float | None
    low: float | None = None
    high: float | None = None
    mark: str = ""
    faded: bool = False

    @property
    def ends(self) -> tuple[float, float] | None:
        """The interval, where there is one."""
        if self.low is None or self.high is None or self.low != self.low or self.high != self.high:
            return None
        return self.low, self.high


@dataclass(frozen=True, slots=True)
class _Measures:
    """Sizes in pixels: the height of a row, of its text and of its dot."""

    row: int
    text: int
    dot: int


_MEASURES = {10: _Measures(66, 20, 18), 16: _Measures(56, 19, 16), 25: _Measures(48, 18, 14)}


async def draw_ranges(ranges: Sequence[Range], *, axis: str = "", folders: tuple[str, ...] | None = None) -> bytes:
    """Draw rows with a dot and an interval each as a PNG, the first at the top.

    `axis` says what the numbers at the bottom are. `folders` are searched for fonts besides those that packages bring;
    left out, they are those of this system.
    """
    return await asyncio.to_thread(_draw, tuple(ranges), axis, folders)


def _draw(ranges: tuple[Range, ...], axis: str, folders: tuple[str, ...] | None) -> bytes:
    if not ranges:
        return nothing(folders)
    measures = next((some for most, some in _MEASURES.items() if len(ranges) <= most), _MEASURES[25])
    lanes = measures.row * len(ranges)
    small = measures.text - 2
    height = EDGE + lanes + small + 12 + small + 14 + EDGE - 8
    canvas = Canvas(WIDTH, height, folders)
    scale = _axis(ranges)
    bottom = EDGE + lanes - 6
    if scale is not None:
        for number, name in scale.ticks:
            x = scale.place(number)
            canvas.drawing.line((x, EDGE - 8, x, bottom), FAINT, 2)
            canvas.put(name, x, bottom + 6 + small, size=small, room=WIDTH / 4, side=0.5)
    for place, one in enumerate(ranges):
        _row(canvas, one, EDGE + place * measures.row, measures, scale)
    _notes(canvas, axis, height - EDGE + 4, small, any(one.ends for one in ranges))
    return canvas.png()


def _axis(ranges: tuple[Range, ...]) -> Axis | None:
    """Return an axis for all estimates and the intervals of those that are sure; None without any."""
    middles = finite(one.middle for one in ranges)
    sure = [one for one in ranges if not one.faded] or ranges
    ends = finite(end for one in sure for end in one.ends or ())
    return Axis((*middles, *ends), _ROOM, WIDTH - _ROOM) if middles or ends else None


def _row(canvas: Canvas, one: Range, top: int, measures: _Measures, scale: Axis | None) -> None:
    full, size = WIDTH - 2 * EDGE, measures.text
    baseline = top + size - 2
    # words lie on what is dark, not on the lines of the axis
    value = canvas.line(one.value, size, full * 0.6)
    mark = canvas.line(one.mark, size - 2, full * 0.3)
    room = full - value.width - GAP - (mark.width + GAP / 2 if one.mark else 0)
    label = canvas.line(one.label, size, max(room, 0))
    for left, line in (
        (EDGE, label),
        (EDGE + label.width + GAP / 2, mark),
        (WIDTH - EDGE - value.width, value),
    ):
        canvas.clear(left - 4, baseline - size, left + line.width + 4, baseline + 6)
    canvas.write(label, EDGE, baseline, QUIET if one.faded else INK, size)
    canvas.write(mark, EDGE + label.width + GAP / 2, baseline, QUIET, size - 2)
    canvas.write(value, WIDTH - EDGE - value.width, baseline, QUIET if one.faded else INK, size)
    if scale is None:
        return
    middle = top + size + 10 + measures.dot / 2
    if one.ends is not None:
        low, high = one.ends
        canvas.whisker(
            scale.place(low), scale.place(high), middle, measures.dot * 0.5, (scale.holds(low), scale.holds(high))
        )
    if one.middle is not None and one.middle == one.middle:
        canvas.mark("circle", (scale.place(one.middle), middle), measures.dot, PLAIN, hollow=one.faded)


def _notes(canvas: Canvas, axis: str, baseline: int, size: int, has_intervals: bool) -> None:
    """Say below the axis what its numbers and the whiskers are."""
    room = WIDTH - 2 * EDGE
    if has_intervals:
        note = canvas.put(INTERVAL_NOTE, WIDTH - EDGE, baseline, size=size, room=room / 2, side=1)
        right = WIDTH - EDGE - note.width - 12
        canvas.whisker(right - 30, right, baseline - size * 0.35, size * 0.36)
        room -= note.width + 12 + 30 + GAP
    canvas.put(axis, EDGE, baseline, size=size, room=room)
