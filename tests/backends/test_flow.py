"""What came in a while goes on as one piece, and a slow reader holds the writer up."""

import asyncio

from bot.backends.flow import MOST_WAITING, REST, Flow


async def test_what_was_said_meanwhile_is_one_piece() -> None:
    flow = Flow()
    flow.say("a")
    flow.say("b")
    assert await flow.take() == "ab"


async def test_taking_waits_for_something_to_be_said() -> None:
    flow = Flow()
    taking = asyncio.create_task(flow.take())
    await asyncio.sleep(0)
    flow.say("a")
    assert await taking == "a"


async def test_the_end_comes_after_the_last_word() -> None:
    flow = Flow()
    flow.say("a")
    flow.end()
    assert [await flow.take(), await flow.take()] == ["a", ""]


async def test_waiting_ends_when_nothing_follows() -> None:
    flow = Flow()
    taking = asyncio.create_task(flow.take())
    await asyncio.sleep(0)
    flow.end()
    assert await taking == ""


async def test_one_who_says_much_waits_until_it_is_taken() -> None:
    flow = Flow()
    flow.say("x" * MOST_WAITING)
    assert not flow.is_full
    flow.say("x")
    assert flow.is_full
    waiting = asyncio.create_task(flow.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    assert len(await flow.take()) == MOST_WAITING + 1
    await waiting
    assert not flow.is_full
    await flow.room()


async def test_one_who_left_is_not_woken() -> None:
    flow = Flow()
    taking = asyncio.create_task(flow.take())
    await asyncio.sleep(0)
    taking.cancel()
    await asyncio.wait([taking])
    flow.say("a")
    assert await flow.take() == "a"


async def test_pieces_come_at_intervals_and_the_last_one_at_once() -> None:
    flow, loop = Flow(), asyncio.get_running_loop()
    flow.say("a")
    assert await flow.take() == "a"
    taken_at = loop.time()
    flow.say("b")
    taking = asyncio.create_task(flow.take())
    await asyncio.sleep(0)
    flow.say("c")
    assert await taking == "bc"
    # clocks of timers are coarser than those of loops
    assert loop.time() >= taken_at + REST * 0.9
    taking = asyncio.create_task(flow.take())
    await asyncio.sleep(0)
    flow.say("d")
    await asyncio.sleep(0)
    assert not taking.done()
    flow.end()
    await asyncio.sleep(0)
    assert taking.done()
    assert [await taking, await flow.take()] == ["d", ""]


async def test_a_flood_is_taken_without_a_rest() -> None:
    flow = Flow()
    flow.say("a")
    assert await flow.take() == "a"
    taking = asyncio.create_task(flow.take())
    await asyncio.sleep(0)
    flow.say("b")
    await asyncio.sleep(0)
    assert not taking.done()
    flow.say("x" * MOST_WAITING)
    await asyncio.sleep(0)
    assert taking.done()
    flow.say("y" * (MOST_WAITING + 1))
    assert (await flow.take()).endswith("y")
