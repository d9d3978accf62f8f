"""The addresses that a token opens, raw: the original answer, deferrals, followups, and how long they live."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.driver import NotFound, Response, Stage, WaitedInVain
from tests.support.raw_bot import EPHEMERAL, LOADING, V2, Clock, Raw, codes, with_button

if TYPE_CHECKING:
    pass


async def test_fifteen_minutes(raw: Raw, clock: Clock) -> None:
    _, event = await raw.slash()
    await raw.answer(event, 4, {"content": "hello"})
    clock.ahead += timedelta(minutes=14, seconds=55)
    assert (await raw.edit(event, content="edited")).status == 200
    assert (await raw.follow(event, content="more")).status == 200
    clock.ahead += timedelta(seconds=10)
    for answer in (
        await raw.original(event),
        await raw.edit(event, content="late"),
        await raw.http.delete(raw.hook(event, "/messages/@original"), auth=False),
        await raw.follow(event, content="late"),
    ):
        assert codes(answer) == (401, 50027)


async def test_followup_before_any_answer(raw: Raw) -> None:
    _, event = await raw.slash()
    assert codes(await raw.follow(event, content="early")) == (404, 10015)
    assert codes(await raw.original(event)) == (404, 10015)


async def test_ephemeral_answer_is_nobody_elses(raw: Raw, stage: Stage) -> None:
    response, event = await raw.slash()
    answer = await raw.answer(event, 4, {"content": "secret", "flags": EPHEMERAL})
    message = answer.json["resource"]["message"]
    assert message["flags"] & EPHEMERAL
    assert answer.json["interaction"]["response_message_ephemeral"] is True
    assert (await response.message()).ephemeral
    ben = await stage.person("Ben")
    assert "secret" not in [one.text for one in await ben.see("#general")]
    created = [users for name, data, users in raw.others if name == "MESSAGE_CREATE" and data["id"] == message["id"]]
    assert created == [frozenset({int(raw.ada.id)})]
    path = f"/channels/{event['channel_id']}/messages"
    assert codes(await raw.http.get(f"{path}/{message['id']}")) == (404, 10008)
    assert message["id"] not in [one["id"] for one in (await raw.http.get(path)).json]
    assert (await raw.original(event)).json["content"] == "secret"
    edited = await raw.edit(event, content="secret 2")
    assert edited.json["flags"] & EPHEMERAL
    assert (await raw.ada.wait_message("#general", "secret 2")).ephemeral
    assert (await raw.http.delete(raw.hook(event, "/messages/@original"), auth=False)).status == 204
    assert codes(await raw.original(event)) == (404, 10008)


@pytest.mark.parametrize("flags", [0, EPHEMERAL])
async def test_deferral_is_filled_by_the_followup_and_keeps_its_flag(raw: Raw, flags: int) -> None:
    response, event = await raw.slash()
    answer = await raw.answer(event, 5, {"flags": flags})
    told = answer.json["interaction"]
    assert told["response_message_loading"] is True
    assert told["response_message_ephemeral"] is bool(flags)
    assert "resource" not in answer.json
    thinking = await raw.ada.wait_message("#general", where=lambda one: one.thinking)
    assert thinking.id == told["response_message_id"]
    assert response.state == "thinking"
    assert (await raw.original(event)).json["flags"] & LOADING
    # the other flag is ignored: deferring has decided
    filled = await raw.follow(event, content="here", flags=EPHEMERAL - flags)
    assert filled.status == 200
    assert filled.json["id"] == thinking.id
    assert filled.json["flags"] == flags
    assert filled.json["edited_timestamp"] is None
    message = await response.message()
    assert (message.text, message.ephemeral, message.thinking) == ("here", bool(flags), False)
    second = await raw.follow(event, content="more", flags=EPHEMERAL)
    assert second.json["id"] != thinking.id
    assert second.json["flags"] & EPHEMERAL


async def test_deferral_is_filled_by_an_edit_of_the_original(raw: Raw) -> None:
    response, event = await raw.slash()
    await raw.answer(event, 5, full=False)
    body = {"flags": V2, "components": [{"type": 10, "content": "V2 is set on the edit"}]}
    edited = await raw.edit(event, **body)
    assert edited.status == 200
    assert edited.json["flags"] == V2
    assert (await response.message()).text == "V2 is set on the edit"


async def test_deleting_the_deferred_message_answers(raw: Raw) -> None:
    response, event = await raw.slash()
    await raw.answer(event, 5, full=False)
    assert (await raw.http.delete(raw.hook(event, "/messages/@original"), auth=False)).status == 204
    await response.done()
    assert codes(await raw.original(event)) == (404, 10008)


async def test_followups_by_their_ids(raw: Raw) -> None:
    _, event = await raw.slash()
    first = (await raw.answer(event, 4, {"content": "hello"})).json["resource"]["message"]
    more = (await raw.follow(event, content="more")).json
    assert more["type"] == 19
    assert more["message_reference"]["message_id"] == first["id"]
    assert more["interaction_metadata"]["original_response_message_id"] == first["id"]
    path = raw.hook(event, f"/messages/{more['id']}")
    assert (await raw.http.get(path, auth=False)).json["content"] == "more"
    assert (await raw.http.patch(path, json={"content": "changed"}, auth=False)).json["content"] == "changed"
    assert (await raw.http.get(raw.hook(event, f"/messages/{first['id']}"), auth=False)).json["content"] == "hello"
    assert (await raw.http.delete(path, auth=False)).status == 204
    assert codes(await raw.http.get(path, auth=False)) == (404, 10008)
    ordinary = await raw.ada.post("#general", "not of this interaction")
    foreign = raw.hook(event, f"/messages/{ordinary.id}")
    assert codes(await raw.http.patch(foreign, json={"content": "mine"}, auth=False)) == (404, 10008)


async def test_files_in_callback_and_followup(raw: Raw) -> None:
    response, event = await raw.slash()
    body = {"type": 4, "data": {"content": "see", "attachments": [{"id": 0, "description": "a chart"}]}}
    path = f"/interactions/{event['id']}/{event['token']}/callback"
    answer = await raw.http.post(path, json=body, files={"files[0]": ("chart.txt", b"bars")}, auth=False)
    assert answer.status == 204
    message = await response.message()
    assert message.alternative_texts == ["a chart"]
    assert await message.attachments[0].download() == b"bars"
    more = await raw.http.post(raw.hook(event), json={"content": "x"}, files={"files[0]": ("b.txt", b"2")}, auth=False)
    assert more.json["attachments"][0]["filename"] == "b.txt"


async def test_deferred_update_then_edit_and_followup(raw: Raw) -> None:
    message, _ = await with_button(raw)
    response = await raw.ada.click(message, "Vote")
    event = raw.events[-1]
    answer = await raw.answer(event, 6)
    assert "resource" not in answer.json
    assert answer.json["interaction"]["response_message_loading"] is False
    await response.acknowledged()
    edited = await raw.edit(event, content="Later")
    assert edited.json["id"] == message.id
    assert (await response.message()).text == "Later"
    more = await raw.follow(event, content="receipt", flags=EPHEMERAL)
    assert more.json["id"] != message.id
    assert more.json["interaction_metadata"]["interacted_message_id"] == message.id


async def test_what_answers_a_deferred_update_is_waited_for(raw: Raw) -> None:
    """Whoever reads what a press came to must not be shown the message as it was before."""
    message, _ = await with_button(raw)

    async def deferred() -> tuple[Response, dict[str, Any]]:
        response = await raw.ada.click(message, "Vote")
        event = raw.events[-1]
        await raw.answer(event, 6)
        await response.acknowledged()
        assert (response.state, response.deferred) == ("done", True)
        return response, event

    response, event = await deferred()
    with pytest.raises(WaitedInVain, match=r"press 'Vote' is still 'deferred' after 0\.01 s"):
        await response.done(timeout=0.01)
    waiting = asyncio.create_task(response.message())
    await raw.edit(event, content="Counted")
    assert ((await waiting).id, (await waiting).text) == (message.id, "Counted")
    assert not response.deferred

    response, event = await deferred()
    waiting = asyncio.create_task(response.message())
    more = await raw.follow(event, content="refused", flags=EPHEMERAL)
    assert ((await waiting).id, (await waiting).text) == (more.json["id"], "refused")
    await raw.edit(event, content="Changed after all")
    assert (await response.message()).text == "refused", "the first of them stays the answer"

    response, event = await deferred()
    failing = asyncio.create_task(response.failed())
    assert (await raw.http.delete(raw.hook(event, "/messages/@original"), auth=False)).status == 204
    with pytest.raises(NotFound, match="did not fail but was answered"):
        await failing
    with pytest.raises(NotFound, match="there is no message of it"):
        await response.message()


async def test_what_one_person_saw_is_not_quoted_to_all(raw: Raw) -> None:
    message, event = await with_button(raw, flags=EPHEMERAL)
    assert message.ephemeral
    await raw.ada.click(message, "Vote")
    public = (await raw.answer(raw.events[-1], 4, {"content": "Ada has voted"})).json["resource"]["message"]
    assert public["type"] == 0
    assert "message_reference" not in public
    assert "referenced_message" not in public
    private = (await raw.follow(event, content="between us", flags=EPHEMERAL)).json
    assert private["referenced_message"]["id"] == message.id


async def test_callbacks_have_no_bucket_and_followups_one_each(raw: Raw) -> None:
    raw.server.limits.enforce = True
    events = [(await raw.slash())[1] for _ in range(60)]
    answers = [await raw.answer(event, 4, {"content": "hi"}) for event in events]
    assert {answer.status for answer in answers} == {200}
    followups = [await raw.follow(events[0], content=f"{n}") for n in range(6)]
    assert [answer.status for answer in followups] == [200] * 5 + [429]
    assert followups[-1].json["retry_after"] > 0
    assert (await raw.follow(events[1], content="another's own bucket")).status == 200
