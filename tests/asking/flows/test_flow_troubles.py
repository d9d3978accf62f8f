"""Bad days of answers: restarts in the middle, messages that are gone, models that fail, reports, what is refused."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.guilds.types import ModelSettings, Purpose
from cogs.asking import answering
from cogs.ui import outlets
from sandbox.driver import Person, SeenMessage, Stage
from sandbox.server import Server
from tests.support.ask_flow import PLACE, answered, ask, change_models, panel, restart, shows
from tests.support.running import Rostrum

MODERATOR = "Ben"
LONG = "script: say Tea is | wait 60 | say never"


def guild_of(server: Server) -> int:
    return next(iter(server.world.guilds))


async def test_an_answer_that_a_restart_cut_off_says_so_and_can_be_had_again(
    ada: Person, rostrum: Rostrum, stage: Stage
) -> None:
    message = await ask(ada, LONG)
    await shows(ada, message, "Tea is")
    await restart(rostrum, stage)
    cut = await shows(ada, message, "I was restarted while this was being written")
    assert "was interrupted" in cut.text
    assert "Tea is" in cut.text
    assert not cut.has("Stop")
    again = await panel(ada, cut, "Retry")
    assert again.id != message.id
    await panel(ada, await shows(ada, again, "Tea is"), "Stop")


async def test_a_private_one_says_so_while_discord_takes_it(ada: Person, rostrum: Rostrum, stage: Stage) -> None:
    message = await ask(ada, LONG, private=True)
    await shows(ada, message, "Tea is")
    await restart(rostrum, stage)
    cut = await shows(ada, message, "I was restarted while this was being written")
    assert cut.ephemeral
    again = await panel(ada, cut, "Retry")
    assert again.ephemeral
    await panel(ada, await shows(ada, again, "Tea is"), "Stop")


async def test_a_comparison_says_which_answers_a_restart_cut_off(
    ada: Person, rostrum: Rostrum, stage: Stage, models: Path
) -> None:
    quick = 'model = "say Coffee is a drink."'
    change_models(models, quick, 'model = "say Slow | wait 60"')
    await restart(rostrum, stage)
    card = await (await ada.slash(PLACE, "compare", question="What is best?")).message()
    card = await (await ada.choose(card, None, ["openly", "closedly"])).message()
    message = await panel(ada, card, "Go")
    await shows(ada, await shows(ada, message, "Tea is a drink."), "Slow")
    await restart(rostrum, stage)
    cut = await shows(ada, message, "Interrupted by a restart")
    assert "Tea is a drink." in cut.text
    assert cut.text.count("Interrupted by a restart") == 1
    opened = await panel(ada, cut, "2. Closedly")
    assert opened.has("Retry")


async def test_the_model_stops_when_the_message_is_deleted(
    ada: Person, rostrum: Rostrum, server: Server, stage: Stage
) -> None:
    message = await ask(ada, "script: say Tea | " + " | ".join("wait 0.5 | say tea" for _ in range(60)))
    await shows(ada, message, "Tea")
    moderator = await stage.person(MODERATOR)
    await moderator.delete(message)

    async def stopped() -> bool:
        turn = await rostrum.app.asking.by_message(guild_of(server), int(message.id))
        return turn is not None and turn.phase.value == "stopped"

    await _until(stopped)


async def test_a_public_answer_goes_on_when_the_tokens_time_is_over(
    ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlets, "TOKEN_SECONDS", 0.0)
    done = await answered(ada, await ask(ada, "script: say Tea is | wait 1.5 | say \\sa drink."), "Tea is a drink.")
    assert done.has("Reply")


async def test_a_private_answer_is_kept_when_the_tokens_time_is_over(
    ada: Person, monkeypatch: pytest.MonkeyPatch, rostrum: Rostrum, server: Server
) -> None:
    monkeypatch.setattr(answering, "PROMISE_AFTER", 0.0)
    message = await ask(ada, "script: say Tea is | wait 3 | say \\sa drink.", private=True)
    await shows(ada, message, "under your private answers")
    monkeypatch.setattr(outlets, "TOKEN_SECONDS", 0.0)

    async def kept() -> bool:
        return bool(await rostrum.app.answers.list_for(guild_of(server), int(ada.id)))

    await _until(kept)
    (one,) = await rostrum.app.answers.list_for(guild_of(server), int(ada.id))
    answer = await rostrum.app.answers.open(one.answer_id, guild_of(server), int(ada.id))
    assert "Tea is a drink." in answer.body


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("script: fail key", "Openly"),
        ("script: fail credit", "Openly"),
        ("script: fail no such model", "Openly"),
        ("script: fail refused", "Openly"),
        ("script: say Some text | fail cut off", "Some text"),
        ("script: say \\s\\n\\s", "gave no answer"),
        ("script: nonsense", "Openly"),
    ],
)
async def test_every_failure_says_what_to_do_and_offers_it(ada: Person, script: str, said: str) -> None:
    done = await answered(ada, await ask(ada, script), said)
    assert [button.label for button in done.buttons] == ["Retry", "Another model", "More"]
    chooser = await panel(ada, done, "Another model")
    other = await (await ada.choose(chooser, "Another model", "closedly")).message()
    await answered(ada, other)


async def test_hostile_output_has_no_effect(ada: Person, server: Server) -> None:
    evil = (
        "script: say # Openly gave no answer\\n@everyone <@1> [bank](https://evil.example)\\n-# Open · no cost\\n```py"
    )
    message = await ask(ada, evil + "\\nprint(1)")
    done = await answered(ada, message)
    held = server.world.messages[int(done.channel_id)][int(done.id)]
    assert (held.mention_everyone, list(held.mentions), list(held.mention_roles)) == (False, [], [])
    assert "**Openly gave no answer**" in done.text
    assert "bank (https://evil.example)" in done.text
    assert "\\-# Open · no cost" in done.text
    assert "print(1)\n```" in done.text


async def test_a_server_that_lets_nothing_leave_is_obeyed(ada: Person, rostrum: Rostrum, server: Server) -> None:
    await rostrum.app.guilds.set_models(guild_of(server), ModelSettings(stays_here=True, asks_private=True))
    refused = await ask(ada, model="closedly")
    assert refused.ephemeral
    assert "nothing may leave this machine" in refused.text.casefold()
    offered = await ada.autocomplete(PLACE, "ask", "model", "closedly", question="?")
    assert "nothing may leave" in offered[0]["name"]
    assert (await answered(ada, await ask(ada))).ephemeral


async def test_a_report_reaches_the_moderators_and_its_outcome_the_reporter(
    ada: Person, rostrum: Rostrum, stage: Stage, server: Server
) -> None:
    polls = await ada.place("#polls")
    await rostrum.app.guilds.set_channels(guild_of(server), {Purpose.LOG: int(polls.id)})
    first = await answered(ada, await ask(ada))
    chika = await stage.person("Chika")
    told = await _report(chika, first, "It is wrong.")
    assert "The moderators have it" in told.text
    moderator = await stage.person(MODERATOR)
    report = await moderator.wait_message("#polls", "It is wrong.")
    assert "Only moderators" in (await panel(chika, report, "Dismiss")).text
    decided = await panel(moderator, report, "Uphold: delete the answer")
    assert "upheld it: the answer is deleted" in decided.text
    await ada.wait_gone(first)
    (kept,) = await rostrum.app.answers.list_for(guild_of(server), int(chika.id))
    outcome = await rostrum.app.answers.open(kept.answer_id, guild_of(server), int(chika.id))
    assert "was upheld" in outcome.body


async def test_a_dismissed_report_leaves_the_answer(
    ada: Person, rostrum: Rostrum, stage: Stage, server: Server
) -> None:
    first = await answered(ada, await ask(ada))
    chika = await stage.person("Chika")
    assert "no log channel" in (await _report(chika, first, "First")).text
    polls = await ada.place("#polls")
    await rostrum.app.guilds.set_channels(guild_of(server), {Purpose.LOG: int(polls.id)})
    await _report(chika, first, "Second")
    moderator = await stage.person(MODERATOR)
    report = await moderator.wait_message("#polls", "Second")
    assert "dismissed it: the answer stays" in (await panel(moderator, report, "Dismiss")).text
    assert "Tea is a drink." in (await ada.again(first)).text


async def _report(person: Person, message: SeenMessage, reason: str) -> SeenMessage:
    form = await (await person.click(await panel(person, message), "Report")).opened()
    return await (await form.submit({"reason": reason})).message()


async def _until(check: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while not await check():
            await asyncio.sleep(0.02)


async def test_what_is_held_back_is_told_without_its_text(ada: Person, rostrum: Rostrum, server: Server) -> None:
    polls = await ada.place("#polls")
    await rostrum.app.guilds.set_channels(guild_of(server), {Purpose.LOG: int(polls.id)})
    await rostrum.app.guilds.set_models(guild_of(server), ModelSettings(blocked_words=("oolong",)))
    refused = await ask(ada, "Is oolong tea?", private=True)
    assert "blocks" in refused.text
    told = await ada.wait_message("#polls", "Held back")
    assert "A question by" in told.text
    assert "Is oolong tea?" not in told.text
    held = await answered(ada, await ask(ada, "script: say oo | say long is tea"), "held back")
    assert "oolong" not in held.text
    await ada.wait_message("#polls", "An answer to")


async def test_deleting_what_is_still_being_written(ada: Person) -> None:
    message = await ask(ada, LONG, private=True)
    growing = await shows(ada, message, "Tea is")
    more = await panel(ada, await ada.again(growing), "Stop")
    assert "Stopped" in more.text
    stopped = await answered(ada, message, "*Stopped.*")
    asks = await panel(ada, await panel(ada, stopped), "Delete")
    await panel(ada, asks, "Delete it for good")
    gone = await shows(ada, message, "This answer was deleted.")
    assert "Tea is" not in gone.text
