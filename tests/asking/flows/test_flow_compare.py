"""Comparing: choosing the models, their answers below each other, long ones opened."""

from sandbox.driver import Person, SeenMessage, Stage
from tests.support.ask_flow import PLACE, answered, panel, shows


async def begin(person: Person, question: str) -> SeenMessage:
    return await (await person.slash(PLACE, "compare", question=question)).message()


async def choose(person: Person, question: str, *models: str) -> SeenMessage:
    """Begin a comparison of the scripted models."""
    card = await begin(person, question)
    return await (await person.choose(card, None, list(models or ("openly", "closedly")))).message()


async def compared(person: Person, message: SeenMessage) -> SeenMessage:
    """Wait until no answer is being written any more."""

    async def done() -> SeenMessage | None:
        seen = await person.again(message)
        return None if seen.has("Stop") else seen

    return await person.wait(done, what="the end of a comparison")


async def test_an_open_and_a_closed_model_stand_below_each_other(ada: Person) -> None:
    card = await begin(ada, "What is best?")
    assert card.ephemeral
    chosen = [option["label"] for option in card.selects[0].raw["options"] if option.get("default")]
    assert [label.split(" · ")[1] for label in chosen] == ["open", "closed"]
    message = await panel(ada, await choose(ada, "What is best?"), "Go")
    assert not message.ephemeral
    done = await compared(ada, message)
    assert "**1. Openly**\nTea is a drink." in done.text
    assert "**2. Closedly**\nCoffee is a drink." in done.text
    assert "Open · " in done.text
    assert "Closed · " in done.text
    assert "Open · ran on this machine · 1 token in " in done.text
    assert "Closed · the question went to " in done.text
    assert "no cost" in done.text


async def test_answers_grow_side_by_side_and_stop_together(ada: Person) -> None:
    message = await panel(ada, await choose(ada, "script: say Some | wait 60 | say more"), "Go")
    growing = await shows(ada, message, "Some")
    await panel(ada, growing, "Stop")
    done = await compared(ada, message)
    assert done.text.count("*Stopped.*") == 2


async def test_a_long_answer_is_cut_and_opened_in_full(ada: Person, stage: Stage) -> None:
    message = await panel(ada, await choose(ada, "script: words 800"), "Go")
    done = await compared(ada, message)
    assert len(done.text) <= 4000
    assert "…" in done.text
    ben = await stage.person("Ben")
    opened = await panel(ben, done, "1. Openly")
    assert opened.ephemeral
    last = await ben.wait_message(PLACE, "Written by an AI", where=lambda one: one.ephemeral)
    assert last.has("Reply")
    assert "👍 1" in (await panel(ben, last, "👍")).text


async def test_other_models_may_be_chosen(ada: Person) -> None:
    card = await begin(ada, "What is best?")
    one = await (await ada.choose(card, None, ["closedly"])).message()
    assert one.id == card.id
    assert one.button("Go").disabled
    both = await (await ada.choose(one, None, ["closedly", "openly"])).message()
    assert not both.button("Go").disabled
    message = await panel(ada, both, "Go")
    assert "**1. Closedly**" in (await compared(ada, message)).text
    assert "begun already" in (await panel(ada, both, "Go")).text


async def test_one_that_fails_says_so_beside_the_other(ada: Person) -> None:
    message = await panel(ada, await choose(ada, "script: fail busy"), "Go")
    done = await compared(ada, message)
    assert "1. Openly" in done.text
    opened = await panel(ada, done, "1. Openly")
    assert opened.has("Retry")
    retried = await panel(ada, opened, "Retry")
    await answered(ada, retried)
