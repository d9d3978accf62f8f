"""The templates of polls: complete, valid and what was asked for."""

from datetime import timedelta

from bot.polls import rules
from bot.polls.templates import template, templates
from bot.polls.types import PollDraft, PollKind
from tests.support.polls import START

MOST_CHOICES = 25
LONGEST_CHOICE = 100


def test_every_template_is_a_poll_as_it_stands() -> None:
    for one in templates():
        draft = PollDraft(1, 2, 3, one.question, one.options, START + timedelta(days=3), one.kind)
        checked = rules.check_draft(draft, START)
        assert (checked.question, checked.options) == (one.question, one.options), "tidied already"
        assert one.closes.startswith("in "), "relative: a template has no date"


def test_templates_fit_discords_choices_and_differ() -> None:
    assert 5 <= len(templates()) <= MOST_CHOICES
    assert all(1 <= len(one.title) <= LONGEST_CHOICE for one in templates())
    for field in ("key", "title", "question"):
        assert len({getattr(one, field) for one in templates()}) == len(templates())


def test_templates_cover_kinds_and_tasks() -> None:
    assert {one.kind for one in templates()} == set(PollKind)
    text = " ".join(f"{one.title} {one.question}" for one in templates()).lower()
    for subject in ("open", "closed", "hybrid", "code", "writing", "translation", "summar"):
        assert subject in text


def test_a_template_is_found_by_its_key() -> None:
    assert template("open-closed") == templates()[0]
    assert template("no such") is None
