"""Weights from the hub: fetched when the environment allows it, else looked for among what was fetched before.

Files that came whole are not fetched again. A connection that breaks off is taken up where it was; a process that is
ended leaves the file that it was at, which is fetched anew.
"""

import importlib
import os
import shutil
import threading
from pathlib import Path
from typing import Any

from bot.backends.worker.converting import Progress, locked
from bot.backends.worker.memory import MIB
from bot.backends.worker.trouble import WorkerError, as_worker_error, is_full_disk
from bot.errors import Trouble

_WANTED = ["*.json", "*.safetensors", "*.model", "*.txt", "*.jinja"]
_UNWANTED = ["*/*", "consolidated*"]
"""Folders hold other forms of the same weights, and so do Mistral's files of that name: all would be fetched twice."""
_STEP = 0.01
_UNKNOWN = 401


def downloaded(name: str, cache: Path, progress: Progress) -> Path:
    """Return the directory of the hub's model `name`, fetched if the environment allows it.

    Raises:
        WorkerError: it is not in the cache, gated, not there, or the hub is out of reach.
    """
    hub: Any = importlib.import_module("huggingface_hub")
    is_offline = os.environ.get("HF_HUB_OFFLINE") == "1"
    place = cache / "hub"
    given = {"cache_dir": place, "allow_patterns": _WANTED, "ignore_patterns": _UNWANTED}
    try:
        if is_offline:
            found = Path(hub.snapshot_download(name, local_files_only=True, **given))
        else:
            place.mkdir(parents=True, exist_ok=True)
            folder = f"models--{name.replace('/', '--')}"
            with locked(place / f".{folder}.lock"):
                for leftover in (place / folder / "blobs").glob("*.incomplete"):
                    leftover.unlink()
                size = _size(hub, name, place / folder)
                progress("downloading", 0.0)
                found = Path(hub.snapshot_download(name, tqdm_class=_bars(progress, size), **given))
    except WorkerError:
        raise
    except Exception as error:
        raise _explained(name, error, is_offline=is_offline) from error
    if not any(found.glob("*.safetensors")) or not (found / "config.json").is_file():
        raise WorkerError(Trouble.WEIGHTS, f"{name} has no config.json with safetensors; other forms are not loaded")
    if not is_offline:
        progress("downloading", 1.0)
    return found


def _size(hub: Any, name: str, folder: Path) -> int:  # noqa: ANN401
    """Return how many bytes are to be fetched; 0 when the hub does not say, and why is found out by fetching.

    Raises:
        WorkerError: they are of no use, or there is no room for them.
    """
    try:
        entries: list[Any] = hub.HfApi().model_info(name, files_metadata=True).siblings or []
    except Exception:  # noqa: BLE001 - whatever it is, fetching fails of it too
        return 0
    files: dict[str, int] = {entry.rfilename: entry.size or 0 for entry in entries}
    wanted = list(hub.utils.filter_repo_objects(files, allow_patterns=_WANTED, ignore_patterns=_UNWANTED))
    if not any(path.endswith(".safetensors") for path in wanted):
        raise WorkerError(Trouble.WEIGHTS, f"{name} has no safetensors; other forms are not loaded")
    size = sum(files[path] for path in wanted if not any(folder.glob(f"snapshots/*/{path}")))
    free = shutil.disk_usage(folder.parent).free
    if size > free:
        text = f"the weights of {name} take {size // MIB} MB, and {folder.parent} has {free // MIB}"
        raise WorkerError(Trouble.NO_DISK, text)
    return size


def _explained(name: str, error: Exception, *, is_offline: bool) -> WorkerError:
    """Return what `error` means to whoever asked for the weights."""
    errors: Any = importlib.import_module("huggingface_hub.errors")
    transport: Any = importlib.import_module("httpx2").TransportError
    status = getattr(getattr(error, "response", None), "status_code", None)
    kind, text = None, ""
    if is_full_disk(error):
        kind, text = Trouble.NO_DISK, f"there is no room on the disk for the weights of {name}"
    elif isinstance(error, errors.GatedRepoError):
        who = "with the account that HF_TOKEN is of" if os.environ.get("HF_TOKEN") else "and set HF_TOKEN"
        kind, text = Trouble.WEIGHTS, f"{name} is gated: accept the licence on the model's page {who}"
    elif isinstance(error, (errors.RepositoryNotFoundError, errors.HFValidationError)):
        kind, text = Trouble.NO_SUCH_MODEL, f"the hub has no model {name}"
    elif isinstance(error, errors.LocalEntryNotFoundError) and is_offline:
        kind, text = Trouble.WEIGHTS, f"the weights of {name} are not on this machine yet"
    elif isinstance(error, errors.LocalEntryNotFoundError):
        kind, text = Trouble.UNREACHABLE, f"the hub cannot be reached to fetch {name}"
    elif isinstance(error, errors.HfHubHTTPError) and status == _UNKNOWN:
        kind, text = Trouble.KEY, "the hub does not know HF_TOKEN; make a new one and set it"
    elif isinstance(error, (errors.HfHubHTTPError, transport)):
        kind, text = Trouble.UNREACHABLE, f"the connection to the hub broke off while {name} was fetched"
    return as_worker_error(error) if kind is None else WorkerError(kind, text)


def _nothing(*_: object, **__: object) -> None:
    pass


def _bars(progress: Progress, size: int) -> type:
    """Return what the hub's library takes for a progress bar; of the several that it makes one counts bytes."""

    class Bar:
        def __init__(self, *_: object, **given: Any) -> None:
            self.total: float = given.get("total") or 0
            self.n: float = given.get("initial") or 0
            self.format_dict: dict[str, Any] = {"rate": None}
            self._counts = bool(size) and str(given.get("desc", "")).startswith("Reconstructing")
            self._lock = threading.Lock()
            self._told = 0.0

        def update(self, n: float | None = 1) -> None:
            with self._lock:
                self.n += n or 0
                done = self.n / size if self._counts else 0.0
                is_news = self._told + _STEP <= done < 1
                if is_news:
                    self._told = done
            if is_news:
                progress("downloading", done)

        def __enter__(self) -> "Bar":
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def __getattr__(self, name: str) -> Any:  # noqa: ANN401
            # refreshing, descriptions and closing: nobody looks at it
            return _nothing

    return Bar
