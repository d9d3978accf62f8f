"""A table as a picture: who meets whom, each cell with its words and a shade. Drawn in a thread, as all charts are."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from cogs.ui.drawing import EDGE, FAINT, INK, LEADING, PAPER, QUIET, WIDTH, Canvas, nothing

LOW, HIGH = "#9c4a26", "#23756d"
"""The colours of the two ends, both dark enough for light words."""
_WIDEST = 1800
_INSET = 8
"""Pixels left free between the sides of a cell and its words."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its words, where it is between two ends (0 to 1, 0.5 neither), and whether it is marked with a corner.

    Without a shade it is only words on paper, as on the diagonal.
    """

    text: str
    shade: float | None = None
    leading: bool = False


@dataclass(frozen=True, slots=True)
class _Measures:
    """Sizes in pixels: the height of a row, of its text, and the least width of a column."""

    row: int
    text: int
    least: int


# many rows are drawn closer together; with many columns the picture grows wider, to be opened and read by parts
_MEASURES = {8: _Measures(50, 21, 58), 14: _Measures(42, 19, 46), 25: _Measures(35, 18, 42)}


async def draw_matrix(
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Sequence[Sequence[Cell]],
    *,
    title: str = "",
    folders: tuple[str, ...] | None = None,
) -> bytes:
    """Draw a table as a PNG: a list of cells for each row, one for each column.

    Columns whose names are too long for them have numbers; the same numbers stand before the rows where these have the
    same names, else a list below says what they mean. `folders` are searched for fonts besides those that packages
    bring; left out, they are those of this system.
    """
    grid = tuple(tuple(row) for row in cells)
    return await asyncio.to_thread(_draw, tuple(rows), tuple(columns), grid, title, folders)


def _draw(
    rows: tuple[str, ...],
    columns: tuple[str, ...],
    cells: tuple[tuple[Cell, ...], ...],
    title: str,
    folders: tuple[str, ...] | None,
) -> bytes:
    if not rows or not columns:
        return nothing(folders)
    return _Table(rows, columns, cells, title, folders).png()


class _Table:
    """Finds sizes for one table, then draws it."""

    def __init__(
        self,
        rows: tuple[str, ...],
        columns: tuple[str, ...],
        cells: tuple[tuple[Cell, ...], ...],
        title: str,
        folders: tuple[str, ...] | None,
    ) -> None:
        most = max(len(rows), len(columns))
        self._measures = next((some for upto, some in _MEASURES.items() if most <= upto), _MEASURES[25])
        self._cells, self._title, self._folders = cells, title, folders
        ruler = Canvas(1, 1, folders)
        self._rows, self._columns = rows, columns
        self._is_numbered = self._has_long_names(ruler)
        self._heads = tuple(str(place + 1) for place in range(len(columns))) if self._is_numbered else columns
        self._legend = columns if self._is_numbered and rows != columns else ()
        self._number = max(ruler.line(head, self._measures.text, WIDTH).width for head in self._heads) + 10
        self._label = self._label_room(ruler)
        self._column = self._column_width(ruler, len(columns))
        self._width = max(WIDTH, round(2 * EDGE + self._label + len(columns) * self._column))

    def png(self) -> bytes:
        """Draw it all."""
        row, text = self._measures.row, self._measures.text
        top = EDGE + (text + 18 if self._title else 0)
        first = top + text + 14
        below = first + row * len(self._rows)
        height = below + EDGE + (14 + (text + 10) * len(self._legend) if self._legend else 0)
        canvas = Canvas(self._width, height, self._folders)
        if self._title:
            canvas.put(self._title, EDGE, EDGE + text - 2, size=text, room=self._width - 2 * EDGE, colour=INK)
        for place, head in enumerate(self._heads):
            middle = EDGE + self._label + (place + 0.5) * self._column
            canvas.put(head, middle, top + text - 2, size=text - 2, room=self._column - 4, side=0.5)
        for place, (label, cells) in enumerate(zip(self._rows, self._cells, strict=True)):
            upper = first + place * row
            baseline = upper + (row - 3) / 2 + text * 0.35
            self._named(canvas, baseline, label, "" if self._legend or not self._is_numbered else self._heads[place])
            for at, cell in zip(range(len(self._heads)), cells, strict=True):
                self._cell(canvas, cell, EDGE + self._label + at * self._column, upper)
        for place, name in enumerate(self._legend):
            baseline = below + 14 + place * (text + 10) + text
            self._listed(canvas, baseline, name, self._heads[place])
        return canvas.png()

    def _named(self, canvas: Canvas, baseline: float, name: str, number: str) -> None:
        """Write the name of a row; its number stands at the left in any case, whichever way the name is read."""
        text, left = self._measures.text, EDGE + (self._number if number else 0)
        canvas.put(number, EDGE, baseline, size=text, room=self._number)
        canvas.put(name, left, baseline, size=text, room=EDGE + self._label - 12 - left + 1, colour=INK)

    def _listed(self, canvas: Canvas, baseline: float, name: str, number: str) -> None:
        """Write what the number of a column means."""
        size, left = self._measures.text - 2, EDGE + self._number
        canvas.put(number, EDGE, baseline, size=size, room=self._number)
        canvas.put(name, left, baseline, size=size, room=self._width - EDGE - left)

    def _has_long_names(self, ruler: Canvas) -> bool:
        """Tell whether the names of the columns need more room than these have."""
        room = min(150.0, (WIDTH - 2 * EDGE) * 0.7 / len(self._columns)) - 4
        return any(ruler.line(name, self._measures.text - 2, WIDTH).width > room for name in self._columns)

    def _label_room(self, ruler: Canvas) -> float:
        most = (WIDTH - 2 * EDGE) * (0.42 if len(self._heads) <= 4 else 0.32)  # noqa: PLR2004
        widest = max(ruler.line(name, self._measures.text, most).width for name in self._rows)
        return widest + 12 + (self._number if self._is_numbered and not self._legend else 0)

    def _column_width(self, ruler: Canvas, columns: int) -> float:
        """Return a width that holds the words of every cell, if the picture has the room."""
        texts = {cell.text for row in self._cells for cell in row}
        widest = max((ruler.line(text, self._measures.text, WIDTH).width for text in texts), default=0)
        heads = max(ruler.line(head, self._measures.text - 2, WIDTH).width + 4 for head in self._heads)
        wanted = max(self._measures.least, widest + 2 * _INSET, heads)
        shared = (WIDTH - 2 * EDGE - self._label) / columns
        if wanted <= shared:
            return min(shared, 150.0)
        return min(wanted, max(shared, (_WIDEST - 2 * EDGE - self._label) / columns))

    def _cell(self, canvas: Canvas, cell: Cell, left: float, top: float) -> None:
        right, bottom = left + self._column - 3, top + self._measures.row - 3
        shade = None if cell.shade is None or cell.shade != cell.shade else min(max(cell.shade, 0.0), 1.0)
        fill = _mixed(shade)
        if shade is not None:
            canvas.drawing.rectangle((round(left), round(top), round(right), round(bottom)), fill)
        if cell.leading:
            # a corner as well as a shade: some people see no difference between the colours
            corner = self._measures.row * 0.36
            canvas.drawing.polygon(((left, top), (left + corner, top), (left, top + corner)), _hex(PAPER))
            canvas.drawing.polygon(((left, top), (left + corner - 3, top), (left, top + corner - 3)), _hex(LEADING))
        room = self._column - 3 - _INSET
        line = canvas.line(cell.text, self._measures.text, WIDTH)
        # smaller before it is cut
        size = max(0.6 * self._measures.text, self._measures.text * min(1.0, room / max(line.width, 1)))
        ink = QUIET if shade is None else INK
        middle = (left + right) / 2
        canvas.put(cell.text, middle, (top + bottom) / 2 + size * 0.35, size=size, room=room, colour=ink, side=0.5)


def _mixed(shade: float | None) -> tuple[int, int, int]:
    """Return the colour of a shade: that of one end, the darker the nearer it is to the middle, that of the other."""
    if shade is None:
        return _hex(PAPER)
    end, middle, share = _hex(HIGH if shade > 0.5 else LOW), _hex(FAINT), abs(shade - 0.5) * 2  # noqa: PLR2004
    red, green, blue = (round(one + (other - one) * share) for one, other in zip(middle, end, strict=True))
    return red, green, blue


def _hex(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
