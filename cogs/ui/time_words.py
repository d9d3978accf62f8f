"""The words for times in each language that is read; without accents, in lower case."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class TimeWords:
    """One language.

    Names of weekdays and months may be cut to `shortest` letters where that leaves one meaning. `units` say what a word
    counts: s(econds), m(inutes), h(ours), d(ays), w(eeks), o (months), y(ears). `days` are distances from today,
    `clocks` hours.
    """

    examples: tuple[str, str, str, str]
    """Two spans, a weekday with its time, a date with its time."""
    units: Mapping[str, str]
    amounts: Mapping[str, int]
    days: Mapping[str, int]
    clocks: Mapping[str, int]
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    within: tuple[str, ...]
    """What a span may begin with."""
    fillers: frozenset[str]
    """What stands between the parts of a day and means nothing."""
    before_clock: frozenset[str]
    """What may stand before a time of day."""
    shortest: int = 3
    reads_slashes: bool = False
    """Whether 1/12 is read, as the 1st of December; elsewhere it could be the 12th of January too."""
    says_hours: bool = False
    """Whether 18h alone is a time of day."""
    other_weekdays: tuple[tuple[str, int], ...] = ()
    """Second names, never cut."""


def _listed(text: str) -> Iterable[tuple[str, str]]:
    """Read `meaning: word, word; meaning: ...`."""
    for group in text.split(";"):
        meaning, _, words = group.partition(":")
        for word in words.split(","):
            yield word.strip(), meaning.strip()


def _units(text: str) -> Mapping[str, str]:
    return MappingProxyType(dict(_listed(text)))


def _numbers(text: str) -> Mapping[str, int]:
    return MappingProxyType({word: int(meaning) for word, meaning in _listed(text)})


ENGLISH = TimeWords(
    examples=("in 3 days", "20 minutes", "Fri 18:00", "2026-12-01 18:00"),
    units=_units(
        "s: s, sec, secs, second, seconds; m: m, min, mins, minute, minutes; h: h, hr, hrs, hour, hours;"
        "d: d, day, days; w: w, wk, wks, week, weeks; o: month, months; y: year, years"
    ),
    amounts=_numbers(
        "1: a, an, one; 2: two; 3: three; 4: four; 5: five; 6: six; 7: seven; 8: eight; 9: nine; 10: ten; 12: twelve"
    ),
    days=_numbers("0: today, tonight; 1: tomorrow; 2: day after tomorrow"),
    clocks=_numbers("12: noon; 0: midnight"),
    weekdays=("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    months=(
        "january", "february", "march", "april", "may", "june",
        "july", "august", "september", "october", "november", "december",
    ),
    within=("in",),
    fillers=frozenset({"on", "the", "of", "and"}),
    before_clock=frozenset({"at"}),
)  # fmt: skip

GERMAN = TimeWords(
    examples=("in 3 Tagen", "20 Minuten", "Fr 18:00", "1. Dezember 18:00"),
    units=_units(
        "s: s, sek, sekunde, sekunden;"
        "m: m, min, minute, minuten; h: h, std, stunde, stunden; d: d, tag, tage, tagen; w: w, woche, wochen;"
        "o: monat, monate, monaten; y: jahr, jahre, jahren"
    ),
    amounts=_numbers(
        "1: ein, eine, einem, einen, einer; 2: zwei; 3: drei; 4: vier; 5: funf, fuenf; 6: sechs; 7: sieben; 8: acht;"
        "9: neun; 10: zehn; 12: zwolf, zwoelf"
    ),
    days=_numbers("0: heute, heute abend; 1: morgen, morgen abend; 2: ubermorgen, uebermorgen"),
    clocks=_numbers("12: mittag, mittags; 0: mitternacht"),
    weekdays=("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag"),
    months=(
        "januar", "februar", "marz", "april", "mai", "juni",
        "juli", "august", "september", "oktober", "november", "dezember",
    ),
    within=("in",),
    fillers=frozenset({"am", "den", "dem", "der", "und"}),
    before_clock=frozenset({"um"}),
    shortest=2,
    other_weekdays=(("sonnabend", 5),),
)  # fmt: skip

FRENCH = TimeWords(
    examples=("dans 3 jours", "20 minutes", "ven. 18h30", "1er décembre 18:00"),
    units=_units(
        "s: s, sec, seconde, secondes;"
        "m: m, mn, min, minute, minutes; h: h, heure, heures; d: j, jour, jours; w: sem, semaine, semaines; o: mois;"
        "y: an, ans, annee, annees"
    ),
    amounts=_numbers(
        "1: un, une; 2: deux; 3: trois; 4: quatre; 5: cinq; 6: six; 7: sept; 8: huit; 9: neuf; 10: dix; 12: douze"
    ),
    days=_numbers("0: aujourd'hui, aujourdhui, ce soir; 1: demain, demain soir; 2: apres demain"),
    clocks=_numbers("12: midi; 0: minuit"),
    weekdays=("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    months=(
        "janvier", "fevrier", "mars", "avril", "mai", "juin",
        "juillet", "aout", "septembre", "octobre", "novembre", "decembre",
    ),
    within=("dans", "d'ici"),
    fillers=frozenset({"le", "du", "de", "et"}),
    before_clock=frozenset({"a", "vers"}),
    reads_slashes=True,
    says_hours=True,
)  # fmt: skip

SPANISH = TimeWords(
    examples=("en 3 días", "20 minutos", "vie 18:00", "1 de diciembre 18:00"),
    units=_units(
        "s: s, seg, segundo, segundos;"
        "m: m, min, minuto, minutos; h: h, hora, horas; d: d, dia, dias; w: sem, semana, semanas; o: mes, meses;"
        "y: ano, anos"
    ),
    amounts=_numbers(
        "1: un, una; 2: dos; 3: tres; 4: cuatro; 5: cinco; 6: seis; 7: siete; 8: ocho; 9: nueve; 10: diez; 12: doce"
    ),
    days=_numbers("0: hoy, esta tarde, esta noche; 1: manana; 2: pasado manana"),
    clocks=_numbers("12: mediodia; 0: medianoche"),
    weekdays=("lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo"),
    months=(
        "enero", "febrero", "marzo", "abril", "mayo", "junio",
        "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
    ),
    within=("en", "dentro de"),
    fillers=frozenset({"el", "de", "del", "y"}),
    before_clock=frozenset({"a", "las", "la", "al"}),
    reads_slashes=True,
    says_hours=True,
)  # fmt: skip

LANGUAGES: Mapping[str, TimeWords] = MappingProxyType({"en": ENGLISH, "de": GERMAN, "fr": FRENCH, "es": SPANISH})
