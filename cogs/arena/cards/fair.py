"""Fair play: what a board leaves out and why, what that changes, the log, and the file with every vote."""

from collections.abc import Sequence

from discord import ui

from bot.arena.ratings.types import Ratings
from bot.arena.types import Board, Doubt, Exclusion, FairPlay, VoteFile
from cogs.arena.cards.board import names_of, rank_words
from cogs.arena.cards.words import size
from cogs.arena.controls import BoardKey, back_button, exclude_menu, lift_menu
from cogs.ui.cards import MOST_TEXT, Part, Tone, card, rows, rule
from cogs.ui.text import clip, count, plain, when

FILE = "arena-votes.json"
_MOST_SUSPECTS = 5
_MOST_MOVED = 6
_RULES = (
    "Nothing is removed: votes in doubt and those of excluded voters stay, and “Count everything” shows the board with "
    "them. Voters are numbers here, for moderators too."
)
_DOUBTS = {
    Doubt.RUSHED: "came sooner than both answers can be read",
    Doubt.CAPPED: "came after a member's most votes a day",
    Doubt.NEW_ACCOUNT: "came from accounts that are only a few days old",
}


def fair_card(
    fair: FairPlay, key: BoardKey, boards: tuple[Board, Board], *, moderator: bool, note: str = ""
) -> ui.LayoutView:
    """Show what is left out, the board without and with it, and the log; `boards` are those two."""
    parts: list[Part] = [note] if note else []
    parts += [_RULES, _doubts(fair), _change(boards, key)]
    if suspects := _suspects(fair):
        parts.append(suspects)
    controls: list[ui.Item[ui.LayoutView]] = []
    if moderator:
        known = {one.number for one in fair.log if one.lifted_at is None}
        free = [one for one in fair.suspects if one.voter not in known]
        standing = [one for one in fair.log if one.lifted_at is None]
        controls += [ui.ActionRow(exclude_menu(key, free))] if free else []
        controls += [ui.ActionRow(lift_menu(key, standing))] if standing else []
    footer = "Only you see this." + (" Whatever you change here stands in the log." if moderator else "")
    room = MOST_TEXT - 200 - size(footer) - sum(size(part) for part in parts if isinstance(part, str))
    parts.append(_log(fair.log, room))
    return card("Fair play", *parts, rule(), *controls, *rows([back_button(key)]), footer=footer)


def file_card(file: VoteFile) -> ui.LayoutView:
    """Hand the vote file over."""
    return card(
        "Vote file",
        f"{count(file.votes, 'vote')}, with voters as numbers in shuffled order; no prompt and no answer is in it.",
        ui.File(f"attachment://{FILE}"),
        tone=Tone.GOOD,
        footer="`rostrum ratings FILE` computes the board again and checks the signature, which says where the file is "
        "from, not that whoever runs the bot is honest.",
    )


def _doubts(fair: FairPlay) -> str:
    lines = [f"- {count(amount, 'vote')} {_DOUBTS[doubt]}" for doubt, amount in fair.doubts.items() if amount]
    return "\n".join(["**Votes in doubt**", *(lines or ["There is none."])])


def _suspects(fair: FairPlay) -> str:
    if not fair.suspects:
        return ""
    shown = fair.suspects[:_MOST_SUSPECTS]
    lines = [f"- Voter {one.voter}: {count(one.votes, 'vote')}, evidence {_evidence(one.evidence)}" for one in shown]
    note = "-# Evidence of x comes about in at most one of x cases where somebody votes like the others."
    return "\n".join(["**Voters who vote unlike the others**", *lines, note])


def _evidence(value: float) -> str:
    most = 1_000_000
    return f"over {most:,}" if value > most else f"{value:,.0f}"


def _change(boards: tuple[Board, Board], key: BoardKey) -> str:
    """Say what counting everything would change."""
    without, whole = (dict(board.parts).get(key.part) for board in boards)
    if without is None or whole is None:
        return "**With and without**\nThere is no board yet."
    names = names_of(boards[0])
    moved = _moved(without, whole)
    if not moved:
        return "**With and without**\nCounting everything would move no model to other ranks."
    lines = [
        f"- {plain(clip(names[row], 50))}: ranks {before}, with everything {after}" for row, before, after in moved
    ]
    more = [f"- and {len(lines) - _MOST_MOVED} more"] if len(lines) > _MOST_MOVED else []
    return "\n".join(["**With and without**", *lines[:_MOST_MOVED], *more])


def _moved(without: Ratings, whole: Ratings) -> list[tuple[int, str, str]]:
    after = {one.row: one for one in whole.ratings}
    pairs = [(one, after[one.row]) for one in without.ratings if one.row in after]
    ranks = [(one.row, rank_words(one), rank_words(other)) for one, other in pairs if one.votes or other.votes]
    return [one for one in ranks if one[1] != one[2]]


def _log(log: Sequence[Exclusion], room: int) -> str:
    lines: list[str] = []
    used = 0
    for one in log:
        line = _entry(one)
        used += size(line) + 1
        if used > room - 100:
            lines.append(f"-# And {len(log) - len(lines):,} earlier ones.")
            break
        lines.append(line)
    return "\n".join(["**Log**", *(lines or ["Nobody was ever excluded."])])


def _entry(one: Exclusion) -> str:
    end = f", lifted {when(one.lifted_at)}" if one.lifted_at else ""
    state = f"{count(one.votes, 'vote')} left out by a moderator {when(one.made_at)}{end}"
    return f"- Voter {one.number}: {state}. {plain(clip(' '.join(one.evidence.split()), 160))}".rstrip()
