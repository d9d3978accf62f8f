"""What happens between a person's press and a bot's answer: beginnings, deadlines and states of interactions."""

from sandbox.interactions.core import ANSWER_SECONDS, TOKEN_SECONDS, Interactions

__all__ = ["ANSWER_SECONDS", "TOKEN_SECONDS", "Interactions"]
