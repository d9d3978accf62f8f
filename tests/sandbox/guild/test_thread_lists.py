"""Lists of active and archived threads, and the clock that archives them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from sandbox.audit import Actor
from sandbox.permissions import P
from sandbox.server import Options, Server
from sandbox.thread_members import enrol
from sandbox.threads import create_thread, due, modify_thread
from tests.support.bodies import wrong
from tests.support.stand_in import Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.model import Channel
    from tests.support.stand_in import Http

PUBLIC, PRIVATE = 11, 12


def archived(server: Server, place: Place, count: int, kind: int = PUBLIC) -> list[Channel]:
    """Begin threads and archive them one second after the other."""
    ada, moment = Actor(place.user("Ada").id), server.world.now() - timedelta(hours=1)
    threads: list[Channel] = []
    for number in range(count):
        thread = create_thread(server, place.channel("debates"), ada.user_id, {"name": f"t{number}", "type": kind})
        modify_thread(server, thread, ada, {"archived": True})
        assert thread.thread is not None
        thread.thread.archive_timestamp = moment + timedelta(seconds=number)
        threads.append(thread)
    return threads


async def test_active(http: Http, server: Server, place: Place, may: Callable[..., None]) -> None:
    ada, path = place.user("Ada").id, f"/guilds/{place.guild.id}/threads/active"
    first = create_thread(server, place.channel("debates"), ada, {"name": "one", "type": PUBLIC})
    second = create_thread(server, place.channel("polls"), ada, {"name": "two", "type": PUBLIC})
    secret = create_thread(server, place.channel("polls"), ada, {"name": "three", "type": PRIVATE})
    archived(server, place, 1)
    enrol(server.world, first, [place.app.user_id])
    listed = (await http.get(path)).json
    assert [one["id"] for one in listed["threads"]] == [str(one.id) for one in (secret, second, first)]
    assert [one["id"] for one in listed["members"]] == [str(first.id)]
    assert not listed["has_more"]
    may(P.VIEW_CHANNEL, only=True)
    assert str(secret.id) not in {one["id"] for one in (await http.get(path)).json["threads"]}


async def test_archived_public_in_pages(http: Http, server: Server, place: Place) -> None:
    threads = archived(server, place, 5)
    path = f"/channels/{place.channel('debates').id}/threads/archived/public"
    first = (await http.get(path, params={"limit": "3"})).json
    assert [one["id"] for one in first["threads"]] == [str(one.id) for one in threads[:1:-1]]
    assert first["has_more"]
    before = first["threads"][-1]["thread_metadata"]["archive_timestamp"]
    rest = (await http.get(path, params={"before": before})).json
    assert [one["id"] for one in rest["threads"]] == [str(one.id) for one in threads[1::-1]]
    assert not rest["has_more"]
    for limit, code in (("1", "NUMBER_TYPE_MIN"), ("101", "NUMBER_TYPE_MAX"), ("x", "NUMBER_TYPE_COERCE")):
        assert wrong(await http.get(path, params={"limit": limit})) == {"limit": code}
    assert wrong(await http.get(path, params={"before": "soon"})) == {"before": "DATE_TIME_TYPE_PARSE"}


async def test_archived_private(http: Http, server: Server, place: Place, may: Callable[..., None]) -> None:
    threads = archived(server, place, 3, PRIVATE)
    channel = place.channel("debates").id
    listed = (await http.get(f"/channels/{channel}/threads/archived/private")).json
    assert [one["id"] for one in listed["threads"]] == [str(one.id) for one in threads[::-1]]
    joined = f"/channels/{channel}/users/@me/threads/archived/private"
    assert (await http.get(joined)).json["threads"] == []
    for thread in threads:
        assert thread.thread is not None
        thread.thread.members[place.app.user_id] = server.world.now()
    page = (await http.get(joined, params={"limit": "2"})).json
    assert ([one["id"] for one in page["threads"]], page["has_more"]) == ([str(one.id) for one in threads[:0:-1]], True)
    rest = (await http.get(joined, params={"before": page["threads"][-1]["id"]})).json
    assert [one["id"] for one in rest["threads"]] == [str(threads[0].id)]
    may(P.VIEW_CHANNEL, P.READ_MESSAGE_HISTORY, only=True)
    answer = await http.get(f"/channels/{channel}/threads/archived/private")
    assert (answer.status, answer.json["code"]) == (403, 50013)
    assert (await http.get(joined)).status == 200


async def test_history_must_be_readable(http: Http, place: Place, may: Callable[..., None]) -> None:
    place.world.roles[place.guild.id].permissions = int(P.VIEW_CHANNEL)
    may(only=True)
    answer = await http.get(f"/channels/{place.channel('debates').id}/threads/archived/public")
    assert (answer.status, answer.json["code"]) == (403, 50013)


class TestClock:
    """Threads fall asleep when nobody has written for their time."""

    @pytest.fixture
    def now(self) -> list[datetime]:
        return [datetime(2026, 11, 1, tzinfo=UTC)]

    @pytest.fixture
    def still(self, now: list[datetime]) -> Server:
        """A stand-in that is not started, with a clock that is moved by hand."""
        return Server(Options(port=0), clock=lambda: now[0])

    def test_an_hour_to_the_second(self, still: Server, now: list[datetime]) -> None:
        place = Place(still.world)
        body = {"name": "t", "type": PUBLIC, "auto_archive_duration": 60}
        thread = create_thread(still, place.channel("debates"), place.user("Ada").id, body)
        assert thread.thread is not None
        told: list[str] = []
        still.world.subscribe(lambda event: told.append(event.name))
        now[0] += timedelta(minutes=59, seconds=59)
        due(still)
        assert not thread.thread.archived
        now[0] += timedelta(seconds=1)
        due(still)
        assert thread.thread.archived
        assert thread.thread.archive_timestamp == now[0]
        assert told == ["THREAD_UPDATE"]
        due(still)
        assert told == ["THREAD_UPDATE"]

    def test_a_message_counts_as_life(self, still: Server, now: list[datetime]) -> None:
        place = Place(still.world)
        body = {"name": "t", "type": PUBLIC, "auto_archive_duration": 60}
        thread = create_thread(still, place.channel("debates"), place.user("Ada").id, body)
        assert thread.thread is not None
        now[0] += timedelta(minutes=50)
        place.build.message(thread, place.user("Esi"), "still here")
        now[0] += timedelta(minutes=59)
        due(still)
        assert not thread.thread.archived
        now[0] += timedelta(minutes=1)
        due(still)
        assert thread.thread.archived

    def test_waking_starts_the_time_anew(self, still: Server, now: list[datetime]) -> None:
        place = Place(still.world)
        body = {"name": "t", "type": PUBLIC, "auto_archive_duration": 60}
        ada = Actor(place.user("Ada").id)
        thread = create_thread(still, place.channel("debates"), ada.user_id, body)
        assert thread.thread is not None
        now[0] += timedelta(hours=2)
        due(still)
        modify_thread(still, thread, ada, {"archived": False})
        due(still)
        assert not thread.thread.archived

    def test_pinned_posts_stay(self, still: Server, now: list[datetime]) -> None:
        place = Place(still.world)
        forum, ada = place.channel("motions"), place.user("Ada").id
        post = create_thread(still, forum, ada, {"name": "t"}, first_message_body={"content": "c"})
        modify_thread(still, post, Actor(ada), {"flags": 2})
        now[0] += timedelta(days=30)
        due(still)
        assert post.thread is not None
        assert not post.thread.archived
