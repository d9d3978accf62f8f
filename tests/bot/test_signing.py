"""Signed files: how they are written, what a signature is worth, and where the key comes from."""

import base64
import copy
import hashlib
import json
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.config import Settings
from bot.errors import InvalidInputError, SettingsError, StartError
from bot.reading import read_document
from bot.signing import (
    DEEPEST,
    MOST_WHOLE,
    PURPOSE,
    Signer,
    Verdict,
    canonical,
    check_public_key,
    key_id,
    look_at_key,
    unsigned,
    verify,
)
from tests.conftest import ROOT

SEED = bytes(range(32))
NAMES = st.text("ab\ue000\U0001f600é", max_size=3)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-MOST_WHOLE, MOST_WHOLE) | TEXTS,
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(NAMES, parts, max_size=4),
    max_leaves=15,
)


def written(value: object) -> bytes:
    return b"".join(canonical(value))


@pytest.fixture
def signer() -> Signer:
    return Signer(SEED)


def settings_of(folder: Path, **more: str) -> Settings:
    return Settings.load({"ROSTRUM_DATA_DIR": str(folder), **more})


def test_canonical_json_is_that_of_rfc_8785() -> None:
    # the order of names is that of UTF-16, where an emoji comes before U+FB33 (3.2.3 of the RFC has these names)
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\x80", "ö"]
    expected = ["\r", "1", "\x80", "ö", "\u20ac", "\U0001f600", "\ufb33"]
    assert list(json.loads(written(dict.fromkeys(names)))) == expected
    assert written('\u20ac$\x0f\nA\'B"\\\\"/\x7f\u2028') == '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/\x7f\u2028"'.encode()
    assert written({"b": [1, -2, True, None, [], {}, [[]]], "a": ()}) == b'{"a":[],"b":[1,-2,true,null,[],{},[[]]]}'


@pytest.mark.parametrize("value", [1.0, MOST_WHOLE + 1, -MOST_WHOLE - 1, b"", {1: 2}, {"a": [[object()]]}, "\ud800"])
def test_what_cannot_be_written_in_one_way_only_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"cannot|codec"):
        written(value)


def test_depth_is_bounded() -> None:
    deep: object = 1
    for _ in range(DEEPEST):
        deep = [deep]
    assert written(deep) == b"[" * DEEPEST + b"1" + b"]" * DEEPEST
    with pytest.raises(ValueError, match="deep"):
        written([[deep]])


@given(VALUES)
def test_what_is_written_is_read_again_and_fits_its_signature(value: object) -> None:
    signer = Signer(SEED)
    document = read_document(signer.sign(value))
    assert document == {"content": value, "signature": document["signature"]}  # type: ignore[index]
    assert verify(document, check_public_key(signer.public_key)).verdict is Verdict.RIGHT
    assert read_document(written(value)) == value
    assert written(read_document(written(value))) == written(value)


def test_others_can_check_a_signature_with_what_the_module_says(signer: Signer) -> None:
    document = json.loads(signer.sign({"b": 1, "a": "é"}))
    assert signer.sign({"a": "é", "b": 1}) == signer.sign({"b": 1, "a": "é"}), "the same content, the same file"
    public = Ed25519PrivateKey.from_private_bytes(SEED).public_key()
    digest = hashlib.sha256('{"a":"é","b":1}'.encode()).digest()
    public.verify(base64.b64decode(document["signature"]["value"]), PURPOSE + digest)
    assert base64.b64decode(document["signature"]["public_key"]) == public.public_bytes_raw()
    assert document["signature"]["key_id"] == hashlib.sha256(public.public_bytes_raw()).hexdigest()[:16]
    assert signer.names() == (document["signature"]["public_key"], document["signature"]["key_id"])


def test_a_key_that_nobody_named_is_unknown_and_another_one_too(signer: Signer) -> None:
    document = read_document(signer.sign([1]))
    other = check_public_key(Signer(bytes(32)).public_key)
    for key in (None, other):
        found = verify(document, key)
        assert (found.verdict, found.key_id) == (Verdict.UNKNOWN, signer.key_id)
    assert key_id(other) != signer.key_id


@pytest.mark.parametrize("document", [None, [], 1, "x", {}, {"content": 1}, {"content": 1, "signature": None}])
def test_no_signature(document: object) -> None:
    assert verify(document).verdict is Verdict.MISSING
    assert verify(read_document(unsigned({"a": 1}))).verdict is Verdict.MISSING


BROKEN: list[tuple[str, Any]] = [
    ("algorithm", "none"), ("algorithm", None), ("key_id", "0" * 16), ("key_id", 5), ("public_key", "A" * 43 + "="),
    ("public_key", "AAAA"), ("public_key", "no base64"), ("public_key", 1), ("value", ""), ("value", "A" * 86 + "=="),
    ("value", "not base64!"), ("value", ["x"]), ("more", 1),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), BROKEN)
def test_a_broken_signature_is_wrong(signer: Signer, name: str, value: object) -> None:
    document: Any = read_document(signer.sign({"a": 1}))
    document["signature"][name] = value
    assert verify(document, check_public_key(signer.public_key)).verdict is Verdict.WRONG


@pytest.mark.parametrize("signature", [1, [], "x", {}, {"value": "x"}])
def test_what_is_no_signature_is_wrong(signature: object) -> None:
    assert verify({"content": 1, "signature": signature}).verdict is Verdict.WRONG


def test_more_beside_the_content_is_wrong_and_so_is_content_that_cannot_be_signed(signer: Signer) -> None:
    document: Any = read_document(signer.sign({"a": 1}))
    assert verify({**document, "note": "trust me"}).verdict is Verdict.WRONG
    assert verify({**document, "content": {"a": 1.0}}).verdict is Verdict.WRONG
    nested: Any = document["content"]
    for _ in range(DEEPEST + 2):
        nested = [nested]
    assert verify({**document, "content": nested}).verdict is Verdict.WRONG


def test_base64_written_otherwise_is_wrong(signer: Signer) -> None:
    """The last character holds bits that no byte uses: two texts would decode to one signature."""
    document: Any = read_document(signer.sign({"a": 1}))
    text = document["signature"]["public_key"]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = text[:-2] + alphabet[alphabet.index(text[-2]) ^ 1] + "="
    assert base64.b64decode(other) == base64.b64decode(text)
    assert verify({**document, "signature": {**document["signature"], "public_key": other}}).verdict is Verdict.WRONG


@given(VALUES, VALUES)
def test_other_content_never_fits(one: object, other: object) -> None:
    signer = Signer(SEED)
    document: Any = read_document(signer.sign(one))
    changed = copy.deepcopy(document)
    changed["content"] = other
    same = written(one) == written(other)
    assert (verify(changed).verdict is Verdict.UNKNOWN) is same


@pytest.mark.parametrize("typed", ["", "AAAA", "x" * 44, "A" * 44, "ä" * 44, "A" * 42 + "=="])
def test_public_keys_that_are_none(typed: str) -> None:
    with pytest.raises(InvalidInputError, match="no public key") as caught:
        check_public_key(typed)
    assert caught.value.field == "key"


def test_a_public_key_is_read_with_spaces_around(signer: Signer) -> None:
    assert check_public_key(f" {signer.public_key}\n") == base64.b64decode(signer.public_key)


def test_nothing_shows_the_key(signer: Signer, tmp_path: Path) -> None:
    secret = base64.b64encode(SEED).decode()
    settings = settings_of(tmp_path, ROSTRUM_SIGNING_KEY=secret)
    for shown in (repr(signer), str(signer), repr(settings), str(settings.model_dump())):
        assert secret not in shown
        assert repr(SEED) not in shown


def test_the_setting_wins_and_makes_no_file(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "new", ROSTRUM_SIGNING_KEY=f" {base64.b64encode(SEED).decode()}\n")
    assert Signer.load(settings).public_key == Signer(SEED).public_key
    assert look_at_key(settings) == ("signing key", None)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("value", ["hunter2", "A" * 40, "A" * 44, "ä" * 44])
def test_a_wrong_setting_is_named_and_not_shown(tmp_path: Path, value: str) -> None:
    with pytest.raises(SettingsError, match=r"ROSTRUM_SIGNING_KEY: must be 32 random bytes") as caught:
        settings_of(tmp_path, ROSTRUM_SIGNING_KEY=value)
    assert value not in str(caught.value)


def test_an_empty_setting_is_none(tmp_path: Path) -> None:
    assert settings_of(tmp_path, ROSTRUM_SIGNING_KEY="").signing_key is None
    assert Settings.model_validate({"signing_key": " "}).signing_key is None


def test_the_first_start_makes_a_key_and_later_ones_take_it(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "data"
    settings = settings_of(folder)
    assert look_at_key(settings) == ("signing key", None)
    assert not folder.exists(), "looking changes nothing"
    before = os.umask(0)
    try:
        first = Signer.load(settings)
    finally:
        os.umask(before)
    assert [path.name for path in folder.iterdir()] == ["signing.key"], "nothing half made is left"
    assert stat.S_IMODE((folder / "signing.key").stat().st_mode) == 0o600
    assert look_at_key(settings) == ("signing key", None)
    assert Signer.load(settings).public_key == first.public_key
    assert Signer.load(settings_of(tmp_path / "b")).public_key != first.public_key


def test_many_processes_at_once_agree(tmp_path: Path) -> None:
    program = (
        "import sys; from bot.config import Settings; from bot.signing import Signer; sys.stdin.readline();"
        "print(Signer.load(Settings.load({'ROSTRUM_DATA_DIR': sys.argv[1]})).public_key)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "data")]
    children = [
        subprocess.Popen(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True,
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(4)
    ]  # fmt: skip
    for child in children:
        assert child.stdin
        child.stdin.write("\n")
        child.stdin.flush()
    keys = {child.communicate(timeout=120)[0].strip() for child in children}
    assert len(keys) == 1
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["signing.key"]


def test_many_threads_at_once_agree(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    with ThreadPoolExecutor(16) as pool:
        keys = {key for key, _ in pool.map(lambda _: Signer.load(settings).names(), range(64))}
    assert len(keys) == 1


@pytest.mark.parametrize("damaged", [b"", b"\n", b"AAAA", b"\xff\xfe\x00", b"A" * 44, b"A" * 5000])
def test_a_damaged_key_is_told_and_never_overwritten(tmp_path: Path, damaged: bytes) -> None:
    path = tmp_path / "signing.key"
    path.write_bytes(damaged)
    path.chmod(0o600)
    with pytest.raises(StartError, match=r"signing\.key: this is no signing key.*backup") as caught:
        Signer.load(settings_of(tmp_path))
    assert "\n" not in str(caught.value)
    assert look_at_key(settings_of(tmp_path)) == ("signing key", str(caught.value))
    assert path.read_bytes() == damaged


def test_a_key_that_others_can_read_is_told(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    Signer.load(settings)
    path = tmp_path / "signing.key"
    path.chmod(0o644)
    assert look_at_key(settings) == ("signing key", f"others on this machine can read it; chmod 600 {path}")
    with capture_logs() as lines:
        assert Signer.load(settings).public_key
    assert ["chmod 600" in line["event"] for line in lines] == [True]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644, "it is the operator's"


def test_a_folder_in_its_place_and_a_link_to_nowhere_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "signing.key").mkdir()
    with pytest.raises(StartError, match=r"cannot be read or made: Is a directory; .*ROSTRUM_SIGNING_KEY"):
        Signer.load(settings_of(tmp_path))
    assert "Is a directory" in (look_at_key(settings_of(tmp_path))[1] or "")
    (tmp_path / "signing.key").rmdir()
    (tmp_path / "signing.key").symlink_to(tmp_path / "nowhere")
    with pytest.raises(StartError, match="cannot be read or made"):
        Signer.load(settings_of(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["signing.key"]


def test_a_file_in_place_of_the_folder_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(StartError, match="make the folder writable"):
        Signer.load(settings_of(tmp_path / "data"))
