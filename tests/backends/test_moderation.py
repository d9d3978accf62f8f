"""A provider's moderation is asked over real sockets, and whatever it answers ends in scores or in words for people."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.backends import moderation as module
from bot.backends.base import Egress
from bot.backends.http import new_client
from bot.backends.moderation import Moderation
from bot.errors import ModelError, Trouble
from tests.support.moderating import Judge, judging, moderation

ANYTHING = Egress()


@pytest.fixture
async def judge() -> AsyncIterator[Judge]:
    async with judging() as judge:
        yield judge


@pytest.fixture
async def asking(judge: Judge) -> AsyncIterator[Moderation]:
    async with moderation(judge) as asking:
        yield asking


async def test_scores_are_read(judge: Judge, asking: Moderation) -> None:
    assert await asking.scores("I will punch you", ANYTHING) == {"violence": 0.9, "harassment": 0.02, "sexual": 0.0}
    assert judge.asked == [{"model": "omni-moderation-latest", "input": "I will punch you"}]
    assert judge.keys == ["Bearer sk-test"]


async def test_without_a_key_none_is_sent(judge: Judge) -> None:
    async with moderation(judge, None) as asking:
        await asking.scores("", ANYTHING)
    assert judge.keys == [None]


async def test_a_long_text_is_looked_at_in_parts(judge: Judge, asking: Moderation) -> None:
    scores = await asking.scores("x" * 40_000 + " shove " + "y" * 40_000 + " punch", ANYTHING)
    assert len(judge.asked) == 3
    assert scores["violence"] == 0.9


async def test_half_a_character_is_sent_as_a_question_mark(judge: Judge, asking: Moderation) -> None:
    await asking.scores("a\ud83d", ANYTHING)
    assert judge.asked[0]["input"] == "a?"


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_passing_trouble_is_tried_again(
    judge: Judge, asking: Moderation, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setattr(module, "_PAUSE", 0.0)
    judge.instead = [web.Response(status=status)]
    assert await asking.scores("fine", ANYTHING)
    assert len(judge.asked) == 2


@pytest.mark.parametrize(
    ("status", "body", "detail"),
    [
        (401, '{"error": {"message": "sk-test is wrong"}}', "status 401"),
        (200, "not json", "no scores"),
        (200, "{}", "no scores"),
        (200, '{"results": []}', "no scores"),
        (200, '{"results": [{"category_scores": []}]}', "no scores"),
        (200, '{"results": [{"category_scores": {"violence": "high"}}]}', "no scores"),
        (302, "", "status 302"),
    ],
)
async def test_what_is_no_answer_is_told_without_what_it_says(
    judge: Judge, asking: Moderation, status: int, body: str, detail: str
) -> None:
    judge.instead = [web.Response(status=status, text=body)]
    with pytest.raises(ModelError, match="cannot be asked just now") as caught:
        await asking.scores("secret words", ANYTHING)
    assert caught.value.trouble is Trouble.UNREACHABLE
    assert detail in caught.value.detail
    assert "sk-test" not in f"{caught.value} {caught.value.detail}"
    assert "secret" not in f"{caught.value} {caught.value.detail}"
    assert len(judge.asked) == 1


async def test_nobody_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAUSE", 0.0)
    asking = Moderation("http://127.0.0.1:9/v1/moderations", "any", None, new_client())
    with pytest.raises(ModelError, match="a program on this machine") as caught:
        await asking.scores("text", ANYTHING)
    assert caught.value.detail == "moderation: ConnectError"
    await asking.close()


async def test_what_must_stay_here_is_not_sent_elsewhere(judge: Judge, asking: Moderation) -> None:
    stays = Egress(stays_here=True)
    assert asking.receiver == ""
    assert await asking.scores("on this machine", stays)
    away = Moderation("https://mod.example/v1/moderations", "any", None, new_client())
    assert (away.receiver, away.allowed(stays), away.allowed(ANYTHING)) == ("mod.example", False, True)
    with pytest.raises(ModelError) as caught:
        await away.scores("text", stays)
    assert caught.value.trouble is Trouble.EGRESS
    await away.close()
    assert len(judge.asked) == 1
