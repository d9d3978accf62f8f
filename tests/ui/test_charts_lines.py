"""Lines over time: told apart by mark and name, interrupted where there is no number."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from PIL import Image, ImageChops

from cogs.ui.chart_lines import MOST_LINES, Line, draw_lines
from cogs.ui.drawing import INK, LEADING, MARKS, PAPER, PLAIN, QUIET, WIDTH, Canvas
from tests.support.pictures import LABELS, alike, contrast, opened, places_of, rgb

COLOURS = (PLAIN, LEADING, "#e58a66", "#8fb4ef", "#cf9bd8", "#a5cf85", "#dfe3e1", "#e79ab0")


async def chart(*lines: Line, labels: list[str] | None = None, axis: str = "") -> Image.Image:
    labels = [f"week {place}" for place in range(len(lines[0].values))] if labels is None else labels
    return opened(await draw_lines(lines, labels, axis=axis, folders=()))


def plot(image: Image.Image) -> Image.Image:
    """The part with the lines, without the names."""
    return image.crop((0, 0, WIDTH - 240, image.height))


async def test_a_line_rises_with_its_numbers() -> None:
    places = places_of(plot(await chart(Line("A name of some length here", [1000, 1040, 1100]))), rgb(PLAIN))
    first, last = min(places), max(places)
    assert first[0] + 200 < last[0]
    assert first[1] > last[1] + 100, "up is more"


async def test_a_line_is_interrupted_where_it_has_no_number() -> None:
    whole = await chart(Line("A name of some length here", [1, 2, 3, 4, 5]))
    torn = await chart(Line("A name of some length here", [1, 2, None, 4, 5]))
    columns = {x for x, _ in places_of(plot(whole), rgb(PLAIN))}
    left = {x for x, _ in places_of(plot(torn), rgb(PLAIN))}
    assert left < columns
    assert len(columns - left) > 80
    alone = await chart(Line("A name of some length here", [None, 2, None]))
    assert places_of(plot(alone), rgb(PLAIN)), "a number without neighbours has its mark"


def test_marks_are_told_apart_without_colours() -> None:
    seen: list[Image.Image] = []
    for shape in MARKS:
        canvas = Canvas(30, 30, ())
        canvas.mark(shape, (15, 15), 15, INK)
        seen.append(canvas.image.convert("L"))
    assert len(seen) == len(MARKS) >= MOST_LINES
    for one, other in combinations(seen, 2):
        differing = sum(
            count for shade, count in enumerate(ImageChops.difference(one, other).histogram()) if shade > 90
        )
        assert differing >= 20


@pytest.mark.parametrize("colour", COLOURS)
def test_lines_are_seen_on_the_paper(colour: str) -> None:
    assert contrast(colour, PAPER) > 4.5


async def test_names_of_lines_that_meet_stand_apart() -> None:
    for values in ([[1000.0, 1000.0]] * 8, [[0.0, place / 100] for place in range(7)] + [[0.0, 900.0]]):
        image = await chart(*(Line(f"Model {place}", ends) for place, ends in enumerate(values)))
        heights: list[float] = []
        for colour in COLOURS:
            # the mark before a name
            ys = [y for _, y in places_of(image.crop((WIDTH - 138, 0, WIDTH - 108, image.height)), rgb(colour))]
            heights.append((min(ys) + max(ys)) / 2)
        heights.sort()
        assert all(below - above > 22 for above, below in pairwise(heights))
        assert heights[0] > 0
        assert heights[-1] < image.height - 40


async def test_a_name_stands_at_the_height_of_its_line() -> None:
    image = await chart(Line("First", [1, 9]), Line("Second", [9, 1]))
    right = image.crop((WIDTH - 130, 0, WIDTH, image.height))
    first, second = (sorted(y for _, y in places_of(right, rgb(colour))) for colour in (PLAIN, LEADING))
    assert first[-1] < second[0]


async def test_the_axis_and_the_times_are_named() -> None:
    bare, named = await chart(Line("A", [1, 2])), await chart(Line("A", [1, 2]), axis="Rating")
    assert named.height > bare.height
    assert places_of(named.crop((20, 20, 120, 50)), rgb(QUIET))
    assert not alike(
        bare, await chart(Line("A", [1, 2]), labels=["May", "June"]), (0, bare.height - 60, WIDTH, bare.height)
    )


async def test_many_times_are_named_as_far_as_there_is_room() -> None:
    values = [float(place % 7) for place in range(200)]
    image = await chart(Line("A", values), Line("B", [*values[1:], None]), labels=[f"2026-{at}" for at in range(200)])
    below = image.crop((0, image.height - 50, WIDTH, image.height - 20))
    columns = {x for x, _ in places_of(below, rgb(QUIET))}
    gaps = [right - left for left, right in pairwise(sorted(columns))]
    assert max(gaps) > 12, "they do not run into each other"


@pytest.mark.parametrize("label", LABELS)
async def test_any_label_draws(label: str) -> None:
    image = await chart(Line(label * 3, [1, 2]), Line(label, [2, 1]), labels=[label * 3, label], axis=label * 5)
    assert image.width == WIDTH


@pytest.mark.parametrize(
    "values", [[1e308, -1e308], [float("nan"), float("inf")], [1e-12, 2e-12], [0, 0], [-5e-324, 1e299], [None, -1e299]]
)
async def test_extreme_numbers(values: list[float | None]) -> None:
    assert (await chart(Line("A", values))).width == WIDTH
    assert (await chart(Line("A", values), Line("B", [1000, 1001]))).width == WIDTH


async def test_one_time_and_nothing() -> None:
    assert places_of(await chart(Line("Only", [1000])), rgb(PLAIN))
    for lines in ((), (Line("A", []),), (Line("A", [None, None]),)):
        picture = opened(await draw_lines(lines, ["x"] * (len(lines[0].values) if lines else 0), folders=()))
        assert picture.height < 100


async def test_what_cannot_be_drawn_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="9 lines"):
        await draw_lines([Line("A", [1])] * 9, ["x"], folders=())
    with pytest.raises(ValueError, match="one value for each"):
        await draw_lines([Line("A", [1])], ["x", "y"], folders=())
