"""The contract's subject for what is reached over HTTP."""

from collections.abc import Sequence

import httpx

from bot.backends.base import Backend, Egress
from bot.backends.remote import RemoteBackend
from bot.catalog import Openness
from bot.errors import Trouble
from tests.backends.contract import Subject
from tests.backends.rigs import KEY
from tests.backends.servers import ModelServer, Refuse, Say, card_of


def remote_subject(kind: type[RemoteBackend], server: ModelServer, client: httpx.AsyncClient) -> Subject:
    """Return a subject whose other end is `server`."""

    def backend(**card: object) -> Backend:
        return kind(card_of(server, **card), KEY, client)

    def will_say(pieces: Sequence[str]) -> None:
        server.will(Say(*pieces))

    def will_stall() -> None:
        server.will(Say("It begins", ending="stall"))

    def will_fail() -> Trouble:
        server.will(Refuse(529))
        return Trouble.OVERLOADED

    def will_break() -> Trouble:
        server.will(Say("It begins", ending="cut"))
        return Trouble.CUT_OFF

    return Subject(
        backend(),
        forbidden=[
            (backend(), Egress(open_only=True)),
            (backend(openness=Openness.RESTRICTED), Egress(open_only=True)),
            (backend(openness=Openness.OPEN, address="http://models.example/v1"), Egress(stays_here=True)),
            (backend(address="http://models.example/v1"), Egress(open_only=True, stays_here=True)),
        ],
        sent=lambda: len([seen for seen in server.requests if seen.method == "POST"]),
        running=lambda: server.running,
        will_say=will_say,
        will_stall=will_stall,
        will_fail=will_fail,
        will_break=will_break,
        echoes=True,
        secret=KEY,
    )
