"""How a poll is counted: the rules before anybody votes, each step after it, and the same ballots by other rules."""

from collections.abc import Callable, Sequence
from typing import Any

from discord import ui

from bot.polls.counting import FULL_METHODS
from bot.polls.tallies.lots import lots
from bot.polls.tallies.types import COMPARED, Comparison, Tally, TieBreak
from bot.polls.types import CountingMethod, Poll, PollPhase, PollResult
from cogs.polls.cards.tables import number, table_of
from cogs.polls.cards.words import METHOD_WORDS, size, weighing, why_totals
from cogs.polls.controls import counted_button, recount_button, rules_menu
from cogs.ui.cards import MOST_TEXT, Tone, card, picture, rows, rule
from cogs.ui.text import clip, count, listed, plain

PICTURE, TEXT = "counted.png", "counted.txt"
_LENGTHS = (60, 40, 28, 20, 12)
_SPARE = 250
_MOST_STEPS, _MOST_TIES, _NAMED = 8, 4, 3


def explained_card(poll: Poll) -> ui.LayoutView:
    """Say how votes will be counted and who wins ties: it stands before anybody votes."""
    title, footer = f"How it counts: {plain(clip(poll.question, 200))}", "Only you see this."
    parts = [_method(poll.method), *_weights(poll)]
    if poll.method in FULL_METHODS:
        parts.append(
            "**Ties** are broken by lot where the method knows nothing better. The lot was drawn when the poll was "
            "written; of those that tie, the one that comes first here wins:"
        )
    fixed = "\n".join(parts)
    return card(title, fixed, *_lot(poll, size(title) + size(fixed) + size(footer)), footer=footer)


def counted_card(result: PollResult, tally: Tally | None, *, with_file: bool = False) -> ui.LayoutView:
    """Show how a poll was counted; `tally` is its own, or that of another rule.

    The picture is attached as `PICTURE` where there is a table, and the table as `TEXT` with `with_file`.
    """
    poll = result.poll
    method = tally.method if tally else poll.method
    is_own = method is poll.method
    title = f"{'How counted' if is_own else 'Counted another way'}: {plain(clip(poll.question, 150))}"
    head = _method(method)
    if not is_own:
        head = f"**This is not the rule of this poll**, which is {METHOD_WORDS[poll.method].name}.\n{head}"
    foot = "\n".join([*_weights(poll), *_quorum(result)])
    table = table_of(poll, tally) if tally else None
    footer = _footer(poll)
    attached: list[ui.Item[Any]] = [ui.File(f"attachment://{TEXT}")] if table and with_file else []
    drawn = table.narrow() if table and not with_file else None
    room = MOST_TEXT - _SPARE - sum(size(text) for text in (title, head, foot, footer, drawn or ""))
    return card(
        title,
        head,
        *_steps(result, tally, room),
        *([picture(PICTURE, table.spoken())] if table else []),
        *([drawn] if drawn else []),
        *attached,
        *([foot] if foot else []),
        rule(),
        *_controls(result, method, is_own=is_own),
        footer=footer,
    )


def needs_file(result: PollResult, tally: Tally) -> str | None:
    """Return the table as text where it does not fit on the card, to be attached as `TEXT`."""
    table = table_of(result.poll, tally)
    if table is None:
        return None
    drawn = table.narrow()
    return table.text() if drawn is None or size(drawn) > MOST_TEXT // 3 else None


def comparison_card(result: PollResult, comparison: Comparison) -> ui.LayoutView:
    """Show who would win by which rule, and warn where that depends on the rule."""
    poll = result.poll
    title = f"By every rule: {plain(clip(poll.question, 150))}"
    differs = comparison.differs or any(_stays_tied(tally) for tally in comparison.tallies)
    if differs:
        warning = (
            f"**The winner depends on the rule.** This poll was to be counted by {METHOD_WORDS[poll.method].name}, "
            "as was said before anybody voted; the others are shown to compare."
        )
    else:
        warning = "All these rules name the same winner."
    lines = [_compared(poll, tally) for tally in comparison.tallies]
    return card(
        title,
        warning,
        "\n".join(lines),
        rule(),
        *_controls(result, None, is_own=False),
        tone=Tone.TROUBLE if differs else Tone.GOOD,
        footer=_footer(poll),
    )


def recount_card(poll: Poll, name: str, only_totals: bool) -> ui.LayoutView:
    """Hand out the file with which anybody can count again."""
    held = why_totals(poll) if only_totals else "all ballots, without names"
    attached: list[ui.Item[Any]] = [ui.File(f"attachment://{name}")]
    return card(
        "Recount file",
        f"**{plain(clip(poll.question, 200))}**\nIt holds {held}, the rules, the lot and the result, and is signed. "
        "`rostrum recount FILE` counts it again. It proves where the file comes from, not that the operator was "
        "honest; the key is in `/help`.",
        *attached,
        tone=Tone.GOOD,
        footer="Only you see this.",
    )


def _controls(result: PollResult, method: CountingMethod | None, *, is_own: bool) -> list[ui.Item[Any]]:
    poll = result.poll
    buttons = [] if is_own else [counted_button(poll.poll_id, "By the poll's rule")]
    if poll.phase in {PollPhase.CLOSED, PollPhase.DONE}:
        buttons.append(recount_button(poll.poll_id))
    compared = COMPARED.get(poll.kind, ()) if result.turnout else ()
    menu = [ui.ActionRow(rules_menu(poll, compared, method))] if compared else []
    return [*menu, *rows(buttons)]


def _footer(poll: Poll) -> str:
    ended = poll.phase in {PollPhase.CLOSED, PollPhase.DONE}
    return "Only you see this." if ended else "Only you see this. The poll is still open: this is how it stands now."


def _method(method: CountingMethod) -> str:
    words = METHOD_WORDS[method]
    return f"**{words.name[0].upper()}{words.name[1:]}.** {words.sentences}"


def _weights(poll: Poll) -> list[str]:
    said = weighing(poll.rules)
    return [f"**Weights.** {said}"] if said else []


def _quorum(result: PollResult) -> list[str]:
    quorum = result.poll.rules.quorum
    if quorum is None:
        return []
    verdict = "it was missed" if result.missed_quorum else "it was reached"
    needed = f"{count(quorum, 'vote')} {'was' if quorum == 1 else 'were'} needed"
    return [f"**Quorum.** {needed}, {result.turnout:,} came: {verdict}."]


def _lot(poll: Poll, used: int) -> list[str]:
    if poll.method not in FULL_METHODS:
        return ["Equal votes stay a tie: no lot is drawn."]
    order = lots(poll.tie_seed, poll.options)

    def written(names: Sequence[str]) -> list[str]:
        return [f"{at}. {names[place]}" for at, place in enumerate(order, start=1)]

    return [_fitting(poll, MOST_TEXT - _SPARE - used, written)]


def _fitting(poll: Poll, room: int, write: Callable[[Sequence[str]], list[str]]) -> str:
    """Write lines with the options' names, which are cut to one length until all fit."""
    text = ""
    for length in _LENGTHS:
        text = "\n".join(write([plain(clip(option, length)) for option in poll.options]))
        if size(text) <= room:
            return text
    return clip(text, max(1, room))


def _steps(result: PollResult, tally: Tally | None, room: int) -> list[str]:
    poll = result.poll
    if not result.turnout:
        return ["Nobody voted."]
    if tally is None:
        return ["The numbers are on the result's card. Equal votes stay a tie: no lot is drawn."]
    if tally.winner is None:
        return ["No ballot names an option, so there is no winner."]

    def written(names: Sequence[str]) -> list[str]:
        return [*_told(tally, names), *_ties(tally, names), *_order(tally, names)]

    return [_fitting(poll, room, written)]


def _told(tally: Tally, names: Sequence[str]) -> list[str]:
    """Say what happened, step by step."""
    if tally.method is CountingMethod.RUNOFF:
        return _told_rounds(tally, names)
    if tally.method is CountingMethod.STAR:
        return _told_final(tally, names)
    if tally.method in {CountingMethod.SCHULZE, CountingMethod.RANKED_PAIRS}:
        return [*_told_condorcet(tally, names), *_told_skipped(tally, names)]
    return [f"{names[place]}: {number(tally.scores[place])}" for place in tally.order if tally.scores]


def _told_rounds(tally: Tally, names: Sequence[str]) -> list[str]:
    lines: list[str] = []
    for at, round_ in enumerate(tally.rounds, start=1):
        outs = [f"{names[place]} goes out with {number(round_.votes[place] or 0)}" for place in round_.eliminated]
        leader = max((vote or 0, -place) for place, vote in enumerate(round_.votes))
        said = listed(outs) if outs else f"{names[-leader[1]]} has {number(leader[0])}"
        spent = f"; {number(round_.exhausted)} name nobody left" if round_.exhausted else ""
        lines.append(f"Round {at}: {said}{spent}.")
    if len(lines) > _MOST_STEPS:
        left_out = len(lines) - _MOST_STEPS
        lines[_MOST_STEPS // 2 : -_MOST_STEPS // 2] = [f"… {count(left_out, 'round')} between, see the table …"]
    return lines


def _told_final(tally: Tally, names: Sequence[str]) -> list[str]:
    if not tally.rounds:
        return []
    final = tally.rounds[-1].votes
    finalists = sorted((place for place, votes in enumerate(final) if votes is not None), key=tally.order.index)
    sums = listed([f"{names[place]} ({number(tally.scores[place])} points)" for place in finalists])
    won = ", ".join(f"{names[place]} {number(final[place] or 0)}" for place in finalists)
    return [f"Finalists: {sums}.", f"Ballots that score one higher: {won}."]


def _told_condorcet(tally: Tally, names: Sequence[str]) -> list[str]:
    if tally.condorcet is None:
        return ["No option beats every other one by one, so the method decides."]
    return [f"{names[tally.condorcet]} beats every other option one by one."]


def _told_skipped(tally: Tally, names: Sequence[str]) -> list[str]:
    lines = [
        f"Left out, since it contradicts clearer victories: {names[winner]} over {names[loser]} by {margin:,}."
        for winner, loser, margin in tally.skipped[:_MOST_TIES]
    ]
    more = len(tally.skipped) - len(lines)
    return [*lines, *([f"Left out too: {count(more, 'victory', 'victories')}."] if more else [])]


def _ties(tally: Tally, names: Sequence[str]) -> list[str]:
    lines = [_tie(tally, tie, names) for tie in tally.tie_breaks[:_MOST_TIES]]
    more = len(tally.tie_breaks) - len(lines)
    return [*lines, *([f"Ties broken besides: {more}."] if more else [])]


def _tie(tally: Tally, tie: TieBreak, names: Sequence[str]) -> str:
    among = _among(tie, names)
    if _stays_tied(tally):
        return f"**Tie** of {among}: it stays one, no lot is drawn."
    what = "goes out" if tally.method is CountingMethod.RUNOFF else "comes first"
    at = next((at for at, round_ in enumerate(tally.rounds, start=1) if tie.chosen in round_.eliminated), 0)
    when = f" in round {at}" if at and tally.method is CountingMethod.RUNOFF else ""
    return f"**Tie** of {among}{when}: {names[tie.chosen]} {what}, {tie.by}."


def _order(tally: Tally, names: Sequence[str]) -> list[str]:
    if tally.scores and tally.method is not CountingMethod.STAR:
        # they are listed with their numbers
        return []
    shown = [f"{at}. {names[place]}" for at, place in enumerate(tally.order[:_MOST_STEPS], start=1)]
    rest = len(tally.order) - len(shown)
    return [f"**Order.** {' · '.join(shown)}{f' · and {rest} more' if rest else ''}"]


def _compared(poll: Poll, tally: Tally) -> str:
    names, tied = [plain(clip(option, 80)) for option in poll.options], ""
    if tally.winner is None:
        winner = "no winner"
    elif _stays_tied(tally):
        winner = f"a tie of {_among(tally.tie_breaks[0], names)}"
    else:
        winner = names[tally.winner]
        tied = " (tie broken by lot)" if any("lot" in tie.by for tie in tally.tie_breaks) else ""
    own = " · **the poll's rule**" if tally.method is poll.method else ""
    words = METHOD_WORDS[tally.method].name
    return f"{words[0].upper()}{words[1:]}: **{winner}**{tied}{own}"


def _stays_tied(tally: Tally) -> bool:
    """Say whether nobody wins because several have most, and the method draws no lot."""
    return tally.method not in FULL_METHODS and bool(tally.tie_breaks)


def _among(tie: TieBreak, names: Sequence[str]) -> str:
    tied = [names[place] for place in tie.between]
    return listed(tied) if len(tied) <= _NAMED else f"{len(tied)} options"
