"""The private panels beside answers: More, who else may answer, what was sent where, thumbs, reports, deletion."""

from collections.abc import Iterator, Sequence

import discord
from discord import ui

from bot.asking.types import Asker, Blocked, Offer, Ratings, Report, TurnRecord
from bot.catalog import Task, Where
from bot.db.schema import TurnPhase
from cogs.asking.cards.words import OPENNESS, asked, chosen_name, figures, left_for, name_of
from cogs.asking.controls import (
    again_button,
    branch_button,
    clear_button,
    delete_button,
    deleting_button,
    language_menu,
    models_menu,
    report_button,
    sent_button,
    share_button,
    stop_button,
    thread_button,
    verdict_buttons,
    why_button,
)
from cogs.ui.cards import Part, Tone, card, rows
from cogs.ui.controls import Control
from cogs.ui.model_text import defuse
from cogs.ui.reply import list_button
from cogs.ui.text import clip, count, plain

_EXCERPT = 1500


def more_card(turn: TurnRecord, languages: Sequence[str], *, can_thread: bool) -> ui.LayoutView:
    """Offer everything that the row under an answer has no room for."""
    key = turn.turn_id
    buttons: list[Control] = []
    lines: list[str] = []
    if turn.phase is TurnPhase.RUNNING:
        buttons.append(stop_button(key))
    if turn.phase in (TurnPhase.DONE, TurnPhase.STOPPED):
        buttons.append(branch_button(key))
        lines.append("**Branch** goes on from here in a conversation of your own.")
    if can_thread and not turn.is_private and turn.message_id:
        buttons.append(thread_button(key))
        lines.append("**Thread** moves the conversation into a thread; `/ask` there goes on with it.")
    if turn.is_private and turn.shared_message_id is None and turn.phase in (TurnPhase.DONE, TurnPhase.STOPPED):
        buttons.append(share_button(key))
        lines.append("**Share** posts question and answer in this channel, once.")
    if turn.earlier_turns:
        buttons.append(clear_button(key))
        lines.append("**Start afresh** has the model forget what came before in this conversation.")
    buttons += [sent_button(key), report_button(key), delete_button(key)]
    parts: list[Part] = [part for part in (asked(turn), "\n".join(lines)) if part]
    parts += rows(buttons)
    if turn.task is Task.TRANSLATE and languages:
        parts.append(ui.ActionRow(language_menu(key, languages)))
    footer = " · ".join(part for part in (_thumbs(turn.ratings), left_for(turn.remaining)) if part)
    return card("More", *parts, footer=footer or None)


def retry_card(turn: TurnRecord, offers: Sequence[Offer]) -> ui.LayoutView:
    """Offer the same model again, or another one."""
    parts: list[Part] = [asked(turn), *rows([again_button(turn.turn_id, f"{chosen_name(turn)} again")])]
    if any(not offer.why_not for offer in offers):
        parts.append(ui.ActionRow(models_menu(turn.turn_id, offers)))
    else:
        parts.append("No other model can be used here.")
    return card("Who is to answer?", *[part for part in parts if part], footer="The first answer stays.")


def thumb_card(turn_id: int, ratings: Ratings, *, good: bool) -> ui.LayoutView:
    """Say that a thumb counts."""
    said = "Noted: this answer was helpful." if good else "Noted: this answer was not helpful."
    return card(
        "Thank you", said, *rows([why_button(turn_id, good=good)]), tone=Tone.GOOD, footer=_thumbs(ratings) or None
    )


def reason_card(ratings: Ratings) -> ui.LayoutView:
    """Say that a reason was noted."""
    return card("Thank you", "Your reason is noted.", tone=Tone.GOOD, footer=_thumbs(ratings) or None)


def stopped_card() -> ui.LayoutView:
    """Say that an answer is ended."""
    return card("Stopped", "The model writes no further. What is there stays.")


def cleared_card() -> ui.LayoutView:
    """Say that what came before is no longer told."""
    return card("Started afresh", "From now on the model is told nothing of what came before in this conversation.")


def sent_card(turn: TurnRecord) -> ui.LayoutView:
    """Say what was sent where, and what became of it."""
    return card("What was sent where", "\n".join(f"- {line}" for line in _sent(turn)), asked(turn) or "-# No question")


def deleting_card(turn: TurnRecord) -> ui.LayoutView:
    """Ask once more before an answer is deleted."""
    return card(
        "Delete this answer?",
        "Question and answer are erased, here and where they were shared. This cannot be undone.",
        *rows([deleting_button(turn.turn_id)]),
        tone=Tone.TROUBLE,
    )


def deleted_card(*, gone: bool) -> ui.LayoutView:
    """Say what became of the messages."""
    rest = (
        "Question and answer are erased."
        if gone
        else "Question and answer are erased from my memory. A message of it could not be removed: a private one goes "
        "when you dismiss it, another a moderator can delete by hand."
    )
    return card("Deleted", rest)


def shared_card(url: str) -> ui.LayoutView:
    """Say where a private answer was posted."""
    link = ui.ActionRow(ui.Button[ui.LayoutView](style=discord.ButtonStyle.link, label="Show it", url=url))
    return card("Shared", "Your question and its answer are posted.", link, tone=Tone.GOOD)


def thread_card(url: str) -> ui.LayoutView:
    """Say where the conversation goes on."""
    link = ui.ActionRow(ui.Button[ui.LayoutView](style=discord.ButtonStyle.link, label="Go there", url=url))
    return card("Thread", "The conversation goes on there.", link, tone=Tone.GOOD)


def threaded_card(turn: TurnRecord) -> ui.LayoutView:
    """Say in a new thread how one goes on."""
    return card(
        f"Go on with {name_of(turn)}", "Use `/ask` here, or reply to one of my messages: I know what was said so far."
    )


def reported_card(*, told: bool) -> ui.LayoutView:
    """Say what happens with a report."""
    if told:
        text = "The moderators have it. What they decide is kept under your private answers, here and in `/help`."
    else:
        text = (
            "It is written down, but this server has no log channel where moderators would see it. Please tell one of "
            "them; `/server setup` sets the channel."
        )
    return card("Reported", text, *rows([list_button()]))


def report_card(report: Report) -> ui.LayoutView:
    """Show a report to the moderators, to be decided or as it was decided."""
    turn = report.turn
    by = f"<@{report.member_id}>" if report.member_id else "a member who has left"
    where = f"<#{turn.channel_id}>"
    answer = f"-# The answer\n{defuse(clip(turn.answer, _EXCERPT)) or '*There is no text.*'}"
    parts: list[Part] = [f"{by} reports an answer by **{name_of(turn)}** in {where}:", f"> {_line(report.reason)}"]
    parts += [f"-# The question\n{question}"] if (question := asked(turn)) else []
    if report.outcome is None:
        return card("Report", *parts, answer, *rows(verdict_buttons(report.report_id)), tone=Tone.TROUBLE)
    upheld = report.outcome == "upheld"
    who = f"<@{report.handler_id}>" if report.handler_id else "A moderator"
    verdict = f"{who} upheld it: the answer is deleted." if upheld else f"{who} dismissed it: the answer stays."
    return card("Report · decided", *parts, *([] if upheld else [answer]), verdict, tone=Tone.DRAFT)


def blocked_card(asker: Asker, blocked: Blocked) -> ui.LayoutView:
    """Tell moderators what was held back, without its text."""
    what = "A question by" if blocked.where == "question" else "An answer to"
    score = f" · score {blocked.score:.0%}" if blocked.score is not None else ""
    return card(
        "Held back",
        f"{what} <@{asker.member_id}> in <#{asker.channel_id}> was held back.",
        f"-# {plain(clip(blocked.rule, 200))}{score}",
        tone=Tone.TROUBLE,
    )


def outcome_text(report: Report) -> str:
    """Tell whoever reported what was decided."""
    what = "The answer was deleted." if report.outcome == "upheld" else "The answer stays."
    decided = "upheld" if report.outcome == "upheld" else "dismissed"
    return f"### Your report\nYour report of an answer by {name_of(report.turn)} was {decided}. {what}"


def _sent(turn: TurnRecord) -> Iterator[str]:
    name = name_of(turn)
    openness = f" ({OPENNESS[turn.card.openness].lower()}, by {plain(turn.card.maker)})" if turn.card else ""
    if turn.where is Where.ELSEWHERE:
        yield f"**{name}**{openness} ran at its provider's."
    elif turn.where is Where.MACHINE:
        yield f"**{name}**{openness} ran in another program on the machine that this bot runs on."
    elif turn.where is Where.WORKER:
        yield f"**{name}**{openness} ran in a process of this bot, on its own machine."
    else:
        yield f"**{name}**{openness} has not answered."
    yield f"It was told: {', '.join(_told(turn))}. It was not told who asked."
    yield plain(turn.sent) if turn.sent else "Nothing left this machine."
    if counted := [*figures(turn)]:
        yield f"Counted: {', '.join(counted)}."
    if turn.checked_by:
        yield f"Question and answer were shown to {plain(turn.checked_by)} to be moderated."
    if turn.sent and turn.card and turn.card.training_note:
        yield plain(clip(turn.card.training_note, 300))
    yield "Question and answer are kept in this bot's database until somebody deletes them."


def _told(turn: TurnRecord) -> Iterator[str]:
    yield f"the question ({count(len(turn.question), 'character')})"
    if turn.passage_name:
        yield f"the text of {plain(clip(turn.passage_name, 60))}"
    if turn.pictures:
        yield count(turn.pictures, "picture")
    if turn.earlier_turns:
        yield f"{count(turn.earlier_turns, 'earlier turn')} of this conversation"
    if turn.persona:
        yield f"how to speak ({plain(clip(turn.persona, 40))})"


def _line(text: str) -> str:
    return plain(" ".join(text.split())) or "*No reason given.*"


def _thumbs(ratings: Ratings) -> str:
    return f"👍 {ratings.good} · 👎 {ratings.bad}" if ratings.good or ratings.bad else ""
