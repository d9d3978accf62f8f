"""What holds for all components of one message or modal together: their number, ids, custom ids, text and files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.emoji import custom_emoji, is_unicode_emoji
from sandbox.validate.urls import ATTACHMENT, read_url

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sandbox.model import Json
    from sandbox.validate.form import Form
    from sandbox.world import World

ROW, BUTTON, STRING_SELECT, TEXT_INPUT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = range(1, 9)
SECTION, TEXT_DISPLAY, THUMBNAIL, GALLERY, FILE, SEPARATOR = range(9, 15)
CONTAINER, LABEL, FILE_UPLOAD = 17, 18, 19
RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 21, 22, 23
SELECTS = (STRING_SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT)

MAX_ID = (1 << 31) - 1
MAX_CUSTOM_ID = 100
MAX_TEXT = 4_000
MAX_COMPONENTS = 40


class Tree:
    """Gathers while the components of one body are read.

    `files` are the names that `attachment://` may point to, `world` knows the custom emoji; without a world every
    custom emoji passes.
    """

    def __init__(self, world: World | None = None, files: Collection[str] = ()) -> None:
        self.world = world
        self.files = frozenset(files)
        self.count = 0
        self.text = 0
        self.custom_ids: set[str] = set()
        self.ids: set[int] = set()

    def enter(self, form: Form, allowed: tuple[int, ...]) -> Json | None:
        """Begin a component with its type and id; None, and a note, when its type has no place here."""
        kind = form.body.get("type")
        if kind is None:
            form.wrong("type", code="BASE_TYPE_REQUIRED", message="This field is required")
            return None
        if isinstance(kind, bool) or kind not in allowed:
            form.wrong(code="UNION_TYPE_CHOICES", message=f'Value of field "type" must be one of {allowed}.')
            return None
        self.count += 1
        own_id = form.integer("id", 0, MAX_ID) or 0
        if own_id in self.ids:
            form.wrong("id", code="COMPONENT_ID_DUPLICATED", message="Component id cannot be duplicated")
        elif own_id:
            self.ids.add(own_id)
        return {"type": int(kind), "id": own_id}

    def custom_id(self, form: Form, *, required: bool = True) -> str | None:
        """Return a custom id, which must be unlike all others."""
        value = form.text("custom_id", 1, MAX_CUSTOM_ID, required=required)
        if value is None:
            return None
        if value in self.custom_ids:
            message = "Component custom id cannot be duplicated"
            form.wrong("custom_id", code="COMPONENT_CUSTOM_ID_DUPLICATED", message=message)
        self.custom_ids.add(value)
        return value

    def emoji(self, form: Form) -> Json | None:
        """Return the partial emoji of a button or option."""
        part = form.part("emoji")
        if part is None:
            return None
        emoji_id, name = part.snowflake("id"), part.text("name", 0, 32)
        if emoji_id:
            known = custom_emoji(self.world, emoji_id) if self.world else None
            if self.world and known is None:
                part.wrong("id", code="BUTTON_COMPONENT_INVALID_EMOJI", message="Invalid emoji")
            animated = known.animated if known else bool(part.flag("animated"))
            return {"id": str(emoji_id), "name": known.name if known else name or "_", "animated": animated}
        if not name:
            part.wrong("name", code="BASE_TYPE_REQUIRED", message="This field is required")
        elif not is_unicode_emoji(name):
            part.wrong("name", code="BUTTON_COMPONENT_INVALID_EMOJI", message="Invalid emoji")
        return {"name": name or ""}

    def media(self, form: Form, name: str, schemes: tuple[str, ...]) -> Json:
        """Return an unfurled media item as it was asked for: its url only."""
        part = form.part(name, required=True)
        if part is None:
            return {"url": ""}
        url = read_url(part, "url", schemes, required=True)
        if url and url.startswith(ATTACHMENT) and url.removeprefix(ATTACHMENT) not in self.files:
            code = "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"
            part.wrong("url", code=code, message=f"Referenced attachment not found: {url}")
        return {"url": url or ""}

    def number(self, components: list[Json]) -> None:
        """Give ids, counting from 1 in reading order and sparing those taken, to the components that have none."""
        following = 1
        for component in walk(components):
            if component["id"]:
                continue
            while following in self.ids:
                following += 1
            component["id"] = following
            following += 1


def walk(components: list[Json]) -> Iterator[Json]:
    """Yield components with all they contain, in reading order."""
    for component in components:
        yield component
        yield from walk(component.get("components", []))
        for name in ("accessory", "component"):
            if name in component:
                yield from walk([component[name]])
