"""How much electricity an answer took, as a range: estimated, and only where there is something to go by.

**At somebody else's.** The method of EcoLogits (version 0.9, "Environmental impacts of LLM inference", on
ecologits.ai; its code is `ecologits/impacts/llm.py`), whose calculation compar:IA shows as well. It was fitted to the
measurements of the ML.ENERGY Leaderboard on NVIDIA H100 cards: a card takes alpha * exp(beta * B) * P + gamma
watt-hours for a token that is written, where P is how many billion weights work on it, and B = 64 requests share the
card. A model needs as many cards of 80 GB as hold its weights at 16 bits and a fifth more, rounded up to a power of
two. To that comes their share of the rest of a server with eight cards, 1.2 kW for as long as the answer takes, and
what the building takes beside it: 1.09 to 1.20 times as much all in all, as EcoLogits lists for Google, Amazon and
Microsoft.

Of a sparse model only some weights work on each token. The catalogue counts all weights; so unless the name says it
(as 30B-A3B does), the low end takes a 30th of them (as in the sparsest model that is widely used, Kimi K2: 32 of 1,000
billion) and the high end all of them. What reading the prompt takes is not in it, nor what building the machines and
training the model took.

**In a worker of the bot.** The measured time, times the rated power of the processor cores that it uses: from 3.5 W a
core (AMD EPYC 7742: 225 W, 64 cores) to 16.25 W (Intel Core i3-8100: 65 W, 4 cores). Green Algorithms (Lannelongue et
al., 2021) reckons so too, with 12 W for a processor that is not known. The rest of the computer is not in it.

**At an address of this machine.** No estimate: what works there, a processor or graphics cards, is not known.
"""

import math
import re

from bot.arena.types import Energy
from bot.catalog import ModelCard, Where

_ALPHA, _BETA, _GAMMA = 1.1665273170451914e-06, -0.011205921025579175, 4.052928146734005e-05
_SECONDS_A_BILLION, _SECONDS_A_REQUEST, _SECONDS = 0.0006785088094353663, 0.0003119310311688259, 0.019473717579473387
"""How long a token takes: for each billion of weights that work on it, for each request at once, and besides."""
_AT_ONCE = 64
_CARD_GIGABYTES, _BYTES_A_WEIGHT, _OVERHEAD = 80, 2, 1.2
_SERVER_WATTS, _SERVER_CARDS = 1200, 8
_BUILDING = (1.09, 1.20)
_SPARSEST = 1 / 30
_CORE_WATTS = (3.5, 16.25)
_HOUR = 3600
_BILLION = 1e9
_ACTIVE = re.compile(r"(?<![A-Za-z0-9])A(\d+(?:\.\d+)?)B(?![A-Za-z0-9])", re.IGNORECASE)


def estimate(
    card: ModelCard, where: Where, completion_tokens: int | None, seconds: float | None, *, cores: int = 1
) -> Energy | None:
    """Estimate the electricity of an answer; None where too little is known.

    `completion_tokens` are those that the model wrote, `seconds` how long that took, `cores` how many processor cores a
    worker of the bot uses.
    """
    if where is Where.WORKER:
        return _of_worker(seconds, cores)
    if where is Where.ELSEWHERE and card.parameters and completion_tokens and completion_tokens > 0:
        return _of_servers(card, card.parameters, completion_tokens, seconds)
    return None


def _of_worker(seconds: float | None, cores: int) -> Energy | None:
    if seconds is None or not 0 < seconds < math.inf:
        return None
    low, high = (watts * cores * seconds / _HOUR for watts in _CORE_WATTS)
    used = "one processor core" if cores == 1 else f"{cores} processor cores"
    lowest, highest = _CORE_WATTS
    return Energy(
        low,
        high,
        f"{seconds:,.1f} seconds on {used}, at {lowest:g} to {highest:g} watts each (the rated power of common "
        "processors). The rest of the computer is not counted.",
    )


def _of_servers(card: ModelCard, parameters: int, tokens: int, seconds: float | None) -> Energy:
    total = parameters / _BILLION
    named = _ACTIVE.search(card.model) or _ACTIVE.search(card.name)
    active = (float(named[1]),) * 2 if named else (total * _SPARSEST, total)
    low, high = (
        building * _watt_hours(min(working, total), total, tokens, seconds)
        for building, working in zip(_BUILDING, active, strict=True)
    )
    working = f"{active[1]:,.3g}" if named else f"{active[0]:,.2g} to {total:,.3g}"
    return Energy(
        low,
        high,
        f"EcoLogits' fit for NVIDIA H100 servers that answer {_AT_ONCE} requests at once: {tokens:,} tokens written, "
        f"{total:,.3g} billion weights, of which {working} billion work on each token. Training is not counted.",
    )


def _watt_hours(active: float, total: float, tokens: int, seconds: float | None) -> float:
    """Return what the servers take, for so many billions of weights, without the building."""
    needed = _OVERHEAD * total * _BYTES_A_WEIGHT / _CARD_GIGABYTES
    cards = 2 ** math.ceil(math.log2(max(1, math.ceil(needed))))
    of_card = tokens * (_ALPHA * math.exp(_BETA * _AT_ONCE) * active + _GAMMA)
    took = tokens * (_SECONDS_A_BILLION * active + _SECONDS_A_REQUEST * _AT_ONCE + _SECONDS)
    if seconds is not None and seconds > 0:
        took = min(took, seconds)
    of_server = took / _HOUR * _SERVER_WATTS * cards / _SERVER_CARDS / _AT_ONCE
    return of_server + cards * of_card
