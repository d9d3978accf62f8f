"""Embeds, from both sides of every border."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.validate.embeds import check_embeds
from sandbox.validate.form import Form
from tests.support.bodies import refused

Json = dict[str, Any]


def read(*embeds: Json) -> list[Json]:
    form = Form({"embeds": list(embeds)})
    found = check_embeds(form)
    form.done()
    return found


def errors(*embeds: Json) -> dict[str, str]:
    return refused(lambda: read(*embeds))


@pytest.mark.parametrize(
    ("most", "over", "path", "code"),
    [
        ({"title": "x" * 256}, {"title": "x" * 257}, "title", "BASE_TYPE_MAX_LENGTH"),
        ({"description": "x" * 4_096}, {"description": "x" * 4_097}, "description", "BASE_TYPE_MAX_LENGTH"),
        ({"footer": {"text": "x" * 2_048}}, {"footer": {"text": "x" * 2_049}}, "footer.text", "BASE_TYPE_MAX_LENGTH"),
        ({"author": {"name": "x" * 256}}, {"author": {"name": "x" * 257}}, "author.name", "BASE_TYPE_MAX_LENGTH"),
        (
            {"fields": [{"name": "n", "value": "v"}] * 25},
            {"fields": [{"name": "n", "value": "v"}] * 26},
            "fields",
            "BASE_TYPE_MAX_LENGTH",
        ),
        (
            {"fields": [{"name": "n" * 256, "value": "v" * 1_024}]},
            {"fields": [{"name": "n" * 257, "value": "v"}]},
            "fields.0.name",
            "BASE_TYPE_MAX_LENGTH",
        ),
        (
            {"fields": [{"name": "n", "value": "v"}]},
            {"fields": [{"name": "n", "value": "v" * 1_025}]},
            "fields.0.value",
            "BASE_TYPE_MAX_LENGTH",
        ),
        (
            {"fields": [{"name": "\u200b", "value": "v"}]},
            {"fields": [{"name": "  ", "value": "v"}]},
            "fields.0.name",
            "BASE_TYPE_REQUIRED",
        ),
        (
            {"title": "t", "color": 0xFFFFFF},
            {"title": "t", "color": 0x1000000},
            "color",
            "NUMBER_TYPE_MAX",
        ),
        (
            {"title": "t", "timestamp": "2026-11-24T12:00:00Z"},
            {"title": "t", "timestamp": "yesterday"},
            "timestamp",
            "DATE_TIME_TYPE_PARSE",
        ),
        (
            {"title": "t", "url": "https://a.example"},
            {"title": "t", "url": "javascript:alert(1)"},
            "url",
            "URL_TYPE_INVALID_SCHEME",
        ),
        (
            {"image": {"url": "attachment://a.png"}},
            {"image": {"url": "file:///etc/passwd"}},
            "image.url",
            "URL_TYPE_INVALID_SCHEME",
        ),
        (
            {"author": {"name": "a", "url": "https://a.example"}},
            {"author": {"name": "a", "url": "https://a b"}},
            "author.url",
            "URL_TYPE_INVALID_URL",
        ),
    ],
)
def test_limits(most: Json, over: Json, path: str, code: str) -> None:
    assert len(read(most)) == 1
    assert errors(over) == {f"embeds.0.{path}": code}


def test_ten_embeds_of_six_thousand_characters_together() -> None:
    assert len(read(*({"title": str(number)} for number in range(10)))) == 10
    assert errors(*({"title": str(number)} for number in range(11))) == {"embeds": "BASE_TYPE_MAX_LENGTH"}
    four = {"description": "x" * 4_000}
    assert read(four, {"description": "x" * 2_000})
    for last in ({"description": "x" * 2_001}, {"fields": [{"name": "n", "value": "v" * 1_000}] * 2}):
        assert errors(four, last) == {"embeds": "MAX_EMBED_SIZE_EXCEEDED"}


def test_embeds_come_back_as_discord_shows_them() -> None:
    (found,) = read(
        {
            "type": "video",
            "title": " Trimmed ",
            "provider": {"name": "ignored"},
            "timestamp": "2026-11-24T13:00:00+01:00",
            "fields": [{"name": "n", "value": "v"}],
            "author": {"name": "A", "icon_url": "https://a.example/i.png"},
        }
    )
    assert found == {
        "type": "rich",
        "title": "Trimmed",
        "timestamp": "2026-11-24T12:00:00.000000+00:00",
        "fields": [{"name": "n", "value": "v", "inline": False}],
        "author": {
            "name": "A",
            "icon_url": "https://a.example/i.png",
            "proxy_icon_url": "https://a.example/i.png",
        },
    }


def test_an_embed_that_shows_nothing_is_none() -> None:
    assert read({}, {"color": 5}, {"title": "   "}) == []
