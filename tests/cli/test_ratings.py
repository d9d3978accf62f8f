"""`rostrum ratings`: the arena's board made again from its vote file."""

from pathlib import Path
from typing import Any

import pytest

from bot.errors import StartError
from bot.recount import ratings
from bot.signing import Signer
from tests.arena.test_votefile import filed
from tests.cli.running import Cli
from tests.support.filed import SIGNER

KEY = SIGNER.public_key


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "votes.json"


def put(path: Path, content: Any, signer: Signer = SIGNER) -> Path:
    path.write_bytes(signer.sign(content))
    return path


def test_the_board_is_the_published_one(path: Path) -> None:
    report = ratings(put(path, filed()), KEY)
    assert report.status == 0
    text = "\n".join(report.lines)
    assert text.startswith("30 battles, ")
    assert " votes by 9 voters; seed 5\n" in text
    assert sum("Model" in line for line in report.lines) == 4
    assert " to " in text
    assert "\ncount      right: " in text
    assert "\nsignature  right: " in text


def test_what_was_changed_is_told_apart(path: Path) -> None:
    content = filed()
    content["board"]["ratings"][1]["wins"] += 1
    report = ratings(put(path, content), KEY)
    assert report.status == 3
    assert any("board.ratings[1].wins: published" in line for line in report.lines)
    assert ratings(put(path, content, Signer(bytes(32))), KEY).status == 23
    content["board"] = {f"n{number}": 1 for number in range(60)}
    report = ratings(put(path, content), KEY)
    assert any(line.endswith(" more") for line in report.lines)
    path.write_bytes(SIGNER.sign(filed()).replace(b'"verdict":"bad"', b'"verdict":"tie"'))
    assert ratings(path, KEY).status == 13


def test_totals_only_and_rows_without_votes(path: Path) -> None:
    report = ratings(put(path, filed(voters=4)), KEY)
    assert report.status == 4
    assert any("not repeatable: the file holds totals only" in line for line in report.lines)
    content = filed()
    content["lines"].append({"key": "x", "version": "", "name": "Nobody\x1b[2J", "openness": "open"})
    report = ratings(put(path, content), KEY)
    assert any("Nobody\ufffd[2J" in line and "no votes" in line for line in report.lines)
    assert all(line.isprintable() for line in report.lines)


def test_files_that_cannot_be_used(path: Path) -> None:
    with pytest.raises(StartError, match="is for `rostrum recount`"):
        ratings(put(path, {"format": "rostrum-poll"}))
    with pytest.raises(StartError, match="--key: This is no public key"):
        ratings(put(path, filed()), "abc")
    with pytest.raises(StartError, match="newer version"):
        ratings(put(path, filed() | {"version": 9}))


async def test_as_a_command(cli: Cli, path: Path) -> None:
    status, out, err = await cli.run("ratings", str(put(path, filed())), "--key", KEY)
    assert (status, err) == (0, "")
    assert "count      right" in out
