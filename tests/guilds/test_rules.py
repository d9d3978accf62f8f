"""Time zones as people write them."""

from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import InvalidInputError
from bot.guilds.places import ABBREVIATIONS, PLACES
from bot.guilds.rules import check_language, check_purpose, find_zone

KNOWN = available_timezones()


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("  europe/berlin ", "Europe/Berlin"),
        ("EUROPE/BERLIN", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("New-York", "America/New_York"),
        ("America/new york", "America/New_York"),
        ("Lord Howe", "Australia/Lord_Howe"),
        ("münchen", "Europe/Berlin"),
        ("Genève", "Europe/Zurich"),
        ("San Francisco", "America/Los_Angeles"),
        ("são paulo", "America/Sao_Paulo"),
        ("Port-au-Prince", "America/Port-au-Prince"),
        ("UTC", "UTC"),
        ("Buenos Aires", "America/Buenos_Aires"),
        ("Ｂｅｒｌｉｎ", "Europe/Berlin"),
    ],
)
def test_zones_by_the_names_people_know(typed: str, zone: str) -> None:
    assert find_zone(typed, KNOWN) == zone


@pytest.mark.parametrize("typed", ["+1", "UTC+2", "gmt -05:00", "utc+0530", "Etc/GMT+3", "Z+1", "−3", "GMT–3"])
def test_offsets_are_refused_with_the_reason(typed: str) -> None:
    with pytest.raises(InvalidInputError, match="summer time") as caught:
        find_zone(typed, KNOWN)
    assert caught.value.field == "zone"


@pytest.mark.parametrize(
    ("typed", "meant"), [("CEST", "Europe/Berlin"), ("pst", "America/Los_Angeles"), ("EST", "New")]
)
def test_halves_of_a_year_are_refused_with_a_city(typed: str, meant: str) -> None:
    with pytest.raises(InvalidInputError, match=meant):
        find_zone(typed, KNOWN)


@pytest.mark.parametrize(
    ("typed", "near"),
    [("Berlinn", "Europe/Berlin"), ("Europe/Berln", "Europe/Berlin"), ("Madird", "Europe/Madrid"),
     ("Munchenn", "Europe/Berlin")],
)  # fmt: skip
def test_what_comes_near_is_suggested(typed: str, near: str) -> None:
    with pytest.raises(InvalidInputError, match=f"Did you mean .*{near}"):
        find_zone(typed, KNOWN)


@pytest.mark.parametrize(
    "typed", ["", "  ", "\u200b", "Atlantis", "x" * 4000, "Factory", "localtime", "../../etc/passwd"]
)
def test_what_is_no_zone_is_refused_in_a_few_words(typed: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        find_zone(typed, KNOWN)
    assert len(str(caught.value)) < 300


@given(st.text(max_size=80))
def test_nothing_typed_breaks_it(typed: str) -> None:
    try:
        assert find_zone(typed, KNOWN) in KNOWN
    except InvalidInputError:
        return


def test_every_place_has_a_zone() -> None:
    for zone in {*PLACES.values(), *ABBREVIATIONS.values()}:
        assert ZoneInfo(zone).key == zone
        assert zone in KNOWN


def test_languages_and_purposes() -> None:
    assert check_language("de") == "de"
    with pytest.raises(InvalidInputError, match="Français"):
        check_language("xx")
    assert check_purpose("log").value == "log"
    with pytest.raises(InvalidInputError):
        check_purpose("lob")
