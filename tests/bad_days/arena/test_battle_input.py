"""What boards and battles say of votes that tell little, seen as people see it.

Where each of these is tested: here what people read, and below what is counted.

- no votes, one vote, all tied: `test_votes_that_tell_little` (flow); `test_no_votes`, `test_one_vote` and
  `test_all_tied` in tests/arena/ratings/test_rate.py
- models that win or lose all: `test_a_model_that_always_wins...` (flow);
  `test_a_model_that_wins_all_and_one_that_loses_all...` in tests/arena/ratings/test_rate.py
- a graph in two parts: `test_a_board_in_two_parts...` (flow); `test_a_graph_in_two_parts` in
  tests/arena/ratings/test_rate.py
- a model retired in the middle: `test_a_model_is_retired_while_people_vote` (flow);
  `test_a_model_is_retired_in_the_middle` in tests/arena/test_service_bad_days.py
- one of two models fails: `test_one_of_two_models_that_fails_is_enough` in tests/arena/flows/test_flow_battle.py;
  `test_one_of_two_models_fails` in tests/arena/test_service_bad_days.py
- people erased after closing: `test_an_erased_voter_is_in_no_vote_file...` (flow);
  `test_erased_voters_leave_the_board_as_it_was` in tests/arena/test_boards.py
- a changed vote file: `test_a_vote_file_that_was_changed` (flow); tests/cli/test_ratings.py
- two people at the same instant: `test_two_people_press_at_the_same_instant` in tests/arena/flows/test_flow_battle.py;
  `test_two_vote_at_the_same_instant` in tests/arena/test_service.py
- a restart between the two answers: `test_a_restart_between_the_two_answers` in
  tests/arena/flows/test_flow_restarts.py; `test_a_restart_between_the_two_answers_is_told_once` in
  tests/arena/test_service_processes.py
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import discord
import pytest
from sqlalchemy import select, update

from bot.arena.store.rows import battles_where
from bot.db.schema import BattlePhase, BattleRow, BattleVoteRow, Verdict, VoterRow
from bot.recount import ratings
from sandbox.driver import Person, SeenMessage, Stage
from sandbox.server import Server
from tests.support.ahead import Ahead
from tests.support.arena import LINES, fill
from tests.support.arena_flow import LONG_ENOUGH, closed, fight, press, read
from tests.support.ask_flow import CLOSED, OPEN, PLACE, change_models
from tests.support.running import Rostrum

VOTERS = ("Ada", "Ben", "Chika", "Dmitri", "Esi", "Farid")


async def board(person: Person, **options: object) -> SeenMessage:
    return await (await person.slash(PLACE, "arena board", options)).message()


async def file_of(person: Person) -> bytes:
    """Have the file of votes handed out, and download it."""
    handed = await press(person, await board(person), "Vote file")
    (part,) = [one for one in handed.components if one["type"] == discord.ComponentType.file.value]
    async with aiohttp.request("GET", part["file"]["url"]) as answer:
        return await answer.read()


async def all_vote(stage: Stage, card: SeenMessage, *buttons: str) -> None:
    for name, button in zip(VOTERS, buttons, strict=False):
        person = await stage.person(name)
        assert (await press(person, card, button)).text.startswith("### Vote counted\n")


def counted(content: Any) -> Counter[tuple[object, ...]]:
    """The votes of a file without the numbers that stand for voters."""
    return Counter(
        tuple(sorted((name, json.dumps(value)) for name, value in vote.items() if name != "voter"))
        for vote in content["votes"]
    )


@pytest.mark.parametrize(
    ("buttons", "outcome", "said"),
    [
        ((), "Nobody voted. A was ", "Nobody has voted here yet"),
        (("A is better",), "Preferred: A, ", "1 vote by 1 member"),
        (("Tie",) * 3, "Most found them equally good", "3 votes by 3 members"),
        (("Both bad",) * 2, "Most found both bad", "2 votes found both bad and count apart"),
    ],
)
async def test_votes_that_tell_little(
    ada: Person, stage: Stage, clock: Ahead, buttons: tuple[str, ...], outcome: str, said: str
) -> None:
    card = await fight(ada)
    await read(ada, card, clock)
    await all_vote(stage, card, *buttons)
    shut = await closed(ada, card)
    assert shut.text.startswith(f"### {outcome}")
    assert OPEN in shut.text
    assert CLOSED in shut.text
    await clock.restart()
    shown = await press(ada, shut, "Board")
    assert said in shown.text
    if "Tie" in buttons:
        assert shown.text.count("** · 1000") == 2
        assert "would change the first place" not in shown.text
    if len(buttons) == 1:
        assert shown.text.count("preliminary: too few votes, too few voters") == 2
    for view in ("Pairs", "History", "Fair play", "Vote file"):
        assert (await press(ada, await board(ada), view)).text


async def test_a_model_that_always_wins_and_one_that_always_loses_stand_on_the_board_with_figures(
    ada: Person, rostrum: Rostrum, server: Server
) -> None:
    await fill(rostrum.app.database, battles=60, guild=next(iter(server.world.guilds)))
    async with rostrum.app.database.write() as connection:
        for battle in await battles_where(connection, BattleRow.battle_id >= 1_000):
            first, second = (LINES.index(answer.line.name) for answer in battle.answers)
            better = Verdict.A if first < second else Verdict.B
            await connection.execute(
                update(BattleVoteRow).where(BattleVoteRow.battle_id == battle.battle_id).values(verdict=better)
            )
    shown = await board(ada)
    places = [line for line in shown.text.splitlines() if any(f"**{name}**" in line for name in LINES)]
    assert [next(name for name in LINES if f"**{name}**" in line) for line in places] == list(LINES)
    assert not [word for word in ("nan", "inf", "None") if word in shown.text]
    assert shown.alternative_texts
    assert "100 %" in (await press(ada, shown, "Pairs")).text.replace("100%", "100 %")


async def test_a_board_in_two_parts_says_what_can_be_compared(ada: Person, rostrum: Rostrum, server: Server) -> None:
    await fill(rostrum.app.database, battles=90, guild=next(iter(server.world.guilds)))
    async with rostrum.app.database.write() as connection:
        for battle in await battles_where(connection, BattleRow.battle_id >= 1_000):
            if len({LINES.index(answer.line.name) // 2 for answer in battle.answers}) == 2:
                await connection.execute(
                    update(BattleRow).where(BattleRow.battle_id == battle.battle_id).values(phase=BattlePhase.VOID)
                )
    shown = await board(ada)
    assert "Votes do not link all rows yet: only rows of the same group can be compared." in shown.text
    groups = {
        name: part.rsplit("group ", 1)[1][0]
        for name in LINES
        for part in shown.text.splitlines()
        if f"**{name}**" in part
    }
    assert groups["Openly"] == groups["Freely"] != groups["Closedly"] == groups["Shutly"]
    assert "not linked to the others" in shown.text


async def test_a_model_is_retired_while_people_vote(ada: Person, stage: Stage, clock: Ahead, models: Path) -> None:
    card = await fight(ada)
    await read(ada, card, clock)
    await all_vote(stage, card, "A is better")
    change_models(models, '[models.closedly]\nname = "Closedly"', '[models.otherly]\nname = "Otherly"')
    await clock.restart()
    await all_vote(stage, card, "B is better", "B is better", "B is better")
    shut = await closed(ada, card)
    assert CLOSED in shut.text
    assert "Otherly" not in shut.text
    assert CLOSED in (await press(ada, shut, "About the models")).text
    shown = await press(ada, shut, "Board")
    assert f"**{CLOSED}**" in shown.text
    assert "3 votes by 3 members" in shown.text
    clock.by += LONG_ENOUGH
    other = await fight(ada)
    await read(ada, other, clock)
    await all_vote(stage, other, "A is better")
    assert "Otherly" in (await closed(ada, other)).text
    shown = await board(ada)
    assert f"**{CLOSED}**" in shown.text
    assert "**Otherly**" in shown.text


async def test_an_erased_voter_is_in_no_vote_file_and_every_board(
    ada: Person, stage: Stage, clock: Ahead, rostrum: Rostrum, tmp_path: Path
) -> None:
    card = await fight(ada)
    await read(ada, card, clock)
    await all_vote(stage, card, "A is better", "B is better", "B is better", "Tie", "Both bad", "A is better")
    shut = await closed(ada, card)
    before = await file_of(ada)
    ben, ids = await stage.person("Ben"), [(await stage.person(name)).id for name in VOTERS]
    for person in (ben, ada):
        await rostrum.app.forget_user(int(person.id))
    await clock.restart()
    after = await file_of(ada)
    contents = [json.loads(file)["content"] for file in (before, after)]
    assert contents[0]["board"] == contents[1]["board"]
    assert counted(contents[0]) == counted(contents[1])
    for file in (before, after):
        assert not [number for number in ids if number.encode() in file]
        (tmp_path / "votes.json").write_bytes(file)
        assert ratings(tmp_path / "votes.json").status == 0, "right, by the key that it names"
    async with rostrum.app.database.read() as connection:
        known = await connection.execute(select(VoterRow.member_id).where(VoterRow.member_id.is_not(None)))
        assert int(ben.id) not in set(known.scalars())
    assert (await rostrum.app.export_user(int(ben.id)))["arena"]["votes"] == []
    assert "6 members voted" in (await press(ben, shut, "Manage")).text, "a moderator can still look after it"


async def test_a_vote_file_that_was_changed(ada: Person, rostrum: Rostrum, server: Server, tmp_path: Path) -> None:
    await fill(rostrum.app.database, guild=next(iter(server.world.guilds)))
    file, path = await file_of(ada), tmp_path / "votes.json"
    key = json.loads(file)["signature"]["public_key"]
    path.write_bytes(file)
    assert ratings(path, key).status == 0
    path.write_bytes(file.replace(b'"verdict":"bad"', b'"verdict":"a"'))
    assert ratings(path, key).status == 13, "neither the count nor the signature fits"
    document = json.loads(file)
    document["content"]["seed"] = "7"
    path.write_text(json.dumps(document), "utf-8")
    assert ratings(path, key).status == 13, "as the file of another server would be under this one's name"
    path.write_bytes(file)
    assert ratings(path, "A" * 43 + "=").status == 20, "signed by another installation"
