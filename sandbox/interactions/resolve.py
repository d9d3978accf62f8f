"""The `resolved` part of an interaction: everything that its ids stand for, as the person sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.payloads.interactions import ATTACHMENT_SIZE_LIMIT, interaction_channel
from sandbox.payloads.messages import attachment_payload, message_payload
from sandbox.payloads.people import member_payload, role_payload, user_payload
from sandbox.permissions import can_view, channel_permissions
from sandbox.uploads import store_upload
from sandbox.validate.uploads import safe_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.model import Channel, Json, Message
    from sandbox.rest.call import Upload
    from sandbox.world import World


class Resolver:
    """Looks up ids for one interaction in one channel and collects their payloads in `data`."""

    def __init__(self, world: World, channel: Channel, user_id: int, files: Sequence[Upload] = ()) -> None:
        self._world = world
        self._channel = channel
        self._user_id = user_id
        self._files = files
        self.data: dict[str, Json] = {}

    def user(self, number: int, *, here: bool = False) -> bool:
        """Add a user, with the member where there is one; False when nobody (`here`: no member) has this id."""
        user = self._world.users.get(number)
        if user is None:
            return False
        guild_id = self._channel.guild_id
        if guild_id is None and number not in self._channel.recipients:
            return False
        if here and guild_id is not None and number not in self._world.members[guild_id]:
            return False
        self._part("users")[str(number)] = user_payload(user)
        member = self._world.members[guild_id].get(number) if guild_id is not None else None
        if member is not None:
            payload = member_payload(self._world, member, with_user=False)
            for name in ("deaf", "mute"):
                payload.pop(name)
            payload["permissions"] = str(channel_permissions(self._world, self._channel, number))
            self._part("members")[str(number)] = payload
        return True

    def role(self, number: int) -> bool:
        """Add a role of the guild; False when it is none."""
        role = self._world.roles.get(number)
        if role is None or role.guild_id != self._channel.guild_id:
            return False
        self._part("roles")[str(number)] = role_payload(role)
        return True

    def channel(self, number: int) -> Channel | None:
        """Add a channel of the guild that the person sees; None when there is none."""
        channel = self._world.channels.get(number)
        if channel is None or channel.guild_id != self._channel.guild_id:
            return None
        if not can_view(self._world, channel, self._user_id):
            return None
        self._part("channels")[str(number)] = interaction_channel(self._world, channel, self._user_id)
        return channel

    def message(self, message: Message) -> None:
        """Add a message."""
        payload = message_payload(self._world, message, viewer=self._user_id)
        self._part("messages")[str(message.id)] = payload

    def attachment(self, index: int) -> int | None:
        """Keep the index-th uploaded file as an ephemeral attachment and add it; None when there is no such file."""
        upload = next((file for file in self._files if file.key == f"files[{index}]"), None)
        if upload is None or len(upload.content) > ATTACHMENT_SIZE_LIMIT:
            return None
        world = self._world
        attachment = store_upload(world, self._channel.id, upload, safe_name(upload.filename), ephemeral=True)
        self._part("attachments")[str(attachment.id)] = attachment_payload(world, attachment)
        return attachment.id

    def _part(self, name: str) -> Json:
        return self.data.setdefault(name, {})
