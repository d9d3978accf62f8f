"""The page's own files: nothing that reads text as markup or code, nothing from elsewhere, none too long."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

WEB = Path(__file__).resolve().parents[2] / "sandbox" / "web"
LONGEST = 350
FILES = sorted(WEB.iterdir())
SCRIPTS = [file for file in FILES if file.suffix == ".js"]

FORBIDDEN = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|setHTML|DOMParser|createContextualFragment|srcdoc|document\.write"
    r"|\beval\b|new Function|setAttribute\(\"(?:style|on)|javascript:|XMLHttpRequest"
)


@pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: file.name)
def test_scripts_never_turn_text_into_markup_or_code(file: Path) -> None:
    """What anybody wrote cannot become an element, a style or a script."""
    assert FORBIDDEN.findall(file.read_text()) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_files_stay_short(file: Path) -> None:
    """One topic a file."""
    assert len(file.read_text().splitlines()) <= LONGEST


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_nothing_comes_from_elsewhere(file: Path) -> None:
    """The page loads only what the stand-in serves."""
    found = re.findall(r"(?:src|href|import|url)\s*[=(]\s*[\"']?(https?:|//)", file.read_text())
    assert found == []


def test_the_document_has_no_inline_script_or_style() -> None:
    """The policy would refuse them."""
    html = (WEB / "index.html").read_text()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", html)


def test_every_import_is_a_file() -> None:
    """A module that is imported is there."""
    for file in SCRIPTS:
        for name in re.findall(r"from \"\./([\w.]+)\"", file.read_text()):
            assert (WEB / name).is_file(), f"{file.name} imports {name}"
