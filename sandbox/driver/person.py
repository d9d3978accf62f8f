"""A person on the stage: what they do, what they see, and how to wait for what happens."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from inspect import isawaitable
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from sandbox.driver.errors import NotFound, Refused, WaitedInVain, listed
from sandbox.driver.places import Place, Places
from sandbox.driver.response import DEFAULT_TIMEOUT, Modal, Response
from sandbox.driver.seen import SeenMessage
from sandbox.driver.typing_in import Typist

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from sandbox.driver.transport import File, Json, Transport

CHAT, USER_MENU, MESSAGE_MENU = 1, 2, 3
_STATES_KEPT = 1_000
_SHOWN_IN_ERRORS = 5
_MOST_READ = 100
# after these the person's view of the world is asked for anew
_WORLD = ("GUILD_", "CHANNEL_", "THREAD_")
_STALE_COMMAND = {10063, 50013}


class Person:
    """One person. Get them from `Stage.person`.

    Places are named "#polls", "Server/#polls", "@Rostrum" for a direct message, or by id; people, roles and controls
    likewise by what a person reads. Every wait has a timeout, and its error says what was seen instead.
    """

    def __init__(self, transport: Transport, user: Json) -> None:
        self._transport = transport
        self.user = user
        self.id: str = user["id"]
        self._stop: Callable[[], Awaitable[None]] | None = None
        self._places: Places | None = None
        self._commands: dict[str, list[Json]] = {}
        self._responses: WeakValueDictionary[str, Response] = WeakValueDictionary()
        self._early: OrderedDict[str, Json] = OrderedDict()
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def name(self) -> str:
        """The shown name."""
        return self.user.get("global_name") or self.user["username"]

    async def start(self) -> None:
        """Begin to hear events; the stage does this."""
        self._stop = await self._transport.listen(self.id, self._hear)

    async def stop(self) -> None:
        """Hear nothing more."""
        if self._stop is not None:
            await self._stop()
            self._stop = None

    # commands, controls, modals

    async def slash(
        self, place: object, command: str, /, options: Mapping[str, object] | None = None, **more: object
    ) -> Response:
        """Type a slash command: `await ada.slash("#polls", "poll create", question="Tea?")`.

        Options are named as the command names them (`-` may be `_`); users, channels and roles by name, choices by
        label or value, files as File. What Discord's client would not send is Refused.
        """
        name, *path = command.removeprefix("/").split()
        given = {**(options or {}), **more}

        async def begin(where: Place, found: Json) -> tuple[Json, Sequence[File]]:
            typist = Typist(await self._known_places(), where)
            return {"options": typist.command(found, path, given)}, typist.files

        return await self._command("slash", place, name, (CHAT,), begin, f"{self.name}: /{command}")

    async def autocomplete(
        self, place: object, command: str, option: str, typed: object = "", /, **others: object
    ) -> list[Json]:
        """Return the choices {"name", "value"} that a bot offers for an option while `typed` stands in it."""
        name, *path = command.removeprefix("/").split()
        where = (await self._known_places()).place(place)
        found = await self._find_command(where, name, (CHAT,))
        typist = Typist(await self._known_places(), where)
        body = {
            "channel_id": where.id,
            "command_id": found["id"],
            "options": typist.command(found, path, {**others, option: typed}, option),
        }
        return (await self.act("autocomplete", body))["choices"]

    async def context(self, command: str, target: SeenMessage | Person | str, place: object = None) -> Response:
        """Use a command of the context menu of a message, or of a person (given by name, with the place)."""
        if isinstance(target, SeenMessage):
            place, target_id, kinds = target.channel_id, target.id, (MESSAGE_MENU,)
        else:
            target_id = target.id if isinstance(target, Person) else (await self._known_places()).user(target)
            kinds = (USER_MENU,)
            if place is None:
                raise NotFound(f"say in which place {self.name} uses the menu of a person")

        async def begin(_: Place, __: Json) -> tuple[Json, Sequence[File]]:
            return {"target_id": target_id}, ()

        return await self._command("context", place, command, kinds, begin, f"{self.name}: menu {command!r}")

    async def click(self, message: SeenMessage, button: str) -> Response:
        """Press a button, named by label or custom_id."""
        control = message.button(button)
        body = {"channel_id": message.channel_id, "message_id": message.id, "custom_id": control.custom_id}
        return await self._begin("component", body, (), f"{self.name}: press {button!r}")

    async def choose(self, message: SeenMessage, select: str | None, values: object) -> Response:
        """Choose in a select, named by placeholder or custom_id (None: the only one); one value or a list.

        Options are given by label or value; users, roles and channels by name.
        """
        control = message.select(select)
        where = (await self._known_places()).place(message.channel_id)
        typist = Typist(await self._known_places(), where)
        picked = typist.values(control.raw, values)
        body = {
            "channel_id": message.channel_id,
            "message_id": message.id,
            "custom_id": control.custom_id,
            "values": picked,
        }
        return await self._begin("component", body, (), f"{self.name}: choose {values!r} in {control.label!r}")

    async def fill(self, modal: Modal, values: Mapping[str, object] | None = None, **more: object) -> Response:
        """Fill in a modal and send it; see Modal.submit."""
        where = (await self._known_places()).place(modal.response.channel_id)
        typist = Typist(await self._known_places(), where)
        body = {
            "interaction_id": modal.response.id,
            "values": typist.modal(modal.raw, {**(values or {}), **more}),
        }
        return await self._begin("modal", body, typist.files, f"{self.name}: send {modal.title!r}")

    # messages

    async def post(
        self,
        place: object,
        text: str = "",
        *,
        files: Sequence[File] = (),
        reply_to: SeenMessage | None = None,
        poll: Json | None = None,
    ) -> SeenMessage:
        """Write a message; `poll` is Discord's poll create object."""
        where = (await self._known_places()).place(place)
        body: Json = {"channel_id": where.id, "content": text}
        if reply_to is not None:
            body["reply_to"] = reply_to.id
        if poll is not None:
            body["poll"] = poll
        if any(file.description for file in files):
            body["attachments"] = [{"id": n, "description": file.description} for n, file in enumerate(files)]
        return self._seen(await self.act("post", body, files))

    async def edit(self, message: SeenMessage, text: str) -> SeenMessage:
        """Change one's own message."""
        return self._seen(await self.act("edit", self._named(message) | {"content": text}))

    async def delete(self, message: SeenMessage) -> None:
        """Delete a message: one's own, or with the right to manage messages."""
        await self.act("delete", self._named(message))

    async def dismiss(self, message: SeenMessage) -> None:
        """Put away an ephemeral message."""
        await self.act("dismiss", self._named(message))

    async def react(self, message: SeenMessage, emoji: str) -> None:
        """Put an emoji under a message."""
        await self.act("react", self._named(message) | {"emoji": emoji})

    async def unreact(self, message: SeenMessage, emoji: str) -> None:
        """Take one's emoji back."""
        await self.act("unreact", self._named(message) | {"emoji": emoji})

    async def vote(self, message: SeenMessage, answers: Sequence[int | str]) -> SeenMessage:
        """Vote in a native poll, by the answers' texts or numbers; an empty list takes the vote back."""
        given: list[Json] = (message.poll or {"answers": []})["answers"]
        known = {one["poll_media"].get("text"): one["answer_id"] for one in given}
        missing = [one for one in answers if isinstance(one, str) and one not in known]
        if missing:
            raise NotFound(f"the poll has no answer {listed(missing)}; it has {listed(str(one) for one in known)}")
        numbers = [known[one] if isinstance(one, str) else one for one in answers]
        return self._seen(await self.act("poll_vote", self._named(message) | {"answer_ids": numbers}))

    async def thread(
        self,
        place: object,
        name: str,
        *,
        message: SeenMessage | None = None,
        content: str | None = None,
        tags: Sequence[str] = (),
    ) -> Place:
        """Begin a thread (from a message if one is given) or, in a forum, a post with its first message."""
        where = (await self._known_places()).place(place)
        offered: list[Json] = where.raw.get("available_tags") or []
        known: dict[str, str] = {tag["name"]: tag["id"] for tag in offered}
        body: Json = {"channel_id": where.id, "name": name, "applied_tags": [known.get(tag, tag) for tag in tags]}
        body |= {"message_id": message.id} if message is not None else {}
        body |= {"content": content} if content is not None else {}
        made = await self.act("thread", body)
        self._places = None
        return (await self._known_places()).place(made["id"])

    async def join(self, thread: object) -> None:
        """Join a thread."""
        await self.act("join_thread", {"channel_id": (await self._known_places()).place(thread).id})

    async def leave(self, thread: object) -> None:
        """Leave a thread."""
        await self.act("leave_thread", {"channel_id": (await self._known_places()).place(thread).id})

    async def open_dm(self, user: str | Person) -> Place:
        """Open a direct message with somebody, a bot for example."""
        made = await self.act("open_dm", {"user_id": (await self._known_places()).user(user)})
        self._places = None
        return (await self._known_places()).place(made["id"])

    async def typing(self, place: object) -> None:
        """Show that one is typing."""
        await self.act("typing", {"channel_id": (await self._known_places()).place(place).id})

    async def act(self, name: str, body: Json, files: Sequence[File] = ()) -> Any:  # noqa: ANN401 - per act
        """Do any act of the people protocol as it stands, also what no decent client would send."""
        return await self._transport.act(self.id, name, body, files)

    # seeing

    async def places(self) -> list[str]:
        """Return the names of all places that this person sees."""
        return (await self._known_places()).names()

    async def place(self, name: object) -> Place:
        """Return one place with its payload."""
        return (await self._known_places()).place(name)

    async def see(self, place: object, limit: int = 50) -> list[SeenMessage]:
        """Return the last messages of a place, oldest first, this person's ephemeral ones among them."""
        where = (await self._known_places()).place(place)
        found = await self._transport.messages(self.id, where.id, min(limit, _MOST_READ))
        return [self._seen(one) for one in reversed(found)]

    async def pins(self, place: object) -> list[SeenMessage]:
        """Return the pinned messages of a place."""
        where = (await self._known_places()).place(place)
        return [self._seen(one) for one in await self._transport.pins(self.id, where.id)]

    async def commands(self, place: object) -> list[Json]:
        """Return the commands this person may use in a place, as Discord's payloads."""
        where = (await self._known_places()).place(place)
        return await self._transport.commands(self.id, where.id)

    async def again(self, message: SeenMessage) -> SeenMessage:
        """Look at a message once more; NotFound when it is gone."""
        found = await self.find_message(message.channel_id, message.id)
        if found is None:
            raise NotFound(f"{self.name} no longer sees the message {message.id}, which said:\n{message.text}")
        return found

    async def find_message(self, channel_id: str, message_id: str) -> SeenMessage | None:
        """Return a message by its ids, or None when this person sees none."""
        found = await self._transport.messages(self.id, channel_id, 1, before=str(int(message_id) + 1))
        return self._seen(found[0]) if found and found[0]["id"] == message_id else None

    # waiting

    async def wait(
        self, check: Callable[[], Any], *, timeout: float = DEFAULT_TIMEOUT, what: str = "what was asked for"
    ) -> Any:  # noqa: ANN401 - what the check returns
        """Wait until `check()` (may be async) is true and return its result; asked at each event of this person.

        A NotFound that it raises counts as not yet.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout
        last: object = None
        while True:
            changed: asyncio.Future[None] = loop.create_future()
            self._waiting.append(changed)
            try:
                last = check()
                last = await last if isawaitable(last) else last
            except NotFound as error:
                last = error
            if last and not isinstance(last, NotFound):
                return last
            try:
                async with asyncio.timeout_at(end):
                    await changed
            except TimeoutError:
                raise WaitedInVain(f"{self.name} waited {timeout:g} s for {what}; last: {last!r}") from None

    async def wait_message(
        self,
        place: object,
        containing: str = "",
        *,
        where: Callable[[SeenMessage], bool] | None = None,
        after: SeenMessage | None = None,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> SeenMessage:
        """Wait for a message whose text contains something (and meets `where`), and return the newest such.

        Those that are there already count, unless they are not newer than `after`.
        """
        there = (await self._known_places()).place(place)
        seen: list[SeenMessage] = []

        async def look() -> SeenMessage | None:
            nonlocal seen
            last = None if after is None else after.id
            seen = [self._seen(one) for one in await self._transport.messages(self.id, there.id, 50, after=last)]
            return next((one for one in seen if containing in one.text and (where is None or where(one))), None)

        try:
            return await self.wait(look, timeout=timeout)
        except WaitedInVain:
            shown = "\n".join(f"  {one}" for one in reversed(seen[:_SHOWN_IN_ERRORS])) or "  nothing"
            wanted = f"a message containing {containing!r}" if containing else "a message"
            text = f"{self.name} waited {timeout:g} s in #{there.name} for {wanted}; the last there:\n{shown}"
            raise WaitedInVain(text) from None

    async def wait_until(
        self, message: SeenMessage, check: Callable[[SeenMessage], Any], *, timeout: float = DEFAULT_TIMEOUT
    ) -> SeenMessage:
        """Wait until a message has changed so that `check(message)` is true, and return it as it is then."""
        now = message

        async def look() -> SeenMessage | None:
            nonlocal now
            now = await self.again(message)
            return now if check(now) else None

        try:
            return await self.wait(look, timeout=timeout)
        except WaitedInVain as error:
            raise WaitedInVain(f"{self.name} waited {timeout:g} s for a message to change; it is\n  {now}") from error

    async def wait_gone(self, message: SeenMessage, *, timeout: float = DEFAULT_TIMEOUT) -> None:
        """Wait until this person no longer sees a message."""

        async def gone() -> bool:
            return await self.find_message(message.channel_id, message.id) is None

        await self.wait(gone, timeout=timeout, what=f"the message to go away: {message}")

    async def wait_command(self, place: object, command: str, *, timeout: float = DEFAULT_TIMEOUT) -> Json:
        """Wait until a command can be used in a place (a bot has registered it) and return its payload."""
        name = command.removeprefix("/").split()[0]

        async def look() -> Json | None:
            return next((one for one in await self.commands(place) if one["name"] == name), None)

        return await self.wait(look, timeout=timeout, what=f"the command {command!r} in {place}")

    # within

    async def _command(
        self,
        act: str,
        place: object,
        name: str,
        kinds: tuple[int, ...],
        begin: Callable[[Place, Json], Awaitable[tuple[Json, Sequence[File]]]],
        what: str,
    ) -> Response:
        where = (await self._known_places()).place(place)
        for again in (True, False):
            found = await self._find_command(where, name, kinds)
            body, files = await begin(where, found)
            try:
                return await self._begin(act, {"channel_id": where.id, "command_id": found["id"], **body}, files, what)
            except Refused as error:
                # the bot may have registered its commands anew a moment ago
                if not again or error.code not in _STALE_COMMAND:
                    raise
                self._commands.clear()
        raise AssertionError

    async def _begin(self, act: str, body: Json, files: Sequence[File], what: str) -> Response:
        made = await self._transport.act(self.id, act, body, files)
        number = made["interaction_id"]
        response = Response(self, number, what)
        self._responses[number] = response
        early = self._early.pop(number, None)
        if early is not None:
            response.update(early)
        return response

    async def _find_command(self, where: Place, name: str, kinds: tuple[int, ...]) -> Json:
        for fresh in (False, True):
            if fresh or where.id not in self._commands:
                self._commands[where.id] = await self._transport.commands(self.id, where.id)
            found = [one for one in self._commands[where.id] if one["name"] == name and one["type"] in kinds]
            if len(found) == 1:
                return found[0]
            if found:
                raise NotFound(f"more than one application has {name!r}; use act() with the command's id")
        known = listed(one["name"] for one in self._commands[where.id] if one["type"] in kinds)
        raise NotFound(f"{self.name} finds no command {name!r} in #{where.name}; there are {known}")

    async def _known_places(self) -> Places:
        if self._places is None:
            self._places = Places(await self._transport.world(self.id))
        return self._places

    def _seen(self, raw: Json) -> SeenMessage:
        return SeenMessage(raw, self._transport)

    def _named(self, message: SeenMessage) -> Json:
        return {"channel_id": message.channel_id, "message_id": message.id}

    def _hear(self, name: str, data: Json) -> None:
        if name == "INTERACTION_STATE":
            response = self._responses.get(data["id"])
            if response is not None:
                response.update(data)
            else:
                self._early[data["id"]] = data
                if len(self._early) > _STATES_KEPT:
                    self._early.popitem(last=False)
        elif name == "GUILD_APPLICATION_COMMAND_INDEX_UPDATE":
            self._commands.clear()
        elif name.startswith(_WORLD):
            self._places = None
            self._commands.clear()
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)
