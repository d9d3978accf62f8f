"""Charts: they are real pictures of the right shape, whatever the labels."""

from io import BytesIO

import pytest
from PIL import Image, ImageColor

from cogs.ui.charts import LEADING, PLAIN, WIDTH, Bar, draw_bars


async def pixels(bars: list[Bar]) -> Image.Image:
    return Image.open(BytesIO(await draw_bars(bars))).convert("RGB")


def rgb(colour: str) -> tuple[int, ...]:
    return ImageColor.getrgb(colour)[:3]


def share_of(image: Image.Image, colour: tuple[int, ...]) -> float:
    return sum(pixel == colour for pixel in image.get_flattened_data()) / (image.width * image.height)


async def test_longer_bars_for_larger_shares() -> None:
    plain = rgb(PLAIN)
    small = share_of(await pixels([Bar("Open", "1 vote", 0.25)]), plain)
    large = share_of(await pixels([Bar("Open", "3 votes", 0.75)]), plain)
    none = share_of(await pixels([Bar("Open", "0 votes", 0.0)]), plain)
    assert none == 0
    assert large / small == pytest.approx(3, rel=0.05)


async def test_the_leader_looks_different() -> None:
    leading = rgb(LEADING)
    assert share_of(await pixels([Bar("Open", "1 vote", 0.5, leading=True)]), leading) > 0.09
    assert share_of(await pixels([Bar("Open", "1 vote", 0.5)]), leading) == 0


@pytest.mark.parametrize("amount", [2, 10])
async def test_one_row_for_each_option(amount: int) -> None:
    image = await pixels([Bar(f"Option {place}", "1 vote", 0.1) for place in range(amount)])
    assert image.width == WIDTH
    assert image.height == pytest.approx(64 * amount + 56, abs=20)


@pytest.mark.parametrize("label", ["x" * 80, "W" * 80, "模型", "שלום עולם", "👩‍🚀 emoji", "\u202egnp.exe", ""])
async def test_any_label_draws(label: str) -> None:
    assert (await pixels([Bar(label, "12,345 votes · 100 %", 1.0, leading=True)])).width == WIDTH


@pytest.mark.parametrize("label", ["模型", "Модель", "שלום", "👩‍👩‍👧", "\U0010fffe"])
async def test_without_fonts_of_its_own_a_machine_draws_numbers_instead_of_boxes(label: str) -> None:
    """As on a fresh machine or in a small image: only the font that Pillow brings is there."""
    values = [Bar("Open", "2 votes", 0.5), Bar(label, "2 votes", 0.5)]
    numbered = [Bar("Open", "2 votes", 0.5), Bar("Option 2", "2 votes", 0.5)]
    assert await draw_bars(values, fonts=()) == await draw_bars(numbered, fonts=())
    assert await draw_bars(values, fonts=("NoSuchFont.ttf",)) == await draw_bars(numbered, fonts=())
