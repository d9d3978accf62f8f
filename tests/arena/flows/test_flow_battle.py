"""Battles on the stage: both answers together, votes, receipts, reasons, closing, and what moderators do."""

from pathlib import Path

from bot.guilds.types import ModelSettings, Purpose
from sandbox.driver import Person, Stage
from sandbox.server import Server
from tests.support.ahead import Ahead
from tests.support.arena_flow import LONG_ENOUGH, PROMPT, begin, closed, fight, pick, press, read
from tests.support.ask_flow import CLOSED, OPEN, change_models, shows
from tests.support.running import Rostrum

VOTES = ["A is better", "B is better", "Tie", "Both bad"]
MODERATOR = "Ben"


async def test_three_people_vote_and_all_see_the_names_at_the_end(ada: Person, stage: Stage, clock: Ahead) -> None:
    card = await fight(ada)
    assert not card.ephemeral
    assert f"> {PROMPT}" in card.text
    assert "Tea is a drink." in card.text
    assert "Coffee is a drink." in card.text
    assert OPEN not in card.text
    assert CLOSED not in card.text
    assert [button.label for button in card.buttons] == [*VOTES, "Manage"]
    await read(ada, card, clock)
    ben, chika = [await stage.person(name) for name in ("Ben", "Chika")]
    counted = await press(ada, card, "A is better")
    assert counted.ephemeral
    assert counted.text.startswith("### Vote counted\n")
    await press(ben, card, "A is better")
    await press(chika, card, "Both bad")
    changed = await press(chika, card, "Tie")
    assert "took the place of your earlier vote" in changed.text
    told = await pick(chika, changed, ["useful", "clear"])
    assert told.id == changed.id
    assert "Your reasons: useful, clear." in told.text
    await shows(ada, card, "3 members have voted")
    shut = await closed(ada, card)
    first = OPEN if shut.text.index("Tea is a drink.") < shut.text.index("Coffee is a drink.") else CLOSED
    assert shut.text.startswith(f"### Preferred: A, {first}")
    assert "2 · **A**" in shut.text
    assert "1 · Tie" in shut.text
    assert "Reasons given: useful 1, clear 1." in shut.text
    assert "Open · Apache-2.0 · ran on this machine · nothing left the server" in shut.text
    assert "Closed · None · the prompt went to " in shut.text
    late = await press(ben, await press(ben, shut, "Manage"), "Delete")
    assert "Its votes stay on the board" in late.text


async def test_both_answers_appear_at_once_and_nothing_before(ada: Person) -> None:
    running = await begin(ada, "script: say First | wait 1 | say \\sand last")
    assert "Two models are answering" in running.text
    assert "First" not in running.text.split("\n", 2)[2]
    assert running.has("Stop")
    card = await shows(ada, running, "Which answer is better?")
    assert card.id == running.id
    assert card.text.count("First and last") == 2


async def test_a_private_battle_reveals_in_its_own_message(ada: Person, clock: Ahead) -> None:
    card = await fight(ada, private=True)
    assert card.ephemeral
    assert [button.label for button in card.buttons] == VOTES
    await read(ada, card, clock)
    shown = await press(ada, card, "B is better")
    assert shown.id == card.id
    assert shown.text.startswith("### A was ")
    assert "Your vote is final" in shown.text
    assert OPEN in shown.text
    assert CLOSED in shown.text
    told = await pick(ada, shown, "creative")
    assert told.id == card.id
    assert "Your reasons: creative." in told.text
    again = await press(ada, told, "About the models")
    assert "**Open** · by Openers" in again.text
    assert "**Closed** · by Closers" in again.text
    assert (await press(ada, told, "Board")).text.startswith("### Arena board")


async def test_a_hasty_vote_is_told_that_it_is_not_on_the_board(ada: Person, clock: Ahead) -> None:
    card = await fight(ada)
    hasty = await press(ada, card, "Tie")
    assert "not on the board" in hasty.text
    assert "sooner than both answers can be read" in hasty.text
    await read(ada, card, clock)
    assert (await press(ada, card, "Tie")).text.startswith("### Vote counted\n")


async def test_only_asker_and_moderators_manage(ada: Person, stage: Stage) -> None:
    card = await fight(ada)
    chika = await stage.person("Chika")
    refused = await press(chika, card, "Manage")
    assert refused.ephemeral
    assert "Only the person who began this battle, or a moderator" in refused.text
    moderator = await stage.person(MODERATOR)
    asks = await press(moderator, await press(moderator, card, "Manage"), "Delete")
    assert "cannot be undone" in asks.text
    kept = await press(moderator, asks, "Keep it")
    gone = await press(moderator, await press(moderator, kept, "Delete"), "Delete for good")
    assert "The battle is gone." in gone.text
    await ada.wait_gone(card)


async def test_a_running_battle_can_be_stopped(ada: Person, stage: Stage) -> None:
    running = await begin(ada, "script: say First | wait 60 | say never")
    chika = await stage.person("Chika")
    assert "Only the person who began" in (await press(chika, running, "Stop")).text
    assert "Nothing was counted" in (await press(ada, running, "Stop")).text
    void = await shows(ada, running, "This battle is void")
    assert "It was stopped before both answers were there." in void.text
    assert not void.buttons


async def test_a_model_that_fails_makes_the_battle_void_without_a_name(ada: Person) -> None:
    message = await begin(ada, "script: fail busy")
    void = await shows(ada, message, "This battle is void")
    assert "othing was counted" in void.text
    assert OPEN not in void.text
    assert CLOSED not in void.text


async def test_one_of_two_models_that_fails_is_enough(ada: Person, clock: Ahead, models: Path) -> None:
    change_models(models, "say Coffee is a drink.", "fail busy")
    await clock.restart()
    void = await shows(ada, await begin(ada), "This battle is void")
    assert "One of the two models gave no answer" in void.text
    assert "Tea is a drink." not in void.text


async def test_answers_that_name_their_model_are_masked(ada: Person, clock: Ahead, models: Path) -> None:
    change_models(models, "say Coffee is a drink.", "say Coffee is a drink that I, Closedly, like very much.")
    await clock.restart()
    card = await fight(ada)
    assert CLOSED not in card.text
    assert "█████" in card.text
    assert "stands where an answer said which model it is" in card.text


async def test_a_battle_needs_two_models_that_fit(ada: Person) -> None:
    refused = await begin(ada, pairing="Open against open")
    assert refused.ephemeral
    assert "A battle needs two open models" in refused.text
    assert "Choose another pairing" in refused.text


async def test_the_next_battle_waits_a_moment(ada: Person, clock: Ahead) -> None:
    await fight(ada)
    refused = await begin(ada)
    assert refused.ephemeral
    assert "Begin the next one in" in refused.text
    clock.by += LONG_ENOUGH
    await fight(ada)


async def test_what_is_blocked_is_told_to_the_log_without_its_text(
    ada: Person, clock: Ahead, rostrum: Rostrum, server: Server
) -> None:
    guild_id = next(iter(server.world.guilds))
    polls = await ada.place("#polls")
    await rostrum.app.guilds.set_channels(guild_id, {Purpose.LOG: int(polls.id)})
    await rostrum.app.guilds.set_models(guild_id, ModelSettings(blocked_words=("oolong",)))
    refused = await begin(ada, "Is oolong tea?")
    assert "blocks" in refused.text
    told = await ada.wait_message("#polls", "An arena prompt by")
    assert "Is oolong tea?" not in told.text
    clock.by += LONG_ENOUGH
    void = await shows(ada, await begin(ada, "script: say oo | say long is tea"), "This battle is void")
    assert "held something that this server blocks" in void.text
    await ada.wait_message("#polls", "An answer in a battle of")


async def test_private_by_default_where_the_server_says_so(ada: Person, rostrum: Rostrum, server: Server) -> None:
    await rostrum.app.guilds.set_models(next(iter(server.world.guilds)), ModelSettings(asks_private=True))
    assert (await begin(ada)).ephemeral


async def test_two_people_press_at_the_same_instant(ada: Person, stage: Stage, clock: Ahead) -> None:
    card = await fight(ada)
    await read(ada, card, clock)
    chika = await stage.person("Chika")
    first, second = await ada.click(card, "A is better"), await chika.click(card, "B is better")
    for pressed in (first, second):
        assert (await pressed.message()).text.startswith("### Vote counted\n")
    await shows(ada, card, "2 members have voted")
    assert "No clear preference" in (await closed(ada, card)).text
