"""The local backend keeps the contract of all backends, over a scripted worker that does what no real one would."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bot.errors import Trouble
from tests.backends.contract import BackendContract, Subject
from tests.backends.local.watched import WatchedPool, subject_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.backends.local.lab import Lab


class TestAScriptedWorkerKeepsTheContract(BackendContract):
    @pytest.fixture
    async def subject(self, lab: Lab) -> Subject:
        pool = lab.pool = WatchedPool(lab.options())
        backend = lab.model()

        def plan(**steps: Any) -> None:
            (lab.weights() / "next.json").write_text(json.dumps(steps))

        def will_say(pieces: Sequence[str]) -> None:
            plan(say=list(pieces))

        def will_fail() -> Trouble:
            plan(fail=Trouble.TOO_LONG.value)
            return Trouble.TOO_LONG

        def will_break() -> Trouble:
            plan(say=["It begins "], fail=Trouble.NO_MEMORY.value)
            return Trouble.NO_MEMORY

        return subject_of(
            backend,
            pool,
            will_say=will_say,
            will_stall=lambda: plan(say=["and "], stall=True),
            will_fail=will_fail,
            will_break=will_break,
            echoes=True,
        )
