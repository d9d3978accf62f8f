"""The texts of polls: tidied so that nothing unseen is left, and told apart as people tell them apart. Pure."""

import unicodedata

from bot.errors import InvalidInputError

QUESTION_LENGTH = 300
OPTION_LENGTH = 80
"""What fits on one of Discord's buttons."""
FEWEST_OPTIONS = 2
MOST_OPTIONS = 25
"""What fits into one of Discord's selects."""
UNSEEN = frozenset(
    "\u00ad\u200b\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\u061c"
)
"""Zero-width spaces, soft hyphens and direction marks; not joiners, which scripts and emoji need."""
BLANKS = frozenset("\u2800\u3164\u115f\u1160\uffa0")
"""Letters and signs that look like a space."""


def check_question(question: str) -> str:
    """Return the question tidied; raise InvalidInputError (question) when it is empty or too long."""
    tidied = tidy(question)
    if not tidied:
        raise InvalidInputError("question", "Please write a question.")
    if len(tidied) > QUESTION_LENGTH:
        raise InvalidInputError(
            "question", f"The question has {len(tidied)} characters; {QUESTION_LENGTH} fit. Please shorten it."
        )
    return tidied


def check_options(options: tuple[str, ...]) -> tuple[str, ...]:
    """Return the options tidied, without empty ones; raise InvalidInputError (options) when they do not fit."""
    tidied = tuple(text for option in options if (text := tidy(option)))
    if not FEWEST_OPTIONS <= len(tidied) <= MOST_OPTIONS:
        amount = "is 1 option" if len(tidied) == 1 else f"are {len(tidied)} options"
        raise InvalidInputError(
            "options",
            f"There {amount}; a poll has {FEWEST_OPTIONS} to {MOST_OPTIONS}. Please write one on each line.",
        )
    seen: set[str] = set()
    for option in tidied:
        if len(option) > OPTION_LENGTH:
            raise InvalidInputError(
                "options",
                f"“{option[:30]}…” has {len(option)} characters; {OPTION_LENGTH} fit. Please shorten it.",
            )
        if alike(option) in seen:
            raise InvalidInputError(
                "options", f"“{option}” is there twice; options must differ. Please change or remove one."
            )
        seen.add(alike(option))
    return tidied


def tidy(text: str) -> str:
    """Return `text` on one line without what is unseen or turns its surroundings around; empty if nothing is left."""
    seen = "".join(" " if char.isspace() else char for char in text if char.isspace() or not _is_unseen(char))
    # joiners and signs that sit on other characters show nothing by themselves
    shows = any(unicodedata.category(char) not in {"Cf", "Mn", "Me", "Zs"} and char not in BLANKS for char in seen)
    return " ".join(seen.split()) if shows else ""


def alike(text: str) -> str:
    """Return what two texts share that people cannot tell apart, such as by letter case or how an accent is stored."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return "".join(char for char in folded if unicodedata.category(char) != "Cf")


def _is_unseen(char: str) -> bool:
    return char in UNSEEN or unicodedata.category(char) in {"Cc", "Cs"}
