"""The rules by which the start of an answer is told from a refusal or an "I don't know". Pure.

An answer declines when, after polite words ("I'm sorry, but", "As an AI,"), it begins by saying that it cannot, will
not, may not or does not know. Only the beginning counts: later in an answer these words are about something else.
Rules are there for the languages that the bot speaks.
"""

import re

HELD_BACK = 80
"""Characters after polite words that tell what an answer is, unless its first sentence is shorter."""
SENTENCE = 20
"""Characters that a first sentence has at least; what is shorter, such as "Oh no.", says nothing yet."""

_SPACE = re.compile(r"\s+")
_MARKS = re.compile(r"^[\s>*_#`\"“”«»„—–-]+")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "´": "'"})
_END = re.compile(r"[.!?…。！？][\"'”»)*_]*(?:\s|$)")
_WORD = re.compile(r"[\w']+")


def _any(*patterns: str) -> str:
    return "(?:" + "|".join(patterns) + ")"


_POLITE = re.compile(
    _any(
        r"(?:(?:i'm|i am|we're|we are) )?(?:(?:very|so|really|truly) )?sorry(?: about that| to say| for that)?",
        r"i apologi[sz]e(?: for [^.,;!]{1,40})?",
        r"(?:my )?apologies",
        r"unfortunately|regrettably|well|oh|hm+",
        r"(?:i'm|i am) afraid(?: that)?",
        r"thank you[^.,;!]{0,40}",
        r"as an? (?:(?:ai|artificial intelligence|large|language|text-based|virtual|helpful) ?)+"
        r"(?: ?(?:model|assistant|chatbot|system|program))*",
        r"(?:es )?tut mir (?:sehr )?leid|leider|entschuldigung",
        r"als (?:eine? )?(?:ki|künstliche intelligenz|sprachmodell|ki-\w+)",
        r"(?:je suis )?désolée?|je m'excuse|malheureusement",
        r"en tant (?:que |qu')(?:ia|intelligence artificielle|modèle de langage|assistant)",
        r"lo siento(?: mucho)?|lamentablemente|desafortunadamente|disculpa|perdón",
        r"como (?:una? )?(?:ia|inteligencia artificial|modelo de lenguaje|asistente)",
    )
    + r"(?:\s*[,.;:!…–—-]+\s*|\s+)(?:(?:but|and|however|aber|jedoch|doch|mais|pero),? )?"
)

_ASIDE = r"(?:(?:really|simply|just|honestly|currently|directly|actually|respectfully|leider) )*"
_ABOUT = r"(?:$|[.,;!…]| (?:what|who|whom|when|where|why|how|which|whether|if|about|i understand)\b)"
# what follows "cannot", so that "I can't recommend it enough" is an answer
_DOING = _any(
    r"help|assist|answer|provide|offer|comply|fulfil+|generate|create|write|discuss|engage|access|browse|see|view|open",
    r"look|support|continue|process|respond|complete|perform|predict|verify|confirm|determine|find|translate|share",
    r"participate|understand|identify|summari[sz]e|tell you|give (?:you|an?|any|the)|do (?:that|this|so|it)",
    r"say (?:for|with|what|who|when|where|how|whether|if)",
)
_IGNORANT = (
    rf"(?:i|we) {_ASIDE}(?:don't|do not) {_ASIDE}know"
    r"(?:$|[.,;!…]| (?:the|what|who|whom|when|where|why|how|which|whether|if|about|that|this|much|enough|anything)\b)",
    r"(?:i|we) have no (?:idea|information|knowledge|data|answer|access)\b",
    rf"(?:i|we) {_ASIDE}(?:don't|do not) {_ASIDE}have (?:(?:any|enough|the|specific|access|real-time|up-to-date) )*"
    r"(?:information|knowledge|data|context|details|answer|access|ability|capability)\b",
    rf"i(?:'m| am) not (?:sure|certain){_ABOUT}",
    r"i(?:'m| am) not (?:familiar with|aware of)\b",
    # written as it is once letters are folded
    r"(?:ich|das) weiss (?:(?:es|das|ich|leider) )*nicht\b",
    r"(?:ich habe|habe ich) (?:(?:dazu|darüber|leider) )*keine (?:informationen|angaben|daten|ahnung)\b",
    r"ich bin (?:mir )?nicht sicher(?:$|[.,;!])",
    r"je ne sais pas\b",
    r"je n'ai (?:pas|aucune) (?:d'|de |l')?(?:information|réponse|accès|idée|donnée)",
    r"no (?:lo )?sé\b",
    r"no tengo (?:(?:ninguna|suficiente) )?(?:información|datos|acceso|idea|conocimiento)",
)
_UNWILLING = (
    rf"(?:i|we) {_ASIDE}(?:can't|cannot|can not|won't|will not|couldn't|could not) {_ASIDE}{_DOING}\b",
    rf"(?:i|we)(?:'m| am|'re| are) {_ASIDE}(?:unable to|not (?:able|allowed|permitted|programmed|comfortable|designed"
    r"|equipped|capable|in a position|going to)\b)",
    rf"(?:i|we) (?:must|have to|need to|will have to) {_ASIDE}(?:decline|refuse)\b",
    rf"(?:i|we) {_ASIDE}(?:decline|refuse) to\b",
    r"(?:i|we)(?: would|'d) (?:rather|prefer) not (?:to )?(?:answer|say|discuss|help|do)\b",
    r"(?:that|this|it)(?: is|'s) (?:not something (?:that )?i\b|beyond (?:my|what i)\b|outside (?:of )?my\b)",
    r"it(?: is|'s| would)(?:n't| not)(?: be)? (?:appropriate|ethical|possible|safe) for me to\b",
    r"my (?:guidelines|programming|training) (?:do(?:es)? not|don't|doesn't|prevents?)\b",
    r"ich (?:kann|darf|werde|möchte) (?:[\w' ]{0,40} )?(?:nicht|keine?n?)\b(?! (?:oft )?genug)",
    r"(?:(?:das|dabei|da) )?(?:kann|darf) ich (?:[\w' ]{0,40} )?(?:nicht|keine?n?)\b",
    r"ich bin (?:leider )?nicht (?:in der lage|befugt)\b",
    r"je ne (?:peux|puis) pas\b(?! assez)",
    r"je refuse de\b|il m'est impossible\b",
    r"no (?:puedo|podría|me es posible)\b(?! (?:dejar|esperar|recomendar))",
    r"no estoy (?:autorizad[oa]|segur[oa]|en condiciones)\b",
)
_RULES = (
    (re.compile(_any(*_IGNORANT)), "said that it does not know"),
    (re.compile(_any(*_UNWILLING)), "declined"),
)

_OPENERS = (
    "i i'm i'd we we're we'd my it it's that that's this as sorry very so really truly apologies unfortunately "
    "regrettably thank well oh ich es das da dabei kann darf habe tut leider entschuldigung als je il désolé désolée "
    "malheureusement en lo lamentablemente desafortunadamente disculpa perdón como no"
)
OPENERS = frozenset(_OPENERS.split())
"""Every way to decline begins with one of these words, so most answers need not be held back at all."""
_HESITATION = re.compile(r"hm+")


def says_no(text: str) -> str | None:
    """Say how an answer declines, as words that follow the model's name; None when it does not."""
    opening = _opening(text)
    if not opening:
        return "said nothing"
    return next((words for pattern, words in _RULES if pattern.match(opening)), None)


def is_decided(text: str) -> bool:
    """Tell whether so much of an answer is enough to say whether it declines; until then it is held back."""
    plain = _plain(text)
    if not plain:
        return False
    first = _WORD.match(plain)
    if first is None:
        return True
    # the last word may not be whole yet
    if first.end() < len(plain) and first[0] not in OPENERS and not _HESITATION.fullmatch(first[0]):
        return True
    opening = _opening(text)
    end = _END.search(opening)
    return len(opening) >= HELD_BACK or bool(end and end.end() >= SENTENCE) or len(plain) >= 2 * HELD_BACK


def _plain(text: str) -> str:
    """Return the beginning of a text without marks and differences that say nothing."""
    return _MARKS.sub("", _SPACE.sub(" ", text[: 4 * HELD_BACK].translate(_QUOTES))).casefold()


def _opening(text: str) -> str:
    """Return what an answer begins with after polite words."""
    plain = _plain(text)
    while match := _POLITE.match(plain):
        plain = plain[match.end() :]
    return plain.strip()
