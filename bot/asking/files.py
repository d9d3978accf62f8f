"""Files that members attach: text however it is written down, and pictures; all else is refused with what to do."""

import codecs
import re

from bot.asking.rules import LONGEST_PASSAGE
from bot.asking.types import Passage
from bot.backends.base import Picture
from bot.errors import InvalidInputError

LARGEST_TEXT = 1024 * 1024
LARGEST_PICTURE = 8 * 1024 * 1024
"""Bytes."""
MOST_CONTROLS = 0.02
"""The share of control characters from which on something is not text."""
_FIELD = "file"
_SAMPLE = 65_536
_ALMOST = 0.3

_DOCUMENTS = (
    (b"%PDF-", "a PDF"),
    (b"{\\rtf", "a rich-text document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an older Office document"),
    (b"\x1f\x8b", "a compressed file"),
    (b"7z\xbc\xaf\x27\x1c", "a compressed file"),
    (b"Rar!", "a compressed file"),
    (b"SQLite format 3\x00", "a database"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"OggS", "a sound or film"),
    (b"ID3", "a sound or film"),
    (b"fLaC", "a sound or film"),
)
_ZIPPED = re.compile(r"\.(docx|xlsx|pptx|odt|ods|odp|epub|pages|numbers|key)$", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = re.compile("[\u0000-\u0008\u000e-\u001a\u001c-\u001f\u007f]")
_WHAT_TO_DO = "Save it as plain text (UTF-8) and attach that, or paste the part that matters into your question."


def read_file(name: str, content: bytes) -> Passage | Picture:
    """Return what a file holds: a picture where its first bytes say so, text otherwise.

    Raises:
        InvalidInputError: it is neither, empty or too large; says what to do.
    """
    return read_picture(name, content) if media_type_of(content) else read_text(name, content)


def read_text(name: str, content: bytes) -> Passage:
    """Return the text of a file; what is over `LONGEST_PASSAGE` characters is for the model's window to cut.

    Raises:
        InvalidInputError: it is not text, empty or too large.
    """
    shown = _shown(name)
    if not content.strip():
        raise InvalidInputError(_FIELD, f"“{shown}” is empty. Choose another file.")
    if kind := _document(name, content):
        raise InvalidInputError(_FIELD, f"“{shown}” is {kind}, which I cannot read. {_WHAT_TO_DO}")
    if len(content) > LARGEST_TEXT:
        raise InvalidInputError(
            _FIELD, f"“{shown}” is over {LARGEST_TEXT // 1024 // 1024} MB. Attach the part that matters."
        )
    text = _decoded(content)
    if text is None or len(_CONTROLS.findall(text[:_SAMPLE])) > MOST_CONTROLS * len(text[:_SAMPLE]):
        raise InvalidInputError(_FIELD, f"“{shown}” is not a text file. {_WHAT_TO_DO}")
    text = _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if not text.strip():
        raise InvalidInputError(_FIELD, f"There is no text in “{shown}”. Choose another file.")
    return Passage(text[:LONGEST_PASSAGE], shown)


def read_picture(name: str, content: bytes) -> Picture:
    """Return a picture.

    Raises:
        InvalidInputError: it is none that models take, or too large.
    """
    media_type = media_type_of(content)
    if not media_type:
        raise InvalidInputError(
            _FIELD, f"“{_shown(name)}” is not a picture that models can look at. Use PNG, JPEG, WebP or GIF."
        )
    if len(content) > LARGEST_PICTURE:
        raise InvalidInputError(
            _FIELD,
            f"“{_shown(name)}” is over {LARGEST_PICTURE // 1024 // 1024} MB. Make it smaller and attach it again.",
        )
    return Picture(media_type, content)


def media_type_of(content: bytes) -> str:
    """Return what kind of picture begins with these bytes; empty when none that models take does."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content[:6] in {b"GIF87a", b"GIF89a"}:
        return "image/gif"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return ""


def _document(name: str, content: bytes) -> str:
    if content.startswith(b"PK\x03\x04"):
        return "an Office document" if _ZIPPED.search(name) else "a compressed file"
    if content[4:8] == b"ftyp" or (content[:4] == b"RIFF" and content[8:12] in {b"WAVE", b"AVI "}):
        return "a sound or film"
    return next((kind for start, kind in _DOCUMENTS if content.startswith(start)), "")


def _decoded(content: bytes) -> str | None:
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _tried(content, encoding)
    # UTF-16 without a mark: every other byte of what is mostly Latin is zero
    if guessed := _without_mark(content[:_SAMPLE]):
        return _tried(content, guessed)
    if b"\x00" in content:
        return None
    return _tried(content, "utf-8") or _tried(content, "cp1252")


def _tried(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _without_mark(sample: bytes) -> str:
    if len(sample) % 2:
        sample = sample[:-1]
    half = len(sample) // 2
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd > _ALMOST * half and not even:
        return "utf-16-le"
    return "utf-16-be" if even > _ALMOST * half and not odd else ""


def _shown(name: str) -> str:
    """Return a file's name in one line."""
    bare = " ".join(_CONTROLS.sub("", name).split())
    return (bare if len(bare) <= 80 else f"{bare[:60]}…{bare[-16:]}") or "file"  # noqa: PLR2004 - as much as a line shows
