"""Charts: they are real pictures of the right shape, whatever the labels."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from time import process_time

import pytest
from PIL import Image

from cogs.ui.charts import LEADING, PLAIN, WIDTH, Bar, draw_bars
from tests.conftest import ROOT
from tests.support.pictures import LABELS, alike, opened, rgb, share_of


async def pixels(bars: list[Bar], **more: object) -> Image.Image:
    return opened(await draw_bars(bars, folders=(), **more))  # pyright: ignore


async def test_longer_bars_for_larger_shares() -> None:
    plain = rgb(PLAIN)
    small = share_of(await pixels([Bar("Open", "1 vote", 0.25)]), plain)
    large = share_of(await pixels([Bar("Open", "3 votes", 0.75)]), plain)
    none = share_of(await pixels([Bar("Open", "0 votes", 0.0)]), plain)
    assert none == 0
    assert large / small == pytest.approx(3, rel=0.05)


async def test_the_leader_looks_different_and_says_so() -> None:
    leading = rgb(LEADING)
    first = await pixels([Bar("Open", "1 vote", 0.5, leading=True)])
    assert share_of(first, leading) > 0.09
    assert share_of(await pixels([Bar("Open", "1 vote", 0.5)]), leading) == 0
    written = await pixels([Bar("Open", "1 vote · first", 0.5)])
    words = (0, 0, WIDTH, 50)
    assert alike(first, written, words), "a word as well as a colour"
    assert not alike(first, await pixels([Bar("Open", "1 vote", 0.5)]), words)


@pytest.mark.parametrize(("amount", "row"), [(2, 64), (10, 64), (16, 54), (25, 47)])
async def test_one_row_for_each_option(amount: int, row: int) -> None:
    image = await pixels([Bar(f"Option {place}", "1 vote", 0.1) for place in range(amount)])
    assert image.width == WIDTH
    assert image.height == pytest.approx(row * amount + 56, abs=20)


@pytest.mark.parametrize("label", LABELS)
async def test_any_label_draws(label: str) -> None:
    assert (await pixels([Bar(label, "12,345 votes · 100 %", 1.0, leading=True)])).width == WIDTH


@pytest.mark.parametrize("piece", ["W", "模", "שלום ", "👩‍👩‍👧", "\U0010fffe", "क्षत्रिय", "a\u0301"])
async def test_long_labels_leave_room_for_the_value(piece: str) -> None:
    label = piece * 200
    value = "12,345 votes · 100 %"
    both, alone = await pixels([Bar(label, value, 1.0)]), await pixels([Bar("", value, 1.0)])
    right = (WIDTH - 220, 0, WIDTH, both.height)
    assert alike(both, alone, right)
    assert not alike(both, alone, (0, 0, WIDTH - 240, 50))


async def test_an_interval_is_drawn_from_its_low_to_its_high_end_and_explained() -> None:
    bare = await pixels([Bar("Open", "3 votes", 0.5)])
    image = await pixels([Bar("Open", "3 votes", 0.5, low=0.25, high=0.75)])
    assert image.height > bare.height, "a line below says what the whiskers are"
    middle = 28 + 20 + 8 + 11
    light = [x for x in range(WIDTH) if sum(image.getpixel((x, middle))) > 600]  # pyright: ignore
    full = WIDTH - 56
    assert min(light) == pytest.approx(28 + 0.25 * full, abs=3)
    assert max(light) == pytest.approx(28 + 0.75 * full, abs=3)
    assert await pixels([Bar("Open", "0 votes", 0.0, low=-0.2, high=1.7)]) is not None


async def test_the_ends_of_a_scale_are_named() -> None:
    bars = [Bar("Open", "mean 3.9", 0.78)]
    plain, named = await pixels(bars), await pixels(bars, ends=("0", "5"))
    assert named.height > plain.height
    below = named.crop((0, plain.height - 20, WIDTH, named.height))
    assert share_of(below.crop((0, 0, 60, below.height)), rgb("#b4bfc0")) > 0
    assert share_of(below.crop((WIDTH - 60, 0, WIDTH, below.height)), rgb("#b4bfc0")) > 0


async def test_charts_drawn_at_once_are_as_those_drawn_alone() -> None:
    labels = ["Open", "模型", "שלום 12", "👩‍🚀 🇩🇪", "नमस्ते", "𒀀𓀀"]
    charts = [[Bar(label * 3, f"{place} votes", 0.3)] for place in range(3) for label in labels]
    alone = [await draw_bars(chart, folders=()) for chart in charts]
    for _ in range(3):
        assert await asyncio.gather(*(draw_bars(chart, folders=()) for chart in charts)) == alone


async def test_charts_are_quick_after_the_first() -> None:
    for label, bound in (("Open weights", 0.06), ("模型 שלום 🎉 नमस्ते", 0.25)):
        bars = [Bar(f"{label} {place}", "3 votes · 12 %", 0.12) for place in range(8)]
        await draw_bars(bars, folders=())
        times: list[float] = []
        for _ in range(8):
            start = process_time()
            await draw_bars(bars, folders=())
            times.append(process_time() - start)
        # alone on a machine it is a fifth of this
        assert min(times) < bound, label


def test_nothing_is_imported_before_the_first_chart() -> None:
    kinds = "cogs.ui.charts, cogs.ui.chart_matrix, cogs.ui.chart_ranges, cogs.ui.chart_lines"
    code = f"import sys, {kinds}; print([n for n in ('PIL', 'uharfbuzz', 'manimgx_fonts') if n in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.strip() == "[]"
