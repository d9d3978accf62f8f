"""Fetches weights from a hub: by a child of its own, since workers have no network, and only when somebody says so."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

from bot.backends.base import Notice
from bot.backends.frames import FrameError
from bot.backends.local import messages, words
from bot.backends.local.child import Child, fetching_environment
from bot.backends.local.options import LocalOptions
from bot.backends.local.weights import is_folder, missing_modules
from bot.catalog import ModelCard
from bot.errors import Trouble


async def fetch(card: ModelCard, options: LocalOptions, token: str | None = None) -> AsyncGenerator[Notice]:
    """Fetch the weights of `card` into the folder of models, telling how far it is; `token` is for gated ones.

    What was fetched before is not fetched again. Closing the generator stops it.

    Raises:
        ModelError: they could not be fetched; `detail` says why.
    """
    if missing_modules(options):
        raise words.trouble(card, Trouble.NOT_CONFIGURED, words.INSTALL)
    if is_folder(card):
        raise words.trouble(card, Trouble.WEIGHTS, f"{card.model} is a folder; put the weights there")
    try:
        child = await Child.start(options, partial(fetching_environment, token=token))
    except OSError as error:
        raise words.trouble(card, Trouble.WORKER_DIED, f"it cannot be started: {type(error).__name__}") from None
    try:
        weights = {"kind": "hub", "name": card.model}
        child.send({"do": "download", "weights": weights, "cache": str(options.models_dir.resolve())})
        async with aclosing(_told(card, child)) as notices:
            async for notice in notices:
                yield notice
    finally:
        await child.end(0)


async def _told(card: ModelCard, child: Child) -> AsyncGenerator[Notice]:
    try:
        async with aclosing(child.frames()) as frames:
            async for frame in frames:
                match messages.read(frame):
                    case messages.Progress(what, done, of):
                        yield Notice(words.doing(card, what, done / of if of > 0 else None))
                    case messages.Downloaded():
                        return
                    case messages.Failed(_, kind, text):
                        raise words.trouble(card, messages.trouble_of(kind), text)
                    case _:
                        pass
    except FrameError as error:
        raise words.trouble(card, Trouble.MALFORMED, str(error)) from None
    raise words.trouble(card, Trouble.WORKER_DIED, await child.how_it_died())
