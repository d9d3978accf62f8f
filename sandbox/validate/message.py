"""Message bodies: what may stand in one, alone and together (documentation, "Create Message" and "Edit Message")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.errors import ApiError
from sandbox.validate.components import check_components
from sandbox.validate.embeds import check_embeds
from sandbox.validate.form import MAX_SAFE_INTEGER, Form
from sandbox.validate.polls import check_poll
from sandbox.validate.tree import TEXT_DISPLAY, walk
from sandbox.validate.uploads import FileDraft, check_files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.model import Json, Message, Poll
    from sandbox.rest.call import Upload
    from sandbox.world import World

MAX_CONTENT, MAX_NONCE, MAX_MENTIONS, MAX_STICKERS = 2_000, 25, 100, 3
SUPPRESS_EMBEDS, EPHEMERAL, LOADING, SILENT, VOICE, V2 = 1 << 2, 1 << 6, 1 << 7, 1 << 12, 1 << 13, 1 << 15
LEGACY = ("content", "embeds", "poll", "sticker_ids")


@dataclass(frozen=True, slots=True)
class Allowed:
    """Who may be pinged: `parse` holds the kinds found in the text, the others ids; `replied_user` None is unsaid."""

    parse: frozenset[str]
    users: frozenset[int] = frozenset()
    roles: frozenset[int] = frozenset()
    replied_user: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """A message_reference as it was asked for."""

    message_id: int
    channel_id: int | None
    forward: bool
    must_exist: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """A checked body: what the message shall hold. After an edit this is old and new together."""

    content: str
    embeds: list[Json]
    components: list[Json]
    files: list[FileDraft]
    flags: int
    poll: Poll | None = None
    allowed: Allowed | None = None
    reference: Reference | None = None
    nonce: str | int | None = None
    enforce_nonce: bool = False
    tts: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing would be seen."""
        return not (self.content or self.embeds or self.components or self.files or self.poll)

    @property
    def text(self) -> str:
        """The text in which mentions count: the content, or the text displays of a V2 message."""
        if not self.flags & V2:
            return self.content
        return "\n".join(one["content"] for one in walk(self.components) if one["type"] == TEXT_DISPLAY)


def check_create(world: World, body: Json, files: Sequence[Upload] = ()) -> Draft:
    """Return what a body asks to send; raises 50035, and codes of their own for files, stickers and voice."""
    form = Form(body)
    flags = form.integer("flags", 0, MAX_SAFE_INTEGER) or 0
    if flags & VOICE:
        raise ApiError(403, 50173, "Cannot send voice messages in this channel")
    v2 = bool(flags & V2)
    if v2:
        _refuse_legacy(form, [name for name in LEGACY if body.get(name)])
    drafts = check_files(form, files)
    names = {draft.filename for draft in drafts if draft.referable}
    draft = Draft(
        content=(form.text("content", 0, MAX_CONTENT) or "").strip(),
        embeds=check_embeds(form),
        components=check_components(form, v2=v2, world=world, files=names),
        files=drafts,
        flags=flags,
        poll=check_poll(form, world),
        allowed=_allowed(form),
        reference=_reference(form),
        nonce=_nonce(form),
        enforce_nonce=bool(form.flag("enforce_nonce")),
        tts=bool(form.flag("tts")),
    )
    stickers = form.snowflakes("sticker_ids", MAX_STICKERS)
    form.done()
    if stickers:
        raise ApiError(404, 10060, "Unknown sticker")
    return draft


def check_edit(world: World, message: Message, body: Json, files: Sequence[Upload] = ()) -> Draft:
    """Return what a message shall hold after an edit; what the body does not name stays."""
    form = Form(body)
    asked = form.integer("flags", 0, MAX_SAFE_INTEGER)
    flags = message.flags & ~LOADING
    if asked is not None:
        flags = (flags & ~SUPPRESS_EMBEDS) | (asked & (SUPPRESS_EMBEDS | V2))
    v2 = bool(flags & V2)
    drafts = check_files(form, files, message.attachments)
    names = {draft.filename for draft in drafts if draft.referable}
    content = (form.text("content", 0, MAX_CONTENT) or "").strip()
    embeds = check_embeds(form)
    components = check_components(form, v2=v2, world=world, files=names)
    if v2:
        has = {
            "content": body.get("content") if form.has("content") else message.content,
            "embeds": body.get("embeds") if form.has("embeds") else message.embeds,
            "poll": body.get("poll"),
            "sticker_ids": body.get("sticker_ids"),
        }
        _refuse_legacy(form, [name for name in LEGACY if has[name]])
    draft = Draft(
        content=content if form.has("content") else message.content,
        embeds=embeds if form.has("embeds") else message.embeds,
        components=components if form.has("components") else message.components,
        files=drafts,
        flags=flags,
        poll=check_poll(form, world) or message.poll,
        allowed=_allowed(form),
    )
    form.done()
    return draft


def _refuse_legacy(form: Form, names: list[str]) -> None:
    for name in names:
        code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"
        message = f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
        form.wrong(name, code=code, message=message)


def _allowed(form: Form) -> Allowed | None:
    part = form.part("allowed_mentions")
    if part is None:
        return None
    kinds = ("roles", "users", "everyone")
    parse: list[str] = []
    for index, kind in enumerate(part.items("parse", 1_521) or ()):
        if kind not in kinds:
            part.wrong(
                "parse", index, code="BASE_TYPE_CHOICES", message=f"Value must be one of {{{', '.join(kinds)}}}."
            )
        else:
            parse.append(kind)
    users, roles = _ids(part, "users"), _ids(part, "roles")
    for kind, ids in (("users", users), ("roles", roles)):
        if kind in parse and ids:
            message = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            part.wrong(code="MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message=message)
    return Allowed(frozenset(parse), frozenset(users), frozenset(roles), bool(part.flag("replied_user")))


def _ids(form: Form, name: str) -> list[int]:
    found = form.snowflakes(name, MAX_MENTIONS) or []
    for index, one in enumerate(found):
        if one in found[:index]:
            message = "The set already contains this value"
            form.wrong(name, index, code="SET_TYPE_ALREADY_CONTAINS_VALUE", message=message)
    return found


def _reference(form: Form) -> Reference | None:
    part = form.part("message_reference")
    if part is None:
        return None
    kind = part.choice("type", (0, 1)) or 0
    message_id = part.snowflake("message_id", required=True)
    channel_id = part.snowflake("channel_id", required=kind == 1)
    part.snowflake("guild_id")
    must_exist = part.flag("fail_if_not_exists")
    if message_id is None:
        return None
    return Reference(message_id, channel_id, kind == 1, must_exist is not False)


def _nonce(form: Form) -> str | int | None:
    value = form.body.get("nonce")
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if not isinstance(value, str):
        message = "This field must be a string or integer."
        form.wrong("nonce", code="NONCE_TYPE_INVALID_TYPE", message=message)
    elif len(value) > MAX_NONCE:
        form.wrong("nonce", code="NONCE_TYPE_TOO_LONG", message=f"Must be {MAX_NONCE} or fewer characters long.")
    else:
        return value
    return None
