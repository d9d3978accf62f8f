"""README, CHANGELOG, pyproject.toml and the code say the same."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAPERS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_changelog_and_version_agree() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    headings = re.findall(r"^## \[([^\]]+)\](?: - (\d{4}-\d{2}-\d{2}))?$", text, re.MULTILINE)
    assert headings[0] == ("Unreleased", ""), "Keep a Changelog begins with what is not yet released"
    released = [name for name, _ in headings[1:]]
    assert all(date for _, date in headings[1:]), "a release has a date"
    if released:
        assert released[0] == PROJECT["version"]
        assert released == sorted(released, key=lambda v: [int(part) for part in v.split(".")], reverse=True)
    else:
        assert PROJECT["version"] == "0.1.0", "the first version is still to be released"


def test_the_installed_version_is_that_of_the_project() -> None:
    assert version("rostrum") == PROJECT["version"], "run scripts/test: it installs the project again"


@pytest.mark.parametrize("paper", PAPERS)
def test_papers_point_at_files_that_exist(paper: str) -> None:
    text = (ROOT / paper).read_text("utf-8")
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) + re.findall(r'src(?:set)?="([^"]+)"', text)
    missing = [t for t in targets if "://" not in t and not (ROOT / t).exists()]
    assert missing == []


@pytest.mark.parametrize("paper", PAPERS)
def test_papers_name_paths_that_exist(paper: str) -> None:
    """What stands in backquotes and looks like a path of this project is one (globs and <names> aside)."""
    rooms = "bot|cogs|sandbox|migrations|tests|scripts|bench|docs"
    named = re.findall(rf"`((?:{rooms})/[\w./-]*)`", (ROOT / paper).read_text("utf-8"))
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_contributing_stays_one_page() -> None:
    assert len(Path(ROOT / "CONTRIBUTING.md").read_text("utf-8").splitlines()) <= 80
