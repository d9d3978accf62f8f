"""Markdown as the page reads it: the parser alone, run inside Chromium, and the elements it becomes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from sandbox.server import Options, Server
from tests.page.acting import probe

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Page


PARSE = "async text => (await import('/static/markdown.js')).parse(text)"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def server() -> AsyncIterator[Server]:
    """One bare stand-in for all, which only serves the modules."""
    async with Server(Options(port=0, seed=False)) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser, server: Server) -> AsyncIterator[Page]:
    """A tab at the page's modules (the page itself stays at its gate)."""
    context = await browser.new_context(locale="en-GB", timezone_id="Europe/Berlin")
    opened = await context.new_page()
    await opened.goto(server.url)
    yield opened
    await context.close()


def para(*nodes: Any) -> list[dict[str, Any]]:
    """One paragraph."""
    return [{"t": "para", "c": list(nodes)}]


def mark(kind: str, *nodes: Any) -> dict[str, Any]:
    """A mark around nodes."""
    return {"t": kind, "c": list(nodes)}


LINK = {"t": "link", "url": "https://example.org/a", "c": ["label"]}

CASES: list[tuple[str, list[dict[str, Any]]]] = [
    ("plain", para("plain")),
    (
        "**b** *i* _i_ __u__ ~~s~~",
        para(mark("b", "b"), " ", mark("i", "i"), " ", mark("i", "i"), " ", mark("u", "u"), " ", mark("s", "s")),
    ),
    ("***both***", para(mark("b", mark("i", "both")))),
    ("__*both*__", para(mark("u", mark("i", "both")))),
    ("*a **b***", para(mark("i", "a ", mark("b", "b")))),
    ("**a *b**", para(mark("b", "a *b"))),
    ("snake_case_name", para("snake_case_name")),
    ("2 * 3 * 4", para("2 * 3 * 4")),
    ("a ** b", para("a ** b")),
    (r"\*not\* \_this\_", para("*not* _this_")),
    ("||hidden||", para(mark("spoiler", "hidden"))),
    ("||open", para("||open")),
    ("`a *b*` ``c`d``", para({"t": "code", "text": "a *b*"}, " ", {"t": "code", "text": "c`d"})),
    ("`open", para("`open")),
    ("[label](https://example.org/a)", para(LINK)),
    ("[label](<https://example.org/a>)", para(LINK)),
    ('[label](https://example.org/a "title")', para(LINK)),
    (
        "[**b**](https://example.org/a_(b))",
        para({"t": "link", "url": "https://example.org/a_(b)", "c": [mark("b", "b")]}),
    ),
    ("[x](javascript:alert(1))", para("[x](javascript:alert(1))")),
    ("[x](data:text/html,x)", para("[x](data:text/html,x)")),
    ("[x](/relative)", para("[x](/relative)")),
    ("[x]", para("[x]")),
    (
        "(https://example.org/a).",
        para("(", {"t": "link", "url": "https://example.org/a", "c": ["https://example.org/a"]}, ")."),
    ),
    (
        "**https://example.org/a**",
        para(mark("b", {"t": "link", "url": "https://example.org/a", "c": ["https://example.org/a"]})),
    ),
    ("xhttps://example.org", para("xhttps://example.org")),
    (
        "<@1> <@!1> <@&7> <#5>",
        para(
            {"t": "user", "id": "1"},
            " ",
            {"t": "user", "id": "1"},
            " ",
            {"t": "role", "id": "7"},
            " ",
            {"t": "channel", "id": "5"},
        ),
    ),
    (
        "<:ok:12> <a:go:13>",
        para(
            {"t": "emoji", "animated": False, "name": "ok", "id": "12"},
            " ",
            {"t": "emoji", "animated": True, "name": "go", "id": "13"},
        ),
    ),
    (
        "<t:1618953630> <t:0:R>",
        para({"t": "time", "at": 1618953630, "style": "f"}, " ", {"t": "time", "at": 0, "style": "R"}),
    ),
    ("<t:1:x> <@abc> <#>", para("<t:1:x> <@abc> <#>")),
    ("</poll create:3>", para({"t": "slash", "name": "poll create", "id": "3"})),
    ("@everyone @here", para({"t": "everyone", "name": "@everyone"}, " ", {"t": "everyone", "name": "@here"})),
    (
        "# One\n## Two\n### Three\n#### four",
        [
            {"t": "heading", "level": 1, "c": ["One"]},
            {"t": "heading", "level": 2, "c": ["Two"]},
            {"t": "heading", "level": 3, "c": ["Three"]},
            *para("#### four"),
        ],
    ),
    ("#tag", para("#tag")),
    ("-# small", [{"t": "subtext", "c": ["small"]}]),
    ("> a\n> b\nc", [{"t": "quote", "c": para("a\nb")}, *para("c")]),
    (">>> a\nb", [{"t": "quote", "c": para("a\nb")}]),
    ("> > a", [{"t": "quote", "c": para("> a")}]),
    (
        "- a\n  - b\n- c",
        [
            {
                "t": "list",
                "ordered": False,
                "start": 1,
                "items": [
                    {"depth": 0, "c": ["a"], "marker": "•"},
                    {"depth": 1, "c": ["b"], "marker": "•"},
                    {"depth": 0, "c": ["c"], "marker": "•"},
                ],
            }
        ],
    ),
    (
        "3. a\n4. b",
        [
            {
                "t": "list",
                "ordered": True,
                "start": 3,
                "items": [{"depth": 0, "c": ["a"], "marker": "3."}, {"depth": 0, "c": ["b"], "marker": "4."}],
            }
        ],
    ),
    ("```py\nx = 1\n```", [{"t": "fence", "lang": "py", "text": "x = 1"}]),
    ("a ```b``` c", [*para("a "), {"t": "fence", "lang": "", "text": "b"}, *para(" c")]),
    ("```\n> # - **raw**\n```", [{"t": "fence", "lang": "", "text": "> # - **raw**"}]),
    ("```open", para("```open")),
    ("a\n\nb", para("a\n\nb")),
    ("", []),
    ("<b>x</b><script>alert(1)</script>", para("<b>x</b><script>alert(1)</script>")),
]


async def test_cases(page: Page) -> None:
    """Each text becomes the tree that is written beside it."""
    wrong = {}
    for text, tree in CASES:
        found = await page.evaluate(PARSE, text)
        if found != tree:
            wrong[text] = found
    assert not wrong, json.dumps(wrong, indent=1)


HOSTILE = {
    "stars that open": "*a " * 20_000,
    "stars that open and close": "*a " * 10_000 + "a* " * 10_000,
    "runs of stars": "*" * 60_000,
    "brackets": "[" * 60_000,
    "links without an end": "[a](" * 15_000,
    "links with a far end": "[a](x" * 12_000 + ")" * 12_000,
    "backticks of every length": " ".join("`" * n for n in range(300)),
    "spoilers": "||" * 30_000,
    "quotes": "> " * 30_000,
    "lines of quotes": ">\n" * 30_000,
    "fences": "```" * 20_001,
    "fences after quotes": "> ```\n" * 10_000,
    "references cut off": "<@" * 30_000,
    "addresses that are none": "http://:::" * 6_000,
    "addresses": "https://" * 7_500,
    "all marks at once": "**_~~||[`<" * 6_000,
    "lists": "- " * 30_000,
    "deep lists": "\n".join(" " * (n % 40) + "- x" for n in range(6_000)),
    "escapes": "\\" * 60_000,
    "blank": " " * 60_000,
    "numbers": "1." * 30_000,
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_time_grows_with_length_only(page: Page, name: str) -> None:
    """Sixty thousand characters, fifteen times what a message holds, stay under what a person would notice."""
    took = await page.evaluate(
        "async text => { const { parse } = await import('/static/markdown.js'); parse('warm');"
        " const at = performance.now(); parse(text); return performance.now() - at; }",
        HOSTILE[name],
    )
    assert took < 1_000, f"{took:.0f} ms"


async def test_markup_stays_text(page: Page) -> None:
    """Elements are only ours: what was written as HTML is text."""
    html = await probe(
        page,
        "draw",
        '<img src=x onerror=alert(1)> **<script>alert(2)</script>** `<b>` [<i>](https://example.org/"onclick=alert(3))',
    )
    assert set(re.findall(r"<(\w+)", html)) <= {"div", "p", "strong", "code", "a", "bdi"}
    assert "onerror" not in await page.evaluate(
        "() => [...document.querySelectorAll('body *')].flatMap(e => [...e.attributes].map(a => a.name)).join(' ')"
    )


async def test_links_go_out_only_and_safely(page: Page) -> None:
    """A link is http(s), opens apart and tells nothing of where it was clicked."""
    html = await probe(
        page,
        "draw",
        "[go](https://example.org/x?a=1&b=2) [no](vbscript:x) [no](file:///etc/passwd) <https://example.org/y>",
    )
    assert html.count("<a ") == 2
    assert html.count('rel="noopener noreferrer nofollow"') == 2
    assert html.count('target="_blank"') == 2
    assert "vbscript" in html
    assert 'href="file' not in html


async def test_references_get_names(page: Page) -> None:
    """People, roles, channels and times are shown by name; what cannot be seen says so."""
    await probe(page, "draw", "<@1> <@2> <@&7> <#5> <#6> <t:1618953630:F> <t:99999999999999:F>")
    text = await page.locator(".rich").inner_text()
    assert "@Ada" in text
    assert "@Unknown person" in text
    assert "@Judges" in text
    assert "#polls" in text
    assert "a channel you cannot see" in text
    assert "20 April 2021" in text  # 23:20 in Berlin
    assert "23:20" in text
    assert "Invalid date" in text


async def test_relative_times_keep_moving(page: Page) -> None:
    """`<t:…:R>` is right a little later, too."""
    await page.clock.install()
    await page.evaluate("async () => { (await import('/static/times.js')).startTicking(); }")
    await probe(page, "draw", f"<t:{await page.evaluate('() => Math.floor(Date.now() / 1000) + 125')}:R>")
    assert await page.locator("time").inner_text() == "in 2 minutes"
    await page.clock.run_for(100_000)
    assert re.fullmatch(r"in 2[3-6] seconds", await page.locator("time").inner_text())


async def test_a_spoiler_opens_by_key(page: Page) -> None:
    """Hidden text is a button until it is shown."""
    await probe(page, "draw", "||the butler||")
    hidden = page.get_by_role("button", name="Hidden text. Press to show it.")
    await hidden.focus()
    assert await page.locator(".spoiler-text").evaluate("e => getComputedStyle(e).visibility") == "hidden"
    await page.keyboard.press("Enter")
    assert await hidden.count() == 0
    assert await page.evaluate("() => document.querySelector('.spoiler-text').getAttribute('aria-hidden')") is None
