"""Every running interaction: delivered to its bot, watched for its deadlines, forgotten when its token is long dead."""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from sandbox.errors import ApiError, unknown
from sandbox.model import Interaction
from sandbox.payloads.interactions import AUTOCOMPLETE, interaction_payload, metadata_payload, state_payload

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.model import Application, Channel, Json, Message
    from sandbox.server import Server

ANSWER_SECONDS = 3.0
TOKEN_SECONDS = 900.0
FORGET_AFTER = timedelta(seconds=TOKEN_SECONDS + 300)
MOST_KEPT = 100_000


class Timer(Protocol):
    """What `schedule` returns."""

    def cancel(self) -> object:
        """Do not call any more."""
        ...


class Interactions:
    """The interactions of one stand-in.

    `schedule(seconds, act)` calls `act` later (the running loop's call_later unless a test gives another).
    """

    def __init__(self, server: Server, schedule: Callable[[float, Callable[[], None]], Timer] | None = None) -> None:
        self._server = server
        self._world = server.world
        self._schedule = schedule or _call_later
        self._timers: dict[int, Timer] = {}
        self._choices: dict[int, asyncio.Future[list[Json]]] = {}
        self._order: deque[tuple[datetime, int]] = deque()
        self._listeners: list[Callable[[int, Json], None]] = []
        for interaction in sorted(self._world.interactions.values(), key=lambda one: one.id):
            self._order.append((interaction.created_at, interaction.id))
            if interaction.state == "sent":
                interaction.state, interaction.error = "failed", "The stage was restarted before an answer came"

    @property
    def pending(self) -> int:
        """How many interactions have a deadline before them: unanswered ones and those still thinking."""
        return len(self._timers)

    def listen(self, listener: Callable[[int, Json], None]) -> None:
        """Call `listener(user_id, INTERACTION_STATE payload)` at every change of a state."""
        self._listeners.append(listener)

    def begin(
        self,
        application: Application,
        channel: Channel,
        user_id: int,
        kind: int,
        data: Json,
        *,
        message: Message | None = None,
        source: Interaction | None = None,
        focused_type: int | None = None,
    ) -> Interaction:
        """Create an interaction and send it to the bot, or let it fail at once when the bot is offline."""
        now, world = self._world.now(), self._world
        self._forget(now)
        number = world.next_id()
        interaction = Interaction(
            id=number,
            application_id=application.id,
            token=_token(number),
            type=kind,
            user_id=user_id,
            channel_id=channel.id,
            guild_id=channel.guild_id,
            created_at=now,
            data=data,
            message_id=message.id if message is not None else None,
            source_interaction_id=source.id if source is not None else None,
            focused_type=focused_type,
        )
        if source is not None:
            interaction.metadata = metadata_payload(world, source)
            source.submission_id = number
        world.save(interaction)
        self._order.append((now, number))
        if not self._reachable(application, channel.guild_id):
            self.fail(interaction, f"{application.name} is offline")
            return interaction
        self._tell(interaction)
        self._timers[number] = self._schedule(ANSWER_SECONDS, lambda: self._unanswered(interaction))
        world.emit(
            "INTERACTION_CREATE",
            interaction_payload(world, interaction, message),
            guild_id=channel.guild_id,
            users=frozenset((application.user_id,)),
        )
        return interaction

    def choices(self, interaction: Interaction) -> asyncio.Future[list[Json]]:
        """Return the future list of choices of an autocomplete that was just begun."""
        future = asyncio.get_running_loop().create_future()
        if interaction.state == "failed":
            future.set_exception(_failed(interaction))
        else:
            self._choices[interaction.id] = future
        return future

    def give_choices(self, interaction: Interaction, choices: list[Json]) -> None:
        """Answer an autocomplete."""
        self.advance(interaction, "done", response_type=8)
        future = self._choices.pop(interaction.id, None)
        if future is not None and not future.done():
            future.set_result(choices)

    def awaiting(self, interaction_id: int, token: str) -> Interaction:
        """Return the interaction that a callback answers: 10062 when it is unknown or too late, 40060 when answered."""
        interaction = self._world.interactions.get(interaction_id)
        if interaction is None or interaction.token != token:
            raise unknown("interaction")
        if interaction.response_type is not None:
            raise ApiError(400, 40060, "Interaction has already been acknowledged.")
        if self._age(interaction) > ANSWER_SECONDS:
            self._unanswered(interaction)
        if interaction.state == "failed":
            raise unknown("interaction")
        return interaction

    def by_token(self, application_id: int, token: str) -> Interaction:
        """Return the interaction behind a webhook address: 50027 for a dead token, 10015 before the first answer."""
        interaction = self._world.interaction_tokens.get(token)
        if interaction is None or interaction.application_id != application_id:
            raise ApiError(401, 50027, "Invalid Webhook Token")
        if self._age(interaction) > TOKEN_SECONDS:
            raise ApiError(401, 50027, "Invalid Webhook Token")
        if interaction.response_type is None or interaction.type == AUTOCOMPLETE:
            raise unknown("webhook")
        return interaction

    def advance(self, interaction: Interaction, state: str, *, response_type: int | None = None) -> None:
        """Move an interaction on, keep it and tell its person; the old deadline ends, thinking has a new one."""
        if response_type is not None:
            interaction.response_type = response_type
        interaction.state = state
        self._stop(interaction)
        if state == "thinking":
            left = max(0.0, TOKEN_SECONDS - self._age(interaction))
            self._timers[interaction.id] = self._schedule(left, lambda: self._unfinished(interaction))
        self._world.save(interaction)
        self._tell(interaction)
        if interaction.source_interaction_id is not None and response_type is not None:
            self._close_modal(interaction.source_interaction_id)

    def fail(self, interaction: Interaction, error: str) -> None:
        """End an interaction with a text for the person."""
        interaction.error = error
        self.advance(interaction, "failed")
        if interaction.source_interaction_id is not None:
            source = self._world.interactions.get(interaction.source_interaction_id)
            if source is not None and source.submission_id == interaction.id:
                source.submission_id = None
        future = self._choices.pop(interaction.id, None)
        if future is not None and not future.done():
            future.set_exception(_failed(interaction))

    def close(self) -> None:
        """Stop all deadlines."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _reachable(self, application: Application, guild_id: int | None) -> bool:
        """Tell whether a session is there; one that lost its connection may be resumed before the deadline."""
        sessions = self._server.gateway.sessions.values()
        return any(one.user_id == application.user_id and one.covers(guild_id) for one in sessions)

    def _close_modal(self, source_id: int) -> None:
        source = self._world.interactions.get(source_id)
        if source is not None and source.modal is not None:
            source.modal = None
            self.advance(source, "done")

    def _age(self, interaction: Interaction) -> float:
        return (self._world.now() - interaction.created_at).total_seconds()

    def _stop(self, interaction: Interaction) -> None:
        timer = self._timers.pop(interaction.id, None)
        if timer is not None:
            timer.cancel()

    def _unanswered(self, interaction: Interaction) -> None:
        if interaction.state != "sent":
            return
        app = self._world.applications.get(interaction.application_id)
        gone = app is None or not self._server.gateway.online(app.user_id, interaction.guild_id)
        self.fail(interaction, f"{self._name(interaction)} {'is offline' if gone else 'did not respond in time'}")

    def _unfinished(self, interaction: Interaction) -> None:
        if interaction.state == "thinking":
            self.fail(interaction, f"{self._name(interaction)} did not finish its answer in time")

    def _name(self, interaction: Interaction) -> str:
        app = self._world.applications.get(interaction.application_id)
        return app.name if app is not None else "The application"

    def _tell(self, interaction: Interaction) -> None:
        if interaction.type == AUTOCOMPLETE:
            return
        payload = state_payload(interaction)
        for listener in self._listeners:
            listener(interaction.user_id, payload)

    def _forget(self, now: datetime) -> None:
        horizon = now - FORGET_AFTER
        while self._order and (self._order[0][0] < horizon or len(self._order) > MOST_KEPT):
            _, number = self._order.popleft()
            gone = self._world.interactions.get(number)
            if gone is not None:
                self._stop(gone)
                self._world.discard(gone)


def _failed(interaction: Interaction) -> ApiError:
    return ApiError(408, 0, interaction.error or "The application did not respond")


def _token(number: int) -> str:
    """Return a token that looks like Discord's: base64 of "interaction:<id>:<random>"."""
    secret = secrets.token_urlsafe(72)
    return base64.urlsafe_b64encode(f"interaction:{number}:{secret}".encode()).rstrip(b"=").decode()


def _call_later(seconds: float, act: Callable[[], None]) -> Timer:
    return asyncio.get_running_loop().call_later(seconds, act)
