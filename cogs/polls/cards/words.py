"""What the cards of polls have in common: how a poll is described in words, and texts cut to what fits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from bot.polls.counting import FULL_METHODS
from bot.polls.types import CountingMethod, Poll, PollKind, PollReveal, PollRules
from cogs.ui.cards import MOST_TEXT
from cogs.ui.text import clip, count, plain

_LENGTHS = (80, 64, 50, 38, 28, 20, 12)
_SPARE = 20

KINDS = {
    PollKind.SINGLE: ("Single choice", "Everybody chooses one option."),
    PollKind.MULTIPLE: ("Multiple choice", "Everybody chooses several; how many is set under Rules."),
    PollKind.APPROVAL: ("Approval", "Everybody marks all options they could live with, or none."),
    PollKind.SCORE: ("Score", "Everybody gives each option 0 to 5 points."),
    PollKind.RANKED: ("Ranked", "Everybody puts options in order; equal places and gaps are allowed."),
}
"""For each kind its name and one sentence, as the form shows them."""


@dataclass(frozen=True, slots=True)
class Words:
    """A way to count: its name in a sentence, a few words, and two sentences."""

    name: str
    hint: str
    sentences: str


METHOD_WORDS: Mapping[CountingMethod, Words] = MappingProxyType(
    {
        CountingMethod.PLURALITY: Words(
            "most votes",
            "Whoever has the most votes wins",
            "Each option gets a vote from every ballot that names it; a ranking votes for its first, and equal firsts "
            "share that vote. The option with the most votes wins.",
        ),
        CountingMethod.APPROVAL: Words(
            "approval",
            "Whoever most can live with wins",
            "Each option gets a vote from every ballot that approves it. The option with the most approvals wins.",
        ),
        CountingMethod.SCORE: Words(
            "mean score",
            "The highest mean of the scores wins",
            "Each option has the mean of the scores that it was given; ballots that leave it out do not touch it. "
            "The option with the highest mean wins.",
        ),
        CountingMethod.STAR: Words(
            "STAR",
            "The two highest sums meet in a runoff",
            "The scores of each option are added up, and the two with the highest sums are finalists. "
            "Of these the one that more ballots score higher wins.",
        ),
        CountingMethod.RUNOFF: Words(
            "instant runoff",
            "The last goes out, round by round",
            "Each ballot counts for its highest option that is still in; equal ones share it. While none has more than "
            "half, the option with the fewest votes goes out and the ballots are counted again.",
        ),
        CountingMethod.BORDA: Words(
            "Borda points",
            "Each place is worth points",
            "Each ballot gives points by place: as many as there are options behind it, and equal or missing places "
            "share what is left. The option with the most points wins.",
        ),
        CountingMethod.SCHULZE: Words(
            "the Schulze method",
            "Who beats all others one by one wins",
            "Options are compared two by two; who beats every other one wins. Where they beat each other in a circle, "
            "the strongest chains of victories decide.",
        ),
        CountingMethod.RANKED_PAIRS: Words(
            "ranked pairs",
            "The clearest victories are kept first",
            "Options are compared two by two; who beats every other one wins. Where they beat each other in a circle, "
            "the clearest victories are kept first, and one that contradicts them is left out.",
        ),
    }
)
"""For each method what people read about it."""


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
    return " ".join(part for part in (voters, weighing(rules), quorum) if part)


def weighing(rules: PollRules) -> str:
    """Say whose votes count more, or nothing when all count the same."""
    by_weight: dict[int, list[str]] = {}
    for role_id, weight in rules.weights:
        by_weight.setdefault(weight, []).append(f"<@&{role_id}>")
    if not by_weight:
        return ""
    parts = [
        f"of members with {' or '.join(roles)}{'' if at else ' count'} {weight} times"
        for at, (weight, roles) in enumerate(sorted(by_weight.items()))
    ]
    most = " Of several roles the heaviest holds." if len(rules.weights) > 1 else ""
    return f"Votes {', '.join(parts)}, all others once.{most}"


def counting(poll: Poll) -> str:
    """Say by what a poll is counted where there is more than one way, and that ties are settled already."""
    if poll.method in FULL_METHODS:
        return f"Counted by {METHOD_WORDS[poll.method].name}; ties by lot, drawn already."
    return f"Counted by {METHOD_WORDS[poll.method].name}." if poll.kind is PollKind.SCORE else ""


def why_totals(poll: Poll) -> str:
    """Say why the files of a poll list no ballots."""
    if poll.is_native:
        return "totals only, since Discord took the votes"
    if poll.closed_at is None:
        return "totals only, since the poll is open"
    of_weight = " of one weight" if poll.rules.weights else ""
    return f"totals only, since a list of fewer than five ballots{of_weight} would say who chose what"


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
