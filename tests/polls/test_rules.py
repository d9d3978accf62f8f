"""The rules of polls, by example and by property: what may be asked and changed, and who may vote how."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ClosedError, InvalidInputError, NotAllowedError, NotFoundError
from bot.polls import rules
from bot.polls.types import Poll, PollDraft, PollEdit, PollKind, PollPhase, PollReveal, PollRules, Voter
from bot.polls.wording import alike, tidy
from tests.support.polls import GUILD, START, actor, draft_of, voter

POLL = Poll(
    1, GUILD, 1, None, 1, "Q", ("a", "b", "c"), PollPhase.OPEN, START, START + timedelta(hours=1), None,
    rules=PollRules(1, 1),
)  # fmt: skip
ANYBODY = voter(5)
LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")


def multiple(fewest: int, most: int, **parts: Any) -> Poll:
    return replace(POLL, kind=PollKind.MULTIPLE, rules=PollRules(fewest, most), **parts)


def of_kind(kind: PollKind, **parts: Any) -> Poll:
    return replace(POLL, kind=kind, rules=rules.kind_rules(kind, 3), **parts)


# drafts


def test_text_is_tidied() -> None:
    draft = replace(draft_of(), question="  Which\n models? ", options=(" a  b ", "", "   ", "c"))
    checked = rules.check_draft(draft, START)
    assert (checked.question, checked.options) == ("Which models?", ("a b", "c"))


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"question": ""}, "question", "write a question"),
        ({"question": " \n "}, "question", "write a question"),
        ({"question": "\u200b\u2060\u200d"}, "question", "write a question"),
        ({"question": "q" * 301}, "question", "301 characters; 300 fit.*shorten"),
        ({"question": "ق" * 4000}, "question", "4000 characters; 300 fit"),
        ({"options": ()}, "options", "are 0 options; a poll has 2 to 25.*each line"),
        ({"options": ("one", " ", "\u200b")}, "options", "is 1 option;"),
        ({"options": LETTERS}, "options", "are 26 options"),
        ({"options": ("a", "x" * 81)}, "options", "81 characters; 80 fit.*shorten"),
        ({"options": ("Open", "open ")}, "options", "twice.*change or remove"),
        ({"closes_at": START}, "closes", "already passed.*later"),
        ({"closes_at": START - timedelta(days=1)}, "closes", "already passed"),
        ({"closes_at": START + timedelta(seconds=30)}, "closes", "at least one minute"),
        ({"closes_at": START + timedelta(days=401)}, "closes", "within 400 days.*earlier"),
        ({"kind": PollKind.MULTIPLE, "rules": PollRules(0, 2)}, "fewest", "from 1 to 3"),
        ({"kind": PollKind.MULTIPLE, "rules": PollRules(4, 4)}, "fewest", "from 1 to 3"),
        ({"kind": PollKind.MULTIPLE, "rules": PollRules(2, 1)}, "most", "from 2 to 3"),
        ({"kind": PollKind.MULTIPLE, "rules": PollRules(2, 4)}, "most", "from 2 to 3"),
        ({"rules": PollRules(role_ids=tuple(range(26)))}, "roles", "26 roles are named; 25 fit"),
        ({"rules": PollRules(days_in_server=-1)}, "days", "from 0 to 3650"),
        ({"rules": PollRules(days_in_server=3651)}, "days", "from 0 to 3650"),
        ({"rules": PollRules(quorum=0)}, "quorum", "from 1 to 1,000,000"),
        ({"rules": PollRules(quorum=1_000_001)}, "quorum", "from 1 to 1,000,000"),
    ],
)
def test_what_does_not_fit_names_its_field(change: dict[str, Any], field: str, says: str) -> None:
    with pytest.raises(InvalidInputError, match=says) as caught:
        rules.check_draft(replace(draft_of(), **change), START)
    assert caught.value.field == field


@pytest.mark.parametrize(
    "fits",
    [
        {"question": "q" * 300},
        {"question": "@everyone هل هذا مفتوح؟"},
        {"options": ("a", "b")},
        {"options": LETTERS[:25]},
        {"options": ("a", "x" * 80)},
        {"options": ("مفتوح", "مغلق")},
        {"closes_at": START + timedelta(minutes=1)},
        {"closes_at": START + timedelta(seconds=55)},
        {"closes_at": START + timedelta(days=366)},
        {"closes_at": START + timedelta(days=400)},
        {"rules": PollRules(role_ids=tuple(range(25)), days_in_server=3650, quorum=1_000_000)},
        {"rules": PollRules(quorum=1)},
    ],
)
def test_what_just_fits_is_taken(fits: dict[str, Any]) -> None:
    draft = replace(draft_of(), **fits)
    checked = rules.check_draft(draft, START)
    assert isinstance(checked, PollDraft)
    assert (checked.question, checked.options) == (draft.question, draft.options)


@pytest.mark.parametrize(
    ("kind", "fewest", "most"),
    [
        (PollKind.SINGLE, 1, 1),
        (PollKind.MULTIPLE, 1, 3),
        (PollKind.APPROVAL, 0, 3),
        (PollKind.SCORE, 1, 3),
        (PollKind.RANKED, 1, 3),
    ],
)
def test_each_kind_has_rules_of_its_own(kind: PollKind, fewest: int, most: int) -> None:
    plain = rules.check_draft(draft_of(kind=kind), START).rules
    assert plain == PollRules(fewest, most)
    written = rules.check_rules(PollRules(2, 2, (9, 4, 9), 0, 7), kind, 3)
    if kind is PollKind.MULTIPLE:
        fewest, most = 2, 2
    assert written == PollRules(fewest, most, (4, 9), None, 7), "only a multiple choice sets how many"


def test_a_new_draft_keeps_the_rules_that_were_set() -> None:
    old = multiple(2, 2, options=LETTERS[:4])
    kept = rules.recheck_draft(old, draft_of(kind=PollKind.MULTIPLE), START)
    assert kept.rules == PollRules(2, 2)
    given = rules.recheck_draft(old, draft_of(kind=PollKind.MULTIPLE, rules=PollRules(1, 2)), START)
    assert given.rules == PollRules(1, 2)


@pytest.mark.parametrize(
    ("old", "kind", "options", "fewest", "most"),
    [
        (multiple(2, 3, options=LETTERS[:5]), PollKind.MULTIPLE, 6, 2, 3),
        (multiple(3, 4, options=LETTERS[:5]), PollKind.MULTIPLE, 2, 2, 2),
        (multiple(1, 3), PollKind.MULTIPLE, 6, 1, 6),
        (multiple(2, 2), PollKind.SINGLE, 3, 1, 1),
        (POLL, PollKind.MULTIPLE, 4, 1, 4),
    ],
)
def test_rules_follow_the_options(old: Poll, kind: PollKind, options: int, fewest: int, most: int) -> None:
    fitted = rules.fit_rules(replace(old, rules=replace(old.rules, quorum=4)), kind, options)
    assert fitted == PollRules(fewest, most, quorum=4)
    assert rules.check_rules(fitted, kind, options) == fitted


# texts


@pytest.mark.parametrize(
    ("written", "tidied"),
    [
        ("  two\tlines\r\nof  text ", "two lines of text"),
        ("gnp.\u202eexe", "gnp.exe"),
        ("\u2066left\u2069 \u200fright", "left right"),
        ("\u200b\u2060\ufeff", ""),
        ("\u200d\u200c", ""),
        ("\u2800 \u3164", ""),
        ("\u0301\u0302", ""),
        ("nul\x00 and \x1b[31mred", "nul and [31mred"),
        ("lone \ud800", "lone"),
        ("👩\u200d🚀 می\u200cخواهم", "👩\u200d🚀 می\u200cخواهم"),
    ],
)
def test_what_cannot_be_seen_is_dropped(written: str, tidied: str) -> None:
    assert tidy(written) == tidied


@given(st.text(max_size=60))
def test_tidying_twice_changes_nothing_more(text: str) -> None:
    once = tidy(text)
    assert tidy(once) == once
    assert "\n" not in once
    assert once == once.strip()


@pytest.mark.parametrize(
    "options", [("A", "a"), ("A", "A\u200b"), ("A", "A\u200d"), ("caf\u00e9", "cafe\u0301"), ("Straße", "STRASSE")]
)
def test_options_that_look_alike_are_one_too_many(options: tuple[str, ...]) -> None:
    assert alike(options[0]) == alike(options[1])
    with pytest.raises(InvalidInputError, match="is there twice"):
        rules.check_draft(draft_of(options=options), START)


# reminders


@pytest.mark.parametrize(
    ("runs", "before"),
    [
        (timedelta(minutes=11), timedelta(minutes=10)),
        (timedelta(hours=1), timedelta(minutes=10)),
        (timedelta(hours=10), timedelta(hours=1)),
        (timedelta(days=10), timedelta(hours=24)),
        (timedelta(days=100), timedelta(hours=24)),
    ],
)
def test_a_reminder_comes_a_tenth_before_the_end(runs: timedelta, before: timedelta) -> None:
    assert rules.reminder_time(START, START + runs, START) == START + runs - before


def test_no_reminder_in_the_past() -> None:
    assert rules.reminder_time(START, START + timedelta(minutes=10), START) is None
    later = START + timedelta(minutes=50)
    assert rules.reminder_time(START, START + timedelta(hours=1), later) is None


def test_a_reminder_moves_with_the_end_until_it_was_sent() -> None:
    end = START + timedelta(hours=2)
    with_one = replace(POLL, remind_at=START + timedelta(minutes=50))
    assert rules.next_reminder(POLL, None, end, START) is None
    assert rules.next_reminder(POLL, True, end, START) == end - timedelta(minutes=12)
    assert rules.next_reminder(with_one, None, end, START) == end - timedelta(minutes=12)
    assert rules.next_reminder(with_one, False, end, START) is None
    sent = replace(with_one, reminded_at=START)
    assert rules.next_reminder(sent, True, end, START) == with_one.remind_at


# edits


def test_an_edit_of_nothing_changes_nothing() -> None:
    assert rules.change(POLL, PollEdit(), START) == (POLL, None)
    same = PollEdit(question="Q", options=POLL.options, kind=POLL.kind, closes_at=POLL.closes_at, is_public=False)
    assert rules.change(POLL, same, START + timedelta(minutes=59, seconds=30)) == (POLL, None)


def test_question_end_and_settings_change_at_any_time() -> None:
    edit = PollEdit(question=" New? ", closes_at=START + timedelta(hours=5), reminds=True, is_public=False)
    public = replace(POLL, is_public=True, reveal=PollReveal.ALWAYS)
    changed, needs = rules.change(public, replace(edit, reveal=PollReveal.CLOSING), START)
    assert needs is None
    assert (changed.question, changed.is_public, changed.reveal) == ("New?", False, PollReveal.CLOSING)
    assert changed.closes_at == START + timedelta(hours=5)
    assert changed.remind_at == START + timedelta(hours=4, minutes=30)


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (PollEdit(options=("a", "b")), "options and the kind"),
        (PollEdit(options=("b", "a", "c")), "options and the kind"),
        (PollEdit(kind=PollKind.RANKED), "options and the kind"),
        (PollEdit(reveal=PollReveal.VOTED), "stay hidden"),
        (PollEdit(reveal=PollReveal.ALWAYS), "stay hidden"),
    ],
)
def test_what_voters_relied_on_changes_only_before_the_first_vote(edit: PollEdit, says: str) -> None:
    _, needs = rules.change(POLL, edit, START)
    assert needs is not None
    assert says in needs


def test_an_edit_can_fail() -> None:
    with pytest.raises(NotAllowedError, match="cannot become public"):
        rules.change(POLL, PollEdit(is_public=True), START)
    for edit, field in (
        (PollEdit(question=" "), "question"),
        (PollEdit(options=("a",)), "options"),
        (PollEdit(closes_at=START), "closes"),
    ):
        with pytest.raises(InvalidInputError) as caught:
            rules.change(POLL, edit, START)
        assert caught.value.field == field


def test_rules_of_an_open_poll() -> None:
    changed, needs = rules.change_rules(multiple(1, 3), PollRules(1, 3, (8,), 4, 5))
    assert (changed.rules, needs) == (PollRules(1, 3, (8,), 4, 5), None)
    _, needs = rules.change_rules(multiple(1, 3), PollRules(2, 3))
    assert needs is not None


# who may vote


def test_phases_that_take_no_votes() -> None:
    assert rules.refuse_phase(POLL, START) is None
    assert rules.refuse_phase(POLL, POLL.closes_at - timedelta(microseconds=1)) is None
    assert isinstance(rules.refuse_phase(POLL, POLL.closes_at), ClosedError)
    assert isinstance(rules.refuse_phase(replace(POLL, phase=PollPhase.DRAFT), START), NotFoundError)
    for phase in (PollPhase.CLOSED, PollPhase.DONE):
        assert isinstance(rules.refuse_phase(replace(POLL, phase=phase), START), ClosedError)
        assert isinstance(rules.refuse_voter(replace(POLL, phase=phase), ANYBODY, START), ClosedError)


def test_another_server_knows_no_such_poll() -> None:
    assert rules.refuse_voter(POLL, ANYBODY, START) is None
    assert isinstance(rules.refuse_voter(POLL, voter(5, guild=GUILD + 1), START), NotFoundError)


def test_one_of_the_roles_is_enough() -> None:
    poll = replace(POLL, rules=PollRules(role_ids=(7, 8)))
    for fine in (voter(1, 7), voter(1, 8, 9)):
        assert rules.refuse_voter(poll, fine, START) is None
    refusal = rules.refuse_voter(poll, voter(1, 9), START)
    assert isinstance(refusal, NotAllowedError)
    assert "one of these roles: <@&7>, <@&8>." in str(refusal)
    assert "with a role: <@&7>." in str(
        rules.refuse_voter(replace(POLL, rules=PollRules(role_ids=(7,))), ANYBODY, START)
    )
    everybody = replace(POLL, rules=PollRules(role_ids=(7, GUILD)))
    assert rules.refuse_voter(everybody, ANYBODY, START) is None


def test_days_in_the_server() -> None:
    poll = replace(POLL, rules=PollRules(days_in_server=30))
    edge = START - timedelta(days=30)
    assert rules.refuse_voter(poll, voter(1, joined_at=edge), START) is None
    early = rules.refuse_voter(poll, voter(1, joined_at=edge + timedelta(seconds=1)), START)
    assert isinstance(early, NotAllowedError)
    assert f"at least 30 days. You can vote from <t:{int(START.timestamp()) + 1}:f>" in str(early)
    unknown = rules.refuse_voter(replace(POLL, rules=PollRules(days_in_server=1)), ANYBODY, START)
    assert "at least 1 day;" in str(unknown)


# ballots


@pytest.mark.parametrize(
    ("poll", "ranks"),
    [
        (POLL, (255, 0, 255)),
        (multiple(1, 2), (0, 255, 0)),
        (of_kind(PollKind.APPROVAL), (255, 255, 255)),
        (of_kind(PollKind.APPROVAL), (0, 0, 0)),
        (of_kind(PollKind.SCORE), (0, 5, 255)),
        (of_kind(PollKind.RANKED), (2, 0, 1)),
        (of_kind(PollKind.RANKED), (0, 0, 255)),
    ],
)
def test_ballots_that_fit(poll: Poll, ranks: tuple[int, ...]) -> None:
    rules.check_ranks(poll, bytes(ranks))


@pytest.mark.parametrize(
    ("poll", "ranks", "error", "says"),
    [
        (POLL, (0, 255), NotFoundError, "no such option"),
        (POLL, (0, 255, 255, 255), NotFoundError, "no such option"),
        (POLL, (255, 255, 255), NotFoundError, "no such option"),
        (POLL, (0, 0, 255), InvalidInputError, "choose 1 option. You chose 2"),
        (POLL, (1, 255, 255), InvalidInputError, "does not fit"),
        (multiple(2, 2), (0, 255, 255), InvalidInputError, "choose 2 options. You chose 1"),
        (multiple(1, 2), (0, 0, 0), InvalidInputError, "choose 1 to 2 options. You chose 3"),
        (multiple(1, 2), (255, 255, 255), InvalidInputError, "You chose 0"),
        (of_kind(PollKind.APPROVAL), (1, 255, 255), InvalidInputError, "does not fit"),
        (of_kind(PollKind.SCORE), (6, 0, 0), InvalidInputError, "does not fit"),
        (of_kind(PollKind.SCORE), (255, 255, 255), InvalidInputError, "score at least one"),
        (of_kind(PollKind.RANKED), (3, 0, 0), InvalidInputError, "does not fit"),
        (of_kind(PollKind.RANKED), (255, 255, 255), InvalidInputError, "rank at least one"),
    ],
)
def test_forged_and_unfinished_ballots(poll: Poll, ranks: tuple[int, ...], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        rules.check_ranks(poll, bytes(ranks))


# who may manage and see


def test_creator_and_moderators_manage() -> None:
    assert rules.refuse_manager(POLL, actor(1)) is None
    assert rules.refuse_manager(POLL, actor(2, moderator=True)) is None
    assert isinstance(rules.refuse_manager(POLL, actor(2)), NotAllowedError)
    assert isinstance(rules.refuse_manager(POLL, actor(1, guild=GUILD + 1)), NotFoundError)
    assert isinstance(rules.refuse_manager(replace(POLL, phase=PollPhase.DRAFT), actor(1)), NotFoundError)
    assert isinstance(rules.refuse_manager(replace(POLL, creator_id=None), actor(1)), NotAllowedError)


@pytest.mark.parametrize(
    ("reveal", "has_voted", "shown"),
    [
        (PollReveal.CLOSING, True, False),
        (PollReveal.VOTED, False, False),
        (PollReveal.VOTED, True, True),
        (PollReveal.ALWAYS, False, True),
    ],
)
def test_when_results_are_shown(reveal: PollReveal, has_voted: bool, shown: bool) -> None:
    poll = replace(POLL, reveal=reveal)
    assert (rules.refuse_results(poll, has_voted=has_voted) is None) is shown
    for phase in (PollPhase.CLOSED, PollPhase.DONE):
        assert rules.refuse_results(replace(poll, phase=phase), has_voted=False) is None


def test_what_can_be_opened_again() -> None:
    closed = replace(POLL, phase=PollPhase.DONE, reveal=PollReveal.VOTED)
    assert rules.refuse_reopening(closed) is None
    assert "open already" in str(rules.refuse_reopening(POLL))
    assert "clone" in str(rules.refuse_reopening(replace(closed, reveal=PollReveal.CLOSING)))


@given(
    st.sampled_from(PollKind),
    st.integers(2, 25).flatmap(lambda n: st.lists(st.integers(0, 255), min_size=n, max_size=n)),
)
def test_a_ballot_either_fits_or_is_refused_in_words(kind: PollKind, marks: list[int]) -> None:
    options = len(marks)
    poll = replace(POLL, kind=kind, options=LETTERS[:options], rules=rules.kind_rules(kind, options))
    named = [mark for mark in marks if mark != 255]
    highest = {PollKind.SCORE: 5, PollKind.RANKED: options - 1}.get(kind, 0)
    fewest = 0 if kind is PollKind.APPROVAL else 1
    most = 1 if kind is PollKind.SINGLE else options
    fits = all(mark <= highest for mark in named) and fewest <= len(named) <= most
    with nullcontext() if fits else pytest.raises((InvalidInputError, NotFoundError), match=r"\w"):
        rules.check_ranks(poll, bytes(marks))


def test_a_voter_needs_no_more_than_a_server_and_a_number() -> None:
    assert Voter(1, 2) == Voter(1, 2, frozenset(), None)
