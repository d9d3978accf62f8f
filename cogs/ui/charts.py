"""Charts, drawn with Pillow in a thread. The text beside a chart says the same: a picture is never the only way.

Pillow is imported when the first chart is drawn, since most starts of the bot draw none.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import ImageDraw, ImageFont

WIDTH = 800
_EDGE = 28
_ROW = 64
_BAR = 22
_TEXT = 20

_PAPER, _INK, _FAINT = "#1f2728", "#f1f4f2", "#38444a"
_PLAIN, _LEADING = "#74b3ac", "#e2b552"

# fonts that cover more scripts than the one Pillow brings, where the machine has them
_FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "LiberationSans-Regular.ttf", "Arial.ttf")


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, the words behind it, its share from 0 to 1, and whether it leads."""

    label: str
    value: str
    share: float
    leading: bool = False


async def draw_bars(bars: Sequence[Bar]) -> bytes:
    """Draw horizontal bars as a PNG."""
    return await asyncio.to_thread(_draw, tuple(bars))


def _draw(bars: tuple[Bar, ...]) -> bytes:
    from PIL import Image, ImageDraw  # noqa: PLC0415

    image = Image.new("RGB", (WIDTH, 2 * _EDGE + _ROW * len(bars) - (_ROW - _TEXT - _BAR - 10)), _PAPER)
    draw = ImageDraw.Draw(image)
    font = _font()
    for place, bar in enumerate(bars):
        _draw_bar(draw, font, place, bar)
    target = BytesIO()
    image.save(target, "PNG", optimize=True)
    return target.getvalue()


def _draw_bar(draw: "ImageDraw.ImageDraw", font: "ImageFont.FreeTypeFont", place: int, bar: Bar) -> None:
    top = _EDGE + place * _ROW
    full = WIDTH - 2 * _EDGE
    # a star as well as a colour: some people see no difference between the two colours
    value = f"{bar.value}  ★" if bar.leading and _covers(font, "★") else bar.value
    room = full - draw.textlength(value, font) - 24
    draw.text((_EDGE, top), _fit(draw, font, _drawable(font, bar.label, place), room), _INK, font)
    draw.text((WIDTH - _EDGE, top), value, _INK, font, anchor="ra")
    line = (_EDGE, top + _TEXT + 8)
    draw.rounded_rectangle((*line, line[0] + full, line[1] + _BAR), _BAR / 2, _FAINT)
    if bar.share > 0:
        length = max(_BAR, full * min(bar.share, 1.0))
        colour = _LEADING if bar.leading else _PLAIN
        draw.rounded_rectangle((*line, line[0] + length, line[1] + _BAR), _BAR / 2, colour)


def _font() -> "ImageFont.FreeTypeFont":
    from PIL import ImageFont  # noqa: PLC0415

    for name in _FONTS:
        try:
            return ImageFont.truetype(name, _TEXT)
        except OSError:
            continue
    brought: Any = ImageFont.load_default(_TEXT)
    return brought


def _drawable(font: "ImageFont.FreeTypeFont", label: str, place: int) -> str:
    """Return the label, or its number where the font would show boxes."""
    return label if all(_covers(font, char) for char in set(label)) else f"Option {place + 1}"


def _covers(font: "ImageFont.FreeTypeFont", char: str) -> bool:
    # a font draws the same box for all that it lacks
    return char.isspace() or _drawn(font, char) != _drawn(font, "\U0010ffff")


def _drawn(font: "ImageFont.FreeTypeFont", char: str) -> bytes:
    from PIL import Image, ImageDraw  # noqa: PLC0415

    image = Image.new("1", (2 * _TEXT, 2 * _TEXT))
    ImageDraw.Draw(image).text((0, 0), char, 1, font)
    return image.tobytes()


def _fit(draw: "ImageDraw.ImageDraw", font: "ImageFont.FreeTypeFont", label: str, room: float) -> str:
    if draw.textlength(label, font) <= room:
        return label
    while label and draw.textlength(label + "…", font) > room:
        label = label[:-1]
    return label.rstrip() + "…"
