"""A battle whose names are known: the count, both models with their answers, and all there is to know of them."""

from collections.abc import Iterator

from discord import ui

from bot.arena.types import BattleAnswer, Reason, Result, Verdict, VoteReceipt
from cogs.arena.cards.battle import doubt_words
from cogs.arena.cards.words import (
    OPENNESS,
    SAID,
    answers_in,
    asked,
    bar,
    cost_words,
    effort_words,
    energy_words,
    name_of,
    place_words,
    reasons_line,
    receipt,
    sent_words,
    size_words,
)
from cogs.arena.controls import details_button, manage_button, reasons_menu, show_button
from cogs.ui.cards import Part, Tone, card, rows, rule
from cogs.ui.text import clip, count, plain, when

_FIRST, _SECOND = "A", "B"
_NO_ENERGY = "Energy: no estimate, because too little is known of this model."


def result_card(result: Result) -> ui.LayoutView:
    """Show a shared battle that is closed: names, answers and the count."""
    battle = result.battle
    closed_at = battle.closed_at or battle.closes_at
    lines = [*_count_lines(result)]
    small = [reasons_line(result.reasons)]
    if result.doubtful:
        small.append(f"The board leaves {count(result.doubtful, 'of these votes', 'of these votes')} out at first.")
    lines += [f"-# {line}" for line in small if line]
    footer = f"Closed {when(closed_at, 'f')} · {count(result.turnout, 'vote')} · written by AI models, may be wrong"
    buttons = [show_button(), details_button(battle.battle_id), manage_button(battle.battle_id)]
    return _card(_outcome(result), result, "\n".join(lines), rows(buttons), footer)


def private_result_card(vote: VoteReceipt, result: Result, reasons: tuple[Reason, ...] = ()) -> ui.LayoutView:
    """Show a private battle to its voter, in the place of the vote buttons."""
    lines = [f"You said: **{SAID[vote.verdict]}**. Your vote is final."]
    if vote.doubt is not None:
        lines.append(f"-# {doubt_words(vote.doubt)}")
    if reasons:
        lines.append(f"-# Your reasons: {', '.join(reason.value for reason in reasons)}.")
    battle_id = result.battle.battle_id
    first, second = (name_of(answer, 40) for answer in result.battle.answers)
    controls: list[ui.Item[ui.LayoutView]] = [
        ui.ActionRow(reasons_menu(battle_id, reasons)),
        *rows([show_button(), details_button(battle_id)]),
    ]
    title = f"A was {first}, B was {second}"
    return _card(title, result, "\n".join(lines), controls, "Only you see this. Written by AI models, may be wrong.")


def details_card(result: Result) -> ui.LayoutView:
    """Show all there is to know of both models: class, licence, size, where they ran, what that took."""
    parts: list[Part] = []
    for letter, answer in zip((_FIRST, _SECOND), result.battle.answers, strict=True):
        parts += [rule(), f"### {letter} · {name_of(answer)}\n" + "\n".join(f"- {line}" for line in _details(answer))]
    return card("About the models", *parts[1:], footer="Only you see this. `/models` says why a model is in its class.")


def _card(title: str, result: Result, text: str, controls: list[ui.Item[ui.LayoutView]], footer: str) -> ui.LayoutView:
    battle, prompt = result.battle, asked(result.battle, 160)
    heads = [
        f"### Answer {letter} · {name_of(answer)}\n"
        for letter, answer in zip((_FIRST, _SECOND), battle.answers, strict=True)
    ]
    small = [f"\n-# {receipt(answer)}" for answer in battle.answers]
    first, second = answers_in(battle, (f"### {title}", prompt, text, f"-# {footer}", *heads, *small))
    return card(
        title,
        *([prompt] if prompt else []),
        text,
        rule(),
        heads[0] + first + small[0],
        rule(),
        heads[1] + second + small[1],
        rule(),
        *controls,
        tone=Tone.GOOD,
        footer=footer,
    )


def _outcome(result: Result) -> str:
    """Say in a few words how a battle ended."""
    if not result.turnout:
        first, second = (name_of(answer, 40) for answer in result.battle.answers)
        return f"Nobody voted. A was {first}, B was {second}"
    most = max(result.votes.values())
    leaders = [verdict for verdict, amount in result.votes.items() if amount == most]
    if len(leaders) > 1:
        return "No clear preference"
    answers = dict(zip((Verdict.A, Verdict.B), result.battle.answers, strict=True))
    if leaders[0] in answers:
        letter = _FIRST if leaders[0] is Verdict.A else _SECOND
        return f"Preferred: {letter}, {name_of(answers[leaders[0]], 50)}"
    return "Most found them equally good" if leaders[0] is Verdict.TIE else "Most found both bad"


def _count_lines(result: Result) -> Iterator[str]:
    names = {
        Verdict.A: f"**A** {name_of(result.battle.answers[0], 40)}",
        Verdict.B: f"**B** {name_of(result.battle.answers[1], 40)}",
        Verdict.TIE: "Tie",
        Verdict.BAD: "Both bad",
    }
    most = max(result.votes.values(), default=0)
    alone = sum(amount == most for amount in result.votes.values()) == 1
    for verdict, name in names.items():
        amount = result.votes.get(verdict, 0)
        # words as well as lengths
        first = " · **most votes**" if alone and amount == most else ""
        yield f"{bar(amount, result.turnout)} {amount:,} · {name}{first}"


def _details(answer: BattleAnswer) -> Iterator[str]:
    model = answer.card
    yield f"**{OPENNESS[answer.line.openness]}**" + (f" · by {plain(clip(model.maker, 60))}" if model else "")
    if model:
        licence = [plain(clip(model.licence, 80)), plain(clip(model.attribution, 120))]
        yield "Licence: " + " · ".join(part for part in licence if part)
        size = size_words(model.parameters)
        yield f"Size: {size}" if size else "Size: not published"
    else:
        yield "It is no longer in this bot's catalogue."
    if version := plain(clip(answer.line.version, 80)):
        yield f"Version: {version}"
    where = " · ".join(part for part in (place_words(answer), sent_words(answer)) if part)
    if where:
        yield where[:1].upper() + where[1:]
    if answer.prompt_tokens is not None and answer.completion_tokens is not None:
        written = effort_words(answer).replace(" in ", " written in ", 1)
        yield f"{count(answer.prompt_tokens, 'token')} read, {written}"
    elif effort := effort_words(answer):
        yield effort
    yield cost_words(answer.cost).capitalize() if not answer.cost else f"Cost: {cost_words(answer.cost)}"
    if answer.energy:
        yield f"Energy: {energy_words(answer.energy)}. {plain(clip(answer.energy.method, 400))}"
    else:
        yield _NO_ENERGY
    if answer.masked:
        yield f"It named itself: {count(answer.masked, 'place')} masked"
