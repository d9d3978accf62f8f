"""What the three protocols share: one request, its answer as a stream of events, and every way that this can fail."""

import asyncio
import json
import time
from abc import abstractmethod
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

import httpx
import orjson
import structlog

from bot.backends.answer import Answer
from bot.backends.base import (
    Capabilities,
    Chunk,
    Completion,
    Egress,
    Event,
    Finish,
    Health,
    Prompt,
    State,
)
from bot.backends.flow import Flow
from bot.backends.http import LARGEST_ERROR, base_of, is_address, is_key, read_some, retry_after_of
from bot.backends.reading import LARGEST_WHOLE, Reader, UnknownKindError, receive
from bot.backends.sse import TooLargeError
from bot.backends.troubles import ELSE, Fault, error_of, read_fault, trouble_of
from bot.catalog import ModelCard, Where, where_of
from bot.clock import utc_now
from bot.errors import ModelError, Trouble

PROBE_SECONDS = 15.0
MOST_STOPS = 4
_PICTURES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})
_MOST_PICTURES = 20 << 20
_OK, _MULTIPLE, _NOT_FOUND, _UNPROCESSABLE, _BAD = 200, 300, 404, 422, 400
_REMEMBERED: Mapping[Trouble, float] = {
    Trouble.NOT_CONFIGURED: 600,
    Trouble.KEY: 600,
    Trouble.CREDIT: 600,
    Trouble.FORBIDDEN: 600,
    Trouble.NO_SUCH_MODEL: 600,
    Trouble.UNREACHABLE: 60,
    Trouble.OVERLOADED: 60,
    Trouble.SILENT: 60,
}
"""Seconds for which a trouble says how the other side is. The rest is about one question, or passes at once."""

log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent: a path after the base address, and the body."""

    path: str
    body: dict[str, Any]


class _Asking:
    """One question on its way: who understands the answer, and what there is of it."""

    def __init__(self, reader: Reader, answer: Answer) -> None:
        self.reader = reader
        self.answer = answer
        self.flow = Flow()
        self.started = time.perf_counter()
        self.first_seconds: float | None = None

    def show(self, text: str) -> bool:
        """Pass text on, as far as it may be shown; tell whether more is wanted."""
        if shown := self.answer.add(text):
            self._say(shown)
        return not self.answer.finish

    def show_rest(self) -> None:
        """Pass on what was held back."""
        if shown := self.answer.rest():
            self._say(shown)

    def _say(self, text: str) -> None:
        if self.first_seconds is None:
            self.first_seconds = time.perf_counter() - self.started
        self.flow.say(text)


class RemoteBackend:
    """A model behind a protocol over HTTP; `client` is shared and stays open."""

    version: ClassVar[str] = "/v1"
    seeds: ClassVar[bool] = False

    def __init__(self, card: ModelCard, key: str | None, client: httpx.AsyncClient) -> None:
        self._card = card
        self._where = where_of(card)
        self._client = client
        self._base = base_of(card.address, self.version)
        self._lacks = self._find_lack(key)
        self._headers = self._headers_with(key) if key and is_key(key) else self._headers_with(None)
        self._unwanted: frozenset[str] = frozenset()
        self._trouble: ModelError | None = None
        self._troubled_until = 0.0

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._card.key}>"

    @property
    def card(self) -> ModelCard:
        """The model."""
        return self._card

    @property
    def where(self) -> Where:
        """Where it runs."""
        return self._where

    @property
    def capabilities(self) -> Capabilities:
        """What it can take."""
        return Capabilities(self._card.tasks, pictures=self._card.images, seeds=self.seeds)

    @abstractmethod
    def _headers_with(self, key: str | None) -> dict[str, str]:
        """Return the headers that show the key."""

    @abstractmethod
    def _request(self, prompt: Prompt, unwanted: frozenset[str]) -> Request:
        """Put a prompt into the protocol's form, without the options that the other side does not take."""

    @abstractmethod
    def _reader(self) -> Reader:
        """Return what understands one answer."""

    @abstractmethod
    def _probe_path(self) -> str:
        """Return what to ask for to hear whether the other side would answer."""

    def _lists(self, body: object) -> bool:
        """Tell whether what `_probe_path` gave speaks for the model being there."""
        return isinstance(body, dict)

    async def complete(self, prompt: Prompt, egress: Egress) -> AsyncGenerator[Event]:
        """Answer `prompt`; refuses what `egress` forbids before anything is sent.

        Raises:
            ModelError: no answer, or not all of it.
        """
        self._check(prompt, egress)
        asking = _Asking(self._reader(), Answer(prompt))
        # a task of its own reads, so that all that is there already is one chunk, and the reading is never cut off by
        # who waits for it with a limit
        task = asyncio.create_task(self._ask(prompt, asking))
        try:
            while text := await asking.flow.take():
                yield Chunk(text)
            outcome = await task
        finally:
            task.cancel()
            await asyncio.wait([task])
        if isinstance(outcome, ModelError):
            self._remember(outcome)
            raise outcome
        self._trouble = None
        yield outcome

    async def _ask(self, prompt: Prompt, asking: "_Asking") -> Completion | ModelError:
        """Send the question and read the answer; a failure is returned.

        It is not raised: what the library's error carries (a request with its headers) stays behind.
        """
        try:
            response = await self._send(prompt)
            try:
                await receive(response, asking.reader, asking.show, asking.flow)
            finally:
                await response.aclose()
            asking.show_rest()
            return self._completed(asking)
        except ModelError as error:
            return error
        except (httpx.HTTPError, httpx.StreamError, TooLargeError, UnknownKindError, ValueError) as error:
            return self._failed(error, shown=asking.first_seconds is not None)
        finally:
            asking.flow.end()

    def health(self) -> Health:
        """Say how it is, from memory: nothing is sent."""
        if self._lacks:
            return Health(State.MISSING, self._lacks)
        if self._trouble and time.monotonic() < self._troubled_until:
            return Health(State.TROUBLED, str(self._trouble), {"detail": self._trouble.detail})
        return Health(State.READY)

    async def probe(self) -> Health:
        """Ask the other side for its list of models, or for this one, which costs nothing."""
        if self._lacks:
            return self.health()
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                trouble = await self._probe()
        except TimeoutError:
            trouble = error_of(self._card, Trouble.SILENT, detail="no answer in time")
        except (httpx.HTTPError, httpx.StreamError, ValueError) as error:
            trouble = self._failed(error, shown=False)
        self._trouble = None
        if trouble:
            self._remember(trouble)
        return self.health()

    def _remember(self, error: ModelError) -> None:
        if seconds := _REMEMBERED.get(error.trouble):
            self._trouble, self._troubled_until = error, time.monotonic() + seconds

    async def close(self) -> None:
        """Let go of nothing: the client belongs to whoever made it."""

    async def _probe(self) -> ModelError | None:
        request = self._client.build_request("GET", self._base + self._probe_path(), headers=self._headers)
        response = await self._client.send(request, stream=True)
        try:
            body, is_whole = await read_some(response, LARGEST_WHOLE)
        finally:
            await response.aclose()
        if response.status_code == _OK:
            listed = not is_whole or self._lists(orjson.loads(body))
            return None if listed else error_of(self._card, Trouble.NO_SUCH_MODEL, detail="not in the list of models")
        fault = read_fault(body)
        if response.status_code == _NOT_FOUND and not fault.detail and self._where is Where.MACHINE:
            return None  # it answers, and does not know this question
        return self._error(response, fault)

    def _find_lack(self, key: str | None) -> str:
        name = self._card.key_setting
        if not is_address(self._card.address):
            return f"its address ({self._card.address or 'none'}) cannot be used: write one like https://host/v1"
        if name and not key:
            return f"set {name}"
        if key and not is_key(key):
            return f"{name or 'its key'} holds characters that no key has; copy it again"
        return ""

    def _check(self, prompt: Prompt, egress: Egress) -> None:
        if refusal := egress.refuses(self._card, self._where):
            text = f"{refusal[:1].upper()}{refusal[1:]}. Choose another model."
            raise error_of(self._card, Trouble.EGRESS, text=text)
        if self._lacks:
            raise error_of(self._card, Trouble.NOT_CONFIGURED, detail=self._lacks)
        pictures = [picture for turn in prompt.turns for picture in turn.pictures]
        if pictures and not self._card.images:
            text = f"{self._card.name} cannot look at pictures. Choose a model that can, or ask without them."
            raise error_of(self._card, Trouble.UNFIT, text=text)
        if any(picture.media_type not in _PICTURES for picture in pictures):
            text = "Pictures can be PNG, JPEG, WebP or GIF. Save it as one of these and ask again."
            raise error_of(self._card, Trouble.UNFIT, text=text)
        if sum(len(picture.content) for picture in pictures) > _MOST_PICTURES:
            text = "The pictures are too large: 20 MB together is the most. Send fewer or smaller ones."
            raise error_of(self._card, Trouble.UNFIT, text=text)

    async def _send(self, prompt: Prompt) -> httpx.Response:
        """Send the request; once more without an option that the other side says it does not take.

        Which options those are is remembered: dialects of one protocol differ, and models of one maker do.
        """
        while True:
            response = await self._post(prompt)
            if response.status_code == _OK:
                return response
            try:
                body, _ = await read_some(response, LARGEST_ERROR)
            finally:
                await response.aclose()
            fault = read_fault(body)
            unwanted = fault.unwanted() if response.status_code in {_BAD, _UNPROCESSABLE} else None
            if unwanted is None or unwanted in self._unwanted:
                raise self._error(response, fault)
            log.info("model does not take an option", model=self._card.key, option=unwanted)
            self._unwanted |= {unwanted}

    async def _post(self, prompt: Prompt) -> httpx.Response:
        if any(turn.pictures for turn in prompt.turns):
            # many megabytes as base64 would hold the event loop up
            path, content = await asyncio.to_thread(self._content, prompt)
        else:
            path, content = self._content(prompt)
        headers = {"content-type": "application/json", "accept": "text/event-stream", **self._headers}
        request = self._client.build_request("POST", self._base + path, content=content, headers=headers)
        return await self._client.send(request, stream=True)

    def _content(self, prompt: Prompt) -> tuple[str, bytes]:
        request = self._request(prompt, self._unwanted)
        try:
            return request.path, orjson.dumps(request.body)
        except orjson.JSONEncodeError:  # halves of characters
            written = json.dumps(request.body, ensure_ascii=False)
            return request.path, written.encode("utf-8", "replace")

    def _completed(self, asking: "_Asking") -> Completion:
        reader, answer, first = asking.reader, asking.answer, asking.first_seconds
        if reader.fault:
            raise self._fault(reader.fault, shown=first is not None)
        finish = answer.finish or reader.finish
        text = answer.text
        if finish is None and not reader.is_over:
            trouble = Trouble.UNREACHABLE if first is None else Trouble.CUT_OFF
            raise error_of(self._card, trouble, detail="the stream ended without an end")
        if not text.strip():
            if finish is Finish.FILTERED:
                raise error_of(self._card, reader.stopped_by, detail="nothing came before the filter")
            text = (
                f"{self._card.name} used up its length before it said anything. Ask for less, or choose another model."
            )
            raise error_of(self._card, Trouble.EMPTY, text=text if finish is Finish.LENGTH else "")
        read, written = reader.prompt_tokens, reader.completion_tokens
        return Completion(
            text=text,
            model=self._card.key,
            where=self._where,
            finish=finish or Finish.STOP,
            prompt_tokens=read,
            completion_tokens=written,
            first_token_seconds=first,
            seconds=time.perf_counter() - asking.started,
            cost=self._cost(read, written),
        )

    def _cost(self, read: int | None, written: int | None) -> Decimal | None:
        if self._where is not Where.ELSEWHERE:
            return Decimal(0)
        if self._card.price is None or read is None or written is None:
            return None
        return self._card.price.cost(read, written)

    def _error(self, response: httpx.Response, fault: Fault) -> ModelError:
        status = response.status_code
        trouble = trouble_of(status, fault)
        text = ""
        if _MULTIPLE <= status < _BAD:
            text = f"The address of {self._card.name} points to another one. {ELSE}"
        wait = retry_after_of(response.headers, utc_now())
        return error_of(
            self._card,
            trouble,
            text=text,
            detail=f"HTTP {status} {fault.detail}".strip(),
            retry_after=wait if wait is not None else fault.retry_after,
        )

    def _fault(self, fault: Fault, *, shown: bool) -> ModelError:
        """Return what an error inside of a stream comes to."""
        trouble = trouble_of(None, fault)
        if shown and trouble in {Trouble.OVERLOADED, Trouble.BUSY, Trouble.REFUSED}:
            trouble = Trouble.CUT_OFF
        detail = f"error in the stream {fault.detail}".strip()
        return error_of(self._card, trouble, detail=detail, retry_after=fault.retry_after)

    def _failed(self, error: Exception, *, shown: bool) -> ModelError:
        """Return what a failure of the connection comes to; nothing of its text, which may quote what was sent."""
        if isinstance(error, (TooLargeError, UnknownKindError, ValueError, httpx.DecodingError)):
            trouble = Trouble.MALFORMED
        elif isinstance(error, httpx.PoolTimeout):
            trouble = Trouble.BUSY
        elif isinstance(error, (httpx.ReadTimeout, httpx.WriteTimeout)):
            trouble = Trouble.SILENT
        elif isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)):
            trouble = Trouble.UNREACHABLE
        elif isinstance(error, httpx.RemoteProtocolError) and not shown and "peer closed" not in str(error):
            trouble = Trouble.UNREACHABLE if "disconnected" in str(error) else Trouble.MALFORMED
        else:
            trouble = Trouble.CUT_OFF if shown else Trouble.UNREACHABLE
        return error_of(self._card, trouble, detail=type(error).__name__)
