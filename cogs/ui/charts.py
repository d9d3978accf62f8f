"""Charts, drawn with Pillow in a thread. The text beside a chart says the same: a picture is never the only way.

Pillow is imported when the first chart is drawn, since most starts of the bot draw none.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
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
PLAIN, LEADING = "#74b3ac", "#e2b552"

# fonts that cover more scripts than the one Pillow brings, where the machine has them; each label takes the first that
# has all its characters
FONTS = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "NotoSansCJK-Regular.ttc",
    "NotoSansDevanagari-Regular.ttf",
    "NotoSansThai-Regular.ttf",
    "LiberationSans-Regular.ttf",
    "Arial.ttf",
    "Arial Unicode.ttf",
    "msyh.ttc",
)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, the words behind it, its share from 0 to 1, and whether it leads."""

    label: str
    value: str
    share: float
    leading: bool = False


async def draw_bars(bars: Sequence[Bar], fonts: Sequence[str] = FONTS) -> bytes:
    """Draw horizontal bars as a PNG; a label that no font has becomes `Option` and its number from 1."""
    return await asyncio.to_thread(_draw, tuple(bars), tuple(fonts))


def _draw(bars: tuple[Bar, ...], names: tuple[str, ...]) -> bytes:
    from PIL import Image, ImageDraw  # noqa: PLC0415

    image = Image.new("RGB", (WIDTH, 2 * _EDGE + _ROW * len(bars) - (_ROW - _TEXT - _BAR - 10)), _PAPER)
    draw = ImageDraw.Draw(image)
    fonts = _fonts(names)
    for place, bar in enumerate(bars):
        _draw_bar(draw, fonts, place, bar)
    target = BytesIO()
    image.save(target, "PNG", optimize=True)
    return target.getvalue()


def _draw_bar(draw: "ImageDraw.ImageDraw", fonts: "list[ImageFont.FreeTypeFont]", place: int, bar: Bar) -> None:
    top = _EDGE + place * _ROW
    full = WIDTH - 2 * _EDGE
    # a word as well as a colour: some people see no difference between the two colours
    value = f"{bar.value} · first" if bar.leading else bar.value
    room = full - draw.textlength(value, fonts[0]) - 24
    font = next((font for font in fonts if _covers(font, bar.label)), None)
    label, font = (bar.label, font) if font else (f"Option {place + 1}", fonts[0])
    # one line for all fonts, or their different heights would make the rows dance
    line = top + _TEXT - 1
    draw.text((_EDGE, line), _fit(draw, font, label, room), _INK, font, anchor="ls")
    draw.text((WIDTH - _EDGE, line), value, _INK, fonts[0], anchor="rs")
    start = (_EDGE, top + _TEXT + 8)
    draw.rounded_rectangle((*start, start[0] + full, start[1] + _BAR), _BAR / 2, _FAINT)
    if bar.share > 0:
        length = max(_BAR, full * min(bar.share, 1.0))
        colour = LEADING if bar.leading else PLAIN
        draw.rounded_rectangle((*start, start[0] + length, start[1] + _BAR), _BAR / 2, colour)


def _fonts(names: tuple[str, ...]) -> "list[ImageFont.FreeTypeFont]":
    """Return the fonts that this machine has, the one that Pillow brings last."""
    from PIL import ImageFont  # noqa: PLC0415

    found: list[Any] = []  # what load_default returns depends on how Pillow was built
    for name in names:
        with suppress(OSError):
            found.append(ImageFont.truetype(name, _TEXT))
    found.append(ImageFont.load_default(_TEXT))
    return found


def _covers(font: "ImageFont.FreeTypeFont", text: str) -> bool:
    # a font draws the same box for all that it lacks
    box = _drawn(font, "\U0010ffff")
    return all(char.isspace() or _drawn(font, char) != box for char in set(text))


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
