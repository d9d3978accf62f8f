"""What `rostrum models` does: looks at the models as the bot would, asks them, fetches weights."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from bot.backends.listing import Line, lines_of, probe_all
from bot.backends.registry import Registry
from bot.catalog import LackKind, lacks, load_catalog
from bot.clock import utc_now
from bot.config import Settings
from bot.errors import ModelError, StartError


async def look(settings: Settings, typed: str = "", *, probe: bool = False) -> list[Line]:
    """Return the models that fit what was typed, each with how it is; with `probe` the other sides are asked.

    Raises:
        StartError: none fits, or a setting does not.
    """
    catalog = load_catalog(settings.models_file)
    cards = catalog.find(typed)
    if not cards:
        raise StartError(f"no model fits {typed!r}; `rostrum models` lists all")
    registry = Registry(catalog, settings, utc_now)
    try:
        health = dict(registry.health())
        if probe:
            keys = {card.key for card in cards}
            health |= await probe_all([backend for backend in registry.backends() if backend.card.key in keys])
    finally:
        await registry.close()
    return lines_of(cards, health)


async def fetch_weights(settings: Settings, key: str) -> AsyncGenerator[str]:
    """Fetch a model's weights from the hub; yields what is new to tell.

    Raises:
        StartError: there is no such model on this machine, or its weights could not be fetched.
    """
    from bot.backends.local import LocalOptions, fetch  # noqa: PLC0415 - whoever only looks needs none of it

    card = load_catalog(settings.models_file).get(key)
    if card is None or card.backend != "local":
        raise StartError(f"--fetch: no model on this machine has the key {key!r}; `rostrum models` lists them")
    for lack in lacks(card, settings.key, settings.attestations):
        if lack.kind is LackKind.GATE:
            raise StartError(f"{card.name}: {lack.text}")
    before = ""
    notices = fetch(card, LocalOptions(models_dir=settings.models_folder), settings.key("HF_TOKEN"))
    try:
        async with aclosing(notices):
            async for notice in notices:
                if notice.text != before:
                    yield notice.text
                before = notice.text
    except ModelError as error:
        raise StartError(f"{card.name}: {error.detail or error}") from error
    yield f"{card.name} is here; `rostrum models {card.key}` says how it is."
