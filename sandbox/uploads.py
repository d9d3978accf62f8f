"""Uploads as they are stored, and the places in embeds and components that point to them."""

from __future__ import annotations

import io
import mimetypes
import warnings
from typing import TYPE_CHECKING, cast

from sandbox.model import Attachment
from sandbox.payloads.messages import attachment_url
from sandbox.validate.tree import FILE, GALLERY, THUMBNAIL, walk
from sandbox.validate.urls import ATTACHMENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.model import Json
    from sandbox.rest.call import Upload
    from sandbox.validate.uploads import FileDraft
    from sandbox.world import World

_UNSAID = ("", "application/octet-stream")


def store_files(
    world: World, channel_id: int, drafts: Sequence[FileDraft], *, ephemeral: bool = False
) -> list[Attachment]:
    """Keep the bytes of new uploads and return all attachments in the order of the drafts."""
    found: list[Attachment] = []
    for draft in drafts:
        if draft.kept is not None:
            draft.kept.description, draft.kept.title = draft.description, draft.title
            found.append(draft.kept)
        elif draft.upload is not None:
            attachment = store_upload(world, channel_id, draft.upload, draft.filename, ephemeral=ephemeral)
            attachment.description, attachment.title = draft.description, draft.title
            found.append(attachment)
    return found


def store_upload(
    world: World, channel_id: int, upload: Upload, filename: str, *, ephemeral: bool = False
) -> Attachment:
    """Keep one upload under a checked name; command options and modals store theirs this way."""
    attachment_id = world.next_id()
    world.put_file(attachment_id, upload.content)
    kind = upload.content_type
    if kind in _UNSAID:
        kind = mimetypes.guess_type(filename)[0] or ""
    if kind.startswith("text/") and "charset" not in kind:
        kind = f"{kind}; charset=utf-8"
    width, height = _image_size(upload.content)
    return Attachment(
        id=attachment_id,
        channel_id=channel_id,
        filename=filename,
        size=len(upload.content),
        content_type=kind or None,
        width=width,
        height=height,
        ephemeral=ephemeral,
    )


def drop_files(world: World, attachments: Sequence[Attachment]) -> None:
    """Forget uploads that no message carries any more, so that what was deleted is gone."""
    for attachment in attachments:
        world.drop_file(attachment.id)


def link_files(world: World, attachments: Sequence[Attachment], embeds: list[Json], components: list[Json]) -> None:
    """Put real addresses for `attachment://`, and remember which files are shown so: these leave the attachment list.

    An embed's picture whose file is missing is not shown, as on Discord.
    """
    by_name = {attachment.filename: attachment for attachment in attachments}
    by_url = {attachment_url(world, attachment): attachment for attachment in attachments}
    shown: set[int] = set()
    for embed in embeds:
        shown |= _link_embed(world, embed, by_name, by_url)
    for component in walk(components):
        for holder, name in _media(component):
            url = str(holder[name]["url"])
            found = by_name.get(url.removeprefix(ATTACHMENT)) if url.startswith(ATTACHMENT) else by_url.get(url)
            holder[name] = _unfurled(world, url, found, holder[name])
            if found is not None:
                shown.add(found.id)
                if component["type"] == FILE:
                    component |= {"name": found.filename, "size": found.size}
    for attachment in attachments:
        attachment.shown_inside = attachment.id in shown


def _media(component: Json) -> list[tuple[Json, str]]:
    if component["type"] == GALLERY:
        return [(item, "media") for item in cast("list[Json]", component["items"])]
    if component["type"] == THUMBNAIL:
        return [(component, "media")]
    return [(component, "file")] if component["type"] == FILE else []


def _unfurled(world: World, url: str, found: Attachment | None, before: Json) -> Json:
    if found is None:
        if "id" in before:
            return before
        return {
            "id": str(world.next_id()),
            "url": url,
            "proxy_url": url,
            "width": None,
            "height": None,
            "content_type": None,
        }
    url = attachment_url(world, found)
    return {
        "id": str(found.id),
        "url": url,
        "proxy_url": url,
        "width": found.width,
        "height": found.height,
        "content_type": found.content_type,
        "attachment_id": str(found.id),
    }


def _link_embed(world: World, embed: Json, by_name: dict[str, Attachment], by_url: dict[str, Attachment]) -> set[int]:
    shown: set[int] = set()
    places = (("image", "url"), ("thumbnail", "url"), ("footer", "icon_url"), ("author", "icon_url"))
    for part, name in places:
        url = embed.get(part, {}).get(name)
        if url is None:
            continue
        by_reference = url.startswith(ATTACHMENT)
        found = by_name.get(url.removeprefix(ATTACHMENT)) if by_reference else by_url.get(url)
        if found is not None:
            url = attachment_url(world, found)
            embed[part] |= {name: url, f"proxy_{name}": url}
            shown.add(found.id)
            if name == "url" and found.width:
                embed[part] |= {"width": found.width, "height": found.height}
        elif by_reference:
            if name == "url":
                del embed[part]
            else:
                embed[part] = {key: value for key, value in embed[part].items() if not key.endswith("icon_url")}
    return shown


def _image_size(content: bytes) -> tuple[int | None, int | None]:
    if not content.startswith((b"\x89PNG", b"GIF8", b"\xff\xd8", b"RIFF")):
        return None, None
    from PIL import Image  # noqa: PLC0415 - most runs upload no pictures

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content)) as image:
                return image.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None, None
