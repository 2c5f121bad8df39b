"""One file per command: parse -> config value -> one library call -> exit code. Only this room prints and exits."""

from turnwise.cli.app import main

__all__ = ["main"]
