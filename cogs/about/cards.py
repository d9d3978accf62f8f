"""The help pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from discord import ui

from cogs.ui.cards import card, rows
from cogs.ui.reply import list_button


@dataclass(frozen=True, slots=True)
class Topic:
    """A help page: its name in the list of choices, and its text."""

    name: str
    text: str


TOPICS: Mapping[str, Topic] = MappingProxyType(
    {
        "start": Topic(
            "First steps",
            "Rostrum helps a community argue about open and closed language models.\n"
            "1. `/poll create` opens a form: a question, two to ten options, a closing time.\n"
            "2. You alone see a preview; **Post** puts it into the channel.\n"
            "3. Members vote with one press. At the end the same card shows the result.",
        ),
        "polls": Topic(
            "Polls",
            "- `/poll create` — write a poll and look at it before it is posted.\n"
            "- `/poll list` — the polls that are open in this server.\n"
            "- **Vote** with one press; another press changes your vote, until the poll closes.\n"
            "- Votes are secret, and while a poll is open only the number of votes is shown.\n"
            "- **Manage**, for the creator and moderators, closes a poll early.",
        ),
        "times": Topic(
            "Closing times",
            "Write times as you would say them: `in 3 days`, `20 minutes`, `1h 30m`, `Fri 18:00`, `tomorrow 9am`, "
            "`2026-12-01 18:00`.\nThey are read in the time zone {zone}; everybody sees them in their own.",
        ),
        "privacy": Topic(
            "Privacy",
            "The bot reads no messages. It stores polls and who voted for what, so that a vote can be changed and "
            "counts once; nobody is shown who voted for what.",
        ),
    }
)
FIRST = "start"


def help_card(topic: str, zone: str) -> ui.LayoutView:
    """Show one help page and what others there are."""
    page = TOPICS.get(topic, TOPICS[FIRST])
    others = " · ".join(f"`{key}` {other.name}" for key, other in TOPICS.items() if other is not page)
    more = f"More with `/help topic`: {others}"
    return card(page.name, page.text.format(zone=zone), more, *rows([list_button()]))
