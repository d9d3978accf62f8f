"""Charts: they are real pictures of the right shape, whatever the labels."""

from io import BytesIO

import pytest
from PIL import Image

from cogs.ui.charts import WIDTH, Bar, draw_bars


async def pixels(bars: list[Bar]) -> Image.Image:
    return Image.open(BytesIO(await draw_bars(bars))).convert("RGB")


def share_of(image: Image.Image, colour: tuple[int, int, int]) -> float:
    return sum(pixel == colour for pixel in image.get_flattened_data()) / (image.width * image.height)


async def test_longer_bars_for_larger_shares() -> None:
    plain = (0x8B, 0x97, 0xFF)
    small = share_of(await pixels([Bar("Open", "1 vote", 0.25)]), plain)
    large = share_of(await pixels([Bar("Open", "3 votes", 0.75)]), plain)
    none = share_of(await pixels([Bar("Open", "0 votes", 0.0)]), plain)
    assert none == 0
    assert large / small == pytest.approx(3, rel=0.05)


async def test_the_leader_looks_different() -> None:
    leading = (0x4C, 0xC3, 0x8A)
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
