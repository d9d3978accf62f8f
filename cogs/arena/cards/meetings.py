"""How models met: win rates as a heatmap and as text, how often each was shown; and the board over time."""

from collections.abc import Mapping, Sequence

from discord import ui

from bot.arena.ratings.types import Pair, Ratings
from bot.arena.types import Board, BoardBy, ExposureShare, History
from cogs.arena.cards.board import names_of, part_of
from cogs.arena.cards.words import part_words, size
from cogs.arena.controls import BoardKey, back_button
from cogs.ui.cards import MOST_TEXT, Part, Tone, card, picture, rows
from cogs.ui.chart_lines import Line
from cogs.ui.chart_matrix import Cell
from cogs.ui.text import clip, count, plain, when

PAIRS_CHART, HISTORY_CHART = "pairs.png", "history.png"
MOST_ROWS, MOST_LINES = 12, 8
_ALTERNATIVE = 1024
_DATE = "%Y-%m-%d"


def pairs_card(board: Board, key: BoardKey, *, chart: bool) -> ui.LayoutView:
    """Show how often each won against each."""
    key, ratings = part_of(board, key)
    title = _title("Pairs", board, key)
    if ratings is None or not ratings.pairs:
        return card(title, "No two models have met here yet.", *rows([back_button(key)]), tone=Tone.DRAFT)
    exposure = _exposure(board.classes if board.by is BoardBy.OPENNESS else board.exposure)
    lines, rates = _pair_lines(board, ratings), _win_rates(board, ratings)
    footer = "A share is that of votes that preferred one or called a tie; a tie is half a win for each."
    room = MOST_TEXT - 200 - size(title) - size(exposure) - size(rates) - size(footer)
    text = _fitting(lines, room, "Vote file has the others.")
    parts: list[Part] = [picture(PAIRS_CHART, clip(f"Win rates. {'; '.join(lines)}", _ALTERNATIVE))] if chart else []
    parts += [part for part in (text, rates, exposure) if part]
    return card(title, *parts, *rows([back_button(key)]), footer=footer)


def matrix_of(board: Board, key: BoardKey) -> tuple[list[str], list[list[Cell]]]:
    """Return the names and cells of the heatmap: how often the row won against the column; the best rows come first."""
    _, ratings = part_of(board, key)
    if ratings is None:
        return [], []
    met = {row for pair in ratings.pairs for row in (pair.first, pair.second) if _decided(pair)}
    order = [one.row for one in ratings.ratings if one.row in met][:MOST_ROWS]
    names, shares = names_of(board), _shares(ratings)
    cells = [[_cell(shares, row, column) for column in order] for row in order]
    return [names[row] for row in order], cells


def history_card(history: History, key: BoardKey, *, chart: bool) -> ui.LayoutView:
    """Show how ratings moved."""
    lines = _history_lines(history)
    if not lines:
        text = "There is no history yet: it begins when a model has been rated."
        return card("History", text, *rows([back_button(key)]), tone=Tone.DRAFT)
    footer = (
        "Each point counts all votes until then, so that early ones move much. Versions of a model are lines apart."
    )
    text = _fitting(lines, MOST_TEXT - 400, "")
    spoken = clip(f"Ratings over time. {'; '.join(lines)}", _ALTERNATIVE)
    parts: list[Part] = [picture(HISTORY_CHART, spoken)] if chart else []
    since = f"Since {when(history.points[0].at, 'f')}, in {count(len(history.points), 'step')}."
    return card("History", since, *parts, text, *rows([back_button(key)]), footer=footer)


def curves_of(history: History) -> tuple[list[Line], list[str]]:
    """Return the lines of the chart, the best at the end first, and the dates below."""
    order = _best_last(history)[:MOST_LINES]
    curves = [Line(history.lines[place].name, [point.ratings[place] for point in history.points]) for place in order]
    return curves, [point.at.strftime(_DATE) for point in history.points]


def _title(title: str, board: Board, key: BoardKey) -> str:
    if board.by in (BoardBy.TASK, BoardBy.LANGUAGE) and board.parts:
        title = f"{title}: {part_words(key.part)}"
    return f"{title} · everything counted" if board.is_everything else title


def _decided(pair: Pair) -> int:
    return pair.wins + pair.losses + pair.ties


def _pair_lines(board: Board, ratings: Ratings) -> list[str]:
    names = [plain(clip(name, 40)) for name in names_of(board)]
    return [
        _pair_line(pair, names)
        for pair in sorted(ratings.pairs, key=lambda pair: (-_decided(pair) - pair.bad, pair.first, pair.second))
    ]


def _pair_line(pair: Pair, names: Sequence[str]) -> str:
    decided = _decided(pair)
    share = f"**{(pair.wins + pair.ties / 2) / decided:.0%}** of {decided:,}" if decided else "not decided"
    more = [
        f"{pair.wins:,} to {pair.losses:,}",
        *([count(pair.ties, "tie")] if pair.ties else []),
        *([f"both bad {pair.bad:,}"] if pair.bad else []),
    ]
    return f"{names[pair.first]} against {names[pair.second]}: {share} ({', '.join(more)})"


def _shares(ratings: Ratings) -> Mapping[tuple[int, int], tuple[float, int]]:
    found: dict[tuple[int, int], tuple[float, int]] = {}
    for pair in ratings.pairs:
        if decided := _decided(pair):
            share = (pair.wins + pair.ties / 2) / decided
            found[pair.first, pair.second] = share, decided
            found[pair.second, pair.first] = 1 - share, decided
    return found


def _cell(shares: Mapping[tuple[int, int], tuple[float, int]], row: int, column: int) -> Cell:
    if row == column:
        return Cell("")
    share, decided = shares.get((row, column), (None, 0))
    if share is None:
        return Cell("–")
    return Cell(f"{share:.0%} of {decided:,}", share)


def _win_rates(board: Board, ratings: Ratings) -> str:
    """Say how often each won against whomever it met, which a rating sees through and a share does not."""
    names = names_of(board)
    won = [(one.row, (one.wins + one.ties / 2) / one.votes) for one in ratings.ratings if one.votes]
    said = ", ".join(
        f"{plain(clip(names[row], 40))} {share:.0%}" for row, share in sorted(won, key=lambda one: -one[1])
    )
    return f"-# Won, whoever it met: {clip(said, 700)}." if said else ""


def _exposure(shares: Sequence[ExposureShare]) -> str:
    shown = sorted((share for share in shares if share.shown), key=lambda share: -share.shown)
    if not shown:
        return ""
    said = ", ".join(f"{plain(clip(share.label, 40))} {share.shown:,} ({share.share:.0%})" for share in shown[:20])
    return f"-# Shown in battles that count: {clip(said, 900)}."


def _history_lines(history: History) -> list[str]:
    lines: list[str] = []
    for place in _best_last(history):
        values = [point.ratings[place] for point in history.points]
        known = [value for value in values if value is not None]
        name = plain(clip(history.lines[place].name, 50))
        if len(known) == 1:
            lines.append(f"**{name}** {known[0]:.0f}, new")
        else:
            change = known[-1] - known[0]
            lines.append(f"**{name}** {known[0]:.0f} → {known[-1]:.0f} ({change:+.0f})")
    return lines


def _best_last(history: History) -> list[int]:
    """Return the places of lines that were ever rated, the best at their end first."""
    ends: list[tuple[float, int]] = []
    for place in range(len(history.lines)):
        known = [value for point in history.points if (value := point.ratings[place]) is not None]
        if known:
            ends.append((-known[-1], place))
    return [place for _, place in sorted(ends)]


def _fitting(lines: Sequence[str], room: int, more: str) -> str:
    """Return as many lines as fit, and how many are missing."""
    kept: list[str] = []
    used = 0
    for line in lines:
        used += size(line) + 1
        if used > room - 80:
            break
        kept.append(line)
    if len(kept) < len(lines):
        kept.append(f"-# And {len(lines) - len(kept):,} more. {more}".rstrip())
    return "\n".join(kept)
