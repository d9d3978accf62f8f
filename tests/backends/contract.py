"""What every backend keeps, whatever is behind it.

A backend's tests subclass `BackendContract` and give it a `subject`:

    class TestOpenAIKeepsTheContract(BackendContract):
        @pytest.fixture
        async def subject(self) -> AsyncIterator[Subject]: ...

What a subject cannot be told to do (a real model says what it likes) it leaves as None, and the tests that need it
check what can be checked without.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import pytest

from bot.backends.base import Backend, Chunk, Completion, Egress, Event, Finish, Health, Notice, Prompt, Turn
from bot.errors import ModelError, Trouble
from tests.backends.servers import until

ANYWHERE = Egress()
UNICODE = ("Grüße, ", "日本", "語 ", "👩‍👩‍", "👧 ", "e\u0301", " مرحبا ", "🇩🇪", " \u202eabc\u202c ", "𝕏")
CHARACTERS_A_TOKEN = 16


@dataclass
class Subject:
    """A backend, and how to make what is behind it do things."""

    backend: Backend
    forbidden: Sequence[tuple[Backend, Egress]] = ()
    """Backends like it, each with an egress policy that refuses it."""
    sent: Callable[[], int] = lambda: 0
    """How many questions have reached the other end."""
    running: Callable[[], int] = lambda: 0
    """How many answers are being worked on at the other end."""
    will_say: Callable[[Sequence[str]], None] | None = None
    """Have the next answer consist of these pieces."""
    will_stall: Callable[[], None] | None = None
    """Have the next answer begin and then never go on."""
    will_fail: Callable[[], Trouble] | None = None
    """Have the next answer fail before anything is shown, and say with what trouble."""
    will_break: Callable[[], Trouble] | None = None
    """Have the next answer fail after its beginning was shown, and say with what trouble."""
    echoes: bool = False
    """Whether the answer to what is not planned holds the question."""
    secret: str = ""


def prompt_of(text: str = "What is open?", **rest: Any) -> Prompt:
    """Return a prompt with one question."""
    return Prompt((Turn("user", text),), question=text, **{"max_tokens": 64, **rest})


async def events_of(backend: Backend, prompt: Prompt, egress: Egress = ANYWHERE) -> list[Event]:
    """Collect all events of an answer."""
    return [event async for event in backend.complete(prompt, egress)]


async def failure_of(backend: Backend, prompt: Prompt, egress: Egress = ANYWHERE) -> tuple[list[Event], ModelError]:
    """Collect the events before a failure, and the failure."""
    seen: list[Event] = []
    try:
        async for event in backend.complete(prompt, egress):
            seen.append(event)  # noqa: PERF401 - what came before the failure is wanted too
    except ModelError as error:
        return seen, error
    raise AssertionError(f"it did not fail, but gave {seen}")


def text_of(events: Sequence[Event]) -> str:
    """Join the chunks."""
    return "".join(event.text for event in events if isinstance(event, Chunk))


def completion_of(events: Sequence[Event]) -> Completion:
    """Return the completion, having checked that it is the only one, and the last."""
    assert [event for event in events if isinstance(event, Completion)] == [events[-1]]
    last = events[-1]
    assert isinstance(last, Completion)
    return last


class BackendContract:
    """The tests; `subject` is the subclass's."""

    @pytest.fixture
    async def subject(self) -> Subject:
        raise NotImplementedError

    async def test_an_answer_ends_with_exactly_one_completion(self, subject: Subject) -> None:
        events = await events_of(subject.backend, prompt_of())
        completion = completion_of(events)
        assert all(isinstance(event, (Chunk, Notice)) for event in events[:-1])
        assert all(event.text for event in events if isinstance(event, (Chunk, Notice)))
        assert completion.text == text_of(events)
        assert completion.text.strip()
        assert completion.model
        assert completion.where is subject.backend.where
        assert completion.first_token_seconds is not None
        assert 0 < completion.first_token_seconds <= completion.seconds
        for tokens in (completion.prompt_tokens, completion.completion_tokens):
            assert tokens is None or tokens >= 0

    async def test_text_is_what_the_chunks_said(self, subject: Subject) -> None:
        if subject.will_say:
            subject.will_say(UNICODE)
        events = await events_of(subject.backend, prompt_of())
        assert completion_of(events).text == text_of(events)
        if subject.will_say:
            assert text_of(events) == "".join(UNICODE)

    async def test_nothing_is_sent_that_the_server_forbids(self, subject: Subject) -> None:
        for backend, egress in subject.forbidden:
            events, error = await failure_of(backend, prompt_of(), egress)
            assert (events, error.trouble) == ([], Trouble.EGRESS)
            assert backend.card.name in str(error)
        assert subject.sent() == 0

    async def test_closing_lets_go_at_the_other_end(self, subject: Subject) -> None:
        if subject.will_stall:
            subject.will_stall()
        stream = subject.backend.complete(prompt_of(max_tokens=2000), ANYWHERE)
        await _first_chunk(stream)
        await stream.aclose()
        await until(lambda: subject.running() == 0)

    async def test_cancelling_lets_go_at_the_other_end(self, subject: Subject) -> None:
        if subject.will_stall:
            subject.will_stall()
        begun = asyncio.Event()

        async def ask() -> None:
            async with aclosing(subject.backend.complete(prompt_of(max_tokens=2000), ANYWHERE)) as stream:
                async for event in stream:
                    if isinstance(event, Chunk):
                        begun.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(ask())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: subject.running() == 0)

    async def test_what_was_abandoned_stands_in_nobodys_way(self, subject: Subject) -> None:
        for _ in range(3):
            stream = subject.backend.complete(prompt_of(), ANYWHERE)
            await _first_chunk(stream)
            await stream.aclose()
        completion_of(await events_of(subject.backend, prompt_of()))

    async def test_an_answer_is_bounded(self, subject: Subject) -> None:
        if subject.will_say:
            subject.will_say(["flood " * 20] * 400)
        events = await events_of(subject.backend, prompt_of(max_tokens=10))
        completion = completion_of(events)
        assert len(completion.text) <= 10 * CHARACTERS_A_TOKEN
        if subject.will_say:
            assert completion.finish is Finish.LENGTH
            await until(lambda: subject.running() == 0)

    async def test_an_answer_ends_at_a_stop_text(self, subject: Subject) -> None:
        if not subject.backend.capabilities.stops:
            return
        if subject.will_say:
            subject.will_say(["One. ", "Two. ", "##", "EN", "D## ", "Three."])
        events = await events_of(subject.backend, prompt_of(stop=("##END##",)))
        completion = completion_of(events)
        assert "##END##" not in completion.text
        if subject.will_say:
            assert (completion.text, completion.finish) == ("One. Two. ", Finish.STOP)

    async def test_many_are_answered_at_once(self, subject: Subject) -> None:
        questions = [f"Question number {number}?" for number in range(16)]
        answers = await asyncio.gather(*(events_of(subject.backend, prompt_of(text)) for text in questions))
        for question, events in zip(questions, answers, strict=True):
            completion = completion_of(events)
            assert completion.text == text_of(events)
            if subject.echoes:
                assert question in completion.text

    async def test_a_failure_says_what_to_do(self, subject: Subject) -> None:
        if not subject.will_fail:
            return
        trouble = subject.will_fail()
        events, error = await failure_of(subject.backend, prompt_of())
        assert text_of(events) == ""
        assert error.trouble is trouble
        assert error.model
        assert str(error).endswith(".")
        assert len(str(error).split(". ")) > 1, "it says what happened, and what to do"
        completion_of(await events_of(subject.backend, prompt_of()))

    async def test_a_failure_in_the_middle_ends_the_answer(self, subject: Subject) -> None:
        if not subject.will_break:
            return
        trouble = subject.will_break()
        events, error = await failure_of(subject.backend, prompt_of())
        assert text_of(events)
        assert not any(isinstance(event, Completion) for event in events)
        assert error.trouble is trouble

    async def test_an_answer_of_nothing_is_a_failure(self, subject: Subject) -> None:
        if not subject.will_say:
            return
        for pieces in ([], [" ", "\n"]):
            subject.will_say(pieces)
            _, error = await failure_of(subject.backend, prompt_of())
            assert error.trouble is Trouble.EMPTY

    async def test_secrets_and_questions_stay_out_of_errors_and_logs(
        self, subject: Subject, caplog: pytest.LogCaptureFixture
    ) -> None:
        asked, errors = "my-private-question", []
        with caplog.at_level(logging.INFO):
            for plan in (subject.will_fail, subject.will_break):
                if plan:
                    plan()
                    errors.append((await failure_of(subject.backend, prompt_of(asked)))[1])
            await events_of(subject.backend, prompt_of(asked))
            health = await subject.backend.probe()
        shown = [caplog.text, repr(subject.backend), repr(subject.backend.health()), repr(health)]
        for error in errors:
            shown += [str(error), repr(error), error.detail, *_behind(error)]
        for text in shown:
            assert asked not in text
            assert not subject.secret or subject.secret not in text

    async def test_health_is_known_without_asking(self, subject: Subject) -> None:
        assert isinstance(subject.backend.health(), Health)
        assert subject.sent() == 0
        await events_of(subject.backend, prompt_of())
        assert subject.backend.health().usable
        assert (await subject.backend.probe()).usable


async def _first_chunk(stream: AsyncGenerator[Event]) -> Chunk:
    async for event in stream:
        if isinstance(event, Chunk):
            return event
    raise AssertionError("no chunk came")


def _behind(error: BaseException) -> list[str]:
    """Return what the errors behind an error say: whoever logs it with its traceback writes them too."""
    found: list[str] = []
    behind = error.__cause__ or error.__context__
    while behind:
        found += [str(behind), repr(behind)]
        behind = behind.__cause__ or behind.__context__
    return found
