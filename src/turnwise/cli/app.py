"""The command line as a whole: its commands, and what an error becomes."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from turnwise import __version__
from turnwise.cli.judge import judge
from turnwise.cli.list import list_
from turnwise.cli.metrics import metrics
from turnwise.cli.report import report
from turnwise.cli.run import run
from turnwise.cli.schema import schema
from turnwise.cli.show import show
from turnwise.errors import TurnwiseError

__all__ = ["app", "main"]

INTERRUPTED = 130

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    help="Measure how safely a multimodal chat model behaves over a whole conversation.",
    epilog="Exit codes: 0 done, 1 incomplete or not measurable, 2 wrong use, 130 interrupted.",
)
app.command(short_help="Run dialogues against a target, judge the replies, report.")(run)
app.command(short_help="Judge the stored transcripts of a run with other judges.")(judge)
app.command(short_help="Print the numbers of a run and write its HTML report.")(report)
app.command(short_help="List the dialogues of a run, or show one.")(show)
app.command("list", short_help="List benchmarks, targets, judges and runs.")(list_)
app.command(short_help="Compute the numbers from own labels in a CSV.")(metrics)
app.command(short_help="Print the JSON Schema of the jsonl benchmark format.")(schema)


@app.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks instead of one sentence.")] = False,
) -> None:
    if version:
        print(f"turnwise {__version__}")
        raise typer.Exit
    _state["debug"] = debug


_state = {"debug": False}


def main() -> None:
    """Run the command line; errors of ours become one sentence and their exit code."""
    try:
        app()
    except TurnwiseError as error:
        if _state["debug"]:
            raise
        print(f"turnwise: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("turnwise: interrupted; what was answered is kept, the same command continues", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output has gone, as in `turnwise show RUN | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
