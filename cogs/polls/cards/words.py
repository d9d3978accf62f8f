"""What the cards of polls have in common: how a poll is described in words, and texts cut to what fits."""

from collections.abc import Callable, Sequence

from bot.polls.types import Poll, PollKind, PollReveal, PollRules
from cogs.ui.cards import MOST_TEXT
from cogs.ui.text import clip, count, plain

_LENGTHS = (80, 64, 50, 38, 28, 20, 12)
_SPARE = 20

KINDS = {
    PollKind.SINGLE: ("Single choice", "Everybody chooses one option."),
    PollKind.MULTIPLE: ("Multiple choice", "Everybody chooses several; how many is set under Rules."),
    PollKind.APPROVAL: ("Approval", "Everybody marks all options they could live with, or none."),
    PollKind.SCORE: ("Score", "Everybody gives each option 0 to 5 points."),
    PollKind.RANKED: ("Ranked", "Everybody puts options in order; this version counts first choices."),
}
"""For each kind its name and one sentence, as the form shows them."""


def how(poll: Poll) -> str:
    """Say what a voter does."""
    rules = poll.rules
    if poll.kind is PollKind.MULTIPLE:
        if rules.fewest == rules.most:
            return f"Choose {rules.most}"
        return f"Choose {rules.fewest} to {rules.most}"
    return {
        PollKind.SINGLE: "Choose one",
        PollKind.APPROVAL: "Approve any number, or none",
        PollKind.SCORE: "Score each from 0 to 5",
        PollKind.RANKED: "Rank as many as you like, ties allowed",
    }[poll.kind]


def who(rules: PollRules) -> str:
    """Say who may vote and how many should, or nothing when all may and none need."""
    parts: list[str] = []
    if rules.role_ids:
        parts.append(f"only with the role {' or '.join(f'<@&{role_id}>' for role_id in rules.role_ids)}")
    if rules.days_in_server:
        parts.append(f"only after {count(rules.days_in_server, 'day')} in this server")
    voters = f"May vote: {', '.join(parts)}." if parts else ""
    quorum = f"Quorum: {count(rules.quorum, 'vote')}." if rules.quorum else ""
    return " ".join(part for part in (voters, quorum) if part)


def secrecy(poll: Poll) -> str:
    """Say who learns what, and when."""
    names = "Votes are public: names are shown with the results." if poll.is_public else "Votes are secret."
    results = {
        PollReveal.CLOSING: "Results appear when the poll closes.",
        PollReveal.VOTED: "Results so far are shown to those who have voted.",
        PollReveal.ALWAYS: "Results so far are shown to all.",
    }[poll.reveal]
    return f"{names} {results}"


def is_revealed(poll: Poll) -> bool:
    """Say whether an open poll shows results to anybody."""
    return poll.reveal is not PollReveal.CLOSING


def linked(poll: Poll, length: int = 80) -> str:
    """Return the question, cut to `length`, as a link to the card."""
    question = plain(clip(poll.question, length))
    if poll.message_id is None:
        return f"**{question}**"
    return f"[{question}](https://discord.com/channels/{poll.guild_id}/{poll.channel_id}/{poll.message_id})"


def ordinal(number: int) -> str:
    """Return 1st, 2nd, 3rd, 4th and so on."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in {11, 12, 13} else "th"
    return f"{number}{ending}"


def size(text: str) -> int:
    """Return how long a text is in UTF-16, as the strictest of counts has it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def options_text(options: Sequence[str], others: Sequence[str], line: Callable[[int, str], str] | None = None) -> str:
    """Write the options, one a line; where they would not fit beside the `others` they are cut, all to one length.

    `line(place, option)` writes one, which is ready to be shown.
    """
    write = line or _numbered
    room = MOST_TEXT - _SPARE * (len(others) + 1) - sum(size(text) for text in others)
    text = ""
    for length in _LENGTHS:
        text = "\n".join(write(place, plain(clip(option, length))) for place, option in enumerate(options))
        if size(text) <= room:
            break
    return text


def _numbered(place: int, option: str) -> str:
    return f"{place + 1}. {option}"
