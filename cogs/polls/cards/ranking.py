"""The ranked ballot that only the voter sees: the order so far, and what can be done with it."""

from typing import Any

from discord import ui

from bot.polls.types import BallotPaper, Poll
from cogs.polls.cards.words import ordinal, size
from cogs.polls.controls import adding_menu, moving_buttons, moving_menu, ranking_buttons
from cogs.polls.ranking import Ranking
from cogs.ui.cards import MOST_TEXT, Tone, card, rows
from cogs.ui.text import clip, count, plain, when

_LENGTHS = (80, 64, 50, 38, 28, 20, 12)
_SPARE = 200


def ballot_to_rank(paper: BallotPaper) -> ui.LayoutView:
    """Offer the ballot: what stands, or an empty order."""
    ranks = paper.ranks
    notice = "" if ranks is None else added_notice(paper.poll, len(ranks))
    return ranking_card(paper.poll, Ranking.of(ranks or b""), standing=ranks, notice=notice)


def ranking_card(
    poll: Poll,
    ranking: Ranking,
    before: Ranking | None = None,
    *,
    standing: bytes | None = None,
    moving: int | None = None,
    notice: str = "",
) -> ui.LayoutView:
    """Show an order.

    `before` is what Undo goes back to, `standing` the ballot that this voter has cast if it is known, `moving` the
    option whose place is being changed, `notice` what happened meanwhile.
    """
    counted = standing is not None and ranking == Ranking.of(standing)
    title = f"{'Your ballot' if counted else 'Not counted yet'}: {plain(clip(poll.question, 120))}"
    said = _said(ranking, counted)
    footer = f"Only you see this. The order is kept in this message. The poll closes {when(poll.closes_at)}."
    others = (title, said, notice, footer)
    room = MOST_TEXT - _SPARE - sum(size(text) for text in others)
    parts: list[str | ui.Item[Any]] = [f"**{notice}**"] if notice else []
    if ranking.groups:
        parts.append(_fitting(poll, ranking, moving, room))
    parts.append(said)
    menus = [adding_menu(poll, ranking), moving_menu(poll, ranking, moving)]
    parts += [ui.ActionRow(menu) for menu in menus if menu]
    if moving is not None:
        parts += rows(moving_buttons(poll, ranking, moving))
    parts += rows(ranking_buttons(poll, ranking, ranking if before is None else before, counted=counted))
    return card(title, *parts, tone=Tone.GOOD if counted else Tone.TROUBLE, footer=footer)


def added_notice(poll: Poll, known: int) -> str:
    """Say which options were added since a voter saw the first `known`, or nothing."""
    added = poll.options[known:]
    if not added:
        return ""
    if len(added) == 1:
        return f"An option was added: {plain(clip(added[0], 80))}. Leave it out or add it to your order."
    return f"{len(added)} options were added. Leave them out or add them to your order."


def _said(ranking: Ranking, counted: bool) -> str:
    if counted:
        return "This ballot is counted. You can change it until the poll closes."
    if not ranking.groups:
        return "Choose your first choice below, then your second, and so on. It counts once you press **Submit**."
    return "**Not counted yet**: press **Submit** when the order is right. What you leave out is ranked last, equally."


def _fitting(poll: Poll, ranking: Ranking, moving: int | None, room: int) -> str:
    text = ""
    for length in _LENGTHS:
        text = "\n".join(
            [
                *(_line(poll, group, rank, moving, length) for rank, group in enumerate(ranking.groups, start=1)),
                *_left_out(poll, ranking),
            ]
        )
        if size(text) <= room:
            break
    return text


def _line(poll: Poll, group: tuple[int, ...], rank: int, moving: int | None, length: int) -> str:
    names = [_name(poll.options[place], length, marked=place == moving) for place in group]
    return f"**{ordinal(rank)}** {' = '.join(names)}"


def _name(option: str, length: int, *, marked: bool) -> str:
    name = plain(clip(option, length))
    return f"→ **{name}**" if marked else name


def _left_out(poll: Poll, ranking: Ranking) -> list[str]:
    left = len(poll.options) - len(ranking.places)
    return [f"-# {count(left, 'option')} not ranked"] if left else []
