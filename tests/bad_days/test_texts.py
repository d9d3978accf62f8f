"""Texts and closing times that nobody should type, typed: each is taken as it can be, or refused in words that help."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from sandbox.driver import Modal, Person, SeenMessage, Stage
from sandbox.driver.seen import walk
from sandbox.model import Overwrite
from sandbox.permissions import P
from sandbox.server import Server
from tests.support.ahead import Ahead
from tests.support.poll_flow import PLACE, TYPED, close, form, people, post, receipt, shows

ARABIC = "أي نموذج نستخدم؟"
TEXT_INPUT = 4


def boundless(server: Server, modal: Modal) -> None:
    """Let a form take texts of any length, as a client of somebody's own would."""
    stored = server.world.interactions[int(modal.response.id)].modal
    assert stored is not None
    for raw in (stored, modal.raw):
        for part in walk(raw["components"]):
            if part["type"] == TEXT_INPUT:
                part.update(min_length=0, max_length=4000, required=False)


async def typed(person: Person, server: Server, **texts: str) -> SeenMessage:
    """Send the form with texts that the form itself would not take."""
    modal = await form(person)
    boundless(server, modal)
    return await (await modal.submit({**TYPED, **texts})).message()


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        ({"question": ""}, "Please write a question"),
        ({"question": " \t "}, "Please write a question"),
        ({"question": "\u200b\u2060\ufeff"}, "Please write a question"),
        ({"question": "q" * 4000}, "4000 characters; 300 fit. Please shorten it"),
        ({"options": ""}, "There are 0 options; a poll has 2 to 25"),
        ({"options": "\u200b\n \n\u3164"}, "There are 0 options"),
        ({"options": "o" * 4000}, "There is 1 option"),
        ({"options": "o" * 1999 + "\n" + "p" * 2000}, "has 1999 characters; 80 fit. Please shorten it"),
        ({"options": "\n".join(map(str, range(26)))}, "There are 26 options; a poll has 2 to 25"),
        ({"options": "Yes\nNo\nYes"}, "“Yes” is there twice; options must differ"),
        ({"options": "Yes\nNo\nyES"}, "“yES” is there twice"),
        ({"options": "caf\u00e9\ncafe\u0301"}, "is there twice"),
        ({"options": "Yes\nY\u200bes"}, "“Yes” is there twice"),
        ({"closes": ""}, "is not a time I can read. Write it like “in 3 days”"),
        ({"closes": "x" * 4000}, "is not a time I can read. Write it like “in 3 days”"),
        ({"closes": "when pigs fly"}, "“when pigs fly” is not a time I can read"),
        ({"closes": "2020-01-01 12:00"}, "already passed. Please choose a later one"),
        ({"closes": "in 3 seconds"}, "at least one minute"),
        ({"closes": "in 2 years"}, "within 400 days. Please choose an earlier time"),
    ],
)
async def test_what_does_not_fit_says_what_to_do(ada: Person, server: Server, texts: dict[str, str], says: str) -> None:
    refused = await typed(ada, server, **texts)
    assert refused.ephemeral
    assert says in refused.text, refused.text
    assert "Nothing was changed. “Try again” opens the form" in refused.text
    modal = await (await ada.click(refused, "Try again")).opened()
    assert "Preview" in (await (await modal.submit(TYPED)).message()).text


async def test_a_form_may_be_four_thousand_characters_long(ada: Person, server: Server) -> None:
    blanks = "\n" * (4000 - len("Yes\nNo"))
    preview = await typed(ada, server, options=f"Yes{blanks}\nNo"[:4000].replace("\n\n", "\n \n", 3)[:3997] + "\nNo")
    assert "Preview" in preview.text
    assert "1. Yes\n2. No" in preview.text


async def test_texts_from_right_to_left_stay_in_their_place(ada: Person) -> None:
    card = await post(ada, question=f"{ARABIC} \u202eabc", options=f"{ARABIC}\nעברית\n\u200fplain\u200f\nA\u200bB")
    assert ARABIC in card.text
    assert not {"\u202e", "\u200f"} & set(card.text), "what turns its surroundings around is left out"
    assert [button.label for button in card.buttons][2:4] == ["plain", "AB"]
    assert card.text.count("\u2068") == card.text.count("\u2069") > 0, "each is isolated, and ends"
    assert "Vote counted" in (await receipt(ada, card, ARABIC)).text
    await shows(ada, card, "**1 vote**")
    result = await close(ada, card)
    assert "1 vote · 100 %" in result.text
    assert ARABIC in result.alternative_texts[0]


@pytest.mark.parametrize("kind", ["Single choice", "Approval"])
async def test_nobody_is_pinged_by_a_poll(ada: Person, stage: Stage, server: Server, kind: str) -> None:
    """Though the bot might mention everybody, and the role may be mentioned by all."""
    bot_id = next(iter(server.world.applications.values())).user_id
    channel = server.world.channels[int((await ada.place(PLACE)).id)]
    channel.overwrites.append(Overwrite(id=bot_id, type=1, allow=int(P.MENTION_EVERYONE)))
    (ben,) = await people(stage, "Ben")
    role = next(role for role in server.world.roles.values() if role.mentionable)
    everybody = f"@everyone\n@here\n<@{ben.id}>\n<@&{role.id}>\n<@!{ben.id}> @Ben"
    card = await post(ada, question=f"{everybody} ?".replace("\n", " "), options=everybody, kind=kind)
    if kind == "Single choice":
        await receipt(ben, card, card.buttons[2].custom_id)
        await shows(ada, card, "**1 vote**")
    await (await ada.slash(PLACE, "poll list")).done()
    panel = await receipt(ada, card, "Manage")
    asked = await (await ada.click(panel, "Delete")).message()
    await (await ada.click(asked, "Keep it")).done()
    await close(ada, card)
    bots = [seen for seen in server.world.messages[channel.id].values() if seen.author_id == bot_id]
    assert len(bots) >= 5
    for message in bots:
        assert (message.mentions, message.mention_roles, message.mention_everyone) == ([], [], False)


@pytest.mark.parametrize(
    ("zone", "now", "closes", "there", "back"),
    [
        # the hour is left out: the first moment after it
        ("Europe/Berlin", "2027-03-27 12:00", "tomorrow 2:30", "2027-03-28T03:00+02:00", "2027-03-28 03:00"),
        # the hour comes twice: the first, and "in 24 hours" may mean the second, written so that it is read back
        ("Europe/Berlin", "2027-10-30 12:00", "tomorrow 2:30", "2027-10-31T02:30+02:00", "2027-10-31 02:30"),
        ("Europe/Berlin", "2027-10-30 03:30", "in 24 hours", "2027-10-31T02:30+01:00", "<t:"),
        ("Europe/Berlin", "2027-03-27 12:00", "in 1 year", "2028-03-27T12:00+02:00", "2028-03-27 12:00"),
    ],
)
async def test_a_deadline_where_clocks_change(
    ada: Person, ahead: Ahead, zone: str, now: str, closes: str, there: str, back: str
) -> None:
    modal = await (await (await ada.click(await setup(ada), "Time and language")).opened()).submit({"zone": zone})
    await modal.done()
    begin = datetime.fromisoformat(now).replace(tzinfo=ZoneInfo(zone))
    ahead.by = begin.astimezone(UTC) - datetime.now(UTC)
    card = await post(ada, closes=closes)
    at = int(datetime.fromisoformat(there).timestamp())
    shown = int(card.text.partition("closes <t:")[2].partition(":")[0])
    assert abs(shown - at) < 60
    panel = await receipt(ada, card, "Manage")
    modal = await (await ada.click(panel, "Edit")).opened()
    assert modal.fields["Closes"]["value"].startswith(back)
    await (await modal.submit(question="Another?")).done()
    assert f"closes <t:{shown}:" in (await shows(ada, card, "Another?")).text, "the time was left as it stood"


async def setup(person: Person) -> SeenMessage:
    return await (await person.slash(PLACE, "server setup")).message()
