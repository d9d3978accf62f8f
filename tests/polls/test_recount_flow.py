"""The signed file of a poll as people get it, counted again with the key that /help shows; with restarts in between."""

import json
import re
from pathlib import Path
from typing import Any

import aiohttp

from bot.polls.recounting import Outcome, recount
from bot.polls.service import PollService
from bot.polls.types import CountingMethod, PollKind, PollRules
from bot.reading import read_document
from bot.recount import recount as run_recount
from bot.signing import Signer, Verdict, check_public_key, verify
from sandbox.driver import Person, SeenMessage, Stage
from tests.support.poll_flow import PLACE, Breaks, breaks_at, close, people, post, receipt
from tests.support.polls import actor, cast, opened, voter


async def press(person: Person, message: SeenMessage, button: str) -> SeenMessage:
    return await (await person.click(message, button)).message()


@breaks_at("voted", "exported")
async def test_a_file_from_manage_fits_the_key_in_help(
    ada: Person, stage: Stage, breaks: Breaks, tmp_path: Path
) -> None:
    card = await post(ada)
    for member in await people(stage, "Ada", "Ben", "Chika", "Dmitri", "Esi"):
        await receipt(member, card, "Open")
    await breaks("voted")
    result = await close(ada, card)
    shown = await press(ada, await receipt(ada, result, "Manage"), "Export")
    files = {part["name"]: part["file"]["url"] for part in shown.components if part["type"] == 13}
    assert list(files) == ["poll-1.csv", "poll-1.json", "poll-1.abif"]
    await breaks("exported")
    async with aiohttp.ClientSession() as session:
        for name, address in files.items():
            (tmp_path / name).write_bytes(await (await session.get(address)).read())
    page = await (await ada.slash(PLACE, "help", topic="signatures")).message()
    assert page.ephemeral
    found = re.search(r"public key: `([^`]{44})`\s+Its id: `([0-9a-f]{16})`", page.text)
    assert found, page.text
    report = run_recount(tmp_path / "poll-1.json", found[1])
    assert report.status == 0
    assert any(found[2] in line for line in report.lines)
    assert run_recount(tmp_path / "poll-1.abif").status == 0


async def test_what_the_service_hands_out_counts_again(polls: PollService) -> None:
    """Weights, a vote changed, a person erased after closing: what the file says stays, and nobody is in it."""
    rules = PollRules(weights=((70, 2),))
    poll = await opened(polls, kind=PollKind.RANKED, method=CountingMethod.SCHULZE, rules=rules)
    for member in range(1, 13):
        roles = (70,) if member % 2 else ()
        ranks = bytes([(0, 1, 2), (1, 0, 255), (255, 0, 0)][member % 3])
        await polls.vote(poll.poll_id, voter(member, *roles), ranks)
    await polls.vote(poll.poll_id, voter(1, 70), bytes((0, 0, 1)))
    await polls.close_now(poll.poll_id, actor())
    before = await polls.export(poll.poll_id, actor())
    await polls.forget(3)
    after = await polls.export(poll.poll_id, actor())
    assert (before.json, before.abif) == (after.json, after.abif)
    document: Any = read_document(after.json)
    counted = recount(document["content"])
    assert (counted.outcome, counted.differences) == (Outcome.RIGHT, ())
    assert counted.result
    assert (counted.result.turnout, counted.result.weight) == (12, 18)
    assert counted.poll.method is CountingMethod.SCHULZE
    assert verify(document).verdict is Verdict.MISSING, "this service was given no key"


async def test_everybody_who_may_see_the_result_gets_the_file(polls: PollService) -> None:
    signer = Signer(bytes(range(32)))
    polls._sign = signer.sign
    poll = await opened(polls)
    for member in range(6):
        await cast(polls, poll, member, member % 3)
    await polls.close_now(poll.poll_id, actor())
    files = await polls.recount_file(poll.poll_id, voter(99))
    assert verify(read_document(files.json), check_public_key(signer.public_key)).verdict is Verdict.RIGHT
    assert recount(json.loads(files.json)["content"]).outcome is Outcome.RIGHT
