"""What goes wrong in the child, by kind, so that the parent knows what to tell and whether to try again."""

import errno

from bot.errors import Trouble

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FULL_WORDS = ("no space left", "file too large", "quota exceeded", "os error 28", "os error 27", "os error 122")
_MEMORY_WORDS = (
    "not enough memory",
    "out of memory",
    "bad_alloc",
    "cannot allocate memory",
    "can't allocate memory",
    # what oneDNN says when it gets no memory
    "could not create a primitive",
    # what Python says when there is none for a thread's stack
    "can't start new thread",
)


class WorkerError(Exception):
    """The model cannot be loaded or cannot answer; the text is one line for the operator."""

    def __init__(self, trouble: Trouble, text: str) -> None:
        super().__init__(text)
        self.trouble = trouble


def is_full_disk(error: BaseException) -> bool:
    """Whether `error` says that a disk or a quota is full, however a library wraps it."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return True
    words = str(error).lower()
    return any(word in words for word in _FULL_WORDS)


def is_no_memory(error: BaseException) -> bool:
    """Whether `error` says that memory ran out, of the machine or of the accelerator."""
    if isinstance(error, MemoryError):
        return True
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return True
    return is_no_memory_text(str(error))


def is_no_memory_text(text: str) -> bool:
    """Whether the words of an error say that memory ran out."""
    words = text.lower()
    return any(word in words for word in _MEMORY_WORDS)


def as_worker_error(error: BaseException) -> WorkerError:
    """Return `error` with its kind; what is not known is the weights' or the library's fault."""
    if isinstance(error, WorkerError):
        return error
    line = f"{type(error).__name__}: {error}".splitlines()[0][:300]
    if is_full_disk(error):
        return WorkerError(Trouble.NO_DISK, line)
    if is_no_memory(error):
        return WorkerError(Trouble.NO_MEMORY, line)
    # a library that is missing, or is being installed just now
    kind = Trouble.NOT_CONFIGURED if isinstance(error, ImportError) else Trouble.WEIGHTS
    return WorkerError(kind, line)
