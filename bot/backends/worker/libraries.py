"""The two heavy libraries, under one roof: only the child imports this. Their types are not strict, so they are Any."""

from typing import Any

import torch as _torch
import transformers as _transformers
import transformers.generation.configuration_utils as _generation
import transformers.generation.continuous_batching.cache as _batching_cache
import transformers.generation.continuous_batching.cb_logits_processors as _batching_processors

torch: Any = _torch
transformers: Any = _transformers
generation: Any = _generation
batching_cache: Any = _batching_cache
batching_processors: Any = _batching_processors
Tensor = Any


def quiet() -> None:
    """Keep progress bars and warnings out of standard error: they may quote prompts."""
    transformers.utils.logging.set_verbosity(transformers.utils.logging.CRITICAL)
    transformers.utils.logging.disable_progress_bar()
