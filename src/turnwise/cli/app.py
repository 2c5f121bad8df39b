"""The command line as a whole: its commands, and what an error becomes."""

from __future__ import annotations

import io
import os
import sys
import traceback
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from turnwise import __version__
from turnwise.cli.commands.annotate import annotate
from turnwise.cli.commands.cache import cache
from turnwise.cli.commands.calibrate import calibrate
from turnwise.cli.commands.check import check
from turnwise.cli.commands.compare import compare
from turnwise.cli.commands.export import export
from turnwise.cli.commands.judge import judge
from turnwise.cli.commands.list import list_
from turnwise.cli.commands.metrics import metrics
from turnwise.cli.commands.panel import panel
from turnwise.cli.commands.power import power
from turnwise.cli.commands.report import report
from turnwise.cli.commands.run import run
from turnwise.cli.commands.schema import schema
from turnwise.cli.commands.show import show
from turnwise.cli.printable import printable, wrapped
from turnwise.cli.stopping import Interrupted
from turnwise.errors import TurnwiseError

__all__ = ["app", "main"]

NOBODY_READS = 141
"""What a shell reports for a program that wrote into a closed pipe (128 + SIGPIPE)."""


class _Commands(TyperGroup):
    """The commands; what ends one from outside is caught here, before Typer makes its own of it."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; when it is over, all that it printed is on its way."""
        try:
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()
        except KeyboardInterrupt:
            raise Interrupted("interrupted") from None
        except BrokenPipeError:
            # The reader of our output has gone, as in `turnwise show RUN | head`.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(NOBODY_READS) from None


app = typer.Typer(
    cls=_Commands,
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
app.command(short_help="Say what changed between runs, over the dialogues they share.")(compare)
app.command(short_help="Hold a run against limits or an earlier run; the exit code says.")(check)
app.command(short_help="Say how many groups it takes to see a difference.")(power)
app.add_typer(annotate, name="annotate", short_help="Have people label replies of a run.")
app.command(short_help="Hold judges against people's labels; correct their numbers.")(calibrate)
app.command(short_help="Say how far the judges of a run agree, and on what they differ.")(panel)
app.command(short_help="List the dialogues of a run, or show one.")(show)
app.command(short_help="Write a run as JSON Lines or Parquet, for other tools.")(export)
app.add_typer(cache, name="cache", short_help="Show or empty the cache of replies that runs share.")
app.command("list", short_help="List benchmarks, targets, judges and runs.")(list_)
app.command(short_help="Compute the numbers from own labels in a CSV.")(metrics)
app.command(short_help="Print the JSON Schema of the jsonl benchmark format.")(schema)

_state = {"debug": False}


def _print_version(asked: bool) -> None:
    if asked:
        print(f"turnwise {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[  # noqa: ARG001 - its callback does the work
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version)
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks too, as in `turnwise --debug run`.")] = False,
) -> None:
    _state["debug"] = debug


def main() -> None:
    """Run the command line; errors of ours become one sentence and their exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # What a terminal's encoding lacks is shown as its number; it never ends a run.
            stream.reconfigure(errors="backslashreplace")
    try:
        app(_spelled_out(sys.argv[1:]))
    except TurnwiseError as error:
        if _state["debug"]:
            print(printable(traceback.format_exc()), file=sys.stderr)
        sentences = (f"turnwise: {error}", *getattr(error, "__notes__", ()))
        print(wrapped(printable("\n".join(sentences)), sys.stderr), file=sys.stderr)
        sys.exit(error.exit_code)


def _spelled_out(words: list[str]) -> list[str]:
    """The words of the command line, with the address that `--ray` alone stands for; Typer has no optional values."""
    full: list[str] = []
    for word in [*words, "--"]:
        full += ["local", word] if full[-1:] == ["--ray"] and word.startswith("-") else [word]
    return full[:-1]
