"""How a bench speaks: one line of JSON a figure, and an exit status that says whether every bar was met."""

from __future__ import annotations

import json
import operator
import sys
from dataclasses import dataclass, field

_MET = {"<=": operator.le, "<": operator.lt, ">=": operator.ge, ">": operator.gt, "==": operator.eq}


@dataclass
class Report:
    """Collects the figures of one bench.

    A figure's bar is written as a comparison, such as ">= 1000"; a figure without a bar is context and always holds.
    """

    bench: str
    failed: list[str] = field(default_factory=list)

    def add(self, figure: str, value: float, unit: str, bar: str | None = None) -> bool:
        """Print one figure and tell whether it meets its bar."""
        holds = True
        if bar is not None:
            sign, limit = bar.split()
            holds = bool(_MET[sign](value, float(limit)))
        if not holds:
            self.failed.append(figure)
        shown = round(value, 4) if isinstance(value, float) else value
        line = {"bench": self.bench, "figure": figure, "value": shown, "unit": unit, "bar": bar, "holds": holds}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        return holds

    def status(self) -> int:
        """Return the exit status: 1 when a figure missed its bar."""
        return 1 if self.failed else 0


def percentile(values: list[float], share: float) -> float:
    """Return the value below which `share` (0 to 1) of the values lie: nearest rank, never interpolated downwards."""
    ordered = sorted(values)
    rank = -(-len(ordered) * share // 1)
    return ordered[min(len(ordered), max(1, int(rank))) - 1]
