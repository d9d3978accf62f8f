"""What real clients send, damaged at random: refused or done, but never a failure of the stand-in or a hang."""

from __future__ import annotations

import asyncio
import logging
import os
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from sandbox.permissions import ALL, P
from sandbox.webhooks import create_webhook
from tests.sandbox.conformance.damage import RUBBISH, damaged
from tests.sandbox.conformance.tour import Recorded, name_of

if TYPE_CHECKING:
    from tests.sandbox.conformance.tour import Tour
    from tests.support.stand_in import Answer, Http

# more rounds and other seeds for those who look for something: ROSTRUM_DAMAGE="rounds seed"
ROUNDS, SEED = (int(part) for part in os.environ.get("ROSTRUM_DAMAGE", "12 1").split())
# what would end the stage that the others stand on
SPARED = ("DELETE /users/@me/guilds/{guild_id}",)


class Aim:
    """Things that are there now, for the ids in paths of calls that were made when other things were there."""

    def __init__(self, tour: Tour, chance: Random) -> None:
        self.tour, self.chance, self.world = tour, chance, tour.server.world

    def path(self, call: Recorded) -> str:
        """Return the path of a call with ids of things that are there, or now and then of none."""
        channel = self.chance.choice(
            [one for one in self.world.channels.values() if one.guild_id == self.tour.guild.id]
        )
        hook = self.chance.choice(list(self.world.webhooks.values()))
        known: dict[str, Any] = {
            "channel_id": channel.id,
            "message_id": self.some(self.world.messages[channel.id]),
            "guild_id": self.tour.guild.id,
            "application_id": self.tour.place.app.id,
            "user_id": self.some(self.world.members[self.tour.guild.id]),
            "role_id": self.some(self.world.guild_roles[self.tour.guild.id]),
            "overwrite_id": self.some(self.world.guild_roles[self.tour.guild.id]),
            "command_id": self.some(self.world.commands),
            "event_id": self.some(self.world.events),
            "webhook_id": hook.id,
            "webhook_token": hook.token,
        }
        if "webhook_id" in call.path and self.chance.random() < 0.5 and self.world.interactions:
            interaction = self.chance.choice(list(self.world.interactions.values()))
            known |= {"webhook_id": interaction.application_id, "webhook_token": interaction.token}
            known["message_id"] = self.chance.choice(("@original", known["message_id"]))
        if "interaction_id" in call.path:
            known |= self.interaction()
        steps = call.route.path
        for name, was in call.path.items():
            value = known.get(name, was) if self.chance.random() < 0.9 else self.chance.choice((was, *RUBBISH))
            steps = steps.replace(f"{{{name}}}", quote(str(value), safe="") or "%20")
        # longer lines are refused before the stand-in sees them
        return steps if len(steps) < 5_000 else self.path(call)

    def interaction(self) -> dict[str, Any]:
        """Begin an interaction of any type and return what its callback's path needs."""
        kind = self.chance.choice((2, 3, 4, 5))
        channel = self.chance.choice([one for one in self.world.channels.values() if self.world.messages[one.id]])
        message = self.chance.choice(list(self.world.messages[channel.id].values()))
        data = {"id": "1", "name": "unknown", "type": 1, "custom_id": "unknown", "component_type": 2, "components": []}
        begun = self.tour.server.interactions.begin(
            self.tour.place.app,
            channel,
            self.tour.place.user("Ada").id,
            kind,
            data,
            message=message if kind in {3, 5} else None,
            source=next(one for one in self.world.interactions.values() if one.type == 2) if kind == 5 else None,
            focused_type=self.chance.choice((3, 4, 10)) if kind == 4 else None,
        )
        return {"interaction_id": begun.id, "interaction_token": begun.token}

    def some(self, found: dict[int, Any]) -> int:
        return self.chance.choice(list(found)) if found else 1

    def query(self, call: Recorded) -> dict[str, str] | None:
        """Return the query of a call, sometimes damaged."""
        query = dict(call.query)
        if self.chance.random() < 0.3:
            names = ("limit", "before", "after", "around", "wait", "thread_id", "with_response", "with_counts", "query")
            query[self.chance.choice((*names, *query))] = str(self.chance.choice(RUBBISH))[:1_000]
        return query or None


async def send(http: Http, aim: Aim, call: Recorded, body: Any = ...) -> Answer:
    files = {f"files[{number}]": (file.filename, file.content) for number, file in enumerate(call.files)} or None
    if files and aim.chance.random() < 0.3:
        files = {
            f"{name}x": (quote(str(aim.chance.choice(RUBBISH))[:200]), content) for name, (_, content) in files.items()
        }
    async with asyncio.timeout(60):
        return await http.request(call.route.method, aim.path(call), json=body, files=files, params=aim.query(call))


def rebuild(tour: Tour) -> None:
    """Give the bot its rights back, and a channel with a webhook, for those that were there may be gone."""
    role = next((one for one in tour.server.world.guild_roles[tour.guild.id].values() if one.managed), None)
    assert role is not None
    role.permissions = int(ALL) & ~int(P.ADMINISTRATOR)
    channel = tour.place.build.channel(tour.place.guild, "here")
    create_webhook(tour.server.world, channel, tour.place.app.user_id, {"name": "Here"})


@pytest.fixture
def failures(caplog: pytest.LogCaptureFixture) -> Any:
    """Log records with a traceback."""
    caplog.set_level(logging.WARNING)
    return lambda: [
        record.getMessage() + (record.exc_text or "")
        for record in caplog.records
        if record.exc_info and record.name.startswith(("sandbox", "asyncio", "aiohttp"))
    ]


async def test_every_call(tour: Tour, http: Http, failures: Any) -> None:
    chance = Random(SEED)
    world = tour.server.world
    rebuild(tour)
    aim, calls = Aim(tour, chance), [call for call in tour.record.calls if name_of(call.route) not in SPARED]
    statuses: set[int] = set()
    for _ in range(ROUNDS):
        rebuild(tour)
        chance.shuffle(calls)
        for call in calls:
            if call.route.method == "DELETE" and chance.random() < 0.7:
                continue
            body = ... if call.body is None else damaged(call.body, chance, chance.choice((1, 1, 1, 2, 5)))
            answer = await send(http, aim, call, body)
            statuses.add(answer.status)
            assert answer.status < 500 or answer.status == 501, (name_of(call.route), body, answer)
            assert failures() == [], (name_of(call.route), body)
            if not world.webhooks:
                rebuild(tour)
    assert {200, 204, 400, 403, 404} <= statuses
    tour.server.unknown_routes.clear()
    complaints = [str(one) for one in tour.server.spec.violations] if tour.server.spec else []
    assert complaints == [], "the description refuses what was accepted"
