"""Words in charts: every script of Unicode has letters, also on a machine without fonts, and runs its own way."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from PIL import Image

from cogs.ui import lettering
from cogs.ui.fonts import Shelf, installed, is_emoji, shelf

# as on a fresh machine or in a small image: only what packages and this project bring
BARE: tuple[str, ...] = ()
RARE_CHINESE = range(0x20000, 0x40000)
# some Tangut is younger than the font, and Unifont has a blank for the head of SignWriting
LACKING = {*range(0x18AF3, 0x18B00), *range(0x18D00, 0x18D09), 0x1D9FF}
# characters that are meant to leave no ink
BLANK = {0x2800, 0x115F, 0x1160, 0x3164, 0xFFA0, 0x13431, 0x1D159, 0x16FE4}


def samples() -> list[str]:
    """Two characters of every script (the first word of a name tells it) in every 128, out of all that are assigned."""
    first: dict[tuple[int, str], str] = {}
    last: dict[tuple[int, str], str] = {}
    for code in range(0x20, 0x110000):
        char = chr(code)
        if unicodedata.category(char)[0] in "LNPS" and code not in BLANK | LACKING and code not in RARE_CHINESE:
            script = (code // 128, unicodedata.name(char, "?").split()[0])
            first.setdefault(script, char)
            last[script] = char
    return sorted({*first.values(), *last.values()})


def ink(text: str, fonts: Shelf, size: float = 20) -> bytes:
    image = Image.new("L", (400, 60))
    lettering.draw(image, lettering.lay_out(text, size, fonts), (10, 40), "white", 30)  # pyright: ignore
    return image.tobytes()


def spelt(text: str, fonts: Shelf) -> bool:
    """Whether a text is drawn as code points, for want of a font."""
    glyphs = lettering.lay_out(text, 100, fonts).glyphs
    return any(glyph.scale * glyph.face.font().face.upem < 90 for glyph in glyphs)


def test_every_script_has_letters_on_a_machine_without_fonts() -> None:
    fonts = shelf(BARE)
    characters = samples()
    scripts = {unicodedata.name(char, "?").split()[0] for char in characters}
    assert {"GOTHIC", "ADLAM", "CUNEIFORM", "EGYPTIAN", "TANGUT", "HANGUL", "ARABIC", "ANATOLIAN", "BAMUM"} <= scripts
    wrong: list[str] = []
    for char in characters:
        glyphs = lettering.lay_out(char, 20, fonts).glyphs
        if not glyphs or any(glyph.number == 0 for glyph in glyphs) or spelt(char, fonts):
            wrong.append(f"U+{ord(char):04X} {unicodedata.name(char, '?')}: a box or a number")
        elif not any(ink(char, fonts)):
            wrong.append(f"U+{ord(char):04X} {unicodedata.name(char, '?')}: blank")
    assert wrong == []
    assert len(characters) > 2500


def test_rare_chinese_characters_are_spelt_out_where_no_font_has_them() -> None:
    fonts = shelf(BARE)
    assert spelt("\U0002f000", fonts)
    assert ink("\U0002f000", fonts) == ink_of_code("[2F000]", fonts)


def ink_of_code(text: str, fonts: Shelf) -> bytes:
    return ink(text, fonts, size=12)


@pytest.mark.parametrize("char", ["\ue000", "\U0010fffe", "\ufdd0", "\U0001d9ff"])
def test_what_has_no_shape_is_spelt_out(char: str) -> None:
    fonts = shelf(BARE)
    assert ink(char, fonts) == ink_of_code(f"[{ord(char):04X}]", fonts)


@pytest.mark.parametrize("emoji", ["👩‍🚀", "👨‍👩‍👧‍👦", "👍🏽", "🇩🇪", "1️⃣", "❤️", "🏳️‍🌈", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "✅", "🫠"])
def test_an_emoji_sequence_is_one_picture(emoji: str) -> None:
    line = lettering.lay_out(emoji, 20, shelf(BARE))
    drawn = [glyph for glyph in line.glyphs if "Emoji" in glyph.face.path.name]
    assert len(drawn) == len(line.glyphs)
    assert line.width < 40
    assert is_emoji(emoji)


@pytest.mark.parametrize("text", ["a", "1", "©", "模", "\U00012000", "♥\ufe0e", "→", "#"])
def test_letters_and_signs_are_not_emoji(text: str) -> None:
    assert not is_emoji(text)


def places(text: str) -> list[tuple[float, int]]:
    return [(glyph.x, glyph.number) for glyph in lettering.lay_out(text, 20, shelf(BARE)).glyphs]


def test_arabic_letters_join() -> None:
    alone = {number for _, number in places("س") + places("ه")}
    assert not alone & {number for _, number in places("سه")}


def test_devanagari_is_shaped() -> None:
    (_, ka), *_ = places("क")
    numbers = [number for _, number in places("कि")]
    assert numbers[-1] == ka, "the sign for i is written after k and seen before it"
    assert len(numbers) == 2
    assert len(places("क्ष")) == 1


def test_right_to_left_words_run_from_right_to_left() -> None:
    (_, alef), *_ = places("א")
    assert [number for _, number in places("אבג")][-1] == alef
    one, two = (places(digit)[0][1] for digit in "12")
    numbers = [number for _, number in places("אב 12")]
    assert numbers[:2] == [one, two], "the number is seen left of the words, its digits in order"
    assert numbers[-1] == alef


def test_what_turns_text_around_is_left_out() -> None:
    assert places("\u202egnp.exe") == places("gnp.exe")


def test_a_cut_label_keeps_marks_with_their_letters() -> None:
    fonts = shelf(BARE)
    whole = lettering.lay_out("e\u0301" * 40, 20, fonts)
    cut = lettering.fit("e\u0301" * 40, 20, whole.width / 2, fonts)
    assert cut.width <= whole.width / 2
    accented, dots = places("é")[0][1], places("…")[0][1]
    assert {glyph.number for glyph in cut.glyphs} == {accented, dots}


def test_marks_piled_up_stay_in_their_row() -> None:
    image = Image.new("L", (200, 200))
    lettering.draw(image, lettering.lay_out("a" + "\u0301" * 60, 20, shelf(BARE)), (20, 150), "white", 28)  # pyright: ignore
    box = image.getbbox()
    assert box is not None
    assert box[1] >= 150 - 28


def test_fonts_of_the_machine_are_asked_in_order(tmp_path: Path) -> None:
    names = [
        "Zapf.ttf",
        "NotoSans-Bold.ttf",
        "DejaVuSans.ttf",
        "NotoSansCJK-Regular.ttc",
        "NotoSansThai-Regular.ttf",
        "a.txt",
        "NotoSansOldItalic-Regular.ttf",
        "NotoSans-Italic.ttf",
    ]
    for name in names:
        (tmp_path / name).write_bytes(b"not a font")
    found = [path.name for path in installed([str(tmp_path), str(tmp_path / "nowhere")])]
    assert found == [
        "NotoSansCJK-Regular.ttc",
        "NotoSansOldItalic-Regular.ttf",
        "NotoSansThai-Regular.ttf",
        "DejaVuSans.ttf",
        "Zapf.ttf",
    ]
    # files that are no fonts cost nothing but the look at them
    assert spelt("\U0002f000", shelf((str(tmp_path),)))
