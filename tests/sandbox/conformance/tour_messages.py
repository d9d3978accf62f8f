"""The part of the tour through messages: sent, read, changed, pinned, reacted to, voted in, and by webhooks."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord import ui

from sandbox.polls import RESULT

if TYPE_CHECKING:
    from tests.sandbox.conformance.tour import Tour

_MESSAGES = "/channels/{channel_id}/messages"
_ONE = f"{_MESSAGES}/{{message_id}}"


class Everything(ui.LayoutView):
    """Every component that a message may hold, each once."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        self.add_item(ui.TextDisplay("# Heading"))
        self.add_item(ui.Section(ui.TextDisplay("beside"), accessory=ui.Thumbnail("https://a.example/t.png")))
        self.add_item(ui.MediaGallery(discord.MediaGalleryItem("https://a.example/chart.png")))
        self.add_item(ui.Separator(spacing=discord.SeparatorSpacing.large))
        self.add_item(ui.File("attachment://ballots.json"))
        self.add_item(ui.Container(ui.ActionRow(ui.Button(label="Vote", custom_id="vote"))))
        options = [discord.SelectOption(label="a"), discord.SelectOption(label="b")]
        self.add_item(ui.ActionRow(ui.Select(custom_id="choose", options=options)))
        for kind in (ui.UserSelect, ui.RoleSelect, ui.MentionableSelect, ui.ChannelSelect):
            self.add_item(ui.ActionRow(kind(custom_id=kind.__name__)))


async def writing(tour: Tour) -> None:
    call, general, ada = tour.call, tour.channel("general"), await tour.ada()
    sent = await call(f"POST {_MESSAGES}", general.send("hello"))
    await call(f"GET {_ONE}", general.fetch_message(sent.id))
    assert len(await call(f"GET {_MESSAGES}", general.history(limit=3))) == 3
    await call(f"PATCH {_ONE}", sent.edit(content="hello again"))
    ballots = discord.File(io.BytesIO(b"{}"), "ballots.json")
    await call(f"POST {_MESSAGES}", general.send(view=Everything(), file=ballots))
    await call("POST /channels/{channel_id}/typing", general.typing())
    await ada.typing("#general")
    await call(f"PUT {_MESSAGES}/pins/{{message_id}}", sent.pin())
    assert [one.id for one in await call(f"GET {_MESSAGES}/pins", general.pins())] == [sent.id]
    await call(f"DELETE {_MESSAGES}/pins/{{message_id}}", sent.unpin())
    news = await tour.channel("announcements").send("news")
    await call(f"POST {_ONE}/crosspost", news.publish())
    await call(f"DELETE {_ONE}", sent.delete())
    two = [await general.send("one"), await general.send("two")]
    await call(f"POST {_MESSAGES}/bulk-delete", general.delete_messages(two))


async def reacting(tour: Tour) -> None:
    call, general, ada = tour.call, tour.channel("general"), await tour.ada()
    reactions, one = f"{_ONE}/reactions", f"{_ONE}/reactions/{{emoji_name}}"
    message = await general.send("react")
    await call(f"PUT {one}/@me", message.add_reaction("✅"))
    seen = await ada.wait_message("#general", where=lambda shown: shown.id == str(message.id))
    await ada.react(seen, "✅")
    reaction = (await general.fetch_message(message.id)).reactions[0]
    assert len(await call(f"GET {one}", reaction.users())) == 2
    await call(f"DELETE {one}/@me", message.remove_reaction("✅", tour.client.user))
    await call(f"DELETE {one}/{{user_id}}", message.remove_reaction("✅", discord.Object(int(ada.id))))
    await message.add_reaction("✅")
    await call(f"DELETE {one}", message.clear_reaction("✅"))
    await call(f"DELETE {reactions}", message.clear_reactions())


async def voting(tour: Tour) -> None:
    call, general, ada = tour.call, tour.channel("general"), await tour.ada()
    poll = discord.Poll(question="Open?", duration=timedelta(hours=1)).add_answer(text="yes").add_answer(text="no")
    message = await general.send(poll=poll)
    seen = await ada.wait_message("#general", where=lambda shown: shown.id == str(message.id))
    await ada.vote(seen, ["yes"])
    await ada.vote(seen, ["no"])
    fetched = await general.fetch_message(message.id)
    answers = "/channels/{channel_id}/polls/{message_id}"
    assert len(await call(f"GET {answers}/answers/{{answer_id}}", fetched.poll.get_answer(2).voters())) == 1
    ended = await call(f"POST {answers}/expire", fetched.end_poll())
    assert not ended.poll.is_finalised()
    # counted a moment later, which the channel is told
    await ada.wait_message("#general", where=lambda shown: shown.raw["type"] == RESULT)
    counted = (await general.fetch_message(message.id)).poll
    assert counted.is_finalised()
    assert [answer.vote_count for answer in counted.answers] == [0, 1]
    await several_votes(tour)


async def several_votes(tour: Tour) -> None:
    general, ada = tour.channel("general"), await tour.ada()
    poll = discord.Poll(question="Which?", duration=timedelta(hours=768), multiple=True)
    for text in ("a" * 55, "b", "c"):
        poll.add_answer(text=text)
    message = await general.send(poll=poll)
    seen = await ada.wait_message("#general", where=lambda shown: shown.id == str(message.id))
    await ada.vote(seen, ["b", "c"])
    await ada.vote(seen, ["c"])
    counted = (await general.fetch_message(message.id)).poll
    assert [answer.vote_count for answer in counted.answers] == [0, 0, 1]
    with pytest.raises(discord.HTTPException):
        await message.edit(content="Which one?")


async def webhooks(tour: Tour) -> None:
    call, general, client = tour.call, tour.channel("general"), tour.client
    one, token = "/webhooks/{webhook_id}", "/webhooks/{webhook_id}/{webhook_token}"
    made = await call("POST /channels/{channel_id}/webhooks", general.create_webhook(name="Digest"))
    await call("GET /channels/{channel_id}/webhooks", general.webhooks())
    await call("GET /guilds/{guild_id}/webhooks", tour.guild.webhooks())
    fetched = await call(f"GET {one}", client.fetch_webhook(made.id))
    await call(f"GET {token}", made.fetch(prefer_auth=False))
    await call(f"PATCH {one}", fetched.edit(name="News"))
    await call(f"PATCH {token}", made.edit(name="Newer", prefer_auth=False))
    message: Any = await call(f"POST {token}", made.send("issue", wait=True, username="Editor"))
    await call(f"GET {token}/messages/{{message_id}}", made.fetch_message(message.id))
    await call(f"PATCH {token}/messages/{{message_id}}", message.edit(content="issue 1"))
    await call(f"DELETE {token}/messages/{{message_id}}", message.delete())
    await call(f"DELETE {token}", made.delete(prefer_auth=False))
    other = await general.create_webhook(name="Other")
    await call(f"DELETE {one}", other.delete())
