"""Commands are documented and unique; every control that is shown has exactly one method that takes it."""

from __future__ import annotations

import ast
import collections
import re
from pathlib import Path

import pytest

from cogs.ui.controls import Switchboard
from tests.conftest import ROOT
from tests.project.discord_side import cog_classes, modules, slash_commands


def test_readme_lists_exactly_the_commands_that_exist() -> None:
    text = (ROOT / "README.md").read_text("utf-8").partition("## Commands")[2].partition("\n## ")[0]
    written = re.findall(r"^\| `(/[a-z -]+)(?: [^`]*)?` \|", text, re.MULTILINE)
    assert written == list(dict.fromkeys(written))
    assert set(written) == {name for name, _ in slash_commands()}


def test_no_two_commands_share_a_name() -> None:
    counted = collections.Counter(name for name, _ in slash_commands())
    assert [name for name, times in counted.items() if times > 1] == []


def test_every_control_shown_has_one_method_and_every_method_a_control() -> None:
    shown: set[tuple[str, str]] = set()
    for module in modules():
        for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "control_id":
                feature, action = (
                    part.value if isinstance(part, ast.Constant) else getattr(module, part.id, None)
                    for part in node.args[:2]
                    if isinstance(part, ast.Constant | ast.Name)
                )
                assert all((feature, action)), f"{module.__name__}:{node.lineno}: name feature and action by constants"
                shown.add((str(feature), str(action)))
    assert shown
    taken = [
        (address.feature, address.action)
        for cog in cog_classes()
        for method in vars(cog).values()
        if (address := getattr(method, "__rostrum_address__", None))
    ]
    assert sorted(taken) == sorted(set(taken)), "an id says press or submit, never both"
    assert set(taken) == shown


def test_two_methods_for_one_control_are_refused() -> None:
    """Connecting a cog twice stands for two cogs that claim the same id."""
    board = Switchboard()
    cog = next(cog for cog in cog_classes() if any(hasattr(m, "__rostrum_address__") for m in vars(cog).values()))
    bare = cog.__new__(cog)
    board.connect(bare)
    with pytest.raises(ValueError, match="two methods take"):
        board.connect(bare)
