"""What was changed on the guild side outlives the stand-in in its state file."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sandbox import channels, commands, events, guilds, members, roles, threads
from sandbox.audit import Actor
from sandbox.server import Options, Server
from tests.support.stand_in import Place

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.world import World


KEPT = (
    *("users", "applications", "guilds", "roles", "channels", "webhooks", "commands"),
    *("events", "invites", "members", "bans", "emojis", "audit"),
)


def shape(world: World) -> dict[str, object]:
    """Return all that is kept, to be compared."""
    return {name: getattr(world, name) for name in KEPT}


async def test_a_restart_changes_nothing(tmp_path: Path) -> None:
    options = Options(port=0, state=tmp_path / "state.db")
    async with Server(options) as server:
        place, world = Place(server.world), server.world
        ada, guild = Actor(place.user("Ada").id, "spring"), place.guild
        channel = channels.create_channel(world, guild, ada, {"name": "new", "type": 15})
        channels.set_overwrite(world, channel, place.user("Esi").id, ada, {"type": 1, "deny": "2048"})
        role = roles.create_role(world, guild, ada, {"name": "r", "permissions": "8"})
        members.give_role(world, guild, world.members[guild.id][place.user("Esi").id], role.id, ada)
        until = (world.now() + timedelta(hours=1)).isoformat()
        chika = world.members[guild.id][place.user("Chika").id]
        members.modify_member(world, guild, chika, ada, {"communication_disabled_until": until, "nick": "C"})
        members.ban(server, guild, place.user("Farid").id, ada, {})
        thread = threads.create_thread(server, place.channel("debates"), ada.user_id, {"name": "t", "type": 11})
        threads.modify_thread(server, thread, ada, {"archived": True})
        command, _ = commands.register(world, place.app, None, {"name": "poll", "description": "d"})
        setting = {"id": str(guild.id), "type": 1, "permission": False}
        commands.set_permissions(world, command, guild.id, ada, {"permissions": [setting]})
        body = {
            "name": "e",
            "entity_type": 3,
            "privacy_level": 2,
            "scheduled_start_time": until,
            "scheduled_end_time": (world.now() + timedelta(hours=2)).isoformat(),
            "entity_metadata": {"location": "l"},
        }
        event = events.create_event(world, guild, ada, body)
        events.subscribe(world, event, place.user("Esi").id)
        guilds.create_invite(world, place.channel("general"), ada, {})
        before = shape(world)
    async with Server(options) as again:
        assert shape(again.world) == before
        assert again.world.next_id() > max(one.id for one in again.world.channels.values())
