"""Short references that a person can read out and an operator can find in the log."""

import secrets

# no vowels (no words by accident), nothing that looks like something else
ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"
_NOTE = "__rostrum_reference__"


def new_reference(length: int = 7) -> str:
    """Return a random reference such as `K7Q2MXB`."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def refer(error: BaseException, reference: str) -> None:
    """Give `error` a reference: that of the failure that it repeats."""
    setattr(error, _NOTE, reference)


def reference_of(error: BaseException) -> str:
    """Return the reference of `error`: the same one wherever it is told."""
    known: str | None = getattr(error, _NOTE, None)
    if known is None:
        known = new_reference()
        setattr(error, _NOTE, known)
    return known
