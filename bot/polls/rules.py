"""The rules of polls: what may be asked, changed and shown, and who may vote when and how. Pure."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType

from bot.errors import ClosedError, InvalidInputError, NotAllowedError, NotFoundError, UserError
from bot.polls.counting import HIGHEST_SCORE, UNRANKED
from bot.polls.native import OWN, refuse_count
from bot.polls.types import (
    Actor,
    CountingMethod,
    Poll,
    PollDraft,
    PollEdit,
    PollKind,
    PollPhase,
    PollReveal,
    PollRules,
    Voter,
)
from bot.polls.wording import (
    FEWEST_OPTIONS,
    MOST_OPTIONS,
    OPTION_LENGTH,
    QUESTION_LENGTH,
    alike,
    check_options,
    check_question,
    tidy,
)

__all__ = ["FEWEST_OPTIONS", "MOST_OPTIONS", "OPTION_LENGTH", "QUESTION_LENGTH", "alike", "tidy"]

SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(days=400)
"""A year, and some weeks to plan it in."""
MOST_ROLES = 25
"""What Discord's role select takes."""
MOST_WEIGHTED = 5
"""Roles whose ballots count more."""
MOST_WEIGHTS = 2
"""Different weights beside 1: the more there are, the more a list of ballots gives single voters away."""
LEAST_WEIGHT, HIGHEST_WEIGHT = 2, 10
MOST_DAYS = 3650
MOST_QUORUM = 1_000_000
WARNING = timedelta(minutes=10), timedelta(hours=24)
"""A reminder comes at least and at most this long before the end."""
OPENNESS = (PollReveal.CLOSING, PollReveal.VOTED, PollReveal.ALWAYS)
_UNRANKED = bytes([UNRANKED])
GONE = "This poll no longer exists."
OTHER_OPTIONS = "The options of this poll were changed a moment ago, so nothing was counted. Please look again."
NO_MORE_EDITS = "This poll is closed and can no longer be edited."


METHODS: Mapping[PollKind, tuple[CountingMethod, ...]] = MappingProxyType(
    {
        PollKind.SINGLE: (CountingMethod.PLURALITY,),
        PollKind.MULTIPLE: (CountingMethod.PLURALITY,),
        PollKind.APPROVAL: (CountingMethod.APPROVAL,),
        PollKind.SCORE: (CountingMethod.SCORE, CountingMethod.STAR),
        PollKind.RANKED: (
            CountingMethod.RUNOFF,
            CountingMethod.SCHULZE,
            CountingMethod.RANKED_PAIRS,
            CountingMethod.BORDA,
        ),
    }
)
"""What each kind can be counted by; the first where nothing else is chosen."""


def check_draft(draft: PollDraft, now: datetime) -> PollDraft:
    """Return the draft with its texts tidied and its rules filled in.

    Raises:
        InvalidInputError: a part does not fit; names the field: question, options, closes or one of `check_rules`.
    """
    question = check_question(draft.question)
    options = check_options(draft.options)
    check_deadline(draft.closes_at, now)
    rules = check_rules(draft.rules or kind_rules(draft.kind, len(options)), draft.kind, len(options))
    method = check_method(draft.method, draft.kind)
    return replace(draft, question=question, options=options, rules=rules, method=method)


def recheck_draft(old: Poll, draft: PollDraft, now: datetime) -> PollDraft:
    """Check a draft that takes the place of `old`, whose rules stay where the new one has none; raises likewise."""
    if draft.rules is None:
        draft = replace(draft, rules=fit_rules(old, draft.kind, len(check_options(draft.options))))
    if draft.method is None:
        draft = replace(draft, method=fit_method(old, draft.kind))
    return check_draft(draft, now)


def check_deadline(closes_at: datetime, now: datetime) -> None:
    """Raise InvalidInputError for a closing time that has passed, is too soon or too far."""
    if closes_at <= now:
        raise InvalidInputError("closes", "The closing time has already passed. Please choose a later one.")
    # typed times have whole minutes: "in 1 minute" must not fail for the second it took to arrive
    if closes_at < now + SHORTEST - timedelta(seconds=5):
        raise InvalidInputError("closes", "A poll stays open for at least one minute. Please choose a later time.")
    if closes_at > now + LONGEST:
        raise InvalidInputError("closes", f"A poll closes within {LONGEST.days} days. Please choose an earlier time.")


def kind_rules(kind: PollKind, options: int) -> PollRules:
    """Return what a kind has by itself: nobody is kept out, and a ballot may name as much as it can."""
    return PollRules(fewest=0 if kind is PollKind.APPROVAL else 1, most=1 if kind is PollKind.SINGLE else options)


def check_rules(rules: PollRules, kind: PollKind, options: int) -> PollRules:
    """Return the rules as they are stored; only a multiple choice sets how many options a ballot names.

    Raises:
        InvalidInputError: a part does not fit; names the field: fewest, most, roles, days or quorum.
    """
    if kind is not PollKind.MULTIPLE:
        own = kind_rules(kind, options)
        rules = replace(rules, fewest=own.fewest, most=own.most)
    elif not 1 <= rules.fewest <= options:
        raise InvalidInputError("fewest", f"The fewest to choose is a number from 1 to {options}.")
    elif not rules.fewest <= rules.most <= options:
        raise InvalidInputError("most", f"The most to choose is a number from {rules.fewest} to {options}.")
    roles = tuple(sorted(set(rules.role_ids)))
    if len(roles) > MOST_ROLES:
        raise InvalidInputError("roles", f"{len(roles)} roles are named; {MOST_ROLES} fit. Please choose fewer.")
    if rules.days_in_server is not None and not 0 <= rules.days_in_server <= MOST_DAYS:
        raise InvalidInputError("days", f"The days in the server are a number from 0 to {MOST_DAYS}.")
    if rules.quorum is not None and not 1 <= rules.quorum <= MOST_QUORUM:
        raise InvalidInputError("quorum", f"The quorum is a number from 1 to {MOST_QUORUM:,}, or nothing.")
    weights = check_weights(rules.weights)
    return replace(rules, role_ids=roles, days_in_server=rules.days_in_server or None, weights=weights)


def check_weights(weights: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """Return the weights as they are stored; of two for one role the heavier.

    Raises:
        InvalidInputError: a part does not fit (weights).
    """
    heaviest: dict[int, int] = {}
    for role_id, weight in weights:
        if not LEAST_WEIGHT <= weight <= HIGHEST_WEIGHT:
            raise InvalidInputError(
                "weights", f"How many times a vote counts is a number from {LEAST_WEIGHT} to {HIGHEST_WEIGHT}."
            )
        heaviest[role_id] = max(weight, heaviest.get(role_id, weight))
    if len(heaviest) > MOST_WEIGHTED:
        raise InvalidInputError(
            "weights", f"{len(heaviest)} roles would count more; {MOST_WEIGHTED} may. Please choose fewer."
        )
    if len(set(heaviest.values())) > MOST_WEIGHTS:
        raise InvalidInputError(
            "weights", f"There can be {MOST_WEIGHTS} different weights beside 1. Please use the same for some roles."
        )
    return tuple(sorted(heaviest.items()))


def check_method(method: CountingMethod | None, kind: PollKind) -> CountingMethod:
    """Return what a poll of this kind is counted by; its first method when none is asked for.

    Raises:
        InvalidInputError: such ballots cannot be counted by it (method).
    """
    fitting = METHODS[kind]
    if method is None:
        return fitting[0]
    if method not in fitting:
        raise InvalidInputError("method", "Ballots of this kind cannot be counted that way. Please choose another.")
    return method


def fit_method(poll: Poll, kind: PollKind) -> CountingMethod:
    """Return a poll's method as it is for another kind."""
    return poll.method if poll.method in METHODS[kind] else METHODS[kind][0]


def change_method(poll: Poll, method: CountingMethod) -> tuple[Poll, str | None]:
    """Return a poll with another method, and if that needs that nobody has voted, why; raises as `check_method`."""
    checked = check_method(method, poll.kind)
    needs = None if checked is poll.method else "How a poll is counted can change only while nobody has voted."
    return replace(poll, method=checked), needs


def weight_of(rules: PollRules, voter: Voter) -> int:
    """Return how much a ballot of this voter counts: the heaviest of their roles holds."""
    return max((weight for role_id, weight in rules.weights if role_id in voter.role_ids), default=1)


def fit_rules(poll: Poll, kind: PollKind, options: int) -> PollRules:
    """Return a poll's rules as they are for another kind or number of options."""
    own = kind_rules(kind, options)
    kept = poll.rules
    # who left the range as it was wants it to grow and shrink with the options
    if kind is poll.kind is PollKind.MULTIPLE and (kept.fewest, kept.most) != (1, len(poll.options)):
        most = min(kept.most, options)
        return replace(kept, fewest=min(kept.fewest, most), most=most)
    return replace(kept, fewest=own.fewest, most=own.most)


def reminder_time(begins_at: datetime, closes_at: datetime, now: datetime) -> datetime | None:
    """Return when to remind: a tenth of the run time before the end, in bounds; None when that has passed."""
    least, longest = WARNING
    remind_at = closes_at - max(least, min(longest, (closes_at - begins_at) / 10))
    return remind_at if remind_at > now else None


def next_reminder(poll: Poll, reminds: bool | None, closes_at: datetime, now: datetime) -> datetime | None:
    """Return a poll's time to remind for another end; None for `reminds` leaves it to what the poll has."""
    if poll.reminded_at is not None:
        return poll.remind_at
    wanted = poll.remind_at is not None if reminds is None else reminds
    return reminder_time(poll.created_at, closes_at, now) if wanted else None


def change(poll: Poll, edit: PollEdit, now: datetime) -> tuple[Poll, str | None]:
    """Return an open poll as it is after an edit, and if the edit needs that nobody has voted, why.

    Raises:
        InvalidInputError: a part does not fit.
        NotAllowedError: an anonymous poll would become public.
    """
    question = poll.question if edit.question is None else check_question(edit.question)
    options = poll.options if edit.options is None else check_options(edit.options)
    kind = edit.kind or poll.kind
    closes_at = edit.closes_at or poll.closes_at
    if closes_at != poll.closes_at:
        check_deadline(closes_at, now)
    is_public = poll.is_public if edit.is_public is None else edit.is_public
    if is_public and not poll.is_public:
        raise NotAllowedError("Votes in this poll were promised to stay secret; it cannot become public.")
    reveal = edit.reveal or poll.reveal
    changed = replace(
        poll,
        question=question,
        options=options,
        kind=kind,
        closes_at=closes_at,
        is_public=is_public,
        reveal=reveal,
        rules=fit_rules(poll, kind, len(options)),
        remind_at=next_reminder(poll, edit.reminds, closes_at, now),
        method=fit_method(poll, kind),
        takes_proposals=poll.takes_proposals if edit.takes_proposals is None else edit.takes_proposals,
    )
    needs = None
    if (options, kind) != (poll.options, poll.kind):
        needs = "The options and the kind of a poll can change only while nobody has voted."
    elif OPENNESS.index(reveal) > OPENNESS.index(poll.reveal):
        needs = "People have voted trusting that results stay hidden; they cannot be shown earlier now."
    return changed, needs


def change_rules(poll: Poll, rules: PollRules) -> tuple[Poll, str | None]:
    """Return a poll with other rules, and if that needs that nobody has voted, why; raises as `check_rules`."""
    checked = check_rules(rules, poll.kind, len(poll.options))
    needs = None
    if (checked.fewest, checked.most) != (poll.rules.fewest, poll.rules.most):
        needs = "How many options to choose can change only while nobody has voted."
    elif checked.weights != poll.rules.weights:
        needs = "How much votes count can change only while nobody has voted."
    return replace(poll, rules=checked), needs


def refuse_phase(poll: Poll, now: datetime) -> UserError | None:
    """Return why a poll takes no votes at this moment, or None when it does."""
    if poll.phase is PollPhase.DRAFT:
        return NotFoundError(GONE)
    if poll.is_native:
        return ClosedError(OWN)
    if poll.phase is not PollPhase.OPEN or now >= poll.closes_at:
        return ClosedError("This poll is closed and takes no more votes. A vote you cast before that counts.")
    return None


def refuse_voter(poll: Poll, voter: Voter, now: datetime) -> UserError | None:
    """Return why somebody may not vote in a poll at this moment, or None when they may."""
    if poll.guild_id != voter.guild_id:
        return NotFoundError(GONE)
    refusal = refuse_phase(poll, now)
    if refusal is not None:
        return refusal
    rules = poll.rules
    # the role that everybody has carries the number of the server
    if rules.role_ids and poll.guild_id not in rules.role_ids and voter.role_ids.isdisjoint(rules.role_ids):
        names = ", ".join(f"<@&{role_id}>" for role_id in rules.role_ids)
        who = "a role" if len(rules.role_ids) == 1 else "one of these roles"
        return NotAllowedError(f"This poll is for members with {who}: {names}. Ask a moderator if you should have it.")
    if rules.days_in_server:
        return _refuse_newcomer(rules.days_in_server, voter.joined_at, now)
    return None


def _refuse_newcomer(days: int, joined_at: datetime | None, now: datetime) -> UserError | None:
    needed = (
        f"This poll is for members who have been in the server for at least {days} {'day' if days == 1 else 'days'}"
    )
    if joined_at is None:
        return NotAllowedError(f"{needed}; Discord does not say since when you are here.")
    if now - joined_at < timedelta(days=days):
        may_at = math.ceil((joined_at + timedelta(days=days)).timestamp())
        return NotAllowedError(f"{needed}. You can vote from <t:{may_at}:f> on.")
    return None


def fit_ballot(seen: Poll, poll: Poll, ranks: bytes) -> bytes:
    """Return a ballot that was made for a poll as it was `seen`, as it fits now: it leaves out what was added since.

    Raises:
        ClosedError: the options, or what is asked about them, were changed.
    """
    known = len(seen.options)
    if seen.kind is not poll.kind or seen.options != poll.options[:known]:
        raise ClosedError(OTHER_OPTIONS)
    return ranks + _UNRANKED * (len(poll.options) - known)


def check_ranks(poll: Poll, ranks: bytes) -> None:
    """Raise NotFoundError or InvalidInputError (ballot) for a ballot that does not fit the poll."""
    if len(ranks) != len(poll.options):
        raise NotFoundError("This poll has no such option. Its options may have changed; please look at it again.")
    # every vote comes by here: what the interpreter does in one call takes a fifth of a loop
    if poll.kind is PollKind.SINGLE and 0 in ranks and ranks.count(UNRANKED) == len(ranks) - 1:
        return
    named = ranks.replace(_UNRANKED, b"")
    kind = poll.kind
    highest = HIGHEST_SCORE if kind is PollKind.SCORE else len(ranks) - 1 if kind is PollKind.RANKED else 0
    if named and max(named) > highest:
        raise InvalidInputError("ballot", "This ballot does not fit the poll. Please open it again.")
    if poll.rules.fewest <= len(named) <= poll.rules.most:
        return
    if poll.kind is PollKind.SINGLE and not named:
        raise NotFoundError("This poll has no such option.")
    raise InvalidInputError("ballot", f"{_asked(poll)} You chose {len(named)}.")


def _asked(poll: Poll) -> str:
    fewest, most = poll.rules.fewest, poll.rules.most
    if poll.kind is PollKind.SCORE:
        return "Please score at least one option."
    if poll.kind is PollKind.RANKED:
        return "Please rank at least one option."
    amount = str(most) if fewest == most else f"{fewest} to {most}"
    return f"Please choose {amount} {'option' if most == 1 else 'options'}."


def refuse_manager(poll: Poll, actor: Actor) -> UserError | None:
    """Return why somebody may not manage a poll, or None when they may."""
    if poll.guild_id != actor.guild_id or poll.phase is PollPhase.DRAFT:
        return NotFoundError(GONE)
    if not (actor.is_moderator or poll.creator_id == actor.member_id):
        return NotAllowedError("Only the poll's creator and moderators (Manage Messages) can manage it.")
    return None


def refuse_results(poll: Poll, *, has_voted: bool) -> UserError | None:
    """Return why somebody may not see how a poll stands, or None when they may."""
    if refusal := refuse_count(poll):
        return refusal
    if poll.phase in {PollPhase.CLOSED, PollPhase.DONE} or poll.reveal is PollReveal.ALWAYS:
        return None
    if poll.reveal is PollReveal.CLOSING:
        return NotAllowedError("The results of this poll are hidden until it closes.")
    return None if has_voted else NotAllowedError("The results are shown to those who have voted. Please vote first.")


def refuse_reopening(poll: Poll) -> UserError | None:
    """Return why a poll cannot be opened again, or None when it can."""
    if poll.phase is PollPhase.OPEN:
        return ClosedError("This poll is open already.")
    if poll.is_native:
        return ClosedError("Discord's own polls cannot be opened again. You can clone it instead.")
    if poll.reveal is PollReveal.CLOSING:
        return ClosedError(
            "People have seen results that were hidden while this poll was open, so it cannot be opened again. "
            "You can clone it instead."
        )
    return None
