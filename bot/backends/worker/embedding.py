"""What texts mean, as vectors of length one: the mean over a text's tokens, or its first where the model says so."""

import json
from collections.abc import Generator
from typing import Any, cast

from bot.backends.worker.answering import Answer
from bot.backends.worker.libraries import torch
from bot.backends.worker.loading import Loaded
from bot.backends.worker.messages import Embed, Generate
from bot.backends.worker.trouble import WorkerError
from bot.errors import Trouble

_AT_ONCE = 16


class Embedding:
    """Measures texts, some a step; alike ones in length together, so that little is padded."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._takes_first = bool(_said(loaded, "1_Pooling/config.json").get("pooling_mode_cls_token"))
        longest = _said(loaded, "sentence_bert_config.json").get("max_seq_length")
        self._longest = min(loaded.context, int(longest)) if longest else loaded.context

    def begin(self, request: Generate | Embed, answer: Answer) -> Generator[None]:
        """Answer one request, step by step."""
        if isinstance(request, Generate):
            raise WorkerError(Trouble.UNFIT, "a model for meaning writes nothing")
        texts = request.texts
        vectors: list[list[float]] = [[] for _ in texts]
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        for at in range(0, len(order), _AT_ONCE):
            numbers = order[at : at + _AT_ONCE]
            for number, vector in zip(numbers, self._measured([texts[number] for number in numbers]), strict=True):
                vectors[number] = vector
            yield
        answer.vectors(vectors)
        yield

    def _measured(self, texts: list[str]) -> list[list[float]]:
        tokenizer: Any = self._loaded.tokenizer
        batch = tokenizer(texts, padding=True, truncation=True, max_length=self._longest, return_tensors="pt")
        batch = batch.to(self._loaded.device)
        hidden = self._loaded.model(**batch).last_hidden_state.float()
        if self._takes_first:
            means = hidden[:, 0]
        else:
            seen = batch["attention_mask"].unsqueeze(-1).float()
            means = (hidden * seen).sum(1) / seen.sum(1).clamp(min=1e-9)
        return torch.nn.functional.normalize(means, dim=-1).tolist()


def _said(loaded: Loaded, name: str) -> dict[str, Any]:
    """Return what a file beside the weights says; nothing when there is none."""
    try:
        said: Any = json.loads((loaded.place / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return cast("dict[str, Any]", said) if isinstance(said, dict) else {}
