"""Boards on the stage: every control of them, with a restart before each, and what moderators leave out."""

import json

import aiohttp
import discord
from sqlalchemy import update

from bot.catalog import Task
from bot.db.schema import BattleVoteRow, Verdict
from sandbox.driver import Person, SeenMessage, Stage
from sandbox.server import Server
from tests.support.ahead import Ahead
from tests.support.arena import fill
from tests.support.arena_flow import pick, press
from tests.support.ask_flow import PLACE
from tests.support.running import Rostrum

MODERATOR = "Ben"


async def filled(rostrum: Rostrum, server: Server) -> None:
    await fill(
        rostrum.app.database,
        battles=180,
        guild=next(iter(server.world.guilds)),
        languages=("en", "de"),
        tasks=(Task.ANSWER, Task.CODE),
    )


async def board(person: Person, **options: object) -> SeenMessage:
    return await (await person.slash(PLACE, "arena board", options)).message()


async def test_an_empty_board_says_how_to_begin(ada: Person) -> None:
    shown = await board(ada)
    assert shown.ephemeral
    assert "Nobody has voted here yet" in shown.text
    assert "No two models have met" in (await press(ada, shown, "Pairs")).text
    history = await press(ada, await board(ada), "History")
    assert "There is no history yet" in history.text
    assert (
        "There is no board yet" in (await press(ada, await press(ada, history, "Back to the board"), "Fair play")).text
    )


async def test_every_view_of_a_board_after_a_restart(
    ada: Person, rostrum: Rostrum, server: Server, clock: Ahead
) -> None:
    await filled(rostrum, server)
    shown = await board(ada)
    assert shown.text.index("Openly") < shown.text.index("Shutly")
    assert "would change the first place" in shown.text
    assert "Openly" in " ".join(str(text) for text in shown.alternative_texts)
    await clock.restart()
    pairs = await press(ada, shown, "Pairs")
    assert pairs.id == shown.id
    assert " against " in pairs.text
    assert "Shown in battles that count" in pairs.text
    assert "Won, whoever it met: Openly " in pairs.text
    assert pairs.alternative_texts
    history = await press(ada, await press(ada, pairs, "Back to the board"), "History")
    assert "→" in history.text
    assert history.alternative_texts
    again = await press(ada, history, "Back to the board")
    assert "everything counted" in (await press(ada, again, "Count everything")).text
    back = await press(ada, await ada.again(again), "Leave out doubts")
    by_class = await press(ada, back, "Classes")
    assert "Votes between two models of one class" in by_class.text
    tasks = await press(ada, by_class, "Tasks")
    assert tasks.text.startswith("### Arena board by task: ")
    await clock.restart()
    code = await pick(ada, tasks, "Code")
    assert code.text.startswith("### Arena board by task: Code")
    assert "by language" in (await press(ada, code, "Languages")).text


async def test_a_board_is_posted_once_for_all(ada: Person, rostrum: Rostrum, server: Server, stage: Stage) -> None:
    await filled(rostrum, server)
    posted = await press(ada, await board(ada, by="Models"), "Post here")
    assert not posted.ephemeral
    assert not posted.buttons
    chika = await stage.person("Chika")
    assert (await chika.again(posted)).alternative_texts


async def test_the_vote_file_is_handed_out_without_names(ada: Person, rostrum: Rostrum, server: Server) -> None:
    await filled(rostrum, server)
    handed = await press(ada, await board(ada), "Vote file")
    assert handed.ephemeral
    (file,) = [part for part in handed.components if part["type"] == discord.ComponentType.file.value]
    assert file["name"] == "arena-votes.json"
    async with aiohttp.ClientSession() as session:
        content = await (await session.get(file["file"]["url"])).read()
    assert json.loads(content)["signature"]["algorithm"] == "Ed25519"
    assert str(ada.id).encode() not in content
    assert b"What is tea?" not in content


async def test_a_moderator_leaves_votes_out_and_lifts_that_again(
    rostrum: Rostrum, server: Server, stage: Stage, clock: Ahead
) -> None:
    await filled(rostrum, server)
    async with rostrum.app.database.write() as connection:
        # somebody who presses the same button whatever stands there
        await connection.execute(
            update(BattleVoteRow).where(BattleVoteRow.voter_id == 1_000_000).values(verdict=Verdict.A)
        )
    guild_id = next(iter(server.world.guilds))
    ben, chika = await stage.person(MODERATOR), await stage.person("Chika")
    fair = await press(chika, await board(chika), "Fair play")
    assert "Nobody was ever excluded." in fair.text
    assert not fair.selects
    form = await press(ben, await board(ben), "Fair play")
    label = form.selects[0].raw["options"][0]["label"]
    voter = int(label.removeprefix("Voter "))
    excluded = await pick(ben, form, label)
    assert f"Voter {voter} is excluded" in excluded.text
    assert "left out by a moderator" in excluded.text
    await clock.restart()
    assert "1 excluded voter" in (await press(ben, excluded, "Back to the board")).text
    again = await press(ben, await board(ben), "Fair play")
    lifted = await pick(ben, again, f"Voter {voter}", "Count a voter's votes again")
    assert "The exclusion is lifted" in lifted.text
    assert "lifted <t:" in lifted.text
    log = (await rostrum.app.arena.fair_play(guild_id)).log
    assert [one.number for one in log] == [voter]
