"""scripts/setup.sh on a project of its own: what it does again, and when."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the scripts are for a POSIX shell")

PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "tiny"
version = "1"
"""

# the smallest build backend, so that nothing need be fetched
BACKEND = """
import zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    with zipfile.ZipFile(f"{folder}/tiny-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1\\n")
        tags = "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
        wheel.writestr("tiny-1.dist-info/WHEEL", tags)
        wheel.writestr("tiny-1.dist-info/RECORD", "")
    return "tiny-1-py3-none-any.whl"
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("a checkout") / "tiny"
    (root / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "setup.sh", root / "scripts")
    (root / "scripts" / "hello").write_text(
        '. "$(dirname -- "${BASH_SOURCE[0]}")/setup.sh"\nprepare hello ""\n"$python" -m pip show tiny\n'
    )
    (root / "pyproject.toml").write_text(PROJECT)
    (root / "backend.py").write_text(BACKEND)
    (root / "constraints.txt").write_text("# none\n")
    return root


def start(root: Path) -> str:
    """Run the script from another folder without a terminal; return what it said beside its output."""
    run = subprocess.run(
        ["bash", str(root / "scripts" / "hello")],
        cwd=root.parent,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHON": sys.executable, "HOME": str(root.parent)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "Name: tiny" in run.stdout
    return run.stderr


def test_only_what_changed_is_installed_again(checkout: Path) -> None:
    said = start(checkout)
    assert "Making .venv" in said
    assert "Installing" in said

    assert start(checkout) == "", "nothing to do, nothing to say"

    (checkout / "constraints.txt").write_text("# other pins\n")
    said = start(checkout)
    assert "Installing" in said
    assert "Making" not in said

    (checkout / ".venv" / ".installing").touch()
    said = start(checkout)
    assert "Making .venv" in said, "what was cut off is made anew"

    moved = checkout.with_name("moved")
    checkout.rename(moved)
    said = start(moved)
    assert "Making .venv" in said, "an environment holds its own path"


def test_a_python_that_is_not_there_is_named(checkout: Path) -> None:
    script = f'. "{ROOT / "scripts" / "setup.sh"}"; find_python'
    run = subprocess.run(
        ["bash", "-c", script],
        cwd=checkout.parent,
        env={"PATH": "/usr/bin:/bin", "PYTHON": "python-of-nowhere"},
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )
    assert run.returncode == 1
    assert "PYTHON=python-of-nowhere is not a Python 3.11 or newer" in run.stderr
