"""What both models of a battle are told: the same, so that nothing but their answers differs."""

from bot.backends.base import Prompt, Turn
from bot.backends.measures import tokens_in
from bot.catalog import Task

MOST_TOKENS = 640
"""What an answer of 1,500 characters takes in most scripts, with something to spare."""
_SYSTEM = (
    "You are an AI model that answers people in a Discord server. Your answer is shown beside one by another model, "
    "and people say which they like better, without knowing who wrote it.",
    "Answer in at most 1,200 characters, in the language of the question unless told otherwise. Be correct, direct and "
    "brief; say so when you do not know something. Use Discord's Markdown sparingly, and code fences for code.",
    "Do not say who you are: neither your name, nor who made you, nor which family of models you belong to. If asked, "
    "say that you are an AI and that names are told after the vote. Never claim to be a person.",
)
_FOR_ALL = "Keep what you write fit for readers from 13 years on."
_ROUNDING = 32


def system_prompt(*, adults_only: bool) -> str:
    """Return how both are to speak."""
    return "\n\n".join(_SYSTEM if adults_only else (*_SYSTEM, _FOR_ALL))


def prompt_of(prompt: str, *, adults_only: bool = False) -> Prompt:
    """Return what each of the two is asked; as a plain question, whatever task it is, since both get the same words."""
    return Prompt(
        turns=(Turn("user", prompt),),
        system=system_prompt(adults_only=adults_only),
        task=Task.ANSWER,
        question=prompt,
        max_tokens=MOST_TOKENS,
    )


def prompt_tokens(prompt: Prompt) -> int:
    """Estimate what a prompt takes."""
    return tokens_in(prompt.system) + sum(tokens_in(turn.text) for turn in prompt.turns) + _ROUNDING
