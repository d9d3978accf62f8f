"""What a server sets for models: kept on both databases, checked, and read as an egress policy."""

import pytest

from bot.backends.base import Egress
from bot.clock import utc_now
from bot.db.session import Database
from bot.errors import InvalidInputError
from bot.guilds.rules import LONGEST_BLOCKED, MOST_BLOCKED, check_models
from bot.guilds.service import GuildService
from bot.guilds.types import ModelSettings, Purpose

GUILD = 71


async def test_settings_of_models_outlive_a_restart_and_leave_the_others_alone(database: Database) -> None:
    guilds = GuildService(database, utc_now, "UTC")
    await guilds.set_locale(GUILD, "Europe/Berlin", "de")
    await guilds.set_channel(GUILD, "log", 5)
    chosen = ModelSettings(
        open_only=True,
        stays_here=True,
        asks_private=True,
        model="any-open",
        blocked_words=("secret plan", "Wört"),
        moderation=40,
    )
    assert (await guilds.set_models(GUILD, chosen)).models == chosen
    again = GuildService(database, utc_now, "UTC")
    await again.start()
    found = again.peek(GUILD)
    assert found.models == chosen
    assert (found.time_zone, found.language, found.channel(Purpose.LOG)) == ("Europe/Berlin", "de", 5)
    await again.set_locale(GUILD, "", "en")
    assert (await again.get(GUILD)).models == chosen
    assert (await again.set_models(GUILD, ModelSettings())).models == ModelSettings()


def test_the_policy_says_what_may_leave() -> None:
    assert ModelSettings(stays_here=True).egress == Egress(open_only=False, stays_here=True)
    assert ModelSettings().egress == Egress()


def test_blocked_words_are_trimmed_and_kept_once() -> None:
    assert check_models(ModelSettings(blocked_words=(" a  b ", "a b", "", "  "))).blocked_words == ("a b",)


@pytest.mark.parametrize(
    ("models", "field"),
    [
        (ModelSettings(blocked_words=tuple(f"w{n}" for n in range(MOST_BLOCKED + 1))), "blocked_words"),
        (ModelSettings(blocked_words=("x" * (LONGEST_BLOCKED + 1),)), "blocked_words"),
        (ModelSettings(moderation=0), "moderation"),
        (ModelSettings(moderation=101), "moderation"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_field(models: ModelSettings, field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check_models(models)
    assert caught.value.field == field


def test_the_bounds_themselves_fit() -> None:
    words = tuple(f"{n:0{LONGEST_BLOCKED}}" for n in range(MOST_BLOCKED))
    assert check_models(ModelSettings(blocked_words=words, moderation=100)).blocked_words == words
