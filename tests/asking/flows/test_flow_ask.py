"""Asking: the command and its options, the growing answer, its receipt, and whose choice it was."""

from sandbox.driver import File, Person
from tests.support.ask_flow import CLOSED, OPEN, PLACE, answered, ask, shows


async def test_an_answer_grows_and_ends_with_its_receipt(ada: Person) -> None:
    message = await ask(ada, "script: say Tea is | wait 1.5 | say \\sa drink.")
    assert not message.ephemeral
    growing = await shows(ada, message, "Tea is")
    assert growing.has("Stop")
    done = await answered(ada, message, "Tea is a drink.")
    assert "Open · ran on this machine · nothing left the server · no cost" in done.text
    assert "Written by an AI, which may be wrong · Apache-2.0 · 2 tokens in" in done.text
    assert "the usual choice here" in done.text
    assert [button.label for button in done.buttons] == ["Reply", "Retry", "👍", "👎", "More"]


async def test_the_model_is_chosen_by_name_and_kept(ada: Person) -> None:
    offered = await ada.autocomplete(PLACE, "ask", "model", "", question="?")
    names = [choice["name"] for choice in offered]
    assert any(name.startswith(OPEN) for name in names)
    assert {"any-open", "any-closed", "hybrid"} <= {choice["value"] for choice in offered}
    done = await answered(ada, await ask(ada, "What is coffee?", model="closedly"))
    assert "Closed · ran at models.example" in done.text
    assert "went to" in done.text
    assert "chosen for this question" in done.text
    again = await answered(ada, await ask(ada, "And milk?"))
    assert again.text.startswith(f"### {CLOSED}")
    assert "the asker's choice" in again.text


async def test_a_choice_is_forgotten_for_the_usual_one(ada: Person) -> None:
    await answered(ada, await ask(ada, "What is coffee?", model="closedly"))
    (usual,) = await ada.autocomplete(PLACE, "ask", "model", "usual", question="?")
    assert usual["name"] == "The usual choice here · forget mine"
    done = await answered(ada, await ask(ada, model=usual["value"]))
    assert done.text.startswith(f"### {OPEN}")
    assert "the usual choice here" in done.text
    again = await answered(ada, await ask(ada))
    assert "the usual choice here" in again.text


async def test_a_private_answer_is_for_the_asker_alone(ada: Person) -> None:
    message = await ask(ada, private=True)
    assert message.ephemeral
    assert "Tea is a drink." in (await answered(ada, message)).text


async def test_a_text_file_is_told_and_named(ada: Person) -> None:
    file = File("notes.txt", "Tea is grown on hills.".encode("utf-16"))
    done = await answered(ada, await ask(ada, "script: echo", file=file))
    assert "notes.txt" in done.text


async def test_a_file_that_is_none_says_what_to_do(ada: Person) -> None:
    message = await ask(ada, file=File("paper.pdf", b"%PDF-1.7 ..."))
    assert message.ephemeral
    assert "PDF" in message.text
    assert "Save it as plain text" in message.text


async def test_tasks_say_so(ada: Person) -> None:
    done = await answered(ada, await ask(ada, "Der Tee ist gut.", task="Translate"))
    assert done.text.startswith("### Translation · Openly")
    assert "into English" in done.text
