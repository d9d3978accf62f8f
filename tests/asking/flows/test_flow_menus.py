"""The menus of messages, and replies to the bot's own messages."""

from sandbox.driver import File, Person, Stage
from tests.support.ask_flow import PLACE, answered, ask, panel, shows
from tests.support.running import Rostrum


async def test_asking_about_a_message(ada: Person, stage: Stage) -> None:
    ben = await stage.person("Ben")
    posted = await ben.post(PLACE, "Oolong is half oxidised.")
    form = await (await ada.context("Ask about this", posted)).opened()
    message = await (await form.submit({"say": "script: echo"})).message()
    done = await answered(ada, message)
    assert "a message by Ben" in done.text


async def test_summarising_a_message_is_private(ada: Person, stage: Stage) -> None:
    ben = await stage.person("Ben")
    posted = await ben.post(PLACE, "Oolong is half oxidised. Green tea is not. " * 10)
    done = await answered(ada, await (await ada.context("Summarise", posted)).message())
    assert done.ephemeral
    assert done.text.startswith("### Summary · Openly")


async def test_translating_a_message_goes_into_ones_own_language(ada: Person, stage: Stage) -> None:
    ben = await stage.person("Ben")
    posted = await ben.post(PLACE, "Der Tee ist gut.")
    done = await answered(ada, await (await ada.context("Translate", posted)).message())
    assert done.ephemeral
    assert "into English" in done.text
    german = await (await ada.choose(await panel(ada, done), "Into another language", "German")).message()
    assert german.ephemeral
    assert "into German" in (await answered(ada, german)).text


async def test_a_message_without_text_says_what_to_do(ada: Person) -> None:
    posted = await ada.post(PLACE, "", files=[File("x.zip", b"PK\x03\x04")])
    said = await (await ada.context("Summarise", posted)).message()
    assert "There is no text in this message" in said.text


async def test_the_bots_own_answer_can_be_summarised(ada: Person) -> None:
    first = await answered(ada, await ask(ada))
    done = await answered(ada, await (await ada.context("Summarise", first)).message())
    assert "a message by Rostrum" in done.text


async def test_replying_to_an_answer_goes_on(ada: Person, stage: Stage) -> None:
    first = await answered(ada, await ask(ada))
    ben = await stage.person("Ben")
    written = await ben.post(PLACE, "script: say And so on.", reply_to=first)
    second = await ben.wait_message(PLACE, "And so on.", where=lambda one: one.author == "Rostrum")
    done = await answered(ben, second)
    assert done.raw["message_reference"]["message_id"] == written.id
    assert "1 earlier turn" in (await panel(ben, await panel(ben, done), "What was sent where")).text


async def test_a_reply_with_a_file_is_read(ada: Person) -> None:
    first = await answered(ada, await ask(ada))
    await ada.post(PLACE, "And this?", reply_to=first, files=[File("notes.txt", b"Oolong.")])
    second = await ada.wait_message(PLACE, "notes.txt", where=lambda one: one.author == "Rostrum")
    await answered(ada, second)


async def test_a_reply_that_cannot_be_answered_says_why(ada: Person) -> None:
    first = await answered(ada, await ask(ada))
    await ada.post(PLACE, "And this?", reply_to=first, files=[File("paper.pdf", b"%PDF-1.7 ...")])
    refusal = await ada.wait_message(PLACE, "Save it as plain text")
    assert refusal.author == "Rostrum"


async def test_replies_to_other_messages_are_left_alone(ada: Person, stage: Stage, rostrum: Rostrum) -> None:
    """What is left alone shows nothing; a question after it is answered, by when it would have shown."""
    ben = await stage.person("Ben")
    posted = await ben.post(PLACE, "Tea?")
    await ada.post(PLACE, "script: say never", reply_to=posted)
    first = await answered(ada, await ask(ada))
    await ada.post(PLACE, "script: say but this", reply_to=first)
    await shows(ada, await ada.wait_message(PLACE, "but this", where=lambda one: one.author == "Rostrum"), "but this")
    assert not [one for one in await ada.see(PLACE) if one.author == "Rostrum" and "never" in one.text]
    assert rostrum.app
