"""What people read about local models: while they load, when they fail, and what to do then."""

from bot.catalog import ModelCard, Shape
from bot.errors import ModelError, Trouble

INSTALL = "install the extra: pip install 'rostrum[local]'"
ASLEEP = "asleep: starts with the first question"

_DOING = {
    "converting": "Preparing {name} for its first use",
    "downloading": "Fetching {name}",
}

_TEXTS = {
    Trouble.NOT_CONFIGURED: "{name} cannot run here yet: the parts for local models are not installed. "
    "Tell whoever runs the bot; meanwhile choose another model.",
    Trouble.WEIGHTS: "{name}'s weights are not on this machine or cannot be read. "
    "Tell whoever runs the bot; meanwhile choose another model.",
    Trouble.NO_MEMORY: "{name} needs more memory than the bot may use. "
    "Ask something shorter, or choose a smaller model.",
    Trouble.NO_DISK: "There is no room on the disk to prepare {name}. "
    "Tell whoever runs the bot; meanwhile choose another model.",
    Trouble.WORKER_DIED: "{name} stopped in the middle of its work. Try again in a moment.",
    Trouble.SILENT: "{name} took too long. Try again in a moment, or choose another model.",
    Trouble.BUSY: "Too many people ask {name} right now. Try again in a minute.",
    Trouble.TOO_LONG: "This is too long for {name}. Shorten it, or choose another model.",
    Trouble.UNFIT: "{name} cannot do this. Choose another model.",
    Trouble.EMPTY: "{name} had nothing to say to this. Put it in other words, or choose another model.",
    Trouble.NO_SUCH_MODEL: "{name} is not known to the hub that it should come from. "
    "Tell whoever runs the bot; meanwhile choose another model.",
    Trouble.UNREACHABLE: "{name}'s weights cannot be fetched: the hub cannot be reached. Try again later.",
}
_OTHERWISE = "{name} could not answer. Try again, or choose another model."


def starting(card: ModelCard) -> str:
    """Say that a worker is being started."""
    return f"Starting {card.name}"


def doing(card: ModelCard, what: str, share: float | None) -> str:
    """Say what a worker does before it is ready, and how far it is (0 to 1)."""
    text = _DOING.get(what, "Loading {name}").format(name=card.name)
    return text if share is None else f"{text} ({percent(share)})"


def percent(share: float) -> str:
    """Return a share from 0 to 1 as people write it."""
    return f"{round(100 * min(1.0, max(0.0, share)))} %"


def waiting(card: ModelCard) -> str:
    """Say that other models hold the memory."""
    return f"{card.name} waits until another model is done: there is not memory for both"


def again(card: ModelCard) -> str:
    """Say that a worker died and another takes over."""
    return f"{card.name} stopped and is being started again"


def trouble(card: ModelCard, kind: Trouble, detail: str = "") -> ModelError:
    """Return what to raise when a worker reports `kind`; `detail` is for the operator."""
    text = _TEXTS.get(kind, _OTHERWISE).format(name=card.name)
    return ModelError(kind, text, detail=" ".join(detail.split())[:200], model=card.key)


def empty(card: ModelCard) -> ModelError:
    """Return what to raise for an answer without a word in it."""
    if card.shape is not Shape.EXTRACTIVE:
        return trouble(card, Trouble.EMPTY)
    text = f"{card.name} found no answer in the text. Ask in other words, or choose a model that writes."
    return ModelError(Trouble.EMPTY, text, model=card.key)


def leave_alone(card: ModelCard, seconds: float, detail: str) -> ModelError:
    """Return what to raise for a model whose worker keeps dying."""
    minutes = max(1, round(seconds / 60))
    text = (
        f"{card.name} stopped several times in a row and gets a rest. "
        f"Try again in {minutes} min, or choose another model."
    )
    return ModelError(Trouble.WORKER_DIED, text, retry_after=seconds, detail=detail, model=card.key)


def stopping(card: ModelCard) -> ModelError:
    """Return what to raise when the bot goes down."""
    text = f"The bot is being restarted, so {card.name} could not finish. Try again in a minute."
    return ModelError(Trouble.WORKER_DIED, text, detail="the bot is stopping", model=card.key)


def too_large(card: ModelCard, need: int, allowed: int) -> ModelError:
    """Return what to raise for a model that does not fit into the memory that the operator allows."""
    detail = f"needs about {need} MB, local_memory_mb is {allowed}"
    return trouble(card, Trouble.NO_MEMORY, detail)
