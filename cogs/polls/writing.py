"""Writing a poll: the form, the private preview, the finer settings, and putting it up."""

import discord
from discord.ext import commands

from bot.app import App
from bot.errors import InvalidInputError, NotAllowedError, NotFoundError
from bot.guilds.types import GuildSettings, Purpose
from bot.polls.types import CountingMethod, Poll, PollKind, PollPhase
from cogs.polls import forms
from cogs.polls.board import Board
from cogs.polls.cards.manage import changed_card, form_card
from cogs.polls.cards.mistakes import mistake_card, read_mistake
from cogs.polls.cards.open import discarded_card, posted_card, preview_card
from cogs.polls.cards.proposals import proposal_form
from cogs.polls.cards.words import counting
from cogs.polls.controls import FEATURE, number_of
from cogs.polls.people import actor_of, guild_of, on_private_card
from cogs.ui.checks import missing, readable, require_post_here
from cogs.ui.controls import Interaction, on_choose, on_press, on_submit
from cogs.ui.forms import open_form
from cogs.ui.reply import Reply
from cogs.ui.submitted import Submitted


class WritingCog(commands.Cog):
    """Drafts of polls. Forms open from memory: from the book of polls, or from what the pressed card says."""

    def __init__(self, client: discord.Client, app: App, board: Board) -> None:
        self._client = client
        self._app = app
        self._polls = app.polls
        self._board = board

    @on_submit(FEATURE, "write")
    async def write(self, interaction: Interaction, key: str, submitted: Submitted) -> None:
        """Turn the form into a draft and show it, or say what does not fit."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            actor = actor_of(interaction)
            place = actor.guild_id, self._home(interaction)
            try:
                now, settings = self._app.clock(), self._settings(interaction)
                draft = forms.read_draft(submitted, place, actor.member_id, now, settings)
                if key == forms.NEW:
                    poll = await self._polls.draft(draft)
                else:
                    poll = await self._polls.redraft(number_of(key), actor, draft)
            except InvalidInputError as error:
                await reply.send(mistake_card(error, submitted, "write", key))
                return
            await reply.send(preview_card(poll))

    @on_press(FEATURE, "retry")
    async def retry(self, interaction: Interaction, key: str) -> None:
        """Open a form again with what was typed, as the card says."""
        again = read_mistake(interaction.message, key)
        filled, settings = again.filled, self._settings(interaction)
        if again.form == "write":
            form = forms.poll_form(again.key, filled, settings)
        elif again.form == "amend":
            form = forms.amend_form(number_of(again.key), not filled.get("options"), filled, settings)
        elif again.form == "suggest":
            form = proposal_form(number_of(again.key), filled)
        elif again.form == "extend":
            form = forms.reopen_form(number_of(again.key), filled, settings)
        elif again.form == "weigh":
            form = forms.weights_form(again.key, filled)
        else:
            form = forms.rules_form(again.key, multiple=bool(filled.get("most")), filled=filled)
        await open_form(interaction, form)

    @on_press(FEATURE, "edit")
    async def edit(self, interaction: Interaction, key: str) -> None:
        """Open the form with what the draft says."""
        poll = self._polls.peek(number_of(key), guild_of(interaction))
        if poll is None:
            await self._fetch(interaction, number_of(key), "edit")
            return
        _require_own_draft(interaction, poll)
        settings = self._settings(interaction)
        await open_form(interaction, forms.poll_form(key, forms.filled_from(poll, settings), settings))

    @on_press(FEATURE, "rules")
    async def rules(self, interaction: Interaction, key: str) -> None:
        """Open the form of the finer settings."""
        poll = self._polls.peek(number_of(key), guild_of(interaction))
        if poll is None:
            await self._fetch(interaction, number_of(key), "rules")
            return
        if poll.phase is PollPhase.DRAFT:
            _require_own_draft(interaction, poll)
        multiple = poll.kind is PollKind.MULTIPLE
        await open_form(interaction, forms.rules_form(key, multiple=multiple, filled=forms.filled_rules(poll)))

    @on_submit(FEATURE, "limit")
    async def limit(self, interaction: Interaction, key: str, submitted: Submitted) -> None:
        """Set the finer settings of a draft or an open poll."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            poll_id, actor = number_of(key), actor_of(interaction)
            try:
                poll = await self._polls.load(poll_id, actor)
                poll = await self._polls.set_rules(poll_id, actor, forms.read_rules(submitted, poll))
            except InvalidInputError as error:
                await reply.send(mistake_card(error, submitted, "limit", key))
                return
            await self._show_changed(reply, poll, "the rules are set.")

    @on_press(FEATURE, "weights")
    async def weights(self, interaction: Interaction, key: str) -> None:
        """Open the form that says whose votes count more."""
        poll = self._polls.peek(number_of(key), guild_of(interaction))
        if poll is None:
            await self._fetch(interaction, number_of(key), "weights")
            return
        if poll.phase is PollPhase.DRAFT:
            _require_own_draft(interaction, poll)
        await open_form(interaction, forms.weights_form(key, forms.filled_weights(poll)))

    @on_submit(FEATURE, "weigh")
    async def weigh(self, interaction: Interaction, key: str, submitted: Submitted) -> None:
        """Set whose votes count more, in a draft or an open poll that nobody has voted in."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            poll_id, actor = number_of(key), actor_of(interaction)
            try:
                poll = await self._polls.load(poll_id, actor)
                poll = await self._polls.set_rules(poll_id, actor, forms.read_weights(submitted, poll))
            except InvalidInputError as error:
                await reply.send(mistake_card(error, submitted, "weigh", key))
                return
            await self._show_changed(reply, poll, "the weights are set.")

    @on_choose(FEATURE, "method")
    async def method(self, interaction: Interaction, key: str, values: tuple[str, ...]) -> None:
        """Set what a draft is counted by, or an open poll that nobody has voted in."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            chosen = next((one for one in CountingMethod if one.value in values), None)
            if chosen is None:
                raise NotFoundError("There is no such way to count. Please choose one from the list.")
            poll = await self._polls.set_method(number_of(key), actor_of(interaction), chosen)
            await self._show_changed(reply, poll, counting(poll))

    @on_press(FEATURE, "discard")
    async def discard(self, interaction: Interaction, key: str) -> None:
        """Throw the draft away."""
        async with Reply(interaction, replaces=True) as reply:
            await self._polls.discard(number_of(key), actor_of(interaction))
            await reply.send(discarded_card())

    @on_press(FEATURE, "post")
    async def post(self, interaction: Interaction, key: str) -> None:
        """Open the poll and put up its card."""
        poll_id, actor = number_of(key), actor_of(interaction)
        draft = self._polls.peek(poll_id, actor.guild_id)
        self._require_post_in(interaction, draft.channel_id if draft else interaction.channel_id)
        async with Reply(interaction, replaces=True) as reply:
            poll = await self._board.post(await self._polls.open(poll_id, actor))
            await reply.send(posted_card(poll))

    async def _show_changed(self, reply: Reply, poll: Poll, what: str) -> None:
        """Show a draft as it is now, or an open poll on its card."""
        if poll.phase is PollPhase.DRAFT:
            await reply.send(preview_card(poll))
            return
        await reply.send(changed_card(poll, what, await self._board.show_open(poll.poll_id)))

    async def _fetch(self, interaction: Interaction, poll_id: int, form: str) -> None:
        """Load what memory no longer has, and offer the form once more."""
        async with Reply(interaction, replaces=on_private_card(interaction)) as reply:
            await reply.send(form_card(await self._polls.load(poll_id, actor_of(interaction)), form))

    def _settings(self, interaction: Interaction) -> GuildSettings:
        return self._app.guilds.peek(guild_of(interaction))

    def _home(self, interaction: Interaction) -> int:
        """Return where polls are posted: the server's channel for them, else here."""
        return self._settings(interaction).channel(Purpose.POLLS) or interaction.channel_id or 0

    def _require_post_in(self, interaction: Interaction, channel_id: int | None) -> None:
        if channel_id == interaction.channel_id:
            require_post_here(interaction)
            return
        channel = self._client.get_channel(channel_id or 0)
        if not isinstance(channel, (discord.abc.GuildChannel, discord.Thread)):
            # not known here: Discord says whether it is there
            return
        allowed = channel.permissions_for(channel.guild.me)
        if lacking := missing(allowed, thread=isinstance(channel, discord.Thread)):
            raise NotAllowedError(
                f"I cannot post in #{channel.name}: I lack {readable(lacking)}. Somebody who manages the server can "
                "grant it in the channel's settings, or choose another channel with /server setup."
            )


def require_post_home(interaction: Interaction, settings: GuildSettings) -> None:
    """See, before anybody writes a poll, that it can be posted, where it would be posted here."""
    if settings.channel(Purpose.POLLS) is None:
        require_post_here(interaction)


def _require_own_draft(interaction: Interaction, poll: Poll) -> None:
    if poll.creator_id != interaction.user.id:
        raise NotAllowedError("Only the person who wrote this draft can use it.")
