"""From an order to what answers: everything here needs the heavy libraries."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.backends.worker.batching import BatchingEngine
from bot.backends.worker.capacity import capacity_of
from bot.backends.worker.continuing import Continuing
from bot.backends.worker.converting import Progress
from bot.backends.worker.embedding import Embedding
from bot.backends.worker.engine import Engine, Heart
from bot.backends.worker.extractive import Extracting
from bot.backends.worker.libraries import quiet
from bot.backends.worker.loading import Loaded, load
from bot.backends.worker.messages import Load
from bot.backends.worker.stepping import SteppingEngine
from bot.backends.worker.translating import Translating


@dataclass(frozen=True, slots=True)
class Built:
    """A model that is ready, and what is to be told about it."""

    engine: Engine
    context: int
    parameters: int
    device: str


def build(order: Load, place: Path, heart: Heart, on_death: Callable[[str], None], progress: Progress) -> Built:
    """Load what is at `place` and put the engine around it that its kind needs.

    Raises:
        WorkerError: it cannot be loaded within its bounds.
    """
    quiet()
    loaded = load(order, place, progress)
    engine, context = _engine(order, loaded, heart, on_death)
    return Built(engine, context, loaded.parameters, loaded.device)


def _engine(order: Load, loaded: Loaded, heart: Heart, on_death: Callable[[str], None]) -> tuple[Engine, int]:
    if order.shape == "seq2seq":
        return SteppingEngine(Translating(loaded).begin, heart), loaded.context
    if order.shape == "extractive":
        return SteppingEngine(Extracting(loaded).begin, heart), loaded.context
    if order.shape == "embedding":
        return SteppingEngine(Embedding(loaded).begin, heart), loaded.context
    if getattr(loaded.model, "_supports_attention_backend", False):
        capacity = capacity_of(order, loaded)
        try:
            return BatchingEngine(loaded, capacity, heart, on_death), capacity.context
        except Exception:  # noqa: BLE001 - a model that cannot be batched is served in turns instead
            loaded.model.set_attn_implementation("sdpa")
    return SteppingEngine(Continuing(loaded).begin, heart), loaded.context
