"""A message as a person sees it: its text, its controls, its files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sandbox.driver.errors import NotFound, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.driver.transport import Json, Transport

EPHEMERAL, LOADING, V2 = 1 << 6, 1 << 7, 1 << 15
ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
SELECTS = frozenset({3, 5, 6, 7, 8})
TEXT_DISPLAY, THUMBNAIL, GALLERY, FILE = 10, 11, 12, 13
LINK = 5


def walk(components: Iterable[Json]) -> Iterator[Json]:
    """Yield components depth first, those in rows, sections, containers and labels too."""
    for component in components:
        yield component
        for name in ("components", "accessory", "component"):
            inner = component.get(name)
            if inner is not None:
                yield from walk(cast("list[Json]", inner) if isinstance(inner, list) else [inner])


@dataclass(frozen=True, slots=True)
class Control:
    """A button or select of a message."""

    raw: Json

    @property
    def type(self) -> int:
        """Discord's component type: 2 button, 3 string select, 5 users, 6 roles, 7 mentionables, 8 channels."""
        return self.raw["type"]

    @property
    def custom_id(self) -> str:
        """The custom_id; empty for a link button."""
        return self.raw.get("custom_id") or ""

    @property
    def label(self) -> str:
        """A button's label (or emoji), a select's placeholder."""
        emoji: Json = self.raw.get("emoji") or {}
        return self.raw.get("label") or self.raw.get("placeholder") or emoji.get("name") or ""

    @property
    def disabled(self) -> bool:
        """Whether it cannot be used."""
        return bool(self.raw.get("disabled"))

    @property
    def style(self) -> int:
        """A button's style, 1 to 6 (5 is a link)."""
        return self.raw.get("style", 0)

    @property
    def url(self) -> str | None:
        """A link button's address."""
        return self.raw.get("url")

    @property
    def options(self) -> dict[str, str]:
        """A string select's options: label to value."""
        options: list[Json] = self.raw.get("options") or []
        return {option["label"]: option["value"] for option in options}

    def value_of(self, wanted: str) -> str:
        """Return the value of an option given by label or value."""
        known = self.options
        if wanted in known:
            return known[wanted]
        if wanted in known.values():
            return wanted
        raise NotFound(f"the select {self.label or self.custom_id!r} has no option {wanted!r}; it has {listed(known)}")


@dataclass(frozen=True, slots=True)
class SeenFile:
    """An attachment."""

    raw: Json
    _transport: Transport

    @property
    def filename(self) -> str:
        """Its name."""
        return self.raw["filename"]

    @property
    def url(self) -> str:
        """Where it lies."""
        return self.raw["url"]

    @property
    def description(self) -> str | None:
        """Its alternative text."""
        return self.raw.get("description")

    @property
    def size(self) -> int:
        """Its length in bytes."""
        return self.raw["size"]

    async def download(self) -> bytes:
        """Return its bytes."""
        return await self._transport.download(self.url)


@dataclass(frozen=True, slots=True)
class SeenMessage:
    """A message as one person saw it at one moment; `person.again(message)` looks once more."""

    raw: Json
    _transport: Transport

    @property
    def id(self) -> str:
        """Its id."""
        return self.raw["id"]

    @property
    def channel_id(self) -> str:
        """The id of its channel."""
        return self.raw["channel_id"]

    @property
    def author(self) -> str:
        """The shown name of who wrote it."""
        author: Json = self.raw["author"]
        return author.get("global_name") or author["username"]

    @property
    def content(self) -> str:
        """The plain content alone."""
        return self.raw["content"]

    @property
    def ephemeral(self) -> bool:
        """Whether only this person sees it."""
        return bool(self.raw["flags"] & EPHEMERAL)

    @property
    def thinking(self) -> bool:
        """Whether it still says "is thinking"."""
        return bool(self.raw["flags"] & LOADING)

    @property
    def v2(self) -> bool:
        """Whether it is made of Components V2."""
        return bool(self.raw["flags"] & V2)

    @property
    def edited(self) -> bool:
        """Whether it was edited."""
        return self.raw["edited_timestamp"] is not None

    @property
    def pinned(self) -> bool:
        """Whether it is pinned."""
        return self.raw["pinned"]

    @property
    def text(self) -> str:
        """Everything there is to read, a line each: content, text displays, embeds, poll."""
        return "\n".join(_texts(self.raw))

    @property
    def components(self) -> list[Json]:
        """All components, flattened depth first, as Discord's payloads."""
        return list(walk(self.raw.get("components") or []))

    @property
    def controls(self) -> list[Control]:
        """All buttons and selects."""
        return [Control(one) for one in self.components if one["type"] == BUTTON or one["type"] in SELECTS]

    @property
    def buttons(self) -> list[Control]:
        """All buttons."""
        return [one for one in self.controls if one.type == BUTTON]

    @property
    def selects(self) -> list[Control]:
        """All selects."""
        return [one for one in self.controls if one.type in SELECTS]

    @property
    def embeds(self) -> list[Json]:
        """Its embeds."""
        return self.raw["embeds"]

    @property
    def attachments(self) -> list[SeenFile]:
        """Its files."""
        return [SeenFile(one, self._transport) for one in self.raw["attachments"]]

    @property
    def alternative_texts(self) -> list[str]:
        """The descriptions of its pictures, in attachments, galleries and thumbnails."""
        found: list[str | None] = [file.description for file in self.attachments]
        for one in self.components:
            items: list[Json] = one.get("items") or []
            found += [item.get("description") for item in items]
            found += [one.get("description")] if one["type"] == THUMBNAIL else []
        return [text for text in found if text]

    @property
    def reactions(self) -> dict[str, int]:
        """How often each emoji stands under it."""
        reactions: list[Json] = self.raw.get("reactions") or []
        return {one["emoji"]["name"]: one["count"] for one in reactions}

    @property
    def poll(self) -> Json | None:
        """Its native poll, as Discord's payload."""
        return self.raw.get("poll")

    @property
    def votes(self) -> dict[str, int]:
        """The counts of its native poll by the answers' texts."""
        poll: Json = self.raw.get("poll") or {"answers": [], "results": {"answer_counts": []}}
        counts: dict[int, int] = {one["id"]: one["count"] for one in poll["results"]["answer_counts"]}
        answers: list[Json] = poll["answers"]
        return {one["poll_media"].get("text") or "": counts.get(one["answer_id"], 0) for one in answers}

    @property
    def interaction_id(self) -> str | None:
        """The interaction that this message answers, if it does."""
        metadata: Json = self.raw.get("interaction_metadata") or {}
        return metadata.get("id")

    def control(self, wanted: str, among: Iterable[Control] | None = None) -> Control:
        """Return the one button or select with this label, custom_id or placeholder; NotFound lists what there is."""
        known = list(self.controls if among is None else among)
        found = [one for one in known if wanted in {one.custom_id, one.label}]
        found = found or [one for one in known if one.label and wanted.casefold() in one.label.casefold()]
        if len(found) == 1:
            return found[0]
        names = listed(one.label or one.custom_id for one in found or known)
        if found:
            raise NotFound(f"{wanted!r} is not unique in this message: {names}; name it by custom_id")
        raise NotFound(f"the message has no {wanted!r}; it has {names}. It says:\n{self.text}")

    def button(self, wanted: str) -> Control:
        """Return the button with this label or custom_id."""
        return self.control(wanted, self.buttons)

    def select(self, wanted: str | None = None) -> Control:
        """Return the select with this placeholder or custom_id; without a name, the only one."""
        selects = self.selects
        if wanted is None and len(selects) == 1:
            return selects[0]
        return self.control(wanted or "", selects)

    def has(self, wanted: str) -> bool:
        """Tell whether a button or select has this label, custom_id or placeholder."""
        return any(wanted in {one.custom_id, one.label} for one in self.controls)

    def __str__(self) -> str:
        marks = [name for name, on in (("ephemeral", self.ephemeral), ("thinking", self.thinking)) if on]
        controls = " ".join(f"[{one.label or one.custom_id}]" for one in self.controls)
        return f"{self.author}{' (' + ', '.join(marks) + ')' if marks else ''}: {self.text} {controls}".strip()


def _texts(raw: Json) -> Iterator[str]:
    if raw["content"]:
        yield raw["content"]
    for one in walk(raw.get("components") or []):
        if one["type"] == TEXT_DISPLAY:
            yield one["content"]
    for embed in raw["embeds"]:
        yield from _embed_texts(embed)
    poll = raw.get("poll")
    if poll:
        yield poll["question"]["text"]
        for answer in poll["answers"]:
            yield answer["poll_media"].get("text") or ""


def _embed_texts(embed: Json) -> Iterator[str]:
    author: Json = embed.get("author") or {}
    footer: Json = embed.get("footer") or {}
    fields: list[Json] = embed.get("fields") or []
    parts: list[Any] = [author.get("name"), embed.get("title"), embed.get("description")]
    for field in fields:
        parts += [field.get("name"), field.get("value")]
    parts.append(footer.get("text"))
    yield from (str(part) for part in parts if part)
