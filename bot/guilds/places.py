"""Names that people write for a time zone and that the zone database does not have; without accents, in lower case."""

from collections.abc import Mapping
from types import MappingProxyType

# where a zone is named for another city, or in another language
_WRITTEN = {
    "America/Chicago": "austin dallas houston minneapolis",
    "America/Los_Angeles": "california portland san_diego san_francisco san_jose seattle silicon_valley",
    "America/New_York": "atlanta boston miami nueva_york philadelphia washington washington_dc",
    "America/Sao_Paulo": "brasilia rio rio_de_janeiro",
    "America/Toronto": "montreal ottawa quebec",
    "Asia/Kolkata": "bangalore bengaluru chennai delhi hyderabad mumbai new_delhi",
    "Asia/Shanghai": "beijing guangzhou peking shenzhen",
    "Asia/Tokyo": "kyoto osaka",
    "Australia/Sydney": "canberra",
    "Europe/Amsterdam": "den_haag rotterdam the_hague",
    "Europe/Athens": "athen athenes atenas",
    "Europe/Berlin": "alemania allemagne cologne deutschland dresden dusseldorf frankfurt germany hamburg koln leipzig "
    "munchen munich nuremberg nurnberg stuttgart",
    "Europe/Brussels": "brussel bruselas bruxelles",
    "Europe/Copenhagen": "kopenhagen copenhague",
    "Europe/Istanbul": "ankara",
    "Europe/Kyiv": "kiew",
    "Europe/Lisbon": "lisboa lisbonne lissabon porto",
    "Europe/London": "cambridge edinburgh england londres manchester oxford scotland uk united_kingdom wales",
    "Europe/Madrid": "barcelona espana espagne sevilla seville spain spanien valencia",
    "Europe/Moscow": "moskau moscou moscu saint_petersburg",
    "Europe/Paris": "france francia frankreich lille lyon marseille nantes toulouse",
    "Europe/Prague": "prag praga",
    "Europe/Rome": "florence italia italien italy mailand milan milano naples rom roma turin",
    "Europe/Vienna": "austria graz osterreich salzburg viena vienne wien",
    "Europe/Warsaw": "krakow poland warschau warszawa",
    "Europe/Zurich": "basel bern geneva geneve genf ginebra lausanne schweiz suisse switzerland",
    "Pacific/Auckland": "wellington",
}
# the clock of one half of the year only, or of several countries
_HALVES = {
    "America/Chicago": "cst cdt",
    "America/Denver": "mst mdt",
    "America/Los_Angeles": "pst pdt",
    "America/New_York": "est edt",
    "Asia/Kolkata": "ist",
    "Asia/Tokyo": "jst",
    "Australia/Sydney": "aest aedt",
    "Europe/Berlin": "cest mesz mez",
    "Europe/Athens": "eest",
    "Europe/London": "bst",
    "Pacific/Honolulu": "hst",
}


def _turned(written: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType({word: zone for zone, words in written.items() for word in words.split()})


PLACES = _turned(_WRITTEN)
"""A place to its zone."""
ABBREVIATIONS = _turned(_HALVES)
"""What a clock is called during a part of the year, to a zone that people mean by it."""
