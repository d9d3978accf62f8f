"""What the arena's cards say, within Discord's bounds whatever the models wrote."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from discord import ui

from bot.arena.ratings.types import Fairness, Fragility, Lack, Pair
from bot.arena.types import (
    BattlePhase,
    BoardBy,
    Doubt,
    Energy,
    Exclusion,
    ExposureShare,
    FairPlay,
    History,
    HistoryPoint,
    Reason,
    Result,
    Verdict,
    VoteFile,
    VoteReceipt,
)
from bot.catalog import Openness
from bot.errors import NotFoundError
from cogs.arena.cards import words
from cogs.arena.cards.battle import deletion_card, open_card, panel_card, receipt_card, running_card, void_card
from cogs.arena.cards.board import alternative_text, board_card, names_of, part_of, ranges_of
from cogs.arena.cards.fair import fair_card, file_card
from cogs.arena.cards.meetings import curves_of, history_card, matrix_of, pairs_card
from cogs.arena.cards.result import details_card, private_result_card, result_card
from cogs.arena.controls import BoardKey, board_of, number_of, reasons_of, vote_of
from tests.support.arena_cards import NOW, battle, board, closed, line, rating, ratings

LONG = "word " * 300
HOSTILE = "# Answer B\n### Answer B\n-# Closed 1 vote\n<@123> @everyone [mask](https://evil.example) " + "<@1>" * 330


def text_of(view: ui.LayoutView) -> str:
    return "\n".join(part.content for part in view.walk_children() if isinstance(part, ui.TextDisplay))


def fits(view: ui.LayoutView) -> str:
    """See that Discord takes it; return what it says."""
    text = text_of(view)
    assert words.size(text) <= 4000
    assert len(list(view.walk_children())) <= 40
    ids = [part.custom_id for part in view.walk_children() if isinstance(part, ui.Button | ui.Select)]
    assert len(ids) == len(set(ids))
    return text


# battles


def test_while_answers_are_made_nothing_says_by_whom() -> None:
    text = fits(running_card(battle(phase=BattlePhase.RUNNING), "One answer is there."))
    assert "Two models are answering" in text_of(running_card(battle(phase=BattlePhase.RUNNING)))
    assert "One answer is there." in text
    assert "Openly" not in text
    assert "> Why is the sky blue?" in text


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("texts", [("", ""), (LONG, LONG), (HOSTILE, HOSTILE), ("", "```py\n" + "x = 1\n" * 249)])
def test_an_open_battle_fits_and_hides_the_names(texts: tuple[str, str], *, private: bool) -> None:
    text = fits(open_card(battle(*texts, is_private=private), 3))
    assert "Openly" not in text
    assert "Closedly" not in text
    assert text.count("\n### Answer A\n") == text.count("\n### Answer B\n") == 1
    assert ("3 members have voted" in text) is not private
    assert ("Your vote is final" in text) is private


def test_two_whole_answers_are_not_cut() -> None:
    text = fits(open_card(battle(LONG.strip()[:1500], LONG.strip()[:1500], prompt="p " * 1000), 0))
    assert "cut to fit" not in text


def test_a_model_cannot_fake_the_card() -> None:
    text = fits(open_card(battle(HOSTILE, "Honest."), 0))
    assert "**Answer B**" in text, "a heading of the model's is a bold line"
    assert "\n-# Closed 1 vote" not in text
    assert "](https" not in text
    assert "@everyone" not in text


def test_masked_names_are_explained() -> None:
    first, second = battle().answers
    shown = battle(answers=(replace(first, text="I am █████.", masked=1), second))
    assert "stands where an answer said which model it is" in text_of(open_card(shown))


def test_one_voter_is_one_member() -> None:
    assert "1 member has voted" in text_of(open_card(battle(), 1))


def test_a_void_battle_says_why_and_that_nothing_counts() -> None:
    text = fits(void_card(battle(phase=BattlePhase.VOID, void_reason="Closedly gave no answer.")))
    assert "Closedly gave no answer." in text
    assert "Nothing was counted." in text
    assert "could not be finished" in text_of(void_card(battle(prompt="")))


def test_a_void_battle_says_where_the_prompt_went_all_the_same() -> None:
    first, second = battle(phase=BattlePhase.VOID).answers
    sent = replace(
        second, sent="The prompt went to Example AI; the prompt and the answers went to Guard for moderation"
    )
    assert "\n-# The prompt went to Example AI; the prompt and" in fits(void_card(battle(answers=(sent, sent))))
    assert text_of(void_card(battle(answers=(sent, sent)))).count("Example AI") == 1
    assert "\n-# Nothing left the server." in text_of(void_card(battle(answers=(first, first))))
    unknown = replace(first, where=None)
    assert "left the server" not in text_of(void_card(battle(answers=(unknown, unknown))))


@pytest.mark.parametrize("doubt", [None, *Doubt])
def test_a_receipt_says_whether_the_vote_is_on_the_board(doubt: Doubt | None) -> None:
    receipt = VoteReceipt(battle(), Verdict.TIE, changed=True, doubt=doubt, turnout=2)
    text = fits(receipt_card(receipt, (Reason.USEFUL, Reason.CLEAR)))
    assert ("not on the board" in text) is (doubt is not None)
    assert "both are equally good" in text
    assert "in place" not in text
    assert "took the place of your earlier vote" in text_of(receipt_card(receipt))
    assert "took the place" not in text, "a reason is no other vote"
    assert "Your reasons: useful, clear." in text
    assert ("vote again" in text) is (doubt is Doubt.RUSHED)


def test_panels_say_what_happens() -> None:
    assert "closes by itself" in fits(panel_card(battle(), 1))
    shut = fits(panel_card(battle(phase=BattlePhase.DONE), 2))
    assert "2 members voted" in shut
    assert "cannot be undone" in fits(deletion_card(battle(), 2))


# results


@pytest.mark.parametrize("texts", [("", ""), (LONG, LONG), (HOSTILE, LONG)])
def test_a_result_shows_names_counts_and_receipts(texts: tuple[str, str]) -> None:
    result = replace(closed(*texts, a=3, b=1, tie=0, bad=1), reasons={Reason.CLEAR: 1, Reason.USEFUL: 2}, doubtful=2)
    text = fits(result_card(result))
    assert text.startswith("### Preferred: A, Openly")
    assert "`██████░░░░` 3 · **A** Openly · **most votes**" in text
    assert "`░░░░░░░░░░` 0 · Tie" in text
    assert "Reasons given: useful 2, clear 1." in text
    assert "leaves 2 of these votes out" in text
    assert "Open · Apache-2.0 · 135M parameters · ran on this machine · nothing left the server" in text
    assert "Closed · Apache-2.0 · 135M parameters · the prompt went to Example AI." in text
    assert "about 0.02–0.1 Wh" in text
    assert "$0.01" in text


@pytest.mark.parametrize(
    ("votes", "title"),
    [
        ({}, "Nobody voted. A was Openly, B was Closedly"),
        ({"a": 1, "b": 1}, "No clear preference"),
        ({"b": 2}, "Preferred: B, Closedly"),
        ({"tie": 2, "a": 1}, "Most found them equally good"),
        ({"bad": 2, "a": 1}, "Most found both bad"),
    ],
)
def test_the_title_says_how_it_ended(votes: dict[str, int], title: str) -> None:
    assert text_of(result_card(closed(**votes))).startswith(f"### {title}\n")


def test_a_private_vote_reveals_in_its_own_card() -> None:
    result = closed(a=1)
    vote = VoteReceipt(result.battle, Verdict.A, changed=False, doubt=Doubt.RUSHED, turnout=1, result=result)
    text = fits(private_result_card(vote, result, (Reason.WRONG,)))
    assert text.startswith("### A was Openly, B was Closedly")
    assert "Your vote is final" in text
    assert "sooner than both answers can be read" in text
    assert "Your reasons: wrong." in text
    assert "reasons" not in text_of(private_result_card(replace(vote, doubt=None), result)).lower()


def test_the_details_say_all_there_is_to_know() -> None:
    text = fits(details_card(closed(a=1)))
    assert "- **Open** · by Tests" in text
    assert "- Size: 135M parameters" in text
    assert "- 10 tokens read, 20 tokens written in 1.2 s" in text
    assert "- Energy: about 0.02–0.1 Wh. From the size of the model." in text
    assert "Energy: no estimate" in text


def test_what_is_not_known_is_said_or_left_out() -> None:
    first, second = battle().answers
    bare = replace(
        first,
        card=None,
        where=None,
        sent="",
        masked=2,
        prompt_tokens=None,
        completion_tokens=None,
        cost=None,
        seconds=3.0,
    )
    assert second.card
    unsized = replace(second, card=replace(second.card, parameters=None, licence=""), seconds=None)
    shut = Result(battle(answers=(bare, unsized), phase=BattlePhase.DONE), {}, {})
    text = fits(details_card(shut))
    assert "no longer in this bot's catalogue" in text
    assert "- Cost not known" in text
    assert "2 places masked" in text
    assert "Size: not published" in text
    assert "\n- 3.0 s" in text
    assert "Nobody voted" in fits(result_card(shut))


def test_erased_battles_have_no_prompt_and_no_answers() -> None:
    first, second = battle().answers
    blank = battle(prompt="", answers=(replace(first, text=""), replace(second, text="")), phase=BattlePhase.DONE)
    text = fits(result_card(Result(blank, {Verdict.A: 1}, {})))
    assert "\n> " not in text
    assert text.count("has erased it") == 2


@pytest.mark.parametrize(
    ("cost", "said"),
    [
        (None, "cost not known"),
        (Decimal(0), "no cost"),
        (Decimal("0.5"), "$0.50"),
        (Decimal("0.00123"), "$0.00123"),
        (Decimal("0.0000000001"), "less than $0.000001"),
    ],
)
def test_costs(cost: Decimal | None, said: str) -> None:
    assert words.cost_words(cost) == said


@pytest.mark.parametrize(
    ("parameters", "said"),
    [(None, ""), (12, "12 parameters"), (7_240_000_000, "7.24B parameters"), (1_500_000_000_000, "1.5T parameters")],
)
def test_sizes(parameters: int | None, said: str) -> None:
    assert words.size_words(parameters) == said


def test_an_energy_without_a_span_is_one_number() -> None:
    assert words.energy_words(Energy(0.25, 0.25, "")) == "about 0.2 Wh"


# boards


def test_the_board_says_ranks_intervals_and_what_it_lacks() -> None:
    text = fits(board_card(board(doubtful=3, excluded=1), BoardKey(), chart=True))
    assert "**1–2** · **Openly** · 1040 (1010 to 1070) · 40 votes by 12 · both bad 2" in text
    assert "*preliminary: too few voters*" in text
    assert "44 votes by 12 members. 40 votes for one answer or a tie" in text
    assert "4 votes found both bad and count apart" in text
    assert "**3 votes cast otherwise would change the first place** (7.5% of all): Closedly instead of Openly." in text
    assert "by class: open 20 (67%), closed 10 (33%)" in text
    assert "Left out: 3 votes in doubt, 1 excluded voter." in text
    assert "prior 1 · 95 %, by voter · seed 42" in text
    hanging = board(("", ratings(fragility=Fragility(0, 1, 1, 0.025, dropped=2))))
    text = fits(board_card(hanging, BoardKey(), chart=True))
    assert "**1 vote cast otherwise would" in text
    assert "instead of Openly. So would 2 votes fewer." in text


def test_the_chart_and_its_words_say_the_same() -> None:
    shown = board()
    first, second = ranges_of(shown, BoardKey())
    assert (first.label, first.middle, first.low, first.high, first.mark) == ("Openly", 1040, 1010, 1070, "")
    assert second.faded
    assert second.mark == "preliminary"
    said = alternative_text(shown, BoardKey())
    assert said == (
        "Ratings with their 95 percent intervals. Openly 1040 (1010 to 1070); Closedly 960 (930 to 990), preliminary."
    )


def test_an_empty_board_says_how_to_begin() -> None:
    empty = ratings(rating(0, votes=0), votes=0, bad=0, voters=0, fragility=None)
    for shown in (board(("", empty)), replace(board(), parts=())):
        text = fits(board_card(shown, BoardKey(), chart=False))
        assert "Nobody has voted here yet. `/arena battle`" in text
        assert ranges_of(shown, BoardKey()) == []
        assert "Ratings" in alternative_text(shown, BoardKey())


def test_everything_counted_and_unconnected_parts_say_so() -> None:
    apart = ratings(
        rating(0, low=None, high=None, best_rank=1, worst_rank=1),
        rating(1, group=1, lacks=(Lack.UNCONNECTED, Lack.BATTLES)),
        rating(2, votes=0, bad=1),
        connected=False,
        fragility=None,
        rounds=0,
        bad=0,
    )
    text = fits(board_card(board(("", apart), is_everything=True), BoardKey(everything=True), chart=True))
    assert text.startswith("### Arena board · everything counted")
    assert "**1** · **Openly** · 1000 · " in text
    assert "group 2 · *preliminary: not linked to the others, too few votes*" in text
    assert "– · Third · no rating yet · both bad 1" in text
    assert "only rows of the same group" in text
    assert "excluded voters are counted too" in text
    assert "no intervals" in text


def test_boards_by_class_task_and_language() -> None:
    by_class = board(by=BoardBy.OPENNESS)
    assert names_of(by_class) == ["Open", "Closed"]
    tasks = board(("answer", ratings()), ("code", ratings()), by=BoardBy.TASK)
    shown = board_card(tasks, BoardKey(BoardBy.TASK, part="code"), chart=True)
    assert fits(shown).startswith("### Arena board by task: Code")
    languages = board(("de", ratings()), ("unknown", ratings()), ("x-klingon", ratings()), by=BoardBy.LANGUAGE)
    menu = next(
        part
        for part in board_card(languages, BoardKey(BoardBy.LANGUAGE, part="gone"), chart=True).walk_children()
        if isinstance(part, ui.Select)
    )
    assert [option.label for option in menu.options] == ["German", "Language not known", "x-klingon"]


def test_large_boards_have_pages_that_fit() -> None:
    many = tuple(line(number % 3, f"Model {number} {'with a long name ' * 8}") for number in range(40))
    rows = ratings(*(rating(row, lacks=tuple(Lack)) for row in range(40)), connected=False)
    shown = board(("", rows), lines=many)
    for page in range(4):
        text = fits(board_card(shown, BoardKey(page=page), chart=True))
        assert f"Page {page + 1} of 4" in text
        assert len(ranges_of(shown, BoardKey(page=page))) == (12 if page < 3 else 4)
        assert len(alternative_text(shown, BoardKey(page=page))) <= 1024
    assert part_of(shown, BoardKey(page=99))[0].page == 3


def test_lines_of_one_name_are_told_apart_by_version() -> None:
    old, new = line(0), replace(line(0), line_id=9, version="2")
    assert names_of(board(lines=(old, new))) == ["Openly (1)", "Openly (2)"]


def test_a_posted_board_has_no_controls() -> None:
    view = board_card(board(), BoardKey(), chart=True, posted=True)
    assert [part for part in view.walk_children() if isinstance(part, ui.Button)] == []


def test_pairs_are_told_in_words_and_as_a_heatmap() -> None:
    text = fits(pairs_card(board(), BoardKey(), chart=True))
    assert "Openly against Closedly: **56%** of 40 (20 to 15, 5 ties, both bad 4)" in text
    assert "Shown in battles that count: Openly 10 (33%)" in text
    names, cells = matrix_of(board(), BoardKey())
    assert names == ["Openly", "Closedly"]
    assert [[cell.text for cell in row] for row in cells] == [["", "56% of 40"], ["44% of 40", ""]]
    assert cells[0][1].shade == pytest.approx(0.5625)


def test_pairs_that_never_met_or_never_decided() -> None:
    some = ratings(rating(0), rating(1), rating(2), pairs=(Pair(0, 1, 1, 0, 0, 0), Pair(1, 2, 0, 0, 0, 3)))
    text = fits(pairs_card(board(("", some), exposure=()), BoardKey(), chart=False))
    assert "Closedly against Third: not decided (0 to 0, both bad 3)" in text
    names, _ = matrix_of(board(("", some)), BoardKey())
    assert names == ["Openly", "Closedly"]
    three = ratings(rating(0), rating(1), rating(2), pairs=(Pair(0, 1, 1, 0, 0, 0), Pair(1, 2, 1, 0, 0, 0)))
    assert matrix_of(board(("", three)), BoardKey())[1][0][2].text == "–"
    nobody = replace(board(), parts=())
    assert "No two models have met" in fits(pairs_card(nobody, BoardKey(), chart=False))
    assert matrix_of(nobody, BoardKey()) == ([], [])
    tasks = board(("code", ratings()), by=BoardBy.TASK, is_everything=True)
    assert text_of(pairs_card(tasks, BoardKey(), chart=False)).startswith("### Pairs: Code · everything counted")


def test_many_pairs_are_cut_and_said_to_be() -> None:
    many = tuple(line(0, f"Model number {number}") for number in range(25))
    pairs = tuple(Pair(a, b, 1, 1, 1, 1) for a in range(25) for b in range(a + 1, 25))
    shown = board(("", ratings(*(rating(row) for row in range(25)), pairs=pairs)), lines=many)
    assert "more. Vote file has the others." in fits(pairs_card(shown, BoardKey(), chart=True))
    assert len(matrix_of(shown, BoardKey())[0]) == 12


def test_history_in_words_and_lines() -> None:
    points = (HistoryPoint(NOW, (1000.0, None, None)), HistoryPoint(NOW + timedelta(days=7), (1020.0, 980.0, None)))
    history = History((line(0), line(1), line(2)), points)
    text = fits(history_card(history, BoardKey(), chart=True))
    assert "**Openly** 1000 → 1020 (+20)" in text
    assert "**Closedly** 980, new" in text
    assert "Third" not in text
    lines, labels = curves_of(history)
    assert [one.label for one in lines] == ["Openly", "Closedly"]
    assert labels == ["2026-11-28", "2026-12-05"]
    assert "no history yet" in fits(history_card(History((), ()), BoardKey(), chart=False))


# fair play


def fair_play(**parts: object) -> FairPlay:
    log = (
        Exclusion(1, 5, "Voted A 40 times", 40, NOW, lifted_at=None),
        Exclusion(2, 6, "", 12, NOW, lifted_at=NOW),
    )
    suspects = (Fairness(8, 30, 2e9), Fairness(9, 12, 25.4))
    return replace(FairPlay({Doubt.RUSHED: 3, Doubt.CAPPED: 0}, log, suspects), **parts)


def test_fair_play_tells_what_is_left_out_and_what_that_changes() -> None:
    whole = board(("", ratings(rating(0, best_rank=1, worst_rank=1), rating(1))), is_everything=True)
    text = fits(fair_card(fair_play(), BoardKey(), (board(), whole), moderator=False))
    assert "- 3 votes came sooner than both answers can be read" in text
    assert "- Openly: ranks 1–2, with everything 1" in text
    assert "- Voter 8: 30 votes, evidence over 1,000,000" in text
    assert "- Voter 9: 12 votes, evidence 25" in text
    assert "Voter 5: 40 votes left out by a moderator" in text
    assert "lifted <t:" in text
    assert "Nothing is removed" in text
    same = fits(fair_card(fair_play(doubts={}, log=(), suspects=()), BoardKey(), (board(), board()), moderator=True))
    assert "would move no model" in same
    assert "Nobody was ever excluded." in same
    none = replace(board(), parts=())
    assert "There is no board yet." in fits(fair_card(fair_play(), BoardKey(), (none, none), moderator=False))


def test_fair_play_compares_a_task_with_itself_whatever_its_place() -> None:
    first, other = ratings(rating(0, best_rank=1), rating(1)), ratings(rating(0, best_rank=3), rating(1))
    boards = board(("code", first), ("answer", other)), board(("answer", other), ("code", first))
    for part in ("answer", "code"):
        assert "would move no model" in fits(fair_card(fair_play(), BoardKey(part=part), boards, moderator=False))
    gone = fair_card(fair_play(), BoardKey(part="code"), (boards[0], board(("answer", other))), moderator=False)
    assert "There is no board yet." in fits(gone)


def test_moderators_choose_among_numbers() -> None:
    view = fair_card(fair_play(), BoardKey(), (board(), board()), moderator=True, note="**Done.**")
    menus = [part for part in view.walk_children() if isinstance(part, ui.Select)]
    assert [[option.label for option in menu.options] for menu in menus] == [["Voter 8", "Voter 9"], ["Voter 5"]]
    assert "**Done.**" in fits(view)
    assert not any(
        isinstance(part, ui.Select)
        for part in fair_card(fair_play(), BoardKey(), (board(), board()), moderator=False).walk_children()
    )


def test_a_long_log_is_cut_and_a_long_move_too() -> None:
    log = tuple(Exclusion(n, n, "x" * 300, n, NOW, lifted_at=NOW) for n in range(60))
    lines = tuple(line(0, f"Model {number}") for number in range(12))
    before = ratings(*(rating(row) for row in range(12)))
    after = ratings(*(rating(row, best_rank=row + 3, worst_rank=row + 3) for row in range(12)))
    boards = board(("", before), lines=lines), board(("", after), lines=lines)
    text = fits(fair_card(fair_play(log=log), BoardKey(), boards, moderator=True))
    assert "earlier ones." in text
    assert "and 6 more" in text


def test_the_vote_file_says_what_is_in_it() -> None:
    assert "no prompt and no answer is in it" in fits(file_card(VoteFile(b"{}", 12)))


# keys


def test_keys_are_read_back_and_nonsense_is_not() -> None:
    key = BoardKey(BoardBy.LANGUAGE, everything=True, part="x-klingon", page=2)
    assert board_of(str(key)) == key
    assert board_of(str(BoardKey(BoardBy.TASK))) == BoardKey(BoardBy.TASK)
    assert board_of("") == board_of("nothing-1-2-3") == board_of("task") == BoardKey()
    assert vote_of("12-bad") == (12, Verdict.BAD)
    for wrong in ("12-up", "12", "x-a"):
        with pytest.raises(NotFoundError):
            vote_of(wrong)
    with pytest.raises(NotFoundError):
        number_of("9" * 19)
    assert reasons_of(("useful", "nonsense")) == (Reason.USEFUL,)


def test_class_boards_name_exposure_by_class() -> None:
    shares = (ExposureShare("open", Openness.OPEN, 4, 0.5), ExposureShare("closed", Openness.CLOSED, 0, 0.5))
    text = fits(pairs_card(board(by=BoardBy.OPENNESS, classes=shares), BoardKey(), chart=False))
    assert "Shown in battles that count: open 4 (50%)." in text
