"""What decides about battles: what fits, how often, who may do what, which votes are in doubt. Pure."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta

from bot.arena.types import Actor, Battle, BattlePhase, Doubt, Pairing, Reason, Voter
from bot.catalog import Openness, Task
from bot.errors import ClosedError, InvalidInputError, NotAllowedError, NotYetError, QuotaError, UserError

LONGEST_PROMPT = 2_000
LONGEST_ANSWER = 1_500
"""Characters of an answer as it is shown: both fit into one message."""
COOL_DOWN = timedelta(seconds=20)
"""Between two battles of one member."""
BATTLES_A_DAY = 30
VOTES_A_DAY = 50
"""Of one member; further votes are kept, in doubt."""
NEW_FOR = timedelta(days=7)
"""As long an account on Discord counts as new."""
SHARED_FOR, PRIVATE_FOR = timedelta(hours=1), timedelta(hours=24)
"""As long a battle takes votes unless told otherwise."""
LONGEST_OPEN = timedelta(days=7)
KEPT_FOR = timedelta(days=90)
"""As long prompts and answers are kept; votes stay without them."""
MOST_REASONS = 3

LEAST_DWELL, MOST_DWELL = timedelta(seconds=3), timedelta(seconds=20)
LETTERS_A_SECOND = 100
"""Some thousand words a minute: nobody reads faster, skimming included."""

GONE = "This battle is gone. Begin another with /arena battle."
RESTARTED = "I was restarted while the answers were made; nothing was counted."
UNSHOWN = "The answers could not be shown in time; nothing was counted."
UNVOTED = "Nobody voted in time, so the battle counts for nothing."

OPENNESS_OF: Mapping[Pairing, tuple[Openness, Openness] | None] = {
    Pairing.OPEN_CLOSED: (Openness.OPEN, Openness.CLOSED),
    Pairing.OPEN_OPEN: (Openness.OPEN, Openness.OPEN),
    Pairing.CLOSED_CLOSED: (Openness.CLOSED, Openness.CLOSED),
    Pairing.ANY: None,
}
"""The two classes that a pairing asks for; models with restricted weights are neither, and meet others under any."""

_FENCE = re.compile(r"```|^(?: {4}|\t)\S.*[;{}()=]", re.MULTILINE)
_CODE = re.compile(
    r"\b(?:python|javascript|typescript|java|rust|golang|c\+\+|sql|regex|html|css|bash|php|kotlin|haskell)\b"
    r".{0,80}\b(?:function|code|script|query|program|class|method|funktion|skript|programm|fonction|programme|función|programa)\b"
    r"|\b(?:function|code|script|query|program|class|method|funktion|skript|programm|fonction|programme|función|programa)\b"
    r".{0,80}\b(?:python|javascript|typescript|java|rust|golang|c\+\+|sql|regex|html|css|bash|php|kotlin|haskell)\b",
    re.IGNORECASE | re.DOTALL,
)
# words that ask for it, at the beginning of a sentence or after a short "please"
_TRANSLATE = re.compile(
    r"\b(?:translat(?:e|ion|ing)|übersetz(?:e|en|t|ung)?|tradui(?:re|s|sez|t)|traduction|traduc(?:e|ir|ción|e?lo)|traduzca)\b",
    re.IGNORECASE,
)
_SUMMARISE = re.compile(
    r"\b(?:summari[sz](?:e|ing)|summary|tl;?dr|fasse?\b.{0,80}\bzusammen|zusammenfass(?:en|ung)|zusammengefasst"
    r"|résume[rz]?|résumé|resum(?:e|ir|en|a))\b",
    re.IGNORECASE | re.DOTALL,
)
_ASKS_WITHIN = 160
"""Characters at either end of a prompt among which a word asks for something; further in it is part of a text."""


def check_prompt(prompt: str) -> str:
    """Return a prompt without blanks around it.

    Raises:
        InvalidInputError: there is nothing to answer, or too much of it.
    """
    text = prompt.strip()
    if not any(letter.isprintable() and not letter.isspace() for letter in text):
        raise InvalidInputError("prompt", "Write what both models are to answer.")
    if len(text) > LONGEST_PROMPT:
        raise InvalidInputError(
            "prompt", f"Your prompt has {len(text):,} characters; {LONGEST_PROMPT:,} fit. Shorten it and try again."
        )
    return text


def task_of(prompt: str) -> Task:
    """Guess what a prompt asks for: code by its fences or a language's name, the rest by the words that ask for it."""
    ends = f"{prompt[:_ASKS_WITHIN]}\n{prompt[-_ASKS_WITHIN:]}"
    if _TRANSLATE.search(ends):
        return Task.TRANSLATE
    if _SUMMARISE.search(ends):
        return Task.SUMMARISE
    if _FENCE.search(prompt) or _CODE.search(ends):
        return Task.CODE
    return Task.ANSWER


def day_of(now: datetime) -> datetime:
    """Return when the day of a moment began; days are those of UTC, for everybody."""
    return datetime.combine(now.astimezone(UTC).date(), time(), UTC)


def refuse_pace(last: datetime | None, today: int, now: datetime) -> UserError | None:
    """Say why a member cannot begin a battle yet, given their last one and how many they had today."""
    if today >= BATTLES_A_DAY:
        again = int((day_of(now) + timedelta(days=1)).timestamp())
        return QuotaError(
            f"You have begun {today} battles today, and {BATTLES_A_DAY} is the most. You can begin more <t:{again}:R>; "
            "until then vote in those of others."
        )
    # a clock that was set back keeps nobody waiting for longer
    if last is not None and timedelta(0) <= now - last < COOL_DOWN:
        wait = max(1, round((COOL_DOWN - (now - last)).total_seconds()))
        return QuotaError(f"Your last battle has only just begun. Begin the next one in {wait} seconds.")
    return None


def refuse_voter(battle: Battle, voter: Voter, now: datetime) -> UserError | None:
    """Say why somebody may not vote in a battle; None when they may."""
    if battle.guild_id != voter.guild_id:
        return ClosedError(GONE)
    if battle.is_private and battle.member_id != voter.member_id:
        return NotAllowedError("This battle is private: only the person who began it votes. Begin one of your own.")
    if battle.phase is BattlePhase.RUNNING or (battle.phase is BattlePhase.OPEN and battle.shown_at is None):
        return NotYetError("The answers are still being made. Vote when both are there.")
    return None if battle.phase is BattlePhase.OPEN and now < battle.closes_at else ClosedError(_over(battle))


def _over(battle: Battle) -> str:
    """Say why a battle takes no more votes."""
    if battle.phase is BattlePhase.VOID:
        return f"This battle is void. {battle.void_reason}".strip()
    if battle.is_private and battle.phase is not BattlePhase.OPEN:
        return "You have voted, and the names are known now: the vote is final."
    return "This battle has closed. Begin another with /arena battle."


def refuse_manager(battle: Battle, actor: Actor) -> UserError | None:
    """Say why somebody may not close or delete a battle; None when they may."""
    if battle.guild_id != actor.guild_id:
        return ClosedError(GONE)
    if battle.is_private and battle.member_id != actor.member_id:
        return NotAllowedError("This battle is private: only the person who began it can use it.")
    if actor.is_moderator or battle.member_id == actor.member_id:
        return None
    return NotAllowedError("Only the person who began this battle, or a moderator, can do this.")


def refuse_moderating(actor: Actor) -> UserError | None:
    """Say why somebody may not change what counts; None when they may."""
    return None if actor.is_moderator else NotAllowedError("Only moderators can leave votes out, or count them again.")


def least_dwell(texts: Sequence[str]) -> timedelta:
    """Return how long answers have to be there before a vote on them counts without doubt.

    The letters of all of them at 100 a second, but at least 3 and at most 20 seconds.
    """
    reading = timedelta(seconds=sum(len(text) for text in texts) / LETTERS_A_SECOND)
    return min(MOST_DWELL, max(LEAST_DWELL, reading))


def doubt_of(voter: Voter, dwell: timedelta, texts: Sequence[str], today: int, now: datetime) -> Doubt | None:
    """Say why a vote is in doubt; `today` is how many others the voter has cast today."""
    if now - voter.account_made_at < NEW_FOR:
        return Doubt.NEW_ACCOUNT
    if dwell < least_dwell(texts):
        return Doubt.RUSHED
    return Doubt.CAPPED if today >= VOTES_A_DAY else None


def check_reasons(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """Return reasons in their usual order, each once.

    Raises:
        InvalidInputError: there are too many.
    """
    chosen = tuple(reason for reason in Reason if reason in reasons)
    if len(chosen) > MOST_REASONS:
        raise InvalidInputError("reasons", f"Choose at most {MOST_REASONS} reasons.")
    return chosen


def closing_at(battle_made_at: datetime, wanted: datetime | None, now: datetime, *, is_private: bool) -> datetime:
    """Return when a battle that is shown now closes: as wanted, within bounds."""
    usual = now + (PRIVATE_FOR if is_private else SHARED_FOR)
    if wanted is None:
        return usual
    return min(max(wanted, now + COOL_DOWN), battle_made_at + LONGEST_OPEN)


def cut(text: str, longest: int = LONGEST_ANSWER) -> str:
    """Return a text of at most so many characters, cut at a word and with an ellipsis where it was longer."""
    text = text.strip()
    if len(text) <= longest:
        return text
    kept = text[: longest - 1]
    shorter = re.sub(r"\s+\S*$", "", kept) if not text[longest - 1].isspace() else kept
    if len(shorter) < longest // 2:
        # one long word, or a script without blanks
        shorter = kept
    shorter = shorter.rstrip()
    if shorter.count("```") % 2:
        # a fence that is open would swallow what follows it in the message
        return shorter[: longest - 5].rstrip() + "\n```"
    return shorter + "…"


def seed_of(guild_id: int) -> int:
    """Return the seed of a server's boards: the same for good, so that anybody can compute them again."""
    return int.from_bytes(hashlib.sha256(f"rostrum arena {guild_id}".encode()).digest()[:4], "big")
