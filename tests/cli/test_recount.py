"""`rostrum recount`: what it prints, and exit statuses that tell the count and the signature apart."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.errors import StartError
from bot.polls.counting import ranks_of
from bot.polls.types import CountingMethod, Poll, PollKind, PollPhase
from bot.recount import METHODS, recount
from bot.signing import Signer, unsigned
from tests.cli.running import Cli
from tests.support.filed import SIGNER, closed, content_of, filed

BALLOTS = [(bytes(ranks), 1) for ranks in [(0, 1, 2)] * 4 + [(1, 0, 255)] * 3 + [(255, 1, 0)] * 2]
KEY = SIGNER.public_key
OTHER = Signer(bytes(32)).public_key


def ranked(**more: Any) -> Poll:
    return closed(("Open", "Closed", "Hybrid"), PollKind.RANKED, **more)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "poll-1.json"
    file.write_bytes(filed(ranked(), BALLOTS).json)
    return file


def forge(path: Path, turnout: int) -> None:
    """Change a figure and leave the signature."""
    document = json.loads(path.read_bytes())
    document["content"]["result"]["turnout"] = turnout
    path.write_text(json.dumps(document))


def rewrite(path: Path, signer: Signer | None, turnout: int = 9) -> None:
    """Make a file as somebody else would."""
    content = content_of(filed(ranked(), BALLOTS))
    content["result"]["turnout"] = turnout
    path.write_bytes(signer.sign(content) if signer else unsigned(content))


def test_count_and_signature_are_right(path: Path) -> None:
    report = recount(path, KEY)
    text = "\n".join(report.lines)
    assert report.status == 0
    assert text.startswith("Which models?\ncounted by instant runoff: 9 ballots\nwinner: Closed\n")
    assert "round 1: Open 4, Closed 3, Hybrid 2; out: Hybrid\n" in text
    assert "\ncount      right: " in text
    assert f"\nsignature  right: made with the key that you named (id {SIGNER.key_id})\n" in text
    assert "not that whoever runs the bot was honest" in text


def test_each_pair_of_findings_has_its_own_status(path: Path) -> None:
    said: dict[int, list[str]] = {}

    def look(key: str | None) -> int:
        report = recount(path, key)
        said[report.status] = [line for line in report.lines if line.startswith(("count  ", "signature  "))]
        return report.status

    assert look(KEY) == 0
    assert look(OTHER) == 20
    assert look(None) == 0
    assert "that the file names" in said[0][1]
    forge(path, 10)
    assert look(KEY) == 13
    assert look(None) == 13
    rewrite(path, SIGNER, 10)
    assert look(KEY) == 3
    assert look(OTHER) == 23
    rewrite(path, None)
    assert look(KEY) == 30
    rewrite(path, None, 10)
    assert look(None) == 33
    document = json.loads(filed(ranked(), BALLOTS).json)
    document["signature"]["value"] = "A" * 86 + "=="
    path.write_text(json.dumps(document))
    assert look(KEY) == 10
    few = filed(ranked(), BALLOTS[:4]).json
    path.write_bytes(few)
    assert look(KEY) == 4
    assert look(OTHER) == 24
    path.write_bytes(few.replace(b"hybrid", b"x").replace(b'"fewest":1', b'"fewest":2'))
    assert look(KEY) == 14
    path.write_bytes(unsigned(content_of(filed(ranked(), BALLOTS[:4]))))
    assert look(None) == 34
    assert set(said) == {tens + ones for tens in (0, 10, 20, 30) for ones in (0, 3, 4)}
    assert said[4][0].startswith("count      not repeatable: the file holds totals only")
    assert said[13] == [
        "count      wrong: what the file says does not follow from its ballots",
        "signature  wrong: the file was changed after it was signed, or the signature is damaged",
    ]
    assert said[30][1] == "signature  not there: nothing says where this file comes from"
    assert "by another key" in said[20][1]


def test_discords_own_polls_say_who_counted_them(path: Path) -> None:
    poll = closed(("a", "b"), PollKind.SINGLE, is_native=True, imported=(7, 3))
    path.write_bytes(filed(poll, []).json)
    report = recount(path, KEY)
    assert report.status == 4
    assert any("Discord counted this poll" in line for line in report.lines)


def test_files_of_open_polls_say_why_they_have_totals_only(path: Path) -> None:
    path.write_bytes(filed(replace(ranked(), phase=PollPhase.OPEN, closed_at=None), BALLOTS).json)
    report = recount(path, KEY)
    assert report.status == 4
    assert any("the poll was still open" in line for line in report.lines)


def test_differences_are_printed_and_cut(path: Path) -> None:
    rewrite(path, SIGNER, 10)
    assert f"{'':11}result.turnout: published 10, counted 9" in recount(path, KEY).lines
    content = content_of(filed(ranked(), BALLOTS))
    content["result"] = {f"n{number}": 1 for number in range(90)}
    path.write_bytes(SIGNER.sign(content))
    lines = recount(path, KEY).lines
    assert len(lines) < 45
    assert any(line.strip().startswith("and ") and line.endswith(" more") for line in lines)


def test_another_method_is_counted_beside(path: Path) -> None:
    report = recount(path, KEY, "borda")
    assert report.status == 0
    assert "counted by instant runoff: 9 ballots" in report.lines
    assert "counted by Borda: 9 ballots" in report.lines
    path.write_bytes(filed(ranked(), BALLOTS[:4]).json)
    assert recount(path, KEY, "borda").status == 4, "nothing is listed that could be counted"


def test_weights_ties_and_plain_counts_are_told(path: Path) -> None:
    ballots = [(ranks_of(0, 2), 2)] * 5 + [(ranks_of(1, 2), 1)] * 5
    path.write_bytes(filed(closed(("a", "b"), PollKind.SINGLE), ballots).json)
    lines = recount(path, KEY).lines
    assert lines[1:5] == (
        "counted by most votes: 10 ballots, which weigh 15",
        "winner: a",
        "  a  10 (67 %)",
        "  b  5 (33 %)",
    )
    path.write_bytes(filed(closed(("a", "b"), PollKind.SINGLE), [(ballot, 1) for ballot, _ in ballots]).json)
    assert "tied: a, b" in recount(path, KEY).lines
    tied = [(bytes((0, 1)), 1)] * 5 + [(bytes((1, 0)), 1)] * 5
    path.write_bytes(filed(closed(("a", "b"), PollKind.RANKED, CountingMethod.BORDA), tied).json)
    assert any(line.startswith("tie between") for line in recount(path, KEY).lines)
    path.write_bytes(filed(closed(("a", "b"), PollKind.APPROVAL), [(bytes((255, 255)), 1)] * 5).json)
    assert "winner: nobody" in recount(path, KEY).lines


def test_a_file_cannot_steer_the_terminal(path: Path) -> None:
    poll = closed(("\x1b[2J\x07Open", "\u202eesolC"), PollKind.SINGLE)
    path.write_bytes(filed(poll, [(ranks_of(0, 2), 1)] * 5).json)
    text = "".join(recount(path, KEY).lines)
    assert "\ufffd[2J\ufffdOpen" in text
    assert all(mark.isprintable() for mark in text)
    path.write_text("1:A>\x1b[2J>\x1b\n")
    abif = path.rename(path.with_suffix(".abif"))
    abif.write_text("1:A\x1b[2J/x\n")
    with pytest.raises(StartError) as caught:
        recount(abif)
    assert str(caught.value).isprintable()


def test_abif_is_counted_and_has_nothing_to_compare_with(tmp_path: Path) -> None:
    path = tmp_path / "towns.ABIF"
    path.write_text('{"title": "Capital"}\n=M:[Memphis]\n42:M>N>C>K\n26:N>C>K>M\n15:C>K>N>M\n17:K>C>N>M\n')
    report = recount(path)
    assert report.status == 0
    assert report.lines[:3] == ("Capital", "counted by instant runoff: 100 ballots", "winner: K")
    assert any("--method takes plurality, approval" in line for line in report.lines)
    report = recount(path, None, "schulze")
    assert "winner: N" in report.lines
    assert not any("--method" in line for line in report.lines)
    assert recount(path, KEY).status == 30, "who asks for a signature is told that there is none"
    path.write_text("1:A\n")
    assert recount(path).lines[0] == "counted by most votes: 1 ballot"


def test_what_is_exported_as_abif_counts_alike(tmp_path: Path) -> None:
    path = tmp_path / "poll.abif"
    for method in (CountingMethod.RUNOFF, CountingMethod.SCHULZE):
        path.write_bytes(filed(ranked(method=method), BALLOTS).abif)
        assert f"counted by {METHODS[method]}: 9 ballots" in recount(path).lines


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not JSON: line 1"),
        (b"[]", "does not fit: its content is no object"),
        (b'{"content": 5}', "its content is no object"),
        (b'{"version": 1, "question": "x"}', "made before polls could be counted again"),
        (b'{"content": {"format": "rostrum-arena-votes"}}', "is for `rostrum ratings`"),
        (b'{"content": {"format": ["x"]}}', "format is no text"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_files_that_cannot_be_used(path: Path, content: bytes, why: str) -> None:
    path.write_bytes(content)
    with pytest.raises(StartError, match=why) as caught:
        recount(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_keys_methods_and_paths_that_cannot_be_used(path: Path, tmp_path: Path) -> None:
    for arguments, why in [
        ((path, "abc"), "^--key: This is no public key"),
        ((path, None, "dice"), "^--method: 'dice' is no method; there are plurality"),
        ((path, None, "star"), "^--method: Ballots of this kind .ranked. can be counted by: runoff"),
        ((tmp_path / "none.json",), "none.json: cannot be read: No such file"),
        ((tmp_path,), "cannot be read: Is a directory"),
    ]:
        with pytest.raises(StartError, match=why):
            recount(*arguments)  # type: ignore[arg-type]


async def test_as_a_command(cli: Cli, path: Path) -> None:
    status, out, err = await cli.run("recount", str(path), "--key", KEY)
    assert (status, err) == (0, "")
    assert "count      right" in out
    assert list(cli.folder.iterdir()) == [path], "it needs no settings, and leaves nothing behind"
    status, out, err = await cli.run("recount", "missing.json")
    assert (status, out, err) == (2, "", "rostrum: missing.json: cannot be read: No such file or directory\n")
