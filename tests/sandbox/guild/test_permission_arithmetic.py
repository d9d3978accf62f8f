"""Permissions agree with discord.py's own reckoning, whatever the roles, overwrites and channels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

import discord
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.errors import ApiError
from sandbox.model import Channel, Overwrite
from sandbox.payloads.guilds import guild_create
from sandbox.permissions import ALL, P, channel_permissions, guild_permissions, require_channel
from sandbox.seed import Builder
from sandbox.world import World

if TYPE_CHECKING:
    from sandbox.model import Guild, User

TEXT, VOICE, ANNOUNCEMENT, PUBLIC_THREAD, STAGE, FORUM = 0, 2, 5, 11, 13, 15
# discord.py takes voice rights out of text channels, which Discord leaves in
VOICE_BITS = discord.Permissions.voice().value
# what no channel has: discord.py leaves it standing where a channel cannot be seen
CHANNEL_BITS = discord.Permissions.all_channel().value
KNOWN = ALL & discord.Permissions.all().value


@dataclass(frozen=True)
class Scene:
    """A guild with one member and one channel."""

    everyone: int
    roles: tuple[int, ...]
    held: tuple[bool, ...]
    overwrites: tuple[tuple[str, int, int], ...]
    kind: int
    owner: bool
    timed_out: bool

    def build(self) -> tuple[World, Guild, User, Channel]:
        world = World()
        make = Builder(world)
        somebody, owner = make.person("Somebody"), make.person("Owner")
        guild = make.guild("G", somebody if self.owner else owner, everyone=self.everyone)
        roles = [make.role(guild, f"r{number}", bits) for number, bits in enumerate(self.roles)]
        member = make.join(guild, somebody, *(role for role, has in zip(roles, self.held, strict=True) if has))
        if self.timed_out:
            member.timed_out_until = world.now() + timedelta(hours=1)
        targets = {"everyone": (guild.id, 0), "member": (somebody.id, 1)}
        targets |= {f"role{number}": (role.id, 0) for number, role in enumerate(roles)}
        overwrites = [
            Overwrite(id=targets[name][0], type=targets[name][1], allow=allow & ~deny, deny=deny)
            for name, allow, deny in self.overwrites
        ]
        parent = make.channel(guild, "c", TEXT if self.kind == PUBLIC_THREAD else self.kind, overwrites=overwrites)
        place = make.thread(parent, "t", owner) if self.kind == PUBLIC_THREAD else parent
        return world, guild, somebody, place


# each bit on its own is often the only one that matters, random numbers mix them all
BITS = st.integers(0, KNOWN).map(lambda bits: bits & KNOWN) | st.sets(st.sampled_from(list(P)), max_size=4).map(
    lambda bits: sum(int(bit) for bit in bits) & KNOWN
)
SEEING = BITS.map(lambda bits: bits | int(P.VIEW_CHANNEL))


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    count = draw(st.integers(0, 4))
    targets = ["everyone", "member", *(f"role{number}" for number in range(count))]
    chosen = draw(st.lists(st.sampled_from(targets), unique=True))
    without_admin = st.booleans().map(lambda keep: ALL if keep else ALL & ~int(P.ADMINISTRATOR))
    mask = draw(without_admin)
    return Scene(
        everyone=draw(SEEING | BITS) & mask,
        roles=tuple(draw(BITS) & mask for _ in range(count)),
        held=tuple(draw(st.booleans()) for _ in range(count)),
        overwrites=tuple((name, draw(BITS), draw(BITS)) for name in chosen),
        kind=draw(st.sampled_from([TEXT, VOICE, ANNOUNCEMENT, PUBLIC_THREAD, STAGE, FORUM])),
        owner=draw(st.integers(0, 19)) == 0,
        timed_out=draw(st.integers(0, 9)) == 0,
    )


@cache
def client() -> discord.Client:
    return discord.Client(intents=discord.Intents.all())


def as_discord_py(world: World, guild: Guild, user: User, place: Channel) -> tuple[int, int]:
    """Return discord.py's bits of a member in the guild and in a channel."""
    payload = guild_create(world, guild, user.id, all_members=True)
    seen = discord.Guild(data=payload, state=client()._connection)  # type: ignore[arg-type]
    member = seen.get_member(user.id)
    channel = seen.get_channel_or_thread(place.id)
    assert member is not None
    assert isinstance(channel, discord.abc.GuildChannel | discord.Thread)
    return member.guild_permissions.value, channel.permissions_for(member).value


@settings(max_examples=300, deadline=None)
@given(scenes())
def test_agrees_with_discord_py(scene: Scene) -> None:
    world, guild, user, place = scene.build()
    expected_guild, expected = as_discord_py(world, guild, user, place)
    assert guild_permissions(world, guild.id, user.id) & KNOWN == expected_guild & KNOWN
    found = channel_permissions(world, place, user.id)
    compared = KNOWN
    if scene.kind in {TEXT, ANNOUNCEMENT, FORUM}:
        compared &= ~VOICE_BITS
    if not found & P.VIEW_CHANNEL:
        assert found == 0
        compared &= CHANNEL_BITS
    assert found & compared == expected & compared


@settings(max_examples=100, deadline=None)
@given(scenes())
def test_a_stranger_has_nothing(scene: Scene) -> None:
    world, guild, _, place = scene.build()
    stranger = Builder(world).person("Stranger")
    assert guild_permissions(world, guild.id, stranger.id) == 0
    assert channel_permissions(world, place, stranger.id) == 0


@settings(max_examples=100, deadline=None)
@given(scenes(), st.sampled_from(list(P)))
def test_what_is_required_is_what_is_held(scene: Scene, wanted: P) -> None:
    world, _, user, place = scene.build()
    bits = channel_permissions(world, place, user.id)
    if bits & P.VIEW_CHANNEL and bits & wanted:
        assert require_channel(world, place, user.id, wanted) == bits
        return
    with pytest.raises(ApiError) as caught:
        require_channel(world, place, user.id, wanted)
    assert caught.value.code == (50013 if bits & P.VIEW_CHANNEL else 50001)


def test_bits_have_discords_values() -> None:
    flags = discord.Permissions.VALID_FLAGS
    shared = {bit.name.lower(): int(bit) for bit in P if (bit.name or "").lower() in flags}
    assert {name: flags[name] for name in shared} == shared
    assert len(shared) > 40
