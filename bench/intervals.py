"""How often do 95 % intervals of ratings cover the truth?

Voters are drawn from a population whose truth is known (crowd.py), they vote, and the board is made. The published
interval must cover in 93 to 97 % of the runs from 100 voters on; an interval that takes every vote for one of its own
must not, or the simulation would be too kind.

    python bench/intervals.py [--runs 500] [--rows 6] [--voters 8 20 100 200]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from crowd import Crowd, covered  # noqa: E402
from report import Report  # noqa: E402

from bot.arena.ratings.rate import SCALE  # noqa: E402

ENOUGH = 100


def main() -> int:
    """Print the coverage for each number of voters."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--rows", type=int, default=6)
    parser.add_argument("--voters", type=int, nargs="+", default=[8, 20, 100, 200])
    options = parser.parse_args()
    report, crowd = Report("intervals"), Crowd.of(1, options.rows)
    for voters in options.voters:
        for name, found in covered(crowd, voters, options.runs).items():
            place, share = f"{name}, {voters} voters", 100 * float(found.rows.mean())
            barred = voters >= ENOUGH
            if name == "published":
                report.add(place, share, "%", ">= 93" if barred else None)
                report.add(f"{place}, at most", share, "%", "<= 97" if barred else None)
                report.add(f"{place}, worst row", 100 * float(found.rows.min()), "%", ">= 92" if barred else None)
                report.add(f"{place}, best row", 100 * float(found.rows.max()), "%")
            else:
                report.add(place, share, "%", "< 90" if barred and name == "single votes" else None)
            report.add(f"{place}, length", SCALE * found.length, "points")
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
