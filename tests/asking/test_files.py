"""Files that members attach are read however they were written, or refused with what to do."""

import pytest

from bot.asking import files
from bot.asking.types import Passage
from bot.backends.base import Picture
from bot.errors import InvalidInputError

TEXT = "Größe: 5 €\nZweite Zeile\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le") + b"\n",
        TEXT.encode("utf-32"),
        TEXT.encode("cp1252"),
        TEXT.replace("\n", "\r").encode(),
    ],
)
def test_text_is_read_in_any_of_the_usual_encodings(content: bytes) -> None:
    if len(content) % 2 and b"\x00" in content:
        # an odd byte at the end is no whole character
        with pytest.raises(InvalidInputError):
            files.read_text("a.txt", content)
        return
    assert files.read_text("a.txt", content) == Passage(TEXT, "a.txt")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.txt", b" \n ", "empty"),
        ("nothing.txt", " \n".encode("utf-16"), "no text in"),
        ("paper.pdf", b"%PDF-1.7 ...", "a PDF"),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "older Office"),
        ("letter.docx", b"PK\x03\x04....", "an Office document"),
        ("files.zip", b"PK\x03\x04....", "a compressed file"),
        ("song.mp3", b"ID3......", "a sound or film"),
        ("film.mp4", b"\0\0\0\x18ftypmp42", "a sound or film"),
        ("sound.wav", b"RIFF\0\0\0\0WAVE", "a sound or film"),
        ("program", b"\x7fELF\x02\x01", "a program"),
        ("random.bin", bytes(range(256)), "not a text file"),
        ("controls.txt", b"\x01\x02\x03abc", "not a text file"),
        ("bad.txt", b"\xff\xfe\x00\xd8", "not a text file"),
        ("undefined.txt", b"abc \x81\x8d", "not a text file"),
    ],
)
def test_what_is_no_text_is_refused_with_what_to_do(name: str, content: bytes, says: str) -> None:
    with pytest.raises(InvalidInputError, match=says) as caught:
        files.read_text(name, content)
    assert caught.value.field == "file"
    assert name in str(caught.value)
    assert any(word in str(caught.value) for word in ("Save it", "Choose another"))


def test_too_much_text_is_refused_or_cut() -> None:
    with pytest.raises(InvalidInputError, match="over 1 MB"):
        files.read_text("long.txt", b"a" * (files.LARGEST_TEXT + 1))
    assert len(files.read_text("long.txt", b"a" * 300_000).text) == files.LONGEST_PASSAGE


def test_stray_control_characters_are_left_out() -> None:
    assert files.read_text("a.txt", b"bell\x07 " + b"x" * 100).text == "bell " + "x" * 100


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0...", "image/jpeg"),
        (b"GIF89a...", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
    ],
)
def test_pictures_are_known_by_their_first_bytes(content: bytes, media_type: str) -> None:
    assert files.read_file("whatever.txt", content) == Picture(media_type, content)


def test_other_pictures_are_refused_with_what_to_do() -> None:
    with pytest.raises(InvalidInputError, match="Use PNG, JPEG"):
        files.read_picture("a.bmp", b"BM....")
    with pytest.raises(InvalidInputError, match="over 8 MB"):
        files.read_picture("a.png", PNG + b"\0" * files.LARGEST_PICTURE)
    assert files.read_file("a.py", b"print(1)\n") == Passage("print(1)\n", "a.py")


def test_a_files_name_is_one_short_line() -> None:
    assert files.read_text("a\nb\x07.txt", b"x").name == "a b.txt"
    assert files.read_text("", b"x").name == "file"
    long = files.read_text("x" * 200 + ".txt", b"x").name
    assert len(long) < 80
    assert long.endswith(".txt")
