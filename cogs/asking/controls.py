"""The ids, buttons and forms of answers, and who presses them."""

from collections.abc import Sequence

import discord
from discord import app_commands, ui

from bot.asking.types import Asker, Offer
from bot.errors import NotFoundError
from cogs.ui.checks import is_moderator
from cogs.ui.controls import Control, Interaction, Menu, control_id
from cogs.ui.forms import Choice, Text, form

FEATURE = "ask"
MOST_TYPED = 4000
MOST_REASON = 500
_LARGEST_ID = 2**63 - 1
_LONGEST_ID = 19
_PRIMARY, _DANGER = discord.ButtonStyle.primary, discord.ButtonStyle.danger

SAY, REASON = "say", "reason"
"""The fields of forms."""
SAME = "same"
"""What the menu of Retry has for the model that answered already."""


def number_of(key: str) -> int:
    """Read an id out of a control's key.

    Raises:
        NotFoundError: it is none.
    """
    if not (key.isascii() and key.isdecimal()) or len(key) > _LONGEST_ID or int(key) > _LARGEST_ID:
        raise NotFoundError("This control cannot be read. Please use the command again.")
    return int(key)


def numbers_of(key: str) -> tuple[int, ...]:
    """Read several ids out of a control's key.

    Raises:
        NotFoundError: they are none.
    """
    return tuple(number_of(part) for part in key.split("-"))


def guild_of(interaction: Interaction) -> int:
    """Return the server's id.

    Raises:
        NoPrivateMessage: it is no server.
    """
    if interaction.guild_id is None:
        raise app_commands.NoPrivateMessage
    return interaction.guild_id


def asker_of(interaction: Interaction) -> Asker:
    """Return who asks and where, with their rights at this moment."""
    user, channel = interaction.user, interaction.channel
    roles = frozenset(role.id for role in user.roles) if isinstance(user, discord.Member) else frozenset[int]()
    return Asker(
        guild_id=guild_of(interaction),
        channel_id=interaction.channel_id or 0,
        member_id=user.id,
        role_ids=roles,
        thread_id=channel.id if isinstance(channel, discord.Thread) else None,
        is_moderator=is_moderator(interaction),
        adults_only=is_for_adults(channel),
        parent_channel_id=_parent_of(channel),
    )


def author_of(message: discord.Message) -> Asker:
    """Return who asks by writing a message."""
    user, channel = message.author, message.channel
    rights = channel.permissions_for(user) if isinstance(user, discord.Member) else discord.Permissions.none()
    return Asker(
        guild_id=message.guild.id if message.guild else 0,
        channel_id=channel.id,
        member_id=user.id,
        role_ids=frozenset(role.id for role in user.roles) if isinstance(user, discord.Member) else frozenset(),
        thread_id=channel.id if isinstance(channel, discord.Thread) else None,
        is_moderator=rights.manage_messages or rights.manage_guild or rights.administrator,
        adults_only=is_for_adults(channel),
        parent_channel_id=_parent_of(channel),
    )


def _parent_of(channel: object) -> int | None:
    """Return the channel that a thread is in: its choice and its persona hold there too."""
    return channel.parent_id if isinstance(channel, discord.Thread) else None


def is_for_adults(channel: object) -> bool:
    """Say whether a channel, or the one its thread is in, is age-restricted."""
    return isinstance(channel, discord.TextChannel | discord.Thread | discord.VoiceChannel) and channel.is_nsfw()


def stop_button(*turn_ids: int) -> Control:
    """End answers that are being written."""
    return Control.button(control_id(FEATURE, "stop", "-".join(map(str, turn_ids))), "Stop", style=_DANGER)


def reply_button(turn_id: int) -> Control:
    """Go on with the conversation."""
    return Control.button(control_id(FEATURE, "reply", str(turn_id)), "Reply", style=_PRIMARY)


def retry_button(turn_id: int, label: str = "Retry") -> Control:
    """Ask the same again: offers who is to answer."""
    return Control.button(control_id(FEATURE, "retry", str(turn_id)), label)


def again_button(turn_id: int, label: str = "Retry") -> Control:
    """Ask the same model again, at once."""
    return Control.button(control_id(FEATURE, "again", str(turn_id)), label, style=_PRIMARY)


def thumb_buttons(turn_id: int) -> tuple[Control, Control]:
    """Say whether an answer was good."""
    good = Control.button(control_id(FEATURE, "good", str(turn_id)), "👍")
    bad = Control.button(control_id(FEATURE, "bad", str(turn_id)), "👎")
    return good, bad


def why_button(turn_id: int, *, good: bool) -> Control:
    """Give the reason for a thumb."""
    key = f"{turn_id}-{int(good)}"
    return Control.button(control_id(FEATURE, "why", key), "Say why")


def more_button(turn_id: int) -> Control:
    """Open everything else."""
    return Control.button(control_id(FEATURE, "more", str(turn_id)), "More")


def branch_button(turn_id: int) -> Control:
    """Go on from here in a conversation of one's own."""
    return Control.button(control_id(FEATURE, "branch", str(turn_id)), "Branch")


def thread_button(turn_id: int) -> Control:
    """Begin a thread under an answer."""
    return Control.button(control_id(FEATURE, "thread", str(turn_id)), "Thread")


def share_button(turn_id: int) -> Control:
    """Post a private answer."""
    return Control.button(control_id(FEATURE, "share", str(turn_id)), "Share", style=_PRIMARY)


def report_button(turn_id: int) -> Control:
    """Tell the moderators."""
    return Control.button(control_id(FEATURE, "report", str(turn_id)), "Report")


def delete_button(turn_id: int) -> Control:
    """Delete an answer: asks first."""
    return Control.button(control_id(FEATURE, "delete", str(turn_id)), "Delete", style=_DANGER)


def deleting_button(turn_id: int) -> Control:
    """Delete it now."""
    return Control.button(control_id(FEATURE, "deleting", str(turn_id)), "Delete it for good", style=_DANGER)


def clear_button(turn_id: int) -> Control:
    """Have the model forget what came before in this conversation."""
    return Control.button(control_id(FEATURE, "clear", str(turn_id)), "Start afresh")


def sent_button(turn_id: int) -> Control:
    """Say what was sent where."""
    return Control.button(control_id(FEATURE, "sent", str(turn_id)), "What was sent where")


def open_button(turn_id: int, label: str) -> Control:
    """Open an answer of a comparison."""
    return Control.button(control_id(FEATURE, "open", str(turn_id)), label)


def verdict_buttons(report_id: int) -> tuple[Control, Control]:
    """Decide about a report."""
    upheld = Control.button(control_id(FEATURE, "uphold", str(report_id)), "Uphold: delete the answer", style=_DANGER)
    return upheld, Control.button(control_id(FEATURE, "dismiss", str(report_id)), "Dismiss")


def models_menu(turn_id: int, offers: Sequence[Offer]) -> Menu:
    """Choose who answers the same question."""
    return Menu.of(control_id(FEATURE, "with", str(turn_id)), _choices(offers), placeholder="Another model")


def compare_menu(key: str, offers: Sequence[Offer], chosen: Sequence[str], most: int) -> Menu:
    """Choose which models are compared."""
    choices = _choices(offers)
    return Menu.of(
        control_id(FEATURE, "models", key),
        choices,
        placeholder=f"Up to {most} models",
        chosen=chosen,
        most=min(most, len(choices)),
    )


def go_button(key: str, *, disabled: bool = False) -> Control:
    """Begin a comparison."""
    return Control.button(control_id(FEATURE, "go", key), "Go", style=_PRIMARY, disabled=disabled)


def language_menu(turn_id: int, languages: Sequence[str]) -> Menu:
    """Choose what a text is translated into."""
    choices = [Choice(language, language) for language in languages]
    return Menu.of(control_id(FEATURE, "language", str(turn_id)), choices, placeholder="Into another language")


def say_form(turn_id: int, *, branches: bool = False) -> ui.Modal:
    """Ask what comes next in a conversation."""
    key = control_id(FEATURE, "fork", str(turn_id)) if branches else control_id(FEATURE, "say", str(turn_id))
    hint = (
        "You go on from this answer in a conversation of your own."
        if branches
        else "The model is told what was said before."
    )
    title = "Branch" if branches else "Reply"
    return form(title, key, [Text(SAY, "What do you want to say?", hint, MOST_TYPED, long=True)], {})


def about_form(key: str) -> ui.Modal:
    """Ask what somebody wants to know about a message."""
    question = Text(SAY, "What do you want to know?", "The message is sent along as text.", MOST_TYPED, long=True)
    return form("Ask about this message", control_id(FEATURE, "about", key), [question], {})


def reason_form(turn_id: int, *, good: bool) -> ui.Modal:
    """Ask why."""
    label = "What was good about it?" if good else "What was wrong with it?"
    question = Text(REASON, label, "Your thumb counts already.", MOST_REASON, long=True)
    return form("Why?", control_id(FEATURE, "because", f"{turn_id}-{int(good)}"), [question], {})


def report_form(turn_id: int) -> ui.Modal:
    """Ask what is wrong with an answer, for the moderators."""
    question = Text(REASON, "What should the moderators know?", "They see the answer too.", MOST_REASON, long=True)
    return form("Report this answer", control_id(FEATURE, "tell", str(turn_id)), [question], {})


def _choices(offers: Sequence[Offer]) -> list[Choice]:
    return [Choice(offer.value, offer.label) for offer in offers if not offer.why_not][:25]
