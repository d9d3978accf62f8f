"""An answer as it grows: bounded, ended by a stop text, and its characters whole."""

from bot.backends.base import Finish, Prompt

CHARACTERS_A_TOKEN = 16
"""No tokenizer makes longer tokens on average; whoever sends more does not keep to what was asked."""


class Answer:
    """Takes pieces of text and gives back what may be shown of them.

    `finish` is set when it ends by itself: at a stop text, which servers do not always look for, or at its bound.
    """

    def __init__(self, prompt: Prompt) -> None:
        self.finish: Finish | None = None
        self._left = max(1, prompt.max_tokens) * CHARACTERS_A_TOKEN
        self._stops = tuple(stop for stop in prompt.stop if stop)
        self._shown: list[str] = []
        self._held = ""

    @property
    def text(self) -> str:
        """All that was shown."""
        return "".join(self._shown)

    def add(self, text: str) -> str:
        """Take a piece and return what may be shown now; the start of what could become a stop text is held back."""
        if self.finish:
            return ""
        if self._stops:
            text = self._until_stop(self._held + text)
        return self._show(text)

    def rest(self) -> str:
        """Return what was held back, now that nothing follows."""
        if self.finish:
            return ""
        held, self._held = self._held, ""
        return self._show(held)

    def _show(self, text: str) -> str:
        if len(text) >= self._left:
            text = text[: self._left]
            self.finish = self.finish or Finish.LENGTH
        if text:
            self._left -= len(text)
            self._shown.append(text)
        return text

    def _until_stop(self, text: str) -> str:
        found = [at for stop in self._stops if (at := text.find(stop)) >= 0]
        if found:
            self.finish = Finish.STOP
            self._held = ""
            return text[: min(found)]
        keep = max(_overlap(text, stop) for stop in self._stops)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]


def _overlap(text: str, stop: str) -> int:
    """Return how much of the end of `text` could be the beginning of `stop`."""
    for length in range(min(len(stop) - 1, len(text)), 0, -1):
        if text.endswith(stop[:length]):
            return length
    return 0


class Halves:
    """Joins characters that a server sent as two escapes in two pieces; a half without its other is a �."""

    def __init__(self) -> None:
        self._half = ""

    def whole(self, text: str) -> str:
        """Return `text` with the half that came before it, without one that it ends with."""
        text, self._half = self._half + text, ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class Thoughts:
    """Leaves out what a model thinks aloud before it answers, where a server does not part the two."""

    _BEGIN, _END = "<think>", "</think>"

    def __init__(self) -> None:
        self.is_done = False
        """Whether all that follows is answer."""
        self._held = ""
        self._inside = False

    def without(self, text: str) -> str:
        """Return what of a piece is answer."""
        held = self._held + text
        self._held = ""
        if not self._inside:
            begin = held.lstrip()
            if begin.startswith(self._BEGIN):
                self._inside = True
                held = begin
            elif self._BEGIN.startswith(begin):
                self._held = held
                return ""
            else:
                self.is_done = True
                return held
        before, mark, after = held.partition(self._END)
        if mark:
            self.is_done = True
            return after.lstrip()
        keep = _overlap(before, self._END)
        self._held = before[len(before) - keep :] if keep else ""
        return ""

    def rest(self) -> str:
        """Return what was held back and is answer, now that nothing follows."""
        held, self._held = self._held, ""
        return "" if self._inside else held
