"""What becomes of one interaction, as the person who began it sees it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sandbox.driver.errors import InteractionFailed, NotFound, WaitedInVain
from sandbox.driver.typing_in import fields_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.driver.person import Person
    from sandbox.driver.seen import SeenMessage
    from sandbox.driver.transport import Json

DEFAULT_TIMEOUT = 15.0


class Modal:
    """A modal that lies open before a person."""

    def __init__(self, response: Response, raw: Json) -> None:
        self.response = response
        self.raw = raw

    @property
    def title(self) -> str:
        """Its title."""
        return self.raw["title"]

    @property
    def custom_id(self) -> str:
        """Its custom_id."""
        return self.raw["custom_id"]

    @property
    def fields(self) -> dict[str, Json]:
        """Its fields by label: Discord's component payloads, with what is filled in beforehand."""
        return fields_of(self.raw)

    @property
    def text(self) -> str:
        """What is written in it, a line each: title, text displays, labels, descriptions."""
        lines = [self.title]
        for one in self.raw["components"]:
            lines += [one[name] for name in ("content", "label", "description") if one.get(name)]
        return "\n".join(lines)

    async def submit(self, values: Mapping[str, object] | None = None, **more: object) -> Response:
        """Fill in fields (named by label or custom_id) and send it; what is not named stays as it is shown.

        Text for text inputs; an option's label or value (or several) for selects, radio and checkbox groups; names for
        people, roles and channels; true or false for a checkbox; a File (or several) for an upload.
        """
        return await self.response.person.fill(self, values, **more)

    async def dismiss(self) -> None:
        """Close it without sending."""
        await self.response.person.act("dismiss_modal", {"interaction_id": self.response.id})


class Response:
    """The fate of a command, press, choice or submission.

    `state` is sent, thinking, modal, done or failed; `error` says what a person is told when it failed.

    A deferral is no answer, whichever it is: "is thinking" (5) or the quiet one of a control that leaves its message as
    it is for now (6, after which `state` is done and `deferred` true). All waits but `acknowledged` go on until the bot
    edits or deletes the deferred message or sends another one.
    """

    def __init__(self, person: Person, interaction_id: str, what: str) -> None:
        self.person = person
        self.id = interaction_id
        self.what = what
        self._data: Json = {"state": "sent"}
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def state(self) -> str:
        """How far it has come."""
        return self._data["state"]

    @property
    def error(self) -> str | None:
        """What the person is told when it failed."""
        return self._data.get("error")

    @property
    def deferred(self) -> bool:
        """Whether it is acknowledged by a deferral that nothing has followed yet."""
        return self.state == "thinking" or bool(self._data.get("deferred"))

    @property
    def channel_id(self) -> str:
        """The id of the place where it happens."""
        return self._data["channel_id"]

    @property
    def modal(self) -> Modal | None:
        """The modal that it opened, while it is open."""
        raw = self._data.get("modal")
        return None if raw is None else Modal(self, raw)

    async def acknowledged(self, timeout: float = DEFAULT_TIMEOUT) -> Response:
        """Wait until the bot has acknowledged it, be it by a deferral that it may leave at that."""
        await self._until(lambda: self.state not in {"sent", "failed"}, timeout)
        return self

    async def done(self, timeout: float = DEFAULT_TIMEOUT) -> Response:
        """Wait until the bot has answered (a modal is an answer); InteractionFailed when it did not."""
        await self._until(self._is_answered, timeout)
        return self

    async def opened(self, timeout: float = DEFAULT_TIMEOUT) -> Modal:
        """Wait for the modal that it opens and return it."""
        await self._until(self._is_answered, timeout)
        modal = self.modal
        if modal is None:
            shown = await self._answer()
            raise NotFound(f"{self.what} opened no modal; it was answered: {shown or 'without a message'}")
        return modal

    async def failed(self, timeout: float = DEFAULT_TIMEOUT) -> str:
        """Wait until it fails and return what the person is told; an answer is an error here."""
        await self._until(lambda: self.state == "failed" or self._is_answered(), timeout)
        if self.state != "failed":
            raise NotFound(f"{self.what} did not fail but was answered: {await self._answer() or self.state}")
        return self.error or ""

    async def message(self, timeout: float = DEFAULT_TIMEOUT) -> SeenMessage:
        """Wait until it is answered and return the message that answers it.

        That is the new message or, where the bot changed the message with the pressed control, that one. After a
        deferral it is what ends it: the deferred message once it is edited or, if that comes first, another message.
        """
        await self._until(self._is_answered, timeout)
        message = await self._answer()
        if message is None:
            raise NotFound(f"{self.what} was answered ({self.state}), but there is no message of it")
        return message

    async def followup(self, containing: str = "", timeout: float = DEFAULT_TIMEOUT) -> SeenMessage:
        """Wait for a further message of this interaction and return the newest one."""
        return await self.person.wait_message(
            self._data["channel_id"],
            containing,
            where=lambda one: one.interaction_id == self.id and one.id != self._data.get("response_message_id"),
            timeout=timeout,
        )

    def update(self, data: Json) -> None:
        """Take in a state that the stage tells."""
        self._data = data
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    def _is_answered(self) -> bool:
        return self.state in {"done", "modal"} and not self.deferred

    async def _until(self, reached: Callable[[], bool], timeout: float) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout
        while not reached():
            if self.state == "failed":
                raise InteractionFailed(f"{self.what}: {self.error}")
            future: asyncio.Future[None] = loop.create_future()
            self._waiting.append(future)
            try:
                async with asyncio.timeout_at(end):
                    await future
            except TimeoutError:
                how = "deferred" if self.state == "done" else self.state
                raise WaitedInVain(f"{self.what} is still {how!r} after {timeout:g} s") from None

    async def _answer(self) -> SeenMessage | None:
        names = ("response_message_id", "settled_by", "message_id")
        number = next((self._data[name] for name in names if name in self._data), None)
        if number is None:
            return None
        return await self.person.find_message(self._data["channel_id"], number)

    def __repr__(self) -> str:
        return f"<{self.what}: {self.state}{f' ({self.error})' if self.error else ''}>"
