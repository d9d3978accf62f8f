"""The help pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from discord import ui

from bot.guilds.rules import DEFAULT_LANGUAGE, LANGUAGES
from bot.guilds.types import GuildSettings
from cogs.ui.cards import card, rows
from cogs.ui.reply import list_button
from cogs.ui.times import time_examples


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
            "Write times as you would say them: {examples}.\nThey are read in this server's time zone {zone} and in "
            "{languages}; everybody sees them in their own zone.\n`in 2 days` is at the same time of day, "
            "`in 48 hours` is 48 hours from now, also where clocks change in between. A time that they skip means the "
            "moment after, one that they show twice the first.",
        ),
        "server": Topic(
            "Setting up a server",
            "For people who manage the server:\n"
            "- `/server setup` — its time zone and language, channels for polls and for my log, and a check of my "
            "permissions in each, with what to grant where.\n"
            "- Who may use which command is set in Server Settings → Integrations.",
        ),
        "privacy": Topic(
            "Privacy",
            "The bot reads no messages. It stores polls and who voted for what, so that a vote can be changed and "
            "counts once; nobody is shown who voted for what.",
        ),
    }
)
FIRST = "start"


def help_card(topic: str, settings: GuildSettings) -> ui.LayoutView:
    """Show one help page, with the server's own times in it, and what others there are."""
    page = TOPICS.get(topic, TOPICS[FIRST])
    others = " · ".join(f"`{key}` {other.name}" for key, other in TOPICS.items() if other is not page)
    more = f"More with `/help topic`: {others}"
    return card(page.name, page.text.format(**_words(settings)), more, *rows([list_button()]))


def _words(settings: GuildSettings) -> dict[str, str]:
    examples = (*time_examples(settings.language), "1h 30m", "tomorrow 9am", "2026-12-01 18:00")
    language = LANGUAGES[settings.language]
    return {
        "zone": settings.time_zone,
        "examples": ", ".join(f"`{example}`" for example in dict.fromkeys(examples)),
        "languages": language if settings.language == DEFAULT_LANGUAGE else f"{language} or English",
    }
