"""One line of text as a picture: any script, each part in a font that has it, right-to-left parts where they belong.

What no font has is drawn as its code point in small brackets: an empty box says nothing.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from itertools import groupby
from typing import TYPE_CHECKING, Any
from unicodedata import category

from cogs.ui.bidi import base_level, levels, visual, without_controls
from cogs.ui.fonts import Shelf, Typeface, harfbuzz, visible
from cogs.ui.graphemes import graphemes

if TYPE_CHECKING:
    from PIL import Image

# most texts: one font, one direction
_LATIN = re.compile("[ -~\u00a0-\u024f–—‘’“”…]*")
_SPELT_OUT = 0.6
"""The size of code points beside that of the text."""
_BLANK = "\u2800"
"""The Braille pattern without dots."""
_ROUND = 3
"""Pixels around a line, for letters that reach out of their width."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """One drawn shape: its number in the font, where it stands from the line's start, and how large, in pixels."""

    face: Typeface
    number: int
    x: float
    y: float
    scale: float


@dataclass(frozen=True, slots=True)
class Line:
    """A text that is ready to be drawn."""

    glyphs: tuple[Glyph, ...]
    width: float


@dataclass(frozen=True, slots=True)
class _Part:
    text: str
    face: Typeface | None
    level: int


def lay_out(text: str, size: float, fonts: Shelf) -> Line:
    """Choose fonts for `text`, shape it and put its parts in the order in which they are seen."""
    text = "".join(" " if category(char) == "Cc" else char for char in without_controls(text))
    parts = _parts(text, fonts)
    glyphs: list[Glyph] = []
    pen = 0.0
    language = _language(text)
    for at in visual([part.level for part in parts]):
        shaped, pen = _shape(parts[at], size, pen, language, fonts)
        glyphs += shaped
    return Line(tuple(glyphs), pen)


def fit(text: str, size: float, room: float, fonts: Shelf) -> Line:
    """Lay out as much of `text` as `room` pixels hold, with … when something is missing."""
    line = lay_out(text, size, fonts)
    if line.width <= room:
        return line
    pieces = list(graphemes(text))
    fits, too_many = 0, len(pieces)
    best = lay_out("…", size, fonts)
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        shorter = lay_out("".join(pieces[:middle]).rstrip() + "…", size, fonts)
        if shorter.width <= room:
            fits, best = middle, shorter
        else:
            too_many = middle
    return best


def draw(image: "Image.Image", line: Line, start: tuple[float, float], colour: str, height: int) -> None:
    """Draw `line` with its baseline at `start`; what reaches more than `height` above or below it is cut off."""
    from PIL import Image  # noqa: PLC0415

    hb = harfbuzz()
    x, baseline = int(start[0]), int(start[1])
    width = int(line.width) + 2 * _ROUND
    drawing = hb.RasterDraw()
    drawing.extents = hb.RasterExtents(0, 0, width, 2 * height, width)
    for glyph in line.glyphs:
        font = glyph.face.font()
        if font.face.has_color_png and (picture := _picture(glyph)):
            pixels, left, top = picture
            image.paste(pixels, (int(x + glyph.x + left), int(baseline - glyph.y - top)), pixels)
            continue
        drawing.transform = (glyph.scale, 0.0, 0.0, -glyph.scale, _ROUND + glyph.x, height - glyph.y)
        drawing.draw_glyph(font, glyph.number)
    mask = Image.frombytes("L", (width, 2 * height), drawing.render().buffer)
    image.paste(colour, (x - _ROUND, baseline - height), mask)


def _parts(text: str, fonts: Shelf) -> list[_Part]:
    """Cut `text` where the font or the direction changes."""
    if _LATIN.fullmatch(text):
        return [_Part(text, fonts.choose("a"), 0)] if text else []
    pieces = list(graphemes(text))
    direction = levels(text, base_level(text))
    chosen: list[tuple[Typeface | None, int, str]] = []
    at = 0
    for piece in pieces:
        chosen.append((fonts.choose(piece), direction[at], piece))
        at += len(piece)
    return [
        _Part("".join(piece for _, _, piece in group), face, level)
        for (face, level), group in groupby(chosen, key=lambda item: item[:2])
    ]


def _shape(part: _Part, size: float, pen: float, language: str, fonts: Shelf) -> tuple[list[Glyph], float]:
    if part.face is None:
        return _spell_out(part.text, size, pen, fonts)
    hb = harfbuzz()
    buffer = hb.Buffer()
    buffer.add_str(part.text)
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if part.level % 2 else "ltr"
    buffer.language = language
    font = part.face.font()
    hb.shape(font, buffer)
    infos, positions = buffer.glyph_infos, buffer.glyph_positions
    numbers = [info.codepoint for info in infos]
    if 0 in numbers or (_has_ink(part.text) and not any(_is_drawn(font, number) for number in numbers)):
        return _spell_out(part.text, size, pen, fonts)
    scale = size * part.face.size / font.face.upem
    shaped: list[Glyph] = []
    for info, position in zip(infos, positions, strict=True):
        x, y = pen + position.x_offset * scale, position.y_offset * scale
        shaped.append(Glyph(part.face, info.codepoint, x, y, scale))
        pen += position.x_advance * scale
    return shaped, pen


def _has_ink(text: str) -> bool:
    return any(not char.isspace() and char not in _BLANK for char in visible(text))


def _is_drawn(font: Any, number: int) -> bool:  # noqa: ANN401 - HarfBuzz has no stubs
    extents = font.get_glyph_extents(number)
    return extents is not None and extents.width != 0


def _spell_out(text: str, size: float, pen: float, fonts: Shelf) -> tuple[list[Glyph], float]:
    if text.isascii():
        return [], pen
    spelt = "".join(f"[{ord(char):04X}]" for char in text)
    line = lay_out(spelt, size * _SPELT_OUT, fonts)
    shifted = [Glyph(glyph.face, glyph.number, glyph.x + pen, glyph.y, glyph.scale) for glyph in line.glyphs]
    return shifted, pen + line.width


def _language(text: str) -> str:
    """Guess whose shapes the Chinese characters in `text` should have."""
    if _LATIN.fullmatch(text):
        return "en"
    if _any_in(text, (range(0x3040, 0x3100),)):
        return "ja"
    if _any_in(text, (range(0x1100, 0x1200), range(0xAC00, 0xD7A4))):
        return "ko"
    return "zh-hans" if _any_in(text, (range(0x3400, 0xA000), range(0x20000, 0x32000))) else "en"


def _any_in(text: str, parts: Iterable[range]) -> bool:
    return any(ord(char) in part for part in parts for char in text)


def _picture(glyph: Glyph) -> "tuple[Image.Image, float, float] | None":
    return _coloured(glyph.face, glyph.number, glyph.scale)


@lru_cache(maxsize=64)
def _coloured(face: Typeface, number: int, scale: float) -> "tuple[Image.Image, float, float] | None":
    """Return a colour emoji in the size of the text, and where it stands from the pen."""
    from PIL import Image  # noqa: PLC0415

    font = face.font()
    blob, extents = font.get_glyph_color_png(number), font.get_glyph_extents(number)
    if not blob or not blob.data or extents is None:
        return None
    box = (max(1, round(extents.width * scale)), max(1, round(-extents.height * scale)))
    pixels = Image.open(BytesIO(blob.data)).convert("RGBA")
    pixels.thumbnail(box, Image.Resampling.LANCZOS)
    return pixels, extents.x_bearing * scale, extents.y_bearing * scale
