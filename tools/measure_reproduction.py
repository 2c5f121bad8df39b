"""Measures both scorings beside the truth, where the truth is known: the tables of docs/reproduce.md.

    python tools/measure_reproduction.py --into docs/reproduce.md

Without `--into` the tables are printed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import page_tables
from reproduction_answers import answer_table, questions_asked, reading_table
from reproduction_labels import draw_labels, label_table, vector_table


def main() -> None:
    """Measure, and print the tables or write them into a page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--into", type=Path)
    options = parser.parse_args()
    tables = {
        "readings": reading_table(),
        "answers": answer_table(questions_asked()),
        "vectors": vector_table(),
        "labels": label_table(draw_labels()),
    }
    if options.into:
        page_tables.write(options.into, tables)
    else:
        print(*(f"{name}\n{table}\n" for name, table in tables.items()), sep="\n")


if __name__ == "__main__":
    main()
