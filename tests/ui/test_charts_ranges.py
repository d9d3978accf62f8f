"""Estimates with intervals: dots and whiskers stand where the numbers say, on an axis of round numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cogs.ui.chart_ranges import Range, draw_ranges
from cogs.ui.drawing import EDGE, INK, PAPER, PLAIN, QUIET, WIDTH, Axis
from tests.support.pictures import LABELS, alike, centre_of, opened, places_of, rgb

ROW, DOT = 66, 20 + 10 + 9
"""The height of a row, and where its dot is in it."""


async def chart(*ranges: Range, axis: str = "") -> Image.Image:
    return opened(await draw_ranges(ranges, axis=axis, folders=()))


def lane(image: Image.Image, row: int) -> Image.Image:
    middle = EDGE + row * ROW + DOT
    return image.crop((0, middle - 10, WIDTH, middle + 10))


def dot(image: Image.Image, row: int) -> float:
    return centre_of(lane(image, row), rgb(PLAIN))[0]


def whisker(image: Image.Image, row: int) -> tuple[int, int]:
    xs = [x for x, _ in places_of(lane(image, row), rgb(INK))]
    return min(xs), max(xs)


async def test_dots_and_whiskers_stand_where_the_numbers_say() -> None:
    image = await chart(
        Range("Low", "900", 900, 900, 1100), Range("Middle", "1,000", 1000, 950, 1050), Range("High", "1,100", 1100)
    )
    low, middle, high = (dot(image, row) for row in range(3))
    assert middle == pytest.approx((low + high) / 2, abs=2)
    assert whisker(image, 0) == pytest.approx((low, high), abs=16), "but for the end below the dot"
    assert whisker(image, 1) == pytest.approx(((low + middle) / 2, (middle + high) / 2), abs=3)
    assert not places_of(lane(image, 2), rgb(INK)), "no interval, no whisker"


async def test_a_faded_row_has_a_hollow_dot_and_stretches_nothing() -> None:
    sure = Range("Sure", "1,000", 1000, 950, 1050)
    narrow = await chart(sure, Range("Few votes", "980", 980, 960, 1010, faded=True))
    wide = await chart(sure, Range("Few votes", "980", 980, -5000, 5000, faded=True))
    assert alike(narrow, wide, (0, EDGE, WIDTH, EDGE + ROW - 8))
    assert whisker(wide, 1)[1] > whisker(narrow, 1)[1]
    x, y = round(dot(wide, 1)), EDGE + ROW + DOT
    assert wide.getpixel((x, y)) == pytest.approx(rgb(PAPER), abs=4)
    filled = await chart(sure, Range("Few votes", "980", 980, 960, 1010))
    assert filled.getpixel((round(dot(filled, 1)), y)) == pytest.approx(rgb(PLAIN), abs=4)


async def test_an_interval_that_leaves_the_axis_ends_in_an_arrow() -> None:
    sure = Range("Sure", "1,000", 1000, 900, 1100)
    image = await chart(sure, Range("Few votes", "1,000", 1000, 950, 5000, faded=True))
    left, right = whisker(image, 1)
    heights = [sum(1 for at, _ in places_of(lane(image, 1), rgb(INK)) if abs(at - x) <= 1) for x in (left, right)]
    assert heights[0] > 2 * heights[1], "a cap at the left, the tip of an arrow at the right"


async def test_words_stand_beside_the_dots() -> None:
    bare = await chart(Range("Model", "1,000", 1000, 950, 1050))
    marked = await chart(Range("Model", "1,000", 1000, 950, 1050, mark="preliminary"))
    words = (0, EDGE - 6, WIDTH, EDGE + 26)
    assert not alike(bare, marked, words)
    assert places_of(marked.crop(words), rgb(QUIET))
    with_axis = await chart(Range("Model", "1,000", 1000, 950, 1050), axis="Rating")
    below = (0, bare.height - EDGE - 12, 200, bare.height)
    assert places_of(with_axis.crop(below), rgb(QUIET))
    assert not places_of(bare.crop(below), rgb(QUIET))


async def test_what_the_whiskers_are_is_said_where_there_are_any() -> None:
    with_interval = await chart(Range("Model", "1,000", 1000, 950, 1050))
    without = await chart(Range("Model", "1,000", 1000))
    corner = (WIDTH - 200, without.height - EDGE - 12, WIDTH, without.height)
    assert places_of(with_interval.crop(corner), rgb(QUIET))
    assert not places_of(without.crop(corner), rgb(QUIET))


@pytest.mark.parametrize(("amount", "row"), [(1, 66), (10, 66), (16, 56), (25, 48)])
async def test_one_row_for_each(amount: int, row: int) -> None:
    image = await chart(*(Range(f"Model {place}", "1", place, place - 1, place + 2) for place in range(amount)))
    assert image.width == WIDTH
    assert image.height == pytest.approx(row * amount + 110, abs=8)


@pytest.mark.parametrize("label", LABELS)
async def test_any_label_leaves_room_for_the_value(label: str) -> None:
    value = "1,084 · ranks 1 to 2"
    both = await chart(Range(label * 3, value, 5, 4, 6, mark="restricted"), axis=label * 9)
    alone = await chart(Range("", value, 5, 4, 6))
    assert alike(both, alone, (WIDTH - EDGE - 180, EDGE - 4, WIDTH, EDGE + 20))
    await chart(Range("A", label * 9, 5, mark=label * 9))


async def test_nothing_and_rows_without_numbers() -> None:
    assert (await chart()).height < 100
    image = await chart(Range("New", "no votes yet", None), Range("Odd", "?", float("nan"), float("nan"), 3))
    assert not places_of(image, rgb(PLAIN))


@pytest.mark.parametrize(
    "one",
    [
        Range("", "", 1e308, -1e308, 1e308),
        Range("", "", 0, -float("inf"), float("inf")),
        Range("", "", float("inf")),
        Range("", "", 5e-324, 0, 1e-323),
        Range("", "", -7, -7, -7),
        Range("", "", 3, 9, 1),
    ],
)
async def test_extreme_numbers(one: Range) -> None:
    assert (await chart(one, Range("Usual", "1,000", 1000, 900, 1100))).width == WIDTH
    assert (await chart(one)).width == WIDTH


numbers = st.floats(-1e299, 1e299) | st.integers(-2000, 2000)


@given(st.lists(numbers, min_size=1, max_size=5))
def test_an_axis_holds_all_numbers_in_order_and_names_round_ones(values: list[float]) -> None:
    axis = Axis(values, 40, 760)
    assert all(axis.holds(value) for value in values)
    places = [axis.place(value) for value in sorted(values)]
    assert places == sorted(places)
    assert all(40 <= place <= 760 for place in places)
    assert 2 <= len(axis.ticks) <= 9
    assert len({name for _, name in axis.ticks}) == len(axis.ticks)


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ((905, 1090), ["900", "950", "1,000", "1,050"]),
        ((0.21, 0.66), ["0.2", "0.3", "0.4", "0.5", "0.6"]),
        ((-0.3, 0.9), ["−0.25", "0.00", "0.25", "0.50", "0.75"]),
        ((1e-12, 2e-12), ["1e-12", "1.2e-12", "1.4e-12", "1.6e-12", "1.8e-12", "2e-12"]),
        ((), ["−1.0", "−0.5", "0.0", "0.5", "1.0"]),
    ],
)
def test_names_of_ticks(values: tuple[float, ...], names: list[str]) -> None:
    assert [name for _, name in Axis(values, 0, 100).ticks] == names


def test_what_is_no_number_stands_at_the_start() -> None:
    assert Axis([1, 2], 40, 760).place(float("nan")) == 40
