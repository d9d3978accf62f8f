"""How many tokens a model may keep in mind at once within its memory."""

from dataclasses import dataclass

from bot.backends.worker import memory
from bot.backends.worker.libraries import batching_cache
from bot.backends.worker.loading import Loaded
from bot.backends.worker.messages import Load
from bot.backends.worker.trouble import WorkerError
from bot.errors import Trouble

_LEAST_TOKENS = 256
_RESERVE = 96 * memory.MIB
_PAGE = 8
"""Tokens of a page. What the beginnings of prompts have in common is kept and read once, but whole pages of it alone:
the smaller they are, the more of a short system text is shared. The kernels of CUDA want them large."""
_PAGE_CUDA = 256


@dataclass(frozen=True, slots=True)
class Capacity:
    """The cache of a model: `pages` of `page_size` tokens. No request may have more than `context` tokens."""

    page_size: int
    pages: int
    batch_tokens: int
    at_once: int
    context: int

    def pages_for(self, tokens: int) -> int:
        """Return how many pages hold so many tokens."""
        return -(-tokens // self.page_size)


def capacity_of(order: Load, loaded: Loaded) -> Capacity:
    """Divide the memory that is left after loading.

    Raises:
        WorkerError: not even a short conversation fits.
    """
    config = loaded.model.config.get_text_config()
    is_cuda = loaded.device == "cuda"
    page_size, at_once = (_PAGE_CUDA, 64) if is_cuda else (_PAGE, 32)
    batch_tokens = max(16, order.max_batch_tokens or (2048 if is_cuda else 256))
    size = loaded.model.dtype.itemsize
    head = int(batching_cache.find_head_dim(config))
    heads, kept_heads = int(config.num_attention_heads), int(batching_cache.find_num_key_value_heads(config))
    kept = int(config.num_hidden_layers) * 2 * kept_heads * head * size
    # what is read from the cache is copied once a layer, repeated to all heads; the mask has a row for each new token
    copied = (2 * heads + kept_heads) * head * size + 3 * batch_tokens
    scores = 3 * 4 * int(config.vocab_size) * at_once
    passing = batch_tokens * size * 16 * int(config.hidden_size)
    left = (order.memory_mb - memory.used_mb(loaded.device)) * memory.MIB - scores - passing - _RESERVE
    # on a CPU every step looks at all that is kept, so that a larger cache would only be a slower one
    wanted = max(loaded.context, at_once * (4096 if is_cuda else 512))
    pages = min(left // (kept + copied), wanted) // page_size
    tokens = pages * page_size
    if tokens < min(_LEAST_TOKENS, loaded.context):
        text = f"{order.memory_mb} MB hold the model but no conversation; raise ROSTRUM_LOCAL_MEMORY_MB"
        raise WorkerError(Trouble.NO_MEMORY, text)
    return Capacity(page_size, pages, batch_tokens, at_once, min(loaded.context, tokens))
