"""Scheduled events of a guild: announced, started, ended, called off, and who is interested."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import audit
from sandbox.audit import Action
from sandbox.errors import ApiError, missing_access, missing_permissions, unknown
from sandbox.model import ScheduledEvent
from sandbox.payloads.channels import STAGE, VOICE
from sandbox.payloads.guilds import event_payload
from sandbox.permissions import P, channel_permissions, guild_permissions, require_guild
from sandbox.validate.form import Form

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.audit import Actor
    from sandbox.model import Guild, Json
    from sandbox.server import Server
    from sandbox.world import World

STAGE_EVENT, VOICE_EVENT, EXTERNAL_EVENT = 1, 2, 3
SCHEDULED, ACTIVE, COMPLETED, CANCELED = 1, 2, 3, 4
FOLLOWING = {SCHEDULED: (ACTIVE, CANCELED), ACTIVE: (COMPLETED,)}
MAX_OPEN = 100
YEARS_AHEAD = 5
GRACE_SECONDS = 4 * 3600


def find(world: World, guild_id: int, event_id: int, user_id: int) -> ScheduledEvent:
    """Return an event that a user can see, or raise 10070."""
    event = world.events.get(event_id)
    if event is None or event.guild_id != guild_id or not can_see(world, event, user_id):
        raise unknown("event")
    return event


def can_see(world: World, event: ScheduledEvent, user_id: int) -> bool:
    """Tell whether a user sees an event: one in a channel needs sight of that channel."""
    channel = world.channels.get(event.channel_id or 0)
    if channel is None:
        return user_id in world.members[event.guild_id]
    return bool(channel_permissions(world, channel, user_id) & P.VIEW_CHANNEL)


def create_event(world: World, guild: Guild, actor: Actor, body: Json) -> ScheduledEvent:
    """Announce an event; 30038 when a hundred others are still open."""
    require_guild(world, guild.id, actor.user_id)
    form = Form(body)
    event = ScheduledEvent(
        id=world.next_id(),
        guild_id=guild.id,
        name=form.text("name", 1, 100, required=True) or "",
        entity_type=form.choice("entity_type", (STAGE_EVENT, VOICE_EVENT, EXTERNAL_EVENT), required=True) or 0,
        starts_at=form.moment("scheduled_start_time", required=True) or world.now(),
        creator_id=actor.user_id,
    )
    form.choice("privacy_level", (2,), required=True)
    _read(form, event)
    if form.raw("scheduled_start_time") is not None:
        _check_start(form, event.starts_at, world.now())
    _check_places(world, form, event)
    form.done()
    _require_right(world, event, actor, creating=True)
    open_now = [other for other in world.events.values() if other.guild_id == guild.id and other.status in FOLLOWING]
    if len(open_now) >= MAX_OPEN:
        raise ApiError(400, 30038, f"Maximum number of uncompleted guild scheduled events reached ({MAX_OPEN})")
    world.save(event)
    payload = event_payload(world, event)
    _tell(world, "GUILD_SCHEDULED_EVENT_CREATE", event)
    changes = audit.differences({}, _for_audit(payload))
    audit.record(world, guild.id, actor, Action.GUILD_SCHEDULED_EVENT_CREATE, event.id, changes=changes)
    return event


def modify_event(world: World, event: ScheduledEvent, actor: Actor, body: Json) -> ScheduledEvent:
    """Change an event or move it on: scheduled to active or cancelled, active to completed, and no other way."""
    _require_right(world, event, actor, creating=False)
    before = event_payload(world, event)
    if event.status not in FOLLOWING:
        raise ApiError(400, 180_000, "Cannot update a finished event")
    form = Form(body)
    draft = _copy(event)
    draft.name = form.text("name", 1, 100, required=form.has("name")) or event.name
    draft.entity_type = form.choice("entity_type", (STAGE_EVENT, VOICE_EVENT, EXTERNAL_EVENT)) or event.entity_type
    status = form.choice("status", (SCHEDULED, ACTIVE, COMPLETED, CANCELED))
    if status is not None and status != event.status and status not in FOLLOWING[event.status]:
        form.wrong(
            "status", code="GUILD_SCHEDULED_EVENT_INVALID_STATUS_TRANSITION", message="Invalid status transition"
        )
    if status is not None:
        draft.status = status
    start = form.moment("scheduled_start_time")
    if start is not None:
        draft.starts_at = start
        if event.status == ACTIVE:
            form.wrong(
                "scheduled_start_time",
                code="GUILD_SCHEDULED_EVENT_INVALID_START_BY_STATUS",
                message="Cannot change the start of an event that has started",
            )
        else:
            _check_start(form, start, world.now())
    _read(form, draft)
    _check_places(world, form, draft)
    form.done()
    _require_right(world, draft, actor, creating=False)
    for field in event.__struct_fields__:
        setattr(event, field, getattr(draft, field))
    changes = audit.differences(_for_audit(before), _for_audit(event_payload(world, event)))
    world.save(event)
    if changes:
        _tell(world, "GUILD_SCHEDULED_EVENT_UPDATE", event)
        audit.record(world, event.guild_id, actor, Action.GUILD_SCHEDULED_EVENT_UPDATE, event.id, changes=changes)
    return event


def delete_event(world: World, event: ScheduledEvent, actor: Actor) -> None:
    """Delete an event."""
    _require_right(world, event, actor, creating=False)
    world.discard(event)
    _tell(world, "GUILD_SCHEDULED_EVENT_DELETE", event)
    changes = audit.differences(_for_audit(event_payload(world, event)), {})
    audit.record(world, event.guild_id, actor, Action.GUILD_SCHEDULED_EVENT_DELETE, event.id, changes=changes)


def subscribe(world: World, event: ScheduledEvent, user_id: int) -> None:
    """Note that a person is interested."""
    if not can_see(world, event, user_id):
        raise missing_access()
    if user_id not in event.users:
        event.users.append(user_id)
        world.save(event)
        _tell_user(world, "GUILD_SCHEDULED_EVENT_USER_ADD", event, user_id)


def unsubscribe(world: World, event: ScheduledEvent, user_id: int) -> None:
    """Note that a person is not interested any more."""
    if user_id in event.users:
        event.users.remove(user_id)
        world.save(event)
        _tell_user(world, "GUILD_SCHEDULED_EVENT_USER_REMOVE", event, user_id)


def due(server: Server) -> None:
    """End external events at their end; those that nobody started are called off a few hours after their start."""
    world = server.world
    now = world.now()
    for event in tuple(world.events.values()):
        if event.status == ACTIVE and event.entity_type == EXTERNAL_EVENT and event.ends_at and event.ends_at <= now:
            event.status = COMPLETED
        elif event.status == SCHEDULED and (now - event.starts_at).total_seconds() > GRACE_SECONDS:
            event.status = CANCELED
        else:
            continue
        world.save(event)
        _tell(world, "GUILD_SCHEDULED_EVENT_UPDATE", event)


def _copy(event: ScheduledEvent) -> ScheduledEvent:
    return ScheduledEvent(**{field: getattr(event, field) for field in event.__struct_fields__})


def _read(form: Form, event: ScheduledEvent) -> None:
    """Read what creating and changing have in common."""
    if form.has("description"):
        event.description = form.text("description", 0, 1000) or None
    if form.has("scheduled_end_time"):
        event.ends_at = form.moment("scheduled_end_time")
    if form.has("channel_id"):
        event.channel_id = form.snowflake("channel_id")
    metadata = form.part("entity_metadata")
    if metadata is not None:
        event.location = metadata.text("location", 1, 100, required=event.entity_type == EXTERNAL_EVENT)
    elif form.has("entity_metadata"):
        event.location = None
    if form.raw("recurrence_rule") is not None:
        form.wrong("recurrence_rule", code="BASE_TYPE_CHOICES", message="The stand-in knows no recurring events.")


def _check_start(form: Form, start: datetime, now: datetime) -> None:
    if start <= now:
        form.wrong(
            "scheduled_start_time",
            code="GUILD_SCHEDULED_EVENT_SCHEDULE_PAST",
            message="Cannot schedule event in the past.",
        )
    elif start.year - now.year > YEARS_AHEAD:
        form.wrong(
            "scheduled_start_time",
            code="GUILD_SCHEDULED_EVENT_SCHEDULE_TOO_FAR",
            message="Cannot schedule event so far in the future.",
        )


def _check_places(world: World, form: Form, event: ScheduledEvent) -> None:
    """Check that an external event has a place and an end, and others a channel of the right type."""
    if event.ends_at is not None and event.ends_at <= event.starts_at:
        form.wrong(
            "scheduled_end_time",
            code="GUILD_SCHEDULED_EVENT_SCHEDULE_END_BEFORE_START",
            message="The end must be after the start.",
        )
    if event.entity_type == EXTERNAL_EVENT:
        if event.channel_id is not None:
            form.wrong("channel_id", code="BASE_TYPE_CHOICES", message="External events have no channel.")
        if event.ends_at is None:
            form.wrong("scheduled_end_time", code="BASE_TYPE_REQUIRED", message="This field is required")
        if event.location is None and not any("entity_metadata" in error.path for error in form.errors):
            form.wrong("entity_metadata", code="BASE_TYPE_REQUIRED", message="This field is required")
        return
    if event.location is not None:
        form.wrong(
            "entity_metadata", "location", code="BASE_TYPE_CHOICES", message="Only external events have a place."
        )
    if event.channel_id is None:
        form.wrong("channel_id", code="BASE_TYPE_REQUIRED", message="This field is required")
        return
    channel = world.channels.get(event.channel_id)
    wanted = STAGE if event.entity_type == STAGE_EVENT else VOICE
    if channel is None or channel.guild_id != event.guild_id:
        raise unknown("channel")
    if channel.type != wanted:
        form.wrong(
            "channel_id",
            code="GUILD_SCHEDULED_EVENT_CHANNEL_TYPE_INVALID",
            message="The channel's type does not fit the event's.",
        )


def _require_right(world: World, event: ScheduledEvent, actor: Actor, *, creating: bool) -> None:
    """Raise 50013 unless the actor may: Create Events for its own ones, Manage Events for all that exist."""
    channel = world.channels.get(event.channel_id or 0)
    if channel is not None:
        bits = channel_permissions(world, channel, actor.user_id)
        if not bits & P.VIEW_CHANNEL:
            raise missing_access()
        needed = int(P.CONNECT)
        if event.entity_type == STAGE_EVENT:
            needed = int(P.MANAGE_CHANNELS | P.MUTE_MEMBERS | P.MOVE_MEMBERS)
        if bits & needed != needed:
            raise missing_permissions()
    else:
        bits = guild_permissions(world, event.guild_id, actor.user_id)
    allowed = P.CREATE_EVENTS if creating else P.MANAGE_EVENTS
    if event.creator_id == actor.user_id:
        allowed |= P.CREATE_EVENTS
    if not bits & allowed:
        raise missing_permissions()


def _tell(world: World, name: str, event: ScheduledEvent) -> None:
    world.emit(name, event_payload(world, event), guild_id=event.guild_id, channel_id=event.channel_id)


def _tell_user(world: World, name: str, event: ScheduledEvent, user_id: int) -> None:
    data = {"guild_scheduled_event_id": str(event.id), "user_id": str(user_id), "guild_id": str(event.guild_id)}
    world.emit(name, data, guild_id=event.guild_id, channel_id=event.channel_id)


def _for_audit(payload: Json) -> Json:
    names = (
        "name", "description", "channel_id", "status", "entity_type", "privacy_level", "scheduled_start_time",
        "scheduled_end_time", "entity_metadata",
    )  # fmt: skip
    return {name: payload[name] for name in names}
