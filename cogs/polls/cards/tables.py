"""The tables of a count: options against options, or round by round; as text, and as the cells of a picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from bot.polls.types import Poll, Tally
from cogs.ui.chart_matrix import Cell
from cogs.ui.text import block, clip

WIDEST = 60
"""Characters of a line that a card's table may have; wider ones go into a file."""
_NAME, _LONG_NAME = 12, 80


@dataclass(frozen=True, slots=True)
class Table:
    """What a picture shows: the options with a row each, the columns, and the cells."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]
    corner: str = ""
    """What the columns are, in text."""

    def spoken(self) -> str:
        """Say what the picture shows, for those who hear it; the text beside it has the numbers."""
        return f"{self.title}, {len(self.rows)} rows and {len(self.columns)} columns. The text has the same numbers."

    def text(self, name: int = _LONG_NAME) -> str:
        """Write the table, the options' names cut to `name` characters; a column that is an option has its number."""
        numbered = self.columns == self.rows
        heads = [str(place) if numbered else head for place, head in enumerate(self.columns, start=1)]
        labels = [f"{place} {clip(row, name)}" for place, row in enumerate(self.rows, start=1)]
        first = max(len(label) for label in (self.corner, *labels))
        widths = [max(len(head), *(len(row[at].text) for row in self.cells)) for at, head in enumerate(heads)]
        lines = [_line(self.corner, heads, first, widths)]
        for label, row in zip(labels, self.cells, strict=True):
            lines.append(_line(label, [cell.text for cell in row], first, widths))
        return "\n".join(lines)

    def narrow(self) -> str | None:
        """Return the table in a block of code where its lines fit on a card."""
        text = self.text(_NAME)
        return block(text) if max(map(len, text.splitlines())) <= WIDEST else None


def table_of(poll: Poll, tally: Tally) -> Table | None:
    """Return the table that explains a count: rounds, or comparisons; None where the method has neither."""
    if len(tally.rounds) > 1:
        return _rounds(poll, tally)
    return _pairs(poll, tally) if tally.pairwise else None


def _line(label: str, texts: Sequence[str], first: int, widths: Sequence[int]) -> str:
    parts = [label.ljust(first), *(text.rjust(width) for text, width in zip(texts, widths, strict=True))]
    return "  ".join(parts).rstrip()


def number(value: Fraction | int) -> str:
    """Write a number: whole ones with separators, others to two digits."""
    exact = Fraction(value)
    return f"{exact.numerator:,}" if exact.denominator == 1 else f"{float(exact):,.2f}".rstrip("0").rstrip(".")


def _rounds(poll: Poll, tally: Tally) -> Table:
    columns = tuple(str(at) for at in range(1, len(tally.rounds) + 1))
    cells = [
        tuple(
            _votes(round_.votes[place], max(vote or 0 for vote in round_.votes), out=place in round_.eliminated)
            for round_ in tally.rounds
        )
        for place in range(len(poll.options))
    ]
    return Table("Votes in each round; × goes out", poll.options, columns, tuple(cells), "Round")


def _votes(votes: Fraction | None, most: Fraction | int, *, out: bool) -> Cell:
    if votes is None:
        return Cell("–")
    share = float(votes / most) if most else 0.0
    return Cell(f"{number(votes)}{' ×' if out else ''}", 0.5 + share / 2 if not out else 0.2, leading=votes == most)


def _pairs(poll: Poll, tally: Tally) -> Table:
    places = range(len(poll.options))
    cells = tuple(tuple(_pair(tally.pairwise, one, other) for other in places) for one in places)
    return Table("Ballots that prefer the row to the column", poll.options, poll.options, cells)


def _pair(pairwise: Sequence[Sequence[int]], one: int, other: int) -> Cell:
    if one == other:
        return Cell("")
    ahead, behind = pairwise[one][other], pairwise[other][one]
    shade = ahead / (ahead + behind) if ahead + behind else 0.5
    return Cell(f"{ahead:,}", shade, leading=ahead > behind)
