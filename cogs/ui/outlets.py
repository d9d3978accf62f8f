"""Where answers go: the answer to an interaction, messages of a channel, or what a stopped bot left behind."""

import asyncio
from collections.abc import Hashable, Sequence
from typing import Any, Protocol, cast

import discord
from discord import ui

from cogs.ui.controls import Host
from cogs.ui.errors import ANSWERED
from cogs.ui.live import OutOfTimeError
from cogs.ui.watch import watch_of

TOKEN_SECONDS = 14 * 60.0
"""How long the answer to an interaction is edited as such; Discord takes it for fifteen minutes."""
# the token is dead, or what it stood for was never there
GONE = {50027, 10015, 10062}


class AnswerOutlet(Protocol):
    """An outlet with a first message; `Live` puts the others."""

    is_private: bool
    guild_id: int

    @property
    def first_id(self) -> int | None:
        """The id of the first message, once it is there."""
        ...

    def lane(self, page: int) -> Hashable:
        """Return what the page's edits share a bucket with."""
        ...

    async def open(self, view: ui.LayoutView) -> None:
        """Send the first message."""
        ...

    async def put(self, page: int, view: ui.LayoutView) -> None:
        """Send or edit a page."""
        ...

    async def drop(self, page: int) -> None:
        """Remove the last page."""
        ...


class ChannelOutlet:
    """Messages that the bot sends by itself, the first as a reply where `reply_to` is given."""

    is_private = False

    def __init__(
        self,
        client: discord.Client,
        guild_id: int,
        channel_id: int,
        *,
        reply_to: discord.MessageReference | None = None,
        there: Sequence[int] = (),
    ) -> None:
        self.guild_id = guild_id
        self.channel_id = channel_id
        self.ids = list(there)
        self._reply_to = reply_to
        self._channel = client.get_partial_messageable(channel_id, guild_id=guild_id)

    @property
    def first_id(self) -> int | None:
        """The id of the first message, once it is there."""
        return self.ids[0] if self.ids else None

    def lane(self, page: int) -> Hashable:  # noqa: ARG002 - Discord counts edits by channel
        """Return the channel."""
        return ("channel", self.channel_id)

    async def open(self, view: ui.LayoutView) -> None:
        """Send the first message."""
        await self.put(0, view)

    async def put(self, page: int, view: ui.LayoutView) -> None:
        """Send or edit a page."""
        if page < len(self.ids):
            # the library leaves this out of edits without content, and Discord then names whom it replies to
            nobody = discord.AllowedMentions.none()
            await self._channel.get_partial_message(self.ids[page]).edit(view=view, allowed_mentions=nobody)
            return
        options: dict[str, Any] = {}
        if page == 0 and self._reply_to:
            options = {"reference": self._reply_to, "mention_author": False}
        message = await self._channel.send(view=view, **options)
        self.ids.append(message.id)

    async def drop(self, page: int) -> None:
        """Remove the last page."""
        await self._channel.get_partial_message(self.ids[page]).delete()
        self.ids.pop(page)


class InteractionOutlet:
    """The answer to an interaction. A public one goes on as messages of its channel when the token's time is over."""

    def __init__(self, interaction: discord.Interaction[Any], *, private: bool) -> None:
        self.is_private = private
        self.guild_id = interaction.guild_id or 0
        self._interaction = interaction
        self._ids: list[int] = []
        self._began = asyncio.get_running_loop().time()
        self._channel: ChannelOutlet | None = None
        watch = watch_of(interaction)
        watch.private, watch.replaces = private, False

    @property
    def first_id(self) -> int | None:
        """The id of the first message, once it is there."""
        return self._ids[0] if self._ids else None

    def lane(self, page: int) -> Hashable:
        """Return the message: each of an interaction is edited by itself."""
        return self._channel.lane(page) if self._channel else (self._interaction.id, page)

    async def open(self, view: ui.LayoutView) -> None:
        """Answer the interaction, or what it was deferred with."""
        response = self._interaction.response
        async with watch_of(self._interaction).turn:
            if not response.is_done():
                try:
                    sent = await response.send_message(view=view, ephemeral=self.is_private)
                except discord.HTTPException as error:
                    if error.code != ANSWERED:
                        raise
                else:
                    self._ids.append(sent.message_id or 0)
                    return
            await cast("Host", self._interaction.client).pace.first()
            message = await self._interaction.edit_original_response(view=view)
            self._ids.append(message.id)

    async def put(self, page: int, view: ui.LayoutView) -> None:
        """Send or edit a page.

        Raises:
            OutOfTimeError: it is private, and Discord takes no more edits.
        """
        if self._channel is None and self._age() < TOKEN_SECONDS:
            try:
                await self._put(page, view)
            except discord.HTTPException as error:
                if error.code not in GONE:
                    raise
            else:
                return
        await self._later().put(page, view)

    async def drop(self, page: int) -> None:
        """Remove the last page."""
        if self._channel is None and self._age() < TOKEN_SECONDS:
            await self._interaction.followup.delete_message(self._ids[page])
            self._ids.pop(page)
            return
        await self._later().drop(page)

    def _later(self) -> ChannelOutlet:
        if self.is_private:
            raise OutOfTimeError
        if self._channel is None:
            self._channel = ChannelOutlet(
                self._interaction.client, self.guild_id, self._interaction.channel_id or 0, there=self._ids
            )
        return self._channel

    async def _put(self, page: int, view: ui.LayoutView) -> None:
        if page == 0:
            await self._interaction.edit_original_response(view=view)
        elif page < len(self._ids):
            await self._interaction.followup.edit_message(self._ids[page], view=view)
        else:
            message = await self._interaction.followup.send(view=view, ephemeral=self.is_private, wait=True)
            self._ids.append(message.id)

    def _age(self) -> float:
        return asyncio.get_running_loop().time() - self._began


class KeptOutlet:
    """What a bot that was stopped left behind, reached by the token that was stored: one message."""

    is_private = True

    def __init__(self, client: discord.Client, guild_id: int, token: str) -> None:
        self.guild_id = guild_id
        self._token = token
        self._webhook = discord.Webhook.partial(client.application_id or 0, token, client=client)
        self._first_id: int | None = None

    @property
    def first_id(self) -> int | None:
        """The id of the message, once it was edited: until then a token names it."""
        return self._first_id

    def lane(self, page: int) -> Hashable:
        """Return the token's."""
        return (self._token, page)

    async def open(self, view: ui.LayoutView) -> None:
        """Show it."""
        await self.put(0, view)

    async def put(self, page: int, view: ui.LayoutView) -> None:
        """Edit it.

        Raises:
            OutOfTimeError: Discord takes no more edits.
        """
        try:
            # the library types ids as numbers, Discord takes this name as well
            original = cast("int", "@original" if page == 0 else str(page))
            message = await self._webhook.edit_message(original, view=view)
        except discord.HTTPException as error:
            if error.code in GONE:
                raise OutOfTimeError from error
            raise
        if page == 0:
            self._first_id = message.id

    async def drop(self, page: int) -> None:
        """Leave it: one message is all there is."""
