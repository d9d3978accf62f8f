"""What lies in the repository: no machine's paths, no registry's addresses, no file that has grown out of hand."""

from __future__ import annotations

import functools
import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

LONGEST = 400
LONGEST_TEST = 500
TEXT = {
    "",
    ".cfg",
    ".css",
    ".example",
    ".html",
    ".ini",
    ".js",
    ".json",
    ".mako",
    ".md",
    ".mjs",
    ".py",
    ".sh",
    ".svg",
    ".toml",
    ".txt",
    ".yml",
}

# in pieces, so that this file passes its own test
FORBIDDEN = [
    *(re.escape(host) for host in ("pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "npmjs" + ".com")),
    *(re.escape(host) for host in ("deb.debian" + ".org", "hub.docker" + ".com", "ghcr" + ".io")),
    r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+)/",
    r"/opt/(?:pypi|wheels)",
    r"--(?:extra-)?index-url",
    r"\.lib" + "rary/",
]


@functools.cache
def tracked() -> tuple[Path, ...]:
    run = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)
    if run.returncode != 0:
        pytest.skip("not a git checkout")
    return tuple(path for name in run.stdout.split("\0") if name and (path := ROOT / name).is_file())


def test_no_addresses_of_registries_and_no_paths_of_machines() -> None:
    pattern = re.compile("|".join(FORBIDDEN))
    found = [
        f"{path.relative_to(ROOT)}:{number}: {match[0]}"
        for path in tracked()
        if path.suffix in TEXT
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if (match := pattern.search(line))
    ]
    assert found == []


def test_no_source_file_has_grown_out_of_hand() -> None:
    grown: dict[str, int] = {}
    for path in tracked():
        name = path.relative_to(ROOT)
        lines = len(path.read_text("utf-8").splitlines()) if path.suffix in {".py", ".js", ".css"} else 0
        if lines > (LONGEST_TEST if name.parts[0] == "tests" else LONGEST):
            grown[str(name)] = lines
    assert grown == {}


def test_modules_are_named_for_what_they_know() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
    assert [str(p.relative_to(ROOT)) for p in tracked() if vague & {p.stem, *p.relative_to(ROOT).parts[:-1]}] == []


def test_nothing_private_is_tracked() -> None:
    private = {".env", "rostrum.toml"}
    assert [p.name for p in tracked() if p.name in private or p.suffix in {".db", ".key", ".sqlite3"}] == []


def test_scripts_can_be_run() -> None:
    for script in ("scripts/demo", "scripts/test", "scripts/check", "scripts/pin", ".ci/run"):
        path = ROOT / script
        assert path.stat().st_mode & 0o111, script
        subprocess.run(["bash", "-n", str(path)], check=True, timeout=10)
