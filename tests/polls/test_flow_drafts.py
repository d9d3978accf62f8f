"""Writing a poll: the form, mistakes that are given back, the preview, the rules, posting; with restarts in between."""

from typing import Any

from sqlalchemy import text

from bot.polls.templates import templates
from bot.polls.types import Actor
from sandbox.driver import Modal, Person, Stage
from tests.support.poll_flow import (
    PLACE,
    TYPED,
    Breaks,
    breaks_at,
    form,
    opens,
    people,
    put_up,
    receipt,
    restart,
    set_rules,
    shows,
    write,
)
from tests.support.running import Rostrum


def filled(modal: Modal) -> dict[str, Any]:
    """What a form opens with, by custom_id."""
    found: dict[str, Any] = {}
    for field in modal.fields.values():
        options = [option["value"] for option in field.get("options", []) if option.get("default")]
        chosen = options or [one["id"] for one in field.get("default_values", [])]
        found[field["custom_id"]] = field.get("value") or chosen
    return found


async def test_the_form_asks_for_five_things(ada: Person) -> None:
    modal = await form(ada)
    assert list(modal.fields) == ["Question", "Options", "Kind", "Closes", "Settings"]
    assert [option["label"] for option in modal.fields["Kind"]["options"]] == [
        "Single choice",
        "Multiple choice",
        "Approval",
        "Score",
        "Ranked",
    ]
    assert all(option["description"] for option in modal.fields["Kind"]["options"])
    assert "UTC" in modal.fields["Closes"]["placeholder"]


async def test_templates_fill_the_form(ada: Person) -> None:
    offered = await ada.autocomplete(PLACE, "poll create", "template", "")
    assert len(offered) == len(templates())
    narrowed = await ada.autocomplete(PLACE, "poll create", "template", "LICENCES")
    assert [one["value"] for one in narrowed] == ["acceptable"]
    for one in templates():
        modal = await (await ada.slash(PLACE, "poll create", template=one.key)).opened()
        assert filled(modal)["question"] == one.question
        assert filled(modal)["kind"] == [one.kind.value]
        assert "Preview" in (await (await modal.submit({})).message()).text
    refused = await (await ada.slash(PLACE, "poll create", template="nonsense")).message()
    assert "There is no template “nonsense”" in refused.text


@breaks_at("nowhere", "mistaken", "again")
async def test_what_does_not_fit_is_given_back(ada: Person, breaks: Breaks) -> None:
    await breaks("nowhere")
    question = "```Which``` *models*? \N{ZERO WIDTH JOINER}"
    mistake = await write(ada, question=question, closes="someday", kind="Approval", settings=["voted", "remind"])
    assert mistake.ephemeral
    assert "“someday” is not a time I can read" in mistake.text
    assert "Closes ← here" in mistake.text
    assert "Open\nClosed\nHybrid" in mistake.text
    await breaks("mistaken")
    modal = await (await ada.click(mistake, "Try again")).opened()
    typed = {**TYPED, "question": question, "closes": "someday"}
    assert filled(modal) == {**typed, "kind": ["approval"], "settings": ["voted", "remind"]}
    again = await (await modal.submit(closes="in 1 hour", options="Only one")).message()
    assert again.id == mistake.id, "the mistake is replaced, not repeated"
    assert "1 option" in again.text
    await breaks("again")
    modal = await (await ada.click(again, "Try again")).opened()
    preview = await (await modal.submit(options="One\nTwo")).message()
    assert "Preview" in preview.text
    assert "**Approval**" in preview.text


@breaks_at("nowhere", "written", "mistaken", "edited")
async def test_a_draft_is_edited_and_discarded(ada: Person, breaks: Breaks) -> None:
    await breaks("nowhere")
    preview = await write(ada, kind="Score", settings=["public", "always"])
    await breaks("written")
    modal = await opens(ada, preview, "Edit")
    first = filled(modal)
    assert first["options"] == TYPED["options"]
    assert (first["kind"], first["settings"]) == (["score"], ["public", "always"])
    mistake = await (await modal.submit(question="Better?", options="One")).message()
    assert mistake.id == preview.id
    await breaks("mistaken")
    modal = await (await ada.click(mistake, "Try again")).opened()
    assert filled(modal) == {**first, "question": "Better?", "options": "One"}
    edited = await (await modal.submit(options="One\nTwo")).message()
    assert (edited.id, "Better?" in edited.text) == (preview.id, True)
    await breaks("edited")
    gone = await (await ada.click(edited, "Discard")).message()
    assert "Discarded" in gone.text
    assert gone.buttons == []
    listed = await (await ada.slash(PLACE, "poll list")).message()
    assert "There is none right now" in listed.text


@breaks_at("nowhere", "mistaken", "ruled")
async def test_the_rules_say_who_may_vote(ada: Person, stage: Stage, breaks: Breaks) -> None:
    await breaks("nowhere")
    preview = await write(ada)
    mistake = await set_rules(ada, preview, roles=["Moderator"], days="soon", quorum="5")
    assert "“soon” is no whole number" in mistake.text
    await breaks("mistaken")
    modal = await opens(ada, mistake, "Try again")
    ben, chika = await people(stage, "Ben", "Chika")
    assert filled(modal)["days"] == "soon"
    assert filled(modal)["quorum"] == "5"
    assert len(filled(modal)["roles"]) == 1
    preview = await (await modal.submit(days="")).message()
    assert "May vote: only with the role <@&" in preview.text
    assert "Quorum: 5 votes." in preview.text
    await breaks("ruled")
    card = await put_up(ada, preview)
    assert "only with the role" in card.text
    refused = await receipt(chika, card, "Open")
    assert "This poll is for members with a role" in refused.text
    assert "<@&" in refused.text
    assert "Vote counted" in (await receipt(ben, card, "Open")).text


async def test_a_poll_opened_before_a_crash_is_posted_after_it(ada: Person, stage: Stage, rostrum: Rostrum) -> None:
    preview = await write(ada)
    place = await ada.place(PLACE)
    await rostrum.app.polls.open(1, Actor(int(place.guild_id or 0), int(ada.id), is_moderator=False))
    await restart(rostrum, stage)
    card = await ada.wait_message(PLACE, "closes <t:", where=lambda seen: not seen.ephemeral)
    assert "Vote counted" in (await receipt(ada, card, "Open")).text
    assert "posted already" in (await (await ada.click(preview, "Post")).message()).text


async def test_a_card_posted_before_a_crash_is_found_after_it(ada: Person, stage: Stage, rostrum: Rostrum) -> None:
    card = await put_up(ada, await write(ada))
    await ada.post(PLACE, "Something else")
    async with rostrum.app.database.write() as connection:
        await connection.execute(text("UPDATE polls SET message_id = NULL"))
    await restart(rostrum, stage)
    await receipt(ada, card, "Open")
    await shows(ada, card, "**1 vote**")
    assert [seen.id for seen in await ada.see(PLACE) if "closes <t:" in seen.text and not seen.ephemeral] == [card.id]


async def test_a_poll_goes_to_the_servers_channel_for_polls(ada: Person, rostrum: Rostrum) -> None:
    place, other = await ada.place(PLACE), await ada.place("#general")
    await rostrum.app.guilds.set_channel(int(place.guild_id or 0), "polls", int(other.id))
    preview = await write(ada)
    assert f"<#{other.id}>" in preview.text
    posted = await (await ada.click(preview, "Post")).message()
    assert f"in <#{other.id}>" in posted.text
    card = await ada.wait_message("#general", "closes <t:")
    assert "Vote counted" in (await receipt(ada, card, "Open")).text


async def test_where_the_bot_may_not_post_nobody_needs_to_write(ada: Person, rostrum: Rostrum) -> None:
    place = await ada.place(PLACE)
    await rostrum.app.guilds.set_channel(int(place.guild_id or 0), "polls", 1 << 60)
    preview = await write(ada)
    failed = await (await ada.click(preview, "Post")).message()
    assert "That did not work" in failed.text
    await rostrum.app.guilds.set_channel(int(place.guild_id or 0), "polls", int(place.id))
    edited = await (await (await opens(ada, preview, "Edit")).submit({})).message()
    assert "Posted" in (await (await ada.click(edited, "Post")).message()).text, "it is a draft again"
