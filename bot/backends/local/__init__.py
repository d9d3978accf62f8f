"""Local models: child processes around the weights, started when asked, watched, and stopped when nobody does."""

from bot.backends.local.backend import LocalBackend
from bot.backends.local.fetching import fetch
from bot.backends.local.options import LocalOptions, Patience
from bot.backends.local.pool import WorkerPool

__all__ = ["LocalBackend", "LocalOptions", "Patience", "WorkerPool", "fetch"]
