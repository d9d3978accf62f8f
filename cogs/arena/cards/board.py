"""The board: ratings with their intervals as a chart and as text, and what must be known to read them."""

from collections.abc import Sequence
from math import ceil

from discord import ui

from bot.arena.ratings.types import Lack, Rating, Ratings
from bot.arena.types import Board, BoardBy
from cogs.arena.cards.words import OPENNESS, part_words, size
from cogs.arena.controls import BoardKey, by_buttons, page_buttons, part_menu, post_button, view_buttons
from cogs.ui.cards import MOST_TEXT, Part, Tone, card, picture, rows
from cogs.ui.chart_ranges import Range
from cogs.ui.text import clip, count, plain

CHART = "board.png"
A_PAGE = 12
"""Rows of a board on one page."""
AXIS = "Rating: 1000 is the middle, 400 more means ten wins to one"
_ALTERNATIVE = 1024
_LENGTHS = (60, 40, 28, 20)
_TITLES = {
    BoardBy.MODEL: "Arena board",
    BoardBy.OPENNESS: "Arena board by class",
    BoardBy.TASK: "Arena board by task",
    BoardBy.LANGUAGE: "Arena board by language",
}
_LACKS = {Lack.BATTLES: "too few votes", Lack.VOTERS: "too few voters", Lack.UNCONNECTED: "not linked to the others"}
_PRELIMINARY = "Preliminary: under 30 votes, under 8 voters, or not linked to the others by votes."


def names_of(board: Board) -> list[str]:
    """Return the name of each row that the ratings count by; versions tell lines of one name apart."""
    if board.by is BoardBy.OPENNESS:
        return [OPENNESS.get(share.openness, share.label) for share in board.classes]
    names = [line.name for line in board.lines]
    return [
        f"{line.name} ({line.version or line.key})" if names.count(line.name) > 1 else line.name for line in board.lines
    ]


def part_of(board: Board, key: BoardKey) -> tuple[BoardKey, Ratings | None]:
    """Return the ratings that a key means, and the key as it holds for this board."""
    parts = dict(board.parts)
    part = key.part if key.part in parts else next(iter(parts), "")
    ratings = parts.get(part)
    pages = pages_of(ratings)
    return BoardKey(board.by, board.is_everything, part, min(key.page, pages - 1)), ratings


def pages_of(ratings: Ratings | None) -> int:
    """Return how many pages a board has."""
    return max(1, ceil(len(ratings.ratings) / A_PAGE)) if ratings else 1


def ranges_of(board: Board, key: BoardKey) -> list[Range]:
    """Return what the chart of a page shows."""
    _, ratings = part_of(board, key)
    if ratings is None:
        return []
    names = names_of(board)
    return [
        Range(
            names[one.row],
            _interval_words(one),
            one.rating,
            one.low,
            one.high,
            mark="preliminary" if one.lacks else "",
            faded=bool(one.lacks),
        )
        for one in _shown(ratings, key)
        if one.votes
    ]


def board_card(board: Board, key: BoardKey, *, chart: bool, posted: bool = False) -> ui.LayoutView:
    """Show a page of a board; `posted` in the channel, where it stays as it is."""
    key, ratings = part_of(board, key)
    title = _title(board, key)
    if ratings is None or not ratings.votes + ratings.bad:
        return card(
            title,
            "Nobody has voted here yet. `/arena battle` starts a battle: you see two answers and say which is better.",
            *rows(by_buttons(key)),
            *rows(view_buttons(key)),
            tone=Tone.DRAFT,
        )
    head, notes = _head(board, ratings), "\n".join(f"-# {line}" for line in _notes(board, ratings))
    footer = _footer(board, key, ratings)
    shown, names = _shown(ratings, key), names_of(board)
    text = ""
    for length in _LENGTHS:
        text = "\n".join(_line(one, plain(clip(names[one.row], length)), ratings) for one in shown)
        if size(text) + sum(size(part) for part in (title, head, notes, footer)) < MOST_TEXT - 100:
            break
    parts: list[Part] = [head]
    if chart:
        parts.append(picture(CHART, alternative_text(board, key)))
    parts += [text, notes]
    return card(title, *parts, *([] if posted else _controls(board, key, ratings)), footer=footer)


def alternative_text(board: Board, key: BoardKey) -> str:
    """Say what the chart shows, for those who hear it."""
    _, ratings = part_of(board, key)
    names = names_of(board)
    shown = [one for one in (_shown(ratings, key) if ratings else ()) if one.votes]
    whole = ""
    for length in _LENGTHS:
        said = "; ".join(
            f"{clip(names[one.row], length)} {_interval_words(one)}{', preliminary' if one.lacks else ''}"
            for one in shown
        )
        whole = f"Ratings with their 95 percent intervals. {said}."
        if len(whole) <= _ALTERNATIVE:
            break
    return clip(whole, _ALTERNATIVE)


def rank_words(one: Rating) -> str:
    """Return the ranks that fit a row."""
    return f"{one.best_rank}" if one.best_rank == one.worst_rank else f"{one.best_rank}–{one.worst_rank}"


def _controls(board: Board, key: BoardKey, ratings: Ratings) -> list[ui.Item[ui.LayoutView]]:
    labels = {part: part_words(part) for part, _ in board.parts}
    menu = [ui.ActionRow(part_menu(key, labels))] if len(labels) > 1 else []
    return [
        *menu,
        *rows(by_buttons(key, is_first=key.part == next(iter(labels)))),
        *rows(view_buttons(key)),
        *rows([*page_buttons(key, pages_of(ratings)), post_button(key)]),
    ]


def _title(board: Board, key: BoardKey) -> str:
    title = _TITLES[board.by]
    if board.by in (BoardBy.TASK, BoardBy.LANGUAGE) and board.parts:
        title = f"{title}: {part_words(key.part)}"
    return f"{title} · everything counted" if board.is_everything else title


def _head(board: Board, ratings: Ratings) -> str:
    lines = [f"{count(ratings.votes + ratings.bad, 'vote')} by {count(ratings.voters, 'member')}."]
    if ratings.bad:
        bad = count(ratings.bad, "vote found both bad and counts apart", "votes found both bad and count apart")
        others = f"{count(ratings.votes, 'vote')} for one answer or a tie; " if ratings.votes else ""
        lines[0] += f" {others}{bad}."
    fragility = ratings.fragility
    if fragility is not None:
        names = names_of(board)
        leader, runner_up = (plain(clip(names[row], 40)) for row in (fragility.leader, fragility.runner_up))
        fewer = f" So would {count(fragility.dropped, 'vote')} fewer." if fragility.dropped else ""
        lines.append(
            f"**{count(fragility.votes, 'vote')} cast otherwise would change the first place** "
            f"({fragility.share:.1%} of all): {runner_up} instead of {leader}.{fewer}"
        )
    return "\n".join(lines)


def _line(one: Rating, name: str, ratings: Ratings) -> str:
    if not one.votes:
        bad = f" · both bad {one.bad:,}" if one.bad else ""
        return f"– · {name} · no rating yet{bad}"
    parts = [
        f"**{rank_words(one)}** · **{name}** · {_interval_words(one)}",
        f"{count(one.votes, 'vote')} by {one.voters:,}",
    ]
    if one.bad:
        parts.append(f"both bad {one.bad:,}")
    if not ratings.connected:
        parts.append(f"group {one.group + 1}")
    if one.lacks:
        parts.append(f"*preliminary: {', '.join(_LACKS[lack] for lack in one.lacks)}*")
    return " · ".join(parts)


def _interval_words(one: Rating) -> str:
    if one.low is None or one.high is None:
        return f"{one.rating:.0f}"
    return f"{one.rating:.0f} ({one.low:.0f} to {one.high:.0f})"


def _notes(board: Board, ratings: Ratings) -> list[str]:
    notes = ["The first figures are the ranks that fit; then the rating, in brackets its 95 % interval."]
    if any(one.lacks for one in ratings.ratings):
        notes.append(_PRELIMINARY)
    if board.by is BoardBy.OPENNESS:
        notes.append("Votes between two models of one class say nothing of classes, and are not counted here.")
    if not ratings.connected:
        notes.append("Votes do not link all rows yet: only rows of the same group can be compared.")
    if board.classes:
        shares = [
            f"{OPENNESS.get(share.openness, share.label).lower()} {share.shown:,} ({share.share:.0%})"
            for share in board.classes
        ]
        notes.append(f"Shown so far, by class: {', '.join(shares)}. Pairs has it by model.")
    if board.is_everything:
        notes.append("Votes in doubt and excluded voters are counted too.")
    elif board.doubtful or board.excluded:
        notes.append(
            f"Left out: {count(board.doubtful, 'vote')} in doubt, {count(board.excluded, 'excluded voter')}. "
            "Fair play says why; “Count everything” takes them in."
        )
    return notes


def _footer(board: Board, key: BoardKey, ratings: Ratings) -> str:
    pages = pages_of(ratings)
    page = f"Page {key.page + 1} of {pages} · " if pages > 1 else ""
    why_none = "too few voters for intervals" if ratings.rounds else "no intervals"
    intervals = plain(clip(ratings.method, 200)) if ratings.rounds and ratings.method else why_none
    return f"{page}Bradley–Terry, prior {ratings.prior:g} · {intervals} · seed {board.seed}"


def _shown(ratings: Ratings, key: BoardKey) -> Sequence[Rating]:
    return ratings.ratings[key.page * A_PAGE : (key.page + 1) * A_PAGE]
