"""What a text and an answer amount to: tokens as far as they can be estimated, money in whole millionths."""

import math
from decimal import ROUND_UP, Decimal

from bot.backends.base import Backend
from bot.catalog import Where

_MICROS = Decimal(1_000_000)
_LETTERS_A_TOKEN = 3.5


def tokens_in(text: str) -> int:
    """Estimate how many tokens a text takes: on the high side, as no tokenizer of another maker is here to ask."""
    return math.ceil(weight(text))


def weight(text: str) -> float:
    """Estimate the same for a piece of a text, to be summed up."""
    plain = len(text) if text.isascii() else sum(1 for letter in text if letter.isascii())
    return plain / _LETTERS_A_TOKEN + (len(text) - plain)


def price_of(backend: Backend, read: int, written: int) -> Decimal | None:
    """Return what so many tokens cost in US dollars: nothing on this machine, None where no price is known."""
    if backend.where is not Where.ELSEWHERE:
        return Decimal(0)
    price = backend.card.price
    return price.cost(read, written) if price else None


def micros(cost: Decimal | None) -> int | None:
    """Return US dollars as whole millionths, rounded up; None stays None."""
    return None if cost is None else int((cost * _MICROS).to_integral_value(ROUND_UP))


def dollars(amount: int | None) -> Decimal | None:
    """Return whole millionths as US dollars; None stays None."""
    return None if amount is None else Decimal(amount) / _MICROS
