"""Files that say where they come from: canonical JSON, signed with the installation's Ed25519 key.

A signed file is `{"content": ..., "signature": {"algorithm", "key_id", "public_key", "value"}}`, written as RFC 8785
has it (members in order, no spaces), without numbers that are not whole. What is signed is `PURPOSE` and the SHA-256 of
the canonical content, so that signing a large file takes no longer than a small one. A signature proves where a file
comes from and that nobody changed it since; it does not prove that whoever runs the bot was honest.
"""

import base64
import binascii
import hashlib
import json
import os
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import Any, Self, cast

import structlog

from bot.config import PREFIX, Settings
from bot.errors import InvalidInputError, StartError
from bot.reading import MOST_WHOLE

ALGORITHM = "Ed25519"
PURPOSE = b"rostrum document 1\n"
KEY_FILE = "signing.key"
KEY_BYTES = 32
DEEPEST = 32
_LONGEST_KEY = 1024
_PUBLIC_MODE = stat.S_IRWXG | stat.S_IRWXO

log = structlog.stdlib.get_logger(__name__)


class Verdict(Enum):
    """What a file's signature is worth."""

    RIGHT = "right"
    """Made with the key that was asked for."""
    WRONG = "wrong"
    """It does not belong to this content, or is none."""
    UNKNOWN = "unknown"
    """It belongs to this content, but was made with a key that nobody vouched for."""
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found out about a signature; `key_id` is that of the key that the file names, empty without one."""

    verdict: Verdict
    key_id: str = ""


class Signer:
    """Signs with the installation's key. `await`s nothing; signing belongs into a thread, as writing the file does."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed

    @classmethod
    def load(cls, settings: Settings) -> Self:
        """Take the key of the settings, else that in the data folder; it is made when there is none.

        Raises:
            StartError: the key's file is damaged, or cannot be read or made.
        """
        if settings.signing_key is not None:
            return cls(_decoded(settings.signing_key.get_secret_value(), PREFIX + "SIGNING_KEY"))
        return cls(_from_file(settings.data_dir / KEY_FILE))

    def __repr__(self) -> str:
        return "Signer(...)"

    @cached_property
    def _private(self) -> Any:  # noqa: ANN401 - Ed25519PrivateKey, imported late
        # loaded when first needed: most starts sign nothing
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

        return Ed25519PrivateKey.from_private_bytes(self._seed)

    @cached_property
    def public_key(self) -> str:
        """The public key, as `--key` of `rostrum recount` takes it: 32 bytes in base64."""
        return base64.b64encode(self._private.public_key().public_bytes_raw()).decode()

    @cached_property
    def key_id(self) -> str:
        """What names the key where all of it is too long."""
        return key_id(base64.b64decode(self.public_key))

    def names(self) -> tuple[str, str]:
        """Return the public key and its id."""
        return self.public_key, self.key_id

    def sign(self, content: object) -> bytes:
        """Return a signed file. Content that RFC 8785 would write as a fraction is refused with ValueError."""
        body = b"".join(canonical(content))
        value = self._private.sign(_message(body))
        signature = {
            "algorithm": ALGORITHM,
            "key_id": self.key_id,
            "public_key": self.public_key,
            "value": base64.b64encode(value).decode(),
        }
        # put together by hand, since writing the content again would take as long again
        return b'{"content":' + body + b',"signature":' + b"".join(canonical(signature)) + b"}"


def unsigned(content: object) -> bytes:
    """Return a file like a signed one, without a signature."""
    return b"".join(canonical({"content": content}))


def key_id(public_key: bytes) -> str:
    """Return what names a public key: the first 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def check_public_key(text: str) -> bytes:
    """Return the bytes of a public key as somebody typed it.

    Raises:
        InvalidInputError: it is none (key).
    """
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise InvalidInputError(
            "key", "This is no public key: it has 44 characters and ends in =, as the bot shows it in /help."
        )
    return key


def verify(document: object, public_key: bytes | None = None) -> Verified:
    """Say what a file's signature is worth; without a key that somebody vouches for it is UNKNOWN at best."""
    if not isinstance(document, dict):
        return Verified(Verdict.MISSING)
    parts = cast("dict[str, Any]", document)
    signature: object = parts.get("signature")
    if signature is None:
        return Verified(Verdict.MISSING)
    found = _signature_parts(signature)
    if found is None or parts.keys() != {"content", "signature"}:
        return Verified(Verdict.WRONG)
    own, value, named = found
    if named != key_id(own) or not _fits(own, value, parts["content"]):
        return Verified(Verdict.WRONG, named)
    return Verified(Verdict.RIGHT if own == public_key else Verdict.UNKNOWN, named)


def _signature_parts(signature: object) -> tuple[bytes, bytes, str] | None:
    """Return public key, value and key id of a signature; None when it is none."""
    if not isinstance(signature, dict):
        return None
    parts = cast("dict[str, object]", signature)
    public_key, value, named = parts.get("public_key"), parts.get("value"), parts.get("key_id")
    fits = parts.keys() == {"algorithm", "key_id", "public_key", "value"} and parts["algorithm"] == ALGORITHM
    if not (fits and isinstance(public_key, str) and isinstance(value, str) and isinstance(named, str)):
        return None
    try:
        raw, mark = base64.b64decode(public_key, validate=True), base64.b64decode(value, validate=True)
    except ValueError:
        return None
    # base64 has several ways to write the same bytes: only one of them is ours
    same = base64.b64encode(raw).decode() == public_key and base64.b64encode(mark).decode() == value
    return (raw, mark, named) if same and len(raw) == KEY_BYTES else None


def _fits(public_key: bytes, value: bytes, content: object) -> bool:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

    try:
        message = _message(b"".join(canonical(content)))
        Ed25519PublicKey.from_public_bytes(public_key).verify(value, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _message(content: bytes) -> bytes:
    return PURPOSE + hashlib.sha256(content).digest()


def canonical(value: object, depth: int = 0) -> Iterator[bytes]:
    """Write a value as RFC 8785 has it, in pieces: so the interpreter is let go between them.

    Raises:
        ValueError: it holds a number that is not whole, or too large, or something that JSON does not know, or is
            nested too deeply.
    """
    if depth > DEEPEST:
        msg = f"nested more than {DEEPEST} deep"
        raise ValueError(msg)
    match value:
        case dict():
            members = cast("dict[str, object]", value)
            yield b"{"
            for place, name in enumerate(sorted(members, key=_utf16)):
                yield (b"," if place else b"") + _text(name) + b":"
                yield from canonical(members[name], depth + 1)
            yield b"}"
        case list() | tuple():
            yield from _listed(cast("list[object] | tuple[object, ...]", value), depth)
        case _:
            yield _scalar(value)


def _listed(values: list[object] | tuple[object, ...], depth: int) -> Iterator[bytes]:
    yield b"["
    for place, one in enumerate(values):
        if place:
            yield b","
        # most of a large file are ballots: lists of small numbers, each written in one go
        parts = cast("list[object]", one) if isinstance(one, list | tuple) else None
        if parts is not None and depth < DEEPEST and not any(isinstance(part, dict | list | tuple) for part in parts):
            yield b"[" + b",".join(map(_scalar, parts)) + b"]"
        else:
            yield from canonical(cast("object", one), depth + 1)
    yield b"]"


def _scalar(value: object) -> bytes:
    match value:
        case None:
            return b"null"
        case bool():
            return b"true" if value else b"false"
        case int() if abs(value) <= MOST_WHOLE:
            return b"%d" % value
        case str():
            return _text(value)
        case _:
            msg = f"{type(value).__name__} cannot be written here"
            raise ValueError(msg)


def _text(text: object) -> bytes:
    if not isinstance(text, str):
        msg = f"{type(text).__name__} cannot name anything here"
        raise ValueError(msg)  # noqa: TRY004 - one kind of error for what cannot be written
    # what has to be escaped, and how, is the same in Python's writer and in RFC 8785; half a surrogate pair fails here
    return json.dumps(text, ensure_ascii=False).encode()


def _utf16(name: object) -> bytes:
    return name.encode("utf-16-be", "surrogatepass") if isinstance(name, str) else b""


def look_at_key(settings: Settings) -> tuple[str, str | None]:
    """Return (subject, trouble or None) for the key that signs, without making it: the first start does that."""
    path = settings.data_dir / KEY_FILE
    trouble = None
    if settings.signing_key is None and path.exists():
        try:
            _read_key(path)
            if _is_public(path.stat().st_mode):
                trouble = f"others on this machine can read it; chmod 600 {path}"
        except StartError as error:
            trouble = str(error)
        except OSError as error:
            trouble = f"{path}: cannot be read: {error.strerror}"
    return "signing key", trouble


def _is_public(mode: int) -> bool:
    return os.name == "posix" and bool(mode & _PUBLIC_MODE)


def _from_file(path: Path) -> bytes:
    try:
        if not path.exists():
            _make_key(path)
        seed = _read_key(path)
        if _is_public(path.stat().st_mode):
            log.warning("others on this machine can read the signing key; chmod 600", file=str(path))
    except OSError as error:
        msg = (
            f"{path}: the signing key cannot be read or made: {error.strerror}; "
            f"make the folder writable, or set {PREFIX}SIGNING_KEY"
        )
        raise StartError(msg) from error
    return seed


def _read_key(path: Path) -> bytes:
    with path.open("rb") as file:
        written = file.read(_LONGEST_KEY)
    return _decoded(written.decode("ascii", "replace"), str(path))


def _make_key(path: Path) -> None:
    """Make a key, all at once and for nobody else to read; should another process be faster, its key stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        try:
            os.write(file, base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
            os.fsync(file)
        finally:
            os.close(file)
        try:
            # unlike renaming, this never takes the place of a key that is there
            os.link(fresh, path)
        except FileExistsError:
            return
        _sync_folder(path.parent)
    finally:
        fresh.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _decoded(text: str, where: str) -> bytes:
    """Return the key's bytes; what is damaged is told and stays as it is."""
    try:
        seed = base64.b64decode(text.strip(), validate=True)
    except (ValueError, binascii.Error):
        seed = b""
    if len(seed) != KEY_BYTES:
        msg = (
            f"{where}: this is no signing key (32 bytes in base64); put back the one from your backup. "
            "Without it, remove it and a new one is made: older files then no longer fit your public key"
        )
        raise StartError(msg)
    return seed
