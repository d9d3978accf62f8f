"""What left the server, and to whom, in words: the same in every feature that asks models."""

from collections.abc import Sequence


def sent_words(
    parts: Sequence[str], receivers: Sequence[str], *, is_known: bool = True, checked: str = "", checked_by: str = ""
) -> str:
    """Say that `parts` went to `receivers`, and `checked` to who moderates; empty when nothing went anywhere.

    Unless `is_known`, nobody can tell whether it came so far.
    """
    went = "went" if is_known else "may have gone"
    said = [f"{listed(parts)} {went} to {listed(receivers)}"] if receivers else []
    if checked_by:
        said.append(f"{checked} went to {checked_by} for moderation")
    words = "; ".join(said)
    return words[:1].upper() + words[1:]


def listed(parts: Sequence[str]) -> str:
    """Return names as they are read out: with commas, and an "and" before the last."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
