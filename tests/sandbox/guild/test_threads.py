"""Threads and forum posts over raw REST: beginning, changing, members, deleting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.audit import Actor
from sandbox.errors import ApiError
from sandbox.model import ForumTag
from sandbox.permissions import P
from sandbox.thread_members import enrol
from sandbox.threads import create_thread, modify_thread
from tests.support.bodies import wrong
from tests.support.guild import names

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.model import Channel
    from sandbox.server import Server
    from sandbox.world import Event
    from tests.support.stand_in import Http, Place

PUBLIC, PRIVATE, ANNOUNCEMENT = 11, 12, 10


@pytest.fixture
def debates(place: Place) -> Channel:
    return place.channel("debates")


@pytest.fixture
def base(debates: Channel) -> str:
    """The path where threads without a message begin."""
    return f"/channels/{debates.id}/threads"


@pytest.fixture
def by_chika(server: Server, place: Place, debates: Channel) -> Channel:
    """A public thread that a person began."""
    return create_thread(server, debates, place.user("Chika").id, {"name": "Chika's", "type": PUBLIC})


class TestBeginning:
    """POST of all three kinds."""

    async def test_without_a_message(self, http: Http, base: str, told: list[Event], place: Place) -> None:
        answer = await http.post(base, json={"name": "Opening", "type": PUBLIC, "auto_archive_duration": 60})
        assert answer.status == 201
        made = answer.json
        assert (made["type"], made["owner_id"]) == (PUBLIC, str(place.app.user_id))
        assert made["thread_metadata"]["auto_archive_duration"] == 60
        assert made["member"]["user_id"] == str(place.app.user_id)
        assert names(told) == ["THREAD_CREATE", "THREAD_CREATE", "MESSAGE_CREATE"]
        others, own = told[0], told[1]
        assert others.data["newly_created"]
        assert "member" not in others.data
        assert own.users == frozenset({place.app.user_id})
        assert "member" in own.data
        note = told[2].data
        assert (note["type"], note["content"], note["channel_id"]) == (18, "Opening", made["parent_id"])
        assert note["message_reference"]["channel_id"] == made["id"]

    async def test_private(self, http: Http, base: str, told: list[Event], place: Place) -> None:
        made = (await http.post(base, json={"name": "Aside", "invitable": False})).json
        assert made["type"] == PRIVATE
        assert made["thread_metadata"]["invitable"] is False
        moderators = frozenset({place.user("Ada").id, place.user("Ben").id})
        assert [event.users for event in told[:2]] == [moderators, frozenset({place.app.user_id})]
        assert names(told) == ["THREAD_CREATE", "THREAD_CREATE"]

    async def test_from_a_message(
        self, http: Http, place: Place, debates: Channel, told: list[Event], server: Server
    ) -> None:
        message = place.build.message(debates, place.user("Esi"), "Let us talk")
        path = f"/channels/{debates.id}/messages/{message.id}/threads"
        made = await http.post(path, json={"name": "Talk"})
        assert (made.status, made.json["id"], made.json["type"]) == (201, str(message.id), PUBLIC)
        assert names(told) == ["THREAD_CREATE", "THREAD_CREATE", "MESSAGE_UPDATE", "MESSAGE_CREATE"]
        assert told[2].data["flags"] & 32
        assert told[2].data["thread"]["id"] == str(message.id)
        starter = told[3].data
        assert (starter["type"], starter["channel_id"]) == (21, str(message.id))
        assert starter["referenced_message"]["content"] == "Let us talk"
        assert made.json["message_count"] == server.world.channels[message.id].thread.message_count == 0
        again = await http.post(path, json={"name": "Talk"})
        assert (again.status, again.json["code"]) == (400, 160004)
        assert (await http.get(f"/channels/{debates.id}/messages/{message.id}")).json["thread"]["name"] == "Talk"

    async def test_from_an_announcement(self, http: Http, place: Place) -> None:
        channel = place.channel("announcements")
        message = place.build.message(channel, place.user("Ada"), "News")
        made = await http.post(f"/channels/{channel.id}/messages/{message.id}/threads", json={"name": "On it"})
        assert made.json["type"] == ANNOUNCEMENT
        made = await http.post(f"/channels/{channel.id}/threads", json={"name": "More", "type": ANNOUNCEMENT})
        assert made.json["type"] == ANNOUNCEMENT
        answer = await http.post(f"/channels/{channel.id}/threads", json={"name": "More", "type": PUBLIC})
        assert wrong(answer) == {"type": "BASE_TYPE_CHOICES"}

    async def test_a_forum_post(self, http: Http, place: Place, told: list[Event], server: Server) -> None:
        forum = place.channel("motions")
        tag = forum.available_tags[0]
        body = {"name": "This house", "applied_tags": [str(tag.id)], "message": {"content": "would publish"}}
        made = await http.post(f"/channels/{forum.id}/threads", json=body)
        assert made.status == 201, made.json
        assert made.json["message"]["id"] == made.json["id"]
        assert made.json["message"]["content"] == "would publish"
        assert made.json["applied_tags"] == [str(tag.id)]
        assert names(told) == ["THREAD_CREATE", "THREAD_CREATE", "MESSAGE_CREATE"]
        assert server.world.channels[int(made.json["id"])].thread.message_count == 0
        assert (await http.get(f"/channels/{forum.id}")).json["last_message_id"] == made.json["id"]

    async def test_a_forum_post_with_a_file(self, http: Http, place: Place) -> None:
        forum = place.channel("motions")
        body = {"name": "Evidence", "message": {"content": "see", "attachments": [{"id": "0", "filename": "a.txt"}]}}
        made = await http.post(f"/channels/{forum.id}/threads", json=body, files={"files[0]": ("a.txt", b"abc")})
        assert made.status == 201, made.json
        assert [one["filename"] for one in made.json["message"]["attachments"]] == ["a.txt"]

    @pytest.mark.parametrize(
        ("body", "errors"),
        [
            ({}, {"name": "BASE_TYPE_REQUIRED"}),
            ({"name": ""}, {"name": "BASE_TYPE_BAD_LENGTH"}),
            ({"name": "n" * 101}, {"name": "BASE_TYPE_BAD_LENGTH"}),
            ({"name": "n", "auto_archive_duration": 59}, {"auto_archive_duration": "BASE_TYPE_CHOICES"}),
            ({"name": "n", "rate_limit_per_user": 21601}, {"rate_limit_per_user": "NUMBER_TYPE_MAX"}),
            ({"name": "n", "type": 0}, {"type": "BASE_TYPE_CHOICES"}),
        ],
        ids=str,
    )
    async def test_refused(self, http: Http, base: str, body: dict[str, Any], errors: dict[str, str]) -> None:
        assert wrong(await http.post(base, json=body)) == errors

    @pytest.mark.parametrize("name", ["n", "n" * 100])
    async def test_lengths_of_names(self, http: Http, base: str, name: str) -> None:
        assert (await http.post(base, json={"name": name})).json["name"] == name

    async def test_a_post_that_is_refused_leaves_nothing(self, http: Http, place: Place, told: list[Event]) -> None:
        forum = place.channel("motions")
        path, before = f"/channels/{forum.id}/threads", len(place.world.channels)
        assert wrong(await http.post(path, json={"name": "n"})) == {"message": "BASE_TYPE_REQUIRED"}
        answer = await http.post(path, json={"name": "n", "message": {"content": "c" * 2001}})
        assert list(wrong(answer).values()) == ["BASE_TYPE_MAX_LENGTH"]
        answer = await http.post(path, json={"name": "n", "message": {}})
        assert (answer.status, answer.json["code"]) == (400, 50006)
        assert wrong(await http.post(path, json={"name": "n", "message": {"content": "c"}, "applied_tags": ["1"]})) == {
            "applied_tags.0": "BASE_TYPE_CHOICES"
        }
        assert len(place.world.channels) == before
        assert told == []

    async def test_tags(self, http: Http, place: Place, may: Callable[..., None]) -> None:
        forum = place.channel("motions")
        path = f"/channels/{forum.id}/threads"
        body: dict[str, Any] = {"name": "n", "message": {"content": "c"}}
        forum.flags = 16
        answer = await http.post(path, json=body)
        assert (answer.status, answer.json["code"]) == (400, 40067)
        moderated = {**body, "applied_tags": [str(forum.available_tags[2].id)]}
        assert (await http.post(path, json=moderated)).status == 201
        may(P.VIEW_CHANNEL, P.SEND_MESSAGES, only=True)
        answer = await http.post(path, json=moderated)
        assert (answer.status, answer.json["code"]) == (403, 50013)
        forum.available_tags = forum.available_tags[2:]
        answer = await http.post(path, json=body)
        assert (answer.status, answer.json["code"]) == (400, 40066)

    async def test_at_most_five_tags(self, http: Http, place: Place) -> None:
        forum = place.channel("motions")
        forum.available_tags += [ForumTag(id=place.world.next_id(), name=f"t{number}") for number in range(3)]
        ids = [str(tag.id) for tag in forum.available_tags]
        body: dict[str, Any] = {"name": "n", "message": {"content": "c"}}
        assert (await http.post(f"/channels/{forum.id}/threads", json={**body, "applied_tags": ids[:5]})).status == 201
        answer = await http.post(f"/channels/{forum.id}/threads", json={**body, "applied_tags": ids})
        assert wrong(answer) == {"applied_tags": "BASE_TYPE_MAX_LENGTH"}

    async def test_permissions(self, http: Http, place: Place, base: str, may: Callable[..., None]) -> None:
        everyone = place.world.roles[place.guild.id]
        everyone.permissions = int(P.VIEW_CHANNEL)
        may(P.CREATE_PUBLIC_THREADS, only=True)
        assert (await http.post(base, json={"name": "n", "type": PUBLIC})).status == 201
        assert (await http.post(base, json={"name": "n", "type": PRIVATE})).json["code"] == 50013
        may(P.CREATE_PRIVATE_THREADS, only=True)
        assert (await http.post(base, json={"name": "n", "type": PRIVATE})).status == 201
        assert (await http.post(base, json={"name": "n", "type": PUBLIC})).json["code"] == 50013
        message = place.world.messages[place.channel("debates").id]
        path = f"/channels/{place.channel('debates').id}/messages/{next(iter(message))}/threads"
        assert (await http.post(path, json={"name": "n"})).json["code"] == 50013
        forum = f"/channels/{place.channel('motions').id}/threads"
        post = {"name": "n", "message": {"content": "c"}}
        assert (await http.post(forum, json=post)).json["code"] == 50013
        may(P.SEND_MESSAGES, only=True)
        assert (await http.post(forum, json=post)).status == 201
        hidden = await http.post(f"/channels/{place.channel('mod-room').id}/threads", json={"name": "n"})
        assert (hidden.status, hidden.json["code"]) == (403, 50001)

    async def test_places_without_threads(self, http: Http, place: Place, by_chika: Channel) -> None:
        for channel in (place.channel("Commons"), by_chika):
            answer = await http.post(f"/channels/{channel.id}/threads", json={"name": "n", "type": PUBLIC})
            assert (answer.status, answer.json["code"]) == (400, 50024)

    async def test_a_thousand_active_threads(self, http: Http, place: Place, base: str, debates: Channel) -> None:
        for number in range(999):
            place.build.thread(debates, f"t{number}", place.user("Ada"))
        last = await http.post(base, json={"name": "last", "type": PUBLIC})
        assert last.status == 201
        answer = await http.post(base, json={"name": "one more", "type": PUBLIC})
        assert (answer.status, answer.json["code"]) == (400, 160006)
        await http.patch(f"/channels/{last.json['id']}", json={"archived": True})
        assert (await http.post(base, json={"name": "one more", "type": PUBLIC})).status == 201
        answer = await http.patch(f"/channels/{last.json['id']}", json={"archived": False})
        assert (answer.status, answer.json["code"]) == (400, 160006)


class TestChanging:
    """PATCH and DELETE."""

    async def test_by_a_manager(self, http: Http, by_chika: Channel, told: list[Event]) -> None:
        body = {"name": "New", "auto_archive_duration": 1440, "rate_limit_per_user": 10, "locked": True}
        answer = await http.patch(f"/channels/{by_chika.id}", json=body)
        assert answer.status == 200
        assert answer.json["name"] == "New"
        assert answer.json["rate_limit_per_user"] == 10
        assert answer.json["thread_metadata"]["locked"]
        assert names(told) == ["THREAD_UPDATE", "MESSAGE_CREATE"]
        assert (told[-1].data["type"], told[-1].data["content"]) == (4, "New")

    async def test_refused_bodies(self, http: Http, by_chika: Channel) -> None:
        path = f"/channels/{by_chika.id}"
        assert wrong(await http.patch(path, json={"name": ""})) == {"name": "BASE_TYPE_BAD_LENGTH"}
        assert wrong(await http.patch(path, json={"auto_archive_duration": 1})) == {
            "auto_archive_duration": "BASE_TYPE_CHOICES"
        }
        assert wrong(await http.patch(path, json={"archived": "yes"})) == {"archived": "BOOLEAN_TYPE_CONVERT"}

    async def test_the_starter_without_the_right(
        self, http: Http, base: str, by_chika: Channel, may: Callable[..., None]
    ) -> None:
        own = (await http.post(base, json={"name": "Mine", "type": PUBLIC})).json["id"]
        may(P.VIEW_CHANNEL, P.SEND_MESSAGES_IN_THREADS, only=True)
        assert (await http.patch(f"/channels/{own}", json={"name": "Still mine"})).status == 200
        assert (await http.patch(f"/channels/{own}", json={"auto_archive_duration": 60})).status == 200
        for body in ({"locked": True}, {"rate_limit_per_user": 5}, {"archived": True, "locked": True}):
            answer = await http.patch(f"/channels/{own}", json=body)
            assert (answer.status, answer.json["code"]) == (403, 50013), body
        assert (await http.delete(f"/channels/{own}")).json["code"] == 50013
        assert (await http.patch(f"/channels/{own}", json={"archived": True})).status == 200
        answer = await http.patch(f"/channels/{by_chika.id}", json={"name": "Theirs"})
        assert (answer.status, answer.json["code"]) == (403, 50013)

    async def test_archived_ones_change_only_together_with_waking(self, http: Http, by_chika: Channel) -> None:
        path = f"/channels/{by_chika.id}"
        assert (await http.patch(path, json={"archived": True})).json["thread_metadata"]["archived"]
        answer = await http.patch(path, json={"name": "New"})
        assert (answer.status, answer.json["code"]) == (400, 50083)
        answer = await http.patch(path, json={"name": "New", "archived": False})
        assert (answer.status, answer.json["name"]) == (200, "New")

    async def test_who_may_write_may_wake_unless_it_is_locked(
        self, server: Server, place: Place, by_chika: Channel
    ) -> None:
        state = by_chika.thread
        assert state is not None
        dmitri = Actor(place.user("Dmitri").id)
        state.archived = True
        modify_thread(server, by_chika, dmitri, {"archived": False})
        assert not state.archived
        state.archived = state.locked = True
        with pytest.raises(ApiError) as caught:
            modify_thread(server, by_chika, dmitri, {"archived": False})
        assert caught.value.code == 160005
        modify_thread(server, by_chika, Actor(place.user("Ben").id), {"archived": False})
        assert not state.archived

    async def test_a_message_wakes_it(self, http: Http, by_chika: Channel, told: list[Event]) -> None:
        assert by_chika.thread is not None
        by_chika.thread.archived = True
        assert (await http.post(f"/channels/{by_chika.id}/messages", json={"content": "up!"})).status == 200
        assert not by_chika.thread.archived
        assert "THREAD_UPDATE" in names(told)

    async def test_tags_of_a_post(self, http: Http, place: Place) -> None:
        forum = place.channel("motions")
        post = {"name": "n", "message": {"content": "c"}}
        made = (await http.post(f"/channels/{forum.id}/threads", json=post)).json["id"]
        tags = [str(forum.available_tags[2].id)]
        assert (await http.patch(f"/channels/{made}", json={"applied_tags": tags})).json["applied_tags"] == tags
        assert wrong(await http.patch(f"/channels/{made}", json={"applied_tags": ["1"]})) == {
            "applied_tags.0": "BASE_TYPE_CHOICES"
        }

    async def test_one_post_is_pinned(self, http: Http, place: Place) -> None:
        forum = place.channel("motions")
        post = {"name": "n", "message": {"content": "c"}}
        first, second = [(await http.post(f"/channels/{forum.id}/threads", json=post)).json["id"] for _ in range(2)]
        assert (await http.patch(f"/channels/{first}", json={"flags": 2})).json["flags"] == 2
        assert wrong(await http.patch(f"/channels/{second}", json={"flags": 2})) == {
            "flags": "CHANNEL_PINNED_THREAD_LIMIT"
        }

    async def test_deleting(self, http: Http, by_chika: Channel, told: list[Event]) -> None:
        assert (await http.delete(f"/channels/{by_chika.id}")).status == 200
        assert names(told) == ["THREAD_DELETE"]
        assert told[0].data == {
            "id": str(by_chika.id),
            "guild_id": str(by_chika.guild_id),
            "parent_id": str(by_chika.parent_id),
            "type": PUBLIC,
        }
        assert (await http.get(f"/channels/{by_chika.id}")).json["code"] == 10003


class TestMembers:
    """Who is in a thread."""

    async def test_join_and_leave(self, http: Http, place: Place, by_chika: Channel, told: list[Event]) -> None:
        path, bot = f"/channels/{by_chika.id}/thread-members", str(place.app.user_id)
        answer = await http.get(f"{path}/@me")
        assert (answer.status, answer.json["code"]) == (404, 10007)
        assert (await http.put(f"{path}/@me")).status == 204
        assert (await http.put(f"{path}/@me")).status == 204
        assert (await http.get(f"{path}/@me")).json["user_id"] == bot
        assert (await http.delete(f"{path}/@me")).status == 204
        joined, left = told
        assert [one["user_id"] for one in joined.data["added_members"]] == [bot]
        assert joined.data["member_count"] == 2
        assert left.data["removed_member_ids"] == [bot]
        assert {event.name for event in told} == {"THREAD_MEMBERS_UPDATE"}

    async def test_adding_and_removing_others(self, http: Http, place: Place, by_chika: Channel) -> None:
        path, esi = f"/channels/{by_chika.id}/thread-members", place.user("Esi").id
        assert (await http.put(f"{path}/{esi}")).status == 204
        got = await http.get(f"{path}/{esi}", params={"with_member": "true"})
        assert got.json["member"]["user"]["id"] == str(esi)
        assert "member" not in (await http.get(f"{path}/{esi}")).json
        assert (await http.delete(f"{path}/{esi}")).status == 204
        assert (await http.get(f"{path}/{esi}")).json["code"] == 10007
        assert (await http.put(f"{path}/1")).json["code"] == 10013
        stranger = place.build.person("Stranger")
        assert (await http.put(f"{path}/{stranger.id}")).json["code"] == 10007

    async def test_removing_needs_the_right(
        self, http: Http, place: Place, by_chika: Channel, may: Callable[..., None]
    ) -> None:
        may(P.VIEW_CHANNEL, only=True)
        path = f"/channels/{by_chika.id}/thread-members/{place.user('Chika').id}"
        assert (await http.delete(path)).json["code"] == 50013

    async def test_archived_ones_stay_as_they_are(self, http: Http, by_chika: Channel) -> None:
        assert by_chika.thread is not None
        by_chika.thread.archived = True
        for answer in (
            await http.put(f"/channels/{by_chika.id}/thread-members/@me"),
            await http.delete(f"/channels/{by_chika.id}/thread-members/@me"),
        ):
            assert (answer.status, answer.json["code"]) == (400, 50083)

    async def test_a_private_thread_is_seen_by_members(
        self, http: Http, server: Server, place: Place, debates: Channel, told: list[Event], may: Callable[..., None]
    ) -> None:
        may(P.VIEW_CHANNEL, P.SEND_MESSAGES_IN_THREADS, only=True)
        bot, chika = place.app.user_id, place.user("Chika").id
        thread = create_thread(server, debates, chika, {"name": "Secret", "type": PRIVATE, "invitable": False})
        assert (await http.get(f"/channels/{thread.id}")).json["code"] == 50001
        told.clear()
        enrol(server.world, thread, [bot])
        assert names(told) == ["THREAD_CREATE", "THREAD_MEMBERS_UPDATE"]
        assert told[0].users == frozenset({bot})
        assert (await http.get(f"/channels/{thread.id}")).status == 200
        path = f"/channels/{thread.id}/thread-members/{place.user('Esi').id}"
        assert (await http.put(path)).json["code"] == 50013
        assert thread.thread is not None
        thread.thread.invitable = True
        assert (await http.put(path)).status == 204
        told.clear()
        assert (await http.delete(f"/channels/{thread.id}/thread-members/@me")).status == 204
        assert [event.users for event in told] == [None, frozenset({bot})]
        assert (await http.get(f"/channels/{thread.id}")).json["code"] == 50001

    async def test_the_list_needs_the_members_intent(self, http: Http, place: Place, by_chika: Channel) -> None:
        path = f"/channels/{by_chika.id}/thread-members"
        answer = await http.get(path)
        assert (answer.status, answer.json["code"]) == (403, 50001)
        place.app.flags = 1 << 15
        await http.put(f"{path}/{place.user('Esi').id}")
        assert len((await http.get(path)).json) == 2
        page = (await http.get(path, params={"with_member": "true", "limit": "1"})).json
        assert [one["user_id"] for one in page] == [str(place.user("Chika").id)]
        rest = await http.get(path, params={"with_member": "true", "after": page[0]["user_id"]})
        assert [one["member"]["user"]["global_name"] for one in rest.json] == ["Esi"]

    async def test_no_thread(self, http: Http, debates: Channel) -> None:
        answer = await http.put(f"/channels/{debates.id}/thread-members/@me")
        assert (answer.status, answer.json["code"]) == (400, 50024)
