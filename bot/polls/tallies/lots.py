"""The lot: in which order options win ties, drawn before anybody votes and the same for everybody who repeats it."""

import hashlib
from collections.abc import Sequence


def lots(seed: bytes, options: Sequence[str]) -> tuple[int, ...]:
    """Return the positions of options in the order in which they win ties: the first wins every one.

    They are sorted by SHA-256 of the seed, a zero byte and the option's text in UTF-8, so that an option which is added
    later changes nothing between the others, and nobody can choose a text that wins without knowing the seed. Equal
    texts follow their position.
    """
    return tuple(sorted(range(len(options)), key=lambda place: _drawn(seed, options[place])))


def _drawn(seed: bytes, text: str) -> bytes:
    # half of a surrogate pair has no UTF-8; a file that was made elsewhere may hold one
    return hashlib.sha256(seed + b"\x00" + text.encode("utf-8", "surrogatepass")).digest()
