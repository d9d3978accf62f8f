"""Worlds to begin with: the small server that the page opens on, and a builder for tests."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.model import (
    Application,
    Channel,
    ForumTag,
    Guild,
    Member,
    Message,
    Overwrite,
    Role,
    Thread,
    User,
)
from sandbox.payloads.channels import ANNOUNCEMENT, CATEGORY, DM, FORUM, PUBLIC_THREAD, TEXT
from sandbox.permissions import DEFAULT_EVERYONE, P
from sandbox.snowflake import Snowflakes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.world import World

BOT_PERMISSIONS = int(
    P.VIEW_CHANNEL
    | P.SEND_MESSAGES
    | P.SEND_MESSAGES_IN_THREADS
    | P.CREATE_PUBLIC_THREADS
    | P.CREATE_PRIVATE_THREADS
    | P.MANAGE_THREADS
    | P.MANAGE_MESSAGES
    | P.PIN_MESSAGES
    | P.EMBED_LINKS
    | P.ATTACH_FILES
    | P.READ_MESSAGE_HISTORY
    | P.ADD_REACTIONS
    | P.USE_EXTERNAL_EMOJIS
    | P.SEND_POLLS
    | P.MANAGE_EVENTS
    | P.CREATE_EVENTS
    | P.USE_APPLICATION_COMMANDS
)
MODERATOR_PERMISSIONS = int(
    P.MANAGE_MESSAGES | P.MANAGE_THREADS | P.MODERATE_MEMBERS | P.PIN_MESSAGES | P.KICK_MEMBERS | P.MANAGE_GUILD
)


class Builder:
    """Puts people, applications, servers and what is in them into a world; every id is new.

    Nothing is emitted: build before bots connect, or use the acts of the modules around.
    """

    def __init__(self, world: World) -> None:
        self.world = world

    def person(self, name: str, *guilds: Guild, roles: Iterable[Role] = (), user_id: int | None = None) -> User:
        """Add a person, a member of the given guilds with those of the roles that are the guild's."""
        user = User(id=user_id or self.world.next_id(), username=name.lower().replace(" ", "_"), global_name=name)
        self.world.save(user)
        held = list(roles)
        for guild in guilds:
            self.join(guild, user, *(role for role in held if role.guild_id == guild.id))
        return user

    def application(
        self, name: str, token: str, *guilds: Guild, flags: int = 0, permissions: int | None = BOT_PERMISSIONS
    ) -> Application:
        """Add an application with its bot, in the guilds with a role of its own unless `permissions` is None."""
        number = self.world.next_id()
        bot = User(id=number, username=name, bot=True)
        app = Application(
            id=number,
            user_id=number,
            name=name,
            token=token,
            public_key=hashlib.sha256(str(number).encode()).hexdigest(),
            flags=flags,
        )
        self.world.save(bot, app)
        for guild in guilds:
            self.install(guild, app, permissions)
        return app

    def install(self, guild: Guild, app: Application, permissions: int | None = BOT_PERMISSIONS) -> Member:
        """Add an application's bot to a guild, as its invitation would."""
        roles: list[Role] = []
        if permissions is not None:
            roles = [self.role(guild, app.name, permissions, managed=True, tags={"bot_id": str(app.user_id)})]
        return self.join(guild, self.world.users[app.user_id], *roles)

    def guild(self, name: str, owner: User, *, everyone: int = DEFAULT_EVERYONE, guild_id: int | None = None) -> Guild:
        """Add a server with its @everyone role and its owner."""
        guild = Guild(id=guild_id or self.world.next_id(), name=name, owner_id=owner.id)
        self.world.save(guild, Role(id=guild.id, guild_id=guild.id, name="@everyone", permissions=everyone))
        self.join(guild, owner)
        return guild

    def join(self, guild: Guild, user: User, *roles: Role) -> Member:
        """Make a user a member."""
        member = Member(
            guild_id=guild.id, user_id=user.id, joined_at=self.world.now(), roles=[role.id for role in roles]
        )
        self.world.save(member)
        return member

    def role(self, guild: Guild, name: str, permissions: int = 0, **fields: Any) -> Role:
        """Add a role above those that are there."""
        position = len(self.world.guild_roles[guild.id])
        role = Role(
            id=self.world.next_id(), guild_id=guild.id, name=name, permissions=permissions, position=position, **fields
        )
        self.world.save(role)
        return role

    def channel(self, guild: Guild, name: str, type: int = TEXT, **fields: Any) -> Channel:  # noqa: A002 - Discord's name
        """Add a channel below those that are there."""
        position = sum(1 for channel in self.world.guild_channels[guild.id].values() if channel.thread is None)
        channel = Channel(id=self.world.next_id(), type=type, guild_id=guild.id, name=name, position=position, **fields)
        self.world.save(channel)
        return channel

    def thread(self, parent: Channel, name: str, owner: User, type: int = PUBLIC_THREAD) -> Channel:  # noqa: A002
        """Add a thread that its owner has joined."""
        now = self.world.now()
        thread = Thread(owner_id=owner.id, created_at=now, archive_timestamp=now, members={owner.id: now})
        channel = Channel(
            id=self.world.next_id(), type=type, guild_id=parent.guild_id, name=name, parent_id=parent.id, thread=thread
        )
        self.world.save(channel)
        return channel

    def direct(self, *users: User) -> Channel:
        """Add a direct-message channel."""
        channel = Channel(id=self.world.next_id(), type=DM, recipients=[user.id for user in users])
        self.world.save(channel)
        return channel

    def message(self, channel: Channel, author: User, content: str, **fields: Any) -> Message:
        """Add a message, without checks and events."""
        message = Message(
            id=self.world.next_id(),
            channel_id=channel.id,
            guild_id=channel.guild_id,
            author_id=author.id,
            content=content,
            **fields,
        )
        channel.last_message_id = message.id
        self.world.save(message, channel)
        return message


_ACCOUNTS_AGE = timedelta(days=400)
_PEOPLE = ("Ada", "Ben", "Chika", "Dmitri", "Esi", "Farid")
_GENERAL = (
    ("Ada", "Welcome to The Open Question. We argue about open and closed language models here, kindly."),
    ("Chika", "Thanks for setting this up! Do we say *open weights* or *open source* in titles?"),
    ("Ben", "Open weights unless the training data and code are out too. There is a note on it in the pins soon."),
    ("Dmitri", "I brought numbers. Well, a spreadsheet. Well, opinions in a spreadsheet."),
    ("Esi", "The best kind. Saving them for #debates."),
)
_DEBATES = (
    ("Farid", "Motion for this week: should a model that is used by courts have to publish its weights?"),
    ("Esi", "Against, narrowly. Publish the evaluations, and let courts refuse whatever has none."),
    ("Dmitri", "For. Evaluations that nobody can rerun are press releases."),
)
_POLLS = (("Ada", "Questions that need a count go here. Type `/` below to see what Rostrum can do."),)
_DIGEST = (("Ada", "The weekly digest will be posted here once the newsroom is set up."),)
_MOD_ROOM = (("Ben", "Quiet week. Two reports, both settled by the people themselves."),)


def seed(world: World, bot_token: str) -> None:
    """Fill an empty world with the server that the page opens on; a world that has guilds is left as it is."""
    if world.guilds:
        for app in world.applications.values():
            if app.name == "Rostrum" and app.token != bot_token:
                app.token = bot_token
                world.save(app)
        return
    build = Builder(world)
    # an account's age stands in its id, and bots look at it
    accounts, long_ago = Snowflakes(), world.now() - _ACCOUNTS_AGE
    people = {name: build.person(name, user_id=accounts.next(long_ago)) for name in _PEOPLE}
    guild = build.guild("The Open Question", people["Ada"])
    guild.description = "A small community that argues about open and closed language models."
    moderator = build.role(guild, "Moderator", MODERATOR_PERMISSIONS, color=0x2F7D6B, hoist=True, mentionable=True)
    build.role(guild, "Debater", 0, color=0xB5651D, mentionable=True)
    for name, user in people.items():
        if name != "Ada":
            build.join(guild, user, *([moderator] if name == "Ben" else []))
    app = build.application("Rostrum", bot_token, guild)
    app.description = "Debates, polls, comparisons and a digest for communities that argue about language models."
    app.owner_id = people["Ada"].id
    world.save(app)
    commons = build.channel(guild, "Commons", CATEGORY)
    general = build.channel(
        guild, "general", parent_id=commons.id, topic="Say hello. Everything that has no other place."
    )
    polls = build.channel(guild, "polls", parent_id=commons.id, topic="Questions that need a count.")
    debates = build.channel(guild, "debates", parent_id=commons.id, topic="One motion at a time.")
    build.channel(
        guild, "motions", FORUM, parent_id=commons.id, topic="Propose what we should argue about."
    ).available_tags = [
        ForumTag(id=world.next_id(), name="open weights"),
        ForumTag(id=world.next_id(), name="policy"),
        ForumTag(id=world.next_id(), name="settled", moderated=True),
    ]
    newsroom = build.channel(guild, "Newsroom", CATEGORY)
    digest = build.channel(guild, "digest", parent_id=newsroom.id, topic="What happened in AI regulation, once a week.")
    build.channel(
        guild, "announcements", ANNOUNCEMENT, parent_id=newsroom.id, topic="From the people who run this server."
    )
    hidden = [
        Overwrite(id=guild.id, type=0, deny=int(P.VIEW_CHANNEL)),
        Overwrite(id=moderator.id, type=0, allow=int(P.VIEW_CHANNEL)),
    ]
    mod_room = build.channel(guild, "mod-room", parent_id=newsroom.id, overwrites=hidden)
    for channel, lines in (
        (general, _GENERAL),
        (polls, _POLLS),
        (debates, _DEBATES),
        (digest, _DIGEST),
        (mod_room, _MOD_ROOM),
    ):
        for name, text in lines:
            build.message(channel, people[name], text)
    guild.system_channel_id = general.id
    world.save(guild)
