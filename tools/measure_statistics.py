"""Measures every promise of docs/statistics.md by simulation, and writes its tables anew.

    python tools/measure_statistics.py --into docs/statistics.md

All of it takes hours on one core; `--only` names some of the tables, and each is written as soon as it is measured.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import measure_comparison
import measure_corrected
import measure_coverage
import measure_ranks
import measure_sequential
import page_tables

TABLES = {
    **measure_coverage.TABLES,
    **measure_corrected.TABLES,
    **measure_comparison.TABLES,
    **measure_ranks.TABLES,
    **measure_sequential.TABLES,
}


def main() -> None:
    """Measure, and print the tables or write them into a page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=2000, help="runs of each setting (2000)")
    parser.add_argument("--only", action="append", choices=list(TABLES), help="a table; may be given several times")
    parser.add_argument("--into", type=Path, help="the page to write into; without it tables are printed")
    options = parser.parse_args()
    for name in options.only or TABLES:
        table = TABLES[name](options.runs)
        if options.into:
            page_tables.write(options.into, {name: table})
        else:
            print(f"\n## {name}\n\n{table}\n", flush=True)


if __name__ == "__main__":
    main()
