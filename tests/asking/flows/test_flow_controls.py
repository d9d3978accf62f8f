"""The controls under an answer: reply, retry, thumbs, and all that More offers."""

import pytest

from sandbox.driver import Person, Refused, SeenMessage, Stage
from sandbox.server import Server
from tests.support.ask_flow import CLOSED, PLACE, answered, ask, panel, shows
from tests.support.running import Rostrum


async def say(person: Person, message: SeenMessage, text: str, button: str = "Reply") -> SeenMessage:
    form = await (await person.click(message, button)).opened()
    return await (await form.submit({"say": text})).message()


async def test_a_reply_goes_on_with_what_was_said(ada: Person) -> None:
    first = await answered(ada, await ask(ada))
    second = await answered(ada, await say(ada, first, "script: echo"))
    assert second.id != first.id
    assert "1 earlier turn" in (await panel(ada, await panel(ada, second), "What was sent where")).text
    cleared = await panel(ada, await panel(ada, second), "Start afresh")
    assert "Started afresh" in cleared.text
    third = await answered(ada, await say(ada, second, "And now?"))
    assert "earlier turn" not in (await panel(ada, await panel(ada, third), "What was sent where")).text


async def test_retrying_offers_the_same_model_and_others(ada: Person) -> None:
    first = await answered(ada, await ask(ada))
    chooser = await panel(ada, first, "Retry")
    assert chooser.ephemeral
    again = await answered(ada, await panel(ada, chooser, "Openly again"))
    assert not again.ephemeral
    assert again.id != first.id
    other = await (await ada.choose(chooser, "Another model", "closedly")).message()
    assert (await answered(ada, other)).text.startswith(f"### {CLOSED}")


async def test_thumbs_count_and_take_a_reason(ada: Person, stage: Stage) -> None:
    first = await answered(ada, await ask(ada))
    thanks = await panel(ada, first, "👍")
    assert thanks.ephemeral
    assert "👍 1 · 👎 0" in thanks.text
    ben = await stage.person("Ben")
    down = await panel(ben, first, "👎")
    assert "👍 1 · 👎 1" in down.text
    form = await (await ben.click(down, "Say why")).opened()
    noted = await (await form.submit({"reason": "Too short"})).message()
    assert "Your reason is noted" in noted.text
    changed = await panel(ben, first, "👍")
    assert "👍 2 · 👎 0" in changed.text


async def test_stopping_keeps_what_is_there(ada: Person) -> None:
    message = await ask(ada, "script: say Tea is | wait 60 | say never")
    growing = await shows(ada, message, "Tea is")
    stopped = await panel(ada, growing, "Stop")
    assert "Stopped" in stopped.text
    done = await answered(ada, message, "*Stopped.*")
    assert "Tea is" in done.text
    assert "never" not in done.text.replace(done.text.splitlines()[1], "")
    assert not done.has("Stop")


async def test_only_the_asker_or_a_moderator_stops_or_deletes(ada: Person, stage: Stage) -> None:
    message = await ask(ada, "script: say Tea is | wait 60")
    growing = await shows(ada, message, "Tea is")
    chika = await stage.person("Chika")
    assert "Stopped" not in (await panel(chika, growing, "Stop")).text
    await panel(ada, growing, "Stop")


async def test_a_branch_is_a_conversation_of_ones_own(ada: Person, stage: Stage) -> None:
    first = await answered(ada, await ask(ada))
    ben = await stage.person("Ben")
    more = await panel(ben, first)
    branched = await answered(ben, await say(ben, more, "script: echo", "Branch"))
    assert not branched.ephemeral
    assert "1 earlier turn" in (await panel(ben, await panel(ben, branched), "What was sent where")).text


async def test_a_thread_goes_on_with_the_conversation(ada: Person, rostrum: Rostrum) -> None:
    first = await answered(ada, await ask(ada, "What is tea?"))
    moved = await panel(ada, await panel(ada, first), "Thread")
    assert "Go there" in [button.label for button in moved.buttons]
    thread = (moved.button("Go there").url or "").rsplit("/", 1)[1]
    await ada.wait_message(thread, "Go on with Openly")
    place = await ada.place(PLACE)
    await rostrum.app.asking.set_persona(int(place.guild_id or 0), int(place.id), "A pirate", "Speak like one.")
    second = await answered(ada, await ask(ada, "And more?", thread))
    assert second.channel_id == thread
    assert "Speaks as A pirate." in second.text, "as in the channel that the thread is in"
    assert "1 earlier turn" in (await panel(ada, await panel(ada, second), "What was sent where")).text


async def test_a_private_answer_is_shared_once(ada: Person, stage: Stage) -> None:
    first = await answered(ada, await ask(ada, private=True))
    more = await panel(ada, first)
    shared = await panel(ada, more, "Share")
    assert "Shared" in shared.text
    ben = await stage.person("Ben")
    seen = await ben.wait_message(PLACE, "Shared by")
    assert "Tea is a drink." in seen.text
    assert "shared already" in (await panel(ada, more, "Share")).text
    assert len([one for one in await ben.see(PLACE) if "Shared by" in one.text]) == 1
    assert "Reply" in [button.label for button in seen.buttons]


async def test_deleting_takes_every_message_down(ada: Person, server: Server) -> None:
    message = await ask(ada, "script: words 1500")
    done = await ada.wait_message(PLACE, "Written by an AI")
    pages = [one for one in await ada.see(PLACE) if one.author == "Rostrum" and one.v2]
    assert len(pages) >= 3
    assert pages[0].id == message.id
    assert pages[-1].id == done.id
    assert all(len(one.text) <= 4000 for one in pages)
    asks = await panel(ada, await panel(ada, done), "Delete")
    assert "cannot be undone" in asks.text
    gone = await panel(ada, asks, "Delete it for good")
    assert "Question and answer are erased." in gone.text
    assert [one for one in await ada.see(PLACE) if one.author == "Rostrum" and one.v2 and not one.ephemeral] == []
    assert server.unknown_routes == []


async def test_someone_elses_private_answer_is_out_of_reach(ada: Person, stage: Stage) -> None:
    first = await answered(ada, await ask(ada, private=True))
    ben = await stage.person("Ben")
    with pytest.raises(Refused):
        await ben.click(first, "More")


async def test_a_translation_goes_into_another_language(ada: Person) -> None:
    done = await answered(ada, await ask(ada, "script: echo", task="Translate"))
    more = await panel(ada, done)
    german = await (await ada.choose(more, "Into another language", "German")).message()
    assert "into German" in (await answered(ada, german)).text
