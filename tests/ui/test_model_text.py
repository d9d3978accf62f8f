"""What a model writes: shown as Markdown, with no effect beyond its own card."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.ui.model_text import defuse
from cogs.ui.pieces import split

FENCES = "\n".join(f"text {number}\n```py\nprint({number})  # @everyone\n```" for number in range(30))


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("**Bold** and `code`, fine.", "**Bold** and `code`, fine."),
        ("# A title\nText", "**A title**\nText"),
        ("### A **title** ###", "**A title**"),
        ("> ## Quoted\n- # Listed\n1. ### Numbered", "> **Quoted**\n- **Listed**\n1. **Numbered**"),
        ("#hashtag stays", "#hashtag stays"),
        ("# `code` as a title", "\\# `code` as a title"),
        ("> ## `code`", "> \\## `code`"),
        ("# ", "\\# "),
        ("-# Open · ran on this machine", "\\-# Open · ran on this machine"),
        ("> -# quoted", "> \\-# quoted"),
        ("hi @everyone and @here", "hi @\u200beveryone and @\u200bhere"),
        ("<@12> <@!12> <@&12> <#12> </ask:12> <id:home>", "\\<@12> \\<@!12> \\<@&12> \\<#12> \\</ask:12> \\<id:home>"),
        ("at <t:1700000000:R>", "at <t:1700000000:R>"),
        ("[your bank](https://evil.example/a_(b))", "your bank (https://evil.example/a_(b))"),
        ('[a](<https://b.example> "title")', "a (https://b.example)"),
        ("[https://a.example](https://a.example/)", "https://a.example/"),
        ("[a.example](https://a.example)", "https://a.example"),
        ("[https://a.example](https://b.example)", "https://a.example (https://b.example)"),
        ("![cat](https://a.example/cat.png)", "cat (https://a.example/cat.png)"),
        ("[ ](https://a.example)", "https://a.example"),
        ("[a [b](https://c.example)](https://d.example)", "a [b]\\(https://c.example) (https://d.example)"),
        ("see [1](notes) and x[0](y)", "see [1]\\(notes) and x[0]\\(y)"),
        ("\\[a](https://b.example)", "\\[a]\\(https://b.example)"),
        ("join discord.gg/abc", "join discord.gg/\u200babc"),
        ("https://discord.com/invite/abc", "https://discord.com/invite/\u200babc"),
        ("a\u202eb\u2066c\x00d\x07e", "abcde"),
        ("pile" + "\u0301" * 50, "pile" + "\u0301" * 4),
        ("hidden\U000e0041\U000e0042", "hidden"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("far" + "\n" * 60 + "below", "far\n\nbelow"),
        (" \n\t\u200b\u3164\n", ""),
        ("", ""),
        ("```py\nprint(1)", "```py\nprint(1)\n```"),
        ("```py\nprint(1)\n``", "```py\nprint(1)\n```"),
        ("done\n```", "done"),
        ("```\n# not a title\n-# small\n@everyone <@1>\n```", "```\n# not a title\n-# small\n@everyone <@1>\n```"),
        ("`[a](https://b.example) @everyone`", "`[a](https://b.example) @everyone`"),
        ("`open [a](https://b.example)", "`open a (https://b.example)"),
        ("\\`[a](https://b.example)\\`", "\\`a (https://b.example)\\`"),
        ("```\na\n```# behind a block\n# title", "```\na\n```# behind a block\n**title**"),
    ],
)
def test_what_is_written_is_shown_without_its_effect(written: str, shown: str) -> None:
    result = defuse(written)
    assert result == shown


def test_flags_that_need_tags_stay_whole() -> None:
    scotland = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
    assert defuse(scotland) == scotland


def test_thirty_blocks_of_code_stay_as_they_are_and_are_cut_whole() -> None:
    assert defuse(FENCES) == FENCES
    for piece in split(defuse(FENCES), 300):
        assert piece.count("```") % 2 == 0


@pytest.mark.parametrize(
    "evil",
    [
        "[" * 16000,
        "- " * 8000 + "x",
        "> " * 8000,
        "1. " * 5000 + "#",
        "[x[y]" * 3000,
        "![" * 8000,
        "[a](" * 4000,
        "\\" * 16000,
        "\n" * 16000 + "x",
        "".join("x" + "`" * run for run in range(1, 170)),
        ("[a](http://" + "b" * 1990) * 8,
        "```" * 5000,
        "<@" * 8000,
    ],
)
def test_nothing_takes_long(evil: str) -> None:
    """Each takes some hundredths of a second; one that grew with the square of the length took five seconds."""
    began = time.process_time()
    defuse(evil)
    assert time.process_time() - began < 2


PIECES = [*"ab [](){}<>@#-`\\*_~|:/.!\n\t1 ", "```", "http://x.y", "\u202e", "](http://x.y)", "# ", "-# "]


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_whatever_is_written_no_link_is_masked_and_no_line_is_the_bots_own(written: str) -> None:
    shown = defuse(written)
    assert "\u202e" not in shown
    if "`" not in shown:
        assert "](" not in shown
        assert not any(line.startswith(("# ", "## ", "### ", "-# ")) for line in shown.splitlines())
