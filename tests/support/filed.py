"""Polls with ballots, as hypothesis makes them, and their files."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from bot.polls import rules
from bot.polls.counting import UNRANKED, tally
from bot.polls.exporting import export_files
from bot.polls.types import Poll, PollExport, PollKind, PollPhase, PollRules
from bot.reading import read_document
from bot.signing import Signer
from tests.support.polls import START

SIGNER = Signer(bytes(range(32)))
KINDS = [(kind, method) for kind, methods in rules.METHODS.items() for method in methods]
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).filter(
    lambda text: text.strip()
)


def closed(options: Sequence[str], kind: PollKind, method: Any = None, **more: Any) -> Poll:
    own = more.pop("rules", rules.kind_rules(kind, len(options)))
    method = method or rules.METHODS[kind][0]
    return Poll(
        1, 1, 1, None, 1, "Which models?", tuple(options), PollPhase.DONE, START, START, START, kind,
        rules=own, method=method, tie_seed=b"seed", **more,
    )  # fmt: skip


def groups_of(ballots: Sequence[tuple[bytes, int]]) -> list[tuple[bytes, int, int]]:
    return [(ranks, amount, amount * weight) for (ranks, weight), amount in Counter(ballots).items()]


def filed(poll: Poll, ballots: Sequence[tuple[bytes, int]]) -> PollExport:
    """A poll's files; `ballots` are (ranks, weight)."""
    listed = [(place.to_bytes(16, "big"), *ballot) for place, ballot in enumerate(ballots)]
    return export_files(tally(poll, groups_of(ballots)), listed, SIGNER.sign)


def content_of(export: PollExport) -> Any:
    document: Any = read_document(export.json)
    return document["content"]


@st.composite
def polls(draw: st.DrawFn, weighed: bool = True) -> tuple[Poll, list[tuple[bytes, int]]]:
    """A closed poll of any kind and method with five ballots or more of each weight."""
    kind, method = draw(st.sampled_from(KINDS))
    amount = draw(st.integers(2, 5))
    options = draw(st.lists(TEXTS, min_size=amount, max_size=amount, unique=True))
    weights = draw(st.sampled_from([(), ((7, 3),)])) if weighed else ()
    own = rules.kind_rules(kind, amount)
    poll = closed(options, kind, method, rules=PollRules(own.fewest, own.most, quorum=3, weights=weights))
    ballots = draw(st.lists(_ballots(kind, amount, own), min_size=5, max_size=12))
    return poll, [(ranks, weight) for weight in ([1, 3] if weights else [1]) for ranks in ballots]


def _ballots(kind: PollKind, options: int, own: PollRules) -> st.SearchStrategy[bytes]:
    if kind is PollKind.SINGLE:
        return st.integers(0, options - 1).map(
            lambda one: bytes(0 if place == one else 255 for place in range(options))
        )
    highest = {PollKind.SCORE: 5, PollKind.RANKED: options - 1}.get(kind, 0)
    marks = st.lists(st.sampled_from([UNRANKED, *range(highest + 1)]), min_size=options, max_size=options)
    return marks.filter(lambda some: sum(mark != UNRANKED for mark in some) >= own.fewest).map(bytes)
