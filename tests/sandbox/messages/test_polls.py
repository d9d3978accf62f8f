"""Native polls: votes, voters, the end, the result."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import polls
from sandbox.driver import Refused
from sandbox.errors import ApiError
from sandbox.messages import create_message, sender_in
from sandbox.server import Server
from tests.support.bodies import poll, refused, refused_with

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sandbox.driver import Stage
    from sandbox.model import Channel, Message
    from sandbox.server import Options
    from tests.support.stand_in import Answer, Http, Place

Json = dict[str, Any]


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def server(options: Options, clock: Clock) -> AsyncIterator[Server]:
    async with Server(options, clock) as running:
        running.limits.enforce = False
        yield running
    assert running.spec is None or running.spec.violations == []


@pytest.fixture
def channel(place: Place) -> Channel:
    return place.channel("polls")


async def asked(server: Server, http: Http, channel: Channel, **fields: object) -> Message:
    sent = await http.post(f"/channels/{channel.id}/messages", json={"poll": poll(**fields)})
    assert sent.status == 200, sent.json
    return server.world.messages[channel.id][int(sent.json["id"])]


def code(answer: Answer) -> tuple[int, int]:
    return answer.status, answer.json["code"]


async def test_a_poll_as_it_is_sent(http: Http, channel: Channel) -> None:
    answers = [{"poll_media": {"text": "Open", "emoji": {"name": "🔓"}}}, {"poll_media": {"text": "Closed"}}]
    sent = (await http.post(f"/channels/{channel.id}/messages", json={"poll": poll(answers=answers, duration=1)})).json
    assert sent["poll"] == {
        "question": {"text": "Open or closed?"},
        "answers": [
            {"answer_id": 1, "poll_media": {"text": "Open", "emoji": {"id": None, "name": "🔓"}}},
            {"answer_id": 2, "poll_media": {"text": "Closed"}},
        ],
        "expiry": "2026-11-24T13:00:00.000000+00:00",
        "allow_multiselect": False,
        "layout_type": 1,
        "results": {
            "is_finalized": False,
            "answer_counts": [{"id": 1, "count": 0, "me_voted": False}, {"id": 2, "count": 0, "me_voted": False}],
        },
    }


async def test_votes_are_told_and_counted(server: Server, http: Http, place: Place, channel: Channel) -> None:
    message = await asked(server, http, channel, count=3)
    events: list[Any] = []
    server.world.subscribe(events.append)
    chika = place.user("Chika").id
    polls.vote(server, message, chika, [1])
    polls.vote(server, message, chika, [2])
    polls.vote(server, message, chika, [])
    assert [(event.name, event.data["answer_id"]) for event in events] == [
        ("MESSAGE_POLL_VOTE_ADD", 1),
        ("MESSAGE_POLL_VOTE_REMOVE", 1),
        ("MESSAGE_POLL_VOTE_ADD", 2),
        ("MESSAGE_POLL_VOTE_REMOVE", 2),
    ]
    for number, name in enumerate(("Ada", "Ben", "Chika", "Dmitri", "Esi", "Farid")):
        polls.vote(server, message, place.user(name).id, [1 + number % 2])
    path = f"/channels/{channel.id}/polls/{message.id}/answers"
    first = (await http.get(f"{path}/1", params={"limit": "2"})).json["users"]
    then = (await http.get(f"{path}/1", params={"after": first[-1]["id"]})).json["users"]
    assert [user["username"] for user in first + then] == ["ada", "chika", "esi"]
    assert (await http.get(f"{path}/3")).json == {"users": []}
    assert code(await http.get(f"{path}/9")) == (404, 10008)
    assert code(await http.get(f"{path}/x")) == (400, 50035)


async def test_what_is_no_vote(server: Server, http: Http, place: Place, channel: Channel) -> None:
    single = await asked(server, http, channel)
    several = await asked(server, http, channel, allow_multiselect=True)
    ada = place.user("Ada").id
    invalid = {"answer_ids": "POLL_INVALID_ANSWERS"}
    assert refused(lambda: polls.vote(server, single, ada, [1, 2])) == invalid
    assert refused(lambda: polls.vote(server, several, ada, [1, 7])) == invalid
    polls.vote(server, several, ada, [1, 2])
    assert refused_with(lambda: polls.vote(server, single, place.app.user_id, [1])) == (403, 520000)
    hidden = place.build.person("Outside")
    assert refused_with(lambda: polls.vote(server, single, hidden.id, [1])) == (403, 50001)


async def test_a_poll_ends_by_the_clock(
    server: Server, http: Http, place: Place, channel: Channel, clock: Clock
) -> None:
    message = await asked(server, http, channel, duration=1)
    for name, answer in (("Ada", 2), ("Ben", 2), ("Chika", 1)):
        polls.vote(server, message, place.user(name).id, [answer])
    clock.now += timedelta(minutes=59)
    polls.due(server)
    assert message.poll is not None
    assert not message.poll.finalized
    clock.now += timedelta(minutes=1)
    assert refused_with(lambda: polls.vote(server, message, place.user("Esi").id, [1])) == (400, 520001)
    events: list[Any] = []
    server.world.subscribe(events.append)
    polls.due(server)
    polls.due(server)
    assert [event.name for event in events] == ["MESSAGE_UPDATE", "MESSAGE_CREATE"]
    assert events[0].data["poll"]["results"]["is_finalized"] is True
    result = events[1].data
    assert (result["type"], result["content"], result["message_reference"]["message_id"]) == (46, "", str(message.id))
    assert [user["username"] for user in result["mentions"]] == ["Rostrum"]
    (embed,) = result["embeds"]
    assert embed["type"] == "poll_result"
    assert {field["name"]: field["value"] for field in embed["fields"]} == {
        "poll_question_text": "Open or closed?",
        "victor_answer_votes": "2",
        "total_votes": "3",
        "victor_answer_id": "2",
        "victor_answer_text": "Answer 1",
    }


async def test_a_tie_has_no_victor(server: Server, http: Http, place: Place, channel: Channel, clock: Clock) -> None:
    message = await asked(server, http, channel)
    polls.vote(server, message, place.user("Ada").id, [1])
    polls.vote(server, message, place.user("Ben").id, [2])
    clock.now += timedelta(hours=24)
    polls.due(server)
    result = server.world.messages[channel.id][channel.last_message_id or 0]
    names = {field["name"] for field in result.embeds[0]["fields"]}
    assert names == {"poll_question_text", "victor_answer_votes", "total_votes"}


async def test_one_ends_ones_own_poll(server: Server, http: Http, place: Place, channel: Channel) -> None:
    message = await asked(server, http, channel)
    path = f"/channels/{channel.id}/polls/{message.id}/expire"
    ended = (await http.post(path)).json
    assert (ended["poll"]["expiry"], ended["poll"]["results"]["is_finalized"]) == (
        "2026-11-24T12:00:00.000000+00:00",
        False,
    )
    assert code(await http.post(path)) == (400, 520001)
    polls.due(server)
    assert message.poll is not None
    assert message.poll.finalized
    plain = (await http.post(f"/channels/{channel.id}/messages", json={"content": "x"})).json
    assert code(await http.post(f"/channels/{channel.id}/polls/{plain['id']}/expire")) == (400, 520006)
    ada = place.user("Ada")
    hers = create_message(server, channel, sender_in(server.world, channel, ada.id), {"poll": poll()})
    assert code(await http.post(f"/channels/{channel.id}/polls/{hers.id}/expire")) == (403, 50005)
    with pytest.raises(ApiError):
        polls.expire(server, message, ada.id)


async def test_a_person_ends_their_own_poll_and_sees_who_voted(stage: Stage) -> None:
    ada, ben = [await stage.person(name) for name in ("Ada", "Ben")]
    mine = await ada.post("#polls", poll=poll(allow_multiselect=True))
    await ben.vote(mine, [1, 2])
    await ada.vote(mine, [2])
    texts = [answer["poll_media"]["text"] for answer in (mine.poll or {})["answers"]]
    assert await ben.voters(mine) == {texts[0]: [ben.id], texts[1]: [ben.id, ada.id]}
    with pytest.raises(Refused, match="50005"):
        await ben.end_poll(mine)
    ended = await ada.end_poll(mine)
    assert ended.poll is not None
    assert not ended.poll["results"]["is_finalized"], "counted a moment later"
    told = await ben.wait_message("#polls", where=lambda seen: seen.raw["type"] == polls.RESULT)
    assert told.raw["message_reference"]["message_id"] == mine.id
    with pytest.raises(Refused, match="520001"):
        await ada.end_poll(mine)


async def test_an_unfinished_poll_is_remembered_in_the_state_file(
    options: Options,
    clock: Clock,
    tmp_path: Path,
) -> None:
    kept = dataclasses.replace(options, state=tmp_path / "state.db")
    async with Server(kept, clock) as first:
        channel = next(one for one in first.world.channels.values() if one.name == "polls")
        ada = next(user for user in first.world.users.values() if user.global_name == "Ada")
        create_message(first, channel, sender_in(first.world, channel, ada.id), {"poll": poll()})
    clock.now += timedelta(days=2)
    async with Server(kept, clock) as second:
        (message,) = second.world.open_polls.values()
        polls.due(second)
        assert message.poll is not None
        assert message.poll.finalized
        assert second.world.open_polls == {}
