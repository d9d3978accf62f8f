"""Pure parts of the worker: text from tokens, stop texts, defusing, orders, frames that wait."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.backends.frames import Frame
from bot.backends.worker.messages import MalformedError, Turn, embed_of, generate_of, id_of, load_of
from bot.backends.worker.outbox import Outbox
from bot.backends.worker.prompting import plain
from bot.backends.worker.text import Detokeniser, StopFilter, defused


def from_bytes(tokens: list[int]) -> str:
    return bytes(tokens).decode("utf-8", "replace")


@given(st.text())
def test_text_from_bytes_is_the_text_without_halves(text: str) -> None:
    detokeniser = Detokeniser(from_bytes)
    pieces = [detokeniser.push(byte) for byte in text.encode()]
    whole = "".join(pieces) + detokeniser.flush()
    assert whole.rstrip("\ufffd") == text.rstrip("\ufffd")
    if "\ufffd" not in text:
        assert not any("\ufffd" in piece for piece in pieces)


@given(st.binary(max_size=60))
def test_bytes_that_are_no_text_do_not_stop_the_rest(data: bytes) -> None:
    detokeniser = Detokeniser(from_bytes)
    shown = "".join(detokeniser.push(byte) for byte in [*data, *b"........ the end"]) + detokeniser.flush()
    assert shown.endswith("the end")


def test_half_a_character_at_the_end_is_left_out() -> None:
    detokeniser = Detokeniser(from_bytes)
    shown = "".join(detokeniser.push(byte) for byte in "ab🙂".encode()[:-1])
    assert shown + detokeniser.flush() == "ab"


@given(st.text("abc", max_size=40), st.lists(st.text("abc", min_size=1, max_size=4), max_size=3), st.integers(1, 5))
def test_text_ends_before_the_first_stop_however_it_comes(text: str, stops: list[str], step: int) -> None:
    filtered = StopFilter(stops)
    pieces = [filtered.push(text[at : at + step]) for at in range(0, len(text), step)]
    shown = "".join(pieces) + filtered.flush()
    found = [at for at in (text.find(stop) for stop in stops) if at >= 0]
    if not found:
        assert shown == text
        assert not filtered.is_stopped
    else:
        assert filtered.is_stopped
        # a stop that ends sooner wins over one that began sooner but is not complete yet
        assert text.startswith(shown)
        assert not any(stop in shown for stop in stops)
        assert filtered.push("more") == ""


def test_control_tokens_are_broken_up() -> None:
    assert defused("a<|end|>b</s>", ["<|end|>", "</s>", ""]) == "a< |end|>b< /s>"


def test_a_conversation_for_models_without_a_template() -> None:
    turns = [Turn("user", "hi"), Turn("assistant", "hello"), Turn("user", "bye")]
    assert plain("Be kind.", turns) == "Be kind.\nUser: hi\nAssistant: hello\nUser: bye\nAssistant:"
    assert plain("", turns[:1]) == "User: hi\nAssistant:"


def test_orders_are_read_with_their_defaults() -> None:
    load = load_of({"weights": {"kind": "hub", "name": "a/b"}, "shape": "causal", "threads": 0, "context": None})
    assert (load.weights.name, load.threads, load.memory_mb, load.context, load.device) == (
        "a/b",
        1,
        4096,
        None,
        "auto",
    )
    asked = generate_of({"id": 1, "turns": [{"role": "user", "text": "x"}], "stop": ["", "a"] * 40, "seed": 4})
    assert (asked.last_text, asked.seed, asked.max_tokens, asked.temperature) == ("x", 4, 512, None)
    assert set(asked.stop) == {"a"}
    assert generate_of({"id": 2}).last_text == ""
    assert embed_of({"id": 3, "texts": ["a"]}).texts == ("a",)


@pytest.mark.parametrize(
    "frame", [{}, {"id": True}, {"id": 1, "system": 3}, {"id": 1, "max_tokens": "x"}, {"id": 1, "top_p": -1}]
)
def test_twisted_orders_are_refused(frame: Frame) -> None:
    with pytest.raises(MalformedError):
        generate_of(frame)


def test_too_many_texts_are_refused() -> None:
    with pytest.raises(MalformedError):
        embed_of({"id": 1, "texts": ["a"] * 5000})
    with pytest.raises(MalformedError):
        id_of({"id": "1"})


def test_pieces_that_wait_are_made_one_and_keep_their_order() -> None:
    sent: list[Frame] = []
    outbox = Outbox(lambda frame: sent.append(dict(frame)))
    outbox.put({"is": "begun", "id": 1})
    for _ in range(1000):
        outbox.chunk(1, "a")
        outbox.chunk(2, "b")
    outbox.pong({"is": "pong", "id": 7})
    outbox.pong({"is": "pong", "id": 8})
    outbox.put({"is": "done", "id": 1})
    outbox.chunk(1, "late")
    outbox.close()
    outbox.put({"is": "done", "id": 2})
    outbox.run()
    assert [(frame["is"], frame["id"]) for frame in sent] == [
        ("pong", 8), ("begun", 1), ("chunk", 1), ("chunk", 2), ("done", 1), ("chunk", 1),
    ]  # fmt: skip
    assert (sent[2]["text"], sent[3]["text"], sent[5]["text"]) == ("a" * 1000, "b" * 1000, "late")


def test_who_has_too_much_to_say_waits_for_a_slow_reader() -> None:
    reading = threading.Event()
    sent: list[Frame] = []

    def send(frame: Frame) -> None:
        reading.wait(60)
        sent.append(frame)

    outbox = Outbox(send)
    done = threading.Event()

    def talk() -> None:
        for number in range(3000):
            outbox.put({"is": "done", "id": number})
        done.set()

    threads = [threading.Thread(target=outbox.run), threading.Thread(target=talk)]
    for thread in threads:
        thread.start()
    assert not done.wait(0.3)
    reading.set()
    assert done.wait(60)
    outbox.drain(60)
    outbox.close()
    for thread in threads:
        thread.join(60)
    assert [frame["id"] for frame in sent] == list(range(3000))


def test_a_reader_that_is_gone_ends_the_outbox() -> None:
    def send(frame: Frame) -> None:
        raise BrokenPipeError(frame["is"])

    outbox = Outbox(send)
    outbox.put({"is": "done", "id": 1})
    outbox.run()
    for number in range(3000):
        # nobody waits any longer
        outbox.put({"is": "done", "id": number})
