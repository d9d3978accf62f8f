"""Who may use which command where."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from sandbox import commands, users
from sandbox.audit import Actor
from sandbox.errors import FormError
from sandbox.model import Overwrite
from sandbox.people import acts
from sandbox.permissions import DEFAULT_EVERYONE, P

if TYPE_CHECKING:
    from sandbox.model import Command
    from sandbox.server import Server
    from tests.support.stand_in import Place


class Stage:
    """Registers commands and asks who sees them."""

    def __init__(self, server: Server, place: Place) -> None:
        self.server, self.place = server, place

    def command(self, name: str, *, everywhere: bool = True, **fields: object) -> Command:
        guild_id = None if everywhere else self.place.guild.id
        body = {"name": name, **({"description": "d"} if fields.get("type", 1) == 1 else {}), **fields}
        return commands.register(self.server.world, self.place.app, guild_id, body)[0]

    def seen(self, person: str, channel: str = "general") -> list[str]:
        place = self.place.channel(channel)
        return [one.name for one in commands.visible(self.server, place, self.place.user(person).id)]

    def setting(self, command: Command, target: int, kind: int, *, permission: bool) -> None:
        guild_id, ada = self.place.guild.id, Actor(self.place.user("Ada").id)
        entry = {"id": str(target), "type": kind, "permission": permission}
        kept = [*command.permissions.get(guild_id, []), entry]
        commands.set_permissions(self.server.world, command, guild_id, ada, {"permissions": kept})


@pytest.fixture
def stage(server: Server, place: Place) -> Stage:
    return Stage(server, place)


async def test_all_types_of_both_scopes_by_name(stage: Stage) -> None:
    stage.command("poll")
    stage.command("ask", everywhere=False)
    stage.command("Report", type=3)
    assert stage.seen("Chika") == ["Report", "ask", "poll"]


async def test_a_command_of_another_guild_or_of_an_absent_bot_is_not_there(stage: Stage) -> None:
    build = stage.place.build
    elsewhere = build.guild("Elsewhere", stage.place.user("Ada"))
    build.install(elsewhere, stage.place.app)
    commands.register(stage.server.world, stage.place.app, elsewhere.id, {"name": "far", "description": "d"})
    stranger = build.application("Stranger", "stranger-token")
    commands.register(stage.server.world, stranger, None, {"name": "strange", "description": "d"})
    assert stage.seen("Ada") == []


async def test_default_permissions(stage: Stage) -> None:
    stage.command("for-managers", default_member_permissions=str(int(P.MANAGE_GUILD)))
    stage.command("for-both", default_member_permissions=str(int(P.MANAGE_GUILD | P.BAN_MEMBERS)))
    stage.command("for-admins", default_member_permissions="0")
    stage.command("for-all")
    assert stage.seen("Ada") == ["for-admins", "for-all", "for-both", "for-managers"]
    assert stage.seen("Ben") == ["for-all", "for-managers"]
    assert stage.seen("Chika") == ["for-all"]


async def test_contexts(stage: Stage) -> None:
    stage.command("guild-only", contexts=[0])
    stage.command("dm-only", contexts=[1])
    stage.command("old-guild-only", dm_permission=False)
    stage.command("both")
    world, place = stage.server.world, stage.place
    channel = users.open_dm(world, place.user("Chika").id, place.app.user_id)
    in_dm = [one.name for one in commands.visible(stage.server, channel, place.user("Chika").id)]
    assert in_dm == ["both", "dm-only"]
    assert stage.seen("Chika") == ["both", "guild-only", "old-guild-only"]
    assert commands.visible(stage.server, channel, place.user("Ben").id) == []


async def test_channel_permissions(stage: Stage) -> None:
    stage.command("poll")
    general = stage.place.channel("general")
    general.overwrites = [
        Overwrite(id=stage.place.user("Chika").id, type=1, deny=int(P.USE_APPLICATION_COMMANDS)),
        Overwrite(id=stage.place.user("Esi").id, type=1, deny=int(P.VIEW_CHANNEL)),
    ]
    assert stage.seen("Chika") == []
    assert stage.seen("Esi") == []
    assert stage.seen("Dmitri") == ["poll"]
    assert stage.seen("Chika", "polls") == ["poll"]
    assert stage.seen("Chika", "mod-room") == []
    assert stage.seen("Chika", "motions") == []


async def test_age_restriction(stage: Stage) -> None:
    stage.command("adults", nsfw=True)
    assert stage.seen("Ada") == []
    stage.place.channel("debates").nsfw = True
    assert stage.seen("Ada", "debates") == ["adults"]


async def test_threads_that_sleep_or_are_locked(stage: Stage) -> None:
    stage.command("poll")
    place = stage.place
    thread = place.build.thread(place.channel("debates"), "a thread", place.user("Chika"))
    assert stage.seen("Chika", "a thread") == ["poll"]
    assert thread.thread is not None
    thread.thread.locked = True
    assert stage.seen("Chika", "a thread") == []
    assert stage.seen("Ben", "a thread") == ["poll"]
    thread.thread.locked, thread.thread.archived = False, True
    assert stage.seen("Ben", "a thread") == []


async def test_the_guilds_own_settings_go_before_the_default(stage: Stage) -> None:
    command = stage.command("newsroom", default_member_permissions="0")
    place = stage.place
    moderator = next(role for role in place.world.roles.values() if role.name == "Moderator")
    stage.setting(command, moderator.id, 1, permission=True)
    assert (stage.seen("Ben"), stage.seen("Chika")) == (["newsroom"], [])
    stage.setting(command, place.user("Ben").id, 2, permission=False)
    assert stage.seen("Ben") == []
    stage.setting(command, place.guild.id, 1, permission=True)
    assert (stage.seen("Ben"), stage.seen("Chika")) == ([], ["newsroom"])
    stage.setting(command, place.channel("polls").id, 3, permission=False)
    assert (stage.seen("Chika"), stage.seen("Chika", "polls")) == (["newsroom"], [])
    stage.setting(command, place.guild.id - 1, 3, permission=False)
    assert (stage.seen("Chika"), stage.seen("Ada")) == ([], ["newsroom"])


async def test_timed_out_people_use_none(stage: Stage) -> None:
    stage.command("poll")
    chika = stage.place.world.members[stage.place.guild.id][stage.place.user("Chika").id]
    chika.timed_out_until = stage.place.world.now() + timedelta(hours=1)
    assert stage.seen("Chika") == []


async def test_everyone_may_lack_the_right(stage: Stage) -> None:
    stage.command("poll")
    everyone = stage.place.world.roles[stage.place.guild.id]
    everyone.permissions = DEFAULT_EVERYONE & ~int(P.USE_APPLICATION_COMMANDS)
    assert stage.seen("Chika") == []
    assert stage.seen("Ada") == ["poll"]


async def test_an_outdated_version_is_told(stage: Stage) -> None:
    command = stage.command("poll")
    old = command.version
    commands.require_current(command, old)
    stage.command("poll", nsfw=True)
    with pytest.raises(FormError) as caught:
        commands.require_current(command, old)
    assert caught.value.fields[0].code == "INTERACTION_APPLICATION_COMMAND_INVALID_VERSION"
    commands.require_current(command, None)
    body = {"channel_id": str(stage.place.channel("general").id), "command_id": str(command.id), "version": str(old)}
    with pytest.raises(FormError) as caught:
        acts.slash(stage.server, stage.place.user("Chika").id, body, ())
    assert caught.value.fields[0].path == ("data",)
