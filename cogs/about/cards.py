"""The help pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from discord import ui

from bot.asking.rules import KEPT_FOR
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
            "`/ask` asks a model of your choice, `/compare` up to four. An AI answers, and each answer says which one, "
            "how open it is and where your text went. `/arena battle` compares two without their names.\n"
            "1. `/poll create` opens a form: a question, two to 25 options, the kind, a closing time.\n"
            "2. You alone see a preview; **Post** puts it into the channel.\n"
            "3. Members vote with one press or in a private ballot. At the end the same card shows the result.",
        ),
        "polls": Topic(
            "Polls",
            "- `/poll create` — write a poll, or start from a template, and look at it before it is posted. **Rules** "
            "sets which roles may vote, after how many days in the server, a quorum, and how many options to choose.\n"
            "- Kinds: **single choice**; **multiple choice**, with the fewest and most; **approval**, all you could "
            "live with; **score**, 0 to 5 for each; **ranked**, all or some in order.\n"
            "- The preview offers how rankings and scores are counted: instant runoff, Schulze, ranked pairs, Borda; "
            "mean score, STAR. A lot that breaks ties is drawn before anybody votes; **How it counts** shows it.\n"
            "- A ranked ballot is made by taps: choose in order, move, tie, undo. It counts once you **Submit**.\n"
            "- **Weights** has votes of some roles count up to ten times; the card says so. In polls that allow it, "
            "members **Propose an option**, and the creator decides. A quick public poll can be **Discord's own**.\n"
            "- **How counted**, on the result: each step in words and as a picture, the same ballots by other rules, "
            "and a signed **Recount file** that anybody can check.\n"
            "- `/poll list` — open polls, yours, and closed ones with their results.\n"
            "- **Vote** opens your private ballot with what you chose last marked; sending it is voting. Up to five "
            "options of a single choice are buttons on the card. A vote can be changed until the poll closes.\n"
            "- Votes are secret and results hidden until the end, unless the poll says otherwise. A public poll can "
            "become secret, never the other way.\n"
            "- **Remind me**, on the receipt of a poll that reminds, has you mentioned once before it closes.\n"
            "- **Manage**, for the creator and moderators: edit, close, reopen (not after hidden results were shown), "
            "remind, clone, export as CSV, JSON and ABIF, delete.\n"
            "- Figures in brackets are 95 % intervals.",
        ),
        "models": Topic(
            "Models",
            "- `/models` — which models there are, who can answer now, and what would switch on the others; "
            "`/models name` explains how open one is.\n"
            "- **Open**: weights that anybody may run. **Restricted**: weights under conditions of use or access. "
            "**Closed**: no weights; it runs at its maker's.\n"
            "- `/ask` asks one, `/compare` up to four. Every answer is an AI's and may be wrong; its small print says "
            "how open the model is, where it ran, what left the server and what it cost.\n"
            "- A server can allow open models only, or nothing that leaves the bot's machine: `/server setup`.",
        ),
        "arena": Topic(
            "Arena",
            "- `/arena battle` — two models answer your prompt, without a name and both at once. Say which answer is "
            "better, that they are equal, or that both are bad. In the channel all may vote, and change their vote, "
            "until it closes; with `private` your own vote is final. Then the names are shown.\n"
            "- `pairing` lets open and closed models meet, or keeps to one class; left out, the pair is chosen that "
            "has been compared least.\n"
            "- `/arena board` — how the models stand here. A rating comes with its interval and with the ranks that "
            "fit it; **preliminary** means that there are too few votes, too few voters, or none that link it to the "
            "others. “Both bad” counts apart, never as a tie.\n"
            "- Votes in doubt are kept, and left out at first: cast sooner than both answers can be read, after 50 on "
            "one day, or by an account that is a few days old. **Fair play** lists what is left out, **Count "
            "everything** shows the board with it.\n"
            "- **Vote file** has every vote under a number in place of a name and no text; `rostrum ratings FILE` "
            "computes the board again.\n"
            "- AI models write the answers, and may be wrong.",
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
        "signatures": Topic(
            "Counting again",
            "The JSON file of a closed poll lists its ballots without names, and so does the vote file of the arena. "
            "Anybody can count them again: `rostrum recount FILE --key KEY`, or `rostrum ratings FILE --key KEY`. It "
            "says whether the count follows from the ballots, and whether the file comes from this bot unchanged.\n"
            "This bot's public key: `{public_key}`\nIts id: `{key_id}`\n"
            "A signature proves where a file comes from, not that whoever runs the bot was honest. With fewer than "
            "five ballots a file holds totals only, since a list would say who chose what.",
        ),
        "privacy": Topic(
            "Privacy",
            "The bot reads no messages but those that you hand to it: by a message's menu, or by replying to it.\n"
            "What you ask goes to the model that answers, with its file and the turns before it. The small print under "
            "each answer says where that ran and what left the bot's machine; **More** says it at length. Questions "
            f"and answers are kept for {KEPT_FOR.days} days, or until you delete them there.\n"
            "Polls are stored with who voted for what, so that a vote can be changed and counts once. Nobody is shown "
            "who voted for what, except in polls that say on their card that names are shown. Exports list ballots "
            "under codes whose key is destroyed when the poll closes.",
        ),
    }
)
FIRST = "start"
SIGNATURES = "signatures"


def help_card(topic: str, settings: GuildSettings, public_key: str = "", key_id: str = "") -> ui.LayoutView:
    """Show one help page, with the server's own times and the bot's key in it, and what others there are."""
    page = TOPICS.get(topic, TOPICS[FIRST])
    others = " · ".join(f"`{key}` {other.name}" for key, other in TOPICS.items() if other is not page)
    more = f"More with `/help topic`: {others}"
    return card(
        page.name,
        page.text.format(**_words(settings), public_key=public_key, key_id=key_id),
        more,
        *rows([list_button()]),
    )


def _words(settings: GuildSettings) -> dict[str, str]:
    examples = (*time_examples(settings.language), "1h 30m", "tomorrow 9am", "2026-12-01 18:00")
    language = LANGUAGES[settings.language]
    return {
        "zone": settings.time_zone,
        "examples": ", ".join(f"`{example}`" for example in dict.fromkeys(examples)),
        "languages": language if settings.language == DEFAULT_LANGUAGE else f"{language} or English",
    }
