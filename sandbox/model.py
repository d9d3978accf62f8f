"""What the world of the stand-in is made of. Ids are int here and strings only in payloads."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct, field

Json = dict[str, Any]


class User(Struct, kw_only=True):
    """An account: a person, a bot or a webhook's face."""

    id: int
    username: str
    global_name: str | None = None
    bot: bool = False
    avatar: str | None = None
    flags: int = 0


class Application(Struct, kw_only=True):
    """A bot's application with its token; `flags` say which privileged intents are approved."""

    id: int
    user_id: int
    name: str
    token: str
    public_key: str
    description: str = ""
    flags: int = 0
    owner_id: int | None = None


class Guild(Struct, kw_only=True):
    """A server."""

    id: int
    name: str
    owner_id: int
    description: str | None = None
    icon: str | None = None
    system_channel_id: int | None = None
    rules_channel_id: int | None = None
    preferred_locale: str = "en-US"
    features: list[str] = field(default_factory=list[str])
    verification_level: int = 0
    max_members: int = 500_000
    nsfw_level: int = 0
    premium_tier: int = 0


class Role(Struct, kw_only=True):
    """A role; @everyone has the guild's id. `permissions` is a bit set (permissions.py)."""

    id: int
    guild_id: int
    name: str
    permissions: int = 0
    position: int = 0
    color: int = 0
    hoist: bool = False
    mentionable: bool = False
    managed: bool = False
    tags: Json = field(default_factory=dict[str, Any])
    flags: int = 0


class Member(Struct, kw_only=True):
    """A user in a guild; `roles` leaves @everyone out."""

    guild_id: int
    user_id: int
    joined_at: datetime
    nick: str | None = None
    roles: list[int] = field(default_factory=list[int])
    timed_out_until: datetime | None = None
    flags: int = 0


class Overwrite(Struct, kw_only=True):
    """A channel's exception for a role (type 0) or member (type 1)."""

    id: int
    type: int
    allow: int = 0
    deny: int = 0


class Thread(Struct, kw_only=True):
    """What only a thread has; `members` maps user id to the moment of joining."""

    owner_id: int
    created_at: datetime
    archive_timestamp: datetime
    archived: bool = False
    locked: bool = False
    invitable: bool = True
    auto_archive_duration: int = 4320
    message_count: int = 0
    total_message_sent: int = 0
    applied_tags: list[int] = field(default_factory=list[int])
    members: dict[int, datetime] = field(default_factory=dict[int, datetime])


class ForumTag(Struct, kw_only=True):
    """A tag of a forum channel."""

    id: int
    name: str
    moderated: bool = False
    emoji_id: int | None = None
    emoji_name: str | None = None


class Channel(Struct, kw_only=True):
    """A channel, thread (with `thread`), category, forum or DM (with `recipients`)."""

    id: int
    type: int
    guild_id: int | None = None
    name: str | None = None
    topic: str | None = None
    position: int = 0
    parent_id: int | None = None
    overwrites: list[Overwrite] = field(default_factory=list[Overwrite])
    nsfw: bool = False
    rate_limit_per_user: int = 0
    last_message_id: int | None = None
    last_pin_at: datetime | None = None
    recipients: list[int] = field(default_factory=list[int])
    thread: Thread | None = None
    available_tags: list[ForumTag] = field(default_factory=list[ForumTag])
    default_auto_archive_duration: int | None = None
    default_thread_rate_limit_per_user: int = 0
    default_reaction_emoji: Json | None = None
    default_sort_order: int | None = None
    default_forum_layout: int = 0
    default_tag_setting: str | None = None
    bitrate: int = 64_000
    user_limit: int = 0
    flags: int = 0


class Attachment(Struct, kw_only=True):
    """An uploaded file; the bytes lie in the world's files under the same id.

    One that an embed or component shows (`shown_inside`) is not listed among the message's attachments.
    """

    id: int
    channel_id: int
    filename: str
    size: int
    content_type: str | None = None
    description: str | None = None
    width: int | None = None
    height: int | None = None
    title: str | None = None
    ephemeral: bool = False
    shown_inside: bool = False


class Reaction(Struct, kw_only=True):
    """Who pressed one emoji under one message; `emoji_id` is None for Unicode."""

    emoji_name: str
    emoji_id: int | None = None
    users: list[int] = field(default_factory=list[int])


class PollAnswer(Struct, kw_only=True):
    """An answer of a native poll with the people who chose it."""

    id: int
    text: str | None = None
    emoji: Json | None = None
    voters: list[int] = field(default_factory=list[int])


class Poll(Struct, kw_only=True):
    """A native poll."""

    question: str
    answers: list[PollAnswer]
    expires_at: datetime
    multiselect: bool = False
    layout_type: int = 1
    finalized: bool = False


class Message(Struct, kw_only=True):
    """A message; `ephemeral_to` names the only person who sees it."""

    id: int
    channel_id: int
    author_id: int
    guild_id: int | None = None
    type: int = 0
    content: str = ""
    flags: int = 0
    tts: bool = False
    embeds: list[Json] = field(default_factory=list[Json])
    components: list[Json] = field(default_factory=list[Json])
    attachments: list[Attachment] = field(default_factory=list[Attachment])
    reactions: list[Reaction] = field(default_factory=list[Reaction])
    poll: Poll | None = None
    edited_at: datetime | None = None
    pinned_at: datetime | None = None
    mentions: list[int] = field(default_factory=list[int])
    mention_roles: list[int] = field(default_factory=list[int])
    mention_everyone: bool = False
    reference: Json | None = None
    nonce: str | int | None = None
    webhook_id: int | None = None
    application_id: int | None = None
    author_name: str | None = None
    author_avatar: str | None = None
    interaction: Json | None = None
    thread_id: int | None = None
    ephemeral_to: int | None = None
    snapshots: list[Json] = field(default_factory=list[Json])


class Webhook(Struct, kw_only=True):
    """An incoming (type 1) webhook."""

    id: int
    guild_id: int
    channel_id: int
    name: str
    token: str
    user_id: int
    application_id: int | None = None
    avatar: str | None = None
    type: int = 1


class Command(Struct, kw_only=True):
    """A registered application command; `body` holds the fields as Discord returns them, without ids and version.

    `permissions` are the overwrites that a guild's managers set, by guild.
    """

    id: int
    application_id: int
    version: int
    name: str
    type: int
    body: Json
    guild_id: int | None = None
    permissions: dict[int, list[Json]] = field(default_factory=dict[int, list[Json]])


class Interaction(Struct, kw_only=True):
    """One interaction and how far its answer has come.

    `state` is sent, thinking, done, modal or failed; `response_type` the callback's type once acknowledged.
    `message_id` is the message whose component was used (also by the modal that came of it), `metadata` that of the
    interaction which opened the modal. `focused_type` is the option type an autocomplete asks for, `submission_id` the
    interaction that sends this one's modal in, `settled_by` the first message edited, deleted or sent after a deferred
    update, which shows nothing by itself.
    """

    id: int
    application_id: int
    token: str
    type: int
    user_id: int
    channel_id: int
    created_at: datetime
    data: Json
    guild_id: int | None = None
    message_id: int | None = None
    state: str = "sent"
    response_type: int | None = None
    response_message_id: int | None = None
    response_ephemeral: bool = False
    source_interaction_id: int | None = None
    modal: Json | None = None
    followups: list[int] = field(default_factory=list[int])
    metadata: Json = field(default_factory=dict[str, Any])
    focused_type: int | None = None
    submission_id: int | None = None
    settled_by: int | None = None
    error: str | None = None


class ScheduledEvent(Struct, kw_only=True):
    """A guild scheduled event: stage (1), voice (2) or external (3)."""

    id: int
    guild_id: int
    name: str
    entity_type: int
    starts_at: datetime
    creator_id: int
    channel_id: int | None = None
    ends_at: datetime | None = None
    description: str | None = None
    location: str | None = None
    status: int = 1
    image: str | None = None
    users: list[int] = field(default_factory=list[int])


class Ban(Struct, kw_only=True):
    """A banned user."""

    guild_id: int
    user_id: int
    reason: str | None = None


class Emoji(Struct, kw_only=True):
    """A custom emoji of a guild."""

    id: int
    guild_id: int
    name: str
    animated: bool = False
    user_id: int | None = None


class Invite(Struct, kw_only=True):
    """An invitation to a channel; `max_age` in seconds and `max_uses` are 0 for no bound."""

    id: int
    code: str
    guild_id: int
    channel_id: int
    inviter_id: int
    created_at: datetime
    max_age: int = 86_400
    max_uses: int = 0
    uses: int = 0
    temporary: bool = False


class AuditEntry(Struct, kw_only=True):
    """A line of a guild's audit log."""

    id: int
    guild_id: int
    user_id: int
    action: int
    target_id: int | None = None
    changes: list[Json] = field(default_factory=list[Json])
    options: Json | None = None
    reason: str | None = None


Entity = (
    User
    | Application
    | Guild
    | Role
    | Member
    | Channel
    | Message
    | Webhook
    | Command
    | Interaction
    | ScheduledEvent
    | Ban
    | Emoji
    | Invite
    | AuditEntry
)
