"""Message bodies as wholes: what excludes what, polls, mentions, nonces, references, uploads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.rest.call import Upload
from sandbox.validate.message import Draft, check_create
from sandbox.validate.uploads import safe_name
from sandbox.world import World
from tests.support.bodies import V2, poll, refused, refused_with, text

Json = dict[str, Any]
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def read(*files: Upload, **body: object) -> Draft:
    return check_create(World(clock=lambda: NOW), body, files)


def errors(**body: object) -> dict[str, str]:
    return refused(lambda: read(**body))


def upload(number: int = 0, name: str = "a.txt", size: int = 3) -> Upload:
    return Upload(f"files[{number}]", name, "application/octet-stream", b"x" * size)


def test_content() -> None:
    assert read(content="x" * 2_000).content == "x" * 2_000
    assert errors(content="x" * 2_001) == {"content": "BASE_TYPE_MAX_LENGTH"}
    assert errors(content=["x"]) == {"content": "STRING_TYPE_CONVERT"}
    assert read(content="  hi \n").content == "hi"


def test_a_v2_message_holds_nothing_else() -> None:
    assert read(flags=V2, components=[text()], content="", embeds=[])
    found = errors(flags=V2, components=[text()], content="x", embeds=[{"title": "x"}], poll=poll(), sticker_ids=["1"])
    code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
    assert found == dict.fromkeys(("content", "embeds", "poll", "sticker_ids"), code)


def test_stickers_and_voice_are_not_here() -> None:
    assert refused_with(lambda: read(sticker_ids=["1"])) == (404, 10060)
    assert refused_with(lambda: read(flags=1 << 13)) == (403, 50173)


@pytest.mark.parametrize(
    ("fields", "path", "code"),
    [
        ({"question": {"text": "x" * 301}}, "question.text", "BASE_TYPE_BAD_LENGTH"),
        ({"question": {}}, "question.text", "BASE_TYPE_REQUIRED"),
        ({"question": None}, "question", "BASE_TYPE_REQUIRED"),
        ({"answers": []}, "answers", "BASE_TYPE_BAD_LENGTH"),
        ({"answers": None}, "answers", "BASE_TYPE_REQUIRED"),
        ({"answers": [{"poll_media": {"text": "x" * 56}}]}, "answers.0.poll_media.text", "BASE_TYPE_BAD_LENGTH"),
        ({"duration": 0}, "duration", "NUMBER_TYPE_MIN"),
        ({"duration": 769}, "duration", "NUMBER_TYPE_MAX"),
        ({"layout_type": 2}, "layout_type", "BASE_TYPE_CHOICES"),
    ],
)
def test_poll_refused(fields: Json, path: str, code: str) -> None:
    assert errors(poll=poll(**fields)) == {f"poll.{path}": code}


def test_poll_accepted() -> None:
    answers = [{"poll_media": {"text": "x" * 55, "emoji": {"name": "🗳️"}}}] * 10
    made = read(poll=poll(question={"text": "x" * 300}, answers=answers, duration=768, allow_multiselect=True)).poll
    assert made is not None
    assert ([answer.id for answer in made.answers], made.multiselect) == (list(range(1, 11)), True)
    assert (made.expires_at - NOW).total_seconds() == 768 * 3600
    assert errors(poll=poll(11)) == {"poll.answers": "BASE_TYPE_BAD_LENGTH"}
    unknown = [{"poll_media": {"text": "x", "emoji": {"id": "123456789012345678"}}}]
    assert refused_with(lambda: read(poll=poll(answers=unknown))) == (400, 520004)


def test_allowed_mentions() -> None:
    allowed = read(content="x", allowed_mentions={"parse": ["users"], "roles": ["5"], "replied_user": True}).allowed
    assert allowed is not None
    assert (allowed.parse, allowed.roles, allowed.replied_user) == ({"users"}, {5}, True)
    assert read(content="x", allowed_mentions={"parse": ["users"], "users": []}).allowed
    for kind in ("users", "roles"):
        clash = {"parse": [kind], kind: ["1"]}
        assert errors(allowed_mentions=clash) == {"allowed_mentions": "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE"}
    assert errors(allowed_mentions={"parse": ["all"]}) == {"allowed_mentions.parse.0": "BASE_TYPE_CHOICES"}
    assert read(allowed_mentions={"users": [str(number) for number in range(100)]})
    assert errors(allowed_mentions={"users": [str(number) for number in range(101)]}) == {
        "allowed_mentions.users": "BASE_TYPE_MAX_LENGTH"
    }
    assert errors(allowed_mentions={"users": ["1", "1"]}) == {
        "allowed_mentions.users.1": "SET_TYPE_ALREADY_CONTAINS_VALUE"
    }


def test_nonce() -> None:
    assert read(nonce="x" * 25).nonce == "x" * 25
    assert read(nonce=-5).nonce == -5
    assert errors(nonce="x" * 26) == {"nonce": "NONCE_TYPE_TOO_LONG"}
    assert errors(nonce=[1]) == {"nonce": "NONCE_TYPE_INVALID_TYPE"}


def test_reference() -> None:
    assert errors(message_reference={}) == {"message_reference.message_id": "BASE_TYPE_REQUIRED"}
    assert errors(message_reference={"message_id": "x"}) == {"message_reference.message_id": "NUMBER_TYPE_COERCE"}
    assert errors(message_reference={"message_id": "1", "type": 1}) == {
        "message_reference.channel_id": "BASE_TYPE_REQUIRED"
    }


def test_ten_files_of_ten_mebibytes() -> None:
    ten = [upload(number) for number in range(10)]
    assert len(read(*ten).files) == 10
    assert refused_with(lambda: read(*ten, upload(10))) == (400, 30015)
    assert read(upload(size=10 * 1024 * 1024)).files
    assert refused_with(lambda: read(upload(size=10 * 1024 * 1024 + 1))) == (413, 40005)


def test_attachment_list() -> None:
    described = [{"id": 0, "filename": "renamed.txt", "description": "x" * 1_024}]
    (draft,) = read(upload(), attachments=described).files
    assert (draft.filename, draft.description) == ("renamed.txt", "x" * 1_024)
    assert errors(attachments=[{"id": "7"}]) == {"attachments.0.id": "ATTACHMENT_NOT_FOUND"}
    over = [{"id": 0, "description": "x" * 1_025}]
    assert refused(lambda: read(upload(), attachments=over)) == {"attachments.0.description": "BASE_TYPE_MAX_LENGTH"}
    # files that the list does not name are not attached
    assert [one.filename for one in read(upload(0), upload(1, "b.txt"), attachments=[{"id": "1"}]).files] == ["b.txt"]


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("chart.png", "chart.png"),
        ("my chart (1).png", "my_chart_1.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\x.txt", "x.txt"),
        ("日本.png", "unknown.png"),
        ("ärger.tar.gz", "rger.tar.gz"),
        ("...", "unknown"),
        ("", "unknown"),
    ],
)
def test_file_names_are_made_safe(given: str, stored: str) -> None:
    assert safe_name(given) == stored


def test_an_unsafe_name_lives_on_as_title() -> None:
    (draft,) = read(upload(name="my chart.png")).files
    assert (draft.filename, draft.title) == ("my_chart.png", "my chart")
