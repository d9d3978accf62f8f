"""What people hand over with a question: files, and messages with all that can be read in them."""

import re
from collections.abc import Iterator, Sequence

import discord

from bot.asking.files import LARGEST_PICTURE, read_file
from bot.asking.types import Passage
from bot.backends.base import Picture
from bot.errors import InvalidInputError, UserError
from cogs.asking.controls import FEATURE
from cogs.ui.text import clip
from cogs.ui.watch import UNREACHABLE

MOST_FILES = 4
_FIELD = "file"
_OURS = re.compile(rf"{FEATURE}:v1:(?:reply|retry|again|more):(\d{{1,18}})", re.ASCII)
_SMALL_PRINT = re.compile(r"^-# .*$", re.MULTILINE)


async def read_attachments(attachments: Sequence[discord.Attachment]) -> tuple[Passage | None, tuple[Picture, ...]]:
    """Return the text and the pictures in attached files; several texts become one.

    Raises:
        InvalidInputError: one of them is no file that models can be told of; says what to do.
    """
    if len(attachments) > MOST_FILES:
        raise InvalidInputError(_FIELD, f"That is more than {MOST_FILES} files. Attach fewer.")
    texts: list[Passage] = []
    pictures: list[Picture] = []
    for attachment in attachments:
        found = await _read(attachment)
        if isinstance(found, Passage):
            texts.append(found)
        else:
            pictures.append(found)
    return joined(texts), tuple(pictures)


async def read_message(message: discord.Message) -> tuple[Passage | None, tuple[Picture, ...]]:
    """Return what can be read in a message, its files included; files that are no text or picture are passed over.

    Raises:
        UserError: there is nothing to read in it.
    """
    author = clip(" ".join(message.author.display_name.split()), 40)
    text = text_of(message)
    texts = [Passage(text, f"a message by {author}")] if text else []
    pictures: list[Picture] = []
    for attachment in message.attachments[:MOST_FILES]:
        try:
            found = await _read(attachment)
        except InvalidInputError:
            continue
        if isinstance(found, Passage):
            texts.append(found)
        else:
            pictures.append(found)
    if not texts and not pictures:
        raise UserError("There is no text in this message. Choose one with text, a text file or a picture.")
    return joined(texts), tuple(pictures)


def text_of(message: discord.Message) -> str:
    """Return what there is to read in a message: its content, its cards, its embeds, what it forwards."""
    return "\n\n".join(part for part in map(str.strip, _texts(message)) if part)


def answer_in(message: discord.Message) -> int | None:
    """Return the id of the answer that a message of the bot shows, as its controls say."""
    for item in _items(message.components):
        custom_id = getattr(item, "custom_id", None)
        if isinstance(custom_id, str) and (found := _OURS.fullmatch(custom_id)):
            return int(found[1])
    return None


def joined(texts: Sequence[Passage]) -> Passage | None:
    """Put several texts together, each under its name."""
    if len(texts) <= 1:
        return texts[0] if texts else None
    text = "\n\n".join(f"[{one.name}]\n{one.text}" for one in texts)
    return Passage(text, ", ".join(one.name for one in texts))


async def _read(attachment: discord.Attachment) -> Passage | Picture:
    name = attachment.filename
    if attachment.size > LARGEST_PICTURE:
        raise InvalidInputError(
            _FIELD, f"“{clip(name, 60)}” is over {LARGEST_PICTURE // 1024 // 1024} MB. Attach the part that matters."
        )
    try:
        content = await attachment.read()
    except (discord.HTTPException, *UNREACHABLE) as error:
        raise InvalidInputError(
            _FIELD, f"Discord did not hand “{clip(name, 60)}” over. Attach it again, or paste the part that matters."
        ) from error
    return read_file(name, content)


def _texts(message: discord.Message) -> Iterator[str]:
    yield message.content
    for item in _items(message.components):
        if isinstance(item, discord.TextDisplay):
            yield _SMALL_PRINT.sub("", item.content)
    for embed in message.embeds:
        yield "\n".join(part for part in (embed.title, embed.description) if part)
        yield "\n".join(f"{field.name}: {field.value}" for field in embed.fields)
    for snapshot in message.message_snapshots:
        yield snapshot.content


def _items(components: Sequence[object]) -> Iterator[object]:
    for component in components:
        yield component
        yield from _items(getattr(component, "children", None) or getattr(component, "components", None) or ())
        if accessory := getattr(component, "accessory", None):
            yield accessory
