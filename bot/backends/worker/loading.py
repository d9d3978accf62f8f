"""A model and its tokenizer, loaded from safetensors only, never running code that comes with them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.backends.worker import memory
from bot.backends.worker.converting import Progress
from bot.backends.worker.libraries import torch, transformers
from bot.backends.worker.locating import refuse_too_large
from bot.backends.worker.messages import Load, Shape
from bot.backends.worker.trouble import WorkerError
from bot.errors import Trouble

_CLASSES: dict[Shape, str] = {
    "causal": "AutoModelForCausalLM",
    "seq2seq": "AutoModelForSeq2SeqLM",
    "extractive": "AutoModelForQuestionAnswering",
    "embedding": "AutoModel",
}
_UNSAID_CONTEXT = 2048
_SHORTEST_CONTEXT = 16
_LARGEST_CONTEXT = 1_000_000
"""Tokenizers without a length say a number far over this."""


@dataclass(slots=True)
class Loaded:
    """What was loaded. `context` is in tokens; `device` is cpu or cuda."""

    model: Any
    tokenizer: Any
    context: int
    device: str
    place: Path

    @property
    def parameters(self) -> int:
        """How many weights it has."""
        return int(sum(parameter.numel() for parameter in self.model.parameters()))

    def decode(self, tokens: list[int]) -> str:
        """Return the text of tokens, without control tokens."""
        return str(self.tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False))


def load(order: Load, place: Path, progress: Progress) -> Loaded:
    """Load what is at `place`, within the order's bounds.

    Raises:
        WorkerError: it is not there, does not fit, or is of no use.
    """
    torch.set_num_threads(order.threads)
    device = _device(order)
    # what measures meaning needs the digits, and plain floats are the faster ones for it on a CPU
    dtype = torch.bfloat16 if order.shape in {"causal", "seq2seq"} else torch.float32
    refuse_too_large(place, dtype.itemsize, order.memory_mb, 0 if device == "cuda" else memory.resident_mb())
    memory.bound(order.memory_mb, device)
    progress("loading", 0.1)
    given = {"local_files_only": True, "trust_remote_code": False}
    tokenizer = transformers.AutoTokenizer.from_pretrained(str(place), **given)
    progress("loading", 0.4)
    kind = getattr(transformers, _CLASSES[order.shape])
    model = kind.from_pretrained(str(place), dtype=dtype, use_safetensors=True, **given)
    model = model.to(device).eval()
    for parameter in model.parameters():
        parameter.requires_grad_(requires_grad=False)
    progress("loading", 1.0)
    return Loaded(model, tokenizer, _context(order, model, tokenizer), device, place)


def _device(order: Load) -> str:
    has_cuda = bool(torch.cuda.is_available())
    if order.device == "cuda" and not has_cuda:
        raise WorkerError(Trouble.NOT_CONFIGURED, "no CUDA device is here; set the device to auto or cpu")
    return "cuda" if has_cuda and order.device != "cpu" else "cpu"


def _context(order: Load, model: Any, tokenizer: Any) -> int:  # noqa: ANN401
    config = model.config
    names = ("max_position_embeddings", "n_positions", "seq_length")
    own = next((int(value) for name in names if (value := getattr(config, name, None))), 0)
    if not own:
        said = int(tokenizer.model_max_length)
        own = said if said < _LARGEST_CONTEXT else _UNSAID_CONTEXT
    return max(_SHORTEST_CONTEXT, min(order.context or own, own))
