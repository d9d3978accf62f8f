"""A lab for each test, closed after it; nothing of it may be left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.backends.local.lab import Lab

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    """A pool of scripted workers."""
    made = Lab(tmp_path)
    yield made
    await made.close()
    assert made.leftovers() == []
