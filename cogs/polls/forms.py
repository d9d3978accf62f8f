"""The forms of polls: what they ask, how they open filled in, and what is read from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from discord import ui

from bot.errors import InvalidInputError
from bot.guilds.types import GuildSettings
from bot.polls.rules import HIGHEST_WEIGHT, LEAST_WEIGHT, MOST_OPTIONS, MOST_ROLES, MOST_WEIGHTED, QUESTION_LENGTH
from bot.polls.templates import templates
from bot.polls.types import Poll, PollDraft, PollEdit, PollKind, PollReveal, PollRules
from cogs.polls.cards.words import KINDS
from cogs.polls.controls import FEATURE
from cogs.ui.controls import control_id
from cogs.ui.forms import Checks, Choice, Filled, Question, Radio, Roles, Text, form
from cogs.ui.submitted import Submitted
from cogs.ui.times import parse_time

ValueT = TypeVar("ValueT")

NEW = "new"
PUBLIC, VOTED, ALWAYS, REMIND, PROPOSE = "public", "voted", "always", "remind", "propose"
LONGEST_OPTIONS = 2500
"""Characters of all options; more than fit into a poll, so that what is too much is told and not cut off."""
WEIGHT_FIELDS = "", "_too"
"""What the names of the two pairs of fields about weights end in."""
_LONGEST_TIME = 60
_DIGITS = 9

_SETTINGS = (
    Choice(PUBLIC, "Show names", "Votes are public. Can become secret later, never the other way."),
    Choice(VOTED, "Results while open, for those who voted"),
    Choice(ALWAYS, "Results while open, for everybody"),
    Choice(REMIND, "Remind before it closes", "One silent message; who asks for it is mentioned."),
    Choice(PROPOSE, "Members may propose options", "You accept or decline them behind Manage."),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form asked in text: the name of each field and its label, in order."""

    fields: Mapping[str, str]


ASKED: Mapping[str, Asked] = {
    "write": Asked({"question": "Question", "options": "Options", "closes": "Closes"}),
    "amend": Asked({"question": "Question", "options": "Options", "closes": "Closes"}),
    "limit": Asked(
        {
            "fewest": "Fewest",
            "most": "Most",
            "roles": "Roles that may vote",
            "days": "Days in the server",
            "quorum": "Quorum",
        }
    ),
    "weigh": Asked(
        {
            "roles": "Roles that count more",
            "times": "How many times",
            "roles_too": "Other roles that count more",
            "times_too": "How many times these",
        }
    ),
    "extend": Asked({"closes": "Closes"}),
    "suggest": Asked({"option": "Option"}),
}
"""The forms, by the action that takes them."""


def poll_form(key: str, filled: Filled, settings: GuildSettings) -> ui.Modal:
    """Ask for a poll; `key` is `NEW` or the id of the draft that is written anew."""
    questions = [_question(), _options(), _kind(), _closes(settings), _settings()]
    return form("Write a poll", control_id(FEATURE, "write", key), questions, filled)


def amend_form(poll_id: int, voted: bool, filled: Filled, settings: GuildSettings) -> ui.Modal:
    """Ask what to change in an open poll; without options and kind once somebody has voted."""
    questions: list[Question] = [_question(), _closes(settings), _settings()]
    if not voted:
        questions[1:1] = [_options(), _kind()]
    return form("Edit the poll", control_id(FEATURE, "amend", f"{poll_id}"), questions, filled)


def rules_form(key: str, *, multiple: bool, filled: Filled) -> ui.Modal:
    """Ask for the finer settings; how many options a ballot names only in a multiple choice."""
    questions: list[Question] = [
        Roles("roles", "Roles that may vote", "Nobody chosen: everybody may.", 0, MOST_ROLES, "Everybody"),
        Text("days", "Days in the server", "How long voters must have been here. Empty: any time.", 4, required=False),
        Text("quorum", "Quorum", "How many votes it takes for the result to count. Empty: any.", 9, required=False),
    ]
    if multiple:
        questions[:0] = [
            Text("fewest", "Fewest", "How many options a ballot names at least", 2, "1"),
            Text("most", "Most", "How many options a ballot names at most", 2, "3"),
        ]
    return form("Rules", control_id(FEATURE, "limit", key), questions, filled)


def weights_form(key: str, filled: Filled) -> ui.Modal:
    """Ask whose votes count more, by two different weights at most."""
    times = f"A number from {LEAST_WEIGHT} to {HIGHEST_WEIGHT}"
    questions: list[Question] = []
    for suffix, which in zip(WEIGHT_FIELDS, ("", "Other "), strict=True):
        roles, these = f"{which}roles that count more", "How many times these" if which else "How many times"
        hint = "Nobody chosen: every vote counts once." if not which else "For a second weight; may stay empty."
        label = roles[0].upper() + roles[1:]
        questions.append(Roles(f"roles{suffix}", label, hint, 0, MOST_WEIGHTED, "No role"))
        questions.append(Text(f"times{suffix}", these, times, 2, "3", required=False))
    return form("Weights", control_id(FEATURE, "weigh", key), questions, filled)


def reopen_form(poll_id: int, filled: Filled, settings: GuildSettings) -> ui.Modal:
    """Ask until when a closed poll is open again."""
    return form("Reopen the poll", control_id(FEATURE, "extend", str(poll_id)), [_closes(settings)], filled)


def filled_from(poll: Poll, settings: GuildSettings) -> Filled:
    """Return how the form of a poll opens."""
    chosen = [PUBLIC] if poll.is_public else []
    chosen += {PollReveal.VOTED: [VOTED], PollReveal.ALWAYS: [ALWAYS]}.get(poll.reveal, [])
    chosen += [REMIND] if poll.remind_at else []
    chosen += [PROPOSE] if poll.takes_proposals else []
    return {
        "question": poll.question,
        "options": "\n".join(poll.options),
        "kind": poll.kind.value,
        "closes": written_time(poll.closes_at, settings),
        "settings": chosen,
    }


def filled_template(name: str) -> Filled:
    """Return how the form opens with a template, given by its key or title.

    Raises:
        InvalidInputError: there is none.
    """
    found = next((one for one in templates() if name in {one.key, one.title}), None)
    if found is None:
        titles = ", ".join(f"“{one.title}”" for one in templates())
        raise InvalidInputError("template", f"There is no template “{name[:50]}”. Choose one of these: {titles}.")
    return {
        "question": found.question,
        "options": "\n".join(found.options),
        "kind": found.kind.value,
        "closes": found.closes,
    }


def filled_rules(poll: Poll) -> Filled:
    """Return how the form of the finer settings opens."""
    rules = poll.rules
    return {
        "fewest": str(rules.fewest),
        "most": str(rules.most),
        "roles": [str(role_id) for role_id in rules.role_ids],
        "days": str(rules.days_in_server or ""),
        "quorum": str(rules.quorum or ""),
    }


def filled_weights(poll: Poll) -> Filled:
    """Return how the form of the weights opens."""
    by_weight: dict[int, list[str]] = {}
    for role_id, weight in poll.rules.weights:
        by_weight.setdefault(weight, []).append(str(role_id))
    filled: dict[str, str | list[str]] = {}
    for suffix, (weight, roles) in zip(WEIGHT_FIELDS, sorted(by_weight.items()), strict=False):
        filled |= {f"roles{suffix}": roles, f"times{suffix}": str(weight)}
    return filled


def written_time(at: datetime, settings: GuildSettings) -> str:
    """Write a time so that it is read back as it is."""
    here = at.astimezone(settings.zone)
    # in the hour that comes twice, only Discord's own way to write a time is plain
    return f"<t:{int(at.timestamp())}:f>" if here.fold else here.strftime("%Y-%m-%d %H:%M")


def read_draft(
    submitted: Submitted, place: tuple[int, int], creator_id: int, now: datetime, settings: GuildSettings
) -> PollDraft:
    """Read a poll from its form; `place` is server and channel.

    Raises:
        InvalidInputError: the closing time cannot be read.
    """
    guild_id, channel_id = place
    chosen = submitted.chosen("settings")
    return PollDraft(
        guild_id=guild_id,
        channel_id=channel_id,
        creator_id=creator_id,
        question=submitted.text("question"),
        options=tuple(submitted.text("options").splitlines()),
        closes_at=read_time(submitted, now, settings),
        kind=_read_kind(submitted) or PollKind.SINGLE,
        is_public=PUBLIC in chosen,
        reveal=_read_reveal(chosen),
        reminds=REMIND in chosen,
        takes_proposals=PROPOSE in chosen,
    )


def read_edit(submitted: Submitted, poll: Poll, now: datetime, settings: GuildSettings) -> PollEdit:
    """Read what is to change in an open poll; what was not asked or is as it was is left alone.

    Raises:
        InvalidInputError: the closing time cannot be read.
    """
    chosen = submitted.chosen("settings")
    # a time that was left as it stood names a minute, not the second of the deadline
    same_time = submitted.text("closes").strip() == written_time(poll.closes_at, settings)
    reveal, kind = _read_reveal(chosen), _read_kind(submitted)
    options = tuple(submitted.text("options").splitlines()) if "options" in submitted.texts else None
    return PollEdit(
        question=_unless_same(submitted.text("question"), poll.question),
        options=_unless_same(options, poll.options),
        kind=_unless_same(kind, poll.kind),
        closes_at=None if same_time else read_time(submitted, now, settings),
        is_public=_unless_same(PUBLIC in chosen, poll.is_public),
        reveal=_unless_same(reveal, poll.reveal),
        reminds=_unless_same(REMIND in chosen, poll.remind_at is not None),
        takes_proposals=_unless_same(PROPOSE in chosen, poll.takes_proposals),
    )


def read_rules(submitted: Submitted, poll: Poll) -> PollRules:
    """Read the finer settings.

    Raises:
        InvalidInputError: what should be a number is none.
    """
    return PollRules(
        fewest=_number(submitted, "fewest") or poll.rules.fewest,
        most=_number(submitted, "most") or poll.rules.most,
        role_ids=submitted.ids("roles"),
        days_in_server=_number(submitted, "days"),
        quorum=_number(submitted, "quorum"),
        weights=poll.rules.weights,
    )


def read_weights(submitted: Submitted, poll: Poll) -> PollRules:
    """Read whose votes count more; the other finer settings stay.

    Raises:
        InvalidInputError: what should be a number is none or missing, or a role has two weights.
    """
    weights: dict[int, int] = {}
    for suffix in WEIGHT_FIELDS:
        roles, times = submitted.ids(f"roles{suffix}"), _number(submitted, f"times{suffix}")
        if roles and times is None:
            raise InvalidInputError(
                f"times{suffix}",
                f"Please write how many times these votes count: {LEAST_WEIGHT} to {HIGHEST_WEIGHT}.",
            )
        if times is not None and not roles:
            raise InvalidInputError(f"roles{suffix}", "Please choose the roles that count more, or empty the number.")
        if not weights.keys().isdisjoint(roles):
            raise InvalidInputError(f"roles{suffix}", "A role is chosen twice. Please choose each role once.")
        weights |= dict.fromkeys(roles, times or 0)
    return replace(poll.rules, weights=tuple(weights.items()))


def read_time(submitted: Submitted, now: datetime, settings: GuildSettings) -> datetime:
    """Read the closing time in the server's zone.

    Raises:
        InvalidInputError: it cannot be read.
    """
    return parse_time(submitted.text("closes"), now, settings.zone, field="closes", language=settings.language)


def _unless_same(value: ValueT, present: ValueT) -> ValueT | None:
    return None if value == present else value


def _read_kind(submitted: Submitted) -> PollKind | None:
    chosen = submitted.chosen("kind", [kind.value for kind in PollKind])
    return PollKind(chosen[0]) if chosen else None


def _read_reveal(chosen: Sequence[str]) -> PollReveal:
    if ALWAYS in chosen:
        return PollReveal.ALWAYS
    return PollReveal.VOTED if VOTED in chosen else PollReveal.CLOSING


def _number(submitted: Submitted, name: str) -> int | None:
    text = submitted.text(name).strip().replace(",", "")
    if not text:
        return None
    if not text.isdecimal() or len(text) > _DIGITS:
        raise InvalidInputError(name, f"“{text[:20]}” is no whole number. Please write one in digits.")
    return int(text)


def _question() -> Question:
    return Text("question", "Question", "What do you want to know?", QUESTION_LENGTH, "Which model should we use?")


def _options() -> Question:
    hint = f"One on each line, two to {MOST_OPTIONS}"
    return Text("options", "Options", hint, LONGEST_OPTIONS, "An open one\nA closed one\nBoth", long=True)


def _kind() -> Question:
    choices = [Choice(kind.value, name, sentence) for kind, (name, sentence) in KINDS.items()]
    return Radio("kind", "Kind", "How a ballot is filled in", choices)


def _closes(settings: GuildSettings) -> Question:
    hint = "Such as: in 3 days · 20 minutes · Fri 18:00"
    return Text("closes", "Closes", hint, _LONGEST_TIME, f"in 1 day · times are those of {settings.time_zone}")


def _settings() -> Question:
    return Checks("settings", "Settings", "Without any: votes are secret, results appear at the end.", _SETTINGS)
