"""The scripted backend keeps the contract, and its scripts do what they say."""

from collections.abc import Sequence
from typing import Any

import pytest

from bot.backends.base import Chunk, Egress, Finish, Notice
from bot.backends.scripted import ScriptedBackend
from bot.catalog import ModelCard, Openness, Task
from bot.errors import Trouble
from tests.backends.contract import BackendContract, Subject, completion_of, events_of, failure_of, prompt_of, text_of


def scripted(script: str, **rest: Any) -> ScriptedBackend:
    values: dict[str, Any] = {
        "key": "scripted",
        "name": "Scripted",
        "maker": "Testers",
        "family": "Test",
        "openness": Openness.CLOSED,
        "reasons": {},
        "tasks": frozenset(Task),
        "backend": "scripted",
        "model": script,
        "licence": "MIT",
        "address": "http://127.0.0.1/",
    }
    return ScriptedBackend(ModelCard(**{**values, **rest}))


class TestScriptedKeepsTheContract(BackendContract):
    @pytest.fixture
    async def subject(self) -> Subject:
        backend = scripted("echo")
        plans: list[str] = []

        class Planned(ScriptedBackend):
            def script(self, asked: str) -> str:
                return plans.pop(0) if plans else super().script(asked)

        backend = Planned(backend.card)

        def will_say(pieces: Sequence[str]) -> None:
            plans.append(
                "|".join("say " + piece.replace("\n", "\\n").replace(" ", "\\s") for piece in pieces) or "say "
            )

        def will_stall() -> None:
            plans.append("say begun|wait 60|say more")

        def will_fail() -> Trouble:
            plans.append("fail busy")
            return Trouble.BUSY

        def will_break() -> Trouble:
            plans.append("say begun|fail cut off")
            return Trouble.CUT_OFF

        return Subject(
            backend,
            forbidden=[(backend, Egress(open_only=True)), (scripted("echo", address=""), Egress(stays_here=True))],
            sent=lambda: len(backend.prompts),
            running=lambda: backend.running,
            will_say=will_say,
            will_stall=will_stall,
            will_fail=will_fail,
            will_break=will_break,
            echoes=True,
        )


async def test_a_script_says_waits_notes_and_ends() -> None:
    events = await events_of(scripted("notice Loading|say One,\\s|wait 0.01|words 2|finish length"), prompt_of())
    assert events[:-1] == [Notice("Loading"), Chunk("One, "), Chunk("word1 "), Chunk("word2 ")]
    assert completion_of(events).finish is Finish.LENGTH


async def test_a_question_can_hold_the_script() -> None:
    events = await events_of(scripted("echo"), prompt_of("please script: say as\\s|say asked"))
    assert text_of(events) == "as asked"


@pytest.mark.parametrize("trouble", list(Trouble))
async def test_a_script_can_fail_in_every_way(trouble: Trouble) -> None:
    _, error = await failure_of(scripted(f"fail {trouble.value}"), prompt_of())
    assert error.trouble is trouble
    assert len(str(error).split(". ")) > 1


@pytest.mark.parametrize("script", ["dance", "fail never heard of", "wait long", "words many", "finish sometime"])
async def test_a_step_that_is_none_is_refused(script: str) -> None:
    _, error = await failure_of(scripted(script), prompt_of())
    assert error.trouble is Trouble.NOT_CONFIGURED
