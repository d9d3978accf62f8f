"""A person on the stage: what they do. What they see and wait for is in onlooker.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.driver.errors import NotFound, Refused, listed
from sandbox.driver.onlooker import Onlooker
from sandbox.driver.response import Modal, Response
from sandbox.driver.seen import SeenMessage
from sandbox.driver.typing_in import Typist

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from sandbox.driver.places import Place
    from sandbox.driver.transport import File, Json

CHAT, USER_MENU, MESSAGE_MENU = 1, 2, 3
_STALE_COMMAND = {10063, 50013}


class Person(Onlooker):
    """One person. Get them from `Stage.person`.

    Places are named "#polls", "Server/#polls", "@Rostrum" for a direct message, or by id; people, roles and controls
    likewise by what a person reads. Every wait has a timeout, and its error says what was seen instead.
    """

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

    async def pin(self, message: SeenMessage) -> None:
        """Pin a message: with the right to pin."""
        await self.act("pin", self._named(message))

    async def unpin(self, message: SeenMessage) -> None:
        """Take a message from the pins."""
        await self.act("unpin", self._named(message))

    async def vote(self, message: SeenMessage, answers: Sequence[int | str]) -> SeenMessage:
        """Vote in a native poll, by the answers' texts or numbers; an empty list takes the vote back."""
        given: list[Json] = (message.poll or {"answers": []})["answers"]
        known = {one["poll_media"].get("text"): one["answer_id"] for one in given}
        missing = [one for one in answers if isinstance(one, str) and one not in known]
        if missing:
            raise NotFound(f"the poll has no answer {listed(missing)}; it has {listed(str(one) for one in known)}")
        numbers = [known[one] if isinstance(one, str) else one for one in answers]
        return self._seen(await self.act("poll_vote", self._named(message) | {"answer_ids": numbers}))

    async def end_poll(self, message: SeenMessage) -> SeenMessage:
        """End one's own native poll before its time."""
        return self._seen(await self.act("poll_end", self._named(message)))

    async def voters(self, message: SeenMessage) -> dict[str, list[str]]:
        """Say who chose what in a native poll: ids of people by the answers' texts."""
        given: list[Json] = (message.poll or {"answers": []})["answers"]
        texts: dict[int, str] = {one["answer_id"]: one["poll_media"].get("text") or "" for one in given}
        found: Json = await self.act("poll_voters", self._named(message))
        return {texts[one["answer_id"]]: one["user_ids"] for one in found["answers"]}

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
