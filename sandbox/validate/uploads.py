"""Uploads: how many, how large, under which names (documentation, "Uploading Files")."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sandbox.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.model import Attachment
    from sandbox.rest.call import Upload
    from sandbox.validate.form import Form

MAX_FILES = 10
MAX_BYTES = 10 * 1024 * 1024
MAX_DESCRIPTION = 1_024
_PART = re.compile(r"files\[([0-9]+)\]")


@dataclass(frozen=True, slots=True)
class FileDraft:
    """A file that a message shall carry: a new upload, or an attachment it has already and keeps."""

    filename: str
    upload: Upload | None = None
    kept: Attachment | None = None
    title: str | None = None
    description: str | None = None
    referable: bool = True


def check_files(form: Form, files: Sequence[Upload], kept: Sequence[Attachment] = ()) -> list[FileDraft]:
    """Return what a message carries after this body: `kept` is what it carries now.

    Without an `attachments` list new files are added to the old; with one, it names all that shall be there.
    """
    _check_sizes(files)
    numbered = {_number(upload, place): upload for place, upload in enumerate(files)}
    parts = form.parts("attachments", 1_000)
    if parts is None:
        found = [FileDraft(one.filename, kept=one, description=one.description, title=one.title) for one in kept]
        found += [_new(upload, None, None) for upload in files]
    else:
        found = [draft for part in parts if (draft := _listed(part, numbered, kept)) is not None]
    if len(found) > MAX_FILES:
        raise ApiError(400, 30015, f"Maximum number of attachments in a message reached ({MAX_FILES})")
    return found


def safe_name(name: str) -> str:
    """Return the name under which Discord stores a file: letters, digits, dot, dash and underscore only."""
    name = PurePosixPath(name.replace("\\", "/")).name.replace(" ", "_")
    name = re.sub(r"[^A-Za-z0-9._-]", "", name)
    stem, dot, suffix = name.rpartition(".")
    if not dot:
        return suffix or "unknown"
    return f"{stem.strip('.') or 'unknown'}.{suffix}" if suffix else stem.strip(".") or "unknown"


def _check_sizes(files: Sequence[Upload]) -> None:
    if len(files) > MAX_FILES:
        raise ApiError(400, 30015, f"Maximum number of attachments in a message reached ({MAX_FILES})")
    if any(len(upload.content) > MAX_BYTES for upload in files):
        raise ApiError(413, 40005, "Request entity too large")


def _number(upload: Upload, place: int) -> int:
    match = _PART.fullmatch(upload.key)
    return int(match[1]) if match else place


def _listed(form: Form, numbered: dict[int, Upload], kept: Sequence[Attachment]) -> FileDraft | None:
    number = form.snowflake("id", required=True)
    filename, title = form.text("filename", 1, 1_024), form.text("title", 0, 1_024)
    description = form.text("description", 0, MAX_DESCRIPTION)
    if number is None:
        return None
    old = next((one for one in kept if one.id == number), None)
    if old is not None:
        alt = description if form.has("description") else old.description
        # Discord finds a kept file by name only if the list names it
        return FileDraft(old.filename, kept=old, description=alt, title=old.title, referable=filename is not None)
    if number not in numbered:
        form.wrong("id", code="ATTACHMENT_NOT_FOUND", message="Attachment data not found")
        return None
    return _new(numbered[number], filename, description, title)


def _new(upload: Upload, filename: str | None, description: str | None, title: str | None = None) -> FileDraft:
    asked = filename or upload.filename or "unknown"
    name = safe_name(asked)
    stem = PurePosixPath(asked).stem
    if title is None and name != asked and stem:
        title = stem
    return FileDraft(name, upload=upload, title=title or None, description=description or None)
