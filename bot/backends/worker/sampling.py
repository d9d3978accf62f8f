"""How one request's next token is chosen. Each has its own sampling and its own source of chance."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.backends.worker.libraries import Tensor, torch
from bot.backends.worker.messages import Generate

_NUCLEUS = 256
"""The likeliest tokens that nearly always hold the whole nucleus; sorting all would take most of a step."""
_UNSAID_TEMPERATURE = 0.3
_UNSAID_TOP_P = 0.9
_UNSAID_PENALTY = 1.1
_COLDEST = 0.01
"""Below this, temperature means: always the likeliest."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the model's makers recommend; used where a request says nothing."""

    temperature: float = _UNSAID_TEMPERATURE
    top_p: float = _UNSAID_TOP_P
    top_k: int = 0
    penalty: float = _UNSAID_PENALTY

    @classmethod
    def of(cls, config: Any) -> "Defaults":  # noqa: ANN401
        """Read them from a generation config; one that recommends nothing gets ours."""
        if not getattr(config, "do_sample", False):
            return cls(penalty=float(getattr(config, "repetition_penalty", None) or _UNSAID_PENALTY))
        return cls(
            _or(config.temperature, 1.0),
            _or(config.top_p, 1.0),
            int(config.top_k or 0),
            _or(config.repetition_penalty, 1.0),
        )


@dataclass(slots=True)
class Sampling:
    """How to choose tokens for one request."""

    temperature: float
    top_p: float
    top_k: int
    penalty: float
    seed: int | None
    chosen: set[int] = field(default_factory=set[int])
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - not for secrets

    @classmethod
    def of(cls, request: Generate, defaults: Defaults) -> "Sampling":
        """Join what a request asks for with what the model recommends.

        A request that names a temperature gets just that: tokens said before are not held against the model then.
        """
        temperature = defaults.temperature if request.temperature is None else request.temperature
        top_p = defaults.top_p if request.top_p is None else request.top_p
        penalty = defaults.penalty if request.temperature is None else 1.0
        return cls(temperature, top_p, defaults.top_k, penalty, request.seed)

    def choose(self, scores: Tensor) -> int:
        """Return the next token, given the scores (float32) of all for one position."""
        token = self._choose(scores)
        self.chosen.add(token)
        return token

    def _choose(self, scores: Tensor) -> int:
        if self.penalty != 1.0 and self.chosen:
            scores = self._penalised(scores)
        if self.temperature < _COLDEST:
            return int(scores.argmax())
        weights = torch.softmax(scores / self.temperature, dim=-1)
        if self.top_p >= 1 and not self.top_k:
            return self._drawn(weights)
        size = min(weights.numel(), max(_NUCLEUS, self.top_k))
        likeliest, tokens = weights.topk(size)
        if self.top_p < 1 and size < weights.numel() and float(likeliest.sum()) < self.top_p:
            likeliest, tokens = weights.sort(descending=True)
        if self.top_k:
            likeliest = likeliest[: self.top_k]
        before = likeliest.cumsum(-1) - likeliest
        kept = max(1, int((before < self.top_p).sum()))
        return int(tokens[self._drawn(likeliest[:kept])])

    def _penalised(self, scores: Tensor) -> Tensor:
        tokens = torch.tensor(sorted(self.chosen), device=scores.device)
        old = scores[tokens]
        scores = scores.clone()
        scores[tokens] = torch.where(old < 0, old * self.penalty, old / self.penalty)
        return scores

    def _drawn(self, weights: Tensor) -> int:
        sums = weights.cumsum(-1, dtype=torch.float64)
        at = self.chance.random() * float(sums[-1])
        return min(int(torch.searchsorted(sums, at, right=True)), weights.numel() - 1)


def choose_all(scores: Tensor, samplings: Sequence[Sampling]) -> list[int]:
    """Choose a token for each row of `scores`, by its own sampling."""
    return [sampling.choose(row) for row, sampling in zip(scores, samplings, strict=True)]


def _or(value: float | None, default: float) -> float:
    return default if value is None else float(value)
