"""BERT and its kin: the span of a given text that answers a question. It never invents.

A long text is read in windows that overlap. Each window says how sure it is of its best span against "the answer is
not here"; the surest wins. When even that one is unsure the answer is empty, with its score.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from bot.backends.worker.answering import Answer
from bot.backends.worker.libraries import torch
from bot.backends.worker.loading import Loaded
from bot.backends.worker.messages import Embed, Generate
from bot.backends.worker.trouble import WorkerError
from bot.errors import Trouble

LEAST_SCORE = 0.1
"""Below this the text is taken to hold no answer."""
MOST_WINDOWS = 1024
LONGEST_SPAN = 64
_WINDOW = 384
_STRIDE = 128
_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Span:
    """A place in the text, in characters, and how sure the model is of it; empty when it sees no answer."""

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class _Window:
    """What the model takes, and where in the passage each token is (None: it is not in the passage)."""

    inputs: dict[str, list[int]]
    places: list[tuple[int, int] | None]


class Extracting:
    """Finds answers in texts, some windows a step."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._window = min(_WINDOW, loaded.context)

    def begin(self, request: Generate | Embed, answer: Answer) -> Generator[None]:
        """Answer one request, step by step."""
        if isinstance(request, Embed):
            raise WorkerError(Trouble.UNFIT, "a model for spans embeds nothing")
        passage = request.passage or request.last_text
        question = request.question or request.last_text
        if not passage.strip() or not question.strip() or (not request.passage and not request.question):
            answer.begin(0, 0)
            answer.finish("stop", 0.0)
            return
        windows = self._windows(question, passage)
        kept = windows[:MOST_WINDOWS]
        answer.begin(_sizes(kept), _sizes(windows[MOST_WINDOWS:]))
        best = Span(0, 0, 0.0)
        for at in range(0, len(kept), _AT_ONCE):
            for window in kept[at : at + _AT_ONCE]:
                found = self._best(window, min(LONGEST_SPAN, request.max_tokens))
                best = max(best, found, key=lambda span: span.score)
            yield
        if best.score >= LEAST_SCORE:
            text = passage[best.start : best.end]
            answer.tokens = len(self._loaded.tokenizer.encode(text, add_special_tokens=False))
            answer.show(text)
        answer.finish("stop", round(best.score, 4))
        yield

    def _windows(self, question: str, passage: str) -> list[_Window]:
        tokenizer: Any = self._loaded.tokenizer
        asked = tokenizer(question, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
        most = self._window // 3
        if len(asked) > most:
            question = question[: asked[most - 1][1]]
        given = tokenizer(
            question,
            passage,
            truncation="only_second",
            max_length=self._window,
            stride=min(_STRIDE, self._window // 4),
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
        names = [name for name in ("input_ids", "token_type_ids", "attention_mask") if name in given]
        windows: list[_Window] = []
        for number, offsets in enumerate(given["offset_mapping"]):
            sides: list[int | None] = given.sequence_ids(number)
            places = [tuple(place) if side == 1 else None for place, side in zip(offsets, sides, strict=True)]
            windows.append(_Window({name: given[name][number] for name in names}, places))
        return windows

    def _best(self, window: _Window, longest: int) -> Span:
        """Return the likeliest span of one window; the first token stands for "not here"."""
        device = self._loaded.device
        output = self._loaded.model(**{name: torch.tensor([row], device=device) for name, row in window.inputs.items()})
        outside = torch.tensor([place is None for place in window.places], device=device)
        outside[0] = False
        starts = output.start_logits[0].float().masked_fill(outside, -torch.inf).softmax(-1)
        ends = output.end_logits[0].float().masked_fill(outside, -torch.inf).softmax(-1)
        both = torch.triu(starts[:, None] * ends[None, :]).tril(longest - 1)
        nowhere = float(both[0, 0])
        both[0, :] = 0
        at = int(both.argmax())
        first, last = divmod(at, both.shape[1])
        start, end = window.places[first], window.places[last]
        score = float(both[first, last])
        if start is None or end is None or score <= nowhere:
            return Span(0, 0, min(score, LEAST_SCORE / 2))
        return Span(start[0], end[1], score)


def _sizes(windows: list[_Window]) -> int:
    return sum(len(window.places) for window in windows)
