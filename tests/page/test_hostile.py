"""What bots and people may write to hurt the page, drawn by the whole page and harmless."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from playwright.async_api import expect

from tests.page.acting import SOON, probe

if TYPE_CHECKING:
    from sandbox.model import Message
    from sandbox.server import Server
    from tests.page.conftest import OpenSeat
    from tests.page.showcase import Showcase
    from tests.support.stand_in import Place

V2 = 1 << 15
TRAP = "<img src=x onerror=window.broken=1><script>window.broken=1</script>"
BACKWARDS = "\u202egnp.exe\u202c\u2066x"
WIDE = "W" * 4000


def put(place: Place, content: str = "", **fields: Any) -> Message:
    """A message of the bot in #general that no check has seen."""
    return place.build.message(place.channel("general"), place.world.users[place.app.user_id], content, **fields)


async def test_markup_scripts_and_addresses(seat: OpenSeat, place: Place, server: Server) -> None:
    """Every text of every kind of thing, names included, holds a trap; none springs."""
    del server
    ada = place.user("ada")
    ada.global_name = TRAP
    place.channel("general").topic = TRAP
    put(place, f"{TRAP} [a](javascript:window.broken=1) <javascript:window.broken=1>")
    put(
        place,
        embeds=[
            {
                "type": "rich",
                "title": TRAP,
                "url": "javascript:window.broken=1",
                "description": TRAP,
                "author": {"name": TRAP, "url": "data:text/html,x", "icon_url": "javascript:1"},
                "fields": [{"name": TRAP, "value": TRAP, "inline": True}],
                "footer": {"text": TRAP},
                "image": {"url": "https://tracker.example/pixel.png"},
                "thumbnail": {"url": "javascript:1"},
                "color": 0xFFFFFFFF,
            }
        ],
    )
    put(
        place,
        flags=V2,
        components=[
            {"type": 17, "id": 1, "accent_color": -5, "components": [{"type": 10, "id": 2, "content": TRAP}]},
            {
                "type": 1,
                "id": 3,
                "components": [{"type": 2, "id": 4, "style": 5, "label": TRAP, "url": "javascript:window.broken=1"}],
            },
            {"type": 12, "id": 5, "items": [{"media": {"url": "javascript:1"}, "description": TRAP}]},
            {"type": 13, "id": 6, "file": {"url": "file:///etc/passwd"}, "name": TRAP, "size": 1},
        ],
    )
    outside: list[str] = []
    tab = await seat("Ben")
    tab.page.on("request", lambda request: outside.append(request.url))
    await tab.page.reload()
    await expect(tab.message("not available").first).to_be_visible(timeout=SOON)
    await expect(tab.page.locator(".feed")).to_contain_text("<script>window.broken=1</script>")
    assert await tab.page.evaluate("window.broken") is None
    addresses = await tab.page.evaluate("() => [...document.querySelectorAll('a')].map(a => a.getAttribute('href'))")
    assert [one for one in addresses if not one.startswith(("http", "#", "/"))] == []
    assert [one for one in outside if "tracker.example" in one] == [], "pictures from elsewhere are named, not loaded"
    await expect(tab.page.locator(".feed")).to_contain_text("kept at tracker.example")
    names = await tab.page.evaluate("() => [...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames())")
    assert [name for name in names if name.startswith("on")] == []


async def test_long_words_wrap_and_backwards_text_stays_inside(seat: OpenSeat, place: Place) -> None:
    """4,000 characters without a space, and marks that turn the reading direction, on a wide and a narrow screen."""
    put(place, WIDE)
    put(
        place,
        flags=V2,
        components=[
            {
                "type": 17,
                "id": 1,
                "components": [{"type": 10, "id": 2, "content": f"# {WIDE[:900]}\n> {WIDE[:900]}\n- {WIDE[:900]}"}],
            }
        ],
    )
    put(
        place,
        embeds=[
            {
                "type": "rich",
                "title": WIDE[:256],
                "description": WIDE,
                "fields": [{"name": WIDE[:256], "value": WIDE[:1024], "inline": True}] * 6,
                "footer": {"text": WIDE[:2048]},
            }
        ],
    )
    put(place, f"before {BACKWARDS} after")
    put(
        place,
        components=[
            {
                "type": 1,
                "id": 1,
                "components": [
                    {"type": 2, "id": n + 2, "style": 1, "label": WIDE[:80], "custom_id": str(n)} for n in range(5)
                ],
            }
        ],
    )
    place.user("chika").global_name = f"Chika {BACKWARDS}"
    tab = await seat("Ben")
    assert await probe(tab.page, "wide") == []
    await tab.page.set_viewport_size({"width": 360, "height": 700})
    assert await probe(tab.page, "wide") == []
    assert await tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    row = tab.message("Chika").first.locator(".message-head")
    name, time = row.locator(".author"), row.locator(".when")
    left, right = await name.bounding_box(), await time.bounding_box()
    assert left
    assert right
    assert right["x"] >= left["x"] + left["width"] - 1, "the time stays right of a name that turns the direction"


async def test_odd_shapes(seat: OpenSeat, place: Place) -> None:
    """Unknown types, nothing where something should be, too many of everything: named or bounded, the page whole."""
    put(
        place,
        flags=V2,
        components=[
            {"type": 99, "id": 1},
            {"type": 10, "id": 2},
            {"type": 17, "id": 3},
            {"type": 9, "id": 4},
            {"type": 1, "id": 5, "components": [{"type": 42}, {}]},
            {"type": 12, "id": 6},
            {"type": 11, "id": 7},
            {"id": 8},
        ],
    )
    put(place, embeds=[{"type": "rich", "title": f"Card {n}"} for n in range(500)])
    deep: dict[str, Any] = {"type": 10, "id": 1, "content": "deep down"}
    for _ in range(60):
        deep = {"type": 17, "id": 1, "components": [deep]}
    put(place, flags=V2, components=[deep])
    put(place, embeds=[{"type": "rich", "fields": "none", "color": "red", "timestamp": "yesterday"}, {}])
    put(place, "still here")
    tab = await seat("Ben")
    await expect(tab.message("still here")).to_be_visible(timeout=SOON)
    await expect(tab.page.locator(".feed")).to_contain_text("Unsupported component 99")
    await expect(tab.page.locator(".feed")).to_contain_text("Unsupported component 42")
    await expect(tab.page.locator(".feed")).to_contain_text("Unsupported component without a type")
    await expect(tab.page.locator(".feed")).to_contain_text("490 more cards are not shown.")
    await expect(tab.page.locator(".embed")).to_have_count(12)
    await tab.composer.fill("and one can go on")
    await tab.page.keyboard.press("Enter")
    await expect(tab.message("and one can go on")).to_be_visible(timeout=SOON)


async def test_names_of_everything(seat: OpenSeat, place: Place, showcase: Showcase) -> None:
    """Traps, turned directions and piles of accents in the names of places, roles, options and choices stay theirs."""
    piled = "Z" + "\u0315\u0316\u0317\u0318" * 60
    nasty = f"{TRAP[:30]}{BACKWARDS}{piled}"
    debates = place.channel("debates")
    place.guild.name = nasty
    debates.name = f"debates {nasty}"
    chika = place.user("chika")
    chika.global_name = nasty
    for role in place.world.guild_roles[place.guild.id].values():
        role.name = nasty
    for command in place.world.commands.values():
        command.body["description"] = nasty
        for option in command.body.get("options", []):
            option["description"] = nasty
            for choice in option.get("choices", []):
                choice["name"] = nasty
    put(place, f"{piled * 10}\n<@{chika.id}> <#{debates.id}>")
    put(
        place,
        flags=V2,
        components=[
            {
                "type": 1,
                "id": 10 + row,
                "components": [
                    {
                        "type": 3,
                        "id": 40 + row,
                        "custom_id": f"s{row}",
                        "placeholder": nasty,
                        "options": [
                            {"label": f"{n} {nasty}", "value": str(n), "description": nasty} for n in range(25)
                        ],
                    }
                ],
            }
            for row in range(20)
        ],
    )
    put(place, "the last word")
    tab = await seat("Ben")
    await expect(tab.message("the last word")).to_be_visible(timeout=SOON)
    assert await probe(tab.page, "wide") == []
    await tab.page.get_by_role("combobox").first.click()
    await tab.page.keyboard.press("Escape")
    await tab.composer.fill("/")
    await expect(tab.page.locator(".suggest-row.active")).to_be_visible(timeout=SOON)
    assert await tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await tab.page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    text = tab.message("Z\u0315").first.locator(".rich")
    heads = [".guild-name bdi", ".members h3", ".channel-name", ".member-name", ".channel-title h1"]
    for held in [text, *(tab.page.locator(name).first for name in heads)]:
        assert await held.evaluate("e => getComputedStyle(e).overflowY") in {"clip", "hidden"}, "accents reach nobody"
    if folder := os.environ.get("PAGE_PICTURES"):
        await tab.page.screenshot(path=f"{folder}/hostile.png")
    assert await tab.page.evaluate("window.broken") is None
    await tab.page.keyboard.press("Escape")
    await tab.message("the last word").click(button="right")
    await expect(tab.page.get_by_role("menu")).to_be_visible(timeout=SOON)
    assert await tab.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    del showcase
