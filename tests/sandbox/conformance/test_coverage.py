"""Nothing that the stand-in offers goes unused: one walk with discord.py, and every list of it compared with the walk.

Whoever adds a route, event, callback, component or option type must add it to the tour (or, where discord.py has no
call for a route, to RAW with the test that covers it); otherwise one of these tests fails.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import discord
import pytest

from sandbox.payloads import interactions as kinds
from sandbox.rest.router import all_routes
from sandbox.validate import commands as options
from sandbox.validate import tree
from tests.sandbox.conformance.tour import events_in_source, name_of

if TYPE_CHECKING:
    from tests.sandbox.conformance.tour import Tour
    from tests.support.stand_in import Http, Place

TESTS = Path(__file__).parents[1]

# routes that no call of discord.py reaches, and the file and test that ask for them by hand
RAW = {
    "GET /applications/@me": ("guild/test_accounts.py", "test_itself"),
    "GET /oauth2/@me": ("guild/test_accounts.py", "test_itself"),
    "GET /gateway": ("transport/test_routing.py", "test_where_the_gateway_is"),
    "GET /guilds/{guild_id}/regions": ("conformance/test_coverage.py", "test_lists_that_are_always_empty"),
    "GET /guilds/{guild_id}/members/search": ("guild/test_members.py", "test_search"),
    "GET /channels/{channel_id}/pins": ("messages/test_reactions_pins.py", "test_pins"),
    "PUT /channels/{channel_id}/pins/{message_id}": ("messages/test_reactions_pins.py", "test_pins"),
    "DELETE /channels/{channel_id}/pins/{message_id}": ("messages/test_reactions_pins.py", "test_pins"),
    "GET /users/@me/guilds/{guild_id}/member": ("guild/test_accounts.py", "test_guilds_in_pages"),
    "GET /users/@me/channels": ("conformance/test_coverage.py", "test_lists_that_are_always_empty"),
}
# of an application that sells nothing and plays nothing: PONG is HTTP's, premium is gone, activities are refused
CALLBACKS = {4, 5, 6, 7, 8, 9}
# the types of components, by the names that they have there
COMPONENTS = {
    value for name, value in vars(tree).items() if type(value) is int and name.isupper() and not name.startswith("MAX_")
}


async def test_the_whole_tour(tour: Tour) -> None:
    client, record, server = tour.client, tour.record, tour.server
    await client.change_presence(activity=discord.Game("a debate"), status=discord.Status.idle)
    await tour.until("PRESENCE_UPDATE")
    server.faults.reconnect()
    await tour.until("RESUMED")
    assert client.errors == []
    assert {name_of(route) for route in all_routes()} - tour.covered == set(RAW)
    assert events_in_source() - set(client.events) == set()
    assert client.interactions == {kinds.COMMAND, kinds.COMPONENT, kinds.AUTOCOMPLETE, kinds.MODAL_SUBMIT}
    assert record.callbacks == CALLBACKS
    assert client.commands == {options.CHAT_INPUT, options.USER_MENU, options.MESSAGE_MENU}
    assert client.options == set(range(options.SUBCOMMAND, options.ATTACHMENT + 1))
    assert record.components == COMPONENTS
    still = {tree.ROW, tree.SECTION, tree.TEXT_DISPLAY, tree.THUMBNAIL, tree.GALLERY, tree.FILE, tree.SEPARATOR}
    assert client.used | still | {tree.CONTAINER} == COMPONENTS, "each that can be used was used by a person"
    assert server.spec is None or server.spec.checks > 100


@pytest.mark.parametrize("route", RAW)
def test_what_is_asked_by_hand_is_asked(route: str) -> None:
    file, test = RAW[route]
    assert re.search(rf"def {test}\(", (TESTS / file).read_text())


def test_discord_py_cannot_ask_for_the_raw_ones() -> None:
    source = "\n".join(path.read_text() for path in Path(discord.__file__).parent.rglob("*.py"))
    calls = re.findall(r"Route\(\s*f?['\"]([A-Z]+)['\"],\s*f?['\"]([^'\"?]+)", source)
    shapes = {f"{method} {re.sub(r'{[^}]*}', '{}', path)}" for method, path in calls}
    assert [route for route in RAW if re.sub(r"{[^}]*}", "{}", route) in shapes] == []


async def test_lists_that_are_always_empty(place: Place, http: Http) -> None:
    assert (await http.get(f"/guilds/{place.guild.id}/regions")).json == []
    assert (await http.get("/users/@me/channels")).json == []
