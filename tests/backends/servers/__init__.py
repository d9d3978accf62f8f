"""Servers of models, on loopback, that speak the real protocols and do what a test tells them.

    async with ModelServer.openai(key="sk-test") as server:
        server.will(Say("Hel", "lo"), Refuse(429, headers={"retry-after": "3"}), Say("Hi", ending="cut"))
        backend = OpenAIBackend(card_of(server), "sk-test", client)
        ...
        assert server.requests[0].body["max_tokens"] == 512

What is not planned is answered with the question's own words (`Echo`). They refuse what the real ones refuse: a wrong
key, a model they do not have, bodies that lack what they need. `server.running` counts answers being given right now.
"""

from tests.backends.servers.plans import Echo, Plan, Raw, Refuse, Say
from tests.backends.servers.server import ModelServer, Seen, card_of, until

__all__ = ["Echo", "ModelServer", "Plan", "Raw", "Refuse", "Say", "Seen", "card_of", "until"]
