"""`turnwise schema`: the JSON Schema of our own benchmark format."""

from __future__ import annotations

__all__ = ["schema"]


def schema() -> None:
    """Print the JSON Schema of one line of a jsonl benchmark."""
    from turnwise.benchmarks import input_schema
    from turnwise.cli.finish import print_json

    print_json(input_schema())
