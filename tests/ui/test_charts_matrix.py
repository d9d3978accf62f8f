"""Tables as pictures: their shades, their words, and names of any length and script."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from PIL import Image

from cogs.ui.chart_matrix import HIGH, LOW, Cell, draw_matrix
from cogs.ui.drawing import EDGE, FAINT, INK, LEADING, WIDTH
from tests.support.pictures import LABELS, alike, centre_of, contrast, opened, places_of, rgb, share_of


async def table(names: Sequence[str], cells: Sequence[Sequence[Cell]], **more: object) -> Image.Image:
    columns = more.pop("columns", names)
    return opened(await draw_matrix(names, columns, cells, folders=(), **more))  # pyright: ignore


def square(size: int, cell: Cell) -> list[list[Cell]]:
    return [[Cell("–") if row == column else cell for column in range(size)] for row in range(size)]


async def test_a_shade_for_each_end_and_none_for_words_alone() -> None:
    image = await table(["Pizza", "Sushi"], [[Cell("–"), Cell("9", 1.0)], [Cell("1", 0.0), Cell("–")]])
    high, low = centre_of(image, rgb(HIGH)), centre_of(image, rgb(LOW))
    assert high[0] > low[0]
    assert high[1] < low[1], "the first row is at the top"
    even = await table(["Pizza", "Sushi"], square(2, Cell("5", 0.5)))
    assert share_of(even, rgb(HIGH)) == share_of(even, rgb(LOW)) == 0
    assert share_of(even, rgb(FAINT)) > 0.05
    bare = await table(["Pizza", "Sushi"], square(2, Cell("5")))
    assert share_of(bare, rgb(FAINT)) == 0


@pytest.mark.parametrize("shade", [LOW, FAINT, HIGH])
def test_words_are_read_on_every_shade(shade: str) -> None:
    assert contrast(INK, shade) > 4.5


async def test_words_and_a_corner_tell_what_the_shade_tells() -> None:
    names = ["Pizza", "Sushi"]
    plain = await table(names, square(2, Cell("7", 0.8)))
    other = await table(names, square(2, Cell("8", 0.8)))
    whole = (0, 0, WIDTH, plain.height)
    assert not alike(plain, other, whole)
    ahead = await table(names, square(2, Cell("7", 0.8, leading=True)))
    assert len(places_of(ahead, rgb(LEADING))) > 100
    assert not places_of(plain, rgb(LEADING))


async def test_a_title_is_written_above() -> None:
    bare = await table(["A", "B"], square(2, Cell("1", 0.5)))
    titled = await table(["A", "B"], square(2, Cell("1", 0.5)), title="How many put the row above the column")
    assert titled.height > bare.height
    assert places_of(titled.crop((EDGE, EDGE, 300, EDGE + 22)), rgb(INK))


async def test_long_names_get_numbers_that_stand_before_the_rows() -> None:
    cells = square(3, Cell("1", 0.5))
    short = await table(["A", "B", "C"], cells)
    long = await table(["A name that no column of this table holds", "שלום עולם, שם ארוך מאוד", "C"], cells)
    assert long.height == short.height
    numbered = await table(["A name that no column of this table holds", "Another one, also long", "C"], cells)
    # the way a name is read moves its number nowhere
    row = (0, EDGE + 35 + 50, EDGE + 14, EDGE + 35 + 100)
    assert alike(long, numbered, row)
    assert places_of(long.crop(row), rgb("#b4bfc0"))
    assert not alike(long, short, row)


async def test_long_names_of_columns_alone_are_listed_below() -> None:
    cells = [[Cell("12 %", 0.1), Cell("88 %", 0.9)]]
    short = await table(["SmolLM2 135M"], cells, columns=["wrong", "clear"])
    long = await table(["SmolLM2 135M"], cells, columns=["wrong", "ignored what the instruction asked for"])
    assert long.height > short.height + 50, "a line for each column"


@pytest.mark.parametrize(("size", "row"), [(8, 50), (9, 42), (14, 42), (25, 35)])
async def test_tables_of_every_size(size: int, row: int) -> None:
    image = await table([f"Option number {place + 1}" for place in range(size)], square(size, Cell("123", 0.7)))
    assert image.height == pytest.approx(row * size + 90, abs=10)
    # a phone shows eight by eight at half its size, with words of ten pixels
    assert image.width <= (WIDTH if size <= 8 else 1800)


@pytest.mark.parametrize("label", LABELS)
async def test_any_name_draws(label: str) -> None:
    assert (await table([label, "B"], square(2, Cell(label, 0.2, leading=True)), title=label)).width >= WIDTH


@pytest.mark.parametrize("shade", [float("nan"), float("inf"), -float("inf"), -3.0, 1e300])
async def test_shades_out_of_bounds(shade: float) -> None:
    image = await table(["A", "B"], square(2, Cell("1,234,567,890,123,456,789,012", shade)))
    assert image.width <= 1800


async def test_words_that_are_too_wide_are_made_smaller_then_cut() -> None:
    image = await table([str(place) for place in range(25)], square(25, Cell("1,234,567,890", 0.5)))
    assert image.width <= 1800


async def test_one_row_and_none() -> None:
    one = await table(["Only"], [[Cell("–")]])
    assert one.height < 160
    nothing = await table([], [])
    assert nothing.width == WIDTH
    assert places_of(nothing, rgb("#b4bfc0")), "it says so"


async def test_a_table_with_a_cell_missing_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="zip"):
        await table(["A", "B"], [[Cell("1")], [Cell("1"), Cell("2")]])
