"""The command again and again, each in a process of its own, without the second that its imports take.

`python forked_command.py` reads, a line each, a key and the words of a command as JSON. A fork of this process becomes
the command; its id is printed, and its wait status when it has ended.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Sequence

from turnwise.cli import main

_IMPORTED_LATER = (
    "turnwise.cli.finish",
    "turnwise.cli.progress",
    "turnwise.evaluate",
    "turnwise.judge.safemt",
    "turnwise.models.openai.client",
    "uvloop",
)


def become(key: str, words: Sequence[str]) -> None:
    """Be the command; what it prints is not for those who read from this script."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    os.environ["OPENAI_API_KEY"] = key
    sys.argv = ["turnwise", *words]
    main()


if __name__ == "__main__":
    for module in _IMPORTED_LATER:
        importlib.import_module(module)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            become(*json.loads(line))
        print(child, flush=True)
        print(os.waitpid(child, 0)[1], flush=True)
