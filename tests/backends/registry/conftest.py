"""A clock that the test moves."""

from tests.support.databases import clock

__all__ = ["clock"]
