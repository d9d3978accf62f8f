"""What a driver may meet while it writes, sorted by what can be done about it."""


class AwayError(Exception):
    """The database cannot be had just now; `in_doubt` when what was sent may have been stored nevertheless."""

    def __init__(self, reason: str, *, in_doubt: bool) -> None:
        super().__init__(reason)
        self.in_doubt = in_doubt


class UnwritableError(Exception):
    """The database is there and takes nothing from anybody: full, read-only or damaged. Nothing was stored."""


class RejectedError(Exception):
    """The database did not take this one; says what kind of error it was, but never a value that was to be stored."""
