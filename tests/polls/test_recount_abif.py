"""ABIF: what is written is read again, files in the manner of other tools are read, and what cannot be is told."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import InvalidInputError
from bot.polls import abif as abif_module
from bot.polls.abif import MOST_CANDIDATES, read_abif, write_abif
from bot.polls.counting import tally
from bot.polls.recounting import Outcome, recount_abif
from bot.polls.types import CountingMethod, Poll, PollKind
from tests.support.filed import closed, filed, groups_of, polls

U = 255


def counted(text: str, method: CountingMethod | None = None) -> Any:
    return recount_abif(read_abif(text.encode()), method).result


def winner(text: str, method: CountingMethod | None = None) -> str:
    result = counted(text, method)
    (place,) = [place for place, leads in enumerate(result.leading) if leads]
    return result.poll.options[place]


def ballots(text: str) -> dict[Any, int]:
    return dict(read_abif(text.encode()).ballots)


CITIES = """\
# A capital is sought: four towns, and people who want it near
{"title": "Where shall the capital be?"}
{"description": "distances turned into marks"}

=Mem:[Memphis, TN]
=Nash:[Nashville, TN]
=Chat : [Chattanooga, TN]
=Knox:[Knoxville, TN]
# ------- ballots -------
42:Mem>Nash>Chat>Knox
26:Nash>Chat>Knox>Mem   # these live in the middle
15: Chat > Knox > Nash > Mem
17:Knox>Chat>Nash>Mem
"""


def test_a_ranked_file_with_comments_is_counted_by_each_method() -> None:
    result = counted(CITIES)
    assert result.poll.question == "Where shall the capital be?"
    assert result.poll.options == ("Memphis, TN", "Nashville, TN", "Chattanooga, TN", "Knoxville, TN")
    assert (result.turnout, result.poll.method) == (100, CountingMethod.RUNOFF)
    assert winner(CITIES) == "Knoxville, TN"
    assert winner(CITIES, CountingMethod.SCHULZE) == "Nashville, TN"
    assert winner(CITIES, CountingMethod.RANKED_PAIRS) == "Nashville, TN"
    assert winner(CITIES, CountingMethod.BORDA) == "Nashville, TN"
    assert winner(CITIES, CountingMethod.PLURALITY) == "Memphis, TN"
    assert recount_abif(read_abif(CITIES.encode())).outcome is Outcome.COUNTED


def test_scores_between_commas_rank_and_those_with_arrows_keep_both() -> None:
    commas = "27: a/5, b/2, c/0\n26: b/5, a/3\n"
    assert ballots(commas) == {(bytes((0, 1, 2)), (5, 2, 0)): 27, (bytes((1, 0, U)), (3, 5, None)): 26}
    result = counted(commas)
    assert (result.poll.method, result.votes) == (CountingMethod.SCORE, (27 * 5 + 26 * 3, 27 * 2 + 26 * 5, 0))
    assert counted(commas, CountingMethod.STAR).tally.winner == 0
    arrows = "3:a/5>b/5>c/1\n"
    assert ballots(arrows) == {(bytes((0, 1, 2)), (5, 5, 1)): 3}
    assert counted(arrows).poll.method is CountingMethod.RUNOFF
    missing = "2: a/5, b, c/0\n"
    assert ballots(missing) == {(bytes((0, U, 1)), (5, None, 0)): 2}, "who got no score is not ranked"


def test_equal_ranks_names_in_brackets_blank_ballots_and_stars() -> None:
    text = '5:[Doña García]=[Sue Ye (蘇業)]>[A,X]\n3 * [A,X]>Bo Li\n2:\n1: "Bo Li"\n'
    found = read_abif(text.encode())
    assert found.names == ("Doña García", "Sue Ye (蘇業)", "A,X", "Bo Li")
    assert dict(found.ballots) == {
        (bytes((0, 0, 1, U)), None): 5,
        (bytes((U, U, 0, 1)), None): 3,
        (bytes((U,) * 4), None): 2,
        (bytes((U, U, U, 0)), None): 1,
    }
    assert counted(text).turnout == 11


def test_brackets_may_hold_the_name_or_the_token_and_a_name_may_come_late() -> None:
    text = '2:SBJ>X1\n=SBJ:[Steven B. Jensen]\n3:[Steven B. Jensen]>[X1]\n=X1:"The other"\n=new:third\n'
    found = read_abif(text.encode())
    assert found.names == ("Steven B. Jensen", "The other", "third")
    assert dict(found.ballots) == {(bytes((0, 1, U)), None): 5}


def test_headers_metadata_and_data_after_ballots() -> None:
    text = (
        '\ufeffABIF 1.0 {"title": "One", "n": 3, "list": [1]} # header\r\n{title: "Two"}\r\n'
        "{'by': 'x'}\r\n{ a: 7 } # c\r\n{ 'two words' : \"it\" }\r\n"
        '7: D>C: { "precinct":51, "county":"Bronx" } # from one place\r\n\r\n   \r\n8:C>D: {"a": {"b": []}}\r\n'
    )
    found = read_abif(text.encode())
    assert found.about == {"title": "Two", "n": "3", "by": "x", "a": "7", "two words": "it"}
    assert sum(found.ballots.values()) == 15
    assert read_abif(b"ABIF\n1:A\n").names == ("A",)


def test_approval_and_plurality_by_what_the_ballots_suggest() -> None:
    approval = "4:A=C=X\n3:A=C\n"
    assert (counted(approval).poll.method, counted(approval).votes) == (CountingMethod.APPROVAL, (7, 7, 4))
    assert counted("3:A\n2:B\n").poll.method is CountingMethod.PLURALITY
    marked = "8:A/1=B/0\n9:B/1\n"
    assert (counted(marked).poll.method, counted(marked).votes) == (CountingMethod.APPROVAL, (8, 9))
    assert counted("3:\n2:A\n").votes == (2,)
    assert counted("1:A=B\n", CountingMethod.PLURALITY).poll.kind is PollKind.MULTIPLE
    assert counted("=A:[x]\n").turnout == 0
    assert counted("5:\n=A:[x]\n", CountingMethod.STAR).turnout == 5


@pytest.mark.parametrize(
    ("text", "method", "why"),
    [
        ("1:A>B\n", CountingMethod.APPROVAL, "do not say what they approve"),
        ("1:A>B\n", CountingMethod.SCORE, "Not all ballots have scores"),
        ("1:A/400>B/0\n", CountingMethod.STAR, "from 0 to 5; one is 400"),
    ],
)
def test_ballots_that_a_method_cannot_count(text: str, method: CountingMethod, why: str) -> None:
    with pytest.raises(InvalidInputError, match=why) as caught:
        counted(text, method)
    assert caught.value.field == "method"


def test_ties_go_by_the_seed_that_the_file_names() -> None:
    assert counted('{"ties": "00ff"}\n1:A\n').poll.tie_seed == b"\x00\xff"
    with pytest.raises(InvalidInputError, match="not hexadecimal"):
        counted('{"ties": "zz"}\n1:A\n')
    assert counted('{"method": "borda"}\n1:A>B\n').poll.method is CountingMethod.BORDA
    assert counted('{"method": "x"}\n1:A>B\n').poll.method is CountingMethod.RUNOFF


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "names no candidates"),
        ("# nothing\n", "names no candidates"),
        ("1:A>\n", "Line 1, column 5: a name is missing here"),
        ("1:A>>B\n", "Line 1, column 5: a name is missing here"),
        ("1:>A\n", "Line 1, column 3: a name is missing here"),
        ("1:A\n27 A>B\n", "Line 2, column 4: a colon is missing"),
        ("1:[A\n", r"Line 1, column 3: the \] that ends this name"),
        ('1:"A\n', 'Line 1, column 3: the " that ends'),
        ("1:[]\n", "a name has 1 to 300"),
        ("1:[" + "x" * 301 + "]\n", "a name has 1 to 300"),
        ("1:" + "x" * 301 + "\n", "a name has 1 to 300"),
        ("1:A>A\n", "A stands twice on this ballot"),
        ("1:A/x\n", "Line 1, column 5: a score is a whole number"),
        ("1:A/2.5\n", "Line 1, column 5: a score is a whole number"),
        ("1:A/1000001\n", "a score is a whole number"),
        ("1:A/" + "9" * 5000 + "\n", "a score is a whole number"),
        ("1:A/٣\n", "a score is a whole number"),
        ("1.5:A\n", "how many ballots there are is a whole number"),
        ("1000000001:A\n", "how many ballots there are is a whole number"),
        ("1:A*3,B*2\n", "spread points"),
        ("1:A:B\n", "only an object of JSON follows"),
        ("1:A: {\n", "no JSON object in one line"),
        ("1:A: " + '{"a":' * 3000 + "\n", "nested too deeply"),
        ("{oops\n", "Line 1, column 1: this is no JSON object"),
        ("{a: b'c}\n", "Line 1, column 1: this is no JSON object"),
        ("{a-b: c}\n", "Line 1, column 1: this is no JSON object"),
        # a pattern with room for doubt would try such lines for hours
        ("{" + " " * 19_000, "Line 1, column 1: this is no JSON object"),
        ("{a:" + " " * 19_000, "Line 1, column 1: this is no JSON object"),
        ("{" + "a " * 9_500 + "\n", "Line 1, column 1: this is no JSON object"),
        ('{"a": 1} x\n', "x is not expected here"),
        ("1:A]\n", "] is not expected here"),
        ("1:A B/3 C\n", "C is not expected here"),
        ("just words\n", "a line begins with how many ballots"),
        ("=A:\n", "a name is missing here"),
        ("=A:[x]\n=A:[y]\n", "A stands for two names"),
        ("=A:[x]\n=B:[x]\n", "two candidates have this name"),
        ("x" * 20_001, "this line is longer"),
        ("\n".join(f"=c{number}:[n{number}]" for number in range(MOST_CANDIDATES + 1)), "more than 100 candidates"),
        ("1000000000:A\n" * 1001, "more than 1,000,000,000,000 ballots"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text: str, why: str) -> None:
    with pytest.raises(InvalidInputError, match=why) as caught:
        read_abif(text.encode())
    assert caught.value.field == "file"
    assert len(str(caught.value)) < 200


def test_bytes_that_are_no_text_and_files_that_are_too_large() -> None:
    with pytest.raises(InvalidInputError, match="Line 2: this is not UTF-8"):
        read_abif(b"1:A\n2:\xff\n")
    with pytest.raises(InvalidInputError, match="larger than 16 MB"):
        read_abif(b"#" * (abif_module.LARGEST_FILE + 1))


@given(st.text('AB1 2:>=,/*[]"{}#\n\\', max_size=60))
@settings(max_examples=300)
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(InvalidInputError):
        found = read_abif(text.encode())
        assert found.names
        assert all(len(ranks) == len(found.names) for ranks, _ in found.ballots)


@given(polls(weighed=False), st.booleans())
@settings(max_examples=80)
def test_what_is_written_counts_as_it_did(case: tuple[Poll, list[tuple[bytes, int]]], hard: bool) -> None:
    poll, listed = case
    if hard:
        texts = ["C# [x]", "C# (x)", "B", "a]b", "x: y > z"]
        poll = closed(texts[: len(poll.options)], poll.kind, poll.method)
    again = recount_abif(read_abif(filed(poll, listed).abif)).result
    first = tally(poll, groups_of(listed))
    assert again
    named = any(mark != U for ranks, _ in listed for mark in ranks)
    # a file without a single mark still names its options
    assert again.poll.options == poll.options
    assert (again.poll.question, again.poll.method, again.poll.tie_seed) == (poll.question, poll.method, poll.tie_seed)
    assert (again.votes, again.leading, again.turnout) == (first.votes, first.leading, first.turnout) or not named
    assert again.tally == first.tally


def test_weights_stand_as_many_ballots() -> None:
    poll = closed(("a", "b"), PollKind.RANKED)
    text = write_abif(poll, [(bytes((0, 1)), 3)] * 5 + [(bytes((1, 0)), 1)] * 5)
    assert "15:A>B\n5:B>A\n" in text
    assert "# 10 people voted" in text


def test_more_options_than_letters_and_a_name_of_marks_that_nobody_sees() -> None:
    poll = closed(["\u202e"] + [f"option {number}" for number in range(29)], PollKind.SINGLE)
    text = write_abif(poll, [(bytes([0] + [U] * 29), 1)] * 5)
    assert "=C1:[?]" in text
    assert read_abif(text.encode()).names == poll.options
