"""Whoever has not answered is deferred for: every kind of handler, slow on purpose, over sockets."""

import re
from pathlib import Path

import pytest

from bot.errors import NotAllowedError
from cogs.ui import watch
from sandbox.driver import InteractionFailed, Response, SeenMessage
from sandbox.interactions import ANSWER_SECONDS, core
from tests.support.bells import PLACE, Bells
from tests.support.running import Rostrum

COGS = Path(__file__).resolve().parents[2] / "cogs"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "DEFER_AFTER", 0.1)


async def thinking(bells: Bells, response: Response) -> None:
    async def is_thinking() -> bool:
        return response.state == "thinking"

    await bells.ada.wait(is_thinking, what="a deferral")


async def slow(bells: Bells, begun: Response) -> SeenMessage:
    """Let it be deferred, then go on."""
    await thinking(bells, begun)
    bells.cog.gate.set()
    return await begun.message()


@pytest.mark.parametrize("how", ["reply", "public", "refuse", "raw"])
@pytest.mark.parametrize("by", ["command", "press"])
async def test_a_slow_handler_is_deferred_for(bells: Bells, how: str, by: str) -> None:
    card = await bells.card()
    bells.cog.gate.clear()
    begun = await (bells.ada.slash(PLACE, "bell", how=how) if by == "command" else bells.ada.click(card, how))
    answer = await slow(bells, begun)
    assert answer.ephemeral is (how != "public")
    assert not answer.thinking
    expected = {"refuse": "The bell is cracked", "raw": "too slow"}
    assert expected.get(how, "Ding.") in answer.text


async def test_a_slow_handler_that_replaces_its_card_shows_no_thinking(bells: Bells) -> None:
    card = await bells.card()
    bells.cog.gate.clear()
    begun = await bells.ada.click(card, "replace")

    async def acknowledged() -> bool:
        return begun.state == "done"

    await bells.ada.wait(acknowledged, what="a deferral")
    assert (await bells.ada.again(card)).text == card.text
    bells.cog.gate.set()

    async def replaced() -> bool:
        return "Silence" in (await bells.ada.again(card)).text

    await bells.ada.wait(replaced, what="the answer")


async def test_a_slow_choice_and_a_slow_form_are_deferred_for(bells: Bells) -> None:
    card = await bells.card()
    bells.cog.gate.clear()
    chosen = await slow(bells, await bells.ada.choose(card, None, ["Bim bam", "Ave"]))
    assert "7 b+a" in chosen.text or "7 a+b" in chosen.text
    modal = await (await bells.ada.slash(PLACE, "bell", how="ask", tune="9")).opened()
    bells.cog.gate.clear()
    cast = await slow(bells, await modal.submit({"Name": "Great", "Loud": True}))
    assert "9 Great tunes=b ringers=0 loud=True" in cast.text


async def test_a_form_that_comes_too_late_says_so(bells: Bells) -> None:
    card = await bells.card()
    bells.cog.gate.clear()
    answer = await slow(bells, await bells.ada.click(card, "ask"))
    assert "press again" in answer.text
    modal = await (await bells.ada.click(await bells.ada.again(card), "ask")).opened()
    assert modal.title == "Bell"


async def test_a_slow_error_keeps_its_words(bells: Bells) -> None:
    bells.cog.fail = NotAllowedError("Ringers only.")
    bells.cog.gate.clear()
    answer = await slow(bells, await bells.ada.slash(PLACE, "bell", how="refuse"))
    assert "Not allowed" in answer.text
    assert "Ringers only." in answer.text
    modal = await (await bells.ada.slash(PLACE, "bell", how="ask", tune="9")).opened()
    bells.cog.gate.clear()
    assert "Ringers only." in (await slow(bells, await modal.submit({"Name": "nobody's"}))).text


@pytest.mark.parametrize("how", ["reply", "kept", "refuse"])
async def test_a_deferral_whose_own_answer_is_lost_on_the_way_is_answered_all_the_same(bells: Bells, how: str) -> None:
    card = await bells.card()
    await bells.stage.fault("lose_ack", times=1)
    bells.cog.gate.clear()
    answer = await slow(bells, await bells.ada.click(card, how))
    assert ("cracked" if how == "refuse" else "Ding.") in answer.text


async def test_choices_for_a_half_typed_option_are_not_deferred(bells: Bells) -> None:
    offered = await bells.ada.autocomplete(PLACE, "bell", "tune", "A", how="show")
    assert offered == [{"name": "Ave", "value": "a"}]


async def test_what_answers_nothing_fails_and_what_answers_in_time_is_not_deferred(
    bells: Bells, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "DEFER_AFTER", 1.5)
    card = await bells.card()
    begun = await bells.ada.click(card, "reply")
    answer = await begun.message()
    assert "Ding." in answer.text
    assert not answer.edited
    monkeypatch.setattr(core, "ANSWER_SECONDS", ANSWER_SECONDS)
    with pytest.raises(InteractionFailed, match="did not respond"):
        await (await bells.ada.click(card, "nothing")).done(timeout=60)


async def test_controls_of_another_version_say_what_to_do(bells: Bells) -> None:
    card = await bells.card()
    for label in ("old", "stranger"):
        answer = await (await bells.ada.click(card, label)).message()
        assert "another version" in answer.text
        assert "command again" in answer.text
        assert answer.ephemeral


async def test_forms_and_choices_survive_a_restart(bells: Bells, rostrum: Rostrum) -> None:
    card = await bells.card()
    modal = await (await bells.ada.click(card, "ask")).opened()
    await rostrum.stop()
    await bells.stage.wait_online("Rostrum", online=False)
    await rostrum.start()
    await bells.stage.wait_online("Rostrum")
    cast = await (await modal.submit({"Name": "Great"})).message()
    assert "7 Great tunes=b ringers=0 loud=False" in cast.text
    again = await (await bells.ada.slash(PLACE, "bell", how="show")).message()
    chosen = await (await bells.ada.choose(again, None, "Ave")).message()
    assert "7 a" in chosen.text


def test_cogs_answer_through_the_shared_ways_only() -> None:
    # what answers by itself does not wait for the watchdog, and meets it by accident
    direct = re.compile(r"\.response\.(send|edit|defer)|send_modal|response\.pong")
    found = [path for path in COGS.rglob("*.py") if path.parent.name != "ui" and direct.search(path.read_text())]
    assert found == []
