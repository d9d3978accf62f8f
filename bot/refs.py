"""Short references that a person can read out and an operator can find in the log."""

import secrets

# no vowels (no words by accident), nothing that looks like something else
ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"


def new_reference(length: int = 7) -> str:
    """Return a random reference such as `K7Q2MXB`."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
