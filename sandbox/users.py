"""Accounts: their own profile and direct messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.errors import ApiError
from sandbox.model import Channel
from sandbox.payloads.channels import DM, channel_payload
from sandbox.payloads.people import own_user_payload
from sandbox.validate.form import Form

if TYPE_CHECKING:
    from sandbox.model import Json, User
    from sandbox.world import World


def open_dm(world: World, user_id: int, other_id: int) -> Channel:
    """Return the direct messages of two accounts, opened when there are none yet; 50033 with oneself or a stranger."""
    if other_id == user_id or other_id not in world.users:
        raise ApiError(400, 50033, "Invalid Recipient(s)")
    pair = {user_id, other_id}
    for channel in world.channels.values():
        if channel.type == DM and set(channel.recipients) == pair:
            return channel
    channel = Channel(id=world.next_id(), type=DM, recipients=[user_id, other_id])
    world.save(channel)
    # a bot hears of a new DM only with its first message, a person's list shows it at once
    people = [user for user in pair if not world.users[user].bot]
    for person in people:
        payload = channel_payload(world, channel, viewer=person)
        world.emit("CHANNEL_CREATE", payload, channel_id=channel.id, users=frozenset({person}))
    return channel


def share_guild(world: World, user_id: int, other_id: int) -> bool:
    """Tell whether two accounts are members of one guild."""
    return any(other_id in world.members[guild.id] for guild in world.guilds_of(user_id))


def modify_self(world: World, user: User, body: Json) -> User:
    """Change one's own name (2 to 32 characters, nobody else's for people) or picture."""
    form = Form(body)
    name = form.text("username", 2, 32, required=form.has("username"))
    form.done()
    if name is not None:
        user.username = name
    world.save(user)
    world.emit("USER_UPDATE", own_user_payload(user), users=frozenset({user.id}))
    return user
