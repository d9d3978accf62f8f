"""From tokens to text that can be shown: no half characters, nothing after a stop text, no forged control tokens."""

from collections.abc import Callable, Iterable, Sequence

_HALF = "\ufffd"
_LONGEST_CHARACTER = 8
"""So many tokens may wait for the rest of a character; more is not the start of one."""


class Detokeniser:
    """Turns tokens, one at a time, into text; a character that spans tokens comes when it is whole."""

    def __init__(self, decode: Callable[[list[int]], str]) -> None:
        self._decode = decode
        self._before: list[int] = []
        self._new: list[int] = []

    def push(self, token: int) -> str:
        """Take one token and return the text that it makes whole, perhaps none."""
        self._new.append(token)
        text = self._pending()
        is_half = not text or text.endswith(_HALF)
        if is_half and len(self._new) < _LONGEST_CHARACTER:
            return ""
        # the tokens shown last stay as context: whether a token begins with a space depends on the one before
        self._before, self._new = self._new, []
        return text

    def flush(self) -> str:
        """Return what is left at the end; half a character is left out."""
        text = self._pending().rstrip(_HALF)
        self._before, self._new = self._new, []
        return text

    def _pending(self) -> str:
        return self._decode(self._before + self._new)[len(self._decode(self._before)) :]


class StopFilter:
    """Lets text through up to the first stop text; what may be the start of one waits."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._waiting = ""
        self.is_stopped = False

    def push(self, text: str) -> str:
        """Take text and return what may be shown of it."""
        if self.is_stopped:
            return ""
        if not self._stops:
            return text
        self._waiting += text
        found = [at for at in (self._waiting.find(stop) for stop in self._stops) if at >= 0]
        if found:
            self.is_stopped = True
            shown, self._waiting = self._waiting[: min(found)], ""
            return shown
        kept = max(_overlap(self._waiting, stop) for stop in self._stops)
        cut = len(self._waiting) - kept
        shown, self._waiting = self._waiting[:cut], self._waiting[cut:]
        return shown

    def flush(self) -> str:
        """Return what waited in vain."""
        shown, self._waiting = self._waiting, ""
        return shown


def defused(text: str, specials: Iterable[str]) -> str:
    """Return `text` with every control token in it broken, so that nobody's words can pass for another role's."""
    for special in specials:
        if special and special in text:
            text = text.replace(special, f"{special[0]} {special[1:]}")
    return text


def _overlap(text: str, stop: str) -> int:
    for length in range(min(len(text), len(stop) - 1), 0, -1):
        if text.endswith(stop[:length]):
            return length
    return 0
