"""A battle before its names are known: its answers being made, taking votes, and where it came to nothing."""

from discord import ui

from bot.arena.types import Battle, Challenger, Doubt, Reason, VoteReceipt
from bot.guilds.checking import Blocked
from cogs.arena.cards.words import SAID, answers_in, asked, sent_words
from cogs.arena.controls import (
    close_button,
    delete_button,
    erase_button,
    manage_button,
    reasons_menu,
    show_button,
    stop_button,
    vote_buttons,
)
from cogs.ui.cards import Part, Tone, card, rows, rule
from cogs.ui.errors import as_said
from cogs.ui.text import clip, count, plain, when

_MADE_BY_AI = "Two AI models wrote this, and both may be wrong."
_MASKED = "█████ stands where an answer said which model it is."
_DOUBTS = {
    Doubt.RUSHED: "it came sooner than both answers can be read",
    Doubt.CAPPED: "you have cast more votes today than the board counts of one member",
    Doubt.NEW_ACCOUNT: "your Discord account is only a few days old",
}


def running_card(battle: Battle, notice: str = "") -> ui.LayoutView:
    """Say that the answers are being made, and not by whom."""
    state = plain(notice) or "Two models are answering…"
    return card(
        "Arena battle",
        *_some(asked(battle)),
        f"*{state}*\n-# Both answers will appear together, so that speed gives nothing away.",
        *rows([stop_button(battle.battle_id)]),
        tone=Tone.DRAFT,
        footer="AI models write the answers, and may be wrong.",
    )


def open_card(battle: Battle, turnout: int = 0) -> ui.LayoutView:
    """Show both answers and take votes; who wrote what stays hidden."""
    title, prompt = "Arena battle", asked(battle)
    masked = f"-# {_MASKED}" if any(answer.masked for answer in battle.answers) else ""
    if battle.is_private:
        state = "**Which answer is better?** Your vote is final, and shows at once which models these are."
        footer = f"{_MADE_BY_AI} Only you see this battle."
        buttons = rows(vote_buttons(battle.battle_id))
    else:
        voted = count(turnout, "member has voted", "members have voted") if turnout else "Nobody has voted yet"
        state = f"**Which answer is better?** {voted} · closes {when(battle.closes_at)}"
        footer = f"{_MADE_BY_AI} Votes can be changed until it closes; then everybody sees the names and the count."
        buttons = rows([*vote_buttons(battle.battle_id), manage_button(battle.battle_id)])
    heads = "### Answer A\n", "### Answer B\n"
    first, second = answers_in(battle, (f"### {title}", prompt, masked, state, f"-# {footer}", *heads))
    return card(
        title,
        *_some(prompt),
        rule(),
        heads[0] + first,
        rule(),
        heads[1] + second,
        rule(),
        *_some(masked),
        state,
        *buttons,
        footer=footer,
    )


def void_card(battle: Battle, reason: str = "") -> ui.LayoutView:
    """Say plainly that a battle came to nothing, and why."""
    why = reason or battle.void_reason or "It could not be finished."
    if "nothing was counted" not in why.lower():
        why += "\nNothing was counted."
    return card(
        "This battle is void",
        *_some(asked(battle)),
        as_said(why),
        *_some(_went(battle)),
        tone=Tone.TROUBLE,
        footer=None if "/arena battle" in why else "`/arena battle` starts another one.",
    )


def _went(battle: Battle) -> str:
    """Say where the prompt went all the same, as far as it is known; it names no model."""
    known = [answer for answer in battle.answers if answer.where is not None]
    said = dict.fromkeys(sent_words(answer) for answer in known if answer.sent)
    if known and not said:
        return "-# Nothing left the server."
    return "\n".join(f"-# {words[:1].upper()}{words[1:]}." for words in said)


def deleted_card() -> ui.LayoutView:
    """Stand where a battle was."""
    return card(
        "Deleted",
        "What was written in this battle was deleted.",
        tone=Tone.DRAFT,
        footer="`/arena battle` starts another one.",
    )


def stopped_card() -> ui.LayoutView:
    """Say to who pressed that a battle is stopped."""
    return card("Stopped", "The models have been told to stop. Nothing was counted.", tone=Tone.GOOD)


def receipt_card(receipt: VoteReceipt, reasons: tuple[Reason, ...] = ()) -> ui.LayoutView:
    """Tell a voter of a shared battle whether the vote counts, and if not on the board, why."""
    battle = receipt.battle
    lines = [f"You said: **{SAID[receipt.verdict]}**."]
    if receipt.changed and not reasons:
        lines.append("It took the place of your earlier vote.")
    if receipt.doubt is not None:
        lines.append(doubt_words(receipt.doubt))
        if receipt.doubt is Doubt.RUSHED:
            lines.append("Read both, and vote again: what counts is your last vote.")
    if reasons:
        lines.append(f"Your reasons: {', '.join(reason.value for reason in reasons)}.")
    return card(
        "Vote counted" if receipt.doubt is None else "Vote counted here, not on the board",
        "\n".join(lines),
        ui.ActionRow(reasons_menu(battle.battle_id, reasons)),
        tone=Tone.GOOD if receipt.doubt is None else Tone.DRAFT,
        footer=f"Only you see this. You can change your vote until the battle closes {when(battle.closes_at)}.",
    )


def doubt_words(doubt: Doubt) -> str:
    """Say why a vote is not on the board at first, and where it is counted all the same."""
    return (
        f"The board leaves it out at first, because {_DOUBTS[doubt]}. It is kept: "
        "“Count everything” on the board takes it in."
    )


def panel_card(battle: Battle, turnout: int) -> ui.LayoutView:
    """Show what asker and moderators can do."""
    if battle.is_revealed:
        text = f"{count(turnout, 'member')} voted. It is closed; its votes are on the board."
    else:
        voted = count(turnout, "member has voted", "members have voted") if turnout else "Nobody has voted yet"
        text = (
            f"{voted}. It closes by itself "
            f"{when(battle.closes_at)}; closing it now shows the names and the count to everybody."
        )
    return card(
        "Manage this battle",
        *_some(asked(battle)),
        text,
        *rows([close_button(battle.battle_id, disabled=battle.is_revealed), delete_button(battle.battle_id)]),
        tone=Tone.DRAFT,
        footer="Only you see this; only whoever asked and moderators get it.",
    )


def deletion_card(battle: Battle, turnout: int) -> ui.LayoutView:
    """Ask once more."""
    return card(
        "Delete this battle?",
        *_some(asked(battle)),
        f"Both answers will be gone{_votes_after(battle, turnout)} This cannot be undone.",
        *rows([erase_button(battle.battle_id), manage_button(battle.battle_id, "Keep it")]),
        tone=Tone.TROUBLE,
    )


def erased_card(battle: Battle, *, gone: bool) -> ui.LayoutView:
    """Say to who deleted it that a battle is gone."""
    text = "The battle is gone."
    if battle.is_revealed:
        text = "What was written in the battle is gone. Its votes stay on the board, without any text."
    if not gone:
        text += " I could not remove its card; its buttons no longer do anything."
    return card("Deleted", text, tone=Tone.GOOD)


def blocked_card(challenger: Challenger, blocked: Blocked) -> ui.LayoutView:
    """Tell moderators what was held back, without its text."""
    what = "An arena prompt by" if blocked.where == "question" else "An answer in a battle of"
    score = f" · score {blocked.score:.0%}" if blocked.score is not None else ""
    return card(
        "Held back",
        f"{what} <@{challenger.member_id}> in <#{challenger.channel_id}> was held back.",
        f"-# {plain(clip(blocked.rule, 200))}{score}",
        tone=Tone.TROUBLE,
    )


def closed_card(*, shown: bool) -> ui.LayoutView:
    """Say to who closed it that a battle is closed."""
    text = "The battle is closed, and its card shows the names and the count."
    if not shown:
        text = "The battle is closed. Its card could not be changed: it is gone, or I may not post there."
    return card("Closed", text, *rows([show_button()]), tone=Tone.GOOD)


def _votes_after(battle: Battle, turnout: int) -> str:
    """Say what becomes of the votes in a battle that is deleted."""
    if battle.is_revealed:
        return ". Its votes stay on the board, without any text."
    return f", and {count(turnout, 'vote')} with them." if turnout else "."


def _some(text: str) -> list[Part]:
    return [text] if text else []
