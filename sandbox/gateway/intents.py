"""Which events an intent lets through, and what is left of a message without its content (Discord: "Intents")."""

from __future__ import annotations

from enum import IntFlag
from typing import Any

Json = dict[str, Any]


class Intent(IntFlag):
    """Intents by Discord's names."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_MODERATION = 1 << 2
    GUILD_EXPRESSIONS = 1 << 3
    GUILD_INTEGRATIONS = 1 << 4
    GUILD_WEBHOOKS = 1 << 5
    GUILD_INVITES = 1 << 6
    GUILD_VOICE_STATES = 1 << 7
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    GUILD_MESSAGE_TYPING = 1 << 11
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    DIRECT_MESSAGE_TYPING = 1 << 14
    MESSAGE_CONTENT = 1 << 15
    GUILD_SCHEDULED_EVENTS = 1 << 16
    AUTO_MODERATION_CONFIGURATION = 1 << 20
    AUTO_MODERATION_EXECUTION = 1 << 21
    GUILD_MESSAGE_POLLS = 1 << 24
    DIRECT_MESSAGE_POLLS = 1 << 25


KNOWN = sum(intent.value for intent in Intent)

# a privileged intent needs one of these flags of the application: approved, or the limited form for small bots
PRIVILEGED = {
    Intent.GUILD_PRESENCES: 1 << 12 | 1 << 13,
    Intent.GUILD_MEMBERS: 1 << 14 | 1 << 15,
    Intent.MESSAGE_CONTENT: 1 << 18 | 1 << 19,
}

_MESSAGES = ("MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE")
_REACTIONS = (
    "MESSAGE_REACTION_ADD",
    "MESSAGE_REACTION_REMOVE",
    "MESSAGE_REACTION_REMOVE_ALL",
    "MESSAGE_REACTION_REMOVE_EMOJI",
)
_VOTES = ("MESSAGE_POLL_VOTE_ADD", "MESSAGE_POLL_VOTE_REMOVE")
_IN_GUILDS: dict[int, tuple[str, ...]] = {
    Intent.GUILDS: (
        "GUILD_CREATE",
        "GUILD_UPDATE",
        "GUILD_DELETE",
        "GUILD_ROLE_CREATE",
        "GUILD_ROLE_UPDATE",
        "GUILD_ROLE_DELETE",
        "CHANNEL_CREATE",
        "CHANNEL_UPDATE",
        "CHANNEL_DELETE",
        "CHANNEL_PINS_UPDATE",
        "THREAD_CREATE",
        "THREAD_UPDATE",
        "THREAD_DELETE",
        "THREAD_LIST_SYNC",
        "THREAD_MEMBER_UPDATE",
        "STAGE_INSTANCE_CREATE",
        "STAGE_INSTANCE_UPDATE",
        "STAGE_INSTANCE_DELETE",
        "VOICE_CHANNEL_STATUS_UPDATE",
        "VOICE_CHANNEL_START_TIME_UPDATE",
    ),
    # with GUILDS alone a bot hears of itself only: see `reduced`
    Intent.GUILDS | Intent.GUILD_MEMBERS: ("THREAD_MEMBERS_UPDATE",),
    Intent.GUILD_MEMBERS: ("GUILD_MEMBER_ADD", "GUILD_MEMBER_UPDATE", "GUILD_MEMBER_REMOVE"),
    Intent.GUILD_MODERATION: ("GUILD_AUDIT_LOG_ENTRY_CREATE", "GUILD_BAN_ADD", "GUILD_BAN_REMOVE"),
    Intent.GUILD_EXPRESSIONS: (
        "GUILD_EMOJIS_UPDATE",
        "GUILD_STICKERS_UPDATE",
        "GUILD_SOUNDBOARD_SOUND_CREATE",
        "GUILD_SOUNDBOARD_SOUND_UPDATE",
        "GUILD_SOUNDBOARD_SOUND_DELETE",
        "GUILD_SOUNDBOARD_SOUNDS_UPDATE",
    ),
    Intent.GUILD_INTEGRATIONS: (
        "GUILD_INTEGRATIONS_UPDATE",
        "INTEGRATION_CREATE",
        "INTEGRATION_UPDATE",
        "INTEGRATION_DELETE",
    ),
    Intent.GUILD_WEBHOOKS: ("WEBHOOKS_UPDATE",),
    Intent.GUILD_INVITES: ("INVITE_CREATE", "INVITE_DELETE"),
    Intent.GUILD_VOICE_STATES: ("VOICE_CHANNEL_EFFECT_SEND", "VOICE_STATE_UPDATE"),
    Intent.GUILD_PRESENCES: ("PRESENCE_UPDATE",),
    Intent.GUILD_MESSAGES: (*_MESSAGES, "MESSAGE_DELETE_BULK"),
    Intent.GUILD_MESSAGE_REACTIONS: _REACTIONS,
    Intent.GUILD_MESSAGE_TYPING: ("TYPING_START",),
    Intent.GUILD_SCHEDULED_EVENTS: (
        "GUILD_SCHEDULED_EVENT_CREATE",
        "GUILD_SCHEDULED_EVENT_UPDATE",
        "GUILD_SCHEDULED_EVENT_DELETE",
        "GUILD_SCHEDULED_EVENT_USER_ADD",
        "GUILD_SCHEDULED_EVENT_USER_REMOVE",
    ),
    Intent.AUTO_MODERATION_CONFIGURATION: (
        "AUTO_MODERATION_RULE_CREATE",
        "AUTO_MODERATION_RULE_UPDATE",
        "AUTO_MODERATION_RULE_DELETE",
    ),
    Intent.AUTO_MODERATION_EXECUTION: ("AUTO_MODERATION_ACTION_EXECUTION",),
    Intent.GUILD_MESSAGE_POLLS: _VOTES,
}
_IN_DIRECT: dict[int, tuple[str, ...]] = {
    Intent.DIRECT_MESSAGES: (*_MESSAGES, "CHANNEL_PINS_UPDATE"),
    Intent.DIRECT_MESSAGE_REACTIONS: _REACTIONS,
    Intent.DIRECT_MESSAGE_TYPING: ("TYPING_START",),
    Intent.DIRECT_MESSAGE_POLLS: _VOTES,
}
_ALWAYS = (
    "INTERACTION_CREATE",
    "APPLICATION_COMMAND_PERMISSIONS_UPDATE",
    "ENTITLEMENT_CREATE",
    "ENTITLEMENT_UPDATE",
    "ENTITLEMENT_DELETE",
    "USER_UPDATE",
    "VOICE_SERVER_UPDATE",
)
# the stage's own, and what Discord tells its clients for people alone
_PEOPLES = frozenset({"INTERACTION_STATE", "BOT_STATE", "GUILD_APPLICATION_COMMAND_INDEX_UPDATE"})
_GUILD_EVENTS = {name: bits for bits, names in _IN_GUILDS.items() for name in names} | dict.fromkeys(_ALWAYS, 0)
_DIRECT_EVENTS = {name: bits for bits, names in _IN_DIRECT.items() for name in names} | dict.fromkeys(_ALWAYS, 0)


def needed(name: str, *, in_guild: bool) -> int | None:
    """Return the intents of which a session needs one to hear of an event: 0 for always, None for never.

    Never are the stage's own events, and direct channels' CHANNEL_CREATE, which Discord does not send to bots.
    """
    return (_GUILD_EVENTS if in_guild else _DIRECT_EVENTS).get(name)


def known(name: str) -> bool:
    """Tell whether an event is Discord's at all, or one that only people hear of."""
    return name in _GUILD_EVENTS or name in _PEOPLES


def reduced(name: str, data: Json, intents: int, user_id: int) -> Json | None:
    """Return what a session without the intent may still hear because it is about the bot itself, or None."""
    own = str(user_id)
    if name == "GUILD_MEMBER_UPDATE" and data.get("user", {}).get("id") == own:
        return data
    if name == "THREAD_MEMBERS_UPDATE" and intents & Intent.GUILDS:
        added = [member for member in data.get("added_members", ()) if member.get("user_id") == own]
        removed = [member for member in data.get("removed_member_ids", ()) if member == own]
        if added or removed:
            rest = {key: value for key, value in data.items() if key not in {"added_members", "removed_member_ids"}}
            return (
                rest
                | ({"added_members": added} if added else {})
                | ({"removed_member_ids": removed} if removed else {})
            )
    return None


def content_is_open(message: Json, user_id: int, application_id: int) -> bool:
    """Tell whether a bot without the content intent reads a guild message: its own, or one that mentions it."""
    own = str(user_id)
    return (
        message.get("author", {}).get("id") == own
        or message.get("application_id") == str(application_id)
        or any(mention["id"] == own for mention in message.get("mentions", ()))
    )


def without_content(message: Json, user_id: int, application_id: int) -> Json:
    """Return a guild message as a bot without the content intent gets it; the original stays as it is."""
    shown = message
    if not content_is_open(message, user_id, application_id):
        shown = {key: value for key, value in message.items() if key != "poll"}
        shown |= {"content": "", "embeds": [], "attachments": [], "components": []}
    reply = message.get("referenced_message")
    if reply is not None:
        shown = shown | {"referenced_message": without_content(reply, user_id, application_id)}
    return shown
