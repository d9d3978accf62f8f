"""REST of threads: beginning one, its members, and lists of active and archived ones."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sandbox import thread_members, threads
from sandbox.errors import form_error, unknown
from sandbox.payloads.channels import (
    ANNOUNCEMENT_THREAD,
    FORUM,
    MEDIA,
    PRIVATE_THREAD,
    PUBLIC_THREAD,
    channel_payload,
    thread_member_payload,
)
from sandbox.payloads.messages import message_payload
from sandbox.payloads.people import member_payload
from sandbox.permissions import P, channel_permissions, require_channel
from sandbox.rest.acting import actor, require_members_intent, wants
from sandbox.rest.call import Call, Reply, Route
from sandbox.rest.paging import window
from sandbox.thread_rules import state
from sandbox.validate.form import Form

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sandbox.model import Channel, Json


async def from_message(call: Call) -> Reply:
    """POST /channels/{id}/messages/{id}/threads."""
    channel = call.channel()
    require_channel(call.world, channel, call.bot.id)
    message = call.message(channel)
    thread = threads.create_thread(call.server, channel, call.bot.id, call.json, message=message)
    return Reply(201, channel_payload(call.world, thread, viewer=call.bot.id))


async def create(call: Call) -> Reply:
    """POST /channels/{id}/threads: a thread without a message, or a post of a forum with its first message."""
    channel, body = call.channel(), call.json
    part = Form(body).part("message") if channel.type in {FORUM, MEDIA} else None
    if part is not None:
        part.done()
    first = None if part is None else part.body
    thread = threads.create_thread(call.server, channel, call.bot.id, body, first_message_body=first, files=call.files)
    payload = channel_payload(call.world, thread, viewer=call.bot.id)
    if channel.type in {FORUM, MEDIA}:
        message = call.world.messages[thread.id][thread.id]
        payload["message"] = message_payload(call.world, message, viewer=call.bot.id)
    return Reply(201, payload)


async def join(call: Call) -> None:
    """PUT /channels/{id}/thread-members/@me."""
    thread_members.join(call.world, _thread(call), call.bot.id)


async def leave(call: Call) -> None:
    """DELETE /channels/{id}/thread-members/@me."""
    thread_members.leave(call.world, _thread(call), call.bot.id)


async def add(call: Call) -> None:
    """PUT /channels/{id}/thread-members/{id}."""
    thread_members.add(call.world, _thread(call), call.id("user_id"), actor(call))


async def remove(call: Call) -> None:
    """DELETE /channels/{id}/thread-members/{id}."""
    thread_members.remove(call.world, _thread(call), call.id("user_id"), actor(call))


async def get_member(call: Call) -> Json:
    """GET /channels/{id}/thread-members/{id}: 10007 for one who is not in the thread."""
    channel = _thread(call)
    user_id = call.bot.id if call.path["user_id"] == "@me" else call.id("user_id")
    if user_id not in state(channel).members:
        raise unknown("member")
    return _member(call, channel, user_id)


async def list_members(call: Call) -> list[Json]:
    """GET /channels/{id}/thread-members: needs the members intent; paged only together with the members themselves."""
    channel = _thread(call)
    require_members_intent(call)
    ids = sorted(state(channel).members)
    page = window(call, ids, 100, 100)
    if wants(call, "with_member"):
        ids = page
    return [_member(call, channel, user_id) for user_id in ids]


async def active(call: Call) -> Json:
    """GET /guilds/{id}/threads/active."""
    found = threads.active(call.world, call.guild().id, call.bot.id)
    return _listing(call, found)


async def archived_public(call: Call) -> Json:
    """GET /channels/{id}/threads/archived/public: those archived last come first, `before` a moment."""
    channel = call.channel()
    require_channel(call.world, channel, call.bot.id, P.READ_MESSAGE_HISTORY)
    return _archived(call, channel, lambda thread: thread.type in {PUBLIC_THREAD, ANNOUNCEMENT_THREAD})


async def archived_private(call: Call) -> Json:
    """GET /channels/{id}/threads/archived/private: for Manage Threads."""
    channel = call.channel()
    require_channel(call.world, channel, call.bot.id, P.READ_MESSAGE_HISTORY, P.MANAGE_THREADS)
    return _archived(call, channel, lambda thread: thread.type == PRIVATE_THREAD)


async def archived_joined(call: Call) -> Json:
    """GET /channels/{id}/users/@me/threads/archived/private: those the bot is in, newest first, `before` an id."""
    channel = call.channel()
    require_channel(call.world, channel, call.bot.id, P.READ_MESSAGE_HISTORY)
    limit, before = call.number("limit", 50, 2, 100), call.snowflake("before")
    found = [
        thread
        for thread in call.world.threads_of(channel.id)
        if thread.type == PRIVATE_THREAD
        and state(thread).archived
        and call.bot.id in state(thread).members
        and (before is None or thread.id < before)
    ]
    found.sort(key=lambda thread: -thread.id)
    return _listing(call, found[:limit], more=len(found) > limit)


def _archived(call: Call, channel: Channel, fits: Callable[[Channel], bool]) -> Json:
    limit, before = call.number("limit", 50, 2, 100), _moment(call)
    found = [
        thread
        for thread in call.world.threads_of(channel.id)
        if state(thread).archived and fits(thread) and (before is None or state(thread).archive_timestamp < before)
    ]
    found.sort(key=lambda thread: state(thread).archive_timestamp, reverse=True)
    return _listing(call, found[:limit], more=len(found) > limit)


def _moment(call: Call) -> datetime | None:
    text = call.query.get("before")
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        message = f"Could not parse {text}. Should be ISO8601."
        raise form_error("before", code="DATE_TIME_TYPE_PARSE", message=message) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _listing(call: Call, found: Iterable[Channel], *, more: bool = False) -> Json:
    shown = list(found)
    mine = [thread for thread in shown if call.bot.id in state(thread).members]
    return {
        "threads": [channel_payload(call.world, thread, viewer=call.bot.id) for thread in shown],
        "members": [thread_member_payload(thread, call.bot.id) for thread in mine],
        "has_more": more,
    }


def _member(call: Call, channel: Channel, user_id: int) -> Json:
    payload = thread_member_payload(channel, user_id)
    member = call.world.members[channel.guild_id or 0].get(user_id)
    if wants(call, "with_member") and member is not None:
        payload["member"] = member_payload(call.world, member)
    return payload


def _thread(call: Call) -> Channel:
    channel = call.channel()
    if not channel_permissions(call.world, channel, call.bot.id) & P.VIEW_CHANNEL:
        require_channel(call.world, channel, call.bot.id)
    state(channel)
    return channel


def routes() -> list[Route]:
    """List the routes of threads."""
    channel = "/channels/{channel_id}"
    return [
        Route("POST", f"{channel}/messages/{{message_id}}/threads", from_message),
        Route("POST", f"{channel}/threads", create),
        Route("GET", f"{channel}/thread-members", list_members),
        Route("PUT", f"{channel}/thread-members/@me", join),
        Route("DELETE", f"{channel}/thread-members/@me", leave),
        Route("GET", f"{channel}/thread-members/{{user_id}}", get_member),
        Route("PUT", f"{channel}/thread-members/{{user_id}}", add),
        Route("DELETE", f"{channel}/thread-members/{{user_id}}", remove),
        Route("GET", f"{channel}/threads/archived/public", archived_public),
        Route("GET", f"{channel}/threads/archived/private", archived_private),
        Route("GET", f"{channel}/users/@me/threads/archived/private", archived_joined),
        Route("GET", "/guilds/{guild_id}/threads/active", active),
    ]
