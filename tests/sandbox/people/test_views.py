"""What people see and do without any bot: places, messages, files, reactions, polls, threads, direct messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.driver import File, NotFound, Refused, Stage

if TYPE_CHECKING:
    from sandbox.server import Server
    from tests.support.stand_in import Place

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c636060606000000005000157ca5ae40000000049454e44ae426082"
)


async def test_everybody(stage: Stage) -> None:
    everybody = await stage.everybody()
    names = [one["global_name"] for one in everybody["people"]]
    assert names == ["Ada", "Ben", "Chika", "Dmitri", "Esi", "Farid"]
    assert all(one["guild_ids"] for one in everybody["people"])
    [app] = everybody["applications"]
    assert (app["name"], app["online"], app["user"]["bot"]) == ("Rostrum", False, True)
    with pytest.raises(NotFound, match=r"'Zoe' is nobody here: 'Ada', 'Ben'"):
        await stage.person("Zoe")
    assert await stage.person("Ada") is await stage.person("ada")


async def test_each_sees_what_is_theirs(stage: Stage) -> None:
    ben, chika = await stage.person("Ben"), await stage.person("Chika")
    assert "The Open Question/#mod-room" in await ben.places()
    assert "The Open Question/#mod-room" not in await chika.places()
    with pytest.raises(NotFound, match=r"chika sees no '#mod-room'; there are .*#polls"):
        await chika.see("#mod-room")
    room = await ben.place("#mod-room")
    assert int(room.raw["my_permissions"]) & (1 << 11)
    with pytest.raises(Refused) as refused:
        await chika.act("post", {"channel_id": room.id, "content": "hello"})
    assert (refused.value.status, refused.value.code) == (403, 50001)


async def test_names_that_are_not_unique(stage: Stage, place: Place) -> None:
    ada = place.user("Ada")
    other = place.build.guild("Another Place", ada)
    place.build.channel(other, "general")
    person = await stage.person("Ada")
    with pytest.raises(NotFound, match=r"'#general' is more than one place: 'The Open Question/#general"):
        await person.see("#general")
    await person.post("Another Place/#general", "here")
    assert (await person.see("Another Place/#general"))[-1].text == "here"
    namesake = place.build.person("Ben", place.guild)
    with pytest.raises(NotFound, match="'Ben' is more than one person"):
        await stage.person("Ben")
    assert (await stage.person(str(namesake.id))).id == str(namesake.id)


async def test_messages_from_writing_to_deleting(stage: Stage) -> None:
    ada, ben, chika = [await stage.person(name) for name in ("Ada", "Ben", "Chika")]
    message = await ada.post("#general", "Good morning", files=[File("dot.png", PNG, "image/png", "a dot")])
    seen = await ben.wait_message("#general", "Good morning")
    assert (seen.id, seen.author) == (message.id, "Ada")
    assert (seen.attachments[0].filename, seen.alternative_texts) == ("dot.png", ["a dot"])
    assert await seen.attachments[0].download() == PNG
    reply = await ben.post("#general", "Morning!", reply_to=seen)
    assert reply.raw["referenced_message"]["id"] == message.id
    edited = await ada.edit(message, "Good evening")
    assert edited.edited
    assert (await ben.again(seen)).text == "Good evening"
    with pytest.raises(Refused) as refused:
        await chika.edit(seen, "mine")
    assert refused.value.code == 50005
    with pytest.raises(Refused) as refused:
        await chika.delete(seen)
    assert refused.value.code == 50013
    with pytest.raises(Refused) as refused:
        await chika.dismiss(seen)
    assert refused.value.code == 50013
    await ben.delete(seen)  # a moderator
    await ada.wait_gone(message)
    with pytest.raises(NotFound, match="no longer sees"):
        await ada.again(message)
    with pytest.raises(Refused) as refused:
        await ada.post("#general", "")
    assert refused.value.code == 50006
    with pytest.raises(Refused, match="content: Must be 2000 or fewer"):
        await ada.post("#general", "x" * 2001)


async def test_pages_of_messages(stage: Stage, server: Server) -> None:
    ada = await stage.person("Ada")
    place = await ada.thread("#general", "Pages")
    ids = [(await ada.post(place, f"n{n}")).id for n in range(7)]
    people, uid, cid = server.people, int(ada.id), int(place.id)
    assert [one["content"] for one in people.messages(uid, cid, limit=2)] == ["n6", "n5"]
    assert [one["content"] for one in people.messages(uid, cid, limit=2, before=int(ids[2]))] == ["n1", "n0"]
    assert [one["content"] for one in people.messages(uid, cid, limit=2, after=int(ids[2]))] == ["n4", "n3"]
    assert (await ada.see(place, 3))[-1].text == "n6"


async def test_reactions(stage: Stage) -> None:
    ada, ben = await stage.person("Ada"), await stage.person("Ben")
    message = await ada.post("#general", "Lunch?")
    await ben.react(message, "👍")
    await ada.react(message, "👍")
    assert (await ada.wait_until(message, lambda one: one.reactions == {"👍": 2})).raw["reactions"][0]["me"] is True
    await ben.unreact(message, "👍")
    assert (await ben.again(message)).raw["reactions"][0]["me"] is False
    with pytest.raises(Refused) as refused:
        await ben.unreact(message, "🎉")
    assert refused.value.code == 10014


async def test_native_polls(stage: Stage) -> None:
    ada, ben = await stage.person("Ada"), await stage.person("Ben")
    answers = [{"poll_media": {"text": text}} for text in ("Tea", "Coffee")]
    poll = {"question": {"text": "What?"}, "answers": answers, "duration": 1, "allow_multiselect": False}
    message = await ada.post("#general", poll=poll)
    assert message.text == "What?\nTea\nCoffee"
    assert (await ada.vote(message, ["Tea"])).votes == {"Tea": 1, "Coffee": 0}
    assert (await ben.vote(message, [2])).votes == {"Tea": 1, "Coffee": 1}
    assert (await ben.vote(message, ["Tea"])).votes == {"Tea": 2, "Coffee": 0}
    counts = (await ada.again(message)).raw["poll"]["results"]["answer_counts"]
    assert {one["id"]: one["me_voted"] for one in counts}[1] is True
    assert (await ben.vote(message, [])).votes == {"Tea": 1, "Coffee": 0}
    with pytest.raises(NotFound, match="no answer 'Milk'; it has 'Tea', 'Coffee'"):
        await ben.vote(message, ["Milk"])
    for wrong in ([1, 2], [9], ["Tea"], None):
        with pytest.raises(Refused):
            await ben.act(
                "poll_vote", {"channel_id": message.channel_id, "message_id": message.id, "answer_ids": wrong}
            )


async def test_threads_and_forum_posts(stage: Stage) -> None:
    ada, ben = await stage.person("Ada"), await stage.person("Ben")
    message = await ada.post("#general", "A thought")
    thread = await ada.thread("#general", "On this thought", message=message, content="First")
    assert thread.id == message.id
    assert [one.text for one in await ben.see("#On this thought")][-1] == "First"
    await ben.join(thread)
    await ben.post(thread, "I am here")
    await ben.leave(thread)
    motion = await ben.thread("#motions", "Open weights are safer", content="Let us argue.")
    assert motion.raw["parent_id"] == (await ben.place("#motions")).id
    assert [one.text for one in await ada.see(motion)] == ["Let us argue."]
    with pytest.raises(Refused):
        await ben.thread("#motions", "Empty")


async def test_direct_messages(stage: Stage) -> None:
    ada, ben, chika = [await stage.person(name) for name in ("Ada", "Ben", "Chika")]
    dm = await ada.open_dm(ben)
    assert (dm.guild, (await ada.open_dm("Ben")).id) == (None, dm.id)
    await ada.post("@Ben", "psst")
    assert (await ben.wait_message("@Ada", "psst")).author == "Ada"
    with pytest.raises(Refused) as refused:
        await chika.act("post", {"channel_id": dm.id, "content": "me too"})
    assert (refused.value.status, refused.value.code) == (403, 50001)
    await ben.typing("@Ada")


async def test_unknown_things(stage: Stage) -> None:
    ada = await stage.person("Ada")
    for act, body in (
        ("nothing", {}),
        ("post", {"channel_id": "1", "content": "x"}),
        ("delete", {"channel_id": (await ada.place("#general")).id, "message_id": "1"}),
        ("slash", {"channel_id": (await ada.place("#general")).id, "command_id": "1", "options": []}),
        ("modal", {"interaction_id": "1"}),
    ):
        with pytest.raises(Refused) as refused:
            await ada.act(act, body)
        assert refused.value.status == 404, act
    for act in ("post", "slash", "component", "modal", "react"):
        with pytest.raises(Refused) as refused:
            await ada.act(act, {"channel_id": "rubbish"})
        assert refused.value.code == 50035, act
