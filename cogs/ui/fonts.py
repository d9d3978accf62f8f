"""Which font has which characters: those that packages bring, those of the machine, GNU Unifont as the last resort.

HarfBuzz reads, shapes and draws them. Pillow could do that too, but its wheels shape Arabic or Devanagari only where
the machine has FriBidi, and small images have neither that nor fonts. Fonts are memory-mapped and opened when a
character asks for them.
"""

import os
import re
import sys
from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unicodedata import category, east_asian_width, normalize

# what a font need not have to draw a text: joiners, variation selectors, fillers, tags
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# characters whose meaning is known to their font only, half characters, and those that are none
_MEANINGLESS = re.compile(
    "[\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\U000f0000-\U0010ffff"
    + "".join(chr(plane * 0x10000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)
_OTHER_CUTS = re.compile(
    r"Bold|(?<!Old)Italic|Oblique|Light|Thin|Black|Medium|Heavy|Semi|Demi|Condensed|Narrow|Display|Mono|LastResort|Blank"
    r"|Symbol\.|dings|Icon|Awesome|KeyCaps|sample|csur|UI[.-]",
    re.IGNORECASE,
)
_FIRST = ("NotoSansCJK", "NotoSans", "Noto", "DejaVuSans", "FreeSans")
_PICTURES = (range(0x2300, 0x2E80), range(0x1F000, 0x20000))
_FLAGS = range(0x1F1E6, 0x1F200)
_MOST_INSTALLED = 2000
_REGULAR = 400
_DOTS = 1.2
"""How much larger than others Unifont is drawn: it is small for its size."""


def harfbuzz() -> Any:  # noqa: ANN401 - it has no stubs
    """Import HarfBuzz: most starts of the bot draw nothing."""
    return import_module("uharfbuzz")


class Typeface:
    """One font file, opened when it is needed."""

    def __init__(self, path: Path, size: float = 1.0) -> None:
        self.path = path
        self.size = size
        """By how much its letters must be drawn larger to go with the others."""
        self._characters: Any = None

    def covers(self, text: str) -> bool:
        """Tell whether the font has all characters of `text`."""
        if self._characters is None:
            self._characters = self._read()
        return all(ord(char) in self._characters for char in text)

    def font(self) -> Any:  # noqa: ANN401 - HarfBuzz has no stubs
        """Return the font as HarfBuzz has it; the last ones used are kept."""
        return _open(self.path)

    def _read(self) -> Any:  # noqa: ANN401 - HarfBuzz has no stubs
        try:
            hb = harfbuzz()
            return hb.Face(hb.Blob.from_file_path(str(self.path))).unicodes
        except Exception:  # noqa: BLE001 - a broken file among a machine's fonts must not cost us the chart
            return frozenset[int]()


@lru_cache(maxsize=48)
def _open(path: Path) -> Any:  # noqa: ANN401 - HarfBuzz has no stubs
    hb = harfbuzz()
    face = hb.Face(hb.Blob.from_file_path(str(path)))
    font = hb.Font(face)
    # a variable font may start at its thinnest
    if any(axis.tag == "wght" and axis.default_value < _REGULAR for axis in face.axis_infos):
        font.set_variations({"wght": _REGULAR})
    return font


class Shelf:
    """All fonts there are, in the order in which a text asks them."""

    def __init__(self, folders: Sequence[str]) -> None:
        self._folders = tuple(folders)
        self._installed: tuple[Typeface, ...] | None = None
        self._texts, self._emoji = _packaged()
        ours = sorted(Path(__file__).with_name("typefaces").glob("*.[ot]tf"))
        # Unifont last: it has nearly everything, but in 16 dots
        ours.sort(key=lambda path: path.name.startswith("unifont"))
        self._last = tuple(Typeface(path, _DOTS if path.name.startswith("unifont") else 1.0) for path in ours)
        self.choose = lru_cache(maxsize=4096)(self._choose)

    def _choose(self, grapheme: str) -> Typeface | None:
        """Return the first font that has all of `grapheme`."""
        needed = visible(grapheme)
        spellings = {needed, normalize("NFC", needed), normalize("NFD", needed)}
        if _MEANINGLESS.search(needed):
            return None
        for face in self._order(grapheme):
            if any(face.covers(spelling) for spelling in spellings):
                return face
        return None

    def _order(self, grapheme: str) -> Sequence[Typeface]:
        if is_emoji(grapheme):
            coloured = [face for face in self._of_machine() if "emoji" in face.path.name.lower()]
            return [*coloured, *self._emoji, *self._texts, *self._of_machine(), *self._last]
        if any(face.covers(visible(grapheme)) for face in self._texts[:1]):
            return self._texts[:1]
        return [*self._texts, *self._of_machine(), *self._emoji, *self._last]

    def _of_machine(self) -> tuple[Typeface, ...]:
        if self._installed is None:
            self._installed = tuple(Typeface(path) for path in installed(self._folders))
        return self._installed


@lru_cache(maxsize=4)
def shelf(folders: tuple[str, ...] | None = None) -> Shelf:
    """Return the fonts of packages and of `folders`, or of where this system keeps its fonts."""
    return Shelf(font_folders() if folders is None else folders)


def visible(grapheme: str) -> str:
    """Return what of `grapheme` a font must have."""
    return _INVISIBLE.sub("", grapheme)


def is_emoji(grapheme: str) -> bool:
    """Tell whether `grapheme` is meant as a coloured picture and not as a sign in a text."""
    if "\ufe0e" in grapheme:
        return False
    if "\ufe0f" in grapheme or "\u20e3" in grapheme:
        return True
    first = grapheme[0]
    wide = east_asian_width(first) == "W" or category(first) == "Cn" or ord(first) in _FLAGS
    return any(ord(first) in part for part in _PICTURES) and (wide or "\u200d" in grapheme)


def font_folders() -> tuple[str, ...]:
    """Return where this system keeps its fonts."""
    try:
        home = Path.home()
    except RuntimeError:  # a user without a home, as in some containers
        home = Path(os.devnull)
    if sys.platform == "win32":
        return (str(Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts"),)
    if sys.platform == "darwin":
        return (str(home / "Library/Fonts"), "/Library/Fonts", "/System/Library/Fonts")
    return (str(home / ".local/share/fonts"), "/usr/local/share/fonts", "/usr/share/fonts")


def installed(folders: Sequence[str]) -> list[Path]:
    """Return the upright fonts of middle weight below `folders`, those that cover much first."""
    found = [
        Path(root) / name
        for folder in folders
        for root, _, names in os.walk(folder)
        for name in names
        if name.lower().endswith((".ttf", ".otf", ".ttc", ".otc")) and not _OTHER_CUTS.search(name)
    ]

    def rank(path: Path) -> tuple[int, str]:
        return next(
            (place for place, start in enumerate(_FIRST) if path.name.startswith(start)), len(_FIRST)
        ), path.name

    return sorted(found, key=rank)[:_MOST_INSTALLED]


def _packaged() -> tuple[tuple[Typeface, ...], tuple[Typeface, ...]]:
    """Return the fonts that packages bring: for texts, the one for Latin first, and for emoji."""
    paths = [path for package in ("manimgx_fonts", "manimgx_fonts_cjk") for path in _files_of(package)]
    upright = sorted((path for path in paths if "Italic" not in path.name), key=lambda path: path.name)
    texts = [path for path in upright if "Emoji" not in path.name]
    texts.sort(key=lambda path: not path.name.startswith("NotoSans["))
    return tuple(map(Typeface, texts)), tuple(Typeface(path) for path in upright if "Emoji" in path.name)


def _files_of(package: str) -> list[Path]:
    spec = find_spec(package)
    folders = (spec.submodule_search_locations or []) if spec else []
    return [path for folder in folders for path in Path(folder).iterdir() if path.suffix in {".ttf", ".otf", ".ttc"}]
