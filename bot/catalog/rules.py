"""What follows from a card by itself: where it runs, who receives the text, what is missing before it can be used."""

import ipaddress
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from bot.catalog.types import ModelCard, Training, Where

LOCAL = "local"


class LackKind(StrEnum):
    """What is missing: a key, leave to fetch weights, or the operator's word that conditions are met."""

    KEY = "key"
    GATE = "gate"
    ATTESTATION = "attestation"


@dataclass(frozen=True, slots=True)
class Lack:
    """What must be done before a model can be used; `text` is a sentence for whoever runs the bot."""

    kind: LackKind
    name: str
    text: str


def where_of(card: ModelCard) -> Where:
    """Say where a model runs."""
    if card.backend == LOCAL:
        return Where.WORKER
    is_here = card.address and is_loopback(card.address) and not card.is_passed_on
    return Where.MACHINE if is_here else Where.ELSEWHERE


def is_loopback(address: str) -> bool:
    """Tell whether an address is on this machine."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def receiver_of(card: ModelCard) -> str:
    """Name who receives what is asked; empty when it stays on this machine."""
    if where_of(card) is not Where.ELSEWHERE:
        return ""
    if card.is_passed_on:
        return f"{card.maker} by way of {card.provider}" if card.provider not in {"", card.maker} else card.maker
    return card.provider or urlsplit(card.address).hostname or card.maker


def lacks(card: ModelCard, key: Callable[[str], str | None], attested: Collection[str]) -> tuple[Lack, ...]:
    """Say what the settings lack for a model; `key` looks a key up (`Settings.key`), `attested` is what was attested.

    Empty means that nothing in the settings stands in the way; whether the other side answers is another question.
    """
    found: list[Lack] = []
    if card.key_setting and key(card.key_setting) is None:
        if card.gated:
            text = f"weights are gated: accept the licence at {card.licence_url} and set {card.key_setting}"
            found.append(Lack(LackKind.GATE, card.key_setting, text))
        else:
            found.append(Lack(LackKind.KEY, card.key_setting, f"set {card.key_setting}"))
    if card.attest and card.attest not in attested:
        what = card.attestation or (
            f"{card.provider or card.maker} does not train on what is sent"
            if card.training is Training.YES
            else "its conditions are met"
        )
        text = f'attest that {what}: add "{card.attest}" to ROSTRUM_ATTESTED'
        found.append(Lack(LackKind.ATTESTATION, card.attest, text))
    return tuple(found)
