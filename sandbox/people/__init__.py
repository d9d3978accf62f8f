"""People: what they see, what they do, and what they hear of it."""

from sandbox.people.stage import People

__all__ = ["People"]
