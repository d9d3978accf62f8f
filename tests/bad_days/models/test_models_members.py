"""What members do that nobody should: names and files that are none, two presses at once, controls of other people."""

import asyncio
from collections.abc import Mapping

import pytest

from sandbox.driver import File, Person, Refused, SeenMessage, Stage
from sandbox.server import Server
from tests.support.ask_flow import CLOSED, OPEN, PLACE, answered, ask, panel, shows
from tests.support.forging import press_forged

LONG = "script: say Tea is | wait 60 | say never"
PRIVATE = "This answer is private: only the person who asked can use it."
OWNERS = "Ask your own question with /ask."
SECRET = "oolong"
# what each control says to somebody whom a private answer is not for
FORGED: Mapping[str, str] = {
    **dict.fromkeys(("retry", "again", "good", "bad", "more", "clear", "sent", "thread", "delete", "open"), PRIVATE),
    **dict.fromkeys(("reply", "branch", "report", "why"), PRIVATE),
    **dict.fromkeys(("stop", "share", "deleting"), OWNERS),
    **dict.fromkeys(("uphold", "dismiss"), "This report is gone"),
    "nonsense": "from another version of the bot",
}
FORMS: Mapping[str, Mapping[str, object]] = {
    "reply": {"say": "And?"},
    "branch": {"say": "And?"},
    "report": {"reason": "Mine!"},
    "why": {"reason": "Mine!"},
}


async def test_a_model_that_was_typed_and_not_picked(ada: Person) -> None:
    for typed, name in (("Openly", OPEN), ("CLOSEDLY ", CLOSED), ("closers", CLOSED), ("Any open", OPEN)):
        assert (await answered(ada, await ask(ada, model=typed))).text.startswith(f"### {name}")
    for typed, says in (
        ("GPT-99", "There is no model “gpt-99” here. Choose one of those that are offered"),
        ("ly", "may be Openly, Closedly. Choose one of those that are offered"),
        ("\u200b", "There is no model"),
        ("x" * 5000, "There is no model"),
        ("<@1> @everyone", "There is no model"),
    ):
        refused = await ask(ada, model=typed)
        assert refused.ephemeral
        assert says in refused.text
        assert len(refused.text) < 400
        assert refused.raw["mentions"] == []
    # a name that fits one model alone, which cannot be used, is that model
    assert "not switched on here" in (await ask(ada, model="claude haiku")).text


async def test_files_that_are_no_text_and_no_picture(ada: Person) -> None:
    for name, content, says in (
        ("big.txt", b"a" * (10 << 20), "is over 8 MB. Attach the part that matters"),
        ("large.txt", b"tea " * (1 << 19), "is over 1 MB. Attach the part that matters"),
        ("tea.zip", b"PK\x03\x04" + bytes(100), "is a compressed file, which I cannot read. Save it as plain text"),
        ("empty.txt", b"", "is empty. Choose another file"),
        ("blank.txt", "\u200b\n\ufeff".encode(), "There is no text in it. Choose another message or file"),
        ("program.txt", bytes(range(256)) * 20, "is not a text file. Save it as plain text"),
        ("shift.txt", "茶は植物です".encode("shift-jis"), "is not a text file. Save it as plain text (UTF-8)"),
    ):
        refused = await ask(ada, file=File(name, content))
        assert refused.ephemeral
        assert says in refused.text
    for nothing in ("\u200b\u200d\u2060", "\u3164", "   "):
        assert "Write what you want to know" in (await ask(ada, nothing)).text


async def test_text_in_unusual_dress_is_read(ada: Person, server: Server) -> None:
    for name, content, text in (
        ("marked.txt", "Grüner Tee.".encode("utf-16"), "Grüner Tee."),
        ("unmarked.txt", "Grüner Tee.".encode("utf-16-le"), "Grüner Tee."),
        ("old.txt", "Grüner Tee.".encode("latin-1"), "Grüner Tee."),
        ("picture.png", b"It is no picture.", "It is no picture."),
        ("@everyone <@1> [x](https://evil.example).txt", b"Tea.", "Tea."),
    ):
        done = await answered(ada, await ask(ada, "script: echo", file=File(name, content)))
        assert text in done.text
        assert server.world.messages[int(done.channel_id)][int(done.id)].mention_everyone is False
        assert done.raw["mentions"] == []


async def test_two_presses_at_once(ada: Person) -> None:
    """Share posts once, Stop and Delete do it once; everybody who pressed is told."""
    hidden = await answered(ada, await ask(ada, private=True))
    more = await panel(ada, hidden)
    told = await asyncio.gather(*(panel(ada, more, "Share") for _ in range(3)))
    assert sorted("are posted" in one.text for one in told) == [False, False, True]
    assert all("shared already" in one.text for one in told if "are posted" not in one.text)
    assert len([one for one in await ada.see(PLACE) if "Shared by" in one.text]) == 1

    growing = await shows(ada, await ask(ada, LONG), "Tea is")
    told = await asyncio.gather(*(panel(ada, growing, "Stop") for _ in range(3)))
    assert any("The model writes no further" in one.text for one in told)
    assert all("writes no further" in one.text or "has ended already" in one.text for one in told)
    stopped = await answered(ada, growing, "*Stopped.*")

    asks = await panel(ada, await panel(ada, stopped), "Delete")
    told = await asyncio.gather(*(panel(ada, asks, "Delete it for good") for _ in range(3)))
    assert [("are erased" in one.text, "no longer kept" in one.text) for one in told].count((True, False)) == 1
    await ada.wait_gone(stopped)


async def test_nobody_else_uses_the_controls_of_a_private_answer(ada: Person, stage: Stage, server: Server) -> None:
    secret = await answered(ada, await ask(ada, f"script: say {SECRET}", private=True))
    number = secret.button("Reply").custom_id.rpartition(":")[2]
    chika = await stage.person("Chika")
    own = await answered(chika, await ask(chika))
    for act, says in FORGED.items():
        key = f"{number}-1" if act == "why" else number
        response = await press_forged(server, chika, own, f"ask:v1:{act}:{key}")
        if act in FORMS:
            response = await (await response.opened()).submit(FORMS[act])
        told = await response.message()
        assert told.ephemeral
        assert says in told.text, act
        assert SECRET not in told.text
    again = await answered(ada, secret)
    assert SECRET in again.text
    assert not [one for one in await chika.see(PLACE) if SECRET in one.text]


async def test_controls_whose_keys_are_none(ada: Person, server: Server) -> None:
    done = await answered(ada, await ask(ada))
    for custom_id in (
        f"ask:v1:more:{'9' * 19}",
        "ask:v1:more:99999999999999999999",
        "ask:v1:more:-1",
        "ask:v1:more:",
        "ask:v1:more:٣",
        "ask:v1:good:abc",
        "ask:v1:stop:1-2-x",
        "ask:v1:models:zzz",
        "ask:v2:more:1",
        "ask:v1:go:",
    ):
        told = await (await press_forged(server, ada, done, custom_id)).message()
        assert told.ephemeral
        assert told.text.startswith("### That did not work")
        assert "again" in told.text.casefold()


async def test_what_was_open_when_an_answer_was_deleted(ada: Person, stage: Stage) -> None:
    """Forms and panels of it say that it is gone, and it is told to no model any more."""
    first = await answered(ada, await ask(ada, f"What is {SECRET}?"))
    ben = await stage.person("Ben")
    more = await panel(ada, first)
    forms = [await (await ada.click(first, "Reply")).opened(), await (await ada.click(more, "Branch")).opened()]
    thumb = await panel(ben, first, "👎")
    chooser = await panel(ben, first, "Retry")
    await panel(ada, await panel(ada, more, "Delete"), "Delete it for good")
    await ada.wait_gone(first)
    told = [await (await form.submit({"say": "script: echo"})).message() for form in forms]
    told.append(await (await (await (await ben.click(thumb, "Say why")).opened()).submit({"reason": "Bad"})).message())
    told.append(await panel(ben, chooser, "Openly again"))
    for one in told:
        assert one.ephemeral
        assert "no longer kept. Ask again with /ask" in one.text
    with pytest.raises(Refused):
        await ada.post(PLACE, "And?", reply_to=first)
    after = await answered(ada, await ask(ada, "script: echo"))
    assert SECRET not in after.text


async def test_a_member_who_left_in_the_middle(ada: Person, stage: Stage, server: Server) -> None:
    """The answer ends as it would have, and moderators can take it down."""
    chika, ben = await stage.person("Chika"), await stage.person("Ben")
    message = await shows(chika, await ask(chika, "script: say Tea | wait 0.5 | say \\sis"), "Tea")
    for members in server.world.members.values():
        members.pop(int(chika.id), None)
    done = await answered(ada, message, "Tea is")
    asks: SeenMessage = await panel(ben, await panel(ben, done), "Delete")
    assert "are erased" in (await panel(ben, asks, "Delete it for good")).text
    await ben.wait_gone(done)
